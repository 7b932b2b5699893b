"""Where a report tells of plans and where of what was done: the lines that lead to a sentence.

A figure of a plan seldom stands beside the word that says so. Plans are told in lists that a line announces
(下半年这样干：), under a heading (二、整治目标), behind the first sentence of a paragraph (县长随后布置2026年的事。),
in a report whose title says it. Those lines, told apart by how they lead, are the leaders of a sentence. What counts
are the words of plans and of results in them (``announces`` and ``tells`` in ``lexicon/function_words.csv``, and
``lexicon/target_words.csv``), and how the years that they name stand to that of the report.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline import lexicon
from pipeline.model import Article
from pipeline.stages.attribute.frames import function_words
from pipeline.stages.attribute.time_clues import Moment, stands, targets
from pipeline.stages.linear import Group

__all__ = ["Leaders"]

#: How an item of a list of paragraphs begins: with a number or a mark, or with a label of a few characters.
_ITEM = re.compile(
    r"[一二三四五六七八九十]{1,3}(?:是|、|要)|[（(][一二三四五六七八九十0-9]{1,3}[)）]|[0-9]{1,2}(?:[.．、)）](?![0-9]))"
    r"|第[一二三四五六七八九十]{1,3}[，、是步条]?|[其首][一二三四五六先]|再次|最后|——|[—●■◆▲★·•①-⑳－-]"
    r"|[一二三四]季度|[“‘]?[^，。；：:\s\n0-9]{1,10}[：:。．](?!\n|$)"
)

#: Longer lines lead with their end.
_END_OF_LEADER = 100

#: Items of a list are told apart up to this many.
_ITEMS = 3


class _Words(NamedTuple):
    """What is looked for in a leader."""

    named: re.Pattern[str]
    done: re.Pattern[str]
    #: a word of plans in front of a colon
    opens: re.Pattern[str]


@cache
def _words() -> _Words:
    # the longest first: 工作安排 before 安排
    plans = "|".join(sorted(function_words("announces"), key=lambda word: (-len(word), word)))
    told, done = ("|".join(sorted(function_words(kind))) for kind in ("tells", "done"))
    patterns = (f"{plans}|{told}", done, rf"(?:{plans})[^，。；：:\n]{{0,6}}[:：]")
    return _Words(*(re.compile(pattern) for pattern in patterns))


lexicon.on_change(_words)


class Leaders:
    """The leaders of the sentences of an article, and the clues that they give to a figure."""

    def __init__(self, article: Article, now: Moment) -> None:
        self._text, self._sentences, self._now = article.text, article.sentences, now
        self._told: dict[tuple[str, int], list[str]] = {}
        #: the first sentence of each paragraph
        self._firsts = [at for at in range(len(self._sentences)) if self._begins_paragraph(at)]
        self._headings = [at for at, sentence in enumerate(article.sentences) if sentence.heading]
        self._lists = dict(self._items())
        self._title = self._find("title", article.title) if article.title else []

    def clues(self, number: int) -> Group:
        """The clues of the leaders of a sentence, and whether it announces plans itself."""
        found = list(self._title)
        for how, leader in self._of(number):
            found += self._say(how, leader)
        if (item := self._lists.get(self._place(number))) is not None:
            found.append(f"item of a list={min(item[1], _ITEMS)}")
        sentence = self._sentences[number]
        if _words().opens.search(self._text, sentence.start, sentence.end):
            found.append("plan announced")
        return _group(*found)

    def _begins_paragraph(self, number: int) -> bool:
        return not number or self._sentences[number - 1].paragraph != self._sentences[number].paragraph

    def _place(self, number: int) -> int:
        """Which paragraph a sentence stands in."""
        return bisect_right(self._firsts, number) - 1

    def _of(self, number: int) -> Iterator[tuple[str, int]]:
        """How each leader of a sentence leads, and its number."""
        place = self._place(number)
        first = self._firsts[place]
        if not self._title and number and self._sentences[0].heading:
            yield "title", 0
        above = bisect_right(self._headings, number - 1)
        if above and self._headings[above - 1] > 0:
            yield "heading", self._headings[above - 1]
        if (item := self._lists.get(place)) is not None:
            yield "list", item[0]
        if first < number:
            yield "paragraph", first
        if first < number - 1:
            yield "last", number - 1
        elif first == number and place and not self._sentences[first - 1].heading:
            yield "before", first - 1

    def _items(self) -> Iterator[tuple[int, tuple[int, int]]]:
        """For each paragraph that is an item of a list: the sentence that announces the list, and which item it is."""
        leader, count = -1, 0
        for place, (first, behind) in enumerate(pairwise([*self._firsts, len(self._sentences)])):
            text = self._text[self._sentences[first].start : self._sentences[behind - 1].end]
            before = self._sentences[first - 1] if first else None
            opened = before is not None and self._text[before.start : before.end].endswith(("：", ":", "——"))
            if opened:
                leader, count = first - 1, 1
            elif _ITEM.match(text) or text.endswith(("；", ";")):
                count += 1
                # a list that nothing with a colon announces is led by what stands before it
                leader = first - 1 if count == 1 else leader
            elif count and self._text[self._sentences[first - 1].end - 1] in "；;":
                count += 1
            else:
                leader, count = -1, 0
            if leader >= 0:
                yield place, (leader, count)

    def _say(self, how: str, leader: int) -> list[str]:
        found = self._told.get((how, leader))
        if found is None:
            sentence = self._sentences[leader]
            text = self._text[max(sentence.start, sentence.end - _END_OF_LEADER) : sentence.end]
            found = self._told[how, leader] = self._find(how, text)
        return found

    def _find(self, how: str, text: str) -> list[str]:
        """What the words of a leader say, and the years that it names."""
        named, done, _ = _words()
        found = {f"{how} with={word}" for word in named.findall(text)}
        if targets().search(text):
            found.add(f"{how} plans" + (", then done" if done.search(text) else ""))
        if when := stands(text, self._now):
            found.add(f"{how} of={when}")
        return sorted(found)


@lru_cache(maxsize=4096)
def _group(*found: str) -> Group:
    return Group(found)
