"""What the report page shows, read from the files of a run and cut into pieces that a browser loads one by one.

The page opens with one piece, the *index*: the summary, the regions, the columns and the facts as parallel lists.
The *chunks* hold articles with their figures, about :data:`CHUNK` characters each; a fact points to its figures by
the number of the article and the place of the figure in it. Articles lie in the order of their regions, so that
what stands behind a cell is mostly found in one chunk.

The same queries answer a page that is served (:mod:`pipeline.report.serving`): there an article or a few facts are
asked for at a time, and nothing is left out.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, tee
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import lexicon
from pipeline.lexicon import gazetteer
from pipeline.offsets import Edit, OffsetMap
from pipeline.tables.codebook import labels
from pipeline.tables.pivot import LEADING, measure_sql, wide_columns
from pipeline.tables.shelf import Shelf, open_shelf
from pipeline.tables.store import chosen, columns, parts, records, rows_at, stream

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "EVERYTHING",
    "FACT",
    "FIGURE",
    "LISTED",
    "TITLES",
    "Limits",
    "Numbers",
    "chunks",
    "facts",
    "index",
    "listed",
    "number",
    "numbers",
    "one_article",
    "packed_facts",
    "prepare",
]

#: characters of text in a chunk, about
CHUNK = 300_000

#: facts that are turned into JSON at a time
_PACKED = 4_096

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


#: for a page that is served; lists stay short, they are to be read
EVERYTHING = Limits(articles=2**62, facts=2**62)

#: what the page lists on demand
LISTED = ("checks", "conflicts", "rejects")


class Numbers(NamedTuple):
    """What the facts of a page point to by number."""

    columns: list[Record]
    regions: list[Record]
    campaigns: list[str]


#: flags of a fact
_CURRENT, _MAIN, _PART, _RUNNING, _PLACE = 1, 2, 4, 8, 16

#: the fields of a figure in a chunk, in their order; the first six are offsets of code units, see :func:`_figure`
FIGURE = (
    *("raw_start", "raw_end", "start", "end", "sentence_start", "sentence_end"),
    *("value", "value_max", "bound", "unit", "kind", "direction", "role", "metric", "action", "object", "actor"),
    *("actor_level", "region", "region_name", "place", "region_basis", "region_candidates", "campaign"),
    *("period_start", "period_end", "period_text", "part_of", "rule", "confidence"),
)
#: the lists of facts
FACT = (
    *("region", "column", "campaign", "value", "value_max", "bound", "unit", "since", "until", "n_reports"),
    *("n_conflicts", "n_contradictions", "confidence", "series", "flags", "actor", "object", "figures", "wholes"),
)
_TAKEN = ("sentence", "start", "end", "sentence_start", "sentence_end", *FIGURE[6:])
_ARTICLE = (
    *("article_id", "title", "outlet", "author", "published", "url", "source_path", "source_row", "script", "encoding"),
    *("region", "campaigns", "n_repairs", "n_damaged", "n_figures", "duplicate_of"),
)


def prepare(db: duckdb.DuckDBPyConnection, out: Path, limits: Limits) -> None:
    """Number the articles and figures of a run that the page holds, and choose its facts.

    Articles that stand behind a fact go before others, where not all find room.

    Args:
        db: a connection of :func:`pipeline.tables.store.open_run`.
        out: the output folder of the run.
        limits: how much the page holds.
    """
    for name in ("metrics_long", "checks", "conflicts"):
        db.read_parquet(str(out / "tables" / f"{name}.parquet")).create_view(name)
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
        from figures join numbered using (article_id) order by number
        """
    )
    db.execute(
        f"""
        create table chosen_facts as
        select *, min(fact) over (partition by fact_id) as series from (
            select *, {measure_sql()} as measure, row_number() over (
                order by region nulls last, metric, measure, not is_current, {LEADING}, as_of desc nulls last,
                    figure_ids
            ) - 1 as fact from metrics_long
        ) order by not is_current, fact limit ?
        """,
        [limits.facts],
    )


