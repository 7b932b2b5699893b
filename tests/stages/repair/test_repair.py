"""Repair of every kind of damage, and the way back to the raw text."""

from __future__ import annotations

import gzip
import json
import random
import re
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repair_simulator import Decoder, damaged

from pipeline.model import Article, Options
from pipeline.stages.repair import damage, mend, repair, replay

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "repair.toml").read_text(encoding="utf-8"))


def repaired(raw: str) -> Article:
    return repair(Article("x", raw), Options())


def check_way_back(article: Article) -> None:
    """The map and the repairs say the same, and both lead from the raw text to the text."""
    raw, text = article.raw_text, article.text
    assert replay(raw, article.repairs) == text
    at = raw_at = 0
    for change in article.offsets.changes:
        assert text[at : change.start] == raw[raw_at : change.raw_start]
        at, raw_at = change.end, change.raw_end
    assert text[at:] == raw[raw_at:]


@pytest.mark.parametrize("case", [*CASES["wild"], *CASES["made"]], ids=lambda case: case["note"])
def test_damage_is_undone(case: dict[str, Any]) -> None:
    article = repaired(case["input"])
    assert article.text == case["expected"]
    assert [r.kind for r in article.repairs] == case["kinds"]
    assert article.n_damaged == case.get("damaged", 0)
    check_way_back(article)


@pytest.mark.parametrize("case", CASES["negative"], ids=lambda case: case["note"])
def test_what_is_in_order_stays(case: dict[str, Any]) -> None:
    assert mend(case["input"]).text == case["input"]
    article = repaired(case["input"])
    assert article.text == case["input"]
    assert article.repairs == () and article.n_damaged == 0 and article.offsets.is_identity


def test_quote_of_a_figure_ends_before_the_reading() -> None:
    article = repaired("解決(jué)50餘個(gè)問題(tí)")
    start = article.text.index("50")
    raw_start, raw_end = article.offsets.raw_span(start, start + 4)
    assert article.raw_text[raw_start:raw_end] == "50餘個"


def test_spans_in_a_byte_shift_are_tight() -> None:
    article = repaired("當(dāng)?shù)厝罕娡▓蟆?/p>")
    start = article.text.index("群")
    raw_start, raw_end = article.offsets.raw_span(start, start + 1)
    assert article.raw_text[raw_start:raw_end] == "罕"


def test_a_guess_is_marked() -> None:
    kinds = {
        r.after: r.guessed for r in repaired("好習(xí)慣?!比悬h員勇挑重?fù)?dān)").repairs if r.kind == "byte-shift"
    }
    assert kinds == {"。”全市黨": True, "擔": False}


#: what a clean report may have as well
LAYOUT = {"blank", "form"}


ALPHABET = st.sampled_from(
    "當地群眾通報經開區重擔。，？！“”1a(āù)?!, \n<p>&nbsp;鍏ㄥ競锛銆È«\ufffd\u200b\r\ue004€hV２０．·﹪一"
)


@given(st.text(ALPHABET, max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_leads_back(raw: str) -> None:
    check_way_back(repaired(raw))


@pytest.mark.parametrize("length", range(1, 6))
def test_forms_of_digits_never_overlap(length: int) -> None:
    for characters in product("０５一．﹪全", repeat=length):
        check_way_back(repaired("".join(characters)))


# A text in words of our own, without the damage.
SENTENCES = [
    "當地群眾反映的停車問題，縣裡用三個月逐一解決。",
    "全縣四十六個單位查找問題五百餘個，現已整改三百個。",
    "我們在調研中發現，經費減少了，辦事卻更快了。",
    "這個鎮的黨員干部重擔在肩，要為群眾多辦實事！",
    "領導小組對照清單，逐條檢查責任落實情況。縣委書記參加會議。",
    "為什麼問題總是反覆？縣裡組織專題討論，找出了原因。",
    "負責項目的單位與企業聯合開展監督，群眾的滿意率達到百分之九十。",
]


@pytest.mark.parametrize("seed", range(5))
def test_simulated_damage_is_undone(seed: int) -> None:
    rng = random.Random(seed)
    text = "\n".join(rng.sample(SENTENCES, len(SENTENCES)))
    article = repaired(damaged(text, rng))
    check_way_back(article)
    lines = list(zip(folded(text).split("\n"), folded(article.text).split("\n"), strict=True))
    assert sum(line == again for line, again in lines) >= len(lines) - 2
    # what is not exact was a guess, and says so
    if article.text != text and folded(article.text) != folded(text):
        assert any(r.guessed for r in article.repairs)


def folded(text: str) -> str:
    """The text with the signs that the converters fold in ASCII."""
    return text.translate(str.maketrans("！？，", "!?,"))


def gazette(shared: Path, count: int) -> list[str]:
    """Sentences in traditional characters, drawn with a fixed seed."""
    with gzip.open(shared / "corpus" / "ly-gazette.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    sentences = [s for text in texts for s in re.findall(r"[^。！？\n]{8,80}[。！？]", text)]
    return random.Random(11).sample([s for s in sentences if not s.encode("gbk", "replace").count(b"?")], count)


@pytest.mark.parametrize(
    ("decoder", "share"),
    [
        (Decoder(), 0.96),
        (Decoder(swallowed="(!?,"), 0.95),
        (Decoder(mark="\ufffd", swallowed="", gap="\ufffd"), 0.95),
        (Decoder(mark="", swallowed=""), 0.9),
    ],
    ids=["marked", "swallowed", "replaced", "dropped"],
)
def test_simulated_damage_of_a_corpus_is_mostly_undone(shared: Path, decoder: Decoder, share: float) -> None:
    sentences = gazette(shared, 120)
    exact = 0
    for sentence in sentences:
        article = repaired(damaged(sentence, random.Random(1), decoder=decoder))
        check_way_back(article)
        exact += folded(article.text) == folded(sentence)
    assert exact / len(sentences) >= share


def test_clean_corpus_is_unchanged(shared: Path) -> None:
    seen = 0
    for file in sorted((shared / "corpus").glob("xwlb-*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                text = json.loads(line)["text"]
                seen += 1
                # all that is damaged in this corpus: a private-use blank, and a joiner that joins nothing
                if damage.suspected(text) and not re.search("[\ue000-\uf8ff\u200d]", text):
                    assert {r.kind for r in mend(text).repairs} <= LAYOUT
                if seen == 20_000:
                    return
    pytest.fail("fewer than 20,000 items")


def test_reports_are_repaired_in_full(shared: Path) -> None:
    for file in sorted((shared / "articles").glob("*.txt")):
        article = repaired(file.read_bytes().decode("utf-8"))
        check_way_back(article)
        assert article.n_damaged == 0, file.name
        assert not re.search(r"[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,6}\)|\?\w*[a-z]", article.text), file.name
