"""Runs with a page, and a browser to look at it; tests that need the browser are skipped where there is none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.report import build

from .made import HOSTILE, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


@pytest.fixture(scope="session")
def demo_report(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration run with its page."""
    out = tmp_path_factory.mktemp("report") / "out"
    shutil.copytree(demo, out)
    build(out)
    return out


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose every free text is markup, with a page."""
    from pipeline.engine import run
    from pipeline.model import Options

    folder = tmp_path_factory.mktemp("hostile")
    records = [
        {
            "id": f"a{HOSTILE}",
            "title": f"万州区{HOSTILE}",
            "source": f"晨报{HOSTILE}",
            "author": HOSTILE,
            "url": "javascript:window.broken=true",
            "date": "2024-05-01",
            # characters beyond the Basic Multilingual Plane: a browser counts each as two
            "text": f"重庆市万州区𠮷𠮷{HOSTILE}。万州区共查找问题312个，整改287个。",
        },
        {"id": "empty", "text": ""},
    ]
    dump = folder / "dump.jsonl"
    dump.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    (folder / "lexicon").mkdir()
    rows = f'metric,label,label_en,source\nissues_found,"{HOSTILE.replace(chr(34), chr(34) * 2)}",{"<b>"},made\n'
    (folder / "lexicon" / "metrics.csv").write_text(rows.replace("\u2028", ""), encoding="utf-8")
    from pipeline import lexicon

    out = folder / "out"
    try:
        run(dump, out, Options(lexicons=(str(folder / "lexicon"),)), workers=1)
        build(out)
    finally:
        lexicon.use(())
    return out


@pytest.fixture(scope="session")
def demo_server(demo_report: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which ``zhanbao serve`` serves the demonstration run."""
    with serving(demo_report, tmp_path_factory.mktemp("serve")) as address:
        yield address


@pytest.fixture(params=["from disk", "served"])
def demo_site(request: pytest.FixtureRequest, demo_report: Path) -> Path | str:
    """The page of the demonstration run, in both ways."""
    if request.param == "from disk":
        return demo_report
    address: str = request.getfixturevalue("demo_server")
    return address


@pytest.fixture(params=["from disk", "served"])
def hostile_site(request: pytest.FixtureRequest, hostile_report: Path, tmp_path: Path) -> Iterator[Path | str]:
    """The page of the run whose every free text is markup, in both ways."""
    if request.param == "from disk":
        yield hostile_report
    else:
        with serving(hostile_report, tmp_path) as address:
            yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """An installed Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        chromium = tools.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without memory, 1280 pixels wide, in Chinese."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN", accept_downloads=True)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test if it reports an error, breaks its own security policy or asks the network."""
    made = context.new_page()
    problems: list[str] = []
    made.on("pageerror", lambda error: problems.append(str(error)))
    made.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
    ours = ("file:", "blob:", "http://127.0.0.1:")
    made.on("request", lambda request: None if request.url.startswith(ours) else problems.append(request.url))
    yield made
    assert not problems
