"""ShareGPT conversations."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.frame import plain_message
from dataprep.ingest import ShapeError, all_formats
from tests.helpers import ingest, lines, said, written

SHAREGPT = all_formats()["sharegpt"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TURN = st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": TEXT})


@given(st.lists(TURN, min_size=1, max_size=5), st.none() | st.lists(st.dictionaries(TEXT, TEXT), min_size=1))
def test_what_is_written_is_read_back(turns: list[dict[str, Any]], tools: list[Any] | None) -> None:
    record = written("sharegpt", turns, tools)
    assert SHAREGPT.sniff(record)
    parsed = SHAREGPT.read(record)
    assert [plain_message(turn) for turn in parsed.messages] == turns
    assert (None if parsed.tools is None else msgspec.json.decode(parsed.tools)) == tools


@pytest.mark.parametrize("key", ["name", "tool_call_id", "weight", "reasoning"])
def test_what_else_a_turn_carries_stays_beside_it(key: str) -> None:
    value: dict[str, Any] = {"name": "n", "tool_call_id": "1", "weight": 0.0, "reasoning": "because"}
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", key: value[key]}]
    found = ingest(lines(written("sharegpt", turns)))
    assert [plain_message(turn) for turn in found.rows["messages"][0]] == turns


def test_a_call_becomes_a_turn_of_its_own() -> None:
    calls = [{"type": "function", "function": {"name": "f", "arguments": {"x": 1}}}]
    turns: list[dict[str, Any]] = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "", "tool_calls": calls},
    ]
    record = written("sharegpt", turns)
    assert record["conversations"][1] == {"from": "function_call", "value": '{"name":"f","arguments":{"x":1}}'}
    assert [plain_message(turn) for turn in SHAREGPT.read(record).messages] == turns
    turns[1]["content"] = "I shall look."
    with pytest.raises(ShapeError) as caught:
        written("sharegpt", turns)
    assert caught.value.field == "messages[1].tool_calls"


def test_a_developer_turn_is_refused_or_comes_back_as_one() -> None:
    turns = [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "a"}]
    try:
        record = written("sharegpt", turns, None)
    except ShapeError:
        return
    assert [turn["role"] for turn in SHAREGPT.read(record).messages] == ["developer", "user"]


@pytest.mark.parametrize("key", ["conversations", "conversation", "messages"])
def test_turns_and_the_system_text_beside_them(key: str) -> None:
    turns = [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}, {"from": "observation", "value": "c"}]
    found = ingest(lines({key: turns, "system": "s"}))
    assert found.rows["format"].to_list() == ["sharegpt"]
    assert said(found) == [[("system", "s"), ("user", "a"), ("assistant", "b"), ("tool", "c")]]


@pytest.mark.parametrize(
    ("tools", "expected"),
    [('[{"name": "f"}]', [{"name": "f"}]), ([{"name": "f"}], [{"name": "f"}]), ('{"name": "f"}', [{"name": "f"}])],
)
def test_tools_as_json_text_or_as_values(tools: object, expected: object) -> None:
    found = ingest(lines({"conversations": [{"from": "human", "value": "a"}], "tools": tools}))
    assert msgspec.json.decode(found.rows["tools"][0]) == expected


@pytest.mark.parametrize(
    ("turns", "field"),
    [
        (None, "conversations"),
        ("text", "conversations"),
        ([], "conversations"),
        ([{"from": "human", "value": "a"}, "text"], "conversations[1]"),
        ([{"from": "human"}], "conversations[0].value"),
        ([{"from": "human", "value": "a"}, {"value": "b"}], "conversations[1].from"),
        ([{"from": "wizard", "value": "a"}], "conversations[0].from"),
        ([{"from": "human", "value": {}}], "conversations[0].value"),
    ],
)
def test_a_wrong_shape_names_the_field(turns: object, field: str) -> None:
    good = {"conversations": [{"from": "human", "value": "a"}]}
    found = ingest(lines(good, {"conversations": turns}))
    assert found.rejects.select("line", "code", "field").rows() == [(2, "FMT002", field)]


def test_tools_in_words_are_refused_by_name() -> None:
    good = {"conversations": [{"from": "human", "value": "a"}]}
    found = ingest(lines(good, good | {"tools": "a tool in words"}))
    assert found.rejects.select("line", "field").rows() == [(2, "tools")]
