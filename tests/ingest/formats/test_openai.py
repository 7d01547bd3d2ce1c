"""OpenAI chat messages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.frame import plain_message
from dataprep.ingest import ShapeError, all_formats
from tests.helpers import ingest, lines, said, written

OPENAI = all_formats()["openai"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CALLS = st.lists(
    st.fixed_dictionaries({"id": TEXT, "function": st.fixed_dictionaries({"name": TEXT, "arguments": TEXT})}),
    min_size=1,
    max_size=2,
)
TURN = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "developer", "user", "assistant", "tool"]), "content": TEXT},
    optional={"name": TEXT, "tool_calls": CALLS, "tool_call_id": TEXT, "weight": st.floats(0, 1)},
)


@given(st.lists(TURN, min_size=1, max_size=5), st.none() | CALLS)
def test_what_is_written_is_read_back(turns: list[dict[str, Any]], tools: list[Any] | None) -> None:
    parsed = OPENAI.read(written("openai", turns, tools))
    assert [plain_message(turn) for turn in parsed.messages] == turns
    assert (None if parsed.tools is None else msgspec.json.decode(parsed.tools)) == tools
    assert parsed.adapted == set()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        (7, "7"),
        (1.5, "1.5"),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab"),
        ([{"type": "input_text", "text": "a"}, "b", {"type": "output_text", "text": "c"}], "abc"),
        ([{"text": "untyped"}], "untyped"),
        ([{"type": "text", "value": "a"}], "a"),
    ],
)
def test_content_in_its_various_forms(content: object, text: str) -> None:
    found = ingest(lines({"messages": [{"role": "user", "content": content}]}))
    assert said(found) == [[("user", text)]]


@pytest.mark.parametrize(
    ("messages", "field"),
    [
        (None, "messages"),
        ("text", "messages"),
        ([], "messages"),
        (["text"], "messages[0]"),
        ([{"content": "a"}], "messages[0].role"),
        ([{"role": "user"}], "messages[0].content"),
        ([{"role": "assistant", "tool_calls": []}], "messages[0].content"),
        ([{"role": "wizard", "content": "a"}], "messages[0].role"),
        ([{"role": 3, "content": "a"}], "messages[0].role"),
        ([{"role": "user", "content": "a"}, {"role": "assistant", "content": {}}], "messages[1].content"),
        ([{"role": "user", "content": True}], "messages[0].content"),
        ([{"role": "user", "content": [3]}], "messages[0].content[0]"),
        ([{"role": "user", "content": "a", "weight": "1"}], "messages[0].weight"),
        ([{"role": "user", "content": "a", "weight": True}], "messages[0].weight"),
        ([{"role": "user", "content": "a", "name": ["x"], "weight": 1}], "messages[0].name"),
    ],
)
def test_a_wrong_shape_names_the_field(messages: object, field: str) -> None:
    good = {"messages": [{"role": "user", "content": "a"}]}
    found = ingest(lines(good, {"messages": messages})) if field != "messages[0].name" else None
    if found is None:
        # A list is read as content parts; only a name that is neither text nor parts is refused.
        found = ingest(lines(good, {"messages": [{"role": "user", "content": "a", "name": {"x": 1}}]}))
    assert found.rejects.select("line", "code", "field").rows() == [(2, "FMT002", field)]
    assert found.rejects["message"][0]


@pytest.mark.parametrize(
    ("alias", "role"),
    [
        ("Human", "user"),
        ("customer", "user"),
        ("prompter", "user"),
        ("GPT", "assistant"),
        ("bot", "assistant"),
        ("model", "assistant"),
        ("function", "tool"),
        (" System ", "system"),
        ("developer", "developer"),
    ],
)
def test_roles_have_many_names(alias: str, role: str) -> None:
    assert said(ingest(lines({"messages": [{"role": alias, "content": "a"}]}))) == [[(role, "a")]]


def test_a_call_needs_no_content_and_is_kept_as_it_is() -> None:
    calls = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    record = {
        "messages": [
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "assistant", "tool_calls": calls},
            {"role": "tool", "content": "done", "tool_call_id": "1", "name": "f"},
        ]
    }
    first, second, result = ingest(lines(record)).rows["messages"][0]
    assert first["content"] == second["content"] == ""
    assert msgspec.json.decode(first["tool_calls"]) == msgspec.json.decode(second["tool_calls"]) == calls
    assert (result["tool_call_id"], result["name"]) == ("1", "f")


def test_weights_are_kept_zero_included() -> None:
    turns = [{"role": "assistant", "content": "a", "weight": weight} for weight in (0, 1, 0.5)]
    assert [turn["weight"] for turn in ingest(lines({"messages": turns})).rows["messages"][0]] == [0.0, 1.0, 0.5]


@pytest.mark.parametrize("key", ["conversations", "conversation"])
def test_openai_turns_under_other_names(key: str) -> None:
    found = ingest(lines({key: [{"role": "user", "content": "a"}]}))
    assert found.rows["format"].to_list() == ["openai"]


@pytest.mark.parametrize("content", [None, [], "", "  ", [{"type": "text", "text": ""}]])
def test_a_conversation_without_a_word_is_named_and_not_read_as_an_empty_one(content: object) -> None:
    empty = {"messages": [{"role": "user", "content": content}, {"role": "assistant", "content": ""}]}
    found = ingest(lines({"messages": [{"role": "user", "content": "a"}]}, empty))
    assert found.rejects.select("line", "code").rows() == [(2, "FMT002")]
    assert "every text in it is empty" in found.rejects["message"][0]


def test_parts_that_are_no_text_are_kept_as_they_are() -> None:
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": "https://x/y.png"}}]
    turn = ingest(lines({"messages": [{"role": "user", "content": parts}]})).rows["messages"][0][0]
    assert turn["content"] == "What is it?"
    assert plain_message(turn) == {"role": "user", "content": parts}


def test_what_else_a_turn_carries_is_kept() -> None:
    turn = {"role": "assistant", "content": "a", "mood": "calm", "reasoning_content": "b", "audio": {"id": "x"}}
    found = ingest(lines({"messages": [turn]}))
    assert plain_message(found.rows["messages"][0][0]) == turn


def test_reading_raises_nothing_but_shape_errors() -> None:
    wrong: list[dict[str, Any]] = [{"messages": object()}, {"messages": [[]]}, {"messages": {"role": "user"}}]
    for record in wrong:
        with pytest.raises(ShapeError):
            OPENAI.read(record)
