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
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from pipeline.rows import open_parquet, write_rows
from pipeline.tables.records import ReprintRow
from pipeline.tables.store import MEMORY_MB, arrays, parts, stream
from pipeline.tables.wording import (
    BANDS,
    SHINGLE,
    band_keys,
    bodies,
    body,
    numbers,
    shared_wording,
    shingles,
    shingles_of,
    verbatim,
)

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    from pipeline.tables.wording import Codes, Hashes, Sizes

    Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]

__all__ = ["CONTAINMENT", "find_reprints", "mark_reprints", "relation"]

#: characters below which texts of different months are taken for the same set phrase
_LONG_ENOUGH = 100
#: characters below which a text is too short to tell a rewritten report from another one of the same form
_REWRITTEN_SIZE = 200
#: a text shorter than this share of another is an extract of it, not a reprint
_SHORTEST = 0.2


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
_AT_ONCE = _Demands(containment=CONTAINMENT, rewritten=0.5, verbatim=0.45, shortest=_SHORTEST)
#: from the second day on what is announced is reported as done, in many of the same words
_SOON = _Demands(containment=0.92, rewritten=0.55, verbatim=0.5, shortest=0.3)
#: notices of every month and year share most of their wording
_LATER = _Demands(containment=0.92, rewritten=1.0, verbatim=1.0, shortest=0.3)


def _demands(days: int | None) -> _Demands:
    if days is None or days <= 1:
        return _AT_ONCE
    return _SOON if days <= 31 else _LATER


#: of the most complete texts that share a band, how many each other text is held against
_HUBS = 8
#: estimated containment below which two texts are not compared; the estimate scatters
_WORTH_COMPARING = 0.35
#: share of other numbers up to which they are slips of the pen, not an update
_SLIPS = 0.05
#: members at least this share as long as the longest count as complete
_COMPLETE = 0.9
_DIGITS = re.compile("[0-9]+")
_NO_DIGITS = {ord(digit): None for digit in "0123456789"}
#: articles whose signatures are made at a time, and the bytes of text at which a batch of them is halved
_BATCH = 256
_BATCH_BYTES = 8 << 20
#: pairs of texts in memory before they go to the database
_PAIRS = 4 << 20


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
    asked = _demands(days)
    shorter, longer = sorted((body(first), body(second)), key=len)
    if len(shorter) < asked.shortest * len(longer) or (asked is _LATER and len(shorter) < _LONG_ENOUGH):
        return Comparison("different", 0.0)
    if shorter in longer:
        return Comparison("reprint", 1.0)
    if len(shorter) < SHINGLE:
        return Comparison("different", 0.0)
    shared = shared_wording(shingles(shorter), shingles(longer))
    if not _same_wording(first, second, shorter, longer, shared, asked):
        return Comparison("different", shared)
    same, different = numbers(first, second)
    return Comparison("update" if different > _SLIPS * (same + different) else "reprint", shared)


def _same_wording(first: str, second: str, shorter: str, longer: str, shared: float, asked: _Demands) -> bool:
    if shared >= asked.containment:
        return True
    # newer numbers alone can hide the same wording: each stands in many shingles
    if shared + _touched_by_digits(shorter) < min(asked.containment, asked.rewritten):
        return False
    shared = max(shared, shared_wording(shingles(_no_digits(shorter)), shingles(_no_digits(longer))))
    if shared >= asked.containment:
        return True
    if shared < asked.rewritten or len(shorter) < _REWRITTEN_SIZE:
        return False
    return verbatim(first, second) >= asked.verbatim


def _touched_by_digits(text: str) -> float:
    """The largest share of the shingles of a text that can hold a digit."""
    runs = _DIGITS.findall(text)
    return (sum(map(len, runs)) + (SHINGLE - 1) * len(runs)) / (len(text) - SHINGLE + 1)


def _no_digits(text: str) -> str:
    return text.translate(_NO_DIGITS) or text


