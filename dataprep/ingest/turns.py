"""Conversations as lists of turns: OpenAI's role and content, ShareGPT's from and value, and their dialects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.ingest.shape import Parsed, ShapeError, as_json, as_role, as_text, kind_of, text_of_part

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLE_KEYS: Final = ("role", "from")
TEXT_KEYS: Final = ("content", "value", "text")
CALL_ROLES: Final = frozenset({"function_call", "tool_call"})
PLAIN_ROLES: Final = frozenset({"system", "user", "assistant"})
USED: Final = frozenset({"name", "tool_call_id", "tool_calls", "function_call", "weight", "loss_weight"})
MAX_WEIGHT: Final = 1_000_000


def read_turns(turns: object, where: str, parsed: Parsed) -> list[dict[str, Any]]:
    """Read a list of turns, or a single one, into canonical messages.

    What a turn carries beyond the canonical fields is kept in `extra`; content parts that are no text are kept in
    `parts`, as they are.

    Args:
        turns: a record's value.
        where: the name of the field, for messages.
        parsed: receives what had to be adapted.

    Raises:
        ShapeError: not a list of turns, or a turn without role or content.
    """
    if isinstance(turns, dict):
        turns = [turns]
    if not isinstance(turns, list):
        raise ShapeError(where, f"expected a list of turns, found {kind_of(turns)}")
    if not turns:
        raise ShapeError(where, "the conversation has no turns")
    messages = []
    for index, turn in enumerate(turns):
        # The everyday turn, two texts, is most of all data: it gets the short way.
        if type(turn) is dict and len(turn) == 2:
            name, content = turn.get("role"), turn.get("content")
            if type(content) is str and type(name) is str and name in PLAIN_ROLES:
                messages.append({"role": name, "content": content})
                continue
        messages.append(_read_turn(turn, f"{where}[{index}]", parsed))
    return messages


def looks_like_turns(value: object, key: str) -> bool:
    """Whether a value is a list of turns, or one turn, that names its speaker under `key`."""
    if isinstance(value, list):
        # A loop, since a generator costs three times as much, and this is asked of every record.
        for turn in value:  # noqa: SIM110
            if isinstance(turn, dict) and key in turn:
                return True
        return False
    return isinstance(value, dict) and key in value


def _read_turn(turn: object, where: str, parsed: Parsed) -> dict[str, Any]:
    if not isinstance(turn, dict):
        raise ShapeError(where, f"expected a turn, found {kind_of(turn)}")
    role_key = next((key for key in ROLE_KEYS if key in turn), None)
    if role_key is None:
        raise ShapeError(f"{where}.{'from' if 'value' in turn else 'role'}", "the turn has no role")
    role = as_role(turn[role_key], f"{where}.{role_key}")
    calls_by_role = str(turn[role_key]).strip().lower() in CALL_ROLES
    text_key = next((key for key in TEXT_KEYS if key in turn), None)
    calls = _given_calls(turn)
    if text_key is None and not calls:
        raise ShapeError(f"{where}.{'value' if role_key == 'from' else 'content'}", "the turn has no content")
    found: dict[str, Any] = {}
    message: dict[str, Any] = {"role": role, "content": ""}
    if calls_by_role and calls is None:
        calls = _spelled_calls(as_text(turn.get(text_key or ""), where, parsed))
    elif text_key is not None and not calls_by_role:
        message["content"] = _read_content(turn[text_key], f"{where}.{text_key}", parsed, found)
    calls = calls or found.pop("tool_calls", None)
    for key in ("name", "tool_call_id"):
        if turn.get(key) is not None:
            message[key] = as_text(turn[key], f"{where}.{key}", parsed)
    if calls:
        message["tool_calls"] = as_json(calls if isinstance(calls, list) else [calls])
    weight = _read_weight(turn, where)
    if weight is not None:
        message["weight"] = weight
    if "parts" in found:
        message["parts"] = as_json(found.pop("parts"))
    used = USED | {role_key, text_key}
    extra = found | {key: value for key, value in turn.items() if key not in used and value is not None}
    if extra:
        message["extra"] = as_json(extra)
    return message


def _given_calls(turn: Mapping[str, Any]) -> Any:
    """Its calls, or the one call in the older way; None if there is none."""
    if turn.get("tool_calls"):
        return turn["tool_calls"]
    if turn.get("function_call"):
        return [{"type": "function", "function": turn["function_call"]}]
    return None


def _read_content(content: object, where: str, parsed: Parsed, found: dict[str, Any]) -> str:
    """The text of a turn; calls, reasoning and parts that are no text go to `found`."""
    if not isinstance(content, list) or all(isinstance(part, str) for part in content):
        return as_text(content, where, parsed)
    texts, calls, reasoning, foreign = [], [], [], False
    for index, part in enumerate(content):
        if isinstance(part, str):
            texts.append(part)
            continue
        if not isinstance(part, dict):
            raise ShapeError(f"{where}[{index}]", f"expected a content part, found {kind_of(part)}")
        text, kind = text_of_part(part), part.get("type")
        spelled = next((part[key] for key in ("value", "text", "thinking") if isinstance(part.get(key), str)), None)
        if text is not None:
            texts.append(text)
        elif kind == "tool_call" and spelled is not None:
            calls += _spelled_calls(spelled)
        elif kind in ("reasoning", "thinking") and spelled is not None and set(part) <= {"type", "value", "thinking"}:
            reasoning.append(spelled)
        else:
            foreign = True
    if foreign:
        found["parts"] = content
    else:
        if calls:
            found["tool_calls"] = calls
        if reasoning:
            found["reasoning_content"] = "".join(reasoning)
    return "".join(texts)


def _spelled_calls(text: str) -> list[dict[str, Any]]:
    """The calls that a text spells as JSON: one {"name", "arguments"} or a list of them."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        value = None
    calls = value if isinstance(value, list) else [value]
    if not calls or not all(isinstance(call, dict) and "name" in call for call in calls):
        # Kept as it is: FMT007 says that it is no call, and writing it back gives the same text.
        return [{"type": "function", "function": {"arguments": text}}]
    return [{"type": "function", "function": call} for call in calls]


