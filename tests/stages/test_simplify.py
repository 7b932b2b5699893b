from __future__ import annotations

import gzip
import json
import tomllib
import warnings
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from pipeline import lexicon
from pipeline.model import Article, Options
from pipeline.stages import simplify as module
from pipeline.stages.simplify import DictionaryError, ScriptCount, convert, count_script, name_script, simplify

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "simplify.toml").read_text(encoding="utf-8"))
LIBRARY = OpenCC("t2s")
#: the library's conversion without the phrases of our own lexicon
PLAIN = module._compile({})
KEYS = [
    key for name in ("TSPhrases.txt", "TSCharacters.txt") for key in module._read(module._dictionary_folder() / name)
]
OWN = [row["traditional"] for row in lexicon.table("script_phrases")]


def simplified(text: str, **fields: str) -> Article:
    return simplify(Article("a", text, text=text, **fields), Options())  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [c for group in CASES.values() for c in group], ids=lambda c: c["note"])
def test_case(case: dict[str, str]) -> None:
    article = simplified(case["input"])
    assert (article.text, article.script) == (case["expected"], case["script"])
    assert article.raw_text == case["input"]


def test_equals_the_library_on_every_dictionary_key() -> None:
    assert len(KEYS) > 4000
    assert [PLAIN.convert(key) for key in KEYS] == [LIBRARY.convert(key) for key in KEYS]


def test_no_dictionary_entry_changes_the_length() -> None:
    folder = module._dictionary_folder()
    for name in ("TSPhrases.txt", "TSCharacters.txt"):
        entries = module._read(folder / name)
        assert module._kept_length(entries) == entries


def test_an_entry_that_changes_the_length_is_left_out() -> None:
    converter = module._compile({"計算機": "电脑", "計程車": "出租车"})
    assert converter.convert("計算機計程車") == "计算机出租车"


@given(st.lists(st.sampled_from(KEYS) | st.sampled_from("，。 -們於乾覆瞭1")).map("".join))
def test_equals_the_library_on_keys_in_a_row(text: str) -> None:
    assert PLAIN.convert(text) == LIBRARY.convert(text)


@pytest.mark.parametrize("text", ["反覆覆上", "狐藉虎威藉", "藉藉口", "乾坤乾隆年間", "書中自有千鍾粟米", "一目瞭解"])
def test_overlapping_phrases_as_the_library_has_them(text: str) -> None:
    assert PLAIN.convert(text) == LIBRARY.convert(text)


@given(st.text(st.characters(codec="utf-8")))
def test_length_is_kept(text: str) -> None:
    assert len(convert(text)) == len(text)
    assert len(simplified(text).text) == len(text)


@given(st.text(st.sampled_from("们业务检查问题后干乾县，1 ")))
def test_simplified_text_passes_as_the_same_object(text: str) -> None:
    article = Article("a", text, text=text)
    assert simplify(article, Options()) is article


def test_title_outlet_and_author_are_simplified() -> None:
    article = simplified("查摆问题", title="查擺問題", outlet="聯合報", author="陳")
    assert (article.title, article.outlet, article.author) == ("查摆问题", "联合报", "陈")
    assert article.script == "simplified"


def test_own_phrases_only_repair_what_the_library_gets_wrong() -> None:
    assert all(len(row["traditional"]) == len(row["simplified"]) for row in lexicon.table("script_phrases"))
    assert all(LIBRARY.convert(key) != convert(key) for key in OWN)


@pytest.mark.parametrize(
    ("count", "name"),
    [
        (ScriptCount(0, 0), "simplified"),
        (ScriptCount(1, 0), "traditional"),
        (ScriptCount(0, 1), "simplified"),
        (ScriptCount(1, 1), "mixed"),
        (ScriptCount(9, 91), "simplified"),
        (ScriptCount(10, 90), "mixed"),
        (ScriptCount(91, 9), "traditional"),
    ],
)
def test_name_of_script(count: ScriptCount, name: str) -> None:
    assert name_script(count) == name


def test_variants_written_in_taiwan_are_no_sign_of_simplified() -> None:
    assert count_script("山峰床上人群") == ScriptCount(0, 0)


def test_missing_dictionaries_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.util, "find_spec", lambda name: None)
    with pytest.raises(DictionaryError, match="pip install --force-reinstall opencc-python-reimplemented"):
        module._dictionary_folder()


@pytest.mark.parametrize("dictionaries_left", [True, False])
def test_the_package_that_shadows_the_library_is_named(
    monkeypatch: pytest.MonkeyPatch, dictionaries_left: bool
) -> None:
    known = metadata.distribution
    monkeypatch.setattr(
        module.metadata, "distribution", lambda name: known("opencc-python-reimplemented" if name == "opencc" else name)
    )
    if dictionaries_left:
        with pytest.warns(RuntimeWarning, match="pip uninstall -y opencc"):
            assert module._dictionary_folder().is_dir()
    else:
        monkeypatch.setattr(module.util, "find_spec", lambda name: None)
        with pytest.raises(DictionaryError, match="pip uninstall -y opencc"):
            module._dictionary_folder()


def test_nothing_is_said_when_the_library_is_alone() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module._dictionary_folder()


def test_equals_the_library_on_a_sample_of_the_traditional_corpus(shared: Path) -> None:
    with gzip.open(shared / "corpus" / "ly-gazette.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"][:400] for line, _ in zip(lines, range(200), strict=False)]
    assert [convert(text) for text in texts] == [LIBRARY.convert(text) for text in texts]
