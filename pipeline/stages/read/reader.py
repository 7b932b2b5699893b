"""From a shard to articles: opens each piece, chooses the reader of its form, and names what cannot be used."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.model import Article, Options, Reject
from pipeline.stages.read.archives import read_tar, read_zip
from pipeline.stages.read.dump import Piece, Shard
from pipeline.stages.read.encoding import clean_name, decode, is_binary
from pipeline.stages.read.forms import form_of, unknown_form
from pipeline.stages.read.html import read_page
from pipeline.stages.read.limits import LIMITS, Limits, UnusableError
from pipeline.stages.read.records import read_json, read_jsonl, read_parquet, read_table, read_xlsx
from pipeline.stages.read.source import Items, Source
from pipeline.stages.read.streams import Meter, open_file, read_all, unwrap, window

__all__ = ["read"]


def read(shard: Shard, options: Options | None = None, limits: Limits = LIMITS) -> Items:
    """Read the articles of a shard, one at a time and in order; what cannot be used comes as a reject in its place.

    Whatever the input, this raises nothing and loses nothing: every file that is no litter (see
    :func:`~pipeline.stages.read.forms.is_litter`) gives at least one article or reject. Only a library that is
    missing ends it, with an ``ImportError``. Two articles may have the same id; who joins them must see to that.

    Args:
        shard: from :func:`~pipeline.stages.read.plan`.
        options: of these, ``columns`` is heeded.
        limits: sizes up to which input is accepted.
    """
    for piece in shard.pieces:
        yield from _read_piece(shard.place(piece), piece, options or Options(), limits)


def _read_piece(place: str, piece: Piece, options: Options, limits: Limits) -> Items:
    name = clean_name(piece.path)
    if piece.problem:
        yield Reject(name, None, *piece.problem)
        return
    try:
        with open_file(place) as file:
            stream = window(file, piece.start, piece.stop) if piece.is_range else file
            source = Source(
                stream=stream,
                file=name,
                stem=form_of(name).stem,
                options=options,
                limits=limits,
                meter=Meter(piece.size, limits),
                first_row=piece.first_row,
                parts=range(*piece.parts) if piece.parts else None,
            )
            yield from _guarded(source)
    except OSError as error:
        yield Reject(name, None, "unreadable", f"{error.strerror or error}; check the file and its permissions")


def _guarded(source: Source) -> Items:
    """Read a file or a member of an archive; what goes wrong with it as a whole becomes its last item."""
    count, row = 0, None
    problem: UnusableError | None
    try:
        for item in _read_form(source):
            count += 1
            row = (item.source_row if isinstance(item, Article) else item.row) if _of(item) == source.file else None
            yield item
        problem = None if count else UnusableError("empty", "there is nothing in it")
    except UnusableError as error:
        problem = error
    except OSError as error:
        problem = UnusableError("unreadable", f"{error.strerror or error}; check the file and its permissions")
    except (RecursionError, MemoryError) as error:
        problem = UnusableError("too-large", f"nested too deeply or too large ({type(error).__name__})")
    except ImportError:
        # a library is missing: the file is not to blame
        raise
    except Exception as error:
        # what the libraries for xlsx, parquet and html raise on a broken file is not foreseeable; it is named
        detail = f"no readable file of its form ({type(error).__name__}: {str(error)[:200]})"
        problem = UnusableError("unreadable", detail)
    if problem:
        yield _after(source, problem, count, row)


def _after(source: Source, problem: UnusableError, count: int, row: int | None) -> Reject:
    """The reject of a file, or of the rest of it from the row after the last one that was read."""
    if not count:
        return source.reject(problem)
    detail = f"{problem.detail}. Records read before it: {count:,}"
    return source.reject(UnusableError(problem.reason, detail), None if row is None else row + 1)


def _of(item: Article | Reject) -> str:
    return item.source_path if isinstance(item, Article) else item.file


def _read_form(source: Source) -> Items:
    form = form_of(source.file)
    reader = _READERS.get(form.kind)
    if not reader:
        raise unknown_form(source.file)
    stream = unwrap(source.stream, form.wrappers, source.meter, source.limits)
    return reader(source.unwrapped(stream))


def _read_text(source: Source) -> Items:
    """A text file is one article, character for character."""
    text, encoding = decode(read_all(source.stream, source.limits.record))
    if not text or text.isspace():
        raise UnusableError("empty", "there is no text in it")
    if is_binary(text):
        raise UnusableError("binary", "the file is no text in UTF-8, UTF-16, GB18030 or Big5; is its suffix right?")
    yield Article(article_id=source.stem, raw_text=text, source_path=source.file, encoding=encoding)


def _read_html(source: Source) -> Items:
    """A web page is one article."""
    data = read_all(source.stream, source.limits.record, "page")
    yield read_page(data, source.place(), source.options, source.limits.page)


_READERS: dict[str, Callable[[Source], Items]] = {
    "html": _read_html,
    "json": read_json,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "table": read_table,
    "tar": lambda source: read_tar(source, _guarded),
    "text": _read_text,
    "xlsx": read_xlsx,
    "zip": lambda source: read_zip(source, _guarded),
}
