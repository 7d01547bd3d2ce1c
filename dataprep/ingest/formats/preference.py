"""Preference pairs: {"prompt": …, "chosen": …, "rejected": …} in the shapes of TRL, LLaMA-Factory and others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from dataprep.ingest.formats.alpaca import join_prompt
from dataprep.ingest.formats.prompt_completion import PROMPTS, TURN_KEYS, read_side
from dataprep.ingest.shape import Format, Parsed, ShapeError, as_text, as_tools, message
from dataprep.ingest.turns import looks_like_turns, read_turns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

PAIRS: Final = (("chosen", "rejected"), ("chosen_messages", "rejected_messages"))
CONTEXTS: Final = ("messages", "conversations", "conversation")
QUESTIONS: Final = ("instruction", *(key for key in PROMPTS if key != "text"))
_SPEAKER: Final = re.compile(r"\n\n(Human|Assistant):")


def claims(keys: AbstractSet[str]) -> bool:
    """Both sides of a pair."""
    return any(keys >= set(pair) for pair in PAIRS)


def read(record: Mapping[str, Any]) -> Parsed:
    """The shared turns, then the two continuations.

    Where no prompt stands beside them, both sides are whole conversations and what they share is the prompt.
    """
    chosen_key, rejected_key = next((pair for pair in PAIRS if record.keys() >= set(pair)), PAIRS[0])
    parsed = Parsed([], {chosen_key, rejected_key})
    parsed.messages = _read_context(record, parsed)
    if record.get("tools"):
        parsed.tools = as_tools(record["tools"])
        parsed.used.add("tools")
    chosen = _read_side(record.get(chosen_key), chosen_key, parsed)
    rejected = _read_side(record.get(rejected_key), rejected_key, parsed)
    asked = [turn for turn in parsed.messages if turn["role"] not in {"system", "developer"}]
    if asked:
        # Some data sets repeat the prompt at the head of both sides.
        if all(len(side) > len(asked) and side[: len(asked)] == asked for side in (chosen, rejected)):
            chosen, rejected = chosen[len(asked) :], rejected[len(asked) :]
    else:
        shared = _shared(chosen, rejected)
        parsed.messages += chosen[:shared]
        chosen, rejected = chosen[shared:], rejected[shared:]
    if not any(turn["role"] not in {"system", "developer"} for turn in parsed.messages):
        raise ShapeError(chosen_key, "the two sides share no question")
    parsed.chosen, parsed.rejected = chosen, rejected
    return parsed


def _read_context(record: Mapping[str, Any], parsed: Parsed) -> list[dict[str, Any]]:
    messages = []
    if record.get("system"):
        messages.append(message("system", as_text(record["system"], "system", parsed)))
        parsed.used.add("system")
    key = next((name for name in CONTEXTS if record.get(name)), None)
    if key is not None:
        parsed.used.add(key)
        return messages + read_turns(record[key], key, parsed)
    key = next((name for name in QUESTIONS if record.get(name)), None)
    if key is None:
        return messages
    parsed.used.add(key)
    if key == "instruction":
        parsed.used |= {"input"} & record.keys()
        return [*messages, message("user", join_prompt(record[key], record.get("input"), parsed))]
    return messages + read_side(record[key], key, "user", parsed)


def _read_side(value: object, key: str, parsed: Parsed) -> list[dict[str, Any]]:
    if any(looks_like_turns(value, turn_key) for turn_key in TURN_KEYS):
        return read_turns(value, key, parsed)
    text = as_text(value, key, parsed)
    marks = list(_SPEAKER.finditer(text))
    if not marks or marks[0].start() > 0 or marks[0][1] != "Human":
        return [message("assistant", text)]
    # A transcript in one text, as Anthropic's helpful-and-harmless data has it.
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    roles = {"Human": "user", "Assistant": "assistant"}
    return [message(roles[mark[1]], text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True)]


def _shared(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> int:
    """How many turns both sides begin with; at least one turn is left to each."""
    count = 0
    for a, b in zip(left[:-1], right[:-1], strict=False):
        if a != b:
            break
        count += 1
    return count


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write prompt, chosen and rejected as turns: TRL's conversational preference format with explicit prompt.

    Raises:
        ShapeError: the row is no pair.
    """
    if row.get("chosen") is None or row.get("rejected") is None:
        raise ShapeError("chosen", "the row has no preferred and rejected answer")
    record: dict[str, Any] = {"prompt": row["messages"], "chosen": row["chosen"], "rejected": row["rejected"]}
    if row.get("tools") is not None:
        record["tools"] = row["tools"]
    return record


FORMAT = Format("preference", "preference pairs", 10, claims, read, write)
