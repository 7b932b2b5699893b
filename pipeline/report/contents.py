"""What the report page shows, read from the files of a run and cut into pieces that a browser loads one by one.

The page opens with one piece, the *index*: the summary, the regions, the columns and the facts as parallel lists.
The *chunks* hold articles with their figures, about :data:`CHUNK` characters each; a fact points to its figures by
the number of the article and the place of the figure in it. Articles lie in the order of their regions, so that
what stands behind a cell is mostly found in one chunk.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import lexicon
from pipeline.lexicon import gazetteer
from pipeline.offsets import Edit, OffsetMap
from pipeline.tables.codebook import labels
from pipeline.tables.pivot import LEADING, measure_sql, wide_columns
from pipeline.tables.store import columns, stream

if TYPE_CHECKING:
    import duckdb

__all__ = ["FIGURE", "Limits", "chunks", "index", "lists", "prepare"]

#: characters of text in a chunk, about
CHUNK = 300_000

Record = dict[str, Any]


class Limits(NamedTuple):
    """How much goes into the page; what is left out is counted on it and stays in the tables."""

    #: articles with their text
    articles: int = 50_000
    facts: int = 400_000
    #: figures that a fact points to
    sources: int = 50
    #: checks, conflicts and rejects listed, each
    listed: int = 2_000


#: flags of a fact
_CURRENT, _MAIN, _PART, _RUNNING, _PLACE = 1, 2, 4, 8, 16

#: the fields of a figure in a chunk, in their order; the first six are offsets of code units, see :func:`_figure`
FIGURE = (
    *("raw_start", "raw_end", "start", "end", "sentence_start", "sentence_end"),
    *("value", "value_max", "bound", "unit", "kind", "direction", "role", "metric", "action", "object", "actor"),
    *("actor_level", "region", "region_name", "place", "region_basis", "region_candidates", "campaign"),
    *("period_start", "period_end", "period_text", "part_of", "rule", "confidence"),
)
_TAKEN = ("sentence", "start", "end", "sentence_start", "sentence_end", *FIGURE[6:])
_ARTICLE = (
    *("article_id", "title", "outlet", "author", "published", "url", "source_path", "source_row", "script", "encoding"),
    *("region", "campaigns", "n_repairs", "n_damaged", "n_figures", "duplicate_of"),
)


def prepare(db: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Number the articles and figures of a run that the page holds, and choose its facts.

    Articles that stand behind a fact go before others, where not all find room.
    """
    db.execute(
        """
        create table behind as
        select distinct article_id from figures
        where figure_id in (select unnest(figure_ids) from metrics_long)
        """
    )
    db.execute(
        """
        create table numbered as
        with chosen as (
            select article_id, region, published from articles
            order by article_id not in (select article_id from behind), region nulls last, published, article_id
            limit ?
        )
        select article_id, row_number() over (order by region nulls last, published, article_id) - 1 as number
        from chosen
        """,
        [limits.articles],
    )
    db.execute(
        """
        create table places as
        select figure_id, number,
            row_number() over (partition by article_id order by "start", "end", figure_id) - 1 as place
        from figures join numbered using (article_id)
        """
    )
    db.execute(
        f"""
        create table chosen_facts as
        select * from (
            select *, row_number() over (
                order by region nulls last, metric, {measure_sql()}, not is_current, {LEADING}, as_of desc nulls last
            ) - 1 as fact from metrics_long
        ) order by not is_current, fact limit ?
        """,
        [limits.facts],
    )


def index(db: duckdb.DuckDBPyConnection, run: Record, limits: Limits) -> Record:
    """Everything that the page needs to open: run, regions, columns, campaigns, facts, and where the chunks begin."""
    found: list[Record] = [column._asdict() for column in wide_columns(db)]
    english = {row["metric"]: row["label_en"] or row["metric"] for row in lexicon.table("metrics")}
    for column in found:
        metric = str(column["metric"])
        column["label_en"] = _english(english.get(metric, metric), str(column["measure"]))
    regions = _regions(db)
    campaigns = [name for (name,) in stream(db, "select distinct campaign from chosen_facts order by 1 nulls last")]
    facts = _facts(db, regions, found, campaigns, limits)
    return {
        "run": {key: run[key] for key in ("counts", "rejects", "versions")},
        "columns": found,
        "regions": regions,
        "campaigns": [name for name in campaigns if name is not None],
        "facts": facts,
        "left_out": {
            "articles": _number(db, "select count(*) from articles") - _number(db, "select count(*) from numbered"),
            "facts": _number(db, "select count(*) from metrics_long") - len(facts["region"]),
        },
        "repaired": _number(db, "select count(*) from articles where n_repairs > 0"),
        "figure": FIGURE,
        "labels": labels("figures"),
        "listed": limits.listed,
        "stand_ins": {"here": _place_words("here"), "own": _place_words("own", "that")},
        "tiles": [_tile(row) for row in lexicon.table("province_tiles")],
    }