def numbers(db: duckdb.DuckDBPyConnection) -> Numbers:
    """The columns, regions and campaigns of the chosen facts, in their order."""
    columns: list[Record] = [column._asdict() for column in wide_columns(db)]
    english = {row["metric"]: row["label_en"] or row["metric"] for row in lexicon.table("metrics")}
    filled = {
        (metric, measure): regions
        for metric, measure, regions in stream(
            db, "select metric, measure, count(distinct region) from chosen_facts where is_current group by all"
        )
    }
    for column in columns:
        metric, measure = str(column["metric"]), str(column["measure"])
        column["label_en"] = _english(english.get(metric, metric), measure)
        column["regions"] = filled.get((metric, measure), 0)
    query = "select distinct campaign from chosen_facts where campaign is not null order by 1"
    return Numbers(columns, _regions(db), [name for (name,) in stream(db, query)])


def index(db: duckdb.DuckDBPyConnection, run: Record, numbers: Numbers, limits: Limits) -> Record:
    """What the page needs to open, but for the facts: run, regions, columns, campaigns, labels and counts."""
    current = dict(stream(db, "select campaign, count(*) from chosen_facts where is_current group by campaign"))
    return {
        "run": {key: run[key] for key in ("counts", "rejects", "versions")},
        "columns": numbers.columns,
        "regions": numbers.regions,
        "campaigns": numbers.campaigns,
        "campaign_facts": [current.get(name, 0) for name in numbers.campaigns],
        "left_out": {
            "articles": number(db, "select count(*) from articles") - number(db, "select count(*) from numbered"),
            "facts": number(db, "select count(*) from metrics_long") - number(db, "select count(*) from chosen_facts"),
        },
        "repaired": number(db, "select count(*) from articles where n_repairs > 0"),
        "fact": FACT,
        "figure": FIGURE,
        "labels": labels("figures"),
        "listed": limits.listed,
        "groups": _groups(db),
        "stand_ins": {"here": _place_words("here"), "own": _place_words("own", "that")},
        "tiles": [_tile(row) for row in lexicon.table("province_tiles")],
    }


