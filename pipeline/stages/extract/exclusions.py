"""Numbers with a measure word that are no figures, by what stands around them.

Dates, clock times and quoted names are parts of the grammar, set phrases a lexicon; here are the rest: ordinals,
ranks, sessions, names with a number, 一 as an article, and powers of ten that only mean many. The rules are those
of the project's definition of a figure (docs/figures.md).
"""

from __future__ import annotations

import re

from pipeline.stages.extract.grammar import Grammar, Unit
from pipeline.stages.extract.numerals import CHINESE_DIGITS, SCALES

__all__ = [
    "WINDOW",
    "can_count",
    "is_clock",
    "is_fold",
    "is_many",
    "is_name",
    "is_ordinal",
    "is_power",
    "is_session",
    "is_single",
    "is_village",
]

#: How many characters before and behind a number the checks look at.
WINDOW = 12

_ORDINAL = re.compile(
    r"""
    (?: 第
      | 第 [一二三四五六七八九十0-9]{1,4} (?: [、和及与至到-] [一二三四五六七八九十0-9]{1,4} ){0,4} [、和及与至到-]
      | (?<! [目面日以之提此当年月天生事会眼跟门从先空战赛节课村底期午] ) 前    # 前三名, but not 目前三名
      | (?<! [一二三四五六七八九十百千万亿两] ) [一二三四五六七八九十] 、     # 三、四名
      | 成 [百千]                                                           # 成千上万
      | 劣                                                                  # 劣五类水质
      | [A-Za-zＡ-Ｚａ-ｚ] [-—]?                                             # G20, 歼-20
      | [+＋×·•]
      | (?<! [\u4e00-\u9fff] ) /                                           # 24/7, but not 2.9万户/1.8万户
    ) \Z
    """,
    re.VERBOSE,
)

#: The characters with which such a context can end.
_ORDINAL_ENDS = frozenset(
    "第、和及与至到-—前百千劣+＋×/·•" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"
) | frozenset(chr(c) for c in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))

_FOLD = re.compile(r"翻了?(?:近|约|超过?|将近|接近)?\Z")

_SESSION = re.compile("全会|全体会议|(?:主席|委员长|常务)?会议|大会|代表大会|常委会")

_TOWNSHIP = re.compile("镇(?![村里干乡街])|乡(?![村镇里干])|县(?![里级域直乡区市])")

_VILLAGE = re.compile("村(?![民集干级里])|屯|庄|堡|铺")

#: 百, 千, 万, 亿 and their products without a coefficient.
_POWER = re.compile(f"[{''.join(SCALES)}]+")

_HAN_NUMERALS = frozenset(CHINESE_DIGITS) | frozenset(SCALES)

_LONE = re.compile("[一二三四五六七八九十两]")

#: After these a power of ten is a number: 过万, 近百.
_MEASURING = ("过", "近", "逾", "超", "约", "达", "超过", "突破", "不足", "不到", "接近", "将近", "大约")

#: Behind these a bare 万 is the end of a statement: 客流过万。
_STOPS = frozenset(("", *"，。；、：！？,;!?）)”的以元\n "))

#: Nouns that make a name of a sum: 万元户, 亿元村.
_NAMED_BY_SUM = ("户", "级", "村", "镇", "店", "楼", "项目", "企业", "产业", "俱乐部")

#: Words that make an article of the 一 that follows: 每一公里, 这一项, 再一次.
_POINTING = tuple("每这那此另某同哪任新上下前后近唯之又再第头")

#: Behind a price, 一斤 says of how much: 四块多一斤.
_PRICE = ("钱", "元", "块", "毛", "多", "几")

_PAUSE = re.compile("[，,。；;：:、]")

#: Units in which deeds are counted one by one: 查处一起, 处分一人.
_UNITS_OF_DEEDS = frozenset("起件人名家宗例户")


def is_ordinal(before: str) -> bool:
    """Whether the number after ``before`` is an ordinal, a rank or part of a name.

    >>> is_ordinal("专项行动第"), is_ordinal("第二、"), is_ordinal("排名前"), is_ordinal("目前")
    (True, True, True, False)
    """
    return before[-1:] in _ORDINAL_ENDS and _ORDINAL.search(before) is not None


def is_session(unit: str, before: str, after: str) -> bool:
    """Whether 次 numbers a session of a body: 十八届中央纪委六次全会."""
    found = _SESSION.match(after) if unit == "次" else None
    return found is not None and ("届" in before or found.group() in ("全会", "全体会议"))


def is_fold(before: str) -> bool:
    """Whether 番 multiplies: 翻一番, 翻了近两番; but not 三番五次."""
    return _FOLD.search(before) is not None


def is_clock(before: str, unit: str) -> bool:
    """Whether 分 is of a clock time: 八点三十分."""
    return unit == "分" and before.endswith(("时", "点"))


def is_village(number: str, after: str, unit: str, kind: str) -> bool:
    """Whether number and unit are part of a place name: 八亩村, 六里屯, 三班镇."""
    if kind == "people" or unit[0] == "个" or number[0] not in _HAN_NUMERALS:
        return False
    if kind in ("measure", "money") and _VILLAGE.match(after) is not None:
        return True
    return _LONE.fullmatch(number) is not None and _TOWNSHIP.match(after) is not None


