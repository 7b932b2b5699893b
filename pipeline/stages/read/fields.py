"""From a record, whatever its columns are called, to an article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import regex

from pipeline import lexicon
from pipeline.model import Article, Options
from pipeline.stages.read.dates import parse_date
from pipeline.stages.read.encoding import decode
from pipeline.stages.read.limits import UnusableError

__all__ = ["Columns", "Place", "article", "columns_of", "field_of", "no_text_column", "normal", "unfolded"]

_UNWRITTEN = regex.compile(r"[\s_\-\ufeff]+")


class Place(NamedTuple):
    """Where the record at hand stands."""

    #: path of the file, relative to the dump; members of an archive continue its path
    file: str
    #: the same without suffixes
    stem: str
    row: int | None = None


class Columns(NamedTuple):
    """Which columns of a record to take for which field, the preferred first; names are as the record has them."""

    #: field of an article -> columns
    fields: Mapping[str, tuple[str, ...]]

    @property
    def has_text(self) -> bool:
        """Whether there is a column for the text."""
        return bool(self.fields.get("raw_text"))


def normal(column: str) -> str:
    """A column name as the lexicon has it.

    >>> normal(" Publish_Date "), normal("发布 时间")
    ('publishdate', '发布时间')
    """
    return str(_UNWRITTEN.sub("", column.lower()))


def field_of(name: str) -> str | None:
    """The field of an article that a column of that name holds, None for an unknown one.

    >>> field_of("发布时间"), field_of("Content"), field_of("点击量")
    ('published', 'raw_text', None)
    """
    row = lexicon.row("columns", normal(name))
    return row["field"] if row else None


@lru_cache(maxsize=1000)
def _columns_of(names: tuple[str, ...], mapping: tuple[tuple[str, str], ...]) -> Columns:
    given = {normal(column): field_of(field) for column, field in mapping}
    ranked: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in names:
        key = normal(name)
        known = lexicon.row("columns", key)
        if key in given:
            ranked[given[key] or ""].append((-1, name))
        elif known:
            ranked[known["field"]].append((int(known["rank"]), name))
    return Columns({field: tuple(name for _, name in sorted(found, key=_rank)) for field, found in ranked.items()})


lexicon.on_change(_columns_of)


def _rank(found: tuple[int, str]) -> int:
    return found[0]


def columns_of(names: Iterable[str], options: Options) -> Columns:
    """Tell which of the columns hold what; the mapping of the options comes before the lexicon.

    Raises:
        UnusableError: the mapping names a field that an article does not have.
    """
    for _, field in options.columns:
        if field_of(field) is None:
            raise UnusableError(
                "unknown-field", f"the column mapping names the field {field!r}; the fields are {', '.join(FIELDS)}"
            )
    return _columns_of(tuple(names), options.columns)


#: the fields of an article that a record can fill, by the names that the command line uses
FIELDS = ("id", "text", "title", "author", "source", "date", "url")


def article(record: Mapping[str, Any], columns: Columns, place: Place, encoding: str) -> Article:
    """Make an article of a record.

    Args:
        record: column -> value.
        columns: which column holds what.
        place: where the record stands.
        encoding: what its text was encoded in.

    Raises:
        UnusableError: the record has no text.
    """

    fields = columns.fields
    raw_text = _raw_text(record, fields.get("raw_text", ()))
    return Article(
        article_id=_first(record, fields.get("article_id", ())) or _made_id(place),
        raw_text=raw_text,
        source_path=place.file,
        source_row=place.row,
        url=_first(record, fields.get("url", ())),
        title=_first(record, fields.get("title", ())),
        author=_first(record, fields.get("author", ())),
        outlet=_first(record, fields.get("outlet", ())),
        published=_published(record, fields.get("published", ())),
        encoding=encoding,
    )


def _first(record: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """The first of the columns that is not blank."""
    for name in names:
        if text := _text(record.get(name)):
            return text
    return None


def unfolded(record: Mapping[str, Any], options: Options) -> Mapping[str, Any]:
    """The record with the fields of an object in it put beside its own, where its text is in there.

    >>> unfolded({"_id": "7", "_source": {"content": "全市查找问题9个"}}, Options())
    {'_id': '7', '_source': {'content': '全市查找问题9个'}, 'content': '全市查找问题9个'}
    """
    if columns_of(record, options).has_text:
        return record
    for inner in record.values():
        if isinstance(inner, dict) and columns_of(inner, options).has_text:
            return {**record, **inner}
    return record


def no_text_column(names: Sequence[str]) -> UnusableError:
    """The error for a table, or a record, none of whose columns is known to hold the text."""
    found = ", ".join(repr(name[:40]) for name in names[:12]) + (" …" if len(names) > 12 else "")
    return UnusableError(
        "no-text-column",
        f"no column is known to hold the text; there are {found or 'no columns'}. "
        "Say which one it is with a column mapping, such as 报道=text",
    )


def _made_id(place: Place) -> str:
    return place.stem if place.row is None else f"{place.stem}#{place.row}"


def _raw_text(record: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of the columns that is not blank, character for character; paragraphs in a list become lines."""
    if not names:
        raise no_text_column(list(record))
    for name in names:
        value = record.get(name)
        if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
            value = "\n".join(value)
        if isinstance(value, bytes):
            value = decode(value).text
        text = value if isinstance(value, str) else (_text(value) or "")
        if text and not text.isspace():
            return _paired(text)
    raise UnusableError("empty", f"the text ({' / '.join(names)}) is empty")


def _paired(text: str) -> str:
    """Join the halves of characters that JSON spelled as two escapes; a half without its other becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _published(record: Mapping[str, Any], names: Sequence[str]) -> date | None:
    for name in names:
        if found := parse_date(_plain(record.get(name))):
            return found
    return None


def _plain(value: Any) -> Any:
    """The value in an object of one key, as MongoDB exports have it ({"$oid": …}, {"$date": {"$numberLong": …}})."""
    while isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        value = next(iter(value.values()))
    return value


def _text(value: Any) -> str | None:
    """A short value as text: numbers without a useless .0, lists joined, None where there is nothing."""
    if isinstance(value, str):
        return _paired(value.strip()) or None
    value = _plain(value)
    if isinstance(value, bytes):
        value = decode(value).text
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, (list, tuple)):
        value = "、".join(part for part in value if isinstance(part, str))
    if value is None or value != value or isinstance(value, (dict, bool)):
        return None
    return _paired(str(value).strip()) or None
