"""What a figure is about, as the key by which facts are joined.

The object of a figure is a phrase of its sentence: 各类问题, 相关问题, “问题”等方面 and 问题 count the same thing. The
key of an object is the phrase without the words that only frame it (lexicon ``object_frames``), and without quotes
and brackets.
Words that say more (安全监管领域突出问题) stay: they may name another thing. Where no metric of the catalogue says
what was done, the deed belongs to the key.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from pipeline import lexicon

if TYPE_CHECKING:
    import regex

__all__ = ["UNNAMED", "object_key", "subject_key"]

#: the metric of results that the catalogue does not name
UNNAMED = "other"


@cache
def _frames() -> regex.Pattern[str]:
    """One framing word before or behind a phrase; the longest goes first."""
    import regex

    def words(place: str) -> str:
        found = (row["word"] for row in lexicon.table("object_frames") if row["place"] == place)
        return "|".join(regex.escape(word) for word in sorted(found, key=lambda word: (-len(word), word)))

    return regex.compile(rf"^(?:{words('before')})(?=..)|(?<=..)(?:{words('behind')})$")


lexicon.on_change(_frames)


@cache
def _marks() -> regex.Pattern[str]:
    import regex

    # quotes, brackets and blanks
    return regex.compile(r"[\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Z}\"']+")


@lru_cache(maxsize=16_384)
def object_key(text: str) -> str:
    """The phrase without what only frames it; never less than two characters of it.

    >>> object_key("各类问题"), object_key("“四风”方面突出问题"), object_key("等人员"), object_key("问题")
    ('问题', '四风方面突出问题', '人员', '问题')
    """
    key = str(_marks().sub("", text))
    while (shorter := str(_frames().sub("", key))) != key:
        key = shorter
    return key or text


lexicon.on_change(object_key)


def subject_key(metric: str, action: str, text: str) -> str:
    """What a figure is about: the key of its object; of a result that no metric names with its deed.

    >>> subject_key("issues_found", "查找", "各类问题"), subject_key("other", "组建", "中管高校")
    ('问题', '组建 中管高校')
    """
    key = object_key(text)
    return f"{action} {key}" if metric == UNNAMED else key
