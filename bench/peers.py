"""zhanbao beside packages that do a part of its job, on the same sentences.

    python -m bench.peers [SOURCE] [--sentences 300] [--rounds 3] [--reports N]

How right they are is measured on the marked reports (``beside.py``), the rates on sentences of the news corpus that
have a number: in processor time, all contenders of a round in turn, the median of the rounds. What each peer is
asked, and what counts as right, is said in ``README.md``.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from bench import record
from bench.answers import Loaded, Numbers, Places, Words, load
from bench.beside import OURS, Line, Table, lines, number_word, numbers, places, read_to
from bench.loop import NUMBER, SENTENCE
from bench.marked import REPORT, marked, sets
from bench.parts import texts
from bench.sample import ROOT
from pipeline.stages.extract import numerals

#: Sentences that zhanbao is given together when its rate is measured, as many as a news item has.
TOGETHER = 20
KEPT, SEEN = "sets kept for reporting", "sets that zhanbao's rules and weights were made from"

Contenders = dict[str, Callable[[], object]]


def marked_lines(shared: Path, reports: int | None) -> dict[str, list[Line]]:
    """The sentences of the marked reports whose texts are at hand, those kept for reporting by themselves."""
    # the others hold only figures that zhanbao had found: no peer could be right where it is not
    names = frozenset(name for name in sets(shared) if not name.startswith("read-"))
    if not (shared / "corpus").is_dir():
        names = frozenset(name for name in names if name.startswith("made-"))
    groups = {KEPT: names & REPORT, SEEN: names - REPORT}
    return {
        title: [line for report in islice(marked(shared, group), reports) for line in lines(report)]
        for title, group in groups.items()
    }


def sentences_with_numbers(source: Path, wanted: int) -> list[str]:
    """The first sentences of the news corpus in which the loop of a user sees a number."""
    found = (s for text in texts(source, wanted / 500) for s in SENTENCE.findall(text) if NUMBER.search(s))
    return list(islice(found, wanted))


def rates(contenders: Contenders, units: int, size: float, rounds: int) -> Table:
    """Units and megabytes a second of processor time."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            begin = process_time()
            work()
            seconds[name].append(process_time() - begin)
    return {
        name: {"a second": round(units / median(times)), "MB/s": round(size / median(times), 3)}
        for name, times in seconds.items()
    }


def rates_of_sentences(sentences: Sequence[str], peers: dict[str, Loaded], rounds: int) -> dict[str, Table]:
    """Rates of finding numbers, of finding places and of cutting words."""
    size = sum(len(s.encode()) for s in sentences) / 1e6
    together = ["\n".join(sentences[i : i + TOGETHER]) for i in range(0, len(sentences), TOGETHER)]
    finding: Contenders = {OURS: lambda: [read_to(text, "extract") for text in together]}
    locating: Contenders = {OURS: lambda: [read_to(text, "locate") for text in together]}
    for name, loaded in peers.items():
        match loaded.peer:
            case Numbers(find):
                finding[name] = lambda find=find: [find(s) for s in sentences]  # type: ignore[misc]
            case Places(one, every):
                locating[f"{name}, one place"] = lambda one=one: one(sentences)  # type: ignore[misc]
                locating[f"{name}, all places"] = lambda every=every: [every(s) for s in sentences]  # type: ignore[misc]
    return {
        title: rates(contenders, len(sentences), size, rounds)
        for title, contenders in (("numbers", finding), ("places", locating), ("words", cutters(sentences)))
    }


def rates_of_number_words(found: Sequence[Line], peers: dict[str, Loaded], rounds: int) -> Table:
    """Rates of turning number words into values; each word as often as it is marked."""
    given = [number_word(line.text[mark.start : mark.end]) for line in found for mark in line.marks]

    def ours() -> None:
        numerals.read.cache_clear()
        for word in given:
            numerals.value(word)

    contenders: Contenders = {OURS: ours}
    for name, loaded in peers.items():
        if isinstance(loaded.peer, Words):
            contenders[name] = lambda peer=loaded.peer: [peer.convert(word) for word in given]  # type: ignore[misc]
    return rates(contenders, len(given), sum(len(word.encode()) for word in given) / 1e6, rounds)


