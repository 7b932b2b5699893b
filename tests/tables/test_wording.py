"""Shared wording of two texts, and the numbers in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tables.duplicates import relation
from pipeline.tables.wording import (
    SHINGLE,
    band_keys,
    bodies,
    body,
    containment,
    numbers,
    shingles,
    shingles_of,
    verbatim,
)

REPORT = (
    "入夏以来,某县把清理河道当成头等大事来抓。县里先后派出14个工作队,沿河走了三遍,查出乱堆乱放86处、违章棚屋31间。"
    "到上个月底,这些地方已经清走垃圾2300吨,拆掉棚屋29间。住在河边的老人说,夜里终于闻不到臭味了。"
    "县水利局的负责人表示,剩下的两间棚屋牵涉到补偿,正在一户一户地谈。下一步还要给每段河岸定下看管的人,"
    "每半个月巡查一遍,发现一处、登记一处、清理一处。群众可以拨打电话举报,查实的给予奖励。"
    "今年秋天,县里打算沿河修一条步道,让大家有个散步的去处。记者在现场看到,新栽的柳树已经冒出了嫩芽。"
)


@given(st.text("河水清清柳树成行0123", min_size=0, max_size=60))
def test_one_hash_for_each_run_of_characters(text: str) -> None:
    runs = [text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)]
    hashes = shingles(text)
    assert len(hashes) == len(runs)
    assert len(set(hashes.tolist())) == len(set(runs))


def test_hashes_do_not_depend_on_the_place() -> None:
    text = body(REPORT)
    assert np.array_equal(shingles(text)[7:], shingles(text[7:]))


def test_body_leaves_out_what_sites_fold_and_drop() -> None:
    assert body("清 走垃圾,2,300吨。\n") == body("清走垃圾，2300吨．")


def test_a_piece_is_contained_whole() -> None:
    assert containment(body(REPORT)[40:120], body(REPORT)) == 1.0


def test_unrelated_texts_share_nothing() -> None:
    assert (
        containment(body(REPORT), body("山上的雪还没有化完,牧民已经把羊群赶到了南坡的草场,等着第一场春雨落下来。"))
        == 0.0
    )


def test_equal_texts_share_all_bands_and_other_texts_none() -> None:
    other = body("山上的雪还没有化完,牧民已经把羊群赶到了南坡的草场,等着第一场春雨落下来。")
    keys = band_keys(*shingles_of(*bodies([REPORT, REPORT, other])))
    assert (keys[0] == keys[1]).all()
    assert not (keys[0] == keys[2]).any()


def test_a_third_meets_the_whole_in_a_band() -> None:
    whole = body(REPORT)
    third = whole[: len(whole) // 3]
    keys = band_keys(*shingles_of(*bodies([whole, third])))
    assert (keys[0] == keys[1]).any()


@pytest.mark.parametrize(
    ("first", "second", "same", "different"),
    [
        ("清走垃圾2300吨。", "清走垃圾2,300吨。", 1, 0),
        ("清走垃圾２３００吨。", "清走垃圾2300吨。", 1, 0),
        ("清走垃圾2300吨。", "清走垃圾4100吨。", 0, 1),
        ("拆掉棚屋29间,又清走垃圾2300吨。", "拆掉棚屋29间,还运走垃圾2400吨。", 1, 0),
        ("点击 2300 次\n清走垃圾9吨。", "点击 4100 次\n清走垃圾9吨。", 1, 0),
        ("没有数字。", "没有数字。", 0, 0),
    ],
)
def test_numbers_of_clauses_of_the_same_wording(first: str, second: str, same: int, different: int) -> None:
    assert numbers(first, second) == (same, different)


def test_verbatim_counts_whole_sentences() -> None:
    assert verbatim(REPORT, REPORT) == 1.0
    assert verbatim("改了一个字的句子。", REPORT) == 0.0


CHANGED = REPORT.replace("住在河边的老人说,夜里终于闻不到臭味了。", "一位船工告诉记者,鱼又回来了。").replace(
    "记者在现场看到,新栽的柳树已经冒出了嫩芽。", "步道预计明年完工。"
)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        (REPORT[: len(REPORT) // 3], "reprint"),
        (REPORT[len(REPORT) // 3 : 2 * len(REPORT) // 3], "reprint"),
        ("别的标题\n来源:某某网 2020-01-02 10:20 阅读 99\n" + REPORT + "\n责任编辑:某某", "reprint"),
        (CHANGED, "reprint"),
        (REPORT.replace("，", ",").replace("。", "｡"), "reprint"),
        (REPORT.replace("86处", "112处").replace("2300吨", "4100吨").replace("29间", "31间"), "update"),
        ("山上的雪还没有化完,牧民已经把羊群赶到了南坡的草场。" * 6, "different"),
        (REPORT[:40], "different"),
    ],
    ids=["first third", "middle third", "retitled", "two sentences", "folded", "update", "unrelated", "an extract"],
)
def test_relation_to_the_report(variant: str, expected: str) -> None:
    assert relation(REPORT, variant).relation == expected
    assert relation(variant, REPORT).relation == expected


def test_notices_of_another_year_are_reports_of_their_own() -> None:
    # containment lies between what is asked of texts of one month and of texts of another year
    new = REPORT.replace("半个月", "十来天").replace("散步", "歇脚").replace("入夏", "入秋")
    assert relation(REPORT, new, days=1).relation == "reprint"
    assert relation(REPORT, new, days=365).relation == "different"


@given(st.lists(st.text("河水清清,柳树\n成行0１𠀀 ", max_size=40), max_size=6))
def test_many_texts_at_once_are_read_as_each_alone(texts: list[str]) -> None:
    codes, sizes = bodies(texts)
    assert codes.tobytes().decode("utf-32-le") == "".join(map(body, texts))
    hashes, counts = shingles_of(codes, sizes)
    assert counts.tolist() == [len(shingles(body(text))) for text in texts]
    assert hashes.tolist() == [value for text in texts for value in shingles(body(text)).tolist()]


def test_long_texts_are_hashed_in_blocks_without_a_seam() -> None:
    text = body(REPORT) * 200
    assert len(text) > 32_768
    assert len(set(shingles(text).tolist())) == len(body(REPORT))


@pytest.mark.parametrize("character", ["文", "９", "é", "𠀀", "。", " ", "\U000e0001", "\ud800"])
def test_what_counts_as_wording_is_the_same_for_one_and_for_many(character: str) -> None:
    assert bodies([character])[1].tolist() == [len(body(character))]
