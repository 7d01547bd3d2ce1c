"""Prompt and completion, under their various names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.frame import plain_message
from dataprep.ingest import ShapeError, all_formats
from tests.helpers import ingest, lines, said, written

FORMAT = all_formats()["prompt-completion"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
USER, ASSISTANT, SYSTEM = ({"role": role, "content": role} for role in ("user", "assistant", "system"))


@given(st.none() | TEXT.filter(bool), TEXT, TEXT)
def test_what_is_written_is_read_back(system: str | None, question: str, answer: str) -> None:
    turns: list[dict[str, Any]] = [] if system is None else [{"role": "system", "content": system}]
    turns += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    record = written("prompt-completion", turns, None)
    assert FORMAT.sniff(record)
    assert [plain_message(turn) for turn in FORMAT.read(record).messages] == turns
    assert all(isinstance(value, str) for value in record.values())


@pytest.mark.parametrize(
    ("turns", "tools"),
    [
        ([], None),
        ([USER], None),
        ([ASSISTANT, USER], None),
        ([USER, ASSISTANT, USER, ASSISTANT], None),
        ([USER, SYSTEM, ASSISTANT], None),
        ([USER | {"name": "n"}, ASSISTANT], None),
        ([USER, ASSISTANT | {"weight": 1.0}], None),
        ([SYSTEM | {"name": "n"}, USER, ASSISTANT], None),
        ([USER, ASSISTANT], [{"name": "f"}]),
    ],
)
def test_what_it_cannot_hold_is_refused(turns: list[dict[str, Any]], tools: object) -> None:
    with pytest.raises(ShapeError) as caught:
        written("prompt-completion", turns, tools)
    assert caught.value.field
    assert caught.value.problem


@pytest.mark.parametrize("prompt", ["prompt", "question", "query", "input"])
@pytest.mark.parametrize("completion", ["completion", "response", "answer", "output"])
def test_names_for_question_and_answer(prompt: str, completion: str) -> None:
    found = ingest(lines({completion: "b", prompt: "a", "system": "s"}))
    assert said(found) == [[("system", "s"), ("user", "a"), ("assistant", "b")]]


def test_null_and_numbers_are_read_as_text() -> None:
    found = ingest(lines({"prompt": None, "completion": "b"}, {"prompt": "2 + 2", "completion": 4}))
    assert said(found) == [[("user", ""), ("assistant", "b")], [("user", "2 + 2"), ("assistant", "4")]]
    assert found.files[0].notes == ["numbers read as text"]


def test_turns_on_either_side_are_read_as_such() -> None:
    asked, said_back = [{"role": "user", "content": "a"}], [{"role": "assistant", "content": "b"}]
    for prompt, completion in ((asked, "b"), ("a", said_back), (asked, said_back)):
        assert said(ingest(lines({"prompt": prompt, "completion": completion}))) == [
            [("user", "a"), ("assistant", "b")]
        ]
    assert not FORMAT.sniff({"prompt": "a", "completion": {"x": 1}})
