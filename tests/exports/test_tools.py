"""Calls and tools get the spelling that uploads want, where that adds nothing the row does not say."""

from __future__ import annotations

from typing import Any

import pytest

from dataprep.exports.export import CannotHoldError
from dataprep.exports.tools import openai_tool, with_call_ids

ASK = {"role": "user", "content": "q"}
DONE = {"role": "assistant", "content": "a"}


def calls(*names: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": name}} | more for name in names]}


def results(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"role": "tool", "content": "r"} | more for _ in range(count)]


def test_calls_without_ids_are_numbered_and_answered_in_order() -> None:
    turns = with_call_ids([ASK, calls("f", "g"), *results(2), calls("f"), *results(1), DONE, calls("h")])
    given = [call["id"] for turn in turns for call in turn.get("tool_calls", ())]
    assert given == ["call_1", "call_2", "call_3", "call_4"]
    assert [turn["tool_call_id"] for turn in turns if turn["role"] == "tool"] == ["call_1", "call_2", "call_3"]


@pytest.mark.parametrize(
    "turns",
    [
        [ASK, calls("f", "g"), *results(1), DONE],
        [ASK, calls("f"), *results(2), DONE],
        [ASK, *results(1), DONE],
        [ASK, calls("f", id="x"), *results(1), DONE],
        [ASK, calls("f"), *results(1, tool_call_id="x"), DONE],
    ],
)
def test_what_leaves_a_doubt_stays_as_it_is(turns: list[dict[str, Any]]) -> None:
    assert with_call_ids(turns) == turns


def test_a_bare_function_is_wrapped() -> None:
    bare = {"name": "f", "parameters": {}}
    assert openai_tool(bare, "tools[0]", "X") == {"type": "function", "function": bare}
    assert openai_tool({"type": "function", "function": bare}, "tools[0]", "X")["function"] == bare
    others: list[object] = [{"type": "function"}, {"function": {}}, "f"]
    for other in others:
        with pytest.raises(CannotHoldError, match=r"tools\[0\]"):
            openai_tool(other, "tools[0]", "X")
