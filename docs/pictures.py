"""The pictures of the report page in these pages and in the README, taken in a browser: ``make pictures``.

    python docs/pictures.py OUT FOLDER

OUT is the output of the demonstration run. The pictures show what a reader of the tutorial sees. They are taken with
twice as many dots as a window has, and kept small by a palette. What the run prints is put into the same pages.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_COLOURS = 128

ROOT = Path(__file__).parent.parent

#: pages that show what the run prints, and how many lines of its table
PAGES = ("README.md", "README.zh-CN.md", "docs/tutorial.md", "docs/zh/tutorial.md")
_ROWS = 9


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


def printed() -> list[str]:
    """What the demonstration run prints, but for where its files are."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pipeline", "run", str(ROOT / "data" / "raw"), "-o", f"{folder}/out"]
        said = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False).stdout
    lines = said.replace(f"{folder}/out", "data/processed").splitlines()
    return [line.rstrip() for line in lines[: lines.index("", lines.index("") + 1)]]


def refresh(page: Path, said: list[str]) -> None:
    """Put what a run prints in the place of what it printed once: all of it, or its first paragraph."""
    text = page.read_text(encoding="utf-8")
    summary = said[: said.index("")]
    table = said[len(summary) : len(summary) + _ROWS]

    def anew(found: re.Match[str]) -> str:
        return "\n".join(["```", *summary, *([*table, "…"] if "\n\n" in found.group() else []), "```"])

    page.write_text(re.sub(r"^```\n\d+ articles, (?s:.*?)```$", anew, text, flags=re.MULTILINE), encoding="utf-8")


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
    said = printed()
    for page in PAGES:
        refresh(ROOT / page, said)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
