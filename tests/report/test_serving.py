"""The served page, by requests as a browser or somebody else makes them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipeline.report.contents import FACT

from .made import serving
from .test_contents import piece


def ask(address: str, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
    """The answer to a request whose path is sent as it stands."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request(method, path, headers=headers)
    return connection.getresponse()


def served(address: str, name: str, query: str = "") -> Any:
    """A piece of data as the page receives it."""
    answer = ask(address, f"/data/{name}.js{'?' if query else ''}{query}")
    body = answer.read().decode()
    assert answer.status == 200, body
    head, content = body.split(", ", 1)
    assert head == f'zhanbao.take("{name}{"?" if query else ""}{query}"'
    return json.loads(content.removesuffix(");\n"))


@pytest.fixture(scope="module")
def facts(demo_report: Path) -> list[dict[str, Any]]:
    """The facts of the page in the folder, one a row."""
    lists = piece(demo_report, "index")["facts"]
    return [dict(zip(FACT, row, strict=True)) for row in zip(*(lists[name] for name in FACT), strict=True)]


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(FACT, row, strict=True)) for row in zip(*(found[name] for name in FACT), strict=True)]


#: numbers that hold within an answer only
WITHIN = ("actor", "object")


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[name] == other[name] for name in FACT if name not in WITHIN)


def test_both_pages_open_with_the_same(demo_server: str, demo_report: Path) -> None:
    ours, theirs = served(demo_server, "index"), piece(demo_report, "index")
    assert ours.pop("served") is True
    apart = {"facts", "chunks"}
    assert ours == {key: value for key, value in theirs.items() if key not in apart}
    page = ask(demo_server, "/")
    assert page.read() == (demo_report / "report" / "index.html").read_bytes()
    for name in ("app.js", "style.css", "vendor/d3.min.js"):
        assert ask(demo_server, f"/{name}").read() == (demo_report / "report" / name).read_bytes()


def test_leading_facts_are_those_of_the_page_in_the_folder(demo_server: str, facts: list[dict[str, Any]]) -> None:
    cells: dict[tuple[int, int], list[int]] = {}
    for at, fact in enumerate(facts):
        if fact["flags"] & 1:
            cells.setdefault((fact["region"], fact["column"]), []).append(at)
    found = served(demo_server, "leads", "current=1")
    assert found["fact"] == sorted(cell[0] for cell in cells.values())
    for at, lead in enumerate(found["fact"]):
        cell = cells[facts[lead]["region"], facts[lead]["column"]]
        others = [facts[other] for other in cell[1:]]
        assert found["others"][at] == len(others)
        behind = any(o["n_conflicts"] for o in others) + 2 * any(o["n_contradictions"] for o in others)
        assert found["behind"][at] == behind
        assert same(rows(found)[at], facts[lead])


def test_a_cell_comes_in_pages(demo_server: str, demo_report: Path, facts: list[dict[str, Any]]) -> None:
    index = piece(demo_report, "index")
    region = next(at for at, its in enumerate(index["regions"]) if its["name"] == "白城市")
    column = next(at for at, its in enumerate(index["columns"]) if its["name"] == "issues_found")
    wanted = [at for at, fact in enumerate(facts) if (fact["region"], fact["column"]) == (region, column)]
    assert len(wanted) > 4
    query = f"region={region}&columns={column}&limit=4"
    pages = [served(demo_server, "facts", f"{query}&offset={offset}") for offset in range(0, len(wanted) + 4, 4)]
    assert [at for page in pages for at in page["fact"]] == wanted
    assert {page["total"] for page in pages} == {len(wanted)}
    assert pages[-1]["fact"] == []
    titles = piece(demo_report, "titles")
    assert all(titles[number]["article_id"] == its for page in pages for number, its in page["ids"])


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("since=2018-01-01&until=2018-12-31", lambda fact, words: (fact["until"] or "")[:4] == "2018"),
        ("campaign=1", lambda fact, words: fact["campaign"] == 1),
        (
            "whose=%E9%A2%86%E5%AF%BC%E7%8F%AD%E5%AD%90",
            lambda fact, words: "领导班子" in words[fact["actor"]] or "领导班子" in words[fact["object"]],
        ),
        ("region=-1", lambda fact, words: fact["region"] == -1),
        ("columns=0,2&current=1", lambda fact, words: fact["column"] in (0, 2) and fact["flags"] & 1),
    ],
)
def test_conditions(demo_server: str, demo_report: Path, facts: list[dict[str, Any]], query: str, holds: Any) -> None:
    words = piece(demo_report, "index")["facts"]["words"]
    wanted = [at for at, fact in enumerate(facts) if holds(fact, words)]
    found = served(demo_server, "facts", query)
    assert found["fact"] == wanted
    for its, at in zip(rows(found), wanted, strict=True):
        assert same(its, facts[at])
        assert found["words"][its["actor"]] == words[facts[at]["actor"]]


