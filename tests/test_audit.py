"""The audit of the pinned versions; a small server stands for the service of advisories."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import audit
import pytest
from audit import Answer, AuditError, Finding

FOUND = Finding("leaky", "1.0", ("PYSEC-2026-1", "CVE-2026-1"), ("1.1",))


class Service(BaseHTTPRequestHandler):
    """Speaks of every package, and knows one vulnerability."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = asked["package"]["name"]
        events = [{"introduced": "0"}, {"fixed": "1.1"}]
        affected = [
            {"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ]
        vulnerability = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "summary": "leaks", "affected": affected}
        answer = json.dumps({"vulns": [vulnerability]} if name == "leaky" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PIP_AUDIT_OSV_URL", f"http://127.0.0.1:{server.server_port}/v1/query")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(audit, "SERVICES", ("osv",))
    yield
    server.shutdown()
    server.server_close()


def pins(folder: Path, *lines: str) -> Path:
    file = folder / "constraints.txt"
    file.write_text("# exact versions\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.mark.usefixtures("service")
def test_a_known_vulnerability_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(pins(tmp_path, "sound==2.0", "leaky==1.0")) == 1
    said = capsys.readouterr().out
    assert "VULNERABLE leaky 1.0: PYSEC-2026-1 = CVE-2026-1, mended in 1.1" in said
    assert "asked about 2 of 2 packages" in said


@pytest.mark.usefixtures("service")
def test_an_accepted_vulnerability_is_named_and_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted = tmp_path / "accepted.toml"
    accepted.write_text('[[accepted]]\npackage = "leaky"\nid = "CVE-2026-1"\nreason = "unused"\n', encoding="utf-8")
    monkeypatch.setattr(audit, "ACCEPTED", accepted)
    assert audit.main(pins(tmp_path, "sound==2.0", "leaky==1.0")) == 0
    assert "accepted: leaky 1.0" in capsys.readouterr().out


def test_a_service_out_of_reach_is_told_and_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # nothing listens at port 1 of this machine
    monkeypatch.setenv("PIP_AUDIT_OSV_URL", "http://127.0.0.1:1/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(audit, "SERVICES", ("osv",))
    assert audit.main(pins(tmp_path, "leaky==1.0")) == 0
    said = capsys.readouterr().out
    assert "audit NOT DONE: no service spoke of any of the 1 packages" in said
    assert "osv: " in said


def test_a_list_that_pip_audit_cannot_read_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "SERVICES", ("osv",))
    with pytest.raises(AuditError, match="pip-audit failed"):
        audit.main(pins(tmp_path, "leaky=>1"))


def test_a_package_unknown_to_one_service_is_asked_of_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"pypi": Answer({"sound": []}, "leaky is not known"), "osv": Answer({"leaky": [FOUND]})}
    monkeypatch.setattr(audit, "ask", lambda service, _: answers[service])
    assert audit.main(pins(tmp_path, "sound==2.0", "leaky==1.0")) == 1


def test_what_pip_audit_skips_has_no_answer() -> None:
    skipped = {"name": "sound", "skip_reason": "not found"}
    output = json.dumps({"dependencies": [skipped, {"name": "x", "version": "1", "vulns": []}]})
    assert audit.read_answer(output, "") == Answer({"x": []}, "not found")


def test_an_accepted_finding_counts_again_after_its_day(tmp_path: Path) -> None:
    file = tmp_path / "accepted.toml"
    entry = '[[accepted]]\npackage = "leaky"\nid = "PYSEC-2026-1"\nreason = "unused"\nuntil = 2026-11-30\n'
    file.write_text(entry, encoding="utf-8")
    assert audit.reason_of(FOUND, audit.read_accepted(file, date(2026, 11, 30))) == "unused"
    assert audit.reason_of(FOUND, audit.read_accepted(file, date(2026, 12, 1))) is None


def test_an_accepted_finding_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "accepted.toml"
    file.write_text('[[accepted]]\npackage = "leaky"\nid = "PYSEC-2026-1"\n', encoding="utf-8")
    with pytest.raises(AuditError, match="reason"):
        audit.read_accepted(file, date(2026, 11, 30))


def test_our_own_list_of_accepted_findings_can_be_read() -> None:
    audit.read_accepted(audit.ACCEPTED, date.today())
