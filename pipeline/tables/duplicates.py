"""Reprints: which articles repeat another one, over the whole run.

1. *Signatures*, one pass over each part of ``articles/``: the hash of the text's wording and its MinHash bands.
2. *Candidates*: texts of the same wording, and texts that share a band with one of the most complete texts of
   that band. Each text is held against a fixed number of others, so the work grows with the number of articles.
3. *Exact comparison* of the texts of a pair (:mod:`pipeline.tables.wording`): the share of the shorter one's
   wording that the longer one holds, since reprints are cut; then the numbers in the shared wording. The same
   wording with other numbers is an update, a report of its own.
4. *Groups*: the longest text leads, each other text follows the leader that it is most like. Groups are stars,
   never chains: two texts are never in one group because a third one stands between them.
5. The *representative* of a group is, of its nearly complete members, the one with the least damage, then the
   earliest, then the first by id.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import tee
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pipeline.rows import open_parquet, write_rows
from pipeline.tables.candidates import SHORTEST, find_candidates
from pipeline.tables.records import ReprintRow
from pipeline.tables.shelf import Shelf, open_shelf
from pipeline.tables.store import MEMORY_MB, number_rows, open_run, parts, rows_at, stream, workplace
from pipeline.tables.wording import SHINGLE, Wording, numbers, shared_wording, verbatim

if TYPE_CHECKING:
    import duckdb
    import numpy as np

    Pairs: TypeAlias = np.ndarray[tuple[int], np.dtype[np.void]]

__all__ = ["CONTAINMENT", "find_reprints", "mark_reprints", "relation"]

#: characters below which texts of different months are taken for the same set phrase
_LONG_ENOUGH = 100
#: characters below which a text is too short to tell a rewritten report from another one of the same form
_REWRITTEN_SIZE = 200


class _Demands(NamedTuple):
    """What is asked of a reprint, by how many days lie between the two texts."""

    #: share of the shorter text's wording that the longer one must hold
    containment: float
    #: the same for a text with whole sentences changed, whose other sentences stand there word for word …
    rewritten: float
    #: … for this share of it
    verbatim: float
    #: how long the shorter text must be, as a share of the longer one
    shortest: float


#: reprints mostly follow within a day
CONTAINMENT = 0.8
_AT_ONCE = _Demands(containment=CONTAINMENT, rewritten=0.5, verbatim=0.45, shortest=SHORTEST)
#: from the second day on what is announced is reported as done, in many of the same words
_SOON = _Demands(containment=0.92, rewritten=0.55, verbatim=0.5, shortest=0.3)
#: notices of every month and year share most of their wording
_LATER = _Demands(containment=0.92, rewritten=1.0, verbatim=1.0, shortest=0.3)


def _demands(days: int | None) -> _Demands:
    if days is None or days <= 1:
        return _AT_ONCE
    return _SOON if days <= 31 else _LATER


#: share of other numbers up to which they are slips of the pen, not an update
_SLIPS = 0.05
#: members at least this share as long as the longest count as complete
_COMPLETE = 0.9
_DIGITS = re.compile("[0-9]+")
#: a pair that may be compared: places of two texts, and the days between them or -1
_PAIR = [("text", "<u4"), ("hub", "<u4"), ("days", "<i4")]
#: pairs in memory
_PORTION = 16_384
#: texts that are remembered, and the characters up to which they are
_REMEMBERED = 256
_SHORT = 10_000


class Comparison(NamedTuple):
    """What the exact comparison of two texts says."""

    #: reprint, update or different
    relation: str
    containment: float


def relation(first: str, second: str, days: int | None = None) -> Comparison:
    """Compare two texts: is one a reprint of the other, an update with newer numbers, or different?

    Args:
        first: a text.
        second: another text.
        days: how many days apart they were published, where that is known.

    >>> old = "截至六月底,全县共查摆问题862个,已经整改431个,群众满意率为93%。县里说还要继续努力。"
    >>> relation(old, "本报讯 " + old)
    Comparison(relation='reprint', containment=1.0)
    >>> relation(old, old.replace("862", "945").replace("431", "877")).relation
    'update'
    """
    return compare(Wording(first), Wording(second), days)


def compare(first: Wording, second: Wording, days: int | None = None) -> Comparison:
    """As :func:`relation`, of texts whose wording may be known from a comparison before."""
    asked = _demands(days)
    shorter, longer = sorted((first, second), key=_size)
    if len(shorter.body) < asked.shortest * len(longer.body) or (asked is _LATER and len(shorter.body) < _LONG_ENOUGH):
        return Comparison("different", 0.0)
    if shorter.body in longer.body:
        return Comparison("reprint", 1.0)
    if len(shorter.body) < SHINGLE:
        return Comparison("different", 0.0)
    shared = shared_wording(shorter.shingles, longer.shingles)
    if not _same_wording(first, second, shared, asked):
        return Comparison("different", shared)
    same, different = numbers(first.text, second.text)
    return Comparison("update" if different > _SLIPS * (same + different) else "reprint", shared)


def _same_wording(first: Wording, second: Wording, shared: float, asked: _Demands) -> bool:
    shorter, longer = sorted((first, second), key=_size)
    if shared >= asked.containment:
        return True
    # newer numbers alone can hide the same wording: each stands in many shingles
    if shared + _touched_by_digits(shorter.body) < min(asked.containment, asked.rewritten):
        return False
    shared = max(shared, shared_wording(shorter.without_digits, longer.without_digits))
    if shared >= asked.containment:
        return True
    if shared < asked.rewritten or len(shorter.body) < _REWRITTEN_SIZE:
        return False
    return verbatim(first.text, second.text) >= asked.verbatim


def _size(wording: Wording) -> int:
    return len(wording.body)


def _touched_by_digits(text: str) -> float:
    """The largest share of the shingles of a text that can hold a digit."""
    runs = _DIGITS.findall(text)
    return (sum(map(len, runs)) + (SHINGLE - 1) * len(runs)) / (len(text) - SHINGLE + 1)


def find_reprints(out: Path, connection: duckdb.DuckDBPyConnection, work: Path, path: Path) -> int:
    """Find the reprints of a run, write them to a table of :class:`ReprintRow`, and return their number.

    Args:
        out: the output folder of the run.
        connection: from :func:`pipeline.tables.store.open_run`.
        work: a folder for signatures and texts.
        path: the file to write.
    """
    articles = parts(out, "articles")
    if not find_candidates(connection, articles, work / "signatures"):
        return write_rows(ReprintRow, (), path)
    with open_shelf(work / "compared") as texts:
        _assign(connection, _keep_texts(connection, articles, texts), _Texts(texts), work)
    _group(connection)
    return write_rows(ReprintRow, _rows(connection), path)


def _keep_texts(connection: duckdb.DuckDBPyConnection, articles: Sequence[Path], texts: Shelf) -> int:
    """Keep the texts that will be compared, and return their number; each gets a place, in the order of the numbers."""
    connection.execute(
        """
        create table kept as
        select number, row, published, row_number() over (order by number) - 1 as place
        from texts where number in (select number from candidates union all select hub from candidates)
        """
    )
    rows, places = tee(stream(connection, "select row, place from kept order by row"))
    found = rows_at(articles, ("text",), (row for row, _ in rows))
    kept = 0
    for (_, place), (text,) in zip(places, found, strict=True):
        texts.put(place, text.encode())
        kept += 1
    return kept


class _Texts:
    """Texts by place; a short one that was compared a moment ago is remembered with its wording."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._remembered: OrderedDict[int, Wording] = OrderedDict()

    def at(self, place: int) -> Wording:
        """The text at a place."""
        if place in self._remembered:
            self._remembered.move_to_end(place)
            return self._remembered[place]
        wording = Wording((self._shelf.get(place) or b"").decode())
        if len(wording.text) <= _SHORT:
            self._remembered[place] = wording
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return wording


