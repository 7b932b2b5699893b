"""The notebooks run from top to bottom, in the order in which a reader takes them or any other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def place(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which ``../data`` is a copy of the demonstration dump, and where a run may leave its output."""
    root = tmp_path_factory.mktemp("notebooks")
    shutil.copytree(raw, root / "data" / "raw")
    (root / "notebooks").mkdir()
    return root / "notebooks"


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) == 5


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(notebook: Path, place: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    content = nbformat.read(notebook, as_version=4)
    assert all(not cell.get("outputs") for cell in content.cells), "notebooks are kept without outputs"
    NotebookClient(content, timeout=300, resources={"metadata": {"path": str(place)}}).execute()
    shown = [cell for cell in content.cells if cell.cell_type == "code" and cell.outputs]
    assert len(shown) >= 3
