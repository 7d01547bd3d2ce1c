"""What a format is, and the small conversions all formats share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

ROLE_ALIASES: Final = {
    "agent": "assistant",
    "ai": "assistant",
    "assistant": "assistant",
    "bing": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "chatgpt": "assistant",
    "claude": "assistant",
    "customer": "user",
    "developer": "developer",
    "function": "tool",
    "function_call": "assistant",
    "function_response": "tool",
    "gemini": "assistant",
    "gpt": "assistant",
    "gpt4": "assistant",
    "human": "user",
    "ipython": "tool",
    "llm": "assistant",
    "model": "assistant",
    "observation": "tool",
    "prompter": "user",
    "system": "system",
    "tool": "tool",
    "tool_call": "assistant",
    "tool_response": "tool",
    "tool_result": "tool",
    "user": "user",
}


class ShapeError(Exception):
    """A record looks like a format but cannot be read as one: which field, and what is wrong with it."""

    def __init__(self, field: str | None, problem: str) -> None:
        super().__init__(problem)
        self.field = field
        self.problem = problem


@dataclass(slots=True)
class Parsed:
    """A record in canonical terms.

    Attributes:
        messages: the conversation; of a preference row, the turns both answers share.
        used: the record's keys that went into the conversation; all others become the row's own fields.
        tools: the tools on offer, as JSON.
        chosen, rejected: of a preference row, the two continuations.
        label: "true" or "false" where the record says whether its answer is a wanted one.
        group: rows with the same value stay on one side of a split.
        own: the row's own fields, where they are not simply the keys that were not used.
        adapted: what had to be changed to read it, for the account of the file.
    """

    messages: list[dict[str, Any]]
    used: set[str]
    tools: str | None = None
    chosen: list[dict[str, Any]] | None = None
    rejected: list[dict[str, Any]] | None = None
    label: str | None = None
    group: str | None = None
    own: dict[str, Any] | None = None
    adapted: set[str] = field(default_factory=set)


def says_something(parsed: Parsed) -> bool:
    """Whether any text of a record is not empty."""
    for turn in parsed.messages:
        content = turn["content"]
        if content and not content.isspace():
            return True
        if "tool_calls" in turn or "parts" in turn or "extra" in turn:
            return True
    for side in (parsed.chosen, parsed.rejected):
        if any(turn["content"].strip() or len(turn) > 2 for turn in side or ()):
            return True
    return False


def no_doubt(_record: Mapping[str, Any]) -> bool:
    """For formats whose keys alone tell."""
    return True


@dataclass(frozen=True, slots=True)
class Format:
    """One record shape.

    Attributes:
        name: what `--input-format` and `--to` take, and what the audit counts.
        title: what people call it.
        rank: formats are asked in rising order; the more particular ones come first.
        claims: whether a record with these keys may have this shape. Asked once per set of keys, so it must not
            depend on values.
        sniff: whether a record whose keys are claimed has this shape; cheap, and never raises.
        read: turn a record into a conversation; raises ShapeError naming the field.
        write: turn a row (`messages`, and where it has them `chosen`, `rejected`, `label`, `tools`) into a record;
            raises ShapeError when the format cannot hold it. None for shapes that are only read.
        columns: whether every value it writes is text, so that it fits a CSV file.
    """

    name: str
    title: str
    rank: int
    claims: Callable[[AbstractSet[str]], bool]
    read: Callable[[Mapping[str, Any]], Parsed]
    write: Callable[[Mapping[str, Any]], dict[str, Any]] | None
    sniff: Callable[[Mapping[str, Any]], bool] = no_doubt
    columns: bool = False


def as_text(value: object, where: str, parsed: Parsed) -> str:
    """Text of a field: strings as they are, null as empty, numbers spelled out, text parts joined, a list as lines."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        parsed.adapted.add("numbers read as text")
        return str(value)
    if isinstance(value, list):
        texts = [_part_text(part, f"{where}[{index}]") for index, part in enumerate(value)]
        is_list = len(texts) > 1 and all(isinstance(part, str) for part in value)
        if is_list:
            parsed.adapted.add("lists read as lines")
        return ("\n" if is_list else "").join(texts)
    raise ShapeError(where, f"expected text, found {kind_of(value)}")


def _part_text(part: object, where: str) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, dict):
        text = text_of_part(part)
        if text is not None:
            return text
        raise ShapeError(where, f"a content part of type {str(part.get('type'))[:40]!r} cannot be read as text")
    raise ShapeError(where, f"expected a content part, found {kind_of(part)}")


def text_of_part(part: Mapping[str, Any]) -> str | None:
    """The text of a content part in the dialects of OpenAI, Anthropic and LLaMA-Factory; None if it is no text."""
    kind = part.get("type", "text")
    if kind not in ("text", "input_text", "output_text", "refusal"):
        return None
    for key in ("text", "value", "content", "refusal"):
        if isinstance(part.get(key), str):
            return str(part[key])
    return None


def as_role(value: object, where: str) -> str:
    """The canonical role behind a name such as 'human' or 'gpt'."""
    if not isinstance(value, str):
        raise ShapeError(where, f"expected a role, found {kind_of(value)}")
    role = ROLE_ALIASES.get(value.strip().lower())
    if role is None:
        raise ShapeError(where, f"unknown role {value[:40]!r}")
    return role


def as_tools(value: object) -> str | None:
    """The tools on offer as a JSON list: from a list, one tool, or the JSON text of either; None if there are none.

    Raises:
        ShapeError: text that is not JSON, or JSON that lists nothing.
    """
    if isinstance(value, str):
        if not value.strip():
            return None
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError) as err:
            raise ShapeError("tools", "expected a list of tools, found text that is not JSON") from err
    if value is None or value in ([], {}):
        return None
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise ShapeError("tools", f"expected a list of tools, found {kind_of(value)}")
    return as_json(value)


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
