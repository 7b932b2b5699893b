"""The error of a run that cannot be."""

from __future__ import annotations

__all__ = ["EngineError"]


class EngineError(Exception):
    """A run cannot begin or go on; the message says what to do."""
