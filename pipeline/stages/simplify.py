"""Traditional characters to simplified ones, with every offset kept.

The knowledge is that of ``opencc-python-reimplemented``: its dictionaries of characters and phrases are read
from the installed package on first use, and its conversion ``t2s`` is what :func:`convert` does. Only the
machinery is ours: single characters by one table lookup over the whole text, phrases by a multi-pattern
matcher. The tests hold both against the library's own output, on every dictionary key and on made text.
Quotes, which that leaves alone, become the curly ones of simplified texts, so that later stages know but one kind.

What a text needs is decided before anything is converted. A character belongs to one script alone when the
dictionaries turn it into another and never leave it as it is; 乾 (乾县), 后 and 干 belong to both. A simplified
text passes unchanged, and one with a few strays among simplified characters has these mended and nothing
else: t2s on the whole of it would write 干县 for 乾县.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import lexicon
from pipeline.model import Article, Options, evolve

if TYPE_CHECKING:
    import numpy as np
    from daachorse import CharwiseDoubleArrayAhoCorasick
    from numpy.typing import NDArray

__all__ = ["DictionaryError", "ScriptCount", "convert", "count_script", "curly", "name_script", "simplify"]

#: A text is mixed when the rarer script has this share of the characters that belong to one script alone;
#: fewer are slips of the pen, names and left-overs of a conversion.
MIXED_SHARE = 0.1

_MISSING = (
    "The dictionaries for the conversion to simplified characters were not found. "
    "Run: pip install --force-reinstall opencc-python-reimplemented"
)
_SHADOWED = (
    "The package 'opencc' is installed. It has the same module name as opencc-python-reimplemented, whose "
    "dictionaries zhanbao reads, and each overwrites the other's files. "
    "Run: pip uninstall -y opencc opencc-python-reimplemented && pip install opencc-python-reimplemented"
)


class DictionaryError(RuntimeError):
    """The dictionaries of opencc-python-reimplemented cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ScriptCount:
    """How many characters of a text belong to one script alone."""

    traditional: int
    simplified: int


def simplify(article: Article, options: Options) -> Article:
    """Read text, title, outlet and author; write them in simplified characters, and name the text's script.

    Lengths do not change, so offsets into ``text`` stay valid. ``raw_text`` keeps the text as it was; the
    title, outlet and author are read by later stages (a region in a headline, the campaign in a title) and
    are therefore simplified in place.
    """
    if _has_other_quotes(article.text, article.title):
        title = curly(article.title) if article.title else article.title
        article = evolve(article, text=curly(article.text), title=title)
    if not _has_traditional(article.text, article.title, article.outlet, article.author):
        return article
    count = count_script(article.text)
    script = name_script(count)
    return evolve(
        article,
        script=script,
        text=_simplified(article.text, script),
        title=_simplified_field(article.title),
        outlet=_simplified_field(article.outlet),
        author=_simplified_field(article.author),
    )


def convert(text: str) -> str:
    """The whole text from traditional to simplified characters, as OpenCC's ``t2s`` has it, length kept.

    The phrases of the lexicon ``script_phrases`` are laid over the library's own.

    >>> convert("憑藉乾隆年間的經驗，幹部瞭解乾糧")
    '凭借乾隆年间的经验，干部了解干粮'

    Raises:
        DictionaryError: the library's dictionaries are not installed, or are shadowed by another package.
    """
    return _converter().convert(text)


def curly(text: str) -> str:
    """The text with 「」, 『』 and straight quotes as curly ones, length kept.

    Straight quotes open and close in turn; a line with an odd number of them is left as it is, and so is the sign of
    inches.

    >>> curly('整治"四风"問題'), curly("整治「四風」，「『舌尖』上」"), curly('32"屏')
    ('整治“四风”問題', '整治“四風”，“‘舌尖’上”', '32"屏')
    """
    if "「" in text or "『" in text:
        text = text.translate(_QUOTES if "「" in text else _OUTER_QUOTES)
    return _STRAIGHT.sub(_turned, text) if '"' in text else text


#: 『』 stand inside 「」; alone they are the outer ones
_QUOTES = str.maketrans("「」『』", "“”‘’")
_OUTER_QUOTES = str.maketrans("『』", "“”")
#: a line with straight quotes, of which one at least stands beside a Chinese character
_STRAIGHT = re.compile(r'[^\n"]*+"[^\n]*+')
_BESIDE_CHINESE = re.compile(r'[\u3000-\u9fff，。：；！？）]"|"[\u3000-\u9fff]')


