"""The answer to 'can I train on this?', from what the checks did."""

from __future__ import annotations

from typing import Any

from dataprep.contract import CheckResult
from dataprep.verdict import verdict


def check(code: str, severity: Any, rows: int = 0, **more: Any) -> CheckResult:
    settings = {"status": "ran"} | more
    return CheckResult(code=code, name=code.lower(), severity=severity, findings=rows, rows=rows, **settings)


def test_errors_decide_and_come_first() -> None:
    found = verdict([check("DUP001", "warning", 2), check("FMT003", "error", 1)], 1_200, 1)
    assert not found.ready
    assert found.headline == "Not ready to train: 1 of 1,200 records has errors"
    assert found.reasons == ["1 row: fmt003 (FMT003)", "2 rows: dup001 (DUP001)"]


def test_files_are_counted_as_files() -> None:
    assert verdict([check("LIC002", "warning", 3, unit="file")], 9, 0).reasons == ["3 files: lic002 (LIC002)"]


def test_notes_do_not_stand_in_the_way_and_unrun_checks_are_named() -> None:
    found = verdict([check("LIC003", "note", 1, unit="file"), check("LEAK001", "error", status="not_run")], 9, 0)
    assert found.ready
    assert found.headline.startswith("Ready to train, as far as was checked")
    assert found.reasons == ["not checked: leak001"]


def test_nothing_checked_is_not_ready() -> None:
    found = verdict([check("LEAK001", "error", status="not_run")], 9, 0)
    assert (found.ready, found.headline) == (False, "Nothing was checked")
