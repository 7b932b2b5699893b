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
from pipeline.explore.measures import funnel, load, series
from pipeline.explore.pictures import FONTS, Highlighted, highlight, tile_map
from pipeline.explore.scoring import GoldError, Score, score
from pipeline.explore.text import Topics, collocations, content_words, keyness, kwic, similar, stop_words, topics

__all__ = [
    "FONTS",
    "ArticleView",
    "CellView",
    "FigureView",
    "GoldError",
    "Highlighted",
    "NotFoundError",
    "Score",
    "Topics",
    "cell",
    "collocations",
    "content_words",
    "facts_overview",
    "find",
    "funnel",
    "highlight",
    "keyness",
    "kwic",
    "load",
    "score",
    "series",
    "similar",
    "stop_words",
    "table",
    "tile_map",
    "topics",
]
