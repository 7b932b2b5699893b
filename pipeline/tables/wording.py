"""How much two texts share of their wording, and whether they give the same numbers in it.

A text is seen as the set of its *shingles*: all runs of :data:`SHINGLE` characters, blanks and punctuation left
out, because sites fold and drop these (Broder 1997, On the resemblance and containment of documents).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import regex

    Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
    Codes = np.ndarray[tuple[int], np.dtype[np.uint32]]
    Sizes = np.ndarray[tuple[int], np.dtype[np.int64]]

__all__ = [
    "BANDS",
    "SHINGLE",
    "Numbers",
    "Wording",
    "band_keys",
    "bodies",
    "body",
    "containment",
    "numbers",
    "shared_wording",
    "shingles",
    "shingles_of",
    "verbatim",
]

#: characters of a shingle: longer than the stock phrases that unrelated reports share
SHINGLE = 12

#: bands of the signature and values of a band. Two texts share a band with probability J**ROWS, J being their
#: Jaccard similarity; a reprint cut to a third has J = 1/3 and is met with probability 1 - (1 - 1/9)**64 = 0.9995
BANDS = 64
_ROWS = 2
_SEED = 20140501

#: a clause counts as the same in both texts if it has so many characters besides its numbers
_CLAUSE = 3

#: Two texts are aligned over so many clauses and looked through for so many sentences, for the time grows with the
#: square of their number; a wording that one of them has more often than so many times is left out of the alignment.
_MOST_CLAUSES, _MOST_TIMES, _MOST_SENTENCES = 1000, 5, 1000

#: a clause: its wording with numbers masked, and the numbers
_Clause: TypeAlias = tuple[str, list[str]]


class _Patterns(NamedTuple):
    #: what is no letter and no digit
    noise: regex.Pattern[str]
    #: a sentence with the mark that ends it
    sentence: regex.Pattern[str]
    #: a sentence up to the next comma; the commas of 1,234,567 do not count
    clause: regex.Pattern[str]
    number: regex.Pattern[str]


@cache
def _patterns() -> _Patterns:
    import regex

    return _Patterns(
        noise=regex.compile(r"[^\p{L}\p{N}]+"),
        sentence=regex.compile(r"[^。！？；!?;\n]+[。！？；!?;]"),
        clause=regex.compile(r"(?:[^，、：,:。！？；!?;]|(?<=\d),(?=\d{3}))+"),
        number=regex.compile(r"\d+(?:,\d{3})*(?:\.\d+)?"),
    )


def body(text: str) -> str:
    """The text without blanks and punctuation.

    >>> body("全市 查找问题4,179个。")
    '全市查找问题4179个'
    """
    return str(_patterns().noise.sub("", text))


#: no letter and no digit has a code point from here on
_PLANES = 0x40000


@cache
def _is_wording() -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For each code point below :data:`_PLANES` whether :func:`body` keeps it; the last one stands for all others."""
    import numpy as np

    kept = np.ones(_PLANES, dtype=bool)
    for run in _patterns().noise.finditer("".join(map(chr, range(_PLANES)))):
        kept[run.start() : run.end()] = False
    kept[-1] = False
    return kept


def bodies(texts: Sequence[str]) -> tuple[Codes, Sizes]:
    """The :func:`body` of many texts at once: their code points one after the other, and the size of each."""
    import numpy as np

    codes = _code_points("".join(texts))
    kept = np.take(_is_wording(), codes, mode="clip")
    until = np.concatenate(([0], np.cumsum(kept)))[np.cumsum([0, *map(len, texts)])]
    return codes[kept], np.diff(until)


def _code_points(text: str) -> Codes:
    import numpy as np

    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def shingles(text: str) -> Hashes:
    """The hashes of the runs of :data:`SHINGLE` characters of a :func:`body`, in the order of the text."""
    return _runs(_code_points(text))