def _read_weight(turn: Mapping[str, Any], where: str) -> float | None:
    key = "weight" if turn.get("weight") is not None else "loss_weight"
    weight = turn.get(key)
    if weight is None:
        return None
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise ShapeError(f"{where}.{key}", f"expected a number, found {kind_of(weight)}")
    if not 0 <= weight <= MAX_WEIGHT:
        raise ShapeError(f"{where}.{key}", f"expected a weight between 0 and {MAX_WEIGHT}")
    return float(weight)


def is_weight(value: object) -> bool:
    """Whether a value can say how much a turn weighs in the loss."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_WEIGHT


def refuse_beyond_chat(row: Mapping[str, Any], title: str) -> None:
    """Stop before a preference or a label would be lost.

    Raises:
        ShapeError: the row has either.
    """
    if row.get("chosen") is not None or row.get("rejected") is not None:
        raise ShapeError("chosen", f"{title} has no place for a preferred and a rejected answer")
    if row.get("label") is not None:
        raise ShapeError("label", f"{title} has no place for a label")


def plain_texts(turns: list[dict[str, Any]], title: str, where: str = "messages") -> list[tuple[str, str]]:
    """Role and text of each turn, for formats that hold nothing else.

    Raises:
        ShapeError: a turn carries more.
    """
    for index, turn in enumerate(turns):
        beyond = sorted(set(turn) - {"role", "content"})
        if beyond:
            raise ShapeError(f"{where}[{index}].{beyond[0]}", f"{title} has no place for {beyond[0]!r}")
        if not isinstance(turn["content"], str):
            raise ShapeError(f"{where}[{index}].content", f"{title} has no place for parts that are no text")
    return [(turn["role"], turn["content"]) for turn in turns]
