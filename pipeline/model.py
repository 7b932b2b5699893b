"""The records that walk through the house, each defined once.

An :class:`Article` is read as bytes and collects, stage by stage, what is known of it. Every record is
immutable: a stage returns a new article with its own fields filled in (:func:`evolve`) and changes nothing that
an earlier stage wrote.

The records that belong to one number of the text are kept in tuples that run parallel to
``Article.quantities``: ``attributions[i]``, ``locations[i]``, ``periods[i]`` and ``metrics[i]`` speak of
``quantities[i]``. All offsets in these records are half-open code point offsets into ``Article.text``;
``Article.offsets`` turns them into offsets into ``Article.raw_text``.

:class:`ArticleRow`, :class:`FigureRow` and :class:`TokenRow` are the rows of the output; their Arrow schemas
are made from the annotations (:func:`pipeline.rows.schema`), so a column is named once, here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, NamedTuple

from pipeline.offsets import OffsetMap

__all__ = [
    "Article",
    "ArticleRow",
    "Attribution",
    "Clause",
    "FigureRow",
    "Location",
    "Metric",
    "Options",
    "Period",
    "Quantity",
    "Reject",
    "Repair",
    "Sentence",
    "Span",
    "TokenRow",
    "Word",
    "evolve",
]


class Span(NamedTuple):
    """A half-open stretch of text."""

    start: int
    end: int


class Repair(NamedTuple):
    """One place of ``raw_text`` that was mended: ``raw_text[start:end]`` became ``after``."""

    start: int
    end: int
    after: str
    #: name of the damage, such as ``reading`` or ``byte-shift``
    kind: str
    #: True where bytes were lost for good and the word was chosen by frequency
    guessed: bool = False


class Clause(NamedTuple):
    """A stretch of a sentence up to one separator; ``mark`` is that separator (，；。：、 bracket) or ''."""

    start: int
    end: int
    mark: str
    #: how many brackets it stands in; the text of 立案5件(其中移送2件) has a clause of depth 1
    depth: int = 0


class Sentence(NamedTuple):
    """A sentence or a heading, with its clauses in order."""

    start: int
    end: int
    #: number of its paragraph (line) in the article, from 0
    paragraph: int
    clauses: tuple[Clause, ...]
    #: a line of its own without a closing mark
    heading: bool = False


class Word(NamedTuple):
    """A word with jieba's part of speech tag."""

    start: int
    end: int
    text: str
    tag: str


class Quantity(NamedTuple):
    """A number with its measure word, as the grammar of quantities reads it."""

    start: int
    end: int
    value: float
    value_max: float | None
    #: exact, about, over, at_least, under, at_most, range or vague
    bound: str
    unit: str
    #: count, people, money, percent, change or measure
    kind: str
    #: index into ``Article.sentences``
    sentence: int
    #: index into that sentence's ``clauses``
    clause: int
    #: name of the rule of the grammar that matched
    rule: str


class Attribution(NamedTuple):
    """What a quantity says: whose it is, of what, by which deed, and of which whole it is a part."""

    #: result, target, actor or context
    role: str
    action: str = ""
    object: str = ""
    actor: str = ""
    actor_level: str | None = None
    #: up, down or ''
    direction: str = ""
    #: index of the whole in ``Article.quantities``
    part_of: int | None = None
    rule: str = ""
    confidence: float = 1.0


class Location(NamedTuple):
    """The administrative division of a quantity. ``region`` is a 6-digit GB/T 2260 code."""

    region: str | None
    region_name: str | None = None
    province: str | None = None
    prefecture: str | None = None
    county: str | None = None
    #: below county, or a zone
    place: str | None = None
    #: clause, sentence, paragraph, article or outlet
    basis: str | None = None
    #: codes between which the text does not decide
    candidates: tuple[str, ...] = ()
    confidence: float = 1.0


class Period(NamedTuple):
    """The reporting period and the campaign of a quantity."""

    start: date | None = None
    end: date | None = None
    #: the words that say so, '' where nothing does
    text: str = ""
    campaign: str | None = None


