"""How likely a stretch of text is, by the frequency of its words.

The frequencies are those of jieba's dictionary; a text scores as its most likely division into words,
each word counted on its own (a unigram model). Traditional characters count as their simplified forms.
Loaded only when a damaged place leaves a choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from heapq import nlargest
from importlib.util import find_spec
from math import log
from pathlib import Path

from pipeline import lexicon

__all__ = ["CONTEXT", "fit", "likeliest", "likelihood", "rarity"]

#: characters of context on either side that a choice is weighed with
CONTEXT = 4

#: candidates that are weighed in full after the first sieve
_SHORT_LIST = 16

#: log probability of a Chinese character that stands in no word
_UNKNOWN = -20.0

_LONGEST_WORD = 5

#: a word of jieba's dictionary with its count. Words with a count below 4 are more than half of the dictionary, and
#: most have theirs for want of another; they and long words are left out
_ENTRY = re.compile(rf"^(\S{{1,{_LONGEST_WORD}}}) ([4-9]|[1-9][0-9]+) ", re.MULTILINE)

#: log probability of what is no Chinese word: punctuation as frequent as in news, letters in between rare
_PUNCTUATION = {
    **dict.fromkeys("，,、", -3.0),
    "。": -3.5,
    "\n": -9.0,
    **dict.fromkeys("“”：；:;", -5.0),
    **dict.fromkeys("《》（）()！？!?— …·%％", -7.0),
    **dict.fromkeys("0123456789.", -4.0),
}
_LETTER = -11.0

#: what a measure word gains in log probability behind a digit
_COUNTED = 3.0

#: the marks that a line ends with
_LINE_ENDS = {"。\n": -4.0, "！\n": -6.0, "？\n": -6.0, "”\n": -6.0, "；\n": -6.0, "：\n": -7.0, "…\n": -7.0}


def _dictionary(name: str) -> dict[str, list[str]]:
    """A table of OpenCC: characters and the forms that they can take in the other script."""
    spec = find_spec("opencc")
    assert spec is not None and spec.origin is not None, "opencc-python-reimplemented is a dependency"
    table = Path(spec.origin).parent / "dictionary" / name
    rows = (line.split() for line in table.read_text(encoding="utf-8").splitlines())
    return {row[0]: row[1:] for row in rows if len(row) > 1 and len(row[0]) == 1}


@cache
def _simplified() -> dict[int, str]:
    """Character by character, the first simplified form: enough to look words up."""
    return {ord(char): forms[0] for char, forms in _dictionary("TSCharacters.txt").items() if len(forms[0]) == 1}


@cache
def simplified_only() -> frozenset[str]:
    """The characters that no traditional text has: they have another traditional form and are not in Big5.

    >>> [char in simplified_only() for char in "团后群團"]
    [True, False, False, False]
    """
    changed = (char for char, forms in _dictionary("STCharacters.txt").items() if char not in forms)
    return frozenset(char for char in changed if not char.encode("big5", "ignore"))


@cache
def _words() -> dict[str, float]:
    spec = find_spec("jieba")
    assert spec is not None and spec.origin is not None, "jieba is a dependency"
    dictionary = (Path(spec.origin).parent / "dict.txt").read_text(encoding="utf-8")
    counts = {word: int(count) for word, count in _ENTRY.findall(dictionary)}
    total = log(sum(counts.values()))
    weights = {count: log(count) - total for count in set(counts.values())}
    words = {word: weights[count] for word, count in counts.items()}
    return words | _LINE_ENDS | _counted(words)


def _counted(words: Mapping[str, float]) -> dict[str, float]:
    """A digit and a measure word: behind a number a measure word is likelier than elsewhere."""
    measures = [row["word"] for row in lexicon.table("measure_words") if row["word"] in words]
    return {d + m: _PUNCTUATION[d] + words[m] + _COUNTED for d in "0123456789" for m in measures if len(m) == 1}


@lru_cache(maxsize=65536)
def likelihood(text: str) -> float:
    """The log probability of the text's most likely division into words.

    >>> likelihood("一定要牢固樹立") > likelihood("一定椅固樹立")
    True
    """
    words, single = _words().get, _single
    text = text.translate(_simplified())
    top = 0.0
    best = [top]
    for end, char in enumerate(text, 1):
        top += single(char)
        for start in range(max(0, end - _LONGEST_WORD), end - 1):
            found = words(text[start:end])
            if found is not None and best[start] + found > top:
                top = best[start] + found
        best.append(top)
    return top


@cache
def rarity(char: str) -> float:
    """The log probability of a character on its own."""
    return _single(char.translate(_simplified()))


def likeliest(left: str, options: Sequence[str], right: str) -> str:
    """The option that reads best between its neighbours.

    >>> likeliest("查找问题12", ("不", "丧", "个"), "，已整改")
    '个'
    """
    if len(options) == 1:
        return options[0]
    near_left, near_right = left[-1:], right[:1]
    before, after = likelihood(near_left), likelihood(near_right)
    fits = [max(likelihood(near_left + o) - before, likelihood(o + near_right) - after) for o in options]
    # of equals the first stays first
    short_list = nlargest(_SHORT_LIST, range(len(options)), key=fits.__getitem__)
    left, right = left[-CONTEXT:], right[:CONTEXT]
    return max((options[i] for i in short_list), key=lambda option: likelihood(left + option + right))


def fit(left: str, option: str, right: str) -> float:
    """How well a text goes with one neighbour at least: what it adds to the neighbour's log probability."""
    left, right = left[-1:], right[:1]
    return max(likelihood(left + option) - likelihood(left), likelihood(option + right) - likelihood(right))


@cache
def _single(char: str) -> float:
    if (found := _words().get(char)) is not None:
        return found
    if "\u4e00" <= char <= "\u9fff":
        return _UNKNOWN
    return _PUNCTUATION.get(char, _LETTER)
