"""The clues by which :mod:`.naming` weighs verbs and nouns: how they stand to the number, to the rules, to each other.

What many candidates share is made once, as a group, and so is its sum.
"""

from __future__ import annotations

from functools import lru_cache

from pipeline.stages.linear import Group

__all__ = [
    "before_verb",
    "behind_verb",
    "of_characters",
    "of_clause",
    "of_gap",
    "of_groups_chosen",
    "of_noun_alone",
    "of_noun_and_unit",
    "of_noun_at_hand",
    "of_noun_between",
    "of_noun_in_frame",
    "of_number",
    "of_phrase",
    "of_rule",
    "of_standing",
    "of_verb_and_thing",
    "of_verb_and_unit",
    "of_verb_between",
    "of_verb_chosen",
    "of_verb_in_clause",
    "of_verb_in_frame",
    "of_word",
    "plain",
]

_remembered = lru_cache(maxsize=1 << 12)
# what hangs on the words around is seldom alike but close by; to remember more of it takes memory and saves no time
_just_seen = lru_cache(maxsize=1 << 9)


@_remembered
def plain(*clues: str) -> Group:
    """Clues as they are."""
    return Group(clues)


# Verbs and nouns alike


@_remembered
def of_standing(side: str, order: int, clauses: int, distance: int, between: int, kind: str) -> Group:
    """Where a word stands: before or behind the number, the how-manieth, how far, and what kind of number it is."""
    return Group(
        [
            f"side={side}",
            f"order={side}{order}",
            f"clause={side}{clauses}",
            f"distance={side}{distance}",
            f"numbers between={side}{between}",
            f"kind={kind},{side}",
            f"kind,order={kind},{side}{order}",
            f"kind,clause={kind},{side}{clauses}",
        ]
    )


@_remembered
def of_gap(marks: str) -> Group:
    """Which marks stand between a word and the number."""
    return Group([f"gap has={mark}" for mark in marks])


# Verbs by themselves


@_remembered
def of_word(verb: str, tag: str, length: int, groups: frozenset[str]) -> Group:
    """What a verb is."""
    return Group([f"verb={verb}", f"tag={tag}", f"length={length}", *(f"group={group}" for group in sorted(groups))])


@_just_seen
def of_verb_between(previous: str, following: str, tag: str, tail: str, leads: tuple[str, ...]) -> Group:
    """The words on both sides of a verb; ``leads`` stand before it in its clause (已, 共, 将)."""
    found = [f"previous={previous}", f"next={following}", f"next tag={tag}", f"tail={tail}"]
    return Group([*found, *(f"lead={word}" for word in leads)])


@_remembered
def of_verb_in_clause(strong: bool, deeds: int, rank: str, first: bool) -> Group:
    """How a verb stands among those of its clause that tell a deed."""
    found = [f"strong={strong},{deeds}", f"first of clause={first}"]
    return Group([*found, rank] if rank else found)


# A verb and the number


@_remembered
def of_verb_and_unit(verb: str, unit: str, kind: str) -> Group:
    """What is done, and what is counted in."""
    return Group([f"verb,unit={verb},{unit}", f"verb,kind={verb},{kind}"])


@_remembered
def of_verb_in_frame(tag: str, side: str, order: int, preposition: str, share: bool) -> Group:
    """A verb in the frame of the number; ``share`` where that is one."""
    return Group([f"tag,order={tag},{side}{order}", f"preposition={preposition},{side}", f"share={share},{side}"])


@_just_seen
def of_verb_and_thing(groups: frozenset[str], unit: str, thing: str, side: str, in_clause: bool) -> Group:
    """The groups of a verb, with the unit and the end of the thing counted."""
    near, found = "clause" if in_clause else "other", list[str]()
    for group in groups:
        found += [f"group={group},{side},{near}", f"group,unit={group},{unit}", f"group,thing={group},{thing}"]
    return Group(found)


