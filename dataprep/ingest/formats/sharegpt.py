"""ShareGPT: {"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.shape import Format, Parsed, ShapeError, as_json, as_role, as_text, kind_of, message

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = ("conversations", "conversation", "messages")
NAMES = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}


def sniff(record: Mapping[str, Any]) -> bool:
    """A list of turns with `from` and `value`."""
    for key in KEYS:
        turns = record.get(key)
        if isinstance(turns, list) and any(isinstance(turn, dict) and "from" in turn for turn in turns):
            return True
    turns = record.get("conversations")
    return "conversations" in record and (not isinstance(turns, list) or not turns)


def read(record: Mapping[str, Any]) -> Parsed:
    """Read every turn; a `system` text beside the conversation becomes its first message."""
    key = next(name for name in KEYS if name in record)
    turns = record[key]
    if not isinstance(turns, list):
        raise ShapeError(key, f"expected a list of turns, found {kind_of(turns)}")
    if not turns:
        raise ShapeError(key, "the conversation has no turns")
    parsed = Parsed([], {key})
    if record.get("system"):
        parsed.messages.append(message("system", as_text(record["system"], "system", parsed)))
        parsed.used.add("system")
    for index, turn in enumerate(turns):
        where = f"{key}[{index}]"
        if not isinstance(turn, dict):
            raise ShapeError(where, f"expected a turn, found {kind_of(turn)}")
        if "from" not in turn or "value" not in turn:
            missing = "from" if "from" not in turn else "value"
            raise ShapeError(f"{where}.{missing}", f"the turn has no {missing!r}")
        role = as_role(turn["from"], f"{where}.from")
        parsed.messages.append(message(role, as_text(turn["value"], f"{where}.value", parsed)))
        if unknown := sorted(set(turn) - {"from", "value"}):
            parsed.adapted.add(f"turn keys not used: {', '.join(unknown)}")
    if record.get("tools"):
        tools = record["tools"]
        parsed.tools = tools if isinstance(tools, str) and _is_json(tools) else as_json(tools)
        parsed.used.add("tools")
    return parsed


def _is_json(text: str) -> bool:
    import msgspec  # noqa: PLC0415 - only rows that carry tools need it

    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True


def write(messages: list[dict[str, Any]], tools: object) -> dict[str, Any]:
    """Write each message as a turn.

    Raises:
        ShapeError: a message carries what a turn has no place for.
    """
    for index, turn in enumerate(messages):
        if turn["role"] not in NAMES:
            raise ShapeError(f"messages[{index}].role", f"ShareGPT has no role {turn['role']!r}")
        for key in ("tool_calls", "tool_call_id", "name", "weight"):
            if turn.get(key) is not None:
                raise ShapeError(f"messages[{index}].{key}", f"ShareGPT has no place for {key!r}")
    record: dict[str, Any] = {
        "conversations": [{"from": NAMES[turn["role"]], "value": turn["content"]} for turn in messages]
    }
    if tools is not None:
        record["tools"] = tools
    return record


FORMAT = Format("sharegpt", "ShareGPT", sniff, read, write)
