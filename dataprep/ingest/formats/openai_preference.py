"""OpenAI preference lines: {"input": {"messages": […]}, "preferred_output": […], "non_preferred_output": […]}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from dataprep.ingest.shape import Format, Parsed, ShapeError, as_tools, kind_of
from dataprep.ingest.turns import read_turns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

SIDES = ("preferred_output", "non_preferred_output")


def claims(keys: AbstractSet[str]) -> bool:
    """Both outputs."""
    return keys >= {"input", *SIDES}


def read(record: Mapping[str, Any]) -> Parsed:
    """The input's messages and tools, then the two outputs."""
    given, *sides = (_decoded(record.get(key)) for key in ("input", *SIDES))
    if not isinstance(given, dict):
        raise ShapeError("input", f"expected an object with messages, found {kind_of(given)}")
    parsed = Parsed([], set(SIDES))
    parsed.messages = read_turns(given.get("messages"), "input.messages", parsed)
    parsed.tools = as_tools(given.get("tools"))
    if given.keys() <= {"messages", "tools"}:
        parsed.used.add("input")
    parsed.chosen, parsed.rejected = (read_turns(side, key, parsed) for side, key in zip(sides, SIDES, strict=True))
    return parsed


def _decoded(value: object) -> object:
    """What a table holds as JSON text."""
    if not isinstance(value, str) or value[:1] not in {"[", "{"}:
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write the pair.

    Raises:
        ShapeError: the row is no pair.
    """
    if row.get("chosen") is None or row.get("rejected") is None:
        raise ShapeError("chosen", "the row has no preferred and rejected answer")
    given: dict[str, Any] = {"messages": row["messages"]}
    if row.get("tools") is not None:
        given["tools"] = row["tools"]
    return {"input": given, SIDES[0]: row["chosen"], SIDES[1]: row["rejected"]}


FORMAT = Format("openai-preference", "OpenAI preference pairs", 12, claims, read, write)