def _batches(part: Path) -> Iterator[pa.RecordBatch]:
    """What signatures need of the articles of a part, a bounded amount of text at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(part) as file:
        for batch in file.iter_batches(_BATCH, columns=["article_id", "text", "published", "n_damaged"]):
            yield from _halved(batch)


def _halved(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if batch.num_rows <= 1 or batch["text"].nbytes <= _BATCH_BYTES:
        yield batch
        return
    middle = batch.num_rows // 2
    yield from _halved(batch.slice(0, middle))
    yield from _halved(batch.slice(middle))


class _Signatures:
    """The texts of a run by row: what orders them in a Parquet file, and the keys of each band in a file of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        #: texts so far
        self.rows = 0

    @property
    def texts(self) -> Path:
        """The file with a row for each text."""
        return self._folder / "texts.parquet"

    def band(self, number: int) -> tuple[Numbers, Hashes]:
        """The rows that have shingles, and their keys in a band."""
        import numpy as np

        return np.fromfile(self._folder / "rows", np.int64), np.fromfile(self._folder / f"band{number}", np.uint64)

    def write(self, articles: Sequence[Path]) -> None:
        """Make the signatures of the articles of all parts."""
        import pyarrow as pa

        columns = pa.schema(
            [
                ("row", pa.int64()),
                ("article_id", pa.string()),
                ("size", pa.int64()),
                ("published", pa.date32()),
                ("n_damaged", pa.int64()),
                ("wording", pa.binary(16)),
            ]
        )
        with ExitStack() as files:
            writer = files.enter_context(open_parquet(self.texts, columns))
            rows = files.enter_context((self._folder / "rows").open("wb"))
            bands = [files.enter_context((self._folder / f"band{n}").open("wb")) for n in range(BANDS)]
            for part in articles:
                for batch in _batches(part):
                    codes, sizes = bodies(batch["text"].to_pylist())
                    writer.write_batch(self._order(batch, codes, sizes, columns))
                    self._write_bands(codes, sizes, rows, bands)
                    self.rows += batch.num_rows

    def _order(self, batch: pa.RecordBatch, codes: Codes, sizes: Sizes, columns: pa.Schema) -> pa.RecordBatch:
        import numpy as np
        import pyarrow as pa

        ends = np.cumsum(sizes).tolist()
        wordings = [
            blake2b(codes[end - size : end].tobytes(), digest_size=16).digest()
            for end, size in zip(ends, sizes.tolist(), strict=True)
        ]
        rows = pa.array(np.arange(self.rows, self.rows + batch.num_rows))
        of_article = (batch["article_id"], pa.array(sizes), batch["published"], batch["n_damaged"])
        return pa.record_batch([rows, *of_article, pa.array(wordings, pa.binary(16))], schema=columns)

    def _write_bands(self, codes: Codes, sizes: Sizes, rows: BinaryIO, bands: Sequence[BinaryIO]) -> None:
        import numpy as np

        hashes, counts = shingles_of(codes, sizes)
        # a text without shingles is held against texts of the very same wording only
        if not len(kept := np.flatnonzero(counts)):
            return
        rows.write((kept + self.rows).tobytes())
        for band, keys in zip(bands, band_keys(hashes, counts[kept]).T, strict=True):
            band.write(np.ascontiguousarray(keys).tobytes())


def find_reprints(out: Path, connection: duckdb.DuckDBPyConnection, work: Path, path: Path) -> int:
    """Find the reprints of a run, write them to a table of :class:`ReprintRow`, and return their number.

    Args:
        out: the output folder of the run.
        connection: from :func:`pipeline.tables.store.open_run`.
        work: a folder for the signatures.
        path: the file to write.
    """
    signatures = _Signatures(work / "signatures")
    signatures.write(parts(out, "articles"))
    if not signatures.rows:
        return write_rows(ReprintRow, (), path)
    _number(connection, signatures)
    _pair(connection, signatures)
    followers = _assign(connection)
    _store(connection, followers)
    return write_rows(ReprintRow, _rows(connection), path)


