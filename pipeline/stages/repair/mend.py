"""What a repair function yields: one place, what it becomes, and why."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.offsets import Edit

__all__ = ["Mend"]


class Mend(NamedTuple):
    """Replace ``text[start:end]`` by ``after`` because of a damage of that kind."""

    start: int
    end: int
    after: str
    kind: str
    #: True where information was lost and the most likely text was put in
    guessed: bool = False
    #: the same change in smaller steps, where it is known what became of which part
    parts: tuple[Edit, ...] = ()
