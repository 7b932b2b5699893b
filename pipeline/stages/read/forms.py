"""Which form a file has, told from its name."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.stages.read.limits import UnusableError

__all__ = ["Form", "form_of", "is_litter", "unknown_form"]

#: suffix -> kind of file
KINDS = {
    ".csv": "table",
    ".htm": "html",
    ".html": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".shtml": "html",
    ".tab": "table",
    ".tar": "tar",
    ".tsv": "table",
    ".txt": "text",
    ".xhtml": "html",
    ".xlsx": "xlsx",
    ".zip": "zip",
}

#: suffix -> how the file within is compressed
WRAPPERS = {".gz": "gz", ".zst": "zst"}

#: suffix -> the suffixes that it is short for
SHORT = {".tgz": ".tar.gz", ".tzst": ".tar.zst"}

#: suffix of forms that people have and that are not read -> what to do about it
NOT_READ = {
    ".7z": "pack it as .zip or .tar.gz",
    ".bz2": "pack it with gzip or zstd",
    ".doc": "save it as .txt or .html",
    ".docx": "save it as .txt or .html",
    ".pdf": "turn it into .txt first, for example with pdftotext",
    ".rar": "pack it as .zip or .tar.gz",
    ".xls": "save it as .xlsx or .csv",
    ".xz": "pack it with gzip or zstd",
}


class Form(NamedTuple):
    """How to read a file: ``wrappers`` are taken off from the left, then it is of that ``kind``."""

    #: a value of :data:`KINDS`, '' where the suffix is not known
    kind: str
    #: values of :data:`WRAPPERS`, the outermost first
    wrappers: tuple[str, ...]
    #: the name without the suffixes that were understood
    stem: str


def form_of(name: str) -> Form:
    """Tell the form of a file from its suffixes; what is no known suffix belongs to the name.

    >>> form_of("2014.3.5.txt.gz")
    Form(kind='text', wrappers=('gz',), stem='2014.3.5')
    >>> form_of("dump.TGZ")
    Form(kind='tar', wrappers=('gz',), stem='dump')
    >>> form_of("photo.jpg")
    Form(kind='', wrappers=(), stem='photo.jpg')
    """
    stem, suffix = _split(name)
    if suffix in SHORT:
        return form_of(stem + SHORT[suffix])
    if suffix in WRAPPERS:
        inner = form_of(stem)
        return Form(inner.kind, (WRAPPERS[suffix], *inner.wrappers), inner.stem)
    if suffix in KINDS:
        return Form(KINDS[suffix], (), stem)
    return Form("", (), name)


def is_litter(name: str) -> bool:
    """Whether a file of a dump, by its base name, says something of the dump or system and is no report.

    These are skipped without a line in ``rejected.jsonl``: names that begin with a dot, README with any
    suffix, and what Windows and macOS leave in folders and archives.

    >>> [is_litter(n) for n in (".DS_Store", "README", "readme.zh-CN.md", "__MACOSX", "Thumbs.db", "reader.txt")]
    [True, True, True, True, True, False]
    """
    lower = name.lower()
    return lower.startswith(".") or lower.partition(".")[0] == "readme" or lower in LITTER


LITTER = frozenset({"__macosx", "thumbs.db", "desktop.ini"})


def unknown_form(name: str) -> UnusableError:
    """The error for a file whose suffix is not known."""
    suffix = _split(name)[1]
    advice = NOT_READ.get(suffix, "give it a suffix that says what it is: " + " ".join(sorted(KINDS)))
    return UnusableError("unknown-form", f"files ending in {suffix or 'no suffix'} are not read; {advice}")


def _split(name: str) -> tuple[str, str]:
    """Split off the last suffix, in lower case; a name that is nothing but a suffix has none."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, f".{suffix.lower()}") if dot and stem.rpartition("/")[2] else (name, "")
