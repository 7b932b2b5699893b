"""Signs of damage: whether a text needs any repair, and how many places a repair has left."""

from __future__ import annotations

import re
from functools import cache

import regex

from pipeline import lexicon
from pipeline.stages.repair.readings import LETTERS

__all__ = ["left_in", "suspected"]

# All are rare in a clean report; one that is in order (a French name, R&D) only costs the time of the steps.
_SIGNS = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad",  # control
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb",  # zero width, direction, line ends
    r"\ue000-\uf8ff\ufffd",  # private use, replacement
    r"&<",  # markup
    r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u07ff",  # toned letters of readings; bytes read as letters
    "€锛紝銆樸鈥鐨殑涓鍦锟",  # UTF-8 read as GBK: ，！： 、。 “” 的 中 在 and the replacement character
)

# one class of characters, so that the scan is a table look-up a character
_SIGN = re.compile(f"[{''.join(_SIGNS)}]")

#: the mark of a lost byte before what cannot follow a question
_LOST_SIGN = re.compile(r"[?？][!?,！？，A-Za-z][\u4e00-\u9fff](?<!？？[\u4e00-\u9fff])")

#: readings without tone marks
_ASCII_READING = re.compile(r"[(（][a-z:]{1,7}[)）]")

_REPLACED = regex.compile(r"\ufffd+|(?:锟斤拷|锟斤|锟)+")

_TONED = "".join(letter for letter in LETTERS if not letter.isascii())

#: the end of a reading that no rule explained: a bracket behind letters, one of the last seven with a tone mark, or
#: a full-width bracket. It begins with the bracket, so that the search runs at full speed
_STRAY_READING = re.compile(
    rf"[)）](?:(?<=[{LETTERS}]）)|{'|'.join(rf'(?<=[{_TONED}][{LETTERS}]{{{behind}}}[)）])' for behind in range(7))})"
)

#: the mark of a lost byte amid text: doubled, or before the letter that a byte shift ended with
_LOST_MARK = regex.compile(r"(?<=[\u4e00-\u9fff])(?:[?？]{2}(?=[\u4e00-\u9fffa-zA-Z])|\?(?=[a-zA-Z][\u4e00-\u9fff]))")

#: a question, or a lost byte; and what its clause begins behind, not more than so many characters before
_QUESTION = re.compile(r"\?(?<=[\u4e00-\u9fff]\?)(?=[\u4e00-\u9fff])")
_CLAUSE_END = re.compile(r"[\n。！？!?；;]")
_LONGEST_CLAUSE = 61


def suspected(text: str) -> bool:
    """True if anything in the text looks like damage; False for most clean reports.

    >>> suspected("全市共查找问题4179个(其中重点15个)。"), suspected("重慶經(jīng)開區(qū)")
    (False, True)
    """
    return any(sign.search(text) is not None for sign in (_SIGN, _ASCII_READING, _LOST_SIGN))


def left_in(text: str, converted: bool) -> int:
    """The number of damaged places in a text after all repairs.

    Args:
        text: the repaired text.
        converted: True for a text that carried readings, where a ``?`` may stand for lost bytes.
    """
    count = sum(1 for _ in _REPLACED.finditer(text)) if "\ufffd" in text or "锟" in text else 0
    if converted:
        count += sum(1 for _ in _STRAY_READING.finditer(text))
    if converted and ("?" in text or "？" in text):
        count += sum(1 for _ in _LOST_MARK.finditer(text))
        count += sum(not _asks(text, m.start()) for m in _QUESTION.finditer(text))
    return count


def _asks(text: str, at: int) -> bool:
    """Whether the clause before the mark at a place is a question."""
    clause = _CLAUSE_END.split(text[max(0, at - _LONGEST_CLAUSE) : at])[-1]
    return _question_word().search(clause) is not None


@cache
def _question_word() -> regex.Pattern[str]:
    return regex.compile("|".join(regex.escape(row["word"]) for row in lexicon.table("question_words")))


lexicon.on_change(_question_word)