class Metric(NamedTuple):
    """The metric of the catalogue (``lexicon/metrics.csv``) that a quantity belongs to, '' for none."""

    metric: str
    rule: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can choose for a run; part of the key under which finished work is kept."""

    #: rjieba (fast) or jieba (the reference)
    segmenter: str = "rjieba"
    #: write the tokens table
    tokens: bool = False
    #: record column -> contract column, put before the names known to the reader
    columns: tuple[tuple[str, str], ...] = ()
    #: folders with the user's own lexicon files, the first wins
    lexicons: tuple[str, ...] = ()
    #: seconds an article may take before it is rejected
    time_limit: float = 60.0


@dataclass(frozen=True, slots=True)
class Reject:
    """An input, or a record of one, that could not be used."""

    file: str
    #: row of the record in its file, from 1; None for the file as a whole
    row: int | None
    #: a short fixed name of the reason, such as ``empty`` or ``duplicate-id``
    reason: str
    #: the reason in words for the person who must act
    detail: str = ""


# without slots: a record that keeps its fields in a dict is copied by one call, at a quarter of the time
@dataclass(frozen=True)
class Article:
    """A report on its way through the stages. Each block of fields is filled in by the stage named over it."""

    # read
    article_id: str
    raw_text: str
    source_path: str = ""
    source_row: int | None = None
    url: str | None = None
    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    published: date | None = None
    encoding: str = "utf-8"
    # repair (text, later simplified in place: simplification keeps every length)
    text: str = ""
    offsets: OffsetMap = field(default_factory=OffsetMap.identity)
    repairs: tuple[Repair, ...] = ()
    n_damaged: int = 0
    #: spans of ``text`` that are header or footer, not body
    furniture: tuple[Span, ...] = ()
    # simplify
    script: str = "simplified"
    # segment
    sentences: tuple[Sentence, ...] = ()
    #: words of all sentences, by sentence index; with ``Options.tokens``
    words: dict[int, tuple[Word, ...]] = field(default_factory=dict)
    # extract
    quantities: tuple[Quantity, ...] = ()
    # attribute
    attributions: tuple[Attribution, ...] = ()
    #: the named clues of every quantity, from which its role was and its metric will be decided
    clues: tuple[Sequence[str], ...] = ()
    # locate
    locations: tuple[Location, ...] = ()
    region: str | None = None
    # date
    periods: tuple[Period, ...] = ()
    campaigns: tuple[str, ...] = ()
    # classify
    metrics: tuple[Metric, ...] = ()


_N_FIELDS = len(fields(Article))


def evolve(article: Article, **changes: Any) -> Article:
    """The article with some fields changed: :func:`dataclasses.replace` at a tenth of its time, for every stage.

    >>> evolve(Article("1", "全市"), text="全市").text
    '全市'

    Raises:
        KeyError: an article has no field of that name.
    """
    new = object.__new__(Article)
    values = new.__dict__
    values.update(article.__dict__)
    values.update(changes)
    if len(values) > _N_FIELDS:
        raise KeyError(*(changes.keys() - article.__dict__.keys()))
    return new


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One row of ``articles/*.parquet``."""

    article_id: str
    source_path: str
    source_row: int | None
    url: str | None
    title: str | None
    author: str | None
    outlet: str | None
    published: date | None
    script: str
    encoding: str
    raw_text: str
    text: str
    n_repairs: int
    n_damaged: int
    region: str | None
    campaigns: list[str]
    n_figures: int
    duplicate_of: str | None
    sha256: str
    #: they turn ``raw_text`` into ``text``, but for the script
    repairs: list[Repair] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row of ``figures/*.parquet``. Offsets are into ``raw_text``; ``sentence`` is simplified text."""

    figure_id: str
    article_id: str
    start: int
    end: int
    quote: str
    sentence: str
    sentence_start: int
    sentence_end: int
    value: float
    value_max: float | None
    bound: str
    unit: str
    kind: str
    direction: str
    role: str
    metric: str
    action: str
    object: str
    actor: str
    actor_level: str | None
    region: str | None
    region_name: str | None
    province: str | None
    prefecture: str | None
    county: str | None
    place: str | None
    region_basis: str | None
    region_candidates: list[str]
    campaign: str | None
    period_start: date | None
    period_end: date | None
    period_text: str
    part_of: str | None
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One row of ``tokens/*.parquet``: a word of the simplified text. Offsets are into ``raw_text``."""

    article_id: str
    #: number of its sentence in the article, from 0
    sentence: int
    start: int
    end: int
    text: str
    #: jieba's part of speech
    tag: str
