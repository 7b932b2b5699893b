"""The pictures of the report page in these pages and in the README, taken in a browser: ``make pictures``.

    python docs/pictures.py OUT FOLDER

OUT is the output of the demonstration run. The pictures show what a reader of the tutorial sees. They are taken with
twice as many dots as a window has, and kept small by a palette.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_COLOURS = 128


def table(page: Page) -> None:
    """The table as the page opens."""


def question(page: Page) -> None:
    """Districts of Chongqing, sorted by problems found by leading groups."""
    page.locator("#filters input[value=county]").check()
    page.locator("#filters [name=search]").fill("重庆")
    page.locator("#filters [name=whose]").fill("领导班子")
    _settled(page)
    page.locator("#grid .title-button", has_text="查找问题").click()


def sentence(page: Page) -> None:
    """The sentence behind the number of one of them."""
    question(page)
    page.locator("#grid .cell[aria-label^='沙坪坝区 · 查找问题']").click()
    page.locator("#detail mark.this").first.wait_for()


def cell(page: Page) -> None:
    """A cell of a prefecture with its sentences."""
    page.locator("#grid .cell[aria-label^='白城市 · 查找问题']").click()
    page.locator("#detail mark.this").first.wait_for()


def article(page: Page) -> None:
    """A damaged article, repaired and as it was scraped."""
    page.locator("nav a[href='#articles']").click()
    page.locator("#article-filters input").fill("宁陕")
    _settled(page)
    page.locator("#article-grid a").first.click()
    page.locator("#article .sides mark", has_text="397件").first.click()


def charts(page: Page) -> None:
    """Tile map, ranking, series and funnel of problems found."""
    page.locator("nav a[href='#charts']").click()
    page.locator("#chart-filters [name=column]").select_option(label="查找问题")
    _settled(page)


#: what is shown, and how high the window is
PICTURES: dict[Callable[[Page], None], int] = {
    table: 640,
    question: 560,
    sentence: 720,
    cell: 720,
    article: 760,
    charts: 960,
}


def _settled(page: Page) -> None:
    page.locator("main:not(:has([aria-busy='true']))").wait_for()
    page.locator("#status:empty").wait_for(state="attached")


def _smaller(png: bytes) -> bytes:
    """The same picture with a palette: text and plain areas need few colours."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    written = io.BytesIO()
    small.save(written, "png", optimize=True)
    return written.getvalue()


def main(out: Path, folder: Path) -> None:
    """Take all pictures."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        sys.exit("an installed Chromium takes the pictures; on Debian: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for shown, height in PICTURES.items():
            context = browser.new_context(
                viewport={"width": 1200, "height": height}, device_scale_factor=2, locale="zh-CN", color_scheme="light"
            )
            page = context.new_page()
            page.goto((out / "report" / "index.html").resolve().as_uri())
            page.wait_for_selector("html[data-ready]")
            shown(page)
            _settled(page)
            path = folder / f"report-{shown.__name__}.png"
            path.write_bytes(_smaller(page.screenshot()))
            print(f"{path}: {path.stat().st_size // 1024} kB")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