def _number(db: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(db.execute(query).fetchall()[0][0])


def _english(label: str, measure: str) -> str:
    """The header of a column in English.

    >>> _english("cases filed", "people"), _english("cases filed", "count"), _english("burden", "change_down_份")
    ('cases filed (people)', 'cases filed', 'burden (change down 份)')
    """
    return label if measure == "count" else f"{label} ({measure.replace('_', ' ')})"


def _place_words(*kinds: str) -> list[str]:
    """Words that stand for a division: 当地 by itself, 全, 我 and 该 before 市 or 县."""
    return [row["word"] for row in lexicon.table("place_words") if row["kind"] in kinds]


def _tile(row: lexicon.Row) -> Record:
    return {"code": row["code"], "column": int(row["column"]), "row": int(row["row"]), "label": row["label"]}


def _regions(db: duckdb.DuckDBPyConnection) -> list[Record]:
    """The regions of the facts with names, level and the short forms that a text may use for them."""
    short = {division.code: division.short for division in gazetteer.divisions()}
    query = """
        select region, any_value(region_name), any_value(province), any_value(prefecture), any_value(level)
        from chosen_facts where region is not null group by region order by region
    """
    return [
        {
            "code": code,
            "name": name,
            "level": level,
            "path": [part for part in (province, prefecture) if part and part != name],
            "words": sorted({short[part] for part in (code, code[:4] + "00", code[:2] + "0000") if part in short}),
        }
        for code, name, province, prefecture, level in stream(db, query)
    ]


def _facts(
    db: duckdb.DuckDBPyConnection,
    regions: list[Record],
    found: list[Record],
    campaigns: list[str | None],
    limits: Limits,
) -> dict[str, list[Any]]:
    """The facts as parallel lists, in the order in which they lead their cells."""
    region_number = {region["code"]: number for number, region in enumerate(regions)}
    column_number = {(c["metric"], c["measure"]): number for number, c in enumerate(found)}
    campaign_number = {name: number for number, name in enumerate(campaigns) if name is not None}
    series: dict[str, int] = {}
    words: dict[str, int] = {}
    query = f"""
        with refs as (
            select fact, list([number, place] order by nth) as refs
            from (
                select fact, unnest(figure_ids) as figure_id, generate_subscripts(figure_ids, 1) as nth
                from chosen_facts
            ) join places using (figure_id)
            where nth <= {limits.sources}
            group by fact
        )
        select region, metric, {measure_sql()}, campaign, value, value_max, bound, unit, period_start, as_of, n_reports,
            n_conflicts, n_contradictions, confidence, fact_id,
            {_CURRENT} * is_current::int + {_MAIN} * is_main::int + {_PART} * is_part::int
                + {_RUNNING} * running::int + {_PLACE} * (place is not null)::int,
            actor, object, coalesce(refs, [])
        from chosen_facts left join refs using (fact) order by fact
    """
    names = [
        *("region", "column", "campaign", "value", "value_max", "bound", "unit", "since", "until", "n_reports"),
        *("n_conflicts", "n_contradictions", "confidence", "series", "flags", "actor", "object", "figures"),
    ]
    rows = [
        (
            region_number.get(region, -1),
            column_number[metric, measure],
            campaign_number.get(campaign, -1),
            *rest[:4],
            *rest[4:9],
            round(100 * rest[9]),
            series.setdefault(rest[10], len(series)),
            rest[11],
            words.setdefault(rest[12], len(words)),
            words.setdefault(rest[13], len(words)),
            rest[14],
        )
        for region, metric, measure, campaign, *rest in stream(db, query)
    ]
    lists = zip(*rows, strict=True) if rows else ((),) * len(names)
    return dict(zip(names, map(list, lists), strict=True)) | {"words": list(words)}


def chunks(db: duckdb.DuckDBPyConnection) -> Iterator[list[Record]]:
    """The articles in the order of their numbers, each with its figures, cut into chunks."""
    pending: list[Record] = []
    size = 0
    for article in _articles(db):
        pending.append(article)
        size += len(article["text"]) + len(article.get("raw", ""))
        if size >= CHUNK:
            yield pending
            pending, size = [], 0
    if pending:
        yield pending


def _articles(db: duckdb.DuckDBPyConnection) -> Iterator[Record]:
    taken = ", ".join(f'f."{name}"' for name in _TAKEN)
    figures = groupby(
        stream(
            db,
            f"""
            select p.number, {taken.replace('f."part_of"', "w.place")}
            from figures f join places p using (figure_id) left join places w on w.figure_id = f.part_of
            order by p.number, p.place
            """,
        ),
        itemgetter(0),
    )
    waiting = next(figures, None)
    query = f"""
        select number, raw_text, "text", repairs, {columns(_ARTICLE)} from articles join numbered using (article_id)
        order by number
    """
    for number, raw, text, repairs, *rest in stream(db, query):
        rows: Iterable[tuple[Any, ...]] = ()
        if waiting is not None and waiting[0] == number:
            rows = list(waiting[1])
            waiting = next(figures, None)
        yield _article(dict(zip(_ARTICLE, rest, strict=True)), raw, text, repairs, rows)


def _article(article: Record, raw: str, text: str, repairs: list[Record], figures: Iterable[tuple[Any, ...]]) -> Record:
    edits = [Edit(r["start"], r["end"], r["after"]) for r in repairs]
    offsets = OffsetMap.identity().then(edits)
    in_text = _CodeUnits(text)
    in_raw = in_text if raw == text else _CodeUnits(raw)
    article["text"] = text
    if raw != text:
        article["raw"] = raw
    article["repairs"] = [
        (
            in_raw.at(r["start"]),
            in_raw.at(r["end"]),
            in_text.at(change_start),
            in_text.at(change_start + len(r["after"])),
            r["kind"],
            r["guessed"],
        )
        for r, change_start in zip(repairs, _starts_after(edits), strict=True)
    ]
    article["figures"] = [_figure(row[1:], text, offsets, in_raw, in_text) for row in figures]
    return article


def _starts_after(edits: list[Edit]) -> Iterator[int]:
    """Where in the new text each edit's replacement begins."""
    grown = 0
    for start, end, after in edits:
        yield start + grown
        grown += len(after) - (end - start)


def _figure(figure: Sequence[Any], text: str, offsets: OffsetMap, in_raw: _CodeUnits, in_text: _CodeUnits) -> list[Any]:
    """A figure as the list of :data:`FIGURE`: offsets into the raw text, into the text, of its sentence in the text.

    ``figure`` has the fields of ``_TAKEN``.
    """
    sentence, start, end, first, last = figure[:5]
    raw_span = (in_raw.at(start), in_raw.at(end))
    if not offsets.is_identity:
        start, end = offsets.text_span(start, end)
        first, last = offsets.text_span(first, last)
        if text[first:last] != sentence:
            # a repair at the edge belongs to what stands beside the sentence
            at = text.find(sentence, max(0, first - len(sentence)))
            if at >= 0:
                first, last = at, at + len(sentence)
    return [*raw_span, *map(in_text.at, (start, end, first, last)), *figure[5:]]


class _CodeUnits:
    """Turns offsets of code points into offsets of UTF-16 code units, which is what a browser counts."""

    def __init__(self, text: str) -> None:
        # a text within the Basic Multilingual Plane has as many of the one as of the other
        within = len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)
        self._beyond = () if within else tuple(i for i, character in enumerate(text) if character >= "\U00010000")

    def at(self, offset: int) -> int:
        return offset + bisect_left(self._beyond, offset) if self._beyond else offset