#: what is known of a text in the rounds: it follows another or leads one; in this round it was chosen, it is found to
#: follow or to lead
_FOLLOWS, _LEADS, _CHOSEN, _WILL_FOLLOW, _WILL_LEAD = (1 << bit for bit in range(5))
_SETTLED = _FOLLOWS | _LEADS
#: from the end of a round to the beginning of the next one
_NEXT_ROUND = bytes(state & _SETTLED | state >> 3 & _SETTLED for state in range(256))


def _assign(connection: duckdb.DuckDBPyConnection, kept: int, texts: _Texts, work: Path) -> None:
    """Let each text follow the likeliest leader whose text is found to be the same by exact comparison.

    Each round takes for every text that is still open the likeliest leader left, and compares all these pairs; a text
    that no leader fits becomes a leader. A pair is compared once, so that the rounds come to an end. The pairs lie in a
    file; of each text that is compared a byte is held in memory.

    Makes the tables ``followed`` and ``updated``: a text, its leader and how much is shared, by place.
    """
    for table in ("followed", "updated"):
        connection.execute(f"create table {table} (text bigint, leader bigint, containment double)")
    state = bytearray(kept)
    pairs = work / "pairs"
    _order_pairs(connection, pairs)
    while pairs.stat().st_size:
        left = work / "pairs_left"
        with left.open("wb") as file:
            for some in _portions(pairs):
                found, again = _compare(some, state, texts)
                file.write(again)
                for table, wanted in (("followed", "reprint"), ("updated", "update")):
                    _add(connection, table, [pair for relation, *pair in found if relation == wanted])
        state = state.translate(_NEXT_ROUND)
        left.replace(pairs)


