"""What several test modules share: the demonstration run, and the marked reports where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# how long an example takes depends on what was loaded before it, and on the machine
settings.register_profile("zhanbao", deadline=None)
settings.load_profile("zhanbao")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def raw() -> Path:
    """The demonstration dump."""
    return ROOT / "data" / "raw"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with marked reports beside the checkout; tests that need it are skipped without it."""
    folder = ROOT.parent / "shared"
    if not (folder / "gold").is_dir():
        pytest.skip("no marked reports beside the checkout")
    return folder


@pytest.fixture(scope="session")
def demo(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a run over the demonstration dump; not to be changed."""
    from pipeline.engine import run

    out = tmp_path_factory.mktemp("demo") / "out"
    run(raw, out, workers=1)
    return out
