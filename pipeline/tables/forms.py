"""The tables of a run in the form of another program, with a codebook beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline.tables.codebook import labels
from pipeline.tables.denominators import divide, read_denominators
from pipeline.tables.export import write_csv, write_database, write_sqlite, write_stata
from pipeline.tables.pivot import headers
from pipeline.tables.store import TablesError, parts, workplace

__all__ = ["FORMS", "export"]

#: the tables of a run, in the order in which they are written
_TABLES = (
    "metrics_long",
    "metrics_by_region",
    "metrics_by_region_campaign",
    "checks",
    "conflicts",
    "reprints",
    "codebook",
)
_WIDE = ("metrics_by_region", "metrics_by_region_campaign")


def export(
    out: Path,
    form: str,
    dest: Path | None = None,
    *,
    divisions: int | None = None,
    denominators: Path | None = None,
) -> list[Path]:
    """Write all tables of a run in a form.

    Args:
        out: the output folder of the run.
        form: one of :data:`FORMS`.
        dest: the folder to write to; ``export`` in the output folder where left out.
        divisions: make the tables anew with the regions as they were in this year.
        denominators: a file for :func:`pipeline.tables.denominators.read_denominators`.

    Returns:
        the files that were written.

    Raises:
        TablesError: the run has no tables, or the file of denominators cannot be used.
    """
    out, dest = Path(out), Path(dest) if dest else Path(out) / "export"
    if not (out / "tables" / "metrics_long.parquet").is_file():
        raise TablesError(f"there are no tables in {out}; make them with: zhanbao run DUMP -o {out}")
    divisors = read_denominators(denominators) if denominators else None
    with workplace(out, "export") as work:
        folder = out / "tables"
        if divisions is not None:
            from pipeline.tables.build import build

            folder = work / "tables"
            build(out, tables=folder, divisions=divisions)
        files = {name: folder / f"{name}.parquet" for name in _TABLES}
        if divisors:
            divide(files["metrics_long"], divisors, work / "metrics_long.parquet")
            files["metrics_long"] = work / "metrics_long.parquet"
        dest.mkdir(parents=True, exist_ok=True)
        return FORMS[form](out, files, dest)


def _csv(out: Path, files: Mapping[str, Path], dest: Path) -> list[Path]:
    written = []
    for name, source in files.items():
        path = dest / f"{name}.csv"
        write_csv(source, path, bom=True, headers=headers(source) if name in _WIDE else None)
        written.append(path)
    return written


def _stata(out: Path, files: Mapping[str, Path], dest: Path) -> list[Path]:
    written = []
    for name, source in files.items():
        path = dest / f"{name}.dta"
        write_stata(source, path, headers(source) if name in _WIDE else labels(name))
        written.append(path)
    return written


def _duckdb(out: Path, files: Mapping[str, Path], dest: Path) -> list[Path]:
    path = dest / "zhanbao.duckdb"
    write_database(files, path, _details(out))
    return [path, _codebook(files, dest)]


def _sqlite(out: Path, files: Mapping[str, Path], dest: Path) -> list[Path]:
    path = dest / "zhanbao.sqlite"
    write_sqlite(files, path, _details(out))
    return [path, _codebook(files, dest)]


def _details(out: Path) -> dict[str, list[Path]]:
    return {name: parts(out, name) for name in ("figures", "articles")}


def _codebook(files: Mapping[str, Path], dest: Path) -> Path:
    path = dest / "codebook.csv"
    write_csv(files["codebook"], path, bom=True)
    return path


#: name of a form -> what writes it
FORMS: dict[str, Callable[[Path, Mapping[str, Path], Path], list[Path]]] = {
    "csv-bom": _csv,
    "dta": _stata,
    "duckdb": _duckdb,
    "sqlite": _sqlite,
}
