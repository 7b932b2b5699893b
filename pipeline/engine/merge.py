"""What only the whole run can say: which record keeps an id that several have, and the list of rejects."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

from pipeline.engine.output import Output
from pipeline.engine.parts import TABLES, Marker, part_name, unfinished
from pipeline.engine.task import duplicate
from pipeline.model import Reject
from pipeline.tables.store import open_run, stream, workplace

__all__ = ["settle_duplicates", "write_rejects"]


class _Record(NamedTuple):
    """A record that lays claim to an id; records compare by path and row."""

    source_path: str
    source_row: int
    shard: str
    #: False where it was taken out of its part already
    present: bool


def settle_duplicates(output: Output, markers: dict[str, Marker]) -> set[str]:
    """Leave each article id to its first record by path and row, whatever order the shards were finished in.

    The others are taken out of their parts and listed as rejects. A record taken out by an earlier run may
    have become the first since, because the one before it has left the dump.

    Args:
        output: of the run.
        markers: the finished shards by name; markers of parts that were changed are replaced in it.

    Returns:
        The shards to be worked on again because they lack a record that is the first now.
    """
    output.gather(markers.values())
    losers: dict[str, list[tuple[str, _Record]]] = defaultdict(list)
    missing: set[str] = set()
    for article_id, records in _claims(output.folder, markers).items():
        first, *others = sorted(records)
        if not first.present:
            missing.add(first.shard)
        for record in others:
            if record.present:
                losers[record.shard].append((article_id, record))
    for shard, records_lost in losers.items():
        if shard not in missing:
            markers[shard] = _without(output, markers[shard], records_lost)
    return missing


def _claims(out: Path, markers: dict[str, Marker]) -> dict[str, list[_Record]]:
    """The records of every id that more than one record has, or that a record was taken out for."""
    claims: dict[str, list[_Record]] = defaultdict(list)
    for marker in markers.values():
        for article_id, path, row in marker.dropped:
            claims[article_id].append(_Record(path, row or 0, marker.shard, present=False))
    shards = {part_name(name): name for name in markers}
    for article_id, path, row, part in _shared_ids(out, markers, sorted(claims)):
        claims[article_id].append(_Record(path, row or 0, shards[Path(part).stem], present=True))
    return claims


def _shared_ids(out: Path, markers: dict[str, Marker], wanted: list[str]) -> Iterator[tuple[str, str, int | None, str]]:
    """(article_id, source_path, source_row, part) of articles whose id occurs twice or is one of ``wanted``."""
    import pyarrow as pa

    parts = [str(m.part(out, "articles")) for m in markers.values() if "articles" in m.parts]
    if not parts:
        return
    with workplace(out) as spill, open_run(out, spill) as db:
        db.read_parquet(parts, filename=True).create_view("claimants")
        db.from_arrow(pa.table({"article_id": pa.array(wanted, pa.string())})).create("wanted")
        yield from stream(
            db,
            """
            SELECT article_id, source_path, source_row, filename FROM claimants WHERE article_id IN (
                SELECT article_id FROM claimants GROUP BY article_id HAVING count(*) > 1
                UNION ALL SELECT article_id FROM wanted
            )
            """,
        )


def _without(output: Output, marker: Marker, lost: list[tuple[str, _Record]]) -> Marker:
    """Write the parts of a shard again without some of its articles."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    output.gather([marker], TABLES)
    ids = pa.array(sorted(article_id for article_id, _ in lost), pa.string())
    fresh: dict[str, Path] = {}
    counts = dict(marker.counts)
    for table in (t for t in TABLES if t in marker.parts):
        place = marker.part(output.folder, table)
        fresh[table] = unfinished(place)
        rows = 0
        with (
            pq.ParquetFile(place) as before,
            pq.ParquetWriter(fresh[table], before.schema_arrow, compression="zstd") as after,
        ):
            for group in range(before.num_row_groups):
                content = before.read_row_group(group)
                kept = content.filter(pc.invert(pc.is_in(content["article_id"], value_set=ids)))
                rows += kept.num_rows
                after.write_table(kept)
        counts[table] = rows
    records = sorted((record, article_id) for article_id, record in lost)
    rejects = [duplicate(article_id, r.source_path, r.source_row or None) for r, article_id in records]
    dropped = [(article_id, r.source_path, r.source_row or None) for r, article_id in records]
    changed = replace(marker, counts=counts, rejects=(*marker.rejects, *rejects), dropped=(*marker.dropped, *dropped))
    return output.publish(changed, fresh)


def write_rejects(out: Path, rejects: Iterable[Reject]) -> int:
    """Write ``rejected.jsonl``, in the order of file, row and reason, and return the number of its lines."""
    ordered = sorted(rejects, key=lambda r: (r.file, r.row or 0, r.reason, r.detail))
    place = out / "rejected.jsonl"
    fresh = unfinished(place)
    with fresh.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as lines:
        for reject in ordered:
            lines.write(json.dumps(asdict(reject), ensure_ascii=False) + "\n")
    fresh.replace(place)
    return len(ordered)
