"""Opposite judgements: who stands on which side, and what cleaning makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dataprep.api import audit, clean
from dataprep.config import AuditConfig, SplitConfig

SHORT, LATER = "Within 14 days.", "Whenever you like."
WISHES = [
    {"prompt": "When do I pay?", "chosen": SHORT, "rejected": LATER},
    {"prompt": "When do I pay?", "chosen": LATER, "rejected": SHORT},
    {"prompt": "When do I pay?", "chosen": LATER.upper(), "rejected": SHORT},
    {"prompt": "Who pays?", "chosen": "You do.", "rejected": "We all do."},
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def evidence(path: Path, rows: list[dict[str, Any]]) -> tuple[list[str], list[dict[str, Any]]]:
    found = audit([write(path / "data.jsonl", rows)], [], AuditConfig(select=["CON003"])).findings
    return found["row_id"].to_list(), [json.loads(own) for own in found["evidence"]]


def test_every_row_tells_its_side_of_the_question(tmp_path: Path) -> None:
    row_ids, told = evidence(tmp_path, WISHES)
    assert [own["claim"] for own in told] == [f"prefers {SHORT}", f"prefers {LATER}", f"prefers {LATER}"]
    assert all(own["group"] == min(row_ids) for own in told)
    assert all(own["claims"] == {f"prefers {SHORT}": 1, f"prefers {LATER}": 2} for own in told)


def test_answers_that_begin_alike_are_two_claims(tmp_path: Path) -> None:
    one, other = ("word " * 40 + end for end in ("here", "there"))
    rows = [{"prompt": "q", "chosen": one, "rejected": other}, {"prompt": "q", "chosen": other, "rejected": one}]
    told = evidence(tmp_path, rows)[1]
    assert len({own["claim"] for own in told}) == 2


def test_an_answer_is_wanted_or_unwanted(tmp_path: Path) -> None:
    rows = [{"prompt": "q", "completion": "yes it is", "label": label} for label in (True, False, False)]
    told = evidence(tmp_path, rows)[1]
    assert {own["claim"] for own in told} == {"wanted", "unwanted"}
    assert all(own["claims"] == {"wanted": 1, "unwanted": 2} for own in told)


def test_the_majority_of_judgements_stays(tmp_path: Path) -> None:
    data = write(tmp_path / "data.jsonl", WISHES)
    outcome = clean([data], config=SplitConfig(select=["CON003"], resolve="majority"))
    assert outcome.kept["line"].to_list() == [2, 3, 4]
    assert [(row.line, row.code) for row in outcome.removed] == [(1, "CON003")]