@_remembered
def of_noun_at_hand(side: str, is_behind: bool, clear: int) -> Group:
    """Whether a noun follows the number, and whether it is all that stands between (or the verb's order before)."""
    if side == "R":
        return Group([f"noun between={is_behind},{bool(clear)}"])
    return Group([f"noun behind={is_behind},{clear}"])


@_remembered
def of_rule(is_rule: bool, source: str, side: str) -> Group:
    """Whether it is the verb of the rules, and where these found theirs."""
    return Group([f"is rule={is_rule},{source},{side}"])


@_just_seen
def of_characters(before: str, behind: str, side: str) -> Group:
    """The character before a verb and those behind it."""
    return Group([f"character before={before},{side}", f"characters behind={behind},{side}"])


@_just_seen
def of_number(verb: str, before: str, behind: str, side: str) -> Group:
    """The characters before and behind the number."""
    found = [f"before the number={before},{side}", f"behind the number={behind},{side}"]
    return Group([*found, f"verb,before the number={verb},{before}"])


@_remembered
def of_clause(opens: bool, mark: str, side: str) -> Group:
    """Whether the number opens its clause, and the mark before that."""
    return Group([f"number opens its clause={opens},{side}", f"clause behind={mark},{side}"])


# Nouns by themselves


@_just_seen
def of_phrase(phrase: str, tag: str) -> Group:
    """How a noun phrase ends, and how long it is."""
    ends = [f"ends={phrase[-n:]}" for n in (1, 2, 3) if len(phrase) >= n]
    return Group([*ends, f"last tag={tag}", f"length={min(len(phrase), 6)}"])


@_just_seen
def of_noun_between(previous: str, previous_tag: str, first_tag: str, tail: str) -> Group:
    """The word before a noun phrase, the tag that it begins with, the character behind it."""
    clues = [f"previous={previous}", f"previous tag={previous_tag}", f"first tag={first_tag}", f"next={tail}"]
    return Group(clues)


# A noun and the number


@_remembered
def of_noun_and_unit(end: str, unit: str, side: str) -> Group:
    """What a noun ends in, and what is counted in."""
    return Group([f"unit,end={unit},{end}", f"unit,side={unit},{side}"])


@_remembered
def of_noun_in_frame(tag: str, side: str, order: int, source: str, share: bool, clauses: int) -> Group:
    """A noun in the frame of the number; ``source`` says where the rules found the thing."""
    place = f"{side}{order}"
    return Group([f"tag,order={tag},{place}", f"rule from={source},{place}", f"share={share},{side},{clauses}"])


@_remembered
def of_noun_alone(adjacent: str, is_like_rule: bool, is_before_another: bool) -> Group:
    """The side on which a noun touches the number, whether it is like that of the rules, whether another follows."""
    found = [f"adjacent={adjacent}"] if adjacent else []
    if is_like_rule:
        found.append("like rule")
    if is_before_another:
        found.append("before, though a noun is behind")
    return Group(found)


# A noun and the verb that was chosen


@_just_seen
def of_verb_chosen(verb: str, end: str) -> Group:
    """The verb, and what the noun ends in."""
    return Group([f"verb,end={verb},{end}"])


@_just_seen
def of_groups_chosen(groups: frozenset[str], side: str, clauses: int, end: str) -> Group:
    """The groups of the verb, and where the noun stands and what it ends in."""
    found: list[str] = []
    for group in groups:
        found += [f"verb group,side={group},{side},{clauses}", f"verb group,end={group},{end}"]
    return Group(found)


@_remembered
def behind_verb(distance: int, side: str, order: int, in_clause: bool) -> Group:
    """The noun follows the verb."""
    found = [f"behind verb={distance},{side}"]
    return Group([*found, f"behind verb in clause,{side},{order}"] if in_clause else found)


@_remembered
def before_verb(distance: int, side: str) -> Group:
    """The noun stands before the verb."""
    return Group([f"before verb={distance},{side}"])
