"""Words with part of speech and offsets, cut by rjieba or by jieba.

Both segmenters have jieba's algorithm and dictionary; rjieba is written in Rust and more than ten times
faster, jieba is the reference it is compared with. Both know the words of the lexicon ``user_words``, which
jieba would cut apart (立行立改, 主题教育) or takes for another part of speech (核实 for a noun, 举措 for a
verb), and the long verbs of the lexicon ``actions``.

The tags are those of jieba's dictionary (https://github.com/fxsjy/jieba, 词性标注): n noun, v verb, vn verbal
noun, m number, q measure word, x punctuation. A word has one tag in every context. The tag of a word that the
dictionary lacks is guessed from its characters, and there the two may differ. The cut is that of ``jieba.cut``;
``jieba.posseg`` by itself cuts unknown words in another way.

Words are for finding verbs, nouns and names and for counting words. Figures are never read from them: jieba
splits 71.6/%, full-width digits and long Chinese numerals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import accumulate

from pipeline import lexicon
from pipeline.model import Word

__all__ = ["SEGMENTERS", "load", "tag", "tag_around"]

SEGMENTERS = ("rjieba", "jieba")

#: how often a verb of the lexicon is taken to stand in jieba's corpus of sixty million words: a common word
_VERB_FREQUENCY = 500

#: text -> (word, part of speech), in order and without gaps
_Tagger = Callable[[str], "list[tuple[str, str]]"]

#: ``Word(start, end, text, tag)`` from a tuple, without a call of a Python function for each word
_word: Callable[[tuple[int, int, str, str]], Word] = partial(tuple.__new__, Word)


def tag(text: str, segmenter: str = "rjieba", offset: int = 0) -> tuple[Word, ...]:
    """Cut a text into words. Together they are the whole text, blanks and punctuation included.

    Offsets are counted from ``offset``, so that a sentence's words can point into its article. One call for
    a long text and many calls for its sentences take about the same time.

    >>> [(w.start, w.text, w.tag) for w in tag("立行立改4项", offset=10)]
    [(10, '立行立改', 'v'), (14, '4', 'm'), (15, '项', 'n')]

    Raises:
        ValueError: there is no segmenter of that name.
    """
    pairs = _tagger(segmenter)(text)
    if not pairs:
        return ()
    words, tags = zip(*pairs, strict=True)
    starts = list(accumulate(map(len, words), initial=offset))
    return tuple(map(_word, zip(starts, starts[1:], words, tags, strict=False)))


def tag_around(
    text: str, start: int, end: int, numbers: Sequence[tuple[int, int]], segmenter: str = "rjieba"
) -> tuple[Word, ...]:
    """Cut a stretch of a text into words in which each of the numbers, given by their places, is one word, tag m.

    The segmenter is called once for all: a number is a sign to it that is no part of any word.

    >>> [(w.start, w.text, w.tag) for w in tag_around("共立行立改4项。", 0, 8, [(5, 7)])]
    [(0, '共', 'd'), (1, '立行立改', 'v'), (5, '4项', 'm'), (7, '。', 'x')]
    """
    pieces, at = [], start
    for first, last in numbers:
        pieces.append(text[at:first])
        at = last
    pieces.append(text[at:end])
    if any(_NUMBER in piece for piece in pieces):
        return _tag_pieces(text, start, end, numbers, segmenter)
    words: list[Word] = []
    left = iter(numbers)
    at = start
    for word, tag_ in _tagger(segmenter)(_NUMBER.join(pieces)):
        if word == _NUMBER:
            first, at = next(left)
            words.append(_word((first, at, text[first:at], "m")))
        else:
            words.append(_word((at, at := at + len(word), word, tag_)))
    return tuple(words)


#: Stands for a number; a character that no text of the world uses.
_NUMBER = "\ue0ff"


def _tag_pieces(
    text: str, start: int, end: int, numbers: Sequence[tuple[int, int]], segmenter: str
) -> tuple[Word, ...]:
    """As :func:`tag_around`, each piece between numbers by itself: for a text that has the sign of a number."""
    words: list[Word] = []
    for first, last in numbers:
        words += tag(text[start:first], segmenter, start)
        words.append(Word(first, last, text[first:last], "m"))
        start = last
    words += tag(text[start:end], segmenter, start)
    return tuple(words)


def load(segmenter: str = "rjieba") -> None:
    """Load a segmenter's dictionaries now (rjieba 0.4 s, jieba 2 s) and not with the first text."""
    _tagger(segmenter)


@cache
def _tagger(segmenter: str) -> _Tagger:
    if segmenter not in SEGMENTERS:
        raise ValueError(f"there is no segmenter {segmenter!r}; choose one of {', '.join(SEGMENTERS)}")
    user_words = [(row["word"], int(row["freq"]), row["tag"]) for row in lexicon.table("user_words")]
    user_words += _verbs({word for word, _, _ in user_words})
    return _rjieba(user_words) if segmenter == "rjieba" else _jieba(user_words)


lexicon.on_change(_tagger)


def _verbs(known: set[str]) -> list[tuple[str, int, str]]:
    """The verbs of the lexicon ``actions`` of three characters or more: 即知即改, 走访慰问 are one word each."""
    return [
        (row["verb"], _VERB_FREQUENCY, "v")
        for row in lexicon.table("actions")
        if len(row["verb"]) > 2 and row["verb"] not in known
    ]


def _rjieba(user_words: Sequence[tuple[str, int, str]]) -> _Tagger:
    from rjieba import Jieba

    segmenter, tags = Jieba(), {word: tag_ for word, _, tag_ in user_words}
    for word, freq, tag_ in user_words:
        segmenter.add_word(word, freq, tag_)
    given = tags.get

    def tagger(text: str) -> list[tuple[str, str]]:
        # a word of its own dictionary keeps the tag that it has there
        return [(word, given(word, tag_)) for word, tag_ in segmenter.tag(text)]

    return tagger


def _jieba(user_words: Sequence[tuple[str, int, str]]) -> _Tagger:
    import logging

    import jieba
    from jieba.posseg import POSTokenizer

    jieba.setLogLevel(logging.WARNING)  # or it prints how it builds its dictionary
    segmenter = jieba.Tokenizer()  # our own: the caller's jieba.cut stays as it was
    for word, freq, tag_ in user_words:
        segmenter.add_word(word, freq, tag_)
    guesser = POSTokenizer(segmenter)
    tags: dict[str, str] = guesser.word_tag_tab | segmenter.user_word_tag_tab

    def guess(word: str) -> str:
        *_, last = guesser.cut(word)
        return str(last.flag)

    def tagger(text: str) -> list[tuple[str, str]]:
        return [(word, tags.get(word) or guess(word)) for word in segmenter.cut(text)]

    return tagger
