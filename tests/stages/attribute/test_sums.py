"""Whether numbers add up to a whole, and whether a share is that of a number in one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Article, Options
from pipeline.stages.attribute.parts import family
from pipeline.stages.attribute.sums import Sums
from pipeline.stages.extract import extract
from pipeline.stages.segment import segment


def read(text: str) -> tuple[Article, Sums]:
    article = Article("any", text, text=text)
    for stage in (segment, extract):
        article = stage(article, Options())
    return article, Sums(article.text, article.quantities, [family(q.unit) for q in article.quantities])


def parts(text: str, whole: int, part: int, others: tuple[int, ...] = ()) -> set[str]:
    return set(read(text)[1].of_parts(whole, part, others, "no rest"))


def share(text: str, whole: int, part: int, others: tuple[int, ...] = ()) -> set[str]:
    return set(read(text)[1].of_share(whole, part, others))


def test_two_numbers_far_apart_make_up_the_whole() -> None:
    text = "全县排查隐患296处，已整改265处。检查企业12家。其余31处月底前完成。"
    assert "adds up=pair" in parts(text, 0, 1) & parts(text, 0, 3)
    assert "adds up,size=pair,large" in parts(text, 0, 3)
    assert not parts(text, 0, 2)


def test_a_row_of_numbers_makes_up_the_whole_that_stands_before_or_behind() -> None:
    assert "adds up=run" in parts("检查单位96家，其中学校4家、医院7家、商店85家。", 0, 2)
    assert "adds up=behind" in parts("走访甲村120户、乙村80户、丙村40户，共240户。", 3, 0)


def test_numbers_of_another_unit_or_that_do_not_add_up_tell_nothing() -> None:
    assert not parts("立案96件，处分4人、7人、85人。", 0, 1)
    assert not parts("检查单位96家，其中学校4家、医院7家、商店86家。", 0, 2)


def test_it_is_told_where_they_add_up_to_another_candidate() -> None:
    text = "登记村庄610个，排查问题90个，已整改60个，正在整改30个。"
    assert parts(text, 0, 2, (0, 1)) == {"adds up with another=no rest"}


def test_a_share_is_that_of_the_number_before_it_in_the_whole() -> None:
    text = "受理诉求2000件，比上年多300件，咨询类850件，占42.5%。"
    assert "share fits=before" in share(text, 0, 3)
    assert "share fits,digits=before,decimals" in share(text, 0, 3)
    assert "share fits=none" in share(text, 1, 3) and "share fits=another" in share(text, 1, 3, (0, 1))


def test_a_share_in_words_fits_roughly() -> None:
    assert "share fits,digits=before,rough" in share("发放问卷1000份，收回880份，约九成。", 0, 2)


def test_all_and_nothing_are_no_shares_to_be_reckoned() -> None:
    assert not share("受理诉求2000件，办结2000件，办结率100%。", 0, 2)


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=6))
def test_parts_that_add_up_are_always_found(values: list[int]) -> None:
    listed = "、".join(f"第{'甲乙丙丁戊己'[at]}类{value}件" for at, value in enumerate(values))
    text = f"全年受理案件{sum(values)}件，其中{listed}。"
    for part in range(1, len(values) + 1):
        assert any(clue.startswith("adds up=") for clue in parts(text, 0, part))


@given(st.text(alphabet="0123456789.件%人，。其中占、共半三成", max_size=60))
def test_any_numbers_can_be_asked(text: str) -> None:
    article, sums = read(text)
    count = len(article.quantities)
    for whole in range(count):
        for part in range(count):
            if whole != part:
                list(sums.of_parts(whole, part, range(count), "rest"))
                list(sums.of_share(whole, part, range(count)))
