"""The rooms a report walks through, in walking order.

:data:`SOURCE` makes articles out of files; each of :data:`STAGES` takes an article and adds to it. A stage's
module is imported when the stage is first used.

>>> [stage.name for stage in STAGES]
['repair', 'simplify', 'segment', 'extract', 'attribute', 'locate', 'date', 'classify']
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import cache
from importlib import import_module
from time import perf_counter
from typing import NamedTuple

from pipeline.model import Article, Options

__all__ = ["SOURCE", "STAGES", "Stage", "StageError", "run_stages", "warm_up"]


class Stage(NamedTuple):
    """A room of the house: a module of this package with a function of the same name."""

    name: str
    #: what it reads and what it adds, in one sentence
    purpose: str
    #: the fields of :class:`pipeline.model.Article` that it fills in
    adds: tuple[str, ...]


SOURCE = Stage(
    "read",
    "opens files of any form, archive and encoding and makes an article of every record",
    (
        "article_id",
        "raw_text",
        "source_path",
        "source_row",
        "url",
        "title",
        "author",
        "outlet",
        "published",
        "encoding",
    ),
)

STAGES: tuple[Stage, ...] = (
    Stage(
        "repair",
        "undoes what scrapers and converters did to the text and keeps the way back to every raw character",
        ("text", "offsets", "repairs", "n_damaged", "furniture", "published", "outlet", "author"),
    ),
    Stage("simplify", "turns traditional characters into simplified ones, one for one", ("text", "script")),
    Stage(
        "segment",
        "splits the text into sentences and clauses, and for the tokens table into words",
        ("sentences", "words"),
    ),
    Stage("extract", "finds every number that counts or measures something", ("quantities",)),
    Stage(
        "attribute",
        "says of each number who did what to which object, whether it is a result, and of which whole it is a part",
        ("attributions",),
    ),
    Stage("locate", "gives each number, and the article, its administrative division", ("locations", "region")),
    Stage("date", "gives each number its reporting period and its campaign", ("periods", "campaigns", "published")),
    Stage("classify", "gives each number its metric of the catalogue", ("metrics",)),
)


class StageError(Exception):
    """A stage failed on an article; ``stage`` is its name and ``__cause__`` what happened."""

    def __init__(self, stage: str, cause: BaseException) -> None:
        super().__init__(f"{stage}: {type(cause).__name__}: {cause}")
        self.stage = stage


@cache
def _functions() -> tuple[tuple[str, Callable[[Article, Options], Article]], ...]:
    return tuple((s.name, getattr(import_module(f"{__name__}.{s.name}"), s.name)) for s in STAGES)


def run_stages(
    article: Article, options: Options | None = None, seconds: MutableMapping[str, float] | None = None
) -> Article:
    """Walk an article through all stages.

    Args:
        article: an article as ``read`` made it, or any with ``article_id`` and ``raw_text``.
        options: the choices of a run; the defaults where left out.
        seconds: where given, the time that each stage took is added up in it under the stage's name.

    Raises:
        StageError: a stage failed; it names the stage.
        ImportError: a library that a stage needs is missing or broken.
    """
    options = options or Options()
    for name, stage in _functions():
        begin = perf_counter()
        try:
            article = stage(article, options)
        except ImportError:
            # a library is missing: no article is to blame
            raise
        except Exception as error:
            raise StageError(name, error) from error
        finally:
            if seconds is not None:
                seconds[name] = seconds.get(name, 0.0) + perf_counter() - begin
    return article


#: makes every stage look something up
_SAMPLE = "8月20日，重庆市万州区紀委通报：主题教育开展以来，全区32个领导班子查找问题1348个，整改率达71.6%。(jīng)"


def warm_up(options: Options | None = None) -> None:
    """Load, in this process, what the stages load on first use; an article's time is then its own."""
    run_stages(Article(article_id="", raw_text=_SAMPLE), options)
