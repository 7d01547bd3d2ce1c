"""The sample data's planted faults are found, and its look-alikes are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataprep import audit
from dataprep.api import AuditResult
from tests.helpers import read_rows


@pytest.fixture(scope="module")
def result(sample: Path) -> AuditResult:
    return audit([sample / "train.jsonl"], [sample / "eval.jsonl"])


@pytest.fixture(scope="module")
def pairs(result: AuditResult, sample: Path) -> dict[str, set[frozenset[str]]]:
    """For each code, the pairs of sample ids (row and related row) it names."""
    ids = {number: row["id"] for number, row in enumerate(read_rows(sample / "train.jsonl"), start=1)}
    found: dict[str, set[frozenset[str]]] = {}
    for item in result.findings.iter_rows(named=True):
        related = f"eval {item['related_line'] - 1}" if "eval" in (item["related_source"] or "") else None
        other = related or ids.get(item["related_line"], "")
        found.setdefault(item["code"], set()).add(frozenset({ids[item["line"]], other}))
    return found


def planted(sample: Path, defect: str) -> set[frozenset[str]]:
    return {frozenset({row["id"], row["of"]}) for row in read_rows(sample / "truth.jsonl") if row["defect"] == defect}


def test_duplicates(pairs: dict[str, set[frozenset[str]]], sample: Path) -> None:
    assert planted(sample, "exact_duplicate") <= pairs["DUP001"]
    near = planted(sample, "near_duplicate")
    assert len(near & (pairs["DUP001"] | pairs["DUP002"])) >= 28
    assert not pairs["DUP002"] - near


def test_eval_leaks(pairs: dict[str, set[frozenset[str]]], sample: Path) -> None:
    leaks = {
        frozenset({row["id"], f"eval {row['eval']}"})
        for row in read_rows(sample / "truth.jsonl")
        if row["defect"] == "eval_leak"
    }
    assert leaks == pairs["LEAK001"] | pairs["LEAK002"]


def test_contradictions(pairs: dict[str, set[frozenset[str]]], sample: Path) -> None:
    assert not planted(sample, "consistent_pair") & pairs["CON001"]
    assert len(pairs["CON001"]) == 4
    assert pairs["CON001"] <= planted(sample, "contradiction")


def test_other_renderings_say_the_same(result: AuditResult, sample: Path) -> None:
    for name, rows in (("train.sharegpt.json", 1012), ("train.alpaca.json", 1008), ("train.csv", 1008)):
        other = audit([sample / name], [sample / "eval.jsonl"])
        assert other.report.rows == rows
        for code in ("DUP001", "DUP002", "CON001", "LEAK001", "LEAK002", "FMT003"):
            assert other.findings.filter(code=code).height == result.findings.filter(code=code).height, (name, code)
