"""Rewordings judged ahead by other processes: what is found is what is found without."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataprep import processes
from dataprep.api import audit
from dataprep.checks.rewordings import Judge, Judged
from dataprep.config import AuditConfig
from dataprep.processes import worked_out

SAMPLE = Path(__file__).parent.parent.parent / "sample_data" / "train.jsonl"
ROWS = [
    ("How long does a refund take?", "A refund takes 14 days."),
    ("When will my refund arrive?", "Refunds arrive within 30 days."),
    ("When do I get my refund?", "You get it in 14 days."),
    ("Write a poem about the sea.", "Blue and wide."),
]


def test_other_processes_judge_like_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "ENOUGH", 1)
    calls = [(*left, *right) for left in ROWS for right in ROWS if left != right]
    for compares in (True, False):
        judge = Judge(ROWS, compares=compares)
        judged = worked_out(Judge, calls, Judged | None, some=ROWS, compares=compares)
        assert judged == [[judge(*call)] for call in calls]
        assert any(one and one[0] and (one[0][1] is not None) == compares for one in judged)


def test_the_audit_is_the_same_with_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = audit([SAMPLE], [], AuditConfig(select=["CON002"]))
    monkeypatch.setattr(processes, "ENOUGH", 1)
    together = audit([SAMPLE], [], AuditConfig(select=["CON002"]))
    assert together.findings.equals(alone.findings)
    assert together.findings["message"].str.contains("reworded question").any()
