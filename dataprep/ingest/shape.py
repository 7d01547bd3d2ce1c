"""What a format is, and the small conversions all formats share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROLE_ALIASES: Final = {
    "ai": "assistant",
    "assistant": "assistant",
    "bing": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "chatgpt": "assistant",
    "customer": "user",
    "developer": "developer",
    "function": "tool",
    "function_call": "assistant",
    "gpt": "assistant",
    "human": "user",
    "model": "assistant",
    "observation": "tool",
    "prompter": "user",
    "system": "system",
    "tool": "tool",
    "tool_response": "tool",
    "user": "user",
}


class ShapeError(Exception):
    """A record looks like a format but cannot be read as one: which field, and what is wrong with it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field
        self.problem = problem


@dataclass(slots=True)
class Parsed:
    """A record in canonical terms. `used` names the keys that went into the conversation."""

    messages: list[dict[str, Any]]
    used: set[str]
    tools: str | None = None
    adapted: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Format:
    """One record shape.

    Attributes:
        name: what `--input-format` and `--to` take, and what the audit counts.
        title: what people call it.
        sniff: whether a record has this shape; cheap, and never raises.
        read: turn a record into messages; raises ShapeError naming the field.
        write: turn messages (as plain dicts) and optional tools into a record; raises ShapeError when the
            format cannot hold them.
        columns: whether every value it writes is text, so that it fits a CSV file.
    """

    name: str
    title: str
    sniff: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Mapping[str, Any]], Parsed]
    write: Callable[[list[dict[str, Any]], Any], dict[str, Any]]
    columns: bool = False


def as_text(value: object, where: str, parsed: Parsed) -> str:
    """Text of a message: strings as they are, null as empty, numbers spelled out, text parts joined."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        parsed.adapted.add("numbers read as text")
        return str(value)
    if isinstance(value, list):
        return "".join(_part_text(part, f"{where}[{index}]") for index, part in enumerate(value))
    raise ShapeError(where, f"expected text, found {kind_of(value)}")


def _part_text(part: object, where: str) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, dict):
        text = part.get("text", part.get("value"))
        kind = part.get("type", "text")
        if kind in {"text", "input_text", "output_text"} and isinstance(text, str):
            return text
        raise ShapeError(where, f"a content part of type {str(kind)[:40]!r} cannot be read as text")
    raise ShapeError(where, f"expected a content part, found {kind_of(part)}")


def as_role(value: object, where: str) -> str:
    """The canonical role behind a name such as 'human' or 'gpt'."""
    if not isinstance(value, str):
        raise ShapeError(where, f"expected a role, found {kind_of(value)}")
    role = ROLE_ALIASES.get(value.strip().lower())
    if role is None:
        raise ShapeError(where, f"unknown role {value[:40]!r}")
    return role


def as_json(value: object) -> str:
    """Compact JSON text of a value the tools carry along without looking inside."""
    return msgspec.json.encode(value).decode()


def message(role: str, content: str) -> dict[str, Any]:
    """A plain canonical message."""
    return {"role": role, "content": content}


def kind_of(value: object) -> str:
    """JSON's name for a value's type."""
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "an object")