def shingles_of(codes: Codes, sizes: Sizes) -> tuple[Hashes, Sizes]:
    """The :func:`shingles` of many texts at once, given as by :func:`bodies`, and how many each text has."""
    import numpy as np

    hashes = _runs(codes)
    counts = np.maximum(sizes - (SHINGLE - 1), 0)
    begins = np.cumsum(sizes) - sizes
    # a run belongs to a text if it begins among the first of its characters
    owned = np.repeat(begins - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    return hashes[owned], counts


#: odd, so that it has an inverse modulo 2**64
_BASE = 0x9E3779B97F4A7C15


@cache
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """The powers of the base and of its inverse, modulo 2**64."""
    return _powers_of(_BASE, size), _powers_of(pow(_BASE, -1, 1 << 64), size)


def _powers_of(base: int, size: int) -> Hashes:
    import numpy as np

    factors = np.full(size, base, dtype=np.uint64)
    factors[0] = 1
    return np.cumprod(factors)


#: code points that are hashed at a time: they stay in the processor's cache
_BLOCK = 32_768


def _runs(codes: Codes) -> Hashes:
    """The hash of each run of :data:`SHINGLE` code points: a polynomial of them (Rabin 1981), then mixed."""
    import numpy as np

    blocks = [_runs_of_block(codes[at : at + _BLOCK + SHINGLE - 1]) for at in range(0, len(codes), _BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.uint64)


def _runs_of_block(codes: Codes) -> Hashes:
    import numpy as np

    up, down = _powers(_BLOCK + SHINGLE)
    until = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * up[: len(codes)], out=until[1:])
    hashes = until[SHINGLE:] - until[: max(len(until) - SHINGLE, 0)]
    # the sum begins at another power in each place; brought back to the first
    hashes *= down[: len(hashes)]
    # mixed as in SplitMix64, since equal characters leave patterns in the lower bits
    hashes ^= hashes >> np.uint64(30)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(27)
    return hashes


def band_keys(hashes: Hashes, counts: Sizes) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    """The MinHash signature of each text as :data:`BANDS` keys; equal keys in a band make two texts candidates.

    Args:
        hashes: the shingles of all texts, one after the other.
        counts: how many each text has, none of them 0.
    """
    import numpy as np
    from rensa import RMinHash

    ends = np.concatenate(([0], np.cumsum(counts))).astype(np.uint64)
    digests = RMinHash.digest_matrix_from_flat_token_hashes(hashes, ends, BANDS * _ROWS, _SEED)
    values = np.array(digests.to_rows(), dtype=np.uint64).reshape(len(counts), BANDS, _ROWS)
    return (values[:, :, 0] << np.uint64(32)) | values[:, :, 1]


def containment(shorter: str, longer: str) -> float:
    """The share of the shingles of the shorter text that the longer one has, exactly; both as :func:`body`.

    >>> containment("春眠不觉晓处处闻啼鸟夜来风雨声", "孟浩然春眠不觉晓处处闻啼鸟夜来风雨声花落知多少")
    1.0
    """
    if len(shorter) > len(longer):
        shorter, longer = longer, shorter
    if len(shorter) < SHINGLE:
        return float(shorter in longer)
    return shared_wording(_different(shorter), _different(longer))


def _different(text: str) -> Hashes:
    """The :func:`shingles` of a body, in ascending order, each once."""
    import numpy as np

    return np.unique(shingles(text))


def shared_wording(few: Hashes, many: Hashes) -> float:
    """The share of the different shingles of one text that another one has; none of a text without any.

    Args:
        few: the shingles of a text, in ascending order, each once.
        many: those of the other one.
    """
    import numpy as np

    if not len(few) or not len(many):
        return 0.0
    places = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return float((many[places] == few).mean())


class Wording:
    """A text with what comparisons ask of it, each found out once."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def body(self) -> str:
        """As :func:`body`."""
        return body(self.text)

    @cached_property
    def shingles(self) -> Hashes:
        """The shingles of the body, in ascending order, each once."""
        return _different(self.body)

    @cached_property
    def without_digits(self) -> Hashes:
        """The same of the body without its digits."""
        return _different(self.body.translate(_NO_DIGITS) or self.body)


_NO_DIGITS = {ord(digit): None for digit in "0123456789"}


def verbatim(first: str, second: str) -> float:
    """The share of the shorter text, in characters, that is whole sentences of the longer text, word for word.

    >>> verbatim("雨停了。天晴了。", "今天雨停了。天还阴着。")
    0.5
    """
    shorter, longer = sorted((first, second), key=len)
    known = body(longer)
    sentences = [body(found[0]) for found in islice(_patterns().sentence.finditer(shorter), _MOST_SENTENCES)]
    return sum(len(s) for s in sentences if s in known) / max(sum(map(len, sentences)), 1)


class Numbers(NamedTuple):
    """The numbers that two texts give in clauses of the same wording."""

    same: int
    different: int


def numbers(first: str, second: str) -> Numbers:
    """Compare the numbers of two texts where their wording is the same.

    The clauses of whole sentences are aligned in order with their numbers masked; a line that does not end as a
    sentence does (a heading, a line with date and clicks) is left out.

    >>> numbers("截至6月底,全县查摆问题862个。", "截至9月底,全县查摆问题945个。")
    Numbers(same=0, different=2)
    """
    one, two = _comparable(list(_clauses(first)), list(_clauses(second)))
    matcher = SequenceMatcher(None, [wording for wording, _ in one], [wording for wording, _ in two], autojunk=False)
    same = different = 0
    for start, other, size in matcher.get_matching_blocks():
        for (_, left), (_, right) in zip(one[start : start + size], two[other : other + size], strict=True):
            agree = sum(a == b for a, b in zip(left, right, strict=True))
            same += agree
            different += len(left) - agree
    return Numbers(same, different)


def _comparable(one: list[_Clause], two: list[_Clause]) -> tuple[list[_Clause], list[_Clause]]:
    """The clauses that are aligned: a wording that returns again and again (a table, a list) says nothing of order."""
    times = Counter(wording for wording, _ in one) | Counter(wording for wording, _ in two)
    first, second = ([c for c in clauses if times[c[0]] <= _MOST_TIMES][:_MOST_CLAUSES] for clauses in (one, two))
    return first, second


def _clauses(text: str) -> Iterator[_Clause]:
    """The clauses of a text: their wording with numbers masked, and the numbers."""
    import unicodedata

    _, sentence, clause, number = _patterns()
    for found in sentence.finditer(unicodedata.normalize("NFKC", text)):
        for part in clause.finditer(found[0]):
            wording = body(number.sub("#", part[0]))
            if len(wording) >= _CLAUSE:
                # the mask is punctuation: its places come back as a count, so that equal wording has equal numbers
                values = [n.replace(",", "") for n in number.findall(part[0])]
                yield f"{wording}{len(values)}", values
