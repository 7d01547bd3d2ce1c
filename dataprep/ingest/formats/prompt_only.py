"""Questions without answers, as evaluation sets and prompt pools have them: {"prompt": "…"}, {"turns": ["…", "…"]}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.formats.prompt_completion import PROMPTS, read_side
from dataprep.ingest.shape import Format, Parsed, ShapeError, as_text, message
from dataprep.ingest.turns import plain_texts, refuse_beyond_chat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

ASKS = ("turns", "instruction", *(key for key in PROMPTS if key not in {"text", "input"}))


def claims(keys: AbstractSet[str]) -> bool:
    """A key that asks; formats with answers were asked before."""
    return not keys.isdisjoint(ASKS)


def sniff(record: Mapping[str, Any]) -> bool:
    """The question is a text, turns, or a list of texts."""
    value = record[next(key for key in ASKS if key in record)]
    return not isinstance(value, dict) and (not isinstance(value, list) or bool(value))


def read(record: Mapping[str, Any]) -> Parsed:
    """One user turn for each question; where `reference` answers each of several `turns`, the answers between them."""
    key = next(name for name in ASKS if name in record)
    value, parsed = record[key], Parsed([], {key})
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        parsed.messages = read_side(value, key, "user", parsed)
        return parsed
    answers = record.get("reference")
    if not isinstance(answers, list) or len(answers) != len(value):
        answers = []
    else:
        parsed.used.add("reference")
    for index, text in enumerate(value):
        parsed.messages.append(message("user", text))
        if answers and answers[index] not in (None, ""):  # an empty reference is none
            parsed.messages.append(message("assistant", as_text(answers[index], f"reference[{index}]", parsed)))
    return parsed


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write the one question.

    Raises:
        ShapeError: an answer, several turns, or anything beyond text.
    """
    refuse_beyond_chat(row, FORMAT.title)
    if row.get("tools") is not None:
        raise ShapeError("tools", "a bare prompt has no place for tools")
    turns = plain_texts(row["messages"], FORMAT.title)
    if [role for role, _ in turns] != ["user"]:
        raise ShapeError("messages", "a bare prompt is one user turn")
    return {"prompt": turns[0][1]}


FORMAT = Format("prompt-only", "prompts without answers", 80, claims, read, write, sniff, columns=True)
