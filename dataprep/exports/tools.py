"""Tools and calls spelt as OpenAI spells them, where the row leaves no doubt what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.exports.export import CannotHoldError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataprep.exports.rows import Turn


def openai_tool(tool: object, where: str, title: str) -> dict[str, Any]:
    """A declared tool with its `function`; ShareGPT data declares the function bare.

    Raises:
        CannotHoldError: it has neither a function nor a name.
    """
    if isinstance(tool, dict):
        bare = "function" not in tool and isinstance(tool.get("name"), str)
        wrapped = {"type": "function", "function": tool} if bare else tool
        function = wrapped.get("function")
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            return wrapped
    raise CannotHoldError(f"{where}: {title} needs tools with a named `function`")


def with_call_ids(messages: Sequence[Turn]) -> list[Turn]:
    """Number the calls of a conversation that names none of them, if each is answered in its order, from `call_1` on.

    A conversation with any id of its own, or with more or fewer results than calls, stays as it is.
    """
    given = list(messages)
    calls = [call for turn in given for call in turn.get("tool_calls") or () if isinstance(call, dict)]
    named = [call for call in calls if call.get("id")] or [turn for turn in given if turn.get("tool_call_id")]
    if named:
        return given
    ready: list[Turn] = []
    waiting: list[str] = []
    number = 0
    for turn in given:
        changed = dict(turn)
        if turn["role"] == "tool":
            if not waiting:
                return given
            changed["tool_call_id"] = waiting.pop(0)
        elif waiting:
            return given
        if turn.get("tool_calls"):
            waiting = [f"call_{number + n}" for n in range(1, len(turn["tool_calls"]) + 1)]
            number += len(waiting)
            changed["tool_calls"] = [
                {"id": name, **call} if isinstance(call, dict) else call
                for name, call in zip(waiting, turn["tool_calls"], strict=True)
            ]
        ready.append(changed)
    # A conversation may end with a call.
    return ready
