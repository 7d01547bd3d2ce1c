"""OpenAI chat: {"messages": [{"role": "user", "content": "…"}, …]}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.shape import Format, Parsed, as_json, as_tools
from dataprep.ingest.turns import looks_like_turns, read_turns, refuse_beyond_chat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

KEYS = ("messages", "conversations", "conversation")


def claims(keys: AbstractSet[str]) -> bool:
    """A conversation under one of its names."""
    return not keys.isdisjoint(KEYS)


def sniff(record: Mapping[str, Any]) -> bool:
    """A list of turns under `messages`, or elsewhere one whose turns have a `role`."""
    if "messages" in record:
        turns = record["messages"]
        return looks_like_turns(turns, "role") or not looks_like_turns(turns, "from")
    return any(looks_like_turns(record.get(key), "role") for key in KEYS)


def read(record: Mapping[str, Any]) -> Parsed:
    """Read every turn; `functions` are the older name of `tools`."""
    key = next(name for name in KEYS if name in record)
    parsed = Parsed([], {key})
    parsed.messages = read_turns(record[key], key, parsed)
    if record.get("tools") is not None:
        parsed.tools = as_tools(record["tools"])
        parsed.used.add("tools")
    elif isinstance(record.get("functions"), list):
        functions = record["functions"]
        parsed.tools = as_json([{"type": "function", "function": function} for function in functions])
        parsed.used.add("functions")
    return parsed


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write the messages as they are.

    Raises:
        ShapeError: a preference or a label.
    """
    refuse_beyond_chat(row, FORMAT.title)
    record: dict[str, Any] = {"messages": row["messages"]}
    if row.get("tools") is not None:
        record["tools"] = row["tools"]
    return record


FORMAT = Format("openai", "OpenAI messages", 50, claims, read, write, sniff)
