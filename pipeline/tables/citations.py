"""Ready footnotes for the cells of a table: the value, what supports it, and its sources.

Sources are written by GB/T 7714—2015, the Chinese standard for references: ``author. title[EB/OL]. (date)[accessed].
address``; a report without an address is ``[Z]`` with the file that it was read from. Where in the source the number
stands is given in characters of the raw text, with the first digits of the text's SHA-256, so that anyone who has the
dump can find and check it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipeline import __version__
from pipeline.tables.cells import CellFact, Source, cell
from pipeline.tables.records import MetricRow
from pipeline.tables.store import TablesError

__all__ = ["bibtex", "cite", "footnote", "reference"]

_BOUNDS = {"about": "约", "over": "超过", "at_least": "不少于", "under": "近", "at_most": "不超过", "vague": "约"}
#: digits of a hash that tell the texts of any dump apart
_HASH = 12


def cite(
    out: Path,
    region: str,
    metric: str,
    campaign: str | None = None,
    *,
    accessed: date | None = None,
    every: bool = False,
    as_bibtex: bool = False,
) -> str:
    """A footnote for a cell.

    Args:
        out: the output folder of the run.
        region: code or name of the region.
        metric: id or label of the metric.
        campaign: its name or a part of it.
        accessed: the day on which the reports were taken from the web.
        every: all facts of the cell, not only the leading one.
        as_bibtex: the sources as BibTeX entries instead.

    Raises:
        TablesError: the cell is empty.
    """
    facts = cell(out, region, metric, campaign)
    if not facts:
        what = " ".join(part for part in (region, metric, campaign) if part)
        raise TablesError(f"the cell {what} is empty; `zhanbao tables -o {out} --region {region}` lists what there is")
    chosen = facts if every else facts[:1]
    if as_bibtex:
        sources = {source.article_id: source for fact in chosen for source in fact.sources}
        return "\n\n".join(bibtex(source, accessed) for source in sources.values())
    return "\n\n".join(footnote(fact, accessed) for fact in chosen)


def footnote(fact: CellFact, accessed: date | None = None) -> str:
    """The footnote for one fact: what it says, how well it is supported, its sources."""
    row = fact.row
    about = "，".join(part for part in (row.campaign, _period(row), row.place) if part)
    what = row.object if row.object and row.object not in row.metric_label else ""
    said = f"{row.region_name or '地区不明'}{row.metric_label}{f'（{what}）' if what else ''}"
    said += f"：{_amount(row)}{f'（{about}）' if about else ''}。"
    references = [
        f"[{number}] {reference(sources[0], accessed)} {_places(sources)}"
        for number, sources in enumerate(_by_article(fact), 1)
    ]
    return "\n".join([f"{said}{_support(fact)}", *references, f"zhanbao {__version__}，fact_id {row.fact_id}。"])


def reference(source: Source, accessed: date | None = None) -> str:
    """The reference of one report.

    The author comes first, else the outlet; both where there are both.
    """
    who = ". ".join(name for name in (source.author, source.outlet) if name)
    title = source.title or source.article_id
    days = (f"({source.published})" if source.published else "") + (f"[{accessed}]" if accessed else "")
    row = f"#{source.source_row}" if source.source_row else ""
    where = source.url or f"{source.source_path}{row}"
    parts = (who, f"{title}[{'EB/OL' if source.url else 'Z'}]", f"{days}. {where}" if days else where)
    return ". ".join(part for part in parts if part) + "."


def bibtex(source: Source, accessed: date | None = None) -> str:
    """The reference of one report as a BibTeX entry for biblatex."""
    fields = {
        "author": f"{{{source.author or source.outlet}}}" if source.author or source.outlet else "",
        "title": source.title or source.article_id,
        "journal": source.outlet or "",
        "date": str(source.published or ""),
        "url": source.url or "",
        "urldate": str(accessed or "") if source.url else "",
        "note": f"{source.source_path}, SHA-256 {source.sha256[:_HASH]}",
    }
    lines = [f"  {name} = {{{_escaped(value)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{source.sha256[:_HASH]},", *lines, "}"])


def _escaped(text: str) -> str:
    r"""Text without the signs that TeX would read as its own, braces that come in pairs left in place.

    >>> _escaped("50% of A&B")
    '50\\% of A\\&B'
    """
    return "".join(f"\\{sign}" if sign in "%&#$" else sign for sign in text)


def _by_article(fact: CellFact) -> list[list[Source]]:
    articles: dict[str, list[Source]] = {}
    for source in fact.sources:
        articles.setdefault(source.article_id, []).append(source)
    return list(articles.values())


def _places(sources: list[Source]) -> str:
    """Where the number stands in a report."""
    spans = "、".join(f"{source.start}–{source.end}" for source in sources)
    return f"字符 {spans}，SHA-256 {sources[0].sha256[:_HASH]}。"


def _amount(row: MetricRow) -> str:
    upper = f"—{row.value_max:,.12g}" if row.value_max is not None else ""
    down_up = {"down": "下降", "up": "上升"}.get(row.direction, "")
    return f"{down_up}{_BOUNDS.get(row.bound, '')}{row.value:,.12g}{upper}{row.unit}"


def _period(row: MetricRow) -> str:
    if not row.running:
        return row.period_text or f"{row.period_start}至{row.period_end}"
    # of a total that names no day only the day of the report is known
    return row.period_text or (f"据{row.as_of}报道" if row.as_of else "")


def _support(fact: CellFact) -> str:
    """What a referee asks: how many reports, do they agree, does the arithmetic hold."""
    row = fact.row
    copies = len({copy for source in fact.sources for copy in source.reprints})
    said = [f"{row.n_reports}篇独立报道"]
    said += [f"另有转载{copies}篇未计"] if copies else []
    said += [f"另有{row.n_conflicts}个相左数值，见conflicts表"] if row.n_conflicts else []
    said += [f"{row.n_contradictions}项算术检查不符，见checks表"] if row.n_contradictions else []
    return "，".join(said) + "。来源："
