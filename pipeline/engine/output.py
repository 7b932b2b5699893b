"""The output of a run: a folder of this machine, or a place in a store with a folder to work in.

All steps work on a folder. :class:`Output` is that folder and nothing else; :class:`StoredOutput` also brings into
it what a step needs and takes out of it to the store what the step made.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from pipeline.engine import parts
from pipeline.engine.errors import EngineError
from pipeline.engine.lease import Lease
from pipeline.engine.parts import TABLES, Marker, part_name, state_folder
from pipeline.storage import Store, is_remote

__all__ = ["Output", "open_output"]

#: parts that the tables are made of
_REDUCED = ("articles", "figures")

#: made from all parts, put in place as wholes
_FOLDERS = ("tables", "report")

#: files that are fetched or put together
_TOGETHER = 64


@contextmanager
def open_output(place: str) -> Iterator[Output]:
    """The output at a path or an address; the folder in which one in a store is worked on goes at the end.

    Args:
        place: as :func:`pipeline.storage.plain` has it.
    """
    if not is_remote(place):
        yield Output(Path(place))
        return
    with TemporaryDirectory(prefix="zhanbao-", ignore_cleanup_errors=True) as folder:
        yield StoredOutput(Store(place), Path(folder))


class Output:
    """An output in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    def check(self) -> None:
        """Refuse a place that holds something else.

        Raises:
            EngineError: it is a file, or holds files that are not of a run.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise EngineError(f"{self} is a file; give a folder for the output")
        if self.folder.is_dir() and not state_folder(self.folder).is_dir():
            self._must_be_empty(path.name for path in self.folder.iterdir())

    def _must_be_empty(self, names: Iterable[str]) -> None:
        if any(not name.startswith(".") for name in names):
            raise EngineError(f"{self} holds files that are not of a run; give a new or empty folder")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out; the lock goes with the process, however that ends.

        Raises:
            EngineError: another run is writing there.
        """
        from filelock import FileLock, Timeout

        state_folder(self.folder).mkdir(parents=True, exist_ok=True)
        lock = FileLock(state_folder(self.folder) / "lock", blocking=False)
        try:
            with lock:
                yield
        except Timeout:
            raise EngineError(f"another run is writing to {self}; wait for it or give another folder") from None

    def begin(self) -> str:
        """From now on the output is unfinished and belongs to a new run, whose name this returns."""
        run = uuid4().hex
        (self.folder / "run.json").unlink(missing_ok=True)
        _run_path(self.folder).write_text(run, encoding="ascii")
        return run

    def run(self) -> str:
        """The name of the run that the output belongs to; nothing where none is seen."""
        path = _run_path(self.folder)
        return path.read_text(encoding="ascii") if path.is_file() else ""

    def clear(self) -> None:
        """Remove what earlier runs left."""
        for folder in (*TABLES, *_FOLDERS, state_folder(self.folder).joinpath("shards")):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        (self.folder / "rejected.jsonl").unlink(missing_ok=True)

    def sweep(self, keep: set[str]) -> None:
        """Remove what killed runs left half done, and parts and markers of shards that are not in ``keep``."""
        parts.sweep(self.folder, keep)

    def finished(self, shard: str) -> Marker | None:
        """The marker of a shard that is finished and has all its parts."""
        marker = Marker.load(self.folder, shard)
        return marker if marker and marker.intact(self.folder) else None

    def publish(self, marker: Marker, fresh: dict[str, Path]) -> Marker:
        """Put freshly written parts in their places, then the marker over them; see :func:`parts.publish`."""
        return parts.publish(self.folder, marker, fresh)

    def forget(self, marker: Marker) -> None:
        """Remove the marker of a shard, which then is to be worked on again."""
        marker.path(self.folder).unlink()

    def gather(self, markers: Iterable[Marker], tables: Iterable[str] = _REDUCED) -> None:
        """Have the parts of shards in the folder."""

    def keep(self, changed: Iterable[Path]) -> None:
        """Parts in the folder were written anew."""

    def deliver(self) -> None:
        """All is made, ``run.json`` too."""