def _number(connection: duckdb.DuckDBPyConnection, signatures: _Signatures) -> None:
    """Number the texts, the most complete first; texts of the same wording follow the first of them at once."""
    connection.read_parquet(str(signatures.texts)).create_view("signatures")
    connection.execute(
        """
        create table texts as
        select *, min(number) over (partition by wording) as twin
        from (
            select *, row_number() over (order by size desc, n_damaged, published nulls last, article_id) - 1 as number
            from signatures
        )
        """
    )


def _pair(connection: duckdb.DuckDBPyConnection, signatures: _Signatures) -> None:
    """The table ``candidates``: texts that share a band, with their Jaccard similarity as signatures estimate it."""
    import numpy as np

    number, twin, size_of_row = arrays(connection, "select number, twin, size from texts order by row")
    alone = number == twin
    size = np.empty_like(number)
    size[number] = size_of_row
    connection.execute("create table shared (number bigint, hub bigint)")
    found: list[Numbers] = []
    for band in range(BANDS):
        rows, keys = signatures.band(band)
        if band == 0:
            kept = np.flatnonzero(alone[rows])
            # within a bucket the most complete text comes first
            kept = kept[np.argsort(number[rows[kept]], kind="stable")]
        members = number[rows[kept]]
        found.append(_pairs_of_band(members, keys[kept], size))
        if band == BANDS - 1 or sum(map(len, found)) > _PAIRS:
            _store_pairs(connection, np.concatenate(found), len(number))
            found = []
    _keep_likely(connection, signatures, number, size)


def _keep_likely(
    connection: duckdb.DuckDBPyConnection, signatures: _Signatures, number: Numbers, size: Numbers
) -> None:
    """Of the pairs that share a band, the table ``candidates`` of those whose whole signatures are alike.

    Args:
        connection: with the table ``shared``.
        signatures: the keys of all texts.
        number: number of each text by row.
        size: size of each text by number.
    """
    import numpy as np
    import pyarrow as pa

    one, two = arrays(connection, "select distinct number, hub from shared order by all")
    rows, _ = signatures.band(0)
    place = np.zeros(len(number), dtype=np.int64)
    place[number[rows]] = np.arange(len(rows))
    equal = np.zeros(len(one), dtype=np.int64)
    for band in range(BANDS):
        _, keys = signatures.band(band)
        differ = keys[place[one]] ^ keys[place[two]]
        # a key is two values of the signature
        equal += (differ >> np.uint64(32)) == 0
        equal += (differ & np.uint64(0xFFFFFFFF)) == 0
    jaccard = equal / (2 * BANDS)
    shared = jaccard / (1 + jaccard) * (size[one] + size[two])
    kept = shared >= _WORTH_COMPARING * np.maximum(size[one], SHINGLE)
    likely = pa.table({"number": one[kept], "hub": two[kept], "jaccard": jaccard[kept]})
    connection.from_arrow(likely).create("candidates")


def _pairs_of_band(members: Numbers, keys: Hashes, size: Numbers) -> Numbers:
    """The pairs of a band as ``number * texts + hub``.

    Args:
        members: numbers of texts, ascending.
        keys: their keys.
        size: size of each text by number.
    """
    import numpy as np

    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    places = np.arange(len(order))
    begins = np.zeros(len(order), dtype=np.int64)
    begins[1:] = np.maximum.accumulate(np.where(same, 0, places[1:]))
    # most texts are alone in their bucket
    shared = np.flatnonzero(places > begins)
    pairs = []
    for hub in range(_HUBS):
        shared = shared[places[shared] - begins[shared] > hub]
        numbers_, hubs = members[order[shared]], members[order[begins[shared] + hub]]
        long_enough = size[numbers_] >= _SHORTEST * size[hubs]
        pairs.append((numbers_ * len(size) + hubs)[long_enough])
    return np.concatenate(pairs)