def _turned(line: re.Match[str]) -> str:
    parts = line[0].split('"')
    if len(parts) % 2 == 0 or not _BESIDE_CHINESE.search(line[0]):
        return line[0]
    return "".join(part + mark for part, mark in zip(parts, cycle("“”"), strict=False))[: len(line[0])]


def _has_other_quotes(*texts: str | None) -> bool:
    return any(mark in text for text in texts if text for mark in '"「『')


def count_script(text: str) -> ScriptCount:
    """Count the characters that belong to one script alone.

    >>> count_script("發後干部")
    ScriptCount(traditional=2, simplified=0)
    >>> count_script("们乾县后")
    ScriptCount(traditional=0, simplified=2)
    """
    return _converter().count(text)


def name_script(count: ScriptCount) -> str:
    """Name the script of a text: simplified, traditional or mixed.

    A text without any character that tells is called simplified: nothing in it is left to convert.

    >>> name_script(ScriptCount(traditional=3, simplified=0)), name_script(ScriptCount(traditional=1, simplified=40))
    ('traditional', 'simplified')
    """
    traditional, simplified = count.traditional, count.simplified
    if min(traditional, simplified) >= MIXED_SHARE * (traditional + simplified) > 0:
        return "mixed"
    return "traditional" if traditional > simplified else "simplified"


def _has_traditional(*texts: str | None) -> bool:
    search = _converter().traditional.search
    return any(text and search(text) for text in texts)


def _simplified(text: str, script: str) -> str:
    return _converter().mend(text) if script == "simplified" else convert(text)


def _simplified_field(text: str | None) -> str | None:
    return _simplified(text, name_script(count_script(text))) if text else text


@dataclass(frozen=True, slots=True)
class _Converter:
    """The dictionaries, compiled."""

    #: any character that is traditional and nothing else
    traditional: re.Pattern[str]
    #: code point -> code point of its simplified form
    codes: NDArray[np.uint32]
    #: the same for characters that are traditional and nothing else
    strays: NDArray[np.uint32]
    #: code point -> 1 traditional, 2 simplified, 0 both or neither
    scripts: NDArray[np.uint8]
    matcher: CharwiseDoubleArrayAhoCorasick
    #: simplified form of each phrase, in the matcher's order
    phrases: tuple[str, ...]

    def convert(self, text: str) -> str:
        out = _look_up(text, self.codes)
        if not (found := self.matcher.find_overlapping(text)):
            return out
        parts: list[str] = []
        done = 0
        for start, end, phrase in _longest_first(found):
            parts += out[done:start], self.phrases[phrase]
            done = end
        parts.append(out[done:])
        return "".join(parts)

    def mend(self, text: str) -> str:
        return _look_up(text, self.strays) if self.traditional.search(text) else text

    def count(self, text: str) -> ScriptCount:
        import numpy as np

        counts = np.bincount(self.scripts[_code_points(text)], minlength=3)
        return ScriptCount(traditional=int(counts[1]), simplified=int(counts[2]))


