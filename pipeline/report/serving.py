"""The report page over a small local server, for runs whose facts and articles do not fit into one page.

The page is the same, and so are its script and its data, which are still scripts that hand over a piece each. But where
the page of a folder has all facts in its index, this one asks for those that a view needs: the leading fact of each
cell, the facts of one cell ten at a time, one article. Every piece is answered by a query over the Parquet files of
the run. Nothing is left out, however large the run.

Starlette and uvicorn carry the requests (extra ``serve``). The standard library's ``ThreadingHTTPServer`` would do for
sending files, but this needs what one should not write oneself: routes with checked parameters, a folder of static
files out of which no path leads, a check of the host name, an end on Ctrl-C that lets running queries finish.

What is served is private to the machine unless one says otherwise:

* the server listens on the loopback address only;
* it answers only requests for a name of this machine, so that no web page can reach it under a name of its own;
* ``Cross-Origin-Resource-Policy`` keeps the data, which are scripts, from being loaded by a page of another origin;
* there is nothing but GET, and no path is made from a request; the run is only read. What queries need is kept in a
  temporary folder.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pipeline.report.contents import (
    EVERYTHING,
    LISTED,
    TITLES,
    Numbers,
    Record,
    facts,
    index,
    listed,
    number,
    numbers,
    one_article,
    prepare,
)
from pipeline.report.page import html, read_run, script, texts
from pipeline.tables.store import open_run, records

if TYPE_CHECKING:
    import duckdb
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["LOCAL_NAMES", "LOOPBACK", "PORT", "Question", "is_loopback", "opened", "serve"]

_T = TypeVar("_T")

LOOPBACK = "127.0.0.1"
PORT = 8765

#: names under which a machine calls itself
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]", "::1")

#: what queries may hold in memory before they go to disk; answers should come at once
_MEMORY_MB = 1_000

#: facts in one answer
_MOST = 100_000

#: articles in one answer
_TITLES = 100

#: for every answer
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Question(NamedTuple):
    """Which facts a view asks for; what is empty or None does not narrow."""

    #: numbers of columns
    columns: tuple[int, ...] = ()
    #: number of a region, -1 for facts without one
    region: int | None = None
    campaign: int | None = None
    #: days by which a fact counts, as 2024-12-31
    since: str = ""
    until: str = ""
    #: part of the actor or object
    whose: str = ""
    #: only the latest value of a running total
    current: bool = False
    #: only facts with several points in time
    series: bool = False
    offset: int = 0
    limit: int = _MOST

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Question:
        """A question from the parameters of a request.

        >>> Question.read({"region": "3", "columns": "1,2", "current": "1"}).columns
        (1, 2)

        Raises:
            ValueError: a parameter is unknown, or is no number or day where it should be one.
        """
        if unknown := asked.keys() - set(cls._fields):
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        read: dict[str, Any] = {name: asked[name] for name in ("since", "until", "whose") if name in asked}
        for name in read.keys() & {"since", "until"}:
            date.fromisoformat(read[name])
        read |= {name: _whole(asked[name]) for name in ("region", "campaign", "offset", "limit") if name in asked}
        read |= {name: bool(_whole(asked[name])) for name in ("current", "series") if name in asked}
        if "columns" in asked:
            read["columns"] = tuple(_whole(text) for text in asked["columns"].split(",") if text)
        question = cls(**read)
        return question._replace(offset=max(0, question.offset), limit=min(max(0, question.limit), _MOST))


class _Pieces:
    """Answers for a page: each method makes one piece of data, by queries."""

    def __init__(self, db: duckdb.DuckDBPyConnection, out: Path, run: Record) -> None:
        prepare(db, out, EVERYTHING)
        db.execute(
            f"""
            create table titles as
            select *, lower(concat_ws(' ', title, outlet, article_id)) as words from ({TITLES}) order by number
            """
        )
        self._db = db
        self._out = out
        self._numbers: Numbers = numbers(db)
        self._index = index(db, run, self._numbers, EVERYTHING) | {"texts": texts(), "served": True}
        # a table without conditions is what every visit begins with
        self._leads = lru_cache(maxsize=16)(self._find_leads)
        self._leads(Question(current=True))

    def make(self, name: str, asked: Mapping[str, str]) -> Any:
        """A piece by its name.

        Raises:
            KeyError: there is no such piece, article or parameter.
            ValueError, IndexError: a parameter does not fit.
        """
        if name == "index":
            return self._index
        if name in LISTED:
            return listed(self._cursor(), self._out, name, EVERYTHING)
        makers = {"article": self._article, "leads": self._all_leads, "facts": self._some_facts, "titles": self._titles}
        return makers[name](asked)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for a request; requests come on several threads."""
        return self._db.cursor()

    def _article(self, asked: Mapping[str, str]) -> Record:
        """One article with its figures."""
        found = one_article(self._cursor(), at := _whole(asked["number"]))
        if found is None:
            raise KeyError(f"article {at}")
        return found

    def _all_leads(self, asked: Mapping[str, str]) -> Record:
        return self._leads(Question.read(asked))

    def _find_leads(self, question: Question) -> Record:
        """The leading fact of each cell, how many others the cell has, and the marks of these."""
        where, parameters = self._where(question)
        cells = self._cursor().execute(
            f"""
            select min(fact) as lead, count(*) - 1,
                (count_if(n_conflicts > 0) > (arg_min(n_conflicts, fact) > 0)::int)::int
                    + 2 * (count_if(n_contradictions > 0) > (arg_min(n_contradictions, fact) > 0)::int)::int
            from chosen_facts where {where} group by region, metric, measure order by lead
            """,
            parameters,
        )
        found = cells.fetchall()
        leads = [lead for lead, _, _ in found]
        return self._facts("fact in (select unnest(?::bigint[]))", [leads], leads) | {
            "others": [others for _, others, _ in found],
            "behind": [behind for _, _, behind in found],
        }

    def _some_facts(self, asked: Mapping[str, str]) -> Record:
        """The facts that a view asks for, in the order in which they lead, and how many there are in all."""
        question = Question.read(asked)
        where, parameters = self._where(question)
        cursor = self._cursor()
        total = number(cursor, f"select count(*) from chosen_facts where {where}", parameters)
        chosen = cursor.execute(
            f"select fact from chosen_facts where {where} order by fact limit ? offset ?",
            [*parameters, question.limit, question.offset],
        )
        wanted = [fact for (fact,) in chosen.fetchall()]
        found = self._facts("fact in (select unnest(?::bigint[]))", [wanted], wanted)
        behind = sorted({at for figures in found["figures"] for at, _ in figures})
        ids = cursor.execute(
            "select number, article_id from numbered where number in (select unnest(?::bigint[]))", [behind]
        )
        return found | {"total": total, "ids": ids.fetchall()}

    def _titles(self, asked: Mapping[str, str]) -> Record:
        """A page of the list of articles."""
        order = asked.get("sort", "number")
        if order not in _SORTED:
            raise ValueError(f"not sorted by {order}")
        direction = "desc" if asked.get("direction") == "desc" else "asc"
        search = asked.get("search", "").lower()
        where, parameters = ("contains(words, ?)", [search]) if search else ("true", [])
        cursor = self._cursor()
        found = cursor.sql(
            f"""
            select * exclude (words) from titles where {where}
            order by {order} {direction} nulls last, number limit ? offset ?
            """,
            params=[*parameters, _TITLES, _TITLES * (max(1, _whole(asked.get("page", "1"))) - 1)],
        )
        total = number(cursor, f"select count(*) from titles where {where}", parameters)
        return {"titles": records(found), "pages": -(-total // _TITLES)}

    def _facts(self, where: str, parameters: list[Any], wanted: list[int]) -> Record:
        return {"fact": wanted, **facts(self._cursor(), self._numbers, EVERYTHING, where, parameters)}

    def _where(self, question: Question) -> tuple[str, list[Any]]:
        """The question as a condition on ``chosen_facts`` with its parameters."""
        named = self._numbers
        conditions: dict[str, list[Any]] = {}
        if question.columns:
            columns = [_nth(named.columns, at) for at in question.columns]
            pairs = ", ".join(["(?, ?)"] * len(columns))
            conditions[f"(metric, measure) in ({pairs})"] = [c[key] for c in columns for key in ("metric", "measure")]
        if question.region is not None:
            code = None if question.region == -1 else _nth(named.regions, question.region)["code"]
            conditions["region is not distinct from ?"] = [code]
        if question.campaign is not None:
            conditions["campaign = ?"] = [_nth(named.campaigns, question.campaign)]
        if question.since:
            conditions["as_of >= ?::date"] = [question.since]
        if question.until:
            conditions["as_of <= ?::date"] = [question.until]
        if question.whose:
            conditions["(contains(actor, ?) or contains(object, ?))"] = [question.whose] * 2
        if question.current:
            conditions["is_current"] = []
        where = " and ".join(conditions) or "true"
        parameters = [value for values in conditions.values() for value in values]
        if question.series:
            several = f"select fact_id from chosen_facts where {where} group by fact_id having count(as_of) > 1"
            where, parameters = f"{where} and fact_id in ({several})", parameters * 2
        return where, parameters


#: what the list of articles can be sorted by
_SORTED = ("number", "title", "outlet", "published", "region", "n_figures", "n_repairs", "reprint")


def _whole(text: str) -> int:
    """A whole number of a request, of a size that a query can work with."""
    if abs(found := int(text)) > 2**31:
        raise ValueError(f"{text} is too large")
    return found


def _nth(numbered: Sequence[_T], at: int) -> _T:
    """What has that number; unlike an index, a number is never counted from the end."""
    if at < 0:
        raise IndexError("no such number")
    return numbered[at]


@contextmanager
def opened(out: str | os.PathLike[str], hosts: Sequence[str] = LOCAL_NAMES) -> Iterator[Starlette]:
    """The page of a finished run as an application for any ASGI server.

    Args:
        out: the output folder of the run; nothing is written there.
        hosts: names under which requests are answered.

    Raises:
        FileNotFoundError: there is no finished run in that folder.
        ImportError: the extra ``serve`` is not installed.
    """
    out = Path(out)
    run = read_run(out)
    with tempfile.TemporaryDirectory(prefix="zhanbao-") as work, open_run(out, Path(work), _MEMORY_MB) as db:
        yield _application(_Pieces(db, out, run), html(run), hosts)


def _application(pieces: _Pieces, page: str, hosts: Sequence[str]) -> Starlette:
    """Routes: the page, its data by name, and the files of the package."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import HTMLResponse, Response
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    # plain functions, which Starlette calls on threads: queries take their time
    def start(request: Request) -> Response:
        return HTMLResponse(page)

    def data(request: Request) -> Response:
        return _answer(pieces, request)

    return Starlette(
        routes=[
            Route("/", start),
            Route("/index.html", start),
            Route("/data/{name:str}.js", data),
            # browsers ask for it; there is none
            Route("/favicon.ico", lambda request: Response(status_code=204)),
            Mount("/", StaticFiles(packages=[("pipeline.report", "static")])),
        ],
        middleware=[
            Middleware(_Headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
        ],
    )


class _Headers:
    """Puts the headers of :data:`_HEADERS` on every answer, also on refusals."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.datastructures import MutableHeaders

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, sent)


def _answer(pieces: _Pieces, request: Request) -> Response:
    import duckdb
    from starlette.responses import PlainTextResponse, Response

    name = request.path_params["name"]
    try:
        content = pieces.make(name, request.query_params)
    except KeyError as error:
        return PlainTextResponse(f"there is no {error}", 404)
    except (ValueError, IndexError) as error:
        return PlainTextResponse(f"this cannot be asked: {error}", 400)
    except duckdb.Error as error:
        # mostly because files of the run were made anew meanwhile
        return PlainTextResponse(f"the run cannot be read; start the server again: {error}", 503)
    # the page knows a piece by the name and the query by which it asked
    asked = f"{name}?{request.url.query}" if request.url.query else name
    return Response(script(asked, content), media_type="text/javascript")


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine itself, as seen from itself.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(
    out: str | os.PathLike[str], host: str = LOOPBACK, port: int = PORT, ready: Callable[[str], None] | None = None
) -> None:
    """Serve the page of a run until the process is interrupted.

    Args:
        out: the output folder of a run.
        host: address to listen on; one that is no loopback address lets others read the whole run.
        port: port to listen on, 0 for any that is free.
        ready: is told the address of the page as soon as it can be opened.

    Raises:
        FileNotFoundError: there is no finished run in that folder.
        ImportError: the extra ``serve`` is not installed.
        OSError: the port is taken, or the address is not one of this machine.
    """
    import uvicorn

    # a request to end is an interruption like Ctrl-C, so that what lies in temporary folders goes
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), _listening(host, port) as sock:
        shown = f"[{host}]" if ":" in host else host
        hosts = (*LOCAL_NAMES, host) if is_loopback(host) else ("*",)
        with opened(out, hosts) as app:
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
            if ready:
                # who comes before the server runs waits in the queue of the socket
                ready(f"http://{shown}:{sock.getsockname()[1]}/")
            server.run(sockets=[sock])


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens before anything is made, so that a port that is taken is known at once."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError as error:
            raise OSError(error.errno, f"{error.strerror}; give another --port", f"{host}:{port}") from error
        sock.listen()
        yield sock