def number(db: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> int:
    """The one number that a query gives."""
    return int(db.execute(query, parameters).fetchall()[0][0])


def _english(label: str, measure: str) -> str:
    """The header of a column in English.

    >>> _english("cases filed", "people"), _english("cases filed", "count"), _english("burden", "change_down_份")
    ('cases filed (people)', 'cases filed', 'burden (change down 份)')
    """
    return label if measure == "count" else f"{label} ({measure.replace('_', ' ')})"


#: words that the filter for actors offers
_OFFERED = 40


def _groups(db: duckdb.DuckDBPyConnection) -> list[str]:
    """The words for groups with which most actors and objects of facts end, the most frequent first."""
    words = [row["word"] for row in lexicon.table("actors") if len(row["word"]) > 1]
    query = """
        with names as (
            select name, count(*) as times
            from (select actor as name from chosen_facts union all select object from chosen_facts) group by name
        ),
        ends as (
            select arg_max(word, length(word)) as word, any_value(times) as times
            from (select unnest(?::varchar[]) as word) join names on ends_with(name, word) group by name
        )
        select word from ends group by word order by sum(times) desc, word limit ?
    """
    return [word for (word,) in db.execute(query, [words, _OFFERED]).fetchall()]


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


def facts(
    db: duckdb.DuckDBPyConnection,
    numbers: Numbers,
    limits: Limits,
    where: str = "true",
    parameters: Sequence[Any] = (),
) -> dict[str, list[Any]]:
    """Chosen facts as parallel lists, in the order in which they lead their cells.

    Args:
        db: the connection.
        numbers: what the facts point to.
        limits: how many figures a fact points to.
        where: a condition on ``chosen_facts``, and what follows it in a query, such as ``limit``.
        parameters: its parameters.
    """
    words: dict[str, int] = {}
    rows = list(_fact_rows(db, numbers, limits, words, where, parameters))
    lists = zip(*rows, strict=True) if rows else ((),) * len(FACT)
    return dict(zip(FACT, map(list, lists), strict=True)) | {"words": list(words)}


def packed_facts(db: duckdb.DuckDBPyConnection, numbers: Numbers, limits: Limits) -> dict[str, Any]:
    """All :func:`facts` as JSON already, which takes a tenth of the memory."""
    import orjson

    words: dict[str, int] = {}
    packed = {name: bytearray() for name in FACT}
    rows = _fact_rows(db, numbers, limits, words)
    while some := list(islice(rows, _PACKED)):
        for column, cells in zip(packed.values(), zip(*some, strict=True), strict=True):
            column += b"," * bool(column) + orjson.dumps(cells)[1:-1]
    return {name: orjson.Fragment(b"[" + column + b"]") for name, column in packed.items()} | {"words": list(words)}


def _fact_rows(
    db: duckdb.DuckDBPyConnection,
    numbers: Numbers,
    limits: Limits,
    words: dict[str, int],
    where: str = "true",
    parameters: Sequence[Any] = (),
) -> Iterator[tuple[Any, ...]]:
    """The cells of each fact; its actor and object are numbered in ``words``."""
    region_number = {region["code"]: at for at, region in enumerate(numbers.regions)}
    column_number = {(c["metric"], c["measure"]): at for at, c in enumerate(numbers.columns)}
    campaign_number = {name: at for at, name in enumerate(numbers.campaigns)}
    query = f"""
        with wanted as (select * from chosen_facts where {where}),
        refs as (
            select fact, list([number, place] order by nth) as refs
            from (
                select fact, unnest(figure_ids) as figure_id, generate_subscripts(figure_ids, 1) as nth
                from wanted
            ) join places using (figure_id)
            where nth <= {limits.sources}
            group by fact
        ),
        above as (
            select fact, list([number, place] order by number, place)[1:{limits.sources}] as wholes
            from (select fact, unnest(whole_ids) as figure_id from wanted) join places using (figure_id)
            group by fact
        )
        select region, metric, measure, campaign, value, value_max, bound, unit, period_start, as_of, n_reports,
            n_conflicts, n_contradictions, confidence, series,
            {_CURRENT} * is_current::int + {_MAIN} * is_main::int + {_PART} * is_part::int
                + {_RUNNING} * running::int + {_PLACE} * (place is not null)::int,
            actor, object, coalesce(refs, []), coalesce(wholes, [])
        from wanted left join refs using (fact) left join above using (fact) order by fact
    """
    for region, metric, measure, campaign, *rest in stream(db, query, parameters):
        yield (
            region_number.get(region, -1),
            column_number[metric, measure],
            campaign_number.get(campaign, -1),
            *rest[:9],
            round(100 * rest[9]),
            *rest[10:12],
            words.setdefault(rest[12], len(words)),
            words.setdefault(rest[13], len(words)),
            *rest[14:16],
        )


def chunks(db: duckdb.DuckDBPyConnection, out: Path, work: Path) -> Iterator[list[Record]]:
    """The articles in the order of their numbers, each with its figures, cut into chunks.

    Texts are put in order by a file, not by a query: sorting them takes more memory than queries have.

    Args:
        db: the connection, after :func:`prepare`.
        out: the output folder of the run.
        work: a folder for that file.
    """
    import orjson

    pending: list[Record] = []
    size = 0
    with open_shelf(work / "articles") as articles, open_shelf(work / "figures") as figures:
        _lay_out(db, out, articles, figures)
        for at in range(number(db, "select count(*) from numbered")):
            raw, text, repairs, *rest = orjson.loads(articles.get(at) or b"")
            rows = orjson.loads(figures.get(at) or b"[]")
            pending.append(_article(dict(zip(_ARTICLE, rest, strict=True)), raw, text, repairs, rows))
            size += len(text) + len(pending[-1].get("raw", ""))
            if size >= CHUNK:
                yield pending
                pending, size = [], 0
    if pending:
        yield pending


def _lay_out(db: duckdb.DuckDBPyConnection, out: Path, articles: Shelf, figures: Shelf) -> None:
    """Put the articles of the page, and the figures of each, under their numbers."""
    import orjson

    for part in parts(out, "articles"):
        at, numbered = tee(chosen(db, part, "numbered"))
        rows = rows_at([part], ("raw_text", "text", "repairs", *_ARTICLE), (row for row, _ in at))
        for (_, nth), row in zip(numbered, rows, strict=True):
            articles.put(nth, orjson.dumps(row))
    for part in parts(out, "figures"):
        at, numbered = tee(chosen(db, part, "numbered"))
        taken = rows_at([part], ("figure_id", *_TAKEN), (row for row, _ in at))
        pairs = zip((nth for _, nth in numbered), taken, strict=True)
        for nth, group in groupby(pairs, itemgetter(0)):
            figures.put(nth, orjson.dumps(_in_places(row for _, row in group)))


def _in_places(figures: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """The figures of an article in their places, each with the place of its whole; see ``places``."""
    ordered = sorted(figures, key=_by_place)
    place = {row[0]: at for at, row in enumerate(ordered)}
    whole = 1 + _TAKEN.index("part_of")
    return [[at, *row[1:whole], place.get(row[whole]), *row[whole + 1 :]] for at, row in enumerate(ordered)]


def _by_place(row: tuple[Any, ...]) -> tuple[int, int, str]:
    start, end = (row[1 + _TAKEN.index(name)] for name in ("start", "end"))
    return start, end, row[0]


def one_article(db: duckdb.DuckDBPyConnection, at: int) -> Record | None:
    """The article of a number with its figures, or None where there is no such number."""
    # by number in what was made here, by id in the files of the run: both know where to look
    found = db.execute("select article_id from numbered where number = ?", [at]).fetchone()
    if found is None:
        return None
    query = f'select raw_text, "text", repairs, {columns(_ARTICLE)} from articles where article_id = ?'
    ((raw, text, repairs, *rest),) = db.execute(query, found).fetchall()
    query = f"select figure_id, {columns(_TAKEN)} from figures where article_id = ?"
    figures = _in_places(db.execute(query, found).fetchall())
    return _article(dict(zip(_ARTICLE, rest, strict=True)), raw, text, repairs, figures)


def _article(article: Record, raw: str, text: str, repairs: list[Record], figures: Iterable[Sequence[Any]]) -> Record:
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


_ORDERS = {
    "checks": "list_position(['contradicts', 'off by rounding', 'holds'], verdict)",
    "conflicts": "region nulls last, campaign nulls last, metric, fact_id, not shown, value",
}


def listed(db: duckdb.DuckDBPyConnection, out: Path, name: str, limits: Limits) -> list[Record]:
    """One of the lists of :data:`LISTED`, as far as the page shows it."""
    if name == "rejects":
        return list(_rejects(out / "rejected.jsonl", limits.listed))
    return _with_places(db, records(db.sql(f"select * from {name} order by {_ORDERS[name]} limit {limits.listed}")))


#: a query for what the page lists of each article
TITLES = r"""
    select number, coalesce(title, opening) as title, outlet, published, region, n_figures, n_repairs, article_id,
        duplicate_of is not null as reprint
    from articles join numbered using (article_id) left join (
        -- apart, so that texts are read only where they are needed
        select article_id, left(regexp_replace("text", '\s+', ' ', 'g'), 40) as opening
        from articles where title is null
    ) using (article_id)
"""


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
