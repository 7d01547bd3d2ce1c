"""ShareGPT conversations."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.frame import plain_message
from dataprep.ingest import ShapeError, all_formats
from dataprep.ingest.decode import decode_object
from tests.helpers import encoded, ingest, lines, said

SHAREGPT = all_formats()["sharegpt"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TURN = st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": TEXT})


@given(st.lists(TURN, min_size=1, max_size=5), st.none() | st.lists(st.dictionaries(TEXT, TEXT), min_size=1))
def test_what_is_written_is_read_back(turns: list[dict[str, Any]], tools: list[Any] | None) -> None:
    record = decode_object(encoded(SHAREGPT.write(turns, tools)), set())
    assert SHAREGPT.sniff(record)
    parsed = SHAREGPT.read(record)
    assert [plain_message(turn) for turn in parsed.messages] == turns
    assert (None if parsed.tools is None else msgspec.json.decode(parsed.tools)) == tools


@pytest.mark.parametrize("key", ["name", "tool_calls", "tool_call_id", "weight"])
def test_what_a_turn_has_no_place_for_is_refused(key: str) -> None:
    value: dict[str, Any] = {"name": "n", "tool_calls": [{}], "tool_call_id": "1", "weight": 0.0}
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", key: value[key]}]
    with pytest.raises(ShapeError) as caught:
        SHAREGPT.write(turns, None)
    assert caught.value.field == f"messages[1].{key}"


def test_a_developer_turn_is_refused_or_comes_back_as_one() -> None:
    turns = [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "a"}]
    try:
        record = SHAREGPT.write(turns, None)
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
    [('[{"name": "f"}]', [{"name": "f"}]), ([{"name": "f"}], [{"name": "f"}]), ("a tool in words", "a tool in words")],
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


def test_unused_keys_of_a_turn_are_noted() -> None:
    found = ingest(lines({"conversations": [{"from": "human", "value": "a", "weight": 0}]}))
    assert any("weight" in note for note in found.files[0].notes)
