"""From the article at the end of its walk to the rows of the output, and from rows to Parquet files.

The columns are those of :class:`~pipeline.model.ArticleRow` and :class:`~pipeline.model.FigureRow`, in their
order; nothing is named a second time. Files are written under another name and moved into place, so that a
reader sees a whole file or none; the same rows always give the same bytes.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from pipeline import lexicon
from pipeline.model import Article, ArticleRow, Attribution, FigureRow, Location, Metric, Period, TokenRow

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = [
    "ROW_GROUP",
    "RowFile",
    "article_row",
    "article_table",
    "figure_rows",
    "figure_table",
    "open_parquet",
    "open_rows",
    "replacing",
    "schema",
    "to_table",
    "token_table",
    "write_articles",
    "write_figures",
    "write_rows",
    "write_table",
]

#: rows of a row group; fixed, because the cut is visible in the bytes of a file
ROW_GROUP = 65_536

_PERSONAL = frozenset({"result", "target"})


@cache
def schema(row_type: type) -> pa.Schema:
    """The Arrow schema of a row class (a dataclass or a named tuple), made from its annotations.

    >>> schema(FigureRow).field("value_max")
    pyarrow.Field<value_max: double>
    >>> schema(ArticleRow).field("campaigns").type
    ListType(list<element: string>)
    """
    import pyarrow as pa

    return pa.schema([_arrow_field(name, hint) for name, hint in get_type_hints(row_type).items()])


def _arrow_field(name: str, hint: Any) -> pa.Field[Any]:
    import pyarrow as pa

    if get_origin(hint) is list and hint != list[str]:
        (element,) = get_args(hint)
        fields = [_arrow_field(column, kind) for column, kind in get_type_hints(element).items()]
        return pa.field(name, pa.list_(pa.field("element", pa.struct(fields))), nullable=False)
    kinds: dict[Any, pa.DataType] = {
        bool: pa.bool_(),
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        date: pa.date32(),
        list[str]: pa.list_(pa.field("element", pa.string())),
    }
    options = get_args(hint) if hint not in kinds else (hint,)
    (kind,) = (kinds[option] for option in options if option is not NoneType)
    return pa.field(name, kind, nullable=NoneType in options)


def article_row(article: Article, duplicate_of: str | None = None) -> ArticleRow:
    """The row of the articles table for an article that has walked through all stages."""
    return ArticleRow(
        article_id=article.article_id,
        source_path=article.source_path,
        source_row=article.source_row,
        url=article.url,
        title=article.title,
        author=article.author,
        outlet=article.outlet,
        published=article.published,
        script=article.script,
        encoding=article.encoding,
        raw_text=article.raw_text,
        text=article.text,
        n_repairs=len(article.repairs),
        n_damaged=article.n_damaged,
        region=article.region,
        campaigns=list(article.campaigns),
        n_figures=len(article.quantities),
        duplicate_of=duplicate_of,
        sha256=sha256(article.raw_text.encode("utf-8", "surrogatepass")).hexdigest(),
        repairs=list(article.repairs),
    )


def figure_rows(article: Article) -> list[FigureRow]:
    """The rows of the figures table for one article, in the order of the text.

    A stage that has not run leaves its columns at their empty values; role is then ``context``.
    """
    return [FigureRow(*values) for values in _figure_values(article)]


def _figure_values(article: Article) -> Iterator[tuple[Any, ...]]:
    """The cells of each figure in the order of the fields of :class:`FigureRow`."""
    raw_text, text, raw_span = article.raw_text, article.text, article.offsets.raw_span
    spans = [raw_span(q.start, q.end) for q in article.quantities]
    ids = _figure_ids(article.article_id, [start for start, _ in spans])
    sentences: dict[int, tuple[str, int, int]] = {}
    for quantity, attribution, location, period, metric, figure_id, (start, end) in zip(
        article.quantities,
        article.attributions or repeat(Attribution("context")),
        article.locations or repeat(Location(None)),
        article.periods or repeat(Period()),
        article.metrics or repeat(Metric("")),
        ids,
        spans,
        strict=False,  # a stage that has not run is an endless repeat
    ):
        if (sentence := sentences.get(quantity.sentence)) is None:
            bounds = article.sentences[quantity.sentence]
            sentence = (text[bounds.start : bounds.end], *raw_span(bounds.start, bounds.end))
            sentences[quantity.sentence] = sentence
        named = metric if attribution.role in _PERSONAL else Metric("")
        yield (
            figure_id,
            article.article_id,
            start,
            end,
            raw_text[start:end],
            *sentence,
            *quantity[2:7],
            attribution.direction,
            attribution.role,
            named.metric,
            attribution.action,
            attribution.object,
            attribution.actor,
            attribution.actor_level,
            *location[:7],
            list(location.candidates),
            period.campaign,
            period.start,
            period.end,
            period.text,
            None if attribution.part_of is None else ids[attribution.part_of],
            _rule(quantity.rule, attribution.rule, named.rule),
            round(_confidence(attribution, named) * location.confidence, 4),
        )


def _confidence(attribution: Attribution, metric: Metric) -> float:
    """How often figures that were decided so are right in role and metric (``lexicon/calibration.csv``)."""
    if attribution.role not in _PERSONAL:
        return attribution.confidence
    raw, (knots, shares) = attribution.confidence * metric.confidence, _calibration()
    place = min(max(1, bisect_right(knots, raw)), len(knots) - 1)
    low, high = knots[place - 1], knots[place]
    return shares[place - 1] + (shares[place] - shares[place - 1]) * (min(raw, high) - low) / (high - low)


@cache
def _calibration() -> tuple[tuple[float, ...], tuple[float, ...]]:
    table = lexicon.table("calibration")
    return tuple(float(r["raw"]) for r in table), tuple(float(r["confidence"]) for r in table)


lexicon.on_change(_calibration)


def _figure_ids(article_id: str, starts: Sequence[int]) -> list[str]:
    """``article_id:start`` for each figure; figures read from one repaired place get ``.2``, ``.3`` … behind it.

    >>> _figure_ids("a", [3, 9, 9])
    ['a:3', 'a:9', 'a:9.2']
    """
    ids = [f"{article_id}:{start}" for start in starts]
    if len(set(ids)) == len(ids):
        return ids
    seen: dict[str, int] = {}
    for i, figure_id in enumerate(ids):
        seen[figure_id] = count = seen.get(figure_id, 0) + 1
        if count > 1:
            ids[i] = f"{figure_id}.{count}"
    return ids


@cache
def _rule(quantity: str, role: str, metric: str) -> str:
    """The rules behind a figure in one cell, such as ``quantity:arabic role:verb metric:lexicon``."""
    named = (("quantity", quantity), ("role", role), ("metric", metric))
    return " ".join(f"{stage}:{rule}" for stage, rule in named if rule)


def article_table(articles: Iterable[Article]) -> pa.Table:
    """The articles table of finished articles. ``duplicate_of`` is filled in by :mod:`pipeline.tables.duplicates`."""
    return to_table(ArticleRow, (_cells(article_row(article)) for article in articles))


def figure_table(articles: Iterable[Article]) -> pa.Table:
    """The figures table of finished articles."""
    return to_table(FigureRow, (values for article in articles for values in _figure_values(article)))


def token_table(articles: Iterable[Article]) -> pa.Table:
    """The tokens table of finished articles, in the order of the text."""
    return to_table(TokenRow, (values for article in articles for values in _token_values(article)))


def _token_values(article: Article) -> Iterator[tuple[Any, ...]]:
    raw_span = article.offsets.raw_span
    for sentence in sorted(article.words):
        for word in article.words[sentence]:
            yield article.article_id, sentence, *raw_span(word.start, word.end), word.text, word.tag


def _cells(row: ArticleRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in schema(ArticleRow).names)


def to_table(row_type: type, rows: Iterable[Sequence[Any]]) -> pa.Table:
    """An Arrow table of rows given as plain sequences in the order of the row class.

    Raises:
        ValueError: a cell is empty that may not be.
    """
    import pyarrow as pa

    wanted = schema(row_type)
    columns = list(zip(*rows, strict=True)) or [()] * len(wanted)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, wanted, strict=True)]
    for array, field in zip(arrays, wanted, strict=True):
        if array.null_count and not field.nullable:
            raise ValueError(f"{row_type.__name__}.{field.name} is empty in {array.null_count} rows; it may not be")
    return pa.Table.from_arrays(arrays, schema=wanted)


def write_articles(articles: Iterable[Article], path: Path) -> int:
    """Write a part of ``articles/`` and return the number of its rows."""
    return write_table(article_table(articles), path)


def write_figures(articles: Iterable[Article], path: Path) -> int:
    """Write a part of ``figures/`` and return the number of its rows."""
    return write_table(figure_table(articles), path)


def write_table(table: pa.Table, path: Path) -> int:
    """Write a table to a Parquet file, at once or not at all, and return the number of its rows."""
    with open_parquet(path, table.schema) as writer:
        writer.write_table(table, row_group_size=ROW_GROUP)
    return int(table.num_rows)


def write_rows(row_type: type, rows: Iterable[Sequence[Any]], path: Path, group: int = ROW_GROUP) -> int:
    """Write any number of rows to a Parquet file, holding one row group in memory, and return their number."""
    with open_rows(row_type, path, group) as file:
        for row in rows:
            file.add(row)
    return file.written


class RowFile:
    """A Parquet file that takes row after row; see :func:`open_rows`."""

    def __init__(self, row_type: type, writer: pq.ParquetWriter, group: int) -> None:
        self._row_type = row_type
        self._writer = writer
        self._group = group
        self._pending: list[Sequence[Any]] = []
        #: rows so far
        self.written = 0

    def add(self, row: Sequence[Any]) -> None:
        """Take a row, its cells in the order of the row class."""
        self._pending.append(row)
        self.written += 1
        if len(self._pending) == self._group:
            self.flush()

    def flush(self) -> None:
        """Write what was collected as a row group."""
        if self._pending:
            self._writer.write_table(to_table(self._row_type, self._pending), row_group_size=self._group)
            self._pending = []


@contextmanager
def open_rows(row_type: type, path: Path, group: int = ROW_GROUP) -> Iterator[RowFile]:
    """A file for rows of a class; it appears at ``path`` when the block ends, and not at all when it fails.

    Args:
        row_type: the class.
        path: the file.
        group: rows of a row group, which are held in memory; fewer for files that nobody keeps.
    """
    with open_parquet(path, schema(row_type)) as writer:
        file = RowFile(row_type, writer, group)
        yield file
        file.flush()


@contextmanager
def open_parquet(path: Path, columns: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """A writer whose file appears at ``path`` when the block ends, and not at all when it fails."""
    import pyarrow.parquet as pq

    with replacing(path) as temporary, pq.ParquetWriter(temporary, columns, compression="zstd") as writer:
        yield writer


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; moved to ``path`` when the block ends, removed when it fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
