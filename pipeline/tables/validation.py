"""What coders found: precision of each field with confidence intervals, and how far the coders agree.

A figure that several coders judged counts once, with the verdict of the majority; a tie counts as not decided and is
left out of the precision, as are verdicts 不清. Intervals are Wilson's at 95 % (Wilson 1927; Brown, Cai and DasGupta
2001 recommend it for shares near 1). Agreement is Krippendorff's alpha for nominal data (Krippendorff 2019), from
NLTK, over all verdicts on figures that two or more coders judged; it is undefined where they gave one and the same
verdict only.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import sqrt
from pathlib import Path
from typing import NamedTuple

from pipeline.tables.sampling import FIELDS, VERDICTS, verdict_column
from pipeline.tables.store import TablesError

__all__ = ["ALL_FIELDS", "FieldResult", "Judgement", "alpha", "as_text", "read_sheet", "validate", "wilson"]

#: the row of the result for figures of which every field is right
ALL_FIELDS = "all fields"

#: fields that sheets of earlier versions have no column for
_NEW_FIELDS = frozenset({"part_of"})

#: normal quantile of a 95 % interval
_Z = 1.959963984540054

#: what else may stand for a verdict, such as in a sheet that was filled in by a program
_OTHER_WORDS = {
    "1": "对",
    "0": "错",
    "right": "对",
    "wrong": "错",
    "unclear": "不清",
    "?": "不清",
    "√": "对",
    "×": "错",
}


class Judgement(NamedTuple):
    """A coder's verdict on a field of a figure."""

    coder: str
    figure_id: str
    stratum: str
    metric: str
    field: str
    #: a key of :data:`~pipeline.tables.sampling.VERDICTS`
    verdict: str


class FieldResult(NamedTuple):
    """What the coders found of a field."""

    #: the figures that it is about, such as a metric; ``all`` for all
    group: str
    field: str
    #: figures with a decided verdict
    n: int
    right: int
    #: share of right ones, None without decided verdicts
    precision: float | None
    #: Wilson's 95 % interval
    low: float | None
    high: float | None
    #: figures that the majority found unclear
    unclear: int
    #: figures on which the coders are divided
    tied: int
    coders: int
    #: figures that two or more coders judged
    n_shared: int
    #: share of pairs of verdicts on a shared figure that are the same
    agreement: float | None
    #: Krippendorff's alpha, nominal
    alpha: float | None


def validate(sheets: Sequence[Path], by: str | None = None) -> list[FieldResult]:
    """Read filled sheets and say how precise each field is and how far the coders agree.

    Args:
        sheets: one file a coder (several may be by one coder if they are of different figures); the name of a file
            without what follows a dot is the coder.
        by: ``metric`` or ``stratum`` for a result of each besides that of all.

    Raises:
        TablesError: a sheet lacks columns, holds an unknown verdict, or nothing is filled in.
    """
    judgements = [judgement for sheet in sheets for judgement in read_sheet(sheet)]
    if not judgements:
        raise TablesError("no verdict is filled in; choose 对, 错 or 不清 in the columns with ✓")
    results = _results("all", judgements)
    if by:
        groups: dict[str, list[Judgement]] = defaultdict(list)
        for judgement in judgements:
            groups[getattr(judgement, by)].append(judgement)
        for group, of_group in sorted(groups.items()):
            results += _results(group, of_group)
    return results


def read_sheet(path: Path) -> list[Judgement]:
    """The verdicts of a filled sheet (.xlsx, or .csv with the same columns).

    Raises:
        TablesError: it lacks columns, or holds an unknown verdict; the message names the cell.
    """
    rows = _xlsx_rows(path) if path.suffix == ".xlsx" else _csv_rows(path)
    header = next(rows, [])
    needed = ["figure_id", *(verdict_column(field) for field in FIELDS if field not in _NEW_FIELDS)]
    if missing := [name for name in needed if name not in header]:
        raise TablesError(f"{path} has no column {', '.join(missing)}; it must be a sheet made by `zhanbao sample`")
    judgements: list[Judgement] = []
    for number, cells in enumerate(rows, 2):
        row = dict(zip(header, cells, strict=False))
        judgements += _judgements(path, number, row)
    return judgements


def _judgements(path: Path, number: int, row: Mapping[str, str]) -> Iterator[Judgement]:
    coder = path.name.partition(".")[0]
    for field in FIELDS:
        said = row.get(verdict_column(field), "")
        verdict = _OTHER_WORDS.get(said.lower(), said)
        if not verdict:
            continue
        if verdict not in VERDICTS:
            place = f"{path}, row {number}, {verdict_column(field)}"
            raise TablesError(f"{place}: {said!r} is no verdict; it must be one of {', '.join(VERDICTS)}")
        yield Judgement(coder, row["figure_id"], row.get("stratum", ""), row.get("metric", ""), field, verdict)


def _xlsx_rows(path: Path) -> Iterator[list[str]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise TablesError(f"{path} cannot be read as an Excel file: {error}") from error
    try:
        page = book["coding"] if "coding" in book.sheetnames else book.worksheets[0]
        for row in page.iter_rows(values_only=True):
            yield ["" if cell is None else str(cell).strip() for cell in row]
    finally:
        book.close()


def _csv_rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file):
            yield [cell.strip() for cell in row]


