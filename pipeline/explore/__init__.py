"""Looking at what a run has left: plain functions over the output folder, for notebooks and the command line."""

from pipeline.explore.lookup import (
    ArticleView,
    CellView,
    FigureView,
    NotFoundError,
    cell,
    facts_overview,
    find,
    table,
)
from pipeline.explore.scoring import GoldError, Score, score

__all__ = [
    "ArticleView",
    "CellView",
    "FigureView",
    "GoldError",
    "NotFoundError",
    "Score",
    "cell",
    "facts_overview",
    "find",
    "score",
    "table",
]
