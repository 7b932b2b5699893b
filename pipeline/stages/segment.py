"""segment: sentences, clauses and words, recognised once for all later stages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import regex

from pipeline.model import Article, Clause, Options, Sentence, Span
from pipeline.stages.words import tag

__all__ = ["clauses", "segment", "sentences"]

#: A sentence: up to a closing mark with the quotes and brackets that close behind it, or the rest of the line.
_SENTENCE = regex.compile(r"[^。！？!?\n]*+(?:[。！？!?]++[”’」』》）)\]】]*+|\n|\Z)")

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
_NUMBER_SIGN = regex.compile(r"[0-9０-９%％二两三四五六七八九十百千万亿〇零半倍几数番]|一[^些种定般样直]")

_OPEN, _CLOSE = "（([［〔", "）)]］〕"

#: A line of more characters than this without a closing mark is a paragraph that was cut, not a heading.
_LONGEST_HEADING = 50


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
    return replace(article, sentences=found, words=words)


def sentences(text: str, furniture: tuple[Span, ...] = ()) -> Iterator[Sentence]:
    """Cut a text at closing marks and line ends, leaving out blank lines and furniture.

    A sentence without any sign of a number gets no clauses: no later stage reads them.

    >>> [text[s.start:s.end] for text in ["好。共查找问题5个！"] for s in sentences(text)]
    ['好。', '共查找问题5个！']
    """
    paragraph = 0
    skipped = iter(furniture)
    skip = next(skipped, None)
    line_start = True
    for found in _SENTENCE.finditer(text):
        start, end = found.span()
        if start == end:
            break
        ends_line = text[end - 1] == "\n"
        start, end = _trimmed(text, start, end)
        while skip is not None and skip.end <= start:
            skip = next(skipped, None)
        if start < end and not (skip is not None and skip.start <= start and end <= skip.end):
            closed = text[end - 1] in "。！？!?”’」』》）)]】；;，,："
            heading = line_start and ends_line and not closed and end - start <= _LONGEST_HEADING
            parts = tuple(clauses(text, start, end)) if _NUMBER_SIGN.search(text, start, end) else ()
            yield Sentence(start, end, paragraph, parts, heading)
            line_start = False
        if ends_line:
            paragraph += 1
            line_start = True


def clauses(text: str, start: int, end: int) -> Iterator[Clause]:
    """Cut a sentence at commas, semicolons, colons and brackets; brackets count the depth.

    >>> text = "立案5件(其中移送2件)，处分1人"
    >>> [(text[c.start:c.end], c.mark, c.depth) for c in clauses(text, 0, len(text))]
    [('立案5件', '(', 0), ('其中移送2件', ')', 1), ('处分1人', '', 0)]
    """
    depth = 0
    for found in _CLAUSE_MARK.finditer(text, start, end):
        mark = found.group()
        if len(mark) > 2:
            continue
        if found.start() > start:
            yield Clause(start, found.start(), mark, depth)
        if mark in _OPEN:
            depth += 1
        elif mark in _CLOSE:
            depth = max(0, depth - 1)
        start = found.end()
    if start < end:
        yield Clause(start, end, "", depth)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