def _results(group: str, judgements: Sequence[Judgement]) -> list[FieldResult]:
    by_field: dict[str, list[Judgement]] = {field: [] for field in FIELDS}
    for judgement in judgements:
        by_field[judgement.field].append(judgement)
    results = [_result(group, field, found) for field, found in by_field.items() if found]
    if len(results) == len(FIELDS):
        results.append(_result(group, ALL_FIELDS, _of_all_fields(judgements)))
    return results


def _of_all_fields(judgements: Iterable[Judgement]) -> list[Judgement]:
    """For each coder and figure of which all fields are judged: right if all are, wrong if one is."""
    figures: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        figures[(judgement.coder, judgement.figure_id)].append(judgement)
    return [
        found[0]._replace(field=ALL_FIELDS, verdict=_worst({judgement.verdict for judgement in found}))
        for found in figures.values()
        if len({judgement.field for judgement in found}) == len(FIELDS)
    ]


def _worst(verdicts: set[str]) -> str:
    return next(verdict for verdict in ("错", "不清", "对") if verdict in verdicts)


def _result(group: str, field: str, judgements: Sequence[Judgement]) -> FieldResult:
    figures: dict[str, dict[str, str]] = defaultdict(dict)
    for judgement in judgements:
        if judgement.coder in figures[judgement.figure_id]:
            raise TablesError(f"{judgement.coder} judged {judgement.figure_id} twice; give each sheet once")
        figures[judgement.figure_id][judgement.coder] = judgement.verdict
    majority = Counter(_majority(verdicts.values()) for verdicts in figures.values())
    right, n = majority["对"], majority["对"] + majority["错"]
    low, high = wilson(right, n) if n else (None, None)
    shared = [list(verdicts.values()) for verdicts in figures.values() if len(verdicts) > 1]
    return FieldResult(
        group=group,
        field=field,
        n=n,
        right=right,
        precision=right / n if n else None,
        low=low,
        high=high,
        unclear=majority["不清"],
        tied=majority[None],
        coders=len({judgement.coder for judgement in judgements}),
        n_shared=len(shared),
        agreement=_agreement(shared),
        alpha=alpha(judgements),
    )


def _majority(verdicts: Iterable[str]) -> str | None:
    """The verdict of more than half of the coders, None where no verdict has that.

    >>> _majority(["对", "错", "对"]), _majority(["对", "错"])
    ('对', None)
    """
    votes = list(verdicts)
    verdict, count = Counter(votes).most_common(1)[0]
    return verdict if 2 * count > len(votes) else None


def _agreement(shared: Sequence[Sequence[str]]) -> float | None:
    pairs = same = 0
    for verdicts in shared:
        pairs += len(verdicts) * (len(verdicts) - 1) // 2
        same += sum(count * (count - 1) // 2 for count in Counter(verdicts).values())
    return same / pairs if pairs else None


def wilson(right: int, n: int, z: float = _Z) -> tuple[float, float]:
    """Wilson's score interval for a share.

    Args:
        right: successes.
        n: trials, at least one.
        z: normal quantile, of a 95 % interval where left out.

    >>> low, high = wilson(190, 200)
    >>> round(low, 4), round(high, 4)
    (0.9104, 0.9726)
    """
    share = right / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def alpha(judgements: Iterable[Judgement]) -> float | None:
    """Krippendorff's alpha of the verdicts on a field; None where it is undefined."""
    data = [(judgement.coder, judgement.figure_id, judgement.verdict) for judgement in judgements]
    judged = Counter(figure for _, figure, _ in data)
    shared = [item for item in data if judged[item[1]] > 1]
    if len({verdict for _, _, verdict in shared}) < 2:
        return None
    from nltk.metrics.agreement import AnnotationTask

    return float(AnnotationTask(shared).alpha())


_HEADERS = ("group", "field", "n", "right", "precision", "95% CI", "unclear", "tied", "agreement", "alpha")


def as_text(results: Sequence[FieldResult], form: str = "markdown") -> str:
    """The results as a table.

    Args:
        results: of :func:`validate`.
        form: markdown, latex or csv. The first two are for a text, with three digits; csv has every column.
    """
    if form == "csv":
        return _csv(results)
    rows = [_HEADERS, *(_row(result) for result in results)]
    if len({result.group for result in results}) == 1:
        rows = [row[1:] for row in rows]
    return _latex(rows) if form == "latex" else _markdown(rows)


def _row(result: FieldResult) -> tuple[str, ...]:
    interval = "" if result.low is None else f"[{result.low:.3f}, {result.high:.3f}]"
    numbers = (result.unclear, result.tied)
    shares = (_share(result.agreement), _share(result.alpha))
    counts = (str(result.n), str(result.right), _share(result.precision), interval)
    return (result.group, result.field, *counts, *map(str, numbers), *shares)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    names, *body = rows
    lines = [names, ["---"] * len(names), *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _latex(rows: Sequence[Sequence[str]]) -> str:
    names, *body = ([cell.replace("%", r"\%").replace("_", r"\_") for cell in row] for row in rows)
    left = sum(name in ("group", "field") for name in names)
    lines = [" & ".join(cells) + r" \\" for cells in body]
    form = "l" * left + "r" * (len(names) - left)
    parts = (rf"\begin{{tabular}}{{{form}}}", r"\toprule", " & ".join(names) + r" \\", r"\midrule")
    return "\n".join([*parts, *lines, r"\bottomrule", r"\end{tabular}"])


def _csv(results: Sequence[FieldResult]) -> str:
    from io import StringIO

    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(FieldResult._fields)
    writer.writerows(results)
    return text.getvalue().rstrip("\r\n")
