"""Prompt and completion in two columns: {"prompt": "…", "completion": "…"} and its relatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.shape import Format, Parsed, ShapeError, as_text, message

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMPTS = ("prompt", "question", "query", "input")
COMPLETIONS = ("completion", "response", "answer", "output")


def _keys(record: Mapping[str, Any]) -> tuple[str, str] | None:
    prompt = next((key for key in PROMPTS if key in record), None)
    completion = next((key for key in COMPLETIONS if key in record), None)
    return (prompt, completion) if prompt and completion else None


def sniff(record: Mapping[str, Any]) -> bool:
    """One key that asks and one that answers, neither of them a conversation."""
    if "instruction" in record or "messages" in record or "conversations" in record:
        return False
    keys = _keys(record)
    return keys is not None and not any(isinstance(record[key], dict | list) for key in keys)


def read(record: Mapping[str, Any]) -> Parsed:
    """A user turn and an assistant turn, after the `system` text where there is one."""
    keys = _keys(record)
    if keys is None:
        raise ShapeError("prompt", f"needs one of {', '.join(PROMPTS)} and one of {', '.join(COMPLETIONS)}")
    parsed = Parsed([], set(keys))
    if record.get("system"):
        parsed.messages.append(message("system", as_text(record["system"], "system", parsed)))
        parsed.used.add("system")
    parsed.messages.append(message("user", as_text(record[keys[0]], keys[0], parsed)))
    parsed.messages.append(message("assistant", as_text(record[keys[1]], keys[1], parsed)))
    return parsed


def write(messages: list[dict[str, Any]], tools: object) -> dict[str, Any]:
    """Write one question and its answer.

    Raises:
        ShapeError: anything beyond an optional system text, one user turn and one assistant turn.
    """
    if tools is not None:
        raise ShapeError("tools", "prompt/completion has no place for tools")
    turns = list(messages)
    record: dict[str, Any] = {}
    if turns and turns[0]["role"] == "system":
        if set(turns[0]) != {"role", "content"}:
            raise ShapeError("messages[0]", "the system text carries more than this format can hold")
        record["system"] = turns.pop(0)["content"]
    if [turn["role"] for turn in turns] != ["user", "assistant"]:
        raise ShapeError("messages", "prompt/completion holds one question and one answer")
    for index, turn in enumerate(turns):
        extra = sorted(set(turn) - {"role", "content"})
        if extra:
            raise ShapeError(f"messages[{index}].{extra[0]}", f"prompt/completion has no place for {extra[0]!r}")
    return record | {"prompt": turns[0]["content"], "completion": turns[1]["content"]}


FORMAT = Format("prompt-completion", "prompt and completion", sniff, read, write, columns=True)