def is_power(number: str) -> bool:
    """Whether a number is 百, 千, 万, 亿 or a product of them, without a coefficient."""
    return _POWER.fullmatch(number) is not None


def can_count(number: str, unit: Unit) -> bool:
    """Whether a number written so can stand before that word: 三面, 零件 and 二次 cannot, 3面 and 十二次 can."""
    if number[0] == "零":
        return False
    if not _LONE.fullmatch(number):
        return True
    return not unit.several and not (number == "二" and unit.kind in ("count", "people", "money"))


def is_single(before: str, after: str, unit: str, kind: str, grammar: Grammar) -> bool:
    """Whether a Chinese 一 counts; else it is an article (一个问题).

    Before units of measure and of money it does. Before others it counts where a word of limit or of rate goes
    before in the clause (至少一次, 每月一场), where a deed is told of it (查处一起), and where the counted thing is
    left out (一家被吊销执照); but 一批 never does.
    """
    if before.endswith(_POINTING) or unit in ("批", "种"):
        return False
    if "一" + unit in before[-8:] or "一" + unit in after[:8]:
        return False  # a slogan: 发现一起查处一起
    if kind not in ("count", "people"):
        return not (before.endswith(_PRICE) and kind == "measure")
    clause = _PAUSE.split(before)[-1].replace("不仅", "")
    if any(cue in clause for cue in grammar.cues["single"]):
        return True
    return unit in _UNITS_OF_DEEDS and (clause.endswith(grammar.cues["deed"]) or after.startswith(("被", "受到")))


def is_many(number: str, before: str, after: str, kind: str) -> bool:
    """Whether a power of ten only says many or names a thing (千家, 百名, 万元户); 百万家, 过万, 万元以上 are numbers.

    ``kind`` is that of the unit, '' where there is none.
    """
    if not is_power(number) or number == "十":
        return False
    if kind == "" and len(number) == 1 and after[:1] not in _STOPS:
        return True
    if before.endswith(_MEASURING):
        return False
    if kind == "money":
        return after.startswith(_NAMED_BY_SUM)
    return len(number) == 1 or kind == ""


#: Telephone lines of government, five digits long: 12345市民热线, 12309检察服务.
_HOTLINE = re.compile("1(?:23|18|08|61)[0-9]{2}")

#: Years that a noun follows at once: 2015国家公务员考试, 2016环法.
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_AFTER_YEAR = frozenset("环欧")

#: Stages of a project and grades of water: 四期工程, 探月三期, 水质达到三类, 三类水.
_LONE_ORDINAL = re.compile("[一二三四五六七八九]")
_WATER_AHEAD = re.compile(r"(?:水质?|水体|断面|河段?|江段?)[^，。；,;]{0,10}\Z|劣\Z")

#: Ranks: 排在27位, 滑落至20位.
_RANK = re.compile(r"(?:[排列居跌降升最]|名次|名列|滑落|跃居|跃升|倒数)[^，。；,;0-9]{0,3}(?:[至到在为]|后|末)了?\Z")

#: A train by its number: 15次列车, 太原至永济4625次.
_TRAIN_AHEAD = re.compile(r"[\u4e00-\u9fff]{2,5}(?:至|(?<![收接达受得遇看听找查])到)[\u4e00-\u9fff]{2,5}\Z|[直快]\Z")
_TRAIN_NUMBER = re.compile("[0-9]{3,5}")


def is_name(number: str, before: str, after: str, word: str, unit: Unit, grammar: Grammar) -> bool:
    """Whether a number is part of a name: a year, a stage, a grade, a rank, a train, a regiment or a hospital.

    >>> from pipeline.stages.extract.grammar import grammar
    >>> unit, words = Unit("count", several=False), grammar()
    >>> is_name("三", "探月", "飞行器", "期", unit, words), is_name("三", "举办了", "培训班", "期", unit, words)
    (True, False)
    """
    if number[0] == "0" and number[1:2].isdigit():
        return True
    lone = _LONE_ORDINAL.fullmatch(number) is not None
    if word == "期" and lone:
        return after.startswith(grammar.cues["of stage"]) or before.endswith(grammar.cues["staged"])
    if word == "类" and lone:
        return after.startswith("水") or _WATER_AHEAD.search(before) is not None
    if word == "位":
        return _RANK.search(before) is not None
    if word == "次":
        return after.startswith(grammar.cues["train"]) or (
            _TRAIN_NUMBER.fullmatch(number) is not None and _TRAIN_AHEAD.search(before) is not None
        )
    if word in ("团", "集") and not lone:
        return word == "团" or after.startswith("团军")
    if number.isdecimal():
        return _is_numbered(number, after, word, unit)
    return False


def _is_numbered(number: str, after: str, word: str, unit: Unit) -> bool:
    """Whether digits number what follows: 302医院, 1502班, 9596列车, 12345市民热线, 2015国家公务员考试."""
    if _YEAR.fullmatch(number) and (unit.noun or word in _AFTER_YEAR):
        return True
    if unit.noun and _HOTLINE.fullmatch(number):
        return True
    if word == "医院" or (word == "列" and after.startswith("车") and len(number) > 2):
        return len(number) > 1
    return word == "班" and len(number) > 3
