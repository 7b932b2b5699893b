"""What a finished shard leaves behind: its parquet parts and a marker that says so.

The marker is written last, by renaming, and removed before any of its parts is replaced; a shard with a
marker is therefore finished, whatever moment a run was killed at.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from pipeline.model import Reject

__all__ = [
    "TABLES",
    "Marker",
    "belongs",
    "load_markers",
    "parse",
    "part_name",
    "publish",
    "state_folder",
    "sweep",
    "unfinished",
]

#: the folders of an output that hold parts, one file per shard
TABLES = ("articles", "figures", "tokens")

_UNFINISHED = ".part"

#: names this process among those of all machines that share an output; numbers of processes come again there
_PROCESS = f"{os.getpid()}-{uuid4().hex[:8]}"


def state_folder(out: Path) -> Path:
    """Where an output keeps what it needs to continue: markers and the lock."""
    return out / ".zhanbao"


def part_name(shard: str) -> str:
    """The file name, without suffix, of a shard's parts and marker."""
    return sha256(shard.encode("utf-8", "surrogateescape")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Marker:
    """One finished shard."""

    shard: str
    #: hash of everything that the parts depend on: input, options, rules, lexicons
    key: str
    sha256: str = ""
    bytes: int = 0
    #: the tables that this shard has a part of; a table without rows has none
    parts: tuple[str, ...] = ()
    #: articles, figures, characters and so on
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    rejects: tuple[Reject, ...] = ()
    #: records taken out again because another shard holds their id: (article_id, source_path, source_row)
    dropped: tuple[tuple[str, str, int | None], ...] = ()
    #: found finished by this run; not stored
    reused: bool = False

    def part(self, out: Path, table: str) -> Path:
        """The file of this shard in one of :data:`TABLES`."""
        return out / table / f"{part_name(self.shard)}.parquet"

    def path(self, out: Path) -> Path:
        """The file of the marker itself."""
        return _marker_path(out, self.shard)

    def intact(self, out: Path) -> bool:
        """Whether all parts are there; each was put in place in one step, so it is whole."""
        return all(self.part(out, table).is_file() for table in self.parts)

    def save(self, out: Path) -> Marker:
        """Write the marker; from now on the shard is finished."""
        path = self.path(out)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = unfinished(path)
        stored = asdict(replace(self, reused=False))
        fresh.write_text(json.dumps(stored, ensure_ascii=True), encoding="utf-8")
        fresh.replace(path)
        return self

    @classmethod
    def load(cls, out: Path, shard: str) -> Marker | None:
        """The marker of a shard, or None where it is not finished."""
        return _load(_marker_path(out, shard))


def _marker_path(out: Path, shard: str) -> Path:
    return state_folder(out) / "shards" / f"{part_name(shard)}.json"


def _load(path: Path) -> Marker | None:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def parse(text: str) -> Marker | None:
    """A marker from the text of its file."""
    try:
        stored: dict[str, Any] = json.loads(text)
        rejects = tuple(Reject(**reject) for reject in stored.pop("rejects"))
        dropped = tuple((str(i), str(p), r) for i, p, r in stored.pop("dropped"))
        parts = tuple(stored.pop("parts"))
        return Marker(parts=parts, rejects=rejects, dropped=dropped, **stored)
    except (ValueError, TypeError, KeyError):
        # a marker of another version or cut off by a full disk: the shard is simply not finished
        return None


def load_markers(out: Path) -> Iterator[Marker]:
    """The markers of all finished shards of an output, in the order of their file names."""
    for path in sorted((state_folder(out) / "shards").glob("*.json")):
        if marker := _load(path):
            yield marker


def unfinished(path: Path) -> Path:
    """Where this process writes a file before it is renamed to ``path``."""
    return path.with_name(f"{path.name}.{_PROCESS}{_UNFINISHED}")


def publish(out: Path, marker: Marker, fresh: dict[str, Path]) -> Marker:
    """Put freshly written parts in their places, then the marker over them.

    Args:
        out: the output folder.
        marker: the marker to write, still without ``parts``.
        fresh: table -> the file that this process wrote for it.
    """
    marker.path(out).unlink(missing_ok=True)
    for table in TABLES:
        place = marker.part(out, table)
        if table in fresh:
            fresh[table].replace(place)
        else:
            place.unlink(missing_ok=True)
    return replace(marker, parts=tuple(sorted(fresh))).save(out)


def sweep(out: Path, keep: set[str]) -> None:
    """Remove what killed runs left half done, and parts and markers of shards that are not in ``keep``."""
    names = {part_name(shard) for shard in keep}
    for folder in (state_folder(out) / "shards", *(out / table for table in TABLES)):
        for path in folder.glob("*"):
            if not belongs(path.name, names):
                path.unlink(missing_ok=True)
    left = (*out.glob(f"*{_UNFINISHED}"), *(out / "tables").glob("*.tmp"), *state_folder(out).glob("*.at"))
    for path in left:
        path.unlink(missing_ok=True)


def belongs(file: str, names: set[str]) -> bool:
    """Whether a file is a whole part or marker of one of the shards whose :func:`part_name` is given."""
    return not file.endswith(_UNFINISHED) and file.split(".")[0] in names
