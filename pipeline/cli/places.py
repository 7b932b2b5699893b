"""The output of a run as an argument: a folder, or an address in a store, of which a copy is made for the command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from pipeline.storage import Store

    _Type = click.ParamType[Path]
else:
    _Type = click.ParamType

__all__ = ["OUT", "OUT_TABLES", "RunFolder", "as_given", "is_copy"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_COPIES = f"{__name__}.copies"

#: files that are fetched together
_TOGETHER = 64


class RunFolder(_Type):
    """A folder with the output of a run; of one in a store (``s3://…``) a copy that goes when the command ends.

    Args:
        exists: refuse a folder that is not there; one in a store always has to be.
        folders: the folders of the output that the command reads; all that lies beside them is fetched as well.
    """

    name = "directory"

    def __init__(self, exists: bool = False, folders: tuple[str, ...] = ("tables", "figures", "articles")) -> None:
        self._local = click.Path(exists=exists, file_okay=False, path_type=Path)
        self._folders = folders

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The folder, or that of the copy."""
        from pipeline.storage import Store, is_remote, plain

        if isinstance(value, Path) or not is_remote(value):
            path: Path = self._local.convert(value, param, ctx)
            return path
        store = Store(plain(value))
        if store.kind() != "folder":
            self.fail(f"{value} does not exist or is no folder", param, ctx)
        folder = TemporaryDirectory(prefix="zhanbao-", ignore_cleanup_errors=True)
        if ctx is not None:
            ctx.meta.setdefault(_COPIES, {})[folder.name] = value
            ctx.call_on_close(folder.cleanup)
        self._fetch(store, Path(folder.name))
        return Path(folder.name)

    def _fetch(self, store: Store, folder: Path) -> None:
        names = [entry.name for entry in store.entries() if not entry.is_folder]
        names += [name for inside in self._folders for name in _files(store, inside)]
        for begin in range(0, len(names), _TOGETHER):
            files = {name: folder / name for name in names[begin : begin + _TOGETHER]}
            for file in files.values():
                file.parent.mkdir(parents=True, exist_ok=True)
            store.get(files)


def is_copy(ctx: click.Context) -> bool:
    """Whether the folder of the command is a copy, in which nothing can be left."""
    return _COPIES in ctx.meta


def as_given(ctx: click.Context, text: str) -> str:
    """A message with the addresses that were given in place of the folders of their copies."""
    for folder, address in ctx.meta.get(_COPIES, {}).items():
        text = text.replace(folder, address)
    return text


def _files(store: Store, folder: str) -> Iterator[str]:
    """The files of a folder of a store and of its folders."""
    for entry in store.entries(folder):
        name = f"{folder}/{entry.name}"
        if entry.is_folder:
            yield from _files(store, name)
        else:
            yield name


def _option(**options: Any) -> Callable[[_Command], _Command]:
    return click.option(
        "-o",
        "--out",
        type=RunFolder(**options),
        default=Path("data/processed"),
        show_default=True,
        help="Output of a run: a folder, or an address (s3://…).",
    )


#: The option that names an output, for commands that read all of it, and for those that read its tables.
OUT, OUT_TABLES = _option(), _option(folders=("tables",))
