"""Text mining over the tokens table of a run (``zhanbao run --tokens``).

All functions take a data frame with the columns of ``tokens/*.parquet`` (``article_id``, ``sentence``,
``start``, ``end``, ``text``, ``tag``), in the order of the text, and give a new one. Nothing is segmented
again. What they compute and how its columns are called follows quanteda (``kwic``, ``textstat_keyness``,
``textstat_collocations``), so that results can be compared with those of other corpora.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from fnmatch import translate
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import lexicon

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Topics", "collocations", "content_words", "keyness", "kwic", "similar", "stop_words", "topics"]


class Topics(NamedTuple):
    """What :func:`topics` found."""

    #: ``topic`` (from 1), ``rank`` (from 1), ``word``, ``weight``
    words: pd.DataFrame
    #: ``article_id``, ``topic`` (the strongest one), ``share`` of it in the article's weights
    articles: pd.DataFrame


@cache
def stop_words() -> frozenset[str]:
    """The words that say nothing about a text's subject; lexicon ``stop_words``."""
    return frozenset(row["word"] for row in lexicon.table("stop_words"))


lexicon.on_change(stop_words)


def content_words(tokens: pd.DataFrame, drop: Collection[str] | None = None) -> pd.DataFrame:
    """The tokens that are words of two Han characters or more and no stop words.

    Args:
        tokens: the tokens table.
        drop: words to leave out instead of :func:`stop_words`.

    >>> import pandas as pd
    >>> content_words(pd.DataFrame({"text": ["全市", "整改", "了", "问题", "12", "，", "我们"]}))["text"].tolist()
    ['全市', '整改', '问题']
    """
    words = tokens["text"].astype(str)
    unwanted = stop_words() if drop is None else drop
    return tokens[words.str.fullmatch("[\u3400-\u9fff\U00020000-\U0003ffff]{2,}") & ~words.isin(list(unwanted))]


def kwic(tokens: pd.DataFrame, pattern: str, window: int = 5, regex: bool = False) -> pd.DataFrame:
    """Keyword in context: every place of a word with the words around it.

    Args:
        tokens: the tokens table.
        pattern: a word; ``*`` and ``?`` stand for any characters and one character. Several words with blanks
            between them are looked for in a row.
        window: number of words on each side, within the article.
        regex: read the words of the pattern as regular expressions, each for a whole token.

    Returns:
        One row a place: ``article_id``, ``start``, ``end`` (of the keyword in ``raw_text``), ``pre``,
        ``keyword``, ``post``.

    >>> import pandas as pd
    >>> words = ["全市", "整改", "问题", "12", "个"]
    >>> tokens = pd.DataFrame({"article_id": "a", "start": range(5), "end": range(1, 6), "text": words})
    >>> kwic(tokens, "整改 问*", window=1)[["pre", "keyword", "post"]].values.tolist()
    [['全市', '整改问题', '12']]
    """
    import numpy as np
    import pandas as pd

    parts = [part if regex else translate(part) for part in pattern.split()]
    if not parts:
        raise ValueError("the pattern is empty; give a word, such as 整改 or 整改*")
    words = tokens["text"].astype(str).reset_index(drop=True)
    articles = tokens["article_id"].to_numpy()
    hit = np.ones(len(words), dtype=bool)
    for distance, part in enumerate(parts):
        matched = words.str.fullmatch(part).to_numpy(dtype=bool)
        hit &= np.append(matched[distance:], np.zeros(min(distance, len(words)), dtype=bool))
    first, stop = _article_bounds(articles)
    starts, ends, texts = tokens["start"].to_numpy(), tokens["end"].to_numpy(), words.to_numpy()
    found = [
        (
            articles[at],
            starts[at],
            ends[at + len(parts) - 1],
            "".join(texts[max(first[at], at - window) : at]),
            "".join(texts[at : at + len(parts)]),
            "".join(texts[at + len(parts) : min(stop[at], at + len(parts) + window)]),
        )
        for at in np.flatnonzero(hit)
        if at + len(parts) <= stop[at]
    ]
    return pd.DataFrame(found, columns=["article_id", "start", "end", "pre", "keyword", "post"])


