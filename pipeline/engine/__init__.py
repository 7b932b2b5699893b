"""How work is spread; there is no text knowledge here.

The dump is cut into shards, each shard is one pure task (bytes in, parquet parts out, see
:mod:`pipeline.engine.task`), and what is finished stays finished: a run that was stopped goes on where it
was, and a run over a changed dump works only on what changed.
"""

from pipeline.engine.errors import EngineError
from pipeline.engine.runner import Progress, Summary, run

__all__ = ["EngineError", "Progress", "Summary", "run"]
