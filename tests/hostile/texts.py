"""Texts that are long, of one character, without marks, or full of what nobody sees."""

from __future__ import annotations

from hostile import ANY, Case, bad

MILLION = 1_000_000
S = "全县查处问题5件，其中移送2件。"


def _filled(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def _case(name: str, unit: str, length: int) -> Case:
    """A text of one unit again and again; it comes back character for character, but for the two below."""
    text = _filled(unit, length)
    if name in REFUSED:
        return bad(lambda: text.encode(), REFUSED[name])
    return Case(lambda: text.encode(), (ANY if name in IN_ANOTHER_ENCODING else text,), ())


#: What is no text, and why.
REFUSED = {"blanks": "empty", "wide-blanks": "empty", "replacement": "binary"}

#: Letters with a few others, again and again, whose bytes are as good in another encoding: nothing tells which it is.
IN_ANOTHER_ENCODING = frozenset({"readings", "stray-readings", "latin"})


#: what the texts are made of
UNITS = {
    "digits": "1",
    "wide-digits": "１",
    "han-digits": "一",
    "ten-thousands": "万",
    "of-which": "其中",
    "and": "和",
    "respectively": "分别",
    "commas": "，",
    "pauses": "、",
    "colons": "：",
    "full-stops": "。",
    "points": ".",
    "thousands-commas": "1,",
    "decimals": "1.",
    "slashes": "1/",
    "dashes": "1-",
    "ranges": "1至",
    "shares": "百分之",
    "opening": "（",
    "closing": "）",
    "brackets": "（）",
    "square": "［",
    "quotes": "“",
    "quoted": "“1”",
    "titles": "《",
    "readings": "(jī",
    "readings-closed": "全(jī)",
    "stray-readings": "jī)",
    "lost-bytes": "?",
    "tags": "<p>",
    "open-tags": "<",
    "references": "&amp;",
    "open-references": "&",
    "comments": "<!--",
    "scripts": "<script>",
    "blanks": " ",
    "wide-blanks": "\u3000",
    "lines": "a\n",
    "tabs": "\t1",
    "one-han": "的",
    "one-letter": "x",
    "replacement": "\ufffd查",
    "mojibake": "鍏ㄥ競",
    "latin": "È«ÊÐ",
    "private-use": "\ue5e5查",
    "zero-width": "\u200b1",
    "right-to-left": "\u202e1",
    "joiners": "\u200d",
    "combining": "一\u0301",
    "emoji": "\U0001f600",
    "keycaps": "1\ufe0f\u20e3",
    "astral": "𠀀",
    "traditional": "經濟幹部",
    "phrases": "乾隆年間憑藉",
    "places": "重庆市",
    "place-list": "重庆市、",
    "that-county": "重庆市该县",
    "villages": "张家村",
    "labels": "来源：",
    "bylines": "记者 ",
    "dates": "2018年1月1日",
    "since": "十八大以来",
    "campaigns": "开展主题教育",
    "counts": "1件",
    "counts-apart": "1件、",
    "of-which-counts": "其中1件",
    "of-which-open": "(其中1件",
    "of-which-lines": "其中1件\n",
    "percents": "1%",
    "growth": "同比增长1%",
    "falls": "由1件降到1件",
}

#: of these there is a megabyte; what holds many figures is shorter, for each figure takes its time
MEGABYTES = frozenset({"digits", "han-digits", "of-which", "commas", "opening", "brackets", "one-han", "one-letter"})
FIGURES = frozenset(
    {
        "counts",
        "counts-apart",
        "of-which-counts",
        "of-which-open",
        "of-which-lines",
        "percents",
        "growth",
        "falls",
        "dates",
    }
)


def _length(name: str) -> int:
    return MILLION if name in MEGABYTES else 10_000 if name in FIGURES else 60_000


CASES: dict[str, Case] = {f"{name}.txt": _case(name, unit, _length(name)) for name, unit in UNITS.items()} | {
    "no-marks-5-mb.txt": _case("no-marks-5-mb", "全县查处问题整改落实群众满意干部作风建设", 1_700_000),
}