def _longest_first(found: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Of overlapping phrases the longest wins, of equally long ones the first: the order in which OpenCC's
    Python port looks them up. It differs from leftmost-longest where a longer phrase begins inside another.
    """
    chosen: list[tuple[int, int, int]] = []
    matches = sorted(found, key=lambda m: (m[0] - m[1], m[0]))
    # one byte for each character: asking whether a stretch is free does not take longer with the phrases before
    taken = bytearray(max((end for _, end, _ in matches), default=0))
    for match in matches:
        start, end, _ = match
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\x01" * (end - start)
            chosen.append(match)
    chosen.sort()
    return chosen


def _code_points(text: str) -> NDArray[np.uint32]:
    import numpy as np

    return np.frombuffer(text.encode("utf-32-le"), np.dtype("<u4"))


def _look_up(text: str, codes: NDArray[np.uint32]) -> str:
    """As ``str.translate``, at some fifteen times its rate."""
    return codes[_code_points(text)].tobytes().decode("utf-32-le")


@cache
def _converter() -> _Converter:
    ours = {row["traditional"]: row["simplified"] for row in lexicon.table("script_phrases")}
    return _compile(ours)


lexicon.on_change(_converter)


def _compile(ours: Mapping[str, str]) -> _Converter:
    """Compile the library's dictionaries, with our own phrases laid over its phrases."""
    folder = _dictionary_folder()
    phrases = _kept_length({**_read(folder / "TSPhrases.txt"), **ours})
    characters = {k: v for k, v in _kept_length(_read(folder / "TSCharacters.txt")).items() if k != v}
    one_script = _one_script_only(folder, characters, phrases)
    return _Converter(
        traditional=_any_of(k for k, script in one_script.items() if script == 1),
        codes=_code_table(characters),
        strays=_code_table({k: v for k, v in characters.items() if one_script.get(k) == 1}),
        scripts=_script_table(one_script),
        matcher=_matcher(phrases),
        phrases=tuple(phrases.values()),
    )


def _one_script_only(folder: Path, characters: Mapping[str, str], phrases: Mapping[str, str]) -> dict[str, int]:
    """The characters that tell a script: 1 traditional, 2 simplified.

    Traditional is what ``t2s`` changes, unless a phrase keeps it (乾隆) or the way back starts from it.
    Simplified is what ``s2t`` always changes, unless Taiwan or Hong Kong write it too (群, 峰).
    """
    back = {k: v.split(" ") for k, v in _read_all(folder / "STCharacters.txt").items()}
    regional = _read(folder / "TWVariants.txt") | _read(folder / "HKVariants.txt")
    in_both = set("".join(phrases.values())) | set(back)
    traditional = dict.fromkeys(characters.keys() - in_both, 1)
    simplified = {k for k, forms in back.items() if k not in forms} - characters.keys() - set(regional.values())
    return traditional | dict.fromkeys(simplified, 2)


def _any_of(characters: Iterable[str]) -> re.Pattern[str]:
    """One class of characters. Those beyond the BMP go in as one range: single ones make ``re`` try
    thousands of alternatives at every character, a hundredfold slower, and the little that the range
    finds too much costs a look at the counts.
    """
    return re.compile("[" + "".join(sorted(c for c in characters if c < "\U00010000")) + "\U00020000-\U0003ffff]")


def _code_table(characters: Mapping[str, str]) -> NDArray[np.uint32]:
    import numpy as np

    table = np.arange(0x110000, dtype=np.dtype("<u4"))
    for character, simplified in characters.items():
        table[ord(character)] = ord(simplified)
    return table


def _script_table(one_script: Mapping[str, int]) -> NDArray[np.uint8]:
    import numpy as np

    table = np.zeros(0x110000, dtype=np.uint8)
    for character, script in one_script.items():
        table[ord(character)] = script
    return table


def _matcher(phrases: Iterable[str]) -> CharwiseDoubleArrayAhoCorasick:
    from daachorse import CharwiseDoubleArrayAhoCorasick

    return CharwiseDoubleArrayAhoCorasick(list(phrases))


def _kept_length(entries: Mapping[str, str]) -> dict[str, str]:
    """The entries that keep the text's length; the ``t2s`` dictionaries of today have no others.

    An entry of another length would shift every offset behind it, and is left out: its characters are
    then converted one by one.
    """
    return {k: v for k, v in entries.items() if len(k) == len(v)}


def _read(file: Path) -> dict[str, str]:
    """A dictionary of the library. Of several forms the first is taken, as the library does."""
    return {k: v.split(" ")[0] for k, v in _read_all(file).items()}


def _read_all(file: Path) -> dict[str, str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.strip().split("\t") for line in lines)


def _dictionary_folder() -> Path:
    """Where the library's dictionaries lie; found without importing it.

    Warns where the package ``opencc`` lies over the library: its files replace the library's code, but not
    the dictionaries that are read here.

    Raises:
        DictionaryError: the dictionaries are not there.
    """
    shadowed = _is_installed("opencc")
    spec = util.find_spec("opencc")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (folder := Path(place) / "dictionary").joinpath("TSPhrases.txt").is_file():
            if shadowed:
                warnings.warn(_SHADOWED, RuntimeWarning, stacklevel=2)
            return folder
    raise DictionaryError(_SHADOWED if shadowed else _MISSING)


def _is_installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True
