"""Alpaca instructions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.frame import plain_message
from dataprep.ingest import ShapeError, all_formats
from tests.helpers import ingest, lines, said, written

ALPACA = all_formats()["alpaca"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
USER, ASSISTANT, SYSTEM = ({"role": role, "content": role} for role in ("user", "assistant", "system"))


@given(st.none() | TEXT.filter(bool), st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4))
def test_what_is_written_is_read_back(system: str | None, rounds: list[tuple[str, str]]) -> None:
    turns: list[dict[str, Any]] = [] if system is None else [{"role": "system", "content": system}]
    for question, answer in rounds:
        turns += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    record = written("alpaca", turns, None)
    assert ALPACA.sniff(record)
    assert [plain_message(turn) for turn in ALPACA.read(record).messages] == turns


@pytest.mark.parametrize(
    ("turns", "tools"),
    [
        ([], None),
        ([USER], None),
        ([SYSTEM], None),
        ([ASSISTANT, USER], None),
        ([USER, USER], None),
        ([USER, ASSISTANT, USER], None),
        ([USER, ASSISTANT, SYSTEM], None),
        ([{"role": "developer", "content": "d"}, USER, ASSISTANT], None),
        ([USER, ASSISTANT | {"weight": 0.0}], None),
        ([USER | {"name": "n"}, ASSISTANT], None),
        ([USER, ASSISTANT | {"tool_calls": [{}]}], None),
        ([SYSTEM | {"name": "n"}, USER, ASSISTANT], None),
        ([USER, ASSISTANT], [{"name": "f"}]),
    ],
)
def test_what_it_cannot_hold_is_refused(turns: list[dict[str, Any]], tools: object) -> None:
    with pytest.raises(ShapeError) as caught:
        written("alpaca", turns, tools)
    assert caught.value.field
    assert caught.value.problem


@pytest.mark.parametrize(
    ("instruction", "extra", "prompt"),
    [
        ("Do it", "with this", "Do it\n\nwith this"),
        ("Do it", "", "Do it"),
        ("", "this", "this"),
        ("Do it", None, "Do it"),
    ],
)
def test_the_input_follows_the_instruction(instruction: str, extra: str | None, prompt: str) -> None:
    found = ingest(lines({"instruction": instruction, "input": extra, "output": "done"}))
    assert said(found) == [[("user", prompt), ("assistant", "done")]]


def test_the_order_of_system_and_history() -> None:
    record = {"instruction": "c", "response": "d", "system": "s", "history": [["a", "b"]]}
    turns = [("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")]
    assert said(ingest(lines(record))) == [turns]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"instruction": {}}, "instruction"),
        ({"output": [1]}, "output[0]"),
        ({"input": True}, "input"),
        ({"system": {"a": 1}}, "system"),
        ({"history": "x"}, "history"),
        ({"history": [["a"]]}, "history[0]"),
        ({"history": [["a", "b"], ["c", {}]]}, "history[1][1]"),
    ],
)
def test_a_wrong_shape_names_the_field(change: dict[str, object], field: str) -> None:
    good = {"instruction": "a", "output": "b"}
    found = ingest(lines(good, good | change))
    assert found.rejects.select("line", "code", "field").rows() == [(2, "FMT002", field)]
