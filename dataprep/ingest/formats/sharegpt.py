"""ShareGPT: {"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.shape import Format, Parsed, ShapeError, as_json, as_text, as_tools, message
from dataprep.ingest.turns import looks_like_turns, read_turns, refuse_beyond_chat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

KEYS = ("conversations", "conversation", "messages")
NAMES = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}


def claims(keys: AbstractSet[str]) -> bool:
    """A conversation under one of its names."""
    return not keys.isdisjoint(KEYS)


def sniff(record: Mapping[str, Any]) -> bool:
    """A list of turns with `from`; under `conversations`, whatever is there."""
    for key in KEYS:
        if key in record and looks_like_turns(record[key], "from"):
            return True
    turns = record.get("conversations")
    return "conversations" in record and (not isinstance(turns, list) or not turns)


def read(record: Mapping[str, Any]) -> Parsed:
    """Read every turn; a `system` text beside the conversation becomes its first message."""
    key = next(name for name in KEYS if name in record)
    parsed = Parsed([], {key})
    if record.get("system"):
        parsed.messages.append(message("system", as_text(record["system"], "system", parsed)))
        parsed.used.add("system")
    parsed.messages += read_turns(record[key], key, parsed)
    if record.get("tools"):
        parsed.tools = as_tools(record["tools"])
        parsed.used.add("tools")
    return parsed


def write_turns(messages: list[dict[str, Any]], where: str = "messages") -> list[dict[str, Any]]:
    """Messages as ShareGPT turns; a tool call becomes a `function_call` turn, as LLaMA-Factory reads it.

    Raises:
        ShapeError: a role or a content that ShareGPT has no place for.
    """
    turns = []
    for index, turn in enumerate(messages):
        here = f"{where}[{index}]"
        if turn["role"] not in NAMES:
            raise ShapeError(f"{here}.role", f"ShareGPT has no role {turn['role']!r}")
        if not isinstance(turn["content"], str):
            raise ShapeError(f"{here}.content", "ShareGPT has no place for parts that are no text")
        written = {"from": NAMES[turn["role"]], "value": turn["content"]}
        calls = turn.get("tool_calls")
        if calls:
            if turn["content"].strip() or turn["role"] != "assistant":
                raise ShapeError(f"{here}.tool_calls", "ShareGPT has no turn that both speaks and calls a tool")
            written = {"from": "function_call", "value": _spell(calls)}
            if read_turns([written], here, Parsed([], set()))[0]["tool_calls"] != as_json(calls):
                written["tool_calls"] = calls
        turns.append(written | {key: turn[key] for key in turn if key not in {"role", "content", "tool_calls"}})
    return turns


def _spell(calls: list[Any]) -> str:
    bare = [call.get("function", call) if isinstance(call, dict) else call for call in calls]
    if len(bare) == 1 and isinstance(bare[0], dict) and set(bare[0]) == {"arguments"}:
        return str(bare[0]["arguments"])
    return as_json(bare[0] if len(bare) == 1 else bare)


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write each message as a turn; what else a message carries stays beside `from` and `value`.

    Raises:
        ShapeError: a preference, a label, or a message that a turn cannot hold.
    """
    refuse_beyond_chat(row, FORMAT.title)
    record: dict[str, Any] = {"conversations": write_turns(row["messages"])}
    if row.get("tools") is not None:
        record["tools"] = as_json(row["tools"])
    return record


FORMAT = Format("sharegpt", "ShareGPT", 40, claims, read, write, sniff)
