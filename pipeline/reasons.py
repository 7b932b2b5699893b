"""Why a figure says what it says: each of its columns with the words, rules and clues that decided it.

A run keeps no trace of its decisions. The article is read once more, in milliseconds, with the options of the run,
and every stage is asked for its reasons.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from pipeline import explore, lexicon, rows
from pipeline.engine import Summary
from pipeline.lexicon import gazetteer
from pipeline.model import Article, FigureRow, Options
from pipeline.stages import run_stages
from pipeline.stages.attribute.reasons import reasons as of_attribute
from pipeline.stages.classify.reasons import reasons as of_classify
from pipeline.stages.date.reasons import reasons as of_date
from pipeline.stages.extract.reasons import reasons as of_extract
from pipeline.stages.locate.reasons import reasons as of_locate
from pipeline.stages.reason import LANGUAGES, Reason, meaning

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "LANGUAGES", "explain", "explain_text"]

#: Columns of the tables of reasons.
COLUMNS = (
    "figure_id",
    "field",
    "value",
    "stored",
    "decided_by",
    "meaning",
    "words",
    "start",
    "end",
    "weight",
    "alternative",
    "alternative_weight",
)

_STAGES = (of_extract, of_attribute, of_classify, of_locate, of_date)


def explain(out: str | os.PathLike[str], identifier: str, language: str = "english") -> pd.DataFrame:
    """Why a figure of a run, or every figure of an article, says what it says; one reason a row.

    The article's raw text is read again with the options of the run, user lexicons included.

    Args:
        out: the output folder of a run.
        identifier: a figure id or an article id.
        language: of the column ``meaning``: english or chinese.

    Returns:
        A table with the columns

        - ``figure_id``; ``field``, the column of ``figures`` that is explained, and ``value``, what it holds now
        - ``stored``: what the run holds, where that is something else; '' where it is the same
        - ``decided_by``: the short name of the rule, word list or clue; ``meaning``: the same in words
        - ``words``: the words of the repaired, simplified text that it rests on; ``start``, ``end``: their place in
          ``raw_text``, missing where they stand in no one place
        - ``weight``, ``alternative``, ``alternative_weight``: what a clue adds to the score of the value, which
          value came second, and what it adds to the score of that; marks, with the region of an article

    Raises:
        pipeline.explore.NotFoundError: there is neither figure nor article of that id, or no finished run.
        pipeline.lexicon.LexiconError: a lexicon folder of the run is gone or is not in order any more.
        pipeline.stages.StageError: a stage of this version fails on the article.
    """
    found = explore.find(out, identifier)
    stored = (found.figure,) if isinstance(found, explore.FigureView) else found.figures
    options = _options(Summary.load(out).options)
    with _lexicons(options.lexicons):
        article = run_stages(_article(found.article), options)
        tell = _Teller(article, options, language)
        told = [row for figure in stored for row in tell.stored(figure)]
    return _frame(told)


def explain_text(
    text: str,
    *,
    region: str | None = None,
    published: date | None = None,
    options: Options | None = None,
    language: str = "english",
) -> pd.DataFrame:
    """Why each figure of a text is read so, without a run: for trying a wording, or lexicon lines of one's own.

    >>> why = explain_text("全市查找问题5个，已整改3个。", region="500000")
    >>> why[why.field == "part_of"][["value", "decided_by", "words"]].values.tolist()[:2]
    [['text:6', 'part:settled', '整改'], ['text:6', 'whole:agree', '']]

    Args:
        text: any text.
        region: code or name of the division that it is at home in, as if its title named it.
        published: the day of publication.
        options: the choices of a run, such as lexicon folders.
        language: of the column ``meaning``: english or chinese.

    Returns:
        A table as :func:`explain` gives it; figures have the ids ``text:START``. No rows where there is no figure.

    Raises:
        pipeline.explore.NotFoundError: there is no such region, or several have the name.
        pipeline.lexicon.LexiconError: a lexicon folder is missing or not in order.
        pipeline.stages.StageError: a stage fails on the text.
    """
    options = options or Options()
    with _lexicons(options.lexicons):
        title = _title(region, published) if region else None
        article = run_stages(Article("text", text, title=title, published=published), options)
        tell = _Teller(article, options, language)
        told = [row for index in range(len(article.quantities)) for row in tell.figure(index)]
    return _frame(told)


def _title(region: str, published: date | None) -> str:
    """The names of a division and of those above it, as a title would give them."""
    year = published.year if published else gazetteer.last_year()
    named = [d for d in gazetteer.divisions() if region in (d.code, d.name, d.short)]
    codes = sorted({d.code for d in [d for d in named if d.since <= year <= d.until] or named})
    if len(codes) != 1:
        known = ", ".join(f"{code} {_lineage(code, year)}" for code in codes[:5])
        told = f"there are several: {known}" if codes else "give a code of GB/T 2260 such as 500000, or a name"
        raise explore.NotFoundError(f"{region!r} is not the code or the name of one division; {told}")
    return _lineage(codes[0], year)


def _lineage(code: str, year: int) -> str:
    """A division with those above it: 重庆市万州区."""
    above = gazetteer.ancestors(code, year)
    return "".join(d.name for d in above[1:] or above)


@contextmanager
def _lexicons(folders: Sequence[str]) -> Iterator[None]:
    """Put the lexicons of a run in front, and afterwards those that were in use before."""
    before = lexicon.folders()
    lexicon.use(folders)
    try:
        yield
    finally:
        lexicon.use(before)


def _options(stored: dict[str, Any]) -> Options:
    """The options of a run from its record; what this version does not know is left out."""
    known = {f.name for f in fields(Options)}
    options = {name: value for name, value in stored.items() if name in known}
    options["columns"] = tuple((name, field) for name, field in options.get("columns", ()))
    options["lexicons"] = tuple(options.get("lexicons", ()))
    return Options(**options)


def _article(record: dict[str, Any]) -> Article:
    """The article as it was read, from its row of the output."""
    read = ("article_id", "raw_text", "source_path", "source_row", "url", "title", "author", "outlet", "published")
    return Article(**{name: record[name] for name in read}, encoding=record["encoding"])


class _Teller:
    """The reasons of an article, read once, as rows of the table."""

    def __init__(self, article: Article, options: Options, language: str) -> None:
        self._article, self._language = article, language
        self._rows = [asdict(row) for row in rows.figure_rows(article)]
        self._index = {row["figure_id"]: i for i, row in enumerate(self._rows)}
        self._stages = [stage(article, options) for stage in _STAGES if article.quantities]

    def stored(self, figure: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a figure of a run."""
        index = self._index.get(figure["figure_id"])
        return _gone(figure, self._language) if index is None else self.figure(index, figure)

    def figure(self, index: int, stored: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of one figure: the reasons of all stages, then the columns that the run holds otherwise."""
        row = self._rows[index]
        found = [reason for why in self._stages for reason in why(index)]
        found.append(_confidence(self._article, index, row["confidence"]))
        other = _differing(row, stored) if stored else {}
        told = {reason.field for reason in found}
        found += [Reason(field, "stored", "other") for field in other if field not in told]
        return [_row(self._article, row, reason, other, self._language) for reason in found]


def _row(
    article: Article, row: dict[str, Any], reason: Reason, other: dict[str, str], language: str
) -> tuple[Any, ...]:
    start, end = article.offsets.raw_span(reason.start, reason.end) if reason.start >= 0 else (None, None)
    return (
        row["figure_id"],
        reason.field,
        _shown(row, reason.field),
        other.get(reason.field, ""),
        reason.decided_by,
        meaning(reason, language),
        reason.words,
        start,
        end,
        _rounded(reason.weight),
        reason.alternative,
        _rounded(reason.alternative_weight),
    )


def _gone(figure: dict[str, Any], language: str) -> list[tuple[Any, ...]]:
    """The row of a figure of the run that is not there any more."""
    reason = Reason("quote", "stored", "gone")
    place = (figure["start"], figure["end"])
    said = (reason.decided_by, meaning(reason, language), figure["quote"])
    return [(figure["figure_id"], reason.field, "", figure["quote"], *said, *place, None, "", None)]


def _confidence(article: Article, index: int, confidence: float) -> Reason:
    """What the confidence was made of."""
    said, metric, place = article.attributions[index], article.metrics[index], article.locations[index].confidence
    if said.role not in ("result", "target"):
        detail = f"{said.confidence:.2f},{place:.2f}"
        return Reason("confidence", "confidence", "role alone", detail)
    detail = f"{said.confidence:.2f},{metric.confidence:.2f},{confidence / place:.2f},{place:.2f}"
    return Reason("confidence", "confidence", "calibrated", detail)


def _differing(row: dict[str, Any], stored: dict[str, Any]) -> dict[str, str]:
    """The columns in which the run holds something else, with what it holds."""
    known = (f.name for f in fields(FigureRow) if f.name in stored)
    return {name: _shown(stored, name) or "–" for name in known if _shown(row, name) != _shown(stored, name)}


def _shown(row: dict[str, Any], field: str) -> str:
    """A cell as text: both ends of a range, the name with the code of a region."""
    value = row[field]
    if field == "value" and row["value_max"] is not None:
        return f"{_plain(value)}–{_plain(row['value_max'])}"
    if field == "region" and value:
        return f"{value} {row['region_name']}"
    return _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else f"{value:.10g}"
    return " ".join(value) if isinstance(value, list) else str(value)


def _rounded(weight: float | None) -> float | None:
    return None if weight is None else round(weight, 2)


def _frame(told: list[tuple[Any, ...]]) -> pd.DataFrame:
    import pandas

    frame = pandas.DataFrame(told, columns=list(COLUMNS))
    kinds = {"start": "Int64", "end": "Int64", "weight": "float64", "alternative_weight": "float64"}
    return frame.astype(kinds)
