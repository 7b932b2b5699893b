"""How much two texts share of their wording, and whether they give the same numbers in it.

A text is seen as the set of its *shingles*: all runs of :data:`SHINGLE` characters, blanks and punctuation left
out, because sites fold and drop these (Broder 1997, On the resemblance and containment of documents).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import regex

    Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

__all__ = ["BANDS", "SHINGLE", "Numbers", "band_keys", "body", "containment", "numbers", "shingles", "verbatim"]

#: characters of a shingle: longer than the stock phrases that unrelated reports share
SHINGLE = 12

#: bands of the signature and values of a band. Two texts share a band with probability J**ROWS, J being their
#: Jaccard similarity; a reprint cut to a third has J = 1/3 and is met with probability 1 - (1 - 1/9)**64 = 0.9995
BANDS = 64
_ROWS = 2
_SEED = 20140501

#: a clause counts as the same in both texts if it has so many characters besides its numbers
_CLAUSE = 3


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


def shingles(text: str) -> Hashes:
    """The hashes of the runs of :data:`SHINGLE` characters of a :func:`body`, in the order of the text."""
    import numpy as np

    runs = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    # runs of 1, 2, 4, 8 characters by doubling; then 8 and 4 make 12
    step = np.uint64(0x9E3779B97F4A7C15)
    by_length = {1: runs * np.uint64(0xBF58476D1CE4E5B9) + step}
    length = 1
    while length * 2 <= SHINGLE:
        by_length[length * 2] = _join(by_length[length], by_length[length], length)
        length *= 2
    hashes, done = by_length[length], length
    while done < SHINGLE:
        length = max(n for n in by_length if n <= SHINGLE - done)
        hashes = _join(hashes, by_length[length], done)
        done += length
    return hashes


def _join(first: Hashes, second: Hashes, distance: int) -> Hashes:
    """The hash of each run of ``first`` with the run of ``second`` that begins ``distance`` characters later."""
    import numpy as np

    size = max(len(second) - distance, 0)
    mixed = first[:size] * np.uint64(0x9E3779B97F4A7C15) + second[distance : distance + size]
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def band_keys(texts: Sequence[Hashes]) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    """The MinHash signature of each text as :data:`BANDS` keys; equal keys in a band make two texts candidates."""
    import numpy as np
    from rensa import RMinHash

    ends = np.cumsum([0, *(len(t) for t in texts)], dtype=np.uint64)
    flat = np.concatenate(texts) if texts else np.zeros(0, dtype=np.uint64)
    digests = RMinHash.digest_matrix_from_flat_token_hashes(flat, ends, BANDS * _ROWS, _SEED)
    values = np.array(digests.to_rows(), dtype=np.uint64).reshape(len(texts), BANDS, _ROWS)
    return (values[:, :, 0] << np.uint64(32)) | values[:, :, 1]


def containment(shorter: str, longer: str) -> float:
    """The share of the shingles of the shorter text that the longer one has, exactly; both as :func:`body`.

    >>> containment("春眠不觉晓处处闻啼鸟夜来风雨声", "孟浩然春眠不觉晓处处闻啼鸟夜来风雨声花落知多少")
    1.0
    """
    import numpy as np

    if len(shorter) > len(longer):
        shorter, longer = longer, shorter
    if len(shorter) < SHINGLE:
        return float(shorter in longer)
    small, large = np.unique(shingles(shorter)), np.unique(shingles(longer))
    return float(np.isin(small, large, assume_unique=True).mean())


def verbatim(first: str, second: str) -> float:
    """The share of the shorter text, in characters, that is whole sentences of the longer text, word for word.

    >>> verbatim("雨停了。天晴了。", "今天雨停了。天还阴着。")
    0.5
    """
    shorter, longer = sorted((first, second), key=len)
    known = body(longer)
    sentences = [body(found[0]) for found in _patterns().sentence.finditer(shorter)]
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
    one, two = list(_clauses(first)), list(_clauses(second))
    matcher = SequenceMatcher(None, [wording for wording, _ in one], [wording for wording, _ in two], autojunk=False)
    same = different = 0
    for start, other, size in matcher.get_matching_blocks():
        for (_, left), (_, right) in zip(one[start : start + size], two[other : other + size], strict=True):
            agree = sum(a == b for a, b in zip(left, right, strict=True))
            same += agree
            different += len(left) - agree
    return Numbers(same, different)


def _clauses(text: str) -> Iterator[tuple[str, list[str]]]:
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
