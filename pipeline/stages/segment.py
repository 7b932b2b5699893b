"""segment: sentences, clauses and words, recognised once for all later stages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

import regex

from pipeline.model import Article, Clause, Options, Sentence, Span, evolve
from pipeline.stages.words import tag

__all__ = ["clauses", "segment", "sentences"]

#: Where a sentence ends: closing marks with the quotes and brackets that close behind them, or the end of the line.
#: It goes over all text: with one class of characters to look for, ``re`` is twice as fast as with two alternatives.
_SENTENCE_END = re.compile(r"[。！？!?\n](?:(?<!\n)[。！？!?]*+[”’」』》）)\]】]*+)?")

#: What ends a clause. A comma or colon between digits belongs to a number (2,316) or a time (8:30).
_CLAUSE_MARK = regex.compile(
    r"""
      [（(] [^（()）0-9０-９一二三四五六七八九十百千万两其]{1,6} [)）]    # a short gloss, 出国(境), marks nothing
    | [，；;（）()［］\[\]〔〕]
    | (?<![0-9]) [,:：]        # , and : unless a digit stands on both sides
    | [,:：] (?![0-9])
    | …++ | ——
    """,
    regex.VERBOSE,
)

#: A sentence can hold a figure only if it holds one of these.
_NUMBER_SIGN = re.compile(r"[0-9０-９%％二两三四五六七八九十百千万亿〇零半倍几数番]|一[^些种定般样直]")

#: how a bracket changes the depth
_DEPTH = dict.fromkeys("（([［〔", 1) | dict.fromkeys("）)]］〕", -1)

_CLOSED = frozenset("。！？!?”’」』》）)]】；;，,：")

#: A line of more characters than this without a closing mark is a paragraph that was cut, not a heading.
_LONGEST_HEADING = 50

#: A longer sentence is cut in pieces, for later stages hold every number of a sentence against every other. Of 60,000
#: sentences of news the longest has 640 characters; longer ones are tables or texts that have lost their marks.
_LONGEST_SENTENCE = 800

#: Where a sentence that is too long is cut, the best first: behind a mark, in front of a number.
_BREAKS = (re.compile(r"[；;]"), re.compile(r"[，、\s]"), re.compile(r"(?<=[^0-9０-９.．,，])(?=[0-9０-９])"))

#: ``Clause(start, end, mark, depth)`` from a tuple, without a call of a Python function for each clause
_clause: Callable[[tuple[int, int, str, int]], Clause] = partial(tuple.__new__, Clause)


def segment(article: Article, options: Options) -> Article:
    """Read the text and its furniture; add sentences with clauses, outside the furniture, and words if wanted.

    Only the tokens table needs the words of every sentence; ``attribute`` cuts those that it reads itself.
    """
    text, found = article.text, tuple(sentences(article.text, article.furniture))
    words = (
        {i: tag(text[s.start : s.end], options.segmenter, s.start) for i, s in enumerate(found)}
        if options.tokens
        else {}
    )
    return evolve(article, sentences=found, words=words)


def sentences(text: str, furniture: tuple[Span, ...] = ()) -> Iterator[Sentence]:
    """Cut a text at closing marks and line ends, leaving out blank lines and furniture.

    A sentence without any sign of a number gets no clauses: no later stage reads them. One of more than 800 characters
    is cut at semicolons, else at commas, blanks or before a number.

    >>> [text[s.start:s.end] for text in ["好。共查找问题5个！"] for s in sentences(text)]
    ['好。', '共查找问题5个！']
    """
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    bounds = (0, *ends)
    if any(end - start > _LONGEST_SENTENCE for start, end in pairwise(bounds)):
        bounds = tuple(_bounded(text, bounds))
    has_number = _NUMBER_SIGN.search
    paragraph = 0
    skipped = iter(furniture)
    skip = next(skipped, None)
    line_start = True
    for start, end in pairwise(bounds):
        ends_line = text[end - 1 : end] == "\n"
        if ends_line or text[start : start + 1].isspace() or text[end - 1 : end].isspace():
            start, end = _trimmed(text, start, end)
        while skip is not None and skip.end <= start:
            skip = next(skipped, None)
        if start < end and not (skip is not None and skip.start <= start and end <= skip.end):
            heading = line_start and ends_line and end - start <= _LONGEST_HEADING and text[end - 1] not in _CLOSED
            parts = clauses(text, start, end) if has_number(text, start, end) else ()
            yield Sentence(start, end, paragraph, parts, heading)
            line_start = False
        if ends_line:
            paragraph += 1
            line_start = True


def _bounded(text: str, bounds: Sequence[int]) -> Iterator[int]:
    """The bounds of sentences, with further ones where two are too far from each other."""
    yield bounds[0]
    for start, end in pairwise(bounds):
        while end - start > _LONGEST_SENTENCE:
            start = _break(text, start + _LONGEST_SENTENCE // 2, start + _LONGEST_SENTENCE)
            yield start
        yield end


def _break(text: str, low: int, high: int) -> int:
    """The last place to cut between two offsets; the higher one where the text has no such place."""
    for pattern in _BREAKS:
        places = [found.end() for found in pattern.finditer(text, low, high)]
        if places:
            return places[-1]
    return high


def clauses(text: str, start: int, end: int) -> tuple[Clause, ...]:
    """Cut a sentence at commas, semicolons, colons and brackets; brackets count the depth.

    >>> text = "立案5件(其中移送2件)，处分1人"
    >>> [(text[c.start:c.end], c.mark, c.depth) for c in clauses(text, 0, len(text))]
    [('立案5件', '(', 0), ('其中移送2件', ')', 1), ('处分1人', '', 0)]
    """
    found: list[Clause] = []
    depth = 0
    for match in _CLAUSE_MARK.finditer(text, start, end):
        at, behind = match.span()
        if behind - at > 2:
            continue
        mark = text[at:behind]
        if at > start:
            found.append(_clause((start, at, mark, depth)))
        if mark in _DEPTH:
            depth = max(0, depth + _DEPTH[mark])
        start = behind
    if start < end:
        found.append(_clause((start, end, "", depth)))
    return tuple(found)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
