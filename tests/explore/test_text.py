from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from pipeline import lexicon
from pipeline.explore.text import collocations, content_words, keyness, kwic, similar, stop_words, topics

ARTICLES = {
    "a": ["整改 问题 清单 。", "查找 问题 清单 ， 整改 到位"],
    "b": ["整改 问题 台账 。", "整改 问题 销号"],
    "c": ["扫黑 除恶 斗争 。", "扫黑 除恶 打伞"],
    "d": ["扫黑 除恶 斗争 打伞"],
}


@pytest.fixture
def tokens() -> pd.DataFrame:
    rows: list[tuple[str, int, int, int, str, str]] = []
    for article_id, sentences in ARTICLES.items():
        at = 0
        for number, sentence in enumerate(sentences):
            for word in sentence.split():
                rows.append((article_id, number, at, at + len(word), word, "n"))
                at += len(word)
    return pd.DataFrame(rows, columns=["article_id", "sentence", "start", "end", "text", "tag"])


def test_kwic_gives_every_place_with_its_context(tokens: pd.DataFrame) -> None:
    found = kwic(tokens, "清单", window=2)
    assert found.values.tolist() == [
        ["a", 4, 6, "整改问题", "清单", "。查找"],
        ["a", 11, 13, "查找问题", "清单", "，整改"],
    ]


@pytest.mark.parametrize(
    ("pattern", "regex", "keywords"),
    [
        ("整?", False, ["整改"] * 4),
        ("*单", False, ["清单"] * 2),
        ("问题 销*", False, ["问题销号"]),
        ("清单|台账", True, ["清单", "清单", "台账"]),
        ("打伞 扫黑", False, []),
        ("清单 。 查找", False, ["清单。查找"]),
        ("没有", False, []),
    ],
)
def test_kwic_patterns(tokens: pd.DataFrame, pattern: str, regex: bool, keywords: list[str]) -> None:
    assert kwic(tokens, pattern, regex=regex)["keyword"].tolist() == keywords


def test_kwic_stays_within_the_article(tokens: pd.DataFrame) -> None:
    found = kwic(tokens, "扫黑", window=3)
    assert found["pre"].tolist() == ["", "除恶斗争。", ""]
    assert kwic(tokens, "打伞", window=3)["post"].tolist() == ["", ""]
    assert kwic(tokens, "到位 整改").empty


def test_kwic_needs_a_pattern_and_survives_no_tokens(tokens: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="pattern is empty"):
        kwic(tokens, " ")
    assert kwic(tokens.iloc[:0], "整改 问题").empty


def test_keyness_as_scipy_has_it() -> None:
    target = pd.DataFrame({"text": ["整改"] * 10 + ["其他"] * 90})
    reference = pd.DataFrame({"text": ["整改"] * 5 + ["其他"] * 195})
    table = keyness(target, reference).set_index("word")
    expected = chi2_contingency([[10, 5], [90, 195]], correction=False, lambda_="log-likelihood")
    assert table.loc["整改", "g2"] == pytest.approx(expected.statistic)
    assert table.loc["整改", "p"] == pytest.approx(expected.pvalue)
    assert table.loc["其他", "g2"] == pytest.approx(-expected.statistic)
    assert table.loc["整改", "log_ratio"] == pytest.approx(2.0)


def test_keyness_of_words_that_one_part_lacks(tokens: pd.DataFrame) -> None:
    first = tokens["article_id"].isin(["a", "b"])
    table = keyness(tokens[first], tokens[~first], min_count=2)
    assert table["word"].iloc[0] == "整改"
    assert table["word"].iloc[-1] in {"扫黑", "除恶"}
    assert table["g2"].is_monotonic_decreasing
    assert "销号" not in set(table["word"])
    row = table.set_index("word").loc["清单"]
    share = (2 / first.sum()) / (0.5 / (~first).sum())
    assert row["log_ratio"] == pytest.approx(math.log2(share))


def test_keyness_of_equal_parts_is_nothing(tokens: pd.DataFrame) -> None:
    table = keyness(tokens, tokens, min_count=1)
    assert table["g2"].abs().max() == pytest.approx(0)
    assert table["log_ratio"].abs().max() == pytest.approx(0)


def test_collocations_are_counted_within_sentences(tokens: pd.DataFrame) -> None:
    table = collocations(tokens, min_count=1).set_index("collocation")
    assert table.loc["扫黑 除恶", "count"] == 3
    assert "。 查找" not in table.index
    assert "到位 整改" not in table.index


def test_collocation_measures_worked_out_by_hand(tokens: pd.DataFrame) -> None:
    n = collocations(tokens, min_count=1)["count"].sum()
    cells = [3.5, 0.5, 0.5, n - 3 + 0.5]
    log_odds = math.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    row = collocations(tokens, min_count=3).set_index("collocation").loc["扫黑 除恶"]
    assert row["lambda"] == pytest.approx(log_odds)
    assert row["z"] == pytest.approx(log_odds / math.sqrt(sum(1 / cell for cell in cells)))


def test_topics_part_the_articles(tokens: pd.DataFrame) -> None:
    found = topics(content_words(tokens), n=2, n_words=3)
    of = found.articles.set_index("article_id")["topic"]
    assert of["a"] == of["b"] != of["c"] == of["d"]
    words = found.words[found.words["topic"] == of["c"]]
    assert set(words["word"]) >= {"扫黑", "除恶"}
    assert words["rank"].tolist() == [1, 2, 3]
    assert found.articles["share"].between(0.5, 1).all()


def test_topics_are_the_same_each_time(tokens: pd.DataFrame) -> None:
    first, second = topics(tokens, n=2), topics(tokens, n=2)
    pd.testing.assert_frame_equal(first.words, second.words)


def test_similar_articles(tokens: pd.DataFrame) -> None:
    found = similar(content_words(tokens), "c")
    assert found["article_id"].tolist() == ["d", "a", "b"]
    assert found["similarity"].iloc[0] > 0.8
    assert found["similarity"].iloc[1:].tolist() == [0, 0]
    with pytest.raises(KeyError, match="no article 'x'"):
        similar(tokens, "x")


def test_content_words_drop_what_is_asked(tokens: pd.DataFrame) -> None:
    assert "。" not in set(content_words(tokens)["text"])
    assert set(content_words(tokens, drop={"整改"})["text"]) == set(content_words(tokens)["text"]) - {"整改"}


def test_stop_words_say_nothing_about_the_subject() -> None:
    assert {"的", "以及", "其中", "我们"} <= stop_words()
    assert not {"问题", "整改", "干部", "群众"} & stop_words()
    assert not stop_words() & {row["word"] for row in lexicon.table("user_words")}