def keyness(target: pd.DataFrame, reference: pd.DataFrame, min_count: int = 5) -> pd.DataFrame:
    """The words that a part of the corpus uses more, or less, than another part.

    G² is the log-likelihood ratio of the 2 × 2 table of the word and all other words in both parts (Dunning
    1993, Computational Linguistics 19(1)), as ``textstat_keyness(measure = "lr", correction = "none")`` has
    it, with a minus sign where the target has the word less often than expected. The log ratio is the binary
    logarithm of the ratio of relative frequencies (Hardie 2014); a count of 0 is taken as 0.5. G² says how
    sure a difference is, the log ratio how large: 1 is twice as often.

    Args:
        target: tokens of the part in question, usually through :func:`content_words`.
        reference: tokens of what it is compared with, without the target.
        min_count: leave out words that both parts together have less often.

    Returns:
        ``word``, ``n_target``, ``n_reference``, ``g2``, ``p`` (of χ² with one degree of freedom) and
        ``log_ratio``, the highest ``g2`` first.
    """
    import numpy as np
    import pandas as pd

    counts = pd.DataFrame(
        {"n_target": target["text"].value_counts(), "n_reference": reference["text"].value_counts()}
    ).fillna(0)
    total_target, total_reference = len(target), len(reference)
    counts = counts[counts.sum(axis=1) >= min_count]
    a, b = counts["n_target"].to_numpy(float), counts["n_reference"].to_numpy(float)
    g2 = log_likelihood(a, b, total_target - a, total_reference - b)
    more = a * total_reference >= b * total_target
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (np.maximum(a, 0.5) / total_target) / (np.maximum(b, 0.5) / total_reference)
    table = pd.DataFrame(
        {
            "word": counts.index.astype(str),
            "n_target": a.astype(int),
            "n_reference": b.astype(int),
            "g2": np.where(more, g2, -g2),
            "p": [math.erfc(math.sqrt(value / 2)) for value in g2],
            "log_ratio": np.log2(ratio),
        }
    )
    return table.sort_values(["g2", "word"], ascending=[False, True], ignore_index=True)


def collocations(tokens: pd.DataFrame, min_count: int = 5) -> pd.DataFrame:
    """Pairs of neighbouring words that stand together more often than by chance.

    λ is the log odds ratio of the pair's 2 × 2 table with 0.5 added to each cell, z is λ over its standard
    error (Blaheta and Johnson 2001), as in ``textstat_collocations(size = 2, smoothing = 0.5)``.

    Args:
        tokens: the tokens table with ``article_id`` and ``sentence``; a pair lies within a sentence. Words that
            were left out beforehand bring their neighbours together, so filter the result, not the tokens.
        min_count: leave out rarer pairs.

    Returns:
        ``collocation`` (the words with a blank between), ``count``, ``lambda``, ``z``, the highest ``z`` first.
    """
    import numpy as np
    import pandas as pd

    following = tokens[["article_id", "sentence", "text"]].shift(-1)
    together = (tokens["article_id"] == following["article_id"]) & (tokens["sentence"] == following["sentence"])
    pairs = pd.DataFrame({"first": tokens["text"][together], "second": following["text"][together]}).astype(str)
    counted = pairs.value_counts().rename("count").reset_index()
    by_first = counted["first"].map(pairs["first"].value_counts()).to_numpy(float)
    by_second = counted["second"].map(pairs["second"].value_counts()).to_numpy(float)
    both = counted["count"].to_numpy(float)
    cells = [both, by_first - both, by_second - both, len(pairs) - by_first - by_second + both]
    smoothed = [cell + 0.5 for cell in cells]
    odds = np.log(smoothed[0]) - np.log(smoothed[1]) - np.log(smoothed[2]) + np.log(smoothed[3])
    error = np.sqrt(np.sum([1 / cell for cell in smoothed], axis=0))
    table = pd.DataFrame(
        {
            "collocation": counted["first"] + " " + counted["second"],
            "count": counted["count"],
            "lambda": odds,
            "z": odds / error,
        }
    )
    table = table[table["count"] >= min_count]
    return table.sort_values(["z", "collocation"], ascending=[False, True], ignore_index=True)


