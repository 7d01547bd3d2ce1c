"""Licences declared on the command line: found with the file, carried into the manifest, never a reason to drop."""

from __future__ import annotations

import json
from pathlib import Path

from dataprep import audit, split
from dataprep.api import clean
from dataprep.config import AuditConfig, SplitConfig
from tests.helpers import ask, write_rows

TEXTS = ["red apples", "a long road", "seven bridges", "quiet rain", "old maps", "green doors", "loud bells"]


def two_files(folder: Path) -> list[Path]:
    rows = [ask(f"Tell me about {text}", f"It is {text}.") for text in TEXTS]
    return [write_rows(folder / "a.jsonl", rows[:4]), write_rows(folder / "b.jsonl", rows[4:])]


def test_by_pattern_and_for_the_rest() -> None:
    config = AuditConfig.model_validate({"license": {"*": "MIT", "b*.jsonl": "CC0", "data/c.jsonl": "ODbL"}})
    found = [config.license_of(path) for path in ("a.jsonl", "x/b1.jsonl", "data/c.jsonl", "other/c.jsonl")]
    assert found == ["MIT", "CC0", "ODbL", "MIT"]
    assert AuditConfig.model_validate({"license": "MIT"}).license_of("any") == "MIT"


def test_a_conflict_between_files_names_both(tmp_path: Path) -> None:
    config = AuditConfig(license={"a.jsonl": "CC-BY-SA-4.0", "b.jsonl": "CC-BY-NC-4.0"}, select=["LIC"])
    result = audit(two_files(tmp_path), config=config)
    (conflict,) = result.findings.filter(code="LIC002").iter_rows(named=True)
    assert conflict["source"].endswith("b.jsonl")
    assert "a.jsonl" in conflict["message"]
    assert conflict["row_id"] is None
    assert result.report.flagged_rows == 0
    assert {check.unit for check in result.report.checks} == {"file"}
    html = result.html()
    assert "conflicting-licences" in html


def test_rows_that_contradict_the_file(tmp_path: Path) -> None:
    rows = [
        ask("a") | {"license": "cc-by-nc-4.0"},
        ask("b") | {"license": "MIT"},
        ask("c") | {"license": "CC BY-NC 4.0"},
    ]
    data = write_rows(tmp_path / "a.jsonl", rows)
    found = audit([data], config=AuditConfig(license={"*": "mit"}, select=["LIC002"])).findings["message"].to_list()
    assert any("line 1 says 'cc-by-nc-4.0'" in message for message in found)
    assert not any("'MIT'" in message for message in found)


def test_a_finding_on_a_file_removes_no_row(tmp_path: Path) -> None:
    files = two_files(tmp_path)
    config = SplitConfig(license={"a.jsonl": "CC-BY-ND-4.0", "b.jsonl": "MIT"}, drop=["error", "warning", "note"])
    outcome = clean(files, config=config)
    assert outcome.kept.height == len(TEXTS)
    assert not outcome.removed


def test_the_licence_travels_into_manifest_and_card(tmp_path: Path) -> None:
    split(two_files(tmp_path), tmp_path / "splits", config=SplitConfig(license={"*": "CC-BY-4.0"}))
    manifest = json.loads((tmp_path / "splits" / "manifest.json").read_text())
    assert [file["license"] for file in manifest["inputs"]] == ["CC-BY-4.0", "CC-BY-4.0"]
    assert "cc-by-4.0" in (tmp_path / "splits" / "README.md").read_text().lower()
