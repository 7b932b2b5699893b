from __future__ import annotations

import gzip
import json
import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.read.encoding import clean_name, decode, is_binary

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "read_encoding.toml").read_text(encoding="utf-8"))
NAMES = {"utf-8-sig": "utf-8", "cp950": "big5", "utf-16": "utf-16-le"}
#: snippets of the length of a heading or less, from the first case on, cut at every place
LONG = [case["input"] for case in CASES["made"] if len(case["input"]) > 40]


def params(*groups: str) -> list[Any]:
    return [
        pytest.param(case["input"], encoding, id=f"{encoding}-{case['input'][:8]}")
        for group in groups
        for case in CASES[group]
        for encoding in case["encodings"]
    ]


@pytest.mark.parametrize(("text", "encoding"), params("wild", "made"))
def test_encoding_of_short_texts(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == (text, NAMES.get(encoding, encoding))


@pytest.mark.parametrize(("text", "encoding"), params("known_failures"))
@pytest.mark.xfail(strict=True)
def test_known_failures(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("length", [4, 8, 16, 30])
def test_every_stretch_of_a_paragraph(encoding: str, length: int) -> None:
    paragraph = LONG[1 if encoding == "big5" else 0]
    stretches = [paragraph[i : i + length] for i in range(0, len(paragraph) - length + 1)]
    chinese = [s for s in stretches if sum("\u4e00" <= c <= "\u9fff" for c in s) >= 2]
    assert len(chinese) > 20
    wrong = [s for s in chinese if decode(s.encode(encoding)).text != s]
    assert len(wrong) <= (0.03 if length == 4 else 0) * len(chinese), wrong


@pytest.mark.parametrize("bad", [b"\xff", b"\xe5\xa4", b"\x80\x80\x80", b"\xe5"])
def test_invalid_bytes_in_utf8_are_visible_where_they_are(bad: bytes) -> None:
    before, after = "全区共查找问题", "个，其中已整改31个"
    text, encoding = decode(before.encode() + bad + after.encode())
    assert encoding == "utf-8"
    assert text.startswith(before)
    assert text.endswith(after)
    assert set(text[len(before) : -len(after)]) == {"\ufffd"}


def test_invalid_byte_in_gb18030() -> None:
    text, encoding = decode("全区共查找问题".encode("gb18030") + b"\xff" + "个，已整改31个".encode("gb18030"))
    assert encoding == "gb18030"
    assert text == "全区共查找问题\ufffd个，已整改31个"


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_byte_order_mark_is_no_part_of_the_text(mark: str) -> None:
    assert decode("查处9人".encode(mark)).text == "查处9人"


def test_only_the_first_mark_goes() -> None:
    assert decode("\ufeff\ufeff查处".encode()).text == "\ufeff查处"


def test_expected_encoding_decides_only_where_the_bytes_do_not() -> None:
    assert decode("洛伐克布".encode("gb18030")).encoding == "big5"
    assert decode("洛伐克布".encode("gb18030"), expected="gb18030").text == "洛伐克布"
    assert decode("今年以来全市立案查处干部三十二人".encode("gb18030"), expected="big5").encoding == "gb18030"
    assert decode("今年以来全市立案".encode(), expected="gb18030").encoding == "utf-8"


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 4,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(random.Random(1).randbytes(3000)),
        b"\x1f\x8b\x08\x00" + random.Random(2).randbytes(500),
        bytes(1000),
        b"\x7fELF" + bytes(60) + random.Random(3).randbytes(5000),
    ],
)
def test_binary(data: bytes) -> None:
    assert is_binary(decode(data).text)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=60))
def test_utf8_with_a_mark_round_trips(text: str) -> None:
    assert decode(text.encode("utf-8-sig")) == (text, "utf-8")


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "gb18030", "big5", "utf-16-le"]))
def test_any_bytes_decode(data: bytes, expected: str | None) -> None:
    decode(data, expected).text.encode("utf-8")


@settings(deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12))
def test_file_names_become_printable(name: str) -> None:
    kept = name.encode("gb18030").decode("utf-8", "surrogateescape")
    clean_name(kept).encode("utf-8")
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("file", "encodings"),
    [
        ("xwlb-2014.jsonl.gz", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"]),
        ("ly-gazette.jsonl.gz", ["utf-8", "cp950", "gb18030"]),
    ],
)
def test_accuracy_on_real_snippets(shared: Path, file: str, encodings: list[str]) -> None:
    rng = random.Random(7)
    with gzip.open(shared / "corpus" / file) as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(500), strict=False)]
    snippets = [
        text[i : i + rng.randint(10, 60)] for text in texts if (i := rng.randrange(max(1, len(text) - 60))) >= 0
    ]
    for encoding in encodings:
        data = [(s, s.encode(encoding, "ignore").decode(encoding)) for s in snippets]
        right = sum(decode(s.encode(encoding, "ignore")).text == kept for s, kept in data)
        assert right >= 0.99 * len(data), encoding