def test_series_have_several_points(demo_server: str, facts: list[dict[str, Any]]) -> None:
    dated = [fact["series"] for fact in facts if fact["until"]]
    wanted = [at for at, fact in enumerate(facts) if dated.count(fact["series"]) > 1]
    assert wanted
    assert served(demo_server, "facts", "series=1")["fact"] == wanted


def test_articles_and_lists_are_those_of_the_folder(demo_server: str, demo_report: Path) -> None:
    for number, article in enumerate(piece(demo_report, "articles-0")):
        assert served(demo_server, "article", f"number={number}") == article
    for name in ("checks", "conflicts", "rejects"):
        assert served(demo_server, name) == piece(demo_report, name)
    titles = served(demo_server, "titles")
    assert [its["title"] for its in titles["titles"]] == [its["title"] for its in piece(demo_report, "titles")]
    few = served(demo_server, "titles", "search=%E4%B8%83%E5%8F%B0%E6%B2%B3%E5%B8%82&sort=published&direction=desc")
    assert few["pages"] <= 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/../../../../etc/passwd", 404),
        ("/..%2f..%2fpage.py", 404),
        ("/vendor/../../page.py", 404),
        ("/vendor/%2e%2e/%2e%2e/texts.csv", 404),
        ("/data/..%2f..%2fpage.js", 404),
        ("/data/nothing.js", 404),
        ("/data/article.js?number=100000", 404),
        ("/data/article.js?number=a", 400),
        ("/data/facts.js?region=-2", 400),
        ("/data/facts.js?region=100000", 400),
        ("/data/facts.js?columns=-1", 400),
        ("/data/facts.js?campaign=99999999999999999999999", 400),
        ("/data/facts.js?since=yesterday", 400),
        ("/data/facts.js?where=1", 400),
        ("/data/titles.js?sort=title;drop", 400),
        ("/data/titles.js?page=99999999999999999999999", 400),
    ],
)
def test_what_cannot_be_asked(demo_server: str, path: str, status: int) -> None:
    answer = ask(demo_server, path)
    assert (answer.status, answer.getheader("X-Content-Type-Options")) == (status, "nosniff")


def test_quotes_in_a_search_are_text(demo_server: str) -> None:
    assert served(demo_server, "facts", "whose=%27%29%20or%20%281%3D1")["fact"] == []
    assert served(demo_server, "titles", "search=%22%29%3Balert%281%29%2F%2F")["titles"] == []


def test_only_this_machine_only_reading(demo_server: str) -> None:
    assert demo_server.startswith("http://127.0.0.1:")
    assert ask(demo_server, "/data/index.js", Host="evil.example").status == 400
    assert ask(demo_server, "/data/index.js", Host="localhost").status == 200
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert ask(demo_server, "/data/index.js", method).status == 405
    answer = ask(demo_server, "/data/index.js")
    # a script of this server is no script of another page
    assert answer.getheader("Cross-Origin-Resource-Policy") == "same-origin"
    assert "frame-ancestors 'none'" in str(answer.getheader("Content-Security-Policy"))


def test_the_output_is_not_touched(demo_report: Path, tmp_path: Path) -> None:
    def state() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in demo_report.rglob("*")}

    before = state()
    with serving(demo_report, tmp_path) as address:
        served(address, "facts")
        assert any(tmp_path.iterdir())
    assert state() == before


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)


def test_a_port_that_is_taken(demo_report: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = serve(str(demo_report), "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    done = serve(str(tmp_path))
    assert done.returncode == 1
    assert "zhanbao run" in done.stderr


def test_another_host_is_warned_of(tmp_path: Path) -> None:
    assert "Warning: whoever can reach 0.0.0.0" in serve(str(tmp_path), "--host", "0.0.0.0", "--port", "0").stderr