def topics(tokens: pd.DataFrame, n: int = 10, n_words: int = 10, min_articles: int = 2, seed: int = 0) -> Topics:
    """Topics of a corpus: non-negative matrix factorisation of TF-IDF (Lee and Seung 1999, with scikit-learn).

    Args:
        tokens: the tokens table, usually through :func:`content_words`.
        n: number of topics.
        n_words: number of words that describe each.
        min_articles: leave out words of fewer articles.
        seed: of the initial values; the same seed gives the same topics.
    """
    import numpy as np
    import pandas as pd
    from sklearn.decomposition import NMF

    ids, names, weights = _tf_idf(tokens, min_articles)
    model = NMF(n_components=n, random_state=seed, init="nndsvda", max_iter=400)
    by_article = model.fit_transform(weights)
    best = np.argsort(-model.components_, axis=1, kind="stable")[:, :n_words]
    words = pd.DataFrame(
        [
            (topic + 1, rank + 1, names[word], model.components_[topic, word])
            for topic, row in enumerate(best)
            for rank, word in enumerate(row)
        ],
        columns=["topic", "rank", "word", "weight"],
    )
    total = by_article.sum(axis=1)
    share = np.divide(by_article.max(axis=1), total, out=np.zeros(len(ids)), where=total > 0)
    articles = pd.DataFrame({"article_id": ids, "topic": by_article.argmax(axis=1) + 1, "share": share})
    return Topics(words, articles)


def similar(tokens: pd.DataFrame, article_id: str, n: int = 10, min_articles: int = 1) -> pd.DataFrame:
    """The articles whose words are most like those of one article: cosine of TF-IDF vectors.

    Args:
        tokens: the tokens table, usually through :func:`content_words`.
        article_id: the article in question.
        n: number of articles to give.
        min_articles: leave out words of fewer articles.

    Returns:
        ``article_id`` and ``similarity`` from 0 to 1, the most similar first, without the article itself.

    Raises:
        KeyError: the tokens have no such article.
    """
    import numpy as np
    import pandas as pd

    ids, _, weights = _tf_idf(tokens, min_articles)
    at = ids.get_indexer(pd.Index([article_id]))[0]
    if at < 0:
        raise KeyError(f"no article {article_id!r} in the tokens; articles.article_id has the ids")
    cosine = (weights @ weights[at].T).toarray().ravel()
    order = [int(i) for i in np.argsort(-cosine, kind="stable") if i != at][:n]
    return pd.DataFrame({"article_id": ids[order], "similarity": cosine[order]})


def log_likelihood(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64], d: NDArray[np.float64]
) -> NDArray[np.float64]:
    """G² of 2 × 2 tables with the rows (a, b) and (c, d): twice the sum of O · ln(O / E)."""
    import numpy as np

    total = a + b + c + d
    g2 = np.zeros_like(a)
    for observed, row, column in ((a, a + b, a + c), (b, a + b, b + d), (c, c + d, a + c), (d, c + d, b + d)):
        with np.errstate(divide="ignore", invalid="ignore"):
            term = observed * np.log(observed * total / (row * column))
        g2 += np.where(observed > 0, term, 0.0)
    result: NDArray[np.float64] = np.maximum(2 * g2, 0.0)
    return result


def _article_bounds(articles: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each token, the position of its article's first token and that behind its last one."""
    import numpy as np

    begins = np.flatnonzero(np.append(True, articles[1:] != articles[:-1])) if len(articles) else np.array([], int)
    lengths = np.diff(np.append(begins, len(articles)))
    return np.repeat(begins, lengths), np.repeat(begins + lengths, lengths)


def _tf_idf(tokens: pd.DataFrame, min_articles: int) -> tuple[pd.Index[str], list[str], Any]:
    """Articles, words, and the sparse matrix of their TF-IDF weights, rows of length 1."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    articles = tokens.groupby("article_id", sort=False)["text"].agg(list)
    vectorizer = TfidfVectorizer(analyzer=_as_they_are, min_df=min_articles)
    weights = vectorizer.fit_transform(articles)
    return articles.index, vectorizer.get_feature_names_out().tolist(), weights


def _as_they_are(words: list[str]) -> list[str]:
    return words