def cutters(sentences: Sequence[str]) -> Contenders:
    """jieba, and the segmenter that zhanbao uses; with their own dictionaries."""
    import jieba
    import jieba.posseg
    import rjieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    jieba.posseg.lcut("查找")
    rjieba.tag("查找")
    return {
        "rjieba.cut": lambda: [rjieba.cut(s) for s in sentences],
        "jieba.cut": lambda: [jieba.lcut(s) for s in sentences],
        "rjieba.tag": lambda: [rjieba.tag(s) for s in sentences],
        "jieba.posseg": lambda: [jieba.posseg.lcut(s) for s in sentences],
    }


def same_words(sentences: Sequence[str]) -> dict[str, float]:
    """The share of sentences that rjieba cuts, and tags, as jieba does; and of the words that have the same tag."""
    import jieba
    import jieba.posseg
    import rjieba

    cut = sum(rjieba.cut(s) == jieba.lcut(s) for s in sentences)
    ours = [rjieba.tag(s) for s in sentences]
    theirs = [[(pair.word, pair.flag) for pair in jieba.posseg.lcut(s)] for s in sentences]
    tagged = sum(one == other for one, other in zip(ours, theirs, strict=True))
    return {
        "sentences cut as jieba.cut": round(cut / len(sentences), 4),
        "sentences cut and tagged as jieba.posseg": round(tagged / len(sentences), 4),
    }


def show(title: str, table: Table) -> Iterator[str]:
    """A table in Markdown, a row for each contender."""
    columns = list(dict.fromkeys(column for row in table.values() for column in row))
    yield f"\n{title}\n"
    yield f"| | {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' * len(columns)}"
    for name, row in table.items():
        yield f"| {name} | {' | '.join(f'{row[column]:,}' if column in row else '' for column in columns)} |"


def turned(tables: dict[str, Table], column: str) -> Table:
    """One column of several tables side by side: contender -> title of the table -> number."""
    out: Table = {}
    for title, table in tables.items():
        for name, row in table.items():
            out.setdefault(name, {})[title] = row["n"] if name == "figures" else row.get(column, 0.0)
    return out


def accuracy(found: Sequence[Line], peers: dict[str, Loaded]) -> tuple[dict[str, Any], list[str]]:
    """Results on one group of marked reports, and the lines that show them."""
    ways, extra = numbers(found, peers)
    regions = places(found, peers)
    shown = [*show("share of the figures whose value is found", turned(ways, "share"))]
    shown += show("numbers found that are no marked figure, per 1,000 sentences", extra)
    for group, table in regions.items():
        shown += show(f"division of the figure: {group}, {table['figures']['n']} figures", _without_count(table))
    return {"numbers": ways, "no figures per 1,000 sentences": extra, "places": regions}, shown


def _without_count(table: Table) -> Table:
    return {name: row for name, row in table.items() if name != "figures"}


def main(arguments: list[str] | None = None) -> None:
    """Measure all; print and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", type=Path, default=ROOT.parent / "shared", help="folder or JSONL file")
    parser.add_argument("--sentences", type=int, default=300, help="sentences whose rates are measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reports", type=int, help="only so many marked reports of each group, for a first look")
    chosen = parser.parse_args(arguments)
    peers, missing = load()
    for name, reason in missing.items():
        print(f"left out: {name} ({reason})")
    result: dict[str, Any] = {"left out": missing}
    result["seconds to load"] = {name: round(loaded.seconds, 2) for name, loaded in peers.items()}
    print("seconds to load:", ", ".join(f"{name} {spent}" for name, spent in result["seconds to load"].items()))
    groups = marked_lines(chosen.source, chosen.reports)
    for title, found in groups.items():
        result[title], shown = accuracy(found, peers)
        print(f"\n== {title}: {len(found)} sentences", *shown, sep="\n")
    sentences = sentences_with_numbers(chosen.source, chosen.sentences)
    result["rates"] = rates_of_sentences(sentences, peers, chosen.rounds)
    result["rates"]["number words"] = rates_of_number_words(groups[KEPT], peers, chosen.rounds)
    result["same words"] = same_words(sentences)
    print(f"\n== rates, {len(sentences)} sentences, median of {chosen.rounds} rounds, processor time")
    for title, table in result["rates"].items():
        print(*show(title, table), sep="\n")
    print(*show("shares of sentences", {"rjieba": result["same words"]}), sep="\n")
    print(f"\nwritten to {record.save('peers', result).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
