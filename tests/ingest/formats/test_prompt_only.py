"""Evaluation sets: questions, and references between them where there are any."""

from __future__ import annotations

from typing import Any

import pytest

from dataprep.ingest import ShapeError, all_formats

FORMAT = all_formats()["prompt-only"]


def said(record: dict[str, object]) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in FORMAT.read(record).messages]


def test_references_answer_their_turns_and_an_empty_one_is_none() -> None:
    record = {"turns": ["a?", "b?", "c?"], "reference": ["a!", "", None]}
    assert said(record) == [("user", "a?"), ("assistant", "a!"), ("user", "b?"), ("user", "c?")]
    assert said({"turns": ["a?", "b?"]}) == [("user", "a?"), ("user", "b?")]


def test_references_of_another_number_are_kept_beside_the_turns() -> None:
    parsed = FORMAT.read({"turns": ["a?", "b?"], "reference": ["a!"]})
    assert [turn["content"] for turn in parsed.messages] == ["a?", "b?"]
    assert "reference" not in parsed.used


def test_writes_one_question_only() -> None:
    assert FORMAT.write is not None
    row: dict[str, Any] = {"messages": [{"role": "user", "content": "a?"}], "tools": None}
    assert FORMAT.write(row) == {"prompt": "a?"}
    with pytest.raises(ShapeError, match="one user turn"):
        FORMAT.write({**row, "messages": row["messages"] * 2})
