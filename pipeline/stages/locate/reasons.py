"""Why a figure belongs to its division: the mention that the text spoke of last, or what the article is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pipeline.lexicon import gazetteer
from pipeline.model import Article, Location, Options
from pipeline.stages.linear import load
from pipeline.stages.locate import Reading, read
from pipeline.stages.locate.choice import MARGIN, Choice, Choices, choose
from pipeline.stages.locate.home import weighed
from pipeline.stages.locate.mentions import Mention
from pipeline.stages.locate.scope import Scope, scopes
from pipeline.stages.reason import Reason, Why, compare, family

__all__ = ["reasons"]

#: So many mentions are told of what an article is about.
_MOST = 3

#: So many clues are told of a division that was weighed.
_MOST_CLUES = 6


def reasons(article: Article, options: Options) -> Why:
    """What led to region and place of each quantity."""
    reading = read(article)
    found = scopes(article.text, article.sentences, article.quantities, reading.mentions, reading.home)
    choices = Choices(article, reading.mentions, reading.title, reading.home, found)
    chosen = choose(choices) if found else []

    def why(index: int) -> list[Reason]:
        told = _reasons(article, index, reading, found[index])
        choice = chosen[index]
        return told if choice is None else [*told, *_weighed(article, choices, index, choice)]

    return why


def _reasons(article: Article, index: int, reading: Reading, scope: Scope) -> list[Reason]:
    location = article.locations[index]
    found = list(_spoken_of(article, reading, scope, location) if scope.sentence >= 0 else _home(article, reading))
    if location.place:
        start = article.text.rfind(location.place, 0, article.quantities[index].start)
        place = (start, start + len(location.place)) if start >= 0 else (-1, -1)
        found.append(Reason("place", "place", "named", "", location.place, *place))
    return found


def _weighed(article: Article, choices: Choices, index: int, choice: Choice) -> Iterator[Reason]:
    """What the weights made of it: the sums of the division and of the one that came second, and what told most."""
    model, rule, candidates = load("regions"), choices.rule(index), choices.candidates(index)
    ours, theirs = (choices.clues(code, candidates, index) if code else () for code in (choice.code, choice.second))
    agrees = choice.code == rule
    yield Reason(
        "region",
        "region",
        "agree" if agrees else "differ",
        "" if agrees else _named(rule or ""),
        weight=model.score(ours) + MARGIN * agrees,
        alternative=_named(choice.second),
        alternative_weight=model.score(theirs) + MARGIN * (choice.second == rule) if theirs else None,
    )
    for clue, weight, against in compare(model, ours, theirs)[:_MOST_CLUES]:
        code = choice.code if clue in ours else choice.second
        seen = candidates[code] if clue.startswith(_OF_MENTION) else None
        start, end = (seen.mention.start, seen.mention.end) if seen else (-1, -1)
        words = article.text[start:end] if seen else ""
        yield Reason("region", "division", *_family(clue), words, start, end, weight, _named(choice.second), against)


#: What clues begin with that speak of the mention of the candidate itself.
_OF_MENTION = ("named", "form", "left", "right", "apart", "zone", "then")


def _family(clue: str) -> tuple[str, str]:
    try:
        return family(clue, "division")
    except KeyError:
        return clue, ""


def _spoken_of(article: Article, reading: Reading, scope: Scope, location: Location) -> Iterator[Reason]:
    """The mention that set the place, and where the text leaves open which of several it means."""
    mention = next((m for m in reading.mentions if m.start == scope.start), None)
    start, end = (mention.start, mention.end) if mention else (scope.start, scope.start)
    kind = mention.kind if mention else "place"
    words = article.text[start:end]
    open_between = " ".join(map(_named, scope.candidates))
    yield Reason("region", "mention", kind, location.basis or "", words, start, end, alternative=open_between)


def _home(article: Article, reading: Reading) -> Iterator[Reason]:
    """What the article is about: the mentions with most weight that say so, and the strongest place beside it."""
    home = reading.home
    if home.default is None:
        yield Reason("region", "home", "none")
        return
    if home.basis == "outlet":
        words = next((article.outlet or "" for m in reading.outlet if m.code), "")
        yield Reason("region", "home", "outlet", words, words)
        return
    every = list(weighed(article.text, reading.mentions, article.sentences, reading.title))
    held = [(m, weight) for m, weight in every if home.default in gazetteer.line(m.code or "")]
    beside = _beside(home.default, [(m, w) for m, w in every if (m, w) not in held])
    total = sum(weight for _, weight in held)
    yield Reason(
        "region",
        "home",
        "article",
        f"{total:g},{sum(weight for _, weight in every):g}",
        weight=total,
        alternative=_named(beside[0]) if beside else "",
        alternative_weight=beside[1] if beside else None,
    )
    titles = len([m for m in reading.title if m.code and m.kind in ("place", "zone")])
    for m, weight in sorted(held, key=lambda pair: -pair[1])[:_MOST]:
        in_title = any(m is other for other, _ in every[:titles])
        text = article.title or "" if in_title else article.text
        place = (-1, -1) if in_title else (m.start, m.end)
        name = "title" if in_title else m.kind
        yield Reason("region", "home mention", name, "", text[m.start : m.end], *place, weight=weight)


def _beside(home: str, others: Sequence[tuple[Mention, float]]) -> tuple[str, float] | None:
    """The place with most weight among the mentions outside of a division."""
    sums: defaultdict[str, float] = defaultdict(float)
    for m, weight in others:
        sums[m.code or ""] += weight
    return max(sums.items(), key=lambda item: item[1]) if sums else None


def _named(code: str) -> str:
    found = gazetteer.at(code)
    return found.name if found else code
