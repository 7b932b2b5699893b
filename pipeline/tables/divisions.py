"""Changes of division: the code under which a region is known in another year.

A county of 2013 can be a district under another code in 2020. Facts are joined by code, so that its series would fall
in two; carried to one year, it is one. Where a region was divided or joined with others there is no one code, and it
stays under its own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pipeline import lexicon
from pipeline.lexicon.gazetteer import Region, at, in_year, region_row

if TYPE_CHECKING:
    import duckdb

__all__ = ["carried", "carry"]


@cache
def carried(code: str, since: int | None, year: int) -> Region | None:
    """The region that a code meant in one year, as it was in another year; None for an unknown code.

    Args:
        code: six digits.
        since: the year in which the code was used; the latest where it is not known.
        year: the year to carry it to.

    >>> carried("500223", 2013, 2020)
    Region(code='500152', name='潼南区', province='重庆市', prefecture=None, county='潼南区', level='county')
    """
    division = at(code, since)
    return region_row(in_year(division, year).code, year) if division else None


lexicon.on_change(carried)


def carry(connection: duckdb.DuckDBPyConnection, year: int) -> None:
    """Carry the regions of the table ``results`` to a year, with their names."""
    query = "select distinct region, year(published) from results where region is not null order by all"
    found = [
        (code, since, *region[:5])
        for code, since in connection.execute(query).fetchall()
        if (region := carried(code, since, year)) is not None
    ]
    names = ("region_name", "province", "prefecture", "county")
    connection.execute(
        f"create table carried (code varchar, since bigint, region varchar, {', '.join(f'{n} varchar' for n in names)})"
    )
    if found:
        connection.executemany(f"insert into carried values ({', '.join('?' * len(found[0]))})", found)
    connection.execute(
        f"""
        update results set region = c.region, {", ".join(f"{name} = c.{name}" for name in names)}
        from carried c where results.region = c.code and year(results.published) is not distinct from c.since
        """
    )
