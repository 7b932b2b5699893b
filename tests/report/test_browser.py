"""The report page in a real browser."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

from .made import HOSTILE, large_run, opened

NAMES = "#grid .tabulator-row .tabulator-cell[tabulator-field=name]"


def names(page: Page) -> list[str]:
    return page.locator(NAMES).all_inner_texts()


def column(page: Page, text: str) -> str:
    """The field of the column with that header."""
    head = page.locator("#grid .tabulator-col", has=page.get_by_role("button", name=text, exact=True))
    field = head.first.get_attribute("tabulator-field")
    assert field is not None
    return field


def numbers(page: Page, field: str) -> list[float]:
    texts = page.locator(f"#grid .tabulator-row .tabulator-cell[tabulator-field={field}] .cell").all_inner_texts()
    return [float(re.match(r"[\d.]+", text.replace(",", "")).group()) for text in texts]


def settle(page: Page) -> None:
    """Wait until the filters, which are applied a moment after the last key, are applied."""
    page.locator("main:not(:has([aria-busy='true']))").wait_for()


def test_summary_and_table_are_there(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    assert page.locator("#summary dd").first.inner_text() == "24"
    assert "全国" in names(page)
    assert page.title().startswith("战报")


def test_sorting_by_mouse_and_by_keyboard(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    field = column(page, "查找问题")
    title = page.get_by_role("button", name="查找问题", exact=True).first
    title.click()
    found = numbers(page, field)
    assert len(found) > 5
    assert found == sorted(found, reverse=True)
    title.focus()
    page.keyboard.press("Enter")
    assert numbers(page, field) == sorted(found)


def test_level_search_and_campaign_narrow_the_table(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    page.locator("#filters input[value=county]").check()
    page.locator("#filters [name=search]").fill("重庆")
    settle(page)
    assert "万州区" in names(page)
    assert "重庆市" not in names(page)
    page.locator("#campaign").select_option(index=1)
    settle(page)
    before = names(page)
    page.get_by_role("button", name="清除").click()
    settle(page)
    assert len(names(page)) > len(before)


def test_period(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    page.locator("#filters [name=from]").fill("2018-01-01")
    page.locator("#filters [name=to]").fill("2018-12-31")
    settle(page)
    assert "白城市" in names(page)
    assert "寿光市" not in names(page)


def test_only_facts_of_an_actor_or_object(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    page.locator("#filters [name=whose]").fill("没有这样的主体")
    settle(page)
    assert names(page) == []
    assert page.get_by_text("没有符合条件的内容").first.is_visible()
    page.locator("#filters [name=whose]").fill("问题")
    settle(page)
    assert "白城市" in names(page)


def test_a_cell_opens_its_sentences_and_closes_again(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    cell = page.locator("#grid .cell[aria-label^='白城市 · 查找问题']")
    cell.click()
    panel = page.locator("#detail")
    panel.locator("blockquote").first.wait_for()
    assert panel.locator("mark.this").first.inner_text() == "4179个"
    assert "全市" in panel.locator("blockquote .word.region").all_inner_texts()
    assert page.url.endswith("#cell/220800/issues_found")
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    page.locator("#grid .cell:focus[aria-label^='白城市']").wait_for()


def test_a_cell_can_be_opened_by_its_address(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site, "cell/220800/issues_found")
    assert page.locator("#detail mark.this").first.inner_text() == "4179个"


def test_arrow_keys_go_from_cell_to_cell(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    assert page.locator("#grid .cell[tabindex='0']").count() == 1
    page.locator("#grid .cell").first.focus()
    before = page.evaluate("document.activeElement.dataset.region")
    page.keyboard.press("ArrowDown")
    page.locator(f"#grid .cell:focus:not([data-region='{before}'])").wait_for()
    page.keyboard.press("Enter")
    page.locator("#detail blockquote").first.wait_for()


def test_names_and_words_narrow_the_table(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    page.locator("#grid button.narrow", has_text="重庆市").first.click()
    settle(page)
    assert {"重庆市", "万州区"} <= set(names(page))
    assert "白城市" not in names(page)
    page.locator("#grid .cell[aria-label^='沙坪坝区 · 查找问题']").click()
    page.locator("#detail button.narrow", has_text="处级领导班子").first.click()
    settle(page)
    assert names(page) == ["沙坪坝区"]
    page.locator("#detail mark.this", has_text="792个").wait_for()
    assert "领导班子" in page.locator("#groups option").evaluate_all("options => options.map((its) => its.value)")


def test_titles_are_sorted_over_all_pages(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site, "articles")
    page.locator("#article-grid .title-button", has_text="数字").click()
    # the served page asks for the articles anew: wait until they are there, in falling order
    cells = "document.querySelectorAll('#article-grid .tabulator-cell[tabulator-field=n_figures]')"
    page.wait_for_function(
        f"() => {{ const n = [...{cells}].map(c => Number(c.innerText));"
        " return n.length === 24 && n.every((v, i) => !i || n[i - 1] >= v); }"
    )


def test_conflicts_are_marked(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    page.locator("#chooser summary").click()
    page.get_by_role("button", name="全部指标").click()
    page.locator("#filters [name=search]").fill("夷陵区")
    settle(page)
    page.locator("#grid .cell .mark").first.wait_for()
    opened(page, demo_site, "checks")
    assert page.locator("#conflict-list tbody tr").count() == 2


def test_an_article_shows_raw_and_repaired_text_with_its_figures(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site, "articles")
    page.locator("#article-filters input").fill("宁陕")
    settle(page)
    page.locator("#article-grid a").first.click()
    page.locator("#article .sides").wait_for()
    repaired, raw = page.locator("#article .text").all()
    assert "秋收时节" in repaired.inner_text()
    assert "秋收時(shí)節(jié)" in raw.inner_text()
    assert raw.locator(".repair").count() > 50
    assert repaired.locator("mark[data-figure]").count() == raw.locator("mark[role=button]").count()
    mark = repaired.locator("mark[data-figure]", has_text="397件")
    mark.click()
    assert "民生问题" in page.locator("#article .card").inner_text()


def test_language_switch_is_remembered(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    page.locator("#language").click()
    page.get_by_role("button", name="issues found", exact=True).first.wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.locator("nav a").first.inner_text() == "Table"


def test_downloads_hold_what_is_shown(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site)
    page.locator("#filters [name=search]").fill("白城")
    settle(page)
    with page.expect_download() as waiting:
        page.locator("#download-table").click()
    rows = list(csv.DictReader(waiting.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert [row["region_name"] for row in rows[1:]] == ["白城市"]
    assert rows[1]["issues_found"] == "4179"
    with page.expect_download() as waiting:
        page.locator("#download-facts").click()
    facts = list(csv.DictReader(waiting.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert {fact["region"] for fact in facts} == {"220800"}
    assert "4179" in {fact["value"] for fact in facts}


def test_charts(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site, "charts")
    page.locator("#chart-filters [name=column]").select_option(label="查找问题")
    settle(page)
    assert page.locator("#tiles button").count() == 34
    tile = page.locator("#tiles button[data-code='630000']")
    assert tile.get_attribute("aria-label") == "青海 15,888"
    assert page.locator("#ranking li").count() > 5
    assert page.locator("#series svg circle").count() > 1
    assert "%" in page.locator("#funnel").inner_text()
    tile.click()
    page.locator("#detail mark.this", has_text="15888").first.wait_for()


def test_rejects_name_their_reason(page: Page, demo_site: Path | str) -> None:
    opened(page, demo_site, "rejects")
    assert "truncated" in page.locator("#reject-list tbody").inner_text()


def test_markup_in_a_dump_stays_text(page: Page, hostile_site: Path | str) -> None:
    opened(page, hostile_site)
    page.locator("#grid .cell").first.click()
    page.locator("#detail blockquote a").first.click()
    page.locator("#article .sides").wait_for()
    assert HOSTILE.split("\u2028")[0] in page.locator("#article .text").last.inner_text()
    assert page.locator("#article mark[data-figure]").first.inner_text() == "312个"
    assert page.locator("#article a[href^='javascript']").count() == 0
    for view in ("charts", "articles", "checks", "rejects", "about"):
        opened(page, hostile_site, view)
    assert page.evaluate("window.broken") is None
    assert page.locator("img").count() == 0


def test_inline_scripts_are_forbidden(browser: Browser, demo_site: Path | str) -> None:
    page = opened(browser.new_page(), demo_site)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.text = "window.broken = true";
            document.body.append(script);
        }"""
    )
    assert page.evaluate("window.broken") is None
    page.close()


def test_dark_and_print(browser: Browser, demo_site: Path | str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = opened(context.new_page(), demo_site)
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.locator("#theme").click()
    assert page.evaluate(background) != dark
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator("#summary").is_visible()
    context.close()


@pytest.fixture(scope="module")
def large_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return large_run(tmp_path_factory.mktemp("large") / "out", articles=20_000)


def test_twenty_thousand_articles(page: Page, large_report: Path) -> None:
    opened(page, large_report)
    assert page.locator("#summary dd").first.inner_text() == "20,000"
    # the grid draws only what can be seen
    assert 10 < page.locator("#grid .tabulator-row").count() < 200
    page.locator("#filters [name=search]").fill("万州")
    settle(page)
    page.locator("#grid .cell").first.click()
    page.locator("#detail mark.this").first.wait_for()
    loaded = page.evaluate("[...document.scripts].filter((s) => s.src.includes('articles-')).length")
    assert 1 <= loaded < len(list((large_report / "report" / "data").glob("articles-*.js"))) / 2
