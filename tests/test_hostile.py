"""Texts made to do harm, through reader and stages: none may raise, hang, vanish, or spoil an offset."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest
from fuzz.targets import measured_holds, mended_holds, walk_holds
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import Article, Reject
from pipeline.stages import run_stages
from pipeline.stages.read import plan, read

#: what patterns begin, repeat and end with
PIECES = (
    *(
        "1",
        "１",
        "12",
        "1,",
        "1，",
        "1.",
        "1.1.",
        "1/",
        "1/3的",
        "1:",
        "12:30",
        "1-",
        "1至",
        "1—2",
        "1%",
        "1‰",
        "1.5亿",
        "0",
    ),
    *(
        "一",
        "二百",
        "百",
        "万",
        "十",
        "几",
        "数十",
        "上百",
        "〇",
        "零",
        "半",
        "两",
        "一二",
        "万亿",
        "百分之",
        "三分之一",
        "翻番",
        "过半",
    ),
    *(
        "1件",
        "1件，",
        "1件、",
        "1件；",
        "1件和",
        "1个多月",
        "1余",
        "1多万",
        "1万多起",
        "1人次",
        "查处1起",
        "立案1件，处分1人，",
        "占1%",
    ),
    *(
        "其中",
        "其中1件",
        "(其中",
        "(其中1件",
        "共",
        "累计",
        "截至",
        "分别",
        "分别为1、2",
        "同比增长1%",
        "由1件降到1件",
        "比去年",
    ),
    *("(", "（", ")", "()", "（1）", "((", "[", "〔", "【", "《", "“", "”", "“1", "「", '"', "'", "《1", "〈"),
    *(
        "年",
        "1年",
        "1月",
        "1月1日",
        "2018年1月1日至",
        "今年以来",
        "十八大以来",
        "1-9月",
        "去年同期",
        "上半年",
        "1时",
        "8:30",
    ),
    *(
        "县",
        "市",
        "全市",
        "全国",
        "重庆市",
        "重庆市、",
        "吉林",
        "朝阳区",
        "张家村",
        "首阳镇",
        "自治州",
        "各地",
        "该县",
        "县委",
        "当地",
    ),
    *(
        "开展",
        "开展“",
        "主题教育",
        "“主题”",
        "专项行动",
        "活动",
        "教育",
        "以来",
        "期间",
        "新华社北京1月1日电",
        "本报讯",
        "记者",
    ),
    *(
        "来源：",
        "作者:",
        "责任编辑：张某",
        "阅读:1",
        "2020-09-06 22:21:36",
        "(记者 某某)",
        "摄",
        "第1版",
        "点赞",
        "分享",
    ),
    *(
        "\n",
        "\r\n",
        "\u2028",
        "\t",
        " ",
        "\u3000",
        "\u200b",
        "\x00",
        "\x1f",
        "\x7f",
        "\xad",
        "\ufeff",
        "\ue5e5",
        "\ufffd",
    ),
    *(
        "<",
        "<p>",
        "<script>",
        "</p",
        "<!--",
        "-->",
        "&",
        "&nbsp;",
        "&nbsp",
        "&#x10ffff;",
        "&#0;",
        "&#99999999;",
        "<a href='",
    ),
    *("(jīng)", "經(jīng)", "經jīng)", "?jīng)", "?a中", "，A中", "!中", "?", "？", "??", "中?中", "(a)", "(qū", "ǹg"),
    *("È«ÊÐ", "å…¨", "锛", "銆", "鐨", "锟斤拷", "€", "â€œ", "é", "ä¸", "\u07ff", "鍏ㄥ競", "樸"),
    *(
        "a",
        "a1",
        "A1件",
        "G20",
        "http://",
        "www.1.com",
        "@",
        "#",
        "1#",
        "…",
        "——",
        "·",
        "。",
        "！",
        "？！",
        "，",
        "、",
        "；",
        ":",
    ),
    *(
        "\U0001f600",
        "1\ufe0f\u20e3",
        "㈠",
        "①",
        "½",
        "²",
        "Ⅷ",
        "٣",
        "๓",
        "一\u0301",
        "𠀀",
        "\ud7ff",
        "\uffff",
        "干后",
        "乾縣",
        "個",
    ),
)

#: how a piece is laid out: alone and again, behind and before figures, in brackets, line by line
LAYOUTS = ("{many}", "全县查处{many}5件，其中移送{piece}2件。", "（{many}）\n{piece}\n立案{piece}3件{many}")
REPEATS = 60

CASES = [(piece, layout) for piece, layout in product(PIECES, LAYOUTS)]


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 200
    assert len(set(PIECES)) == len(PIECES)


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_a_hostile_text_goes_through_reader_and_stages(piece: str, tmp_path: Path) -> None:
    texts = [layout.format(piece=piece, many=piece * REPEATS) for layout in LAYOUTS]
    lines = [json.dumps({"id": str(n), "text": text}) for n, text in enumerate(texts)]
    (tmp_path / "r.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "t.txt").write_text(texts[0], encoding="utf-8", newline="")
    items = [item for shard in plan(tmp_path) for item in read(shard)]
    assert len(items) == len(texts) + 1, "a record has vanished"
    for item in items:
        if isinstance(item, Reject):
            assert item.reason in ("empty", "binary"), item
        else:
            walk_holds(item.raw_text)


@pytest.mark.parametrize(
    "piece", ["1", "(", "（", "一", "其中", "“", "<", "&", "(a", "?", "\n", "。", "jī", "万", "县", "来源："]
)
def test_the_time_for_a_long_text_is_bounded(piece: str) -> None:
    # a pattern that tries all ways to divide a run would need years here
    text = (piece * 100_000)[:100_000]
    assert run_stages(Article("a", text)).raw_text == text


HOSTILE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(max_examples=150, deadline=None)
@given(HOSTILE)
def test_any_mixture_goes_through_all_stages(text: str) -> None:
    walk_holds(text)


@settings(max_examples=300, deadline=None)
@given(HOSTILE)
def test_repair_can_be_replayed_and_done_again(text: str) -> None:
    mended_holds(text)


@settings(max_examples=400, deadline=None)
@given(
    HOSTILE
    | st.text(alphabet="0123456789０５一二三百千万亿几多余来点.,，、至-%个件人次元公里分之半第年月日 ", max_size=40)
)
def test_quantities_are_in_order_and_apart(text: str) -> None:
    measured_holds(text)
