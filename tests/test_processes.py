"""What other processes work out is what the function gives; what they cannot is left to the caller."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dataprep import processes
from dataprep.processes import worked_out
from dataprep.similarity import Difference, meaningful_difference

TEXTS = ["Ship to Canada?", "Ship to Mexico?", 'A "quoted"\nline – ünïcode 🙂', "", "5 days", "7 days"]
CALLS = [(left, right) for left in TEXTS for right in TEXTS] * 10


@pytest.fixture(autouse=True)
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "ENOUGH", 100)
    monkeypatch.setattr(processes, "threads", lambda: 2)


def test_results_are_those_of_the_function_in_order() -> None:
    found = worked_out(meaningful_difference, CALLS, Difference | None, words_matter=True)
    assert found == [[meaningful_difference(*call, words_matter=True)] for call in CALLS]


def test_a_call_that_fails_is_left_to_the_caller() -> None:
    calls: list[tuple[object, ...]] = [*CALLS[:150], (1, "not a text")]
    found = worked_out(meaningful_difference, calls, Difference | None)
    assert all(found[:150])
    assert found[150] == []


def test_few_calls_start_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "another_python", None)
    assert worked_out(meaningful_difference, CALLS[:99], Difference | None) == [[]] * 99


@pytest.mark.parametrize(
    "command", ["raise SystemExit(1)", "print('[]', flush=True); input()", "input(); print('no')"]
)
def test_a_process_that_breaks_off_leaves_the_calls_to_the_caller(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_SERVE", command)
    assert worked_out(meaningful_difference, CALLS, Difference | None) == [[]] * len(CALLS)


def test_without_another_python_nothing_is_worked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert worked_out(meaningful_difference, CALLS, Difference | None) == [[]] * len(CALLS)
