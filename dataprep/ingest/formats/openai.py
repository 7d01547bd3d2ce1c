"""OpenAI chat: {"messages": [{"role": "user", "content": "…"}, …]}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.shape import Format, Parsed, ShapeError, as_json, as_role, as_text, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def sniff(record: Mapping[str, Any]) -> bool:
    """A list of turns under `messages`, or under `conversations` with OpenAI's own keys."""
    if "messages" in record:
        turns = record["messages"]
        return not (isinstance(turns, list) and any(isinstance(turn, dict) and "from" in turn for turn in turns))
    turns = record.get("conversations", record.get("conversation"))
    return isinstance(turns, list) and any(isinstance(turn, dict) and "role" in turn for turn in turns)


def read(record: Mapping[str, Any]) -> Parsed:
    """Read every turn; unknown keys of a turn are refused rather than lost."""
    key = next(name for name in ("messages", "conversations", "conversation") if name in record)
    turns = record[key]
    if not isinstance(turns, list):
        raise ShapeError(key, f"expected a list of messages, found {kind_of(turns)}")
    if not turns:
        raise ShapeError(key, "the conversation has no messages")
    parsed = Parsed([], {key})
    for index, turn in enumerate(turns):
        parsed.messages.append(_read_turn(turn, f"{key}[{index}]", parsed))
    if record.get("tools") is not None:
        parsed.tools = as_json(record["tools"])
        parsed.used.add("tools")
    return parsed


def _read_turn(turn: object, where: str, parsed: Parsed) -> dict[str, Any]:
    if not isinstance(turn, dict):
        raise ShapeError(where, f"expected a message, found {kind_of(turn)}")
    if "role" not in turn:
        raise ShapeError(f"{where}.role", "the message has no role")
    calls = turn.get("tool_calls")
    if "content" not in turn and not calls:
        raise ShapeError(f"{where}.content", "the message has no content")
    role = as_role(turn["role"], f"{where}.role")
    message: dict[str, Any] = {
        "role": role,
        "content": as_text(turn.get("content"), f"{where}.content", parsed),
    }
    if calls:
        message["tool_calls"] = as_json(calls)
    for key in ("name", "tool_call_id"):
        if turn.get(key) is not None:
            message[key] = as_text(turn[key], f"{where}.{key}", parsed)
    if turn.get("weight") is not None:
        weight = turn["weight"]
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise ShapeError(f"{where}.weight", f"expected a number, found {kind_of(weight)}")
        if not 0 <= weight <= 1_000_000:
            raise ShapeError(f"{where}.weight", "expected a weight between 0 and 1000000")
        message["weight"] = float(weight)
    unknown = sorted(set(turn) - {"role", "content", "tool_calls", "name", "tool_call_id", "weight"})
    if unknown:
        parsed.adapted.add(f"message keys not used: {', '.join(unknown)}")
    return message


def write(messages: list[dict[str, Any]], tools: object) -> dict[str, Any]:
    """Write the messages as they are."""
    record: dict[str, Any] = {"messages": messages}
    if tools is not None:
        record["tools"] = tools
    return record


FORMAT = Format("openai", "OpenAI messages", sniff, read, write)
