"""What made a stage decide as it did, as records that can be shown.

Each stage that decides something has a module ``reasons`` with a function of that name: it reads an article that has
walked through all stages once more, and gives a function that says of a figure which words, rule and scope led to its
columns. Nothing of it is made in a run. What the reasons mean in words is in ``lexicon/reasons.csv``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from pipeline import lexicon
from pipeline.stages.linear import CONSTANT, LinearModel

__all__ = ["LANGUAGES", "Reason", "Weighed", "Why", "compare", "family", "meaning", "weigh", "where_to_look"]

#: Columns of ``lexicon/reasons.csv`` that say what a reason means.
LANGUAGES = ("english", "chinese")


#: From the index of a quantity to what led to its columns.
Why = Callable[[int], "list[Reason]"]


class Reason(NamedTuple):
    """One thing that led to the value of a column; ``kind`` and ``name`` are the key of ``lexicon/reasons.csv``."""

    #: column of the figures table
    field: str
    kind: str
    name: str
    #: what goes into the meaning, and with a clue or a rule of a lexicon into its name
    detail: str = ""
    #: the words of the text that it rests on, with their place in ``Article.text``, -1 for none
    words: str = ""
    start: int = -1
    end: int = -1
    #: what it adds to the score of the value, and of the alternative
    weight: float | None = None
    #: the value that came second, or what else was to be had
    alternative: str = ""
    alternative_weight: float | None = None
    #: said behind the meaning as it stands: patterns of a rule, source of a lexicon line
    note: str = ""

    @property
    def decided_by(self) -> str:
        """The short name of the reason, in the form of the column ``rule``: ``quantity:measure``.

        >>> Reason("role", "clue", "unit=", "件").decided_by, Reason("part_of", "part", "among").decided_by
        ('clue:unit=件', 'part:among')
        """
        is_open = self.name.endswith(("=", ",", ":"))
        return f"{self.kind}:{self.name}{self.detail if is_open else ''}"


def meaning(reason: Reason, language: str = "english") -> str:
    """What a reason means in words, by ``lexicon/reasons.csv``; its bare name where that has no line for it.

    >>> meaning(Reason("role", "clue", "unit=", "件"))
    'the measure word is 件'
    """
    row = _meanings().get((reason.kind, reason.name))
    said = row[language] if row else reason.decided_by
    parts = [_in_words(part, language, reason.name, reason.kind) for part in _parts(reason.detail)]
    for place, part in enumerate(parts):
        said = said.replace(f"{{{place}}}", part)
    said = said.replace("{}", parts[0] if len(parts) == 1 else reason.detail)
    return f"{said}; {reason.note}" if reason.note else said


def _parts(detail: str) -> list[str]:
    """What stands between the commas of a detail; a comma of the text can only come first.

    >>> _parts("find,same"), _parts(",,same"), _parts(",same")
    (['find', 'same'], [',', 'same'], ['', 'same'])
    """
    return [",", *detail[2:].split(",")] if detail.startswith(",,") else detail.split(",")


def _in_words(value: str, language: str, name: str = "", kind: str = "") -> str:
    """A value of a clue or a column in words: groups of deeds, metrics, another clue; else as it stands."""
    for key in ((f"{kind} value", name + value), (f"{kind} value", value), ("value", name + value), ("value", value)):
        if row := _meanings().get(key):
            return row[language]
    if metric := lexicon.row("metrics", value):
        return metric["label_en" if language == "english" else "label"]
    if ">" in value:
        return " → ".join(_in_words(side, language) for side in value.split(">"))
    if "=" in value:
        try:
            name, detail = family(value)
        except KeyError:
            return value
        return meaning(Reason("", "clue", name, detail), language)
    groups = [_meanings().get(("value", word)) for word in value.split(" ")]
    joint = ", " if language == "english" else "、"
    return joint.join(row[language] for row in groups if row) if all(groups) else value


@cache
def _meanings() -> dict[tuple[str, str], lexicon.Row]:
    return {(r["kind"], r["name"]): r for r in lexicon.table("reasons")}


lexicon.on_change(_meanings)


def family(clue: str, kind: str = "clue") -> tuple[str, str]:
    """The line of ``lexicon/reasons.csv`` that a clue belongs to, and the rest of the clue.

    Args:
        clue: a clue of a table of weights.
        kind: clue for clues of one quantity, pair for those of a part and a possible whole.

    Raises:
        KeyError: the lexicon has no line for the clue.

    >>> family("verb,unit=查处,起"), family("in quotes"), family("left=、,same", "pair")
    (('verb,unit=', '查处,起'), ('in quotes', ''), ('left=', '、,same'))
    """
    known = _meanings()
    for end in range(len(clue), 0, -1):
        name = clue[:end]
        if (kind, name) in known and (end == len(clue) or name[-1] in "=,"):
            return name, clue[end:]
    raise KeyError(f"lexicon/reasons.csv has no line for the {kind} {clue!r}")


def where_to_look(name: str, kind: str = "clue") -> str:
    """Where the words of a family of clues stand, by the column ``place`` of its line; '' for nowhere."""
    row = _meanings().get((kind, name))
    return row["place"] if row else ""


class Weighed(NamedTuple):
    """How a linear model came to a label."""

    label: str
    #: the label's share among all, 0 to 1
    share: float
    #: its score, and the label with the next one
    score: float
    second: str
    second_score: float
    #: clue, its weight for the label and for the second one; what told most between the two first
    clues: tuple[tuple[str, float, float], ...]


def weigh(model: LinearModel, clues: Sequence[str], decided: tuple[str, float]) -> Weighed:
    """Say of what a model decided which label came second, and what each clue added to both."""
    label, share = decided
    scores = dict(zip(model.labels, model.scores(clues).tolist(), strict=True))
    second = max((other for other in model.labels if other != label), key=scores.__getitem__)
    every = (*clues, CONSTANT)
    ours, theirs = (dict(model.reasons(every, name, most=len(every))) for name in (label, second))
    told = sorted(((c, ours[c], theirs[c]) for c in ours), key=lambda t: (-abs(t[1] - t[2]), t[0]))
    return Weighed(label, share, scores[label], second, scores[second], tuple(told))


def compare(model: LinearModel, ours: Sequence[str], theirs: Sequence[str] = ()) -> list[tuple[str, float, float]]:
    """What the clues of two candidates add to the scores of a model with one label; what told most between them first.

    Without a second one the first is held against nothing.

    >>> model = LinearModel(["whole"], {"always": [-1.0], "a": [3.0], "b": [0.5]})
    >>> compare(model, ["a"]), compare(model, ["a"], ["b"])
    ([('a', 3.0, 0.0), ('always', -1.0, 0.0)], [('a', 3.0, 0.0), ('b', 0.0, 0.5), ('always', -1.0, -1.0)])
    """
    label = model.labels[0]
    mine, other = (
        dict(model.reasons((*clues, CONSTANT), label, most=len(clues) + 1)) if clues else {} for clues in (ours, theirs)
    )
    told = [(clue, mine.get(clue, 0.0), other.get(clue, 0.0)) for clue in {**mine, **other}]
    return sorted(told, key=lambda t: (-abs(t[1] - t[2]), t[0]))
