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

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.rows import open_parquet, write_rows
from pipeline.tables.records import ReprintRow
from pipeline.tables.store import MEMORY_MB, parts, stream
from pipeline.tables.wording import BANDS, SHINGLE, band_keys, body, containment, numbers, shingles, verbatim

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    Leaders = np.ndarray[tuple[int], np.dtype[np.int32]]

__all__ = ["CONTAINMENT", "find_reprints", "mark_reprints", "relation", "write_signatures"]

#: share of the shorter text's wording that the longer one must hold
CONTAINMENT = 0.8
#: the same for texts that are published more than a month apart: notices of every year share most of their wording
_CONTAINMENT_LATER = 0.92
_SOON = 31
#: a text with whole sentences changed shares less; then its other sentences must stand there word for word
_CONTAINMENT_REWRITTEN = 0.5
_VERBATIM = 0.45
#: characters below which a text is too short to tell a rewritten report from another one of the same form
_REWRITTEN_SIZE = 200
#: a text shorter than this share of another is an extract of it, not a reprint
_SHORTEST = 0.2
#: of the most complete texts that share a band, how many each other text is held against
_HUBS = 8
#: estimated containment below which two texts are not compared; the estimate scatters
_WORTH_COMPARING = 0.35
#: share of other numbers up to which they are slips of the pen, not an update
_SLIPS = 0.05
#: members at least this share as long as the longest count as complete
_COMPLETE = 0.9
#: rounds in which a text that is unlike its likeliest leader is held against the next one
_ROUNDS = 6
_NO_DIGITS = {ord(digit): None for digit in "0123456789"}
#: articles whose signatures are made at a time
_BATCH = 512


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
    shorter, longer = sorted((body(first), body(second)), key=len)
    if len(shorter) < _SHORTEST * len(longer):
        return Comparison("different", 0.0)
    if shorter in longer:
        return Comparison("reprint", 1.0)
    shared = containment(shorter, longer)
    without_digits = containment(shorter.translate(_NO_DIGITS), longer.translate(_NO_DIGITS))
    if not _same_wording(first, second, len(shorter), max(shared, without_digits), days):
        return Comparison("different", shared)
    same, different = numbers(first, second)
    return Comparison("update" if different > _SLIPS * (same + different) else "reprint", shared)


def _same_wording(first: str, second: str, size: int, shared: float, days: int | None) -> bool:
    if days is not None and days > _SOON:
        return shared >= _CONTAINMENT_LATER
    if shared >= CONTAINMENT:
        return True
    return shared >= _CONTAINMENT_REWRITTEN and size >= _REWRITTEN_SIZE and verbatim(first, second) >= _VERBATIM


