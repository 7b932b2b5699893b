"""Install the extra ``bench`` package by package: python -m bench.install

For a Python on which one of them cannot be installed: it is named and left out, and the others are measured.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import requires

from bench.sample import ROOT

_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")


def wanted(requirements: Sequence[str]) -> list[str]:
    """What the extra names, without its marker.

    >>> wanted(["click>=8", 'cpca<0.6,>=0.5.5; extra == "bench"', 'ruff; extra == "test"'])
    ['cpca<0.6,>=0.5.5']
    """
    parts = (requirement.partition(";") for requirement in requirements)
    return [package.strip() for package, _, marker in parts if 'extra == "bench"' in marker]


def main() -> None:
    """Install what can be installed."""
    for requirement in wanted(requires("zhanbao") or []):
        command = [*_PIP, "--constraint", str(ROOT / "constraints.txt"), requirement]
        if subprocess.run(command).returncode:
            print(f"left out: {requirement} does not install on Python {platform.python_version()}")


if __name__ == "__main__":
    main()
