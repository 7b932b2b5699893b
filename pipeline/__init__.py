"""zhanbao: from dumps of Chinese news reports to tables of campaign metrics.

Importing the package does nothing else: every public name is loaded when it is first used.

>>> import pipeline
>>> [stage.name for stage in pipeline.STAGES][:2]
['repair', 'simplify']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Article": "pipeline.model",
    "Options": "pipeline.model",
    "Reject": "pipeline.model",
    "STAGES": "pipeline.stages",
    "Summary": "pipeline.engine",
    "explain": "pipeline.reasons",
    "explain_text": "pipeline.reasons",
    "run": "pipeline.runs",
    "run_stages": "pipeline.stages",
}

__all__ = [
    "STAGES",
    "Article",
    "Options",
    "Reject",
    "Summary",
    "__version__",
    "explain",
    "explain_text",
    "run",
    "run_stages",
]

if TYPE_CHECKING:
    from pipeline.engine import Summary
    from pipeline.model import Article, Options, Reject
    from pipeline.reasons import explain, explain_text
    from pipeline.runs import run
    from pipeline.stages import STAGES, run_stages


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