def _store_pairs(connection: duckdb.DuckDBPyConnection, pairs: Numbers, texts: int) -> None:
    import numpy as np
    import pyarrow as pa

    codes = np.unique(pairs)
    connection.from_arrow(pa.table({"number": codes // texts, "hub": codes % texts})).insert_into("shared")


class _Followers(NamedTuple):
    """For each text by number: the leader that it follows (itself where it leads), how, and how much is shared."""

    leader: Numbers
    containment: np.ndarray[tuple[int], np.dtype[np.float64]]
    #: (number, leader, containment) of the updates that were met
    updates: list[tuple[int, int, float]]


def _assign(connection: duckdb.DuckDBPyConnection) -> _Followers:
    """Let each text follow the likeliest leader whose text is found to be the same by exact comparison.

    Each round takes for every text that is still open the likeliest leader left, and compares all these pairs in
    one pass; a text that no leader fits becomes a leader. A pair is compared once, so that the rounds come to an end.
    """
    import numpy as np

    ((total,),) = connection.execute("select count(*) from texts").fetchall()
    leader = np.arange(total)
    shared = np.ones(total)
    updates: list[tuple[int, int, float]] = []
    _keep_candidates(connection)
    number, hub = arrays(connection, "select number, hub from candidates order by number, jaccard desc, hub")
    while len(chosen := _choose(number, hub, leader)):
        for text, other, verdict in _compare(connection, number[chosen], hub[chosen]):
            if verdict.relation == "reprint":
                leader[text] = other
                shared[text] = verdict.containment
            elif verdict.relation == "update":
                updates.append((text, other, verdict.containment))
        open_ = leader[number] == number
        open_[chosen] = False
        number, hub = number[open_], hub[open_]
    return _Followers(leader, shared, sorted(updates))


def _keep_candidates(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep the texts that will be compared, so that the articles are read once and not in every round."""
    connection.execute(
        """
        create table kept as
        select t.number, t.published, a.text
        from texts t join articles a using (article_id)
        where t.number in (select number from candidates union select hub from candidates)
        """
    )


def _choose(number: Numbers, hub: Numbers, leader: Numbers) -> Numbers:
    """For each open text, in the order of completeness, the likeliest leader left; as places in the candidates.

    Who follows already goes on to do so, and who is followed goes on to lead.
    """
    import numpy as np

    everyone = np.arange(len(leader))
    settled = leader != everyone
    follows = set(np.flatnonzero(settled).tolist())
    settled[leader[settled]] = True
    fixed = set(np.flatnonzero(settled).tolist())
    chosen: list[int] = []
    for place, (text, other) in enumerate(zip(number.tolist(), hub.tolist(), strict=True)):
        if text not in fixed and other not in follows:
            chosen.append(place)
            follows.add(text)
            fixed.add(text)
    return np.array(chosen, dtype=np.int64)


def _compare(
    connection: duckdb.DuckDBPyConnection, texts: Numbers, hubs: Numbers
) -> Iterator[tuple[int, int, Comparison]]:
    """Compare each text with its leader, exactly; the texts pass through memory a batch at a time."""
    for begin in range(0, len(texts), _BATCH):
        pairs = list(zip(texts[begin : begin + _BATCH].tolist(), hubs[begin : begin + _BATCH].tolist(), strict=True))
        wanted = sorted({number for pair in pairs for number in pair})
        query = "select number, text, published from kept where number in (select unnest(?))"
        found = {number: said for number, *said in connection.execute(query, [wanted]).fetchall()}
        for number, hub in pairs:
            (text, day), (other, other_day) = found[number], found[hub]
            days = abs((day - other_day).days) if day and other_day else None
            yield number, hub, relation(text, other, days)


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