class StoredOutput(Output):
    """An output in a store.

    Args:
        store: where it is kept.
        folder: an empty folder of this machine to work in.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__(folder)
        self._store = store
        self._lease: Lease | None = None

    def __str__(self) -> str:
        return self._store.url

    def check(self) -> None:
        kind = self._store.kind()
        if kind == "file":
            raise EngineError(f"{self} is a file; give a folder for the output")
        names = [entry.name for entry in self._store.entries()] if kind else []
        if self._name(state_folder(self.folder)) not in names:
            self._must_be_empty(names)

    @contextmanager
    def locked(self) -> Iterator[None]:
        state_folder(self.folder).mkdir(exist_ok=True)
        with Lease(self._store, self._name(state_folder(self.folder) / "lock")) as self._lease:
            yield

    def begin(self) -> str:
        run = super().begin()
        self._store.delete(["run.json"])
        self._store.write(self._name(_run_path(self.folder)), run.encode())
        return run

    def run(self) -> str:
        return (self._store.read(self._name(_run_path(self.folder))) or b"").decode()

    def clear(self) -> None:
        for folder in (*TABLES, *_FOLDERS, self._name(state_folder(self.folder) / "shards")):
            self._store.clear(folder)
        self._store.delete(["rejected.jsonl"])

    def sweep(self, keep: set[str]) -> None:
        super().sweep(keep)
        names = {part_name(shard) for shard in keep}
        for folder in (self._name(state_folder(self.folder) / "shards"), *TABLES):
            left = (entry.name for entry in self._store.entries(folder))
            self._store.delete(f"{folder}/{name}" for name in left if not parts.belongs(name, names))

    def finished(self, shard: str) -> Marker | None:
        stored = self._store.read(self._name(Marker(shard, "").path(self.folder)))
        marker = parts.parse(stored.decode()) if stored else None
        if marker and all(self._store.has(self._name(marker.part(self.folder, table))) for table in marker.parts):
            return marker
        return None

    def publish(self, marker: Marker, fresh: dict[str, Path]) -> Marker:
        marker = super().publish(marker, fresh)
        path = marker.path(self.folder)
        places = {table: marker.part(self.folder, table) for table in TABLES}
        self._store.delete([self._name(path)])
        self._put(places[table] for table in marker.parts)
        self._store.delete(self._name(place) for table, place in places.items() if table not in marker.parts)
        self._store.write(self._name(path), path.read_bytes())
        return marker

    def forget(self, marker: Marker) -> None:
        self._store.delete([self._name(marker.path(self.folder))])
        for table in TABLES:
            marker.part(self.folder, table).unlink(missing_ok=True)

    def gather(self, markers: Iterable[Marker], tables: Iterable[str] = _REDUCED) -> None:
        self._check_lease()
        tables = set(tables)
        places = (m.part(self.folder, table) for m in markers for table in m.parts if table in tables)
        for some in _batches({self._name(place): place for place in places if not place.exists()}):
            for place in some.values():
                place.parent.mkdir(exist_ok=True)
            self._store.get(some)

    def keep(self, changed: Iterable[Path]) -> None:
        self._check_lease()
        self._put(changed)

    def deliver(self) -> None:
        self._check_lease()
        for folder in _FOLDERS:
            made = [path for path in sorted((self.folder / folder).rglob("*")) if path.is_file()]
            self._store.clear(folder)
            self._put(made)
        self._put([self.folder / "rejected.jsonl"])
        self._store.write("run.json", (self.folder / "run.json").read_bytes())

    def _put(self, files: Iterable[Path]) -> None:
        for some in _batches({self._name(file): file for file in files}):
            self._store.put(some)

    def _check_lease(self) -> None:
        if self._lease:
            self._lease.check()

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def _run_path(folder: Path) -> Path:
    return state_folder(folder) / "run"


def _batches(files: Mapping[str, Path]) -> Iterator[dict[str, Path]]:
    names = list(files)
    for begin in range(0, len(names), _TOGETHER):
        yield {name: files[name] for name in names[begin : begin + _TOGETHER]}
