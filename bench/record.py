"""Results with the machine and the date they belong to, kept in ``bench/results``."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = (
    "zhanbao",
    "cn2an",
    "cpca",
    "daachorse",
    "jieba",
    "jionlp",
    "numpy",
    "opencc-python-reimplemented",
    "recognizers-text-number",
    "regex",
    "rjieba",
)


def save(name: str, result: dict[str, Any]) -> Path:
    """Write a result to ``results/NAME-DATE.json``."""
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}-{now:%Y%m%d-%H%M%S}.json"
    whole = {"measured": name, "date": f"{now:%Y-%m-%d %H:%M} UTC", "machine": machine(), **result}
    file.write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return file


def machine() -> dict[str, Any]:
    """The processor, the interpreter and the versions of what is measured."""
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "packages": {package: _version(package) for package in PACKAGES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
