"""Formats: recognised without overlap, and what they can hold survives writing and reading."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.ingest import ShapeError, all_formats
from tests.helpers import chat

TYPICAL: dict[str, dict[str, Any]] = {
    "openai": chat("q", "a"),
    "alpaca": {"instruction": "q", "input": "", "output": "a"},
    "sharegpt": {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
    "prompt-completion": {"prompt": "q", "completion": "a"},
}
TEXT = st.text(min_size=1, max_size=20)
TURNS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3).map(
    lambda pairs: [
        {"role": role, "content": content}
        for pair in pairs
        for role, content in zip(("user", "assistant"), pair, strict=True)
    ]
)


def test_every_format_is_known_here() -> None:
    assert set(all_formats()) == set(TYPICAL)


@pytest.mark.parametrize("name", sorted(TYPICAL))
def test_sniff_is_exclusive(name: str) -> None:
    assert [known.name for known in all_formats().values() if known.sniff(TYPICAL[name])] == [name]
    read = all_formats()[name].read(TYPICAL[name]).messages
    assert [(turn["role"], turn["content"]) for turn in read] == [("user", "q"), ("assistant", "a")]


@pytest.mark.parametrize("name", ["openai", "alpaca", "sharegpt"])
@given(turns=TURNS, system=st.none() | TEXT)
def test_conversations_survive(name: str, turns: list[dict[str, Any]], system: str | None) -> None:
    fmt = all_formats()[name]
    turns = [{"role": "system", "content": system}, *turns] if system else turns
    record = fmt.write(turns, None)
    assert fmt.sniff(record)
    assert fmt.read(record).messages == turns


def test_what_does_not_fit_is_refused() -> None:
    two_users = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
    call = [*chat("q", "a")["messages"][:1], {"role": "assistant", "content": "", "tool_calls": []}]
    for name in ("alpaca", "prompt-completion"):
        for messages in (two_users, call):
            with pytest.raises(ShapeError):
                all_formats()[name].write(messages, None)
    with pytest.raises(ShapeError, match="tool_calls"):
        all_formats()["sharegpt"].write(call, None)


def test_content_parts_and_roles() -> None:
    openai = all_formats()["openai"]
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    (turn,) = openai.read({"messages": [{"role": "Human", "content": parts}]}).messages
    assert (turn["role"], turn["content"]) == ("user", "ab")
    with pytest.raises(ShapeError, match="image_url"):
        openai.read({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]})
