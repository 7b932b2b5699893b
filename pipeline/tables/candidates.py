"""Which texts of a run may say the same: the first two steps of :mod:`pipeline.tables.duplicates`.

Nothing here is held in memory for every text. Signatures lie in a file, row after row; the keys of each band go to a
file of their own, and where a run has many texts to several, by key, each of which fits into memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pipeline.rows import open_parquet
from pipeline.tables.store import batches
from pipeline.tables.wording import BANDS, SHINGLE, band_keys, bodies, shingles_of

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    from pipeline.tables.wording import Codes, Sizes

    Records: TypeAlias = np.ndarray[tuple[int], np.dtype[np.void]]
    Numbers: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
    #: the keys of all bands, a line for each text
    Lines: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.uint64]]

__all__ = ["SHORTEST", "find_candidates"]

#: a text shorter than this share of another is an extract of it, not a reprint
SHORTEST = 0.2

#: of the most complete texts that share a band, how many each other text is held against
_HUBS = 8
#: estimated containment below which two texts are not compared; the estimate scatters
_WORTH_COMPARING = 0.35
#: texts whose keys of a band are held in memory together, about
_TOGETHER = 1 << 20
#: texts whose keys are brought to the bands at a time
_SPREAD = 16_384
#: pairs of texts in memory before they go to the database
_PAIRS = 1 << 19
#: pairs whose signatures are compared at a time
_LIKELY = 4_096

#: a text in a band: its key there, and its number, row and size
_MEMBER = [("key", "<u8"), ("number", "<u4"), ("row", "<u4"), ("size", "<u4")]
#: what is known of each text of a pair
_OF_TEXT = ("number", "row", "size")


class _Signatures(NamedTuple):
    """The texts of a run by row: what orders them in a Parquet file, and the keys of all bands in another file."""

    texts: Path
    keys: Path

    def write(self, articles: Sequence[Path]) -> int:
        """Make the signatures of the articles of all parts, and return their number."""
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
        rows = 0
        with open_parquet(self.texts, columns) as writer, self.keys.open("wb") as keys:
            for part in articles:
                for batch in batches(part, ("article_id", "text", "published", "n_damaged")):
                    codes, sizes = bodies(batch["text"].to_pylist())
                    writer.write_batch(_order(rows, batch, codes, sizes, columns))
                    keys.write(_keys(codes, sizes).tobytes())
                    rows += batch.num_rows
        return rows

    def of_rows(self, keys: IO[bytes], rows: Numbers) -> Lines:
        """The keys of some rows, a line for each."""
        import numpy as np

        found = np.empty((len(rows), BANDS), dtype=np.uint64)
        lines = found.data.cast("B")
        width = found.itemsize * BANDS
        for place, row in enumerate(rows.tolist()):
            keys.seek(row * width)
            keys.readinto(lines[place * width : (place + 1) * width])  # type: ignore[attr-defined]
        return found


def _order(first: int, batch: pa.RecordBatch, codes: Codes, sizes: Sizes, columns: pa.Schema) -> pa.RecordBatch:
    import numpy as np
    import pyarrow as pa

    ends = np.cumsum(sizes).tolist()
    wordings = [
        blake2b(codes[end - size : end].tobytes(), digest_size=16).digest()
        for end, size in zip(ends, sizes.tolist(), strict=True)
    ]
    rows = pa.array(np.arange(first, first + batch.num_rows))
    of_article = (batch["article_id"], pa.array(sizes), batch["published"], batch["n_damaged"])
    return pa.record_batch([rows, *of_article, pa.array(wordings, pa.binary(16))], schema=columns)


def _keys(codes: Codes, sizes: Sizes) -> Lines:
    """The keys of the bands of each text; zeros for one without shingles, which is held against its twins only."""
    import numpy as np

    hashes, counts = shingles_of(codes, sizes)
    keys = np.zeros((len(sizes), BANDS), dtype=np.uint64)
    if len(kept := np.flatnonzero(counts)):
        keys[kept] = band_keys(hashes, counts[kept])
    return keys


def find_candidates(connection: duckdb.DuckDBPyConnection, articles: Sequence[Path], work: Path) -> int:
    """Number the texts of a run, find the pairs that are worth comparing, and return the number of texts.

    Makes the table ``texts`` (with ``number``, the most complete text first, and ``twin``, the first text of the same
    wording) and the table ``candidates`` (``number``, ``hub``, ``jaccard`` as the signatures estimate it).

    Args:
        connection: from :func:`pipeline.tables.store.open_run`.
        articles: the parts of ``articles/``.
        work: a folder for the signatures.
    """
    work.mkdir(parents=True)
    signatures = _Signatures(work / "texts.parquet", work / "keys")
    texts = signatures.write(articles)
    _number(connection, signatures)
    groups = -(-texts // _TOGETHER)
    _spread(connection, signatures, work, groups)
    _pair(connection, work, groups)
    _keep_likely(connection, signatures)
    return texts


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


def _spread(connection: duckdb.DuckDBPyConnection, signatures: _Signatures, work: Path, groups: int) -> None:
    """Bring the keys of each text to the files of the bands; twins are left out."""
    import numpy as np

    with signatures.keys.open("rb") as file:
        query = "select number, row, size, number = twin and size >= $1 as kept from texts order by row"
        for batch in connection.cursor().sql(query, params=[SHINGLE]).to_arrow_reader(_SPREAD):
            keys = np.fromfile(file, np.uint64, batch.num_rows * BANDS).reshape(batch.num_rows, BANDS)
            kept = np.flatnonzero(batch["kept"].to_numpy(zero_copy_only=False))
            members = np.empty(len(kept), dtype=_MEMBER)
            for name in _OF_TEXT:
                members[name] = batch[name].to_numpy()[kept]
            for band in range(BANDS):
                members["key"] = keys[kept, band]
                for group, some in enumerate(_groups(members, groups)):
                    with _band(work, band, group).open("ab") as place:
                        place.write(some.tobytes())


def _band(work: Path, band: int, group: int) -> Path:
    return work / f"band{band}.{group}"


def _groups(members: Records, groups: int) -> Iterator[Records]:
    """The members by their keys, so that equal keys come together."""
    import numpy as np

    if groups == 1:
        yield members
        return
    # keys are the smallest of many hashes, so their own first digits say little
    mixed = (members["key"] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    group = (mixed * np.uint64(groups)) >> np.uint64(32)
    for wanted in range(groups):
        yield members[group == wanted]


def _pair(connection: duckdb.DuckDBPyConnection, work: Path, groups: int) -> None:
    """The table ``shared`` of the pairs of texts that share a band; files that were read are removed."""
    import numpy as np

    named = ", ".join(f"{name} uinteger, hub_{name} uinteger" for name in _OF_TEXT)
    connection.execute(f"create table shared ({named})")
    found: list[tuple[Records, Records]] = []
    for band in range(BANDS):
        for path in (_band(work, band, group) for group in range(groups)):
            found += _pairs_of_band(np.fromfile(path, dtype=_MEMBER))
            path.unlink()
            if sum(len(texts) for texts, _ in found) > _PAIRS:
                _store_pairs(connection, found)
                found = []
    _store_pairs(connection, found)


def _pairs_of_band(members: Records) -> Iterator[tuple[Records, Records]]:
    """The pairs of a band, each text with the most complete ones that have its key."""
    import numpy as np

    members = _not_alone(members)
    # within a bucket the most complete text comes first
    members = members[np.lexsort((members["number"], members["key"]))]
    same = members["key"][1:] == members["key"][:-1]
    places = np.arange(len(members))
    begins = np.zeros(len(members), dtype=np.int64)
    begins[1:] = np.maximum.accumulate(np.where(same, 0, places[1:]))
    shared = np.flatnonzero(places > begins)
    for hub in range(_HUBS):
        shared = shared[places[shared] - begins[shared] > hub]
        texts, hubs = members[shared], members[begins[shared] + hub]
        long_enough = texts["size"] >= SHORTEST * hubs["size"]
        yield texts[long_enough], hubs[long_enough]


def _not_alone(members: Records) -> Records:
    """The members whose key another one has; most are alone in their bucket."""
    import numpy as np

    keys = members["key"].copy()
    ordered = np.sort(keys)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return members[:0]
    places = np.minimum(np.searchsorted(repeated, keys), len(repeated) - 1)
    found: Records = members[repeated[places] == keys]
    return found


def _store_pairs(connection: duckdb.DuckDBPyConnection, pairs: Sequence[tuple[Records, Records]]) -> None:
    import numpy as np
    import pyarrow as pa

    if not pairs:
        return
    texts, hubs = (np.concatenate(side) for side in zip(*pairs, strict=True))
    codes = texts["number"].astype(np.uint64) << np.uint64(32) | hubs["number"]
    _, once = np.unique(codes, return_index=True)
    columns = {f"{side}{name}": of[name][once] for name in _OF_TEXT for side, of in (("", texts), ("hub_", hubs))}
    connection.from_arrow(pa.table(columns)).insert_into("shared")


def _keep_likely(connection: duckdb.DuckDBPyConnection, signatures: _Signatures) -> None:
    """Of the pairs that share a band, the table ``candidates`` of those whose whole signatures are alike."""
    import pyarrow as pa

    connection.execute("create table candidates (number bigint, hub bigint, jaccard double)")
    names = ", ".join(f"{name}, hub_{name}" for name in _OF_TEXT)
    # a signature is fetched for each text of a pair: in order, those of a text for all its pairs at once
    query = f"select distinct {names} from shared order by number, hub_number"
    with signatures.keys.open("rb", buffering=0) as keys:
        for batch in connection.cursor().sql(query).to_arrow_reader(_LIKELY):
            pairs = {name: batch[name].to_numpy() for name in batch.schema.names}
            jaccard, likely = _likely(pairs, signatures, keys)
            columns = {"number": pairs["number"], "hub": pairs["hub_number"], "jaccard": jaccard}
            connection.from_arrow(pa.table(columns).filter(likely)).insert_into("candidates")


def _likely(pairs: dict[str, Any], signatures: _Signatures, keys: IO[bytes]) -> tuple[Any, Any]:
    """The Jaccard similarity of pairs as their signatures estimate it, and whether they are worth comparing."""
    import numpy as np

    rows, place = np.unique(np.concatenate((pairs["row"], pairs["hub_row"])), return_inverse=True)
    of_rows = signatures.of_rows(keys, rows)
    differ = of_rows[place[: len(place) // 2]] ^ of_rows[place[len(place) // 2 :]]
    # a key is two values of the signature
    equal = ((differ >> np.uint64(32)) == 0).sum(axis=1) + ((differ & np.uint64(0xFFFFFFFF)) == 0).sum(axis=1)
    jaccard = equal / (2 * BANDS)
    size, hub_size = pairs["size"].astype(np.int64), pairs["hub_size"].astype(np.int64)
    shared = jaccard / (1 + jaccard) * (size + hub_size)
    return jaccard, shared >= _WORTH_COMPARING * np.maximum(size, SHINGLE)
