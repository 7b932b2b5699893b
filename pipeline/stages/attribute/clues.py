"""Clues: the named features of a quantity from which its role and its metric are decided.

A clue is a short text such as ``unit=件`` or ``verb group=find``; the weights in ``lexicon/weights_*.csv`` speak
of clues by these names, so that every decision can be explained by the clues that made it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.model import Article, Clause, Quantity, Word
from pipeline.stages.attribute.deeds import Deed
from pipeline.stages.attribute.frames import Frame, SentenceFrames, function_words

__all__ = ["all_clues"]

_DONE = regex.compile(r"已经?|共|累计|先后|截至|目前|至今|以来|据统计|全部|[了过]")
_RULE = regex.compile(r"不得|不少于|不低于|不超过|至少|每[年月周季人户天个]|人均|户均|平均|应当?|必须|原则上|规定")
_NEGATIVE = regex.compile(r"如果|若|倘若|即使|哪怕|假如|难道|据说|曾|当年|当时|那[年时]|原[来先有]")
_QUOTE_OPEN, _QUOTE_CLOSE = "“「『", "”」』"


@cache
def _targets() -> regex.Pattern[str]:
    return regex.compile("|".join(f"(?:{r['pattern']})" for r in lexicon.table("target_words")))


lexicon.on_change(_targets)


@cache
def _talk() -> tuple[Callable[[str], Sequence[tuple[int, int, int]]], tuple[str, ...]]:
    """One matcher over the words of all lexicons of talk, and the lexicon of each word."""
    import daachorse

    names = {r["word"]: name for name in _LEVELS for r in lexicon.table(name)}
    matcher = daachorse.CharwiseDoubleArrayAhoCorasick(list(names), daachorse.MATCH_KIND_LEFTMOST_LONGEST)
    return matcher.find, tuple(names.values())


lexicon.on_change(_talk)


def _talk_in(text: str) -> Counter[str]:
    """How many words of each lexicon of talk (campaign_talk, economy_talk, foreign_names) a text has."""
    find, names = _talk()
    return Counter(names[identity] for _, _, identity in find(text))


@cache
def _genres() -> dict[str, regex.Pattern[str]]:
    """A pattern of the words of each genre of ``lexicon/genre_words.csv``."""
    words: dict[str, list[str]] = {}
    for row in lexicon.table("genre_words"):
        words.setdefault(row["genre"], []).append(regex.escape(row["word"]))
    return {genre: regex.compile("|".join(found)) for genre, found in words.items()}


lexicon.on_change(_genres)


def article_clues(article: Article) -> list[str]:
    """Clues that hold for all figures of an article: what it talks of, its genre, how many numbers it has."""
    length = len(article.text) + 50
    found = []
    talk = _talk_in(article.text)
    for name, bounds in _LEVELS.items():
        share = 100 * talk[name] / length
        found.append(f"{name}={sum(share > bound for bound in bounds)}")
    density = 100 * len(article.quantities) / length
    found.append(f"density={sum(density > bound for bound in (0.5, 1.0, 2.0, 3.5))}")
    head = (article.title or "") + "\n" + article.text[:60]
    found += sorted(genre for genre, words in _genres().items() if words.search(head))
    return found


_LEVELS = {
    "campaign_talk": (0.3, 0.8, 1.5, 2.5, 4.0),
    "economy_talk": (0.3, 0.8, 1.5),
    "foreign_names": (0.1, 0.5, 1.2),
}


def section_clues(article: Article, sentence: SentenceFrames, heading: str) -> list[str]:
    """Clues of the heading that the sentence stands under, and of what the sentence talks of."""
    found = ["section plan"] if _genres()["plan"].search(heading) else []
    text = article.text[sentence.sentence.start : sentence.sentence.end]
    for name, count in sorted(_talk_in(text).items()):
        found.append(f"sentence {name}={min(count, 3)}")
    if heading and _talk_in(heading)["foreign_names"]:
        found.append("section foreign")
    return found


def _headings(article: Article, sentences: Sequence[SentenceFrames]) -> list[str]:
    """For each sentence the last heading up to its paragraph, '' if there is none."""
    headings = [(s.paragraph, article.text[s.start : s.end]) for s in article.sentences if s.heading]
    paragraphs = [number for number, _ in headings]
    places = [bisect_right(paragraphs, s.sentence.paragraph) for s in sentences]
    return [headings[place - 1][1] if place else "" for place in places]


def all_clues(
    article: Article, sentences: Sequence[SentenceFrames], deeds: Sequence[Deed], parents: Sequence[int | None]
) -> list[list[str]]:
    """The clues of every quantity of an article."""
    shared = article_clues(article)
    result: list[list[str]] = [[] for _ in article.quantities]
    for sentence, heading in zip(sentences, _headings(article, sentences), strict=True):
        section = section_clues(article, sentence, heading)
        signs = _signs(sentence.words)
        clauses, words = sentence.sentence.clauses, _words_by_clause(article, sentence)
        for frame in sentence.frames:
            quantity = article.quantities[frame.index]
            found = clues(article, sentence, frame, deeds, parents, shared)
            found += _of_time(signs, clauses[quantity.clause], quantity)
            result[frame.index] = found + words[quantity.clause] + section
    return result


def clues(
    article: Article,
    sentence: SentenceFrames,
    frame: Frame,
    deeds: Sequence[Deed],
    parents: Sequence[int | None],
    shared: Sequence[str],
) -> list[str]:
    """The clues of one quantity, but those of times and words; ``shared`` are those of its article."""
    quantity = article.quantities[frame.index]
    deed = deeds[frame.index]
    found = list(shared)
    found += _of_quantity(quantity)
    found += _of_deed(deed, quantity, shared)
    found += _of_words(frame)
    found += _of_sentence(article.text, sentence, quantity)
    found += _of_neighbours(sentence, quantity)
    if (parent := parents[frame.index]) is not None:
        found += ["part", *(f"whole group={g}" for g in deeds[parent].groups)]
    if frame.joined is not None:
        found.append("joined")
    if frame.preposition:
        found.append(f"preposition={frame.preposition}")
    return found


def _of_quantity(quantity: Quantity) -> list[str]:
    size = min(len(str(int(quantity.value))), 8)
    return [
        f"unit={quantity.unit}",
        f"kind={quantity.kind}",
        f"bound={quantity.bound}",
        f"digits={size}",
        f"kind,digits={quantity.kind},{size}",
    ]


def _of_deed(deed: Deed, quantity: Quantity, shared: Sequence[str]) -> list[str]:
    thing = deed.object
    found = [
        f"verb={deed.action}",
        f"verb from={deed.source}",
        f"thing from={deed.object_source}",
        f"direction={deed.direction}",
        f"change={deed.change}",
        f"verb,unit={deed.action},{quantity.unit}",
    ]
    talk = next((c for c in shared if c.startswith("campaign_talk")), "")
    for group in sorted(deed.groups):
        found += [
            f"group,{group},{talk}",
            f"group={group}",
            f"group,unit={group},{quantity.unit}",
            f"group,kind={group},{quantity.kind}",
            f"group,from={group},{deed.source}",
        ]
        if thing:
            found.append(f"group,thing={group},{thing[-2:]}")
    if thing:
        found += [f"thing ends={thing[-n:]}" for n in (1, 2, 3) if len(thing) >= n]
    else:
        found.append("no thing")
    if not deed.groups:
        found.append(f"no group,{talk}")
    found.append(f"kind,{quantity.kind},{talk}")
    return found


def _of_words(frame: Frame) -> list[str]:
    left, right = frame.left, frame.right
    found = [f"left={left[-n:]}" for n in (1, 2, 3) if len(left) >= n]
    found += [f"right={right[:n]}" for n in (1, 2, 3) if len(right) >= n]
    if not left:
        found.append("leads its stretch")
    if frame.noun_right:
        found.append("thing behind")
    return found


def _of_sentence(text: str, sentence: SentenceFrames, quantity: Quantity) -> list[str]:
    clause = sentence.sentence.clauses[quantity.clause]
    before = text[sentence.sentence.start : quantity.start]
    own = text[clause.start : quantity.start]
    found = [f"before target={w[:2]}" for w in sorted(set(_targets().findall(before)))]
    found += [f"clause target={w[:2]}" for w in sorted(set(_targets().findall(own)))]
    if targets := list(_targets().finditer(before)):
        last = targets[-1]
        found.append("target" if not _DONE.search(before, last.end()) else "target, then done")
        found.append(f"target clauses back={min(sum(map(before[last.end() :].count, '，,；;')), 4)}")
    found += [f"before done={w}" for w in sorted(set(_DONE.findall(before)))]
    found += [f"clause done={w}" for w in sorted(set(_DONE.findall(own)))]
    found += [f"rule={w}" for w in sorted(set(_RULE.findall(own)))]
    found += [f"doubt={w}" for w in sorted(set(_NEGATIVE.findall(before)))]
    if sentence.sentence.heading:
        found.append("heading")
    if clause.depth:
        found.append("bracket")
    if sum(map(before.count, _QUOTE_OPEN)) > sum(map(before.count, _QUOTE_CLOSE)):
        found.append("in quotes")
    found.append(f"clause ends={clause.mark}")
    found.append(f"clause number={min(quantity.clause, 4)}")
    return found


class _Sign(NamedTuple):
    """A word that puts a verb into the future (将), or says that it is done (已)."""

    word: Word
    future: bool


def _signs(words: Sequence[Word]) -> list[_Sign]:
    """The signs of time among the words of a sentence.

    A verb, an adverb or a preposition must follow one of the future; before a noun 将 is 把.
    """
    future = function_words("future")
    return [
        _Sign(word, word.text in future)
        for word, following in pairwise(words)
        if (word.text in future and following.tag[0] in "vdpa") or word.text in ("已", "已经")
    ]


def _of_time(signs: Sequence[_Sign], clause: Clause, quantity: Quantity) -> list[str]:
    """Whether a verb is put into the future, before or behind the number, or is done behind it."""
    found: set[str] = set()
    for word, future in signs:
        if future and word.end <= quantity.start:
            near = "clause" if word.start >= clause.start else "sentence"
            found.add(f"future in {near}={word.text[-1]}")
        elif future and word.start >= quantity.end and word.end <= clause.end:
            found.add(f"future behind={word.text[-1]}")
        elif not future and quantity.end <= word.start < clause.end:
            found.add("done behind")
    return sorted(found)


def _words_by_clause(article: Article, sentence: SentenceFrames) -> dict[int, list[str]]:
    """The nouns and verbs of the clauses that hold quantities, by the clause's number."""
    starts = [word.start for word in sentence.words]
    result: dict[int, list[str]] = {}
    for number in {article.quantities[frame.index].clause for frame in sentence.frames}:
        clause = sentence.sentence.clauses[number]
        inside = sentence.words[bisect_left(starts, clause.start) : bisect_left(starts, clause.end)]
        result[number] = sorted({f"word={w.text}" for w in inside if w.tag[0] in "nvja" and w.end - w.start > 1})
    return result


def _of_neighbours(sentence: SentenceFrames, quantity: Quantity) -> list[str]:
    """Groups of the verbs close by, before and behind, in the sentence."""
    found: set[str] = set()
    for verb in sentence.predicates:
        if verb.end <= quantity.start and verb.start >= quantity.start - 30:
            found.update(f"near before={g}" for g in verb.groups)
        elif verb.start >= quantity.end and verb.start <= quantity.end + 24:
            found.update(f"near behind={g}" for g in verb.groups)
    return sorted(found)
