"""Known vulnerabilities of the exact versions that the project is tested with: python tests/audit.py CONSTRAINTS

Asks the services that pip-audit knows, one after the other, until every package has an answer. Ends with status 1
where a version has a known vulnerability that audit_accepted.toml does not list. A service that cannot be reached says
nothing about the packages: that is printed, and is no failure.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ACCEPTED = Path(__file__).with_name("audit_accepted.toml")
SERVICES = ("pypi", "osv")

#: How pip-audit ends where a service does not answer; whatever else goes wrong with it is a failure.
_NO_ANSWER = re.compile(
    r"^.*(?:ConnectionError|Could not connect|ServiceError|Timeout|JSONDecodeError).*$", re.MULTILINE
)
_SHOWN = 5


class AuditError(Exception):
    """pip-audit, or the list of accepted findings, cannot be used."""


@dataclass(frozen=True)
class Finding:
    """One known vulnerability of one pinned version."""

    package: str
    version: str
    names: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        mended = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "not mended in any version"
        return f"{self.package} {self.version}: {' = '.join(self.names)}, {mended}"


@dataclass(frozen=True)
class Answer:
    """What a service knows: the findings of each package that it could speak of, and why it is silent on others."""

    findings: Mapping[str, Sequence[Finding]]
    silent: str = ""


def main(constraints: Path) -> int:
    """Ask, print, and say by the exit status whether a known vulnerability is in use."""
    pinned = packages(constraints)
    accepted = read_accepted(ACCEPTED, date.today())
    known: dict[str, Sequence[Finding]] = {}
    silent: list[str] = []
    for service in SERVICES:
        if set(pinned) - set(known):
            answer = ask(service, constraints)
            known = {**answer.findings, **known}
            silent += [f"{service}: {answer.silent}"] if answer.silent else []
    findings = [f for found in known.values() for f in found]
    print("\n".join(report(pinned, known, silent, accepted)))
    return 1 if any(reason_of(f, accepted) is None for f in findings) else 0


def packages(constraints: Path) -> list[str]:
    """The packages of a list of exact versions."""
    lines = constraints.read_text(encoding="utf-8").splitlines()
    return [line.partition("==")[0] for line in lines if line and not line.startswith("#")]


def ask(service: str, constraints: Path) -> Answer:
    """Let pip-audit ask one service.

    Raises:
        AuditError: pip-audit failed for another reason than a service that does not answer.
    """
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(constraints), "--no-deps", "--disable-pip"]
    command += ["--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"]
    run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return read_answer(run.stdout, run.stderr)


def read_answer(output: str, errors: str) -> Answer:
    """What pip-audit printed, in our terms.

    Raises:
        AuditError: it printed neither a report nor that the service is out of reach.
    """
    if not output.strip():
        reasons = _NO_ANSWER.findall(errors)
        if not reasons:
            raise AuditError(f"pip-audit failed:\n{errors}")
        return Answer({}, reasons[-1].strip())
    spoken = json.loads(output)["dependencies"]
    silent = [d["skip_reason"] for d in spoken if "skip_reason" in d]
    return Answer({d["name"]: list(_findings(d)) for d in spoken if "vulns" in d}, silent[0] if silent else "")


def _findings(dependency: Mapping[str, Any]) -> Iterator[Finding]:
    for found in dependency["vulns"]:
        names = (found["id"], *found["aliases"])
        yield Finding(dependency["name"], dependency["version"], names, tuple(found["fix_versions"]))


def read_accepted(file: Path, today: date) -> dict[tuple[str, str], str]:
    """Reasons by package and name of the finding, without those whose time is over.

    Raises:
        AuditError: an entry lacks its package, id or reason.
    """
    reasons = {}
    for entry in tomllib.loads(file.read_text(encoding="utf-8")).get("accepted", []):
        if not all(entry.get(key) for key in ("package", "id", "reason")):
            raise AuditError(f"{file.name}: package, id and reason belong to every entry: {entry}")
        if entry.get("until", today) >= today:
            reasons[entry["package"], entry["id"]] = entry["reason"]
    return reasons


def reason_of(finding: Finding, accepted: Mapping[tuple[str, str], str]) -> str | None:
    """Why a finding is accepted, by any of its names; None where it is not."""
    return next(
        (accepted[finding.package, name] for name in finding.names if (finding.package, name) in accepted), None
    )


def report(
    pinned: Sequence[str],
    known: Mapping[str, Sequence[Finding]],
    silent: Sequence[str],
    accepted: Mapping[tuple[str, str], str],
) -> Iterator[str]:
    """The lines to print."""
    unknown = sorted(set(pinned) - set(known))
    for finding in (f for found in known.values() for f in found):
        reason = reason_of(finding, accepted)
        yield f"VULNERABLE {finding}" if reason is None else f"accepted: {finding} ({reason})"
    if not known:
        yield f"audit NOT DONE: no service spoke of any of the {len(pinned)} packages"
    else:
        yield f"audit: asked about {len(pinned) - len(unknown)} of {len(pinned)} packages"
        if unknown:
            yield f"no answer for {len(unknown)}: {', '.join(unknown[:_SHOWN])}{' …' * (len(unknown) > _SHOWN)}"
    if unknown:
        yield from (f"  {line}" for line in silent)


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])))
    except AuditError as error:
        sys.exit(str(error))