def lists(db: duckdb.DuckDBPyConnection, out: Path, limits: Limits) -> Iterator[tuple[str, list[Record]]]:
    """What the page lists on demand: all article titles, the checks, the conflicts and the rejects."""
    yield "titles", _titles(db)
    listed = {
        "checks": "order by list_position(['contradicts', 'off by rounding', 'holds'], verdict)",
        "conflicts": "order by region nulls last, campaign nulls last, metric, fact_id, not shown, value",
    }
    for name, order in listed.items():
        path = str(out / "tables" / f"{name}.parquet")
        db.read_parquet(path).create_view(name)
        rows = _records(db.sql(f"select * from {name} {order} limit {limits.listed}"))
        yield name, _with_places(db, rows)
    yield "rejects", list(_rejects(out / "rejected.jsonl", limits.listed))


def _titles(db: duckdb.DuckDBPyConnection) -> list[Record]:
    query = """
        select coalesce(title, left(regexp_replace("text", '\\s+', ' ', 'g'), 40)) as title, outlet, published,
            region, n_figures, n_repairs, article_id, duplicate_of is not null as reprint
        from articles join numbered using (article_id) order by number
    """
    return _records(db.sql(query))


def _records(found: duckdb.DuckDBPyRelation) -> list[Record]:
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def _with_places(db: duckdb.DuckDBPyConnection, rows: list[Record]) -> list[Record]:
    """Replace ``figure_ids`` by the places of the figures."""
    wanted = sorted({figure_id for row in rows for figure_id in row["figure_ids"]})
    query = "select figure_id, number, place from places where figure_id in (select unnest(?::varchar[]))"
    places = {figure_id: [number, place] for figure_id, number, place in db.execute(query, [wanted]).fetchall()}
    for row in rows:
        row["figures"] = [places[figure_id] for figure_id in row.pop("figure_ids") if figure_id in places]
    return rows


def _rejects(path: Path, limit: int) -> Iterator[Record]:
    with path.open(encoding="utf-8") as file:
        for line in islice(file, limit):
            reject = json.loads(line)
            # the name of a file may hold half a surrogate pair, which no browser reads
            yield {k: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for k, v in reject.items()}