def write_signatures(part: Path, path: Path) -> int:
    """Write the signatures of the articles of one part to a file, and return their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = pa.schema(
        [
            ("article_id", pa.string()),
            ("size", pa.int64()),
            ("published", pa.date32()),
            ("n_damaged", pa.int64()),
            ("wording", pa.binary(16)),
            ("bands", pa.list_(pa.uint64())),
        ]
    )
    written = 0
    with open_parquet(path, columns) as writer:
        source = pq.ParquetFile(part)
        for batch in source.iter_batches(_BATCH, columns=["article_id", "text", "published", "n_damaged"]):
            writer.write_table(_signatures(batch, columns))
            written += batch.num_rows
    return written


def _signatures(batch: pa.RecordBatch, columns: pa.Schema) -> pa.Table:
    from hashlib import blake2b

    import numpy as np
    import pyarrow as pa

    bodies = [body(text) for text in batch["text"].to_pylist()]
    hashes = [shingles(text) for text in bodies]
    # a text without shingles is held against texts of the very same wording only
    kept = np.array([len(h) > 0 for h in hashes], dtype=bool)
    keys = band_keys([h for h in hashes if len(h)])
    counts = np.where(kept, keys.shape[1], 0)
    bands = pa.ListArray.from_arrays(np.cumsum([0, *counts], dtype=np.int32), pa.array(keys.reshape(-1)))
    return pa.table(
        [
            batch["article_id"],
            pa.array([len(text) for text in bodies], pa.int64()),
            batch["published"],
            batch["n_damaged"],
            pa.array([blake2b(b.encode("utf-8", "surrogatepass"), digest_size=16).digest() for b in bodies]).cast(
                pa.binary(16)
            ),
            bands,
        ],
        schema=columns,
    )


def find_reprints(out: Path, connection: duckdb.DuckDBPyConnection, work: Path, path: Path) -> int:
    """Find the reprints of a run, write them to a table of :class:`ReprintRow`, and return their number.

    Args:
        out: the output folder of the run.
        connection: from :func:`pipeline.tables.store.open_run`.
        work: a folder for the signatures.
        path: the file to write.
    """
    for part in parts(out, "articles"):
        write_signatures(part, work / "signatures" / part.name)
    if not (signatures := sorted((work / "signatures").glob("*.parquet"))):
        return write_rows(ReprintRow, (), path)
    _number(connection, signatures)
    followers = _assign(connection)
    _store(connection, followers)
    return write_rows(ReprintRow, _rows(connection), path)


def _number(connection: duckdb.DuckDBPyConnection, signatures: list[Path]) -> None:
    """Number the texts, the most complete first; texts of the same wording follow the first of them at once."""
    connection.read_parquet([str(s) for s in signatures]).create_view("signatures")
    connection.execute(
        """
        create table texts as
        select *, min(number) over (partition by wording) as twin
        from (
            select article_id, size, published, n_damaged, wording,
                row_number() over (order by size desc, n_damaged, published nulls last, article_id) - 1 as number
            from signatures
        )
        """
    )
    connection.execute(
        f"""
        create table candidates as
        with keys as (
            select t.number, t.size, unnest(s.bands) as key, generate_subscripts(s.bands, 1) as band
            from signatures s join texts t using (article_id)
            where t.number = t.twin
        ), buckets as (
            select number, size, band, key, row_number() over (partition by band, key order by number) as place,
                count(*) over (partition by band, key) as members
            from keys
        ), shared as (
            select b.number, hub.number as hub, any_value(b.size) as size, any_value(hub.size) as hub_size,
                sqrt(count(*) / {float(BANDS)}) as jaccard
            from buckets b join buckets hub using (band, key)
            where b.members > 1 and hub.place <= {_HUBS} and hub.number < b.number
                and b.size >= {_SHORTEST} * hub.size
            group by b.number, hub.number
        )
        select number, hub, jaccard from shared
        where jaccard / (1 + jaccard) * (size + hub_size) >= {_WORTH_COMPARING} * greatest(size, {SHINGLE})
        """
    )


class _Followers(NamedTuple):
    """For each text by number: the leader that it follows (itself where it leads), how, and how much is shared."""

    leader: Leaders
    containment: np.ndarray[tuple[int], np.dtype[np.float32]]
    #: (number, leader, containment) of the updates that were met
    updates: list[tuple[int, int, float]]


def _assign(connection: duckdb.DuckDBPyConnection) -> _Followers:
    """Let each text follow the likeliest leader whose text is found to be the same by exact comparison.

    Each round takes for every text that is still open the likeliest leader left, and compares all these pairs in
    one pass; a text that no leader fits becomes a leader.
    """
    import numpy as np

    ((total,),) = connection.execute("select count(*) from texts").fetchall()
    leader = np.arange(total, dtype=np.int32)
    shared = np.ones(total, dtype=np.float32)
    updates: list[tuple[int, int, float]] = []
    refused: set[tuple[int, int]] = set()
    for _ in range(_ROUNDS):
        chosen = _choose(connection, leader, refused)
        opened = np.flatnonzero(chosen != leader)
        if not len(opened):
            break
        for number, hub, verdict in _compare(connection, opened, chosen[opened]):
            if verdict.relation == "reprint":
                leader[number] = hub
                shared[number] = verdict.containment
            else:
                refused.add((number, hub))
                if verdict.relation == "update":
                    updates.append((number, hub, verdict.containment))
    return _Followers(leader, shared, sorted(updates))


def _choose(connection: duckdb.DuckDBPyConnection, leader: Leaders, refused: set[tuple[int, int]]) -> Leaders:
    """For each text, in the order of completeness, the likeliest leader that was not refused, or itself.

    Who follows already goes on to do so, and who is followed goes on to lead.
    """
    import numpy as np

    chosen = leader.copy()
    everyone = np.arange(len(leader), dtype=leader.dtype)
    fixed = leader != everyone
    fixed[leader[fixed]] = True
    for number, hub, _ in stream(connection, "from candidates order by number, jaccard desc, hub"):
        if fixed[number] or chosen[hub] != hub or (number, hub) in refused:
            continue
        chosen[number] = hub
        fixed[number] = True
    return chosen


def _compare(
    connection: duckdb.DuckDBPyConnection, texts: np.ndarray[tuple[int], np.dtype[np.int64]], hubs: Leaders
) -> Iterator[tuple[int, int, Comparison]]:
    """Compare each text with its leader, exactly; the texts pass through memory a batch at a time."""
    import pyarrow as pa

    wanted = pa.table({"number": texts, "hub": hubs})
    connection.from_arrow(wanted).create("wanted")
    query = """
        select w.number, w.hub, one.text, two.text as other, abs(t.published - h.published)::int as days
        from wanted w
        join texts t on t.number = w.number join articles one on one.article_id = t.article_id
        join texts h on h.number = w.hub join articles two on two.article_id = h.article_id
    """
    for number, hub, text, other, days in stream(connection, query):
        yield number, hub, relation(text, other, days)
    connection.execute("drop table wanted")


def _store(connection: duckdb.DuckDBPyConnection, followers: _Followers) -> None:
    """Hand the groups back to the database; a twin follows whom its first one follows."""
    import numpy as np
    import pyarrow as pa

    numbers_ = np.arange(len(followers.leader))
    table = pa.table({"number": numbers_, "leader": followers.leader, "containment": followers.containment})
    connection.from_arrow(table).create("followed")
    updates = pa.table(
        {
            "number": pa.array([u[0] for u in followers.updates], pa.int64()),
            "leader": pa.array([u[1] for u in followers.updates], pa.int64()),
            "containment": pa.array([u[2] for u in followers.updates], pa.float64()),
        }
    )
    connection.from_arrow(updates).create("updated")
    connection.execute(
        f"""
        create table grouped as
        with members as (
            select t.*, f.leader, f.containment, max(t.size) over (partition by f.leader) as longest
            from texts t join followed f on f.number = t.twin
        )
        select *, first_value(article_id) over (
            partition by leader
            order by size < {_COMPLETE} * longest, n_damaged, published nulls last, article_id
        ) as representative
        from members
        """
    )


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str, float]]:
    """Reprints and updates, by article."""
    query = """
        select article_id, representative as of, 'reprint' as relation, containment
        from grouped where article_id <> representative
        union all
        select distinct one.representative, two.representative, 'update', u.containment
        from updated u
        join grouped one on one.number = u.number
        join grouped two on two.number = u.leader
        where one.representative <> two.representative
        order by article_id, relation, of
    """
    return stream(connection, query)


def mark_reprints(out: Path, reprints: Path, memory_mb: int = MEMORY_MB) -> list[Path]:
    """Write ``duplicate_of`` into the parts of ``articles/`` and return the parts that were changed.

    A part is replaced as a whole; one whose column is right already is left alone.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(reprints, filters=[("relation", "==", "reprint")], columns=["article_id", "of"])
    stands_for = dict(zip(table["article_id"].to_pylist(), table["of"].to_pylist(), strict=True))
    return [part for part in parts(out, "articles") if _mark(part, stands_for)]


def _mark(part: Path, stands_for: dict[str, str]) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pq.ParquetFile(part)
    known = source.read(columns=["article_id", "duplicate_of"])
    wanted = [stands_for.get(article_id) for article_id in known["article_id"].to_pylist()]
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