def _order_pairs(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The candidates as a file of :data:`_PAIR`, in the order of completeness, the likeliest leader of each first."""
    import numpy as np

    query = """
        select t.place as text, h.place as hub, coalesce(abs(t.published - h.published), -1) as days
        from candidates c join kept t on t.number = c.number join kept h on h.number = c.hub
        order by c.number, c.jaccard desc, c.hub
    """
    with path.open("wb") as file:
        for batch in connection.cursor().sql(query).to_arrow_reader(_PORTION):
            pairs = np.empty(batch.num_rows, dtype=_PAIR)
            for name, _ in _PAIR:
                pairs[name] = batch[name].to_numpy()
            file.write(pairs.tobytes())


def _portions(path: Path) -> Iterator[Pairs]:
    import numpy as np

    with path.open("rb") as file:
        while len(pairs := np.fromfile(file, dtype=_PAIR, count=_PORTION)):
            yield pairs


def _compare(pairs: Pairs, state: bytearray, texts: _Texts) -> tuple[list[tuple[str, int, int, float]], bytes]:
    """Compare each open text of some pairs with the likeliest leader left.

    Who follows already goes on to do so, and who is followed goes on to lead.

    Returns:
        relation, text, leader and containment of each pair that was compared; and the pairs that are left.
    """
    found = []
    again = []
    for at, (text, hub, days) in enumerate(pairs.tolist()):
        if state[text] & _SETTLED or state[hub] & _FOLLOWS:
            continue
        if (state[text] | state[hub]) & _CHOSEN:
            again.append(at)
            continue
        state[text] |= _CHOSEN
        verdict = compare(texts.at(text), texts.at(hub), None if days < 0 else days)
        found.append((verdict.relation, text, hub, verdict.containment))
        if verdict.relation == "reprint":
            state[text] |= _WILL_FOLLOW
            state[hub] |= _WILL_LEAD
    return found, pairs[again].tobytes()


def _add(connection: duckdb.DuckDBPyConnection, table: str, pairs: Sequence[Sequence[Any]]) -> None:
    import pyarrow as pa

    if pairs:
        named = zip(("text", "leader", "containment"), zip(*pairs, strict=True), strict=True)
        connection.from_arrow(pa.table({name: list(cells) for name, cells in named})).insert_into(table)


def _group(connection: duckdb.DuckDBPyConnection) -> None:
    """The table ``grouped`` of the members of all groups; a twin follows whom its first one follows."""
    connection.execute(
        f"""
        create table grouped as
        with leaders as (
            select t.number, l.number as leader, f.containment
            from followed f join kept t on t.place = f.text join kept l on l.place = f.leader
        ), members as (
            select t.*, coalesce(f.leader, t.twin) as leader, coalesce(f.containment, 1.0) as containment,
                max(t.size) over (partition by coalesce(f.leader, t.twin)) as longest
            from texts t left join leaders f on f.number = t.twin
        ), represented as (
            select *,
                row_number() over (
                    partition by leader
                    order by size < {_COMPLETE} * longest, n_damaged, published nulls last, article_id
                ) = 1 as represents
            from members
        )
        select *,
            first_value(article_id) over (partition by leader order by not represents) as representative,
            -- what the representative shares with the leader
            first_value(containment) over (partition by leader order by not represents) as shared
        from represented
        """
    )


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str, float]]:
    """Reprints and updates, by article."""
    query = """
        select article_id, representative as of, 'reprint' as relation,
            case when twin = leader then shared else containment end as containment
        from grouped where article_id <> representative
        union all
        select distinct one.representative, two.representative, 'update', u.containment
        from updated u
        join kept text on text.place = u.text
        join kept leader on leader.place = u.leader
        join grouped one on one.number = text.number
        join grouped two on two.number = leader.number
        where one.representative <> two.representative
        order by article_id, relation, of, containment desc
    """
    return stream(connection, query)


def mark_reprints(out: Path, reprints: Path, memory_mb: int = MEMORY_MB) -> list[Path]:
    """Write ``duplicate_of`` into the parts of ``articles/`` and return the parts that were changed.

    A part is replaced as a whole; one whose column is right already is left alone.
    """
    articles = parts(out, "articles")
    if not articles:
        return []
    with workplace(out) as work, open_run(out, work, memory_mb) as connection:
        number_rows(connection, articles, "marked")
        connection.read_parquet(str(reprints)).create_view("reprints")
        query = "select nth, of from marked join reprints using (article_id) where relation = 'reprint' order by nth"
        marks = stream(connection, query)
        return [part for part, wanted in _by_part(articles, marks) if _mark(part, wanted)]


def _by_part(articles: Sequence[Path], marks: Iterator[tuple[int, str]]) -> Iterator[tuple[Path, list[str | None]]]:
    """Each part with what is to stand in its column.

    Args:
        articles: the parts.
        marks: (number of the row through all parts, cell), ascending.
    """
    import pyarrow.parquet as pq

    mark = next(marks, None)
    before = 0
    for part in articles:
        wanted: list[str | None] = [None] * pq.read_metadata(part).num_rows
        while mark is not None and mark[0] < before + len(wanted):
            wanted[mark[0] - before] = mark[1]
            mark = next(marks, None)
        before += len(wanted)
        yield part, wanted


def _mark(part: Path, wanted: list[str | None]) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(part) as source:
        known = source.read(columns=["duplicate_of"])
        if wanted == known["duplicate_of"].to_pylist():
            return False
        place = source.schema_arrow.get_field_index("duplicate_of")
        field = source.schema_arrow.field(place)
        done = 0
        with open_parquet(part, source.schema_arrow) as writer:
            for group in range(source.num_row_groups):
                rows = source.read_row_group(group)
                column = pa.array(wanted[done : done + rows.num_rows], field.type)
                writer.write_table(rows.set_column(place, field, column), row_group_size=max(rows.num_rows, 1))
                done += rows.num_rows
    return True
