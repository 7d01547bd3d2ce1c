"""A question and its answer in two columns: {"prompt": "…", "completion": "…"} and its many relatives."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dataprep.ingest.shape import Format, Parsed, ShapeError, as_text, message
from dataprep.ingest.turns import looks_like_turns, plain_texts, read_turns, refuse_beyond_chat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

PROMPTS = ("prompt", "question", "query", "input", "problem", "user_input", "inputs", "text")
COMPLETIONS = (
    *("completion", "response", "answer", "output", "reply", "solution", "canonical_solution", "code"),
    *("model_output", "assistant_output", "targets", "target", "ground_truth"),
)
CONTEXTS = frozenset({"context", "passage", "document", "article"})
TURN_KEYS = ("role", "from")


def find_keys(keys: AbstractSet[str]) -> tuple[str, str] | None:
    """The column that asks and the one that answers."""
    prompt = next((key for key in PROMPTS if key in keys), None)
    completion = next((key for key in COMPLETIONS if key in keys), None)
    return (prompt, completion) if prompt and completion else None


@lru_cache(maxsize=1_000)
def _keys_of(fields: tuple[str, ...]) -> tuple[str, str] | None:
    return find_keys(frozenset(fields))


def claims(keys: AbstractSet[str]) -> bool:
    """One key that asks and one that answers, beside no conversation."""
    return find_keys(keys) is not None and keys.isdisjoint({"messages", "conversations"})


def sniff(record: Mapping[str, Any]) -> bool:
    """Both are texts, or turns as TRL writes them."""
    keys = _keys_of(tuple(record))
    return keys is None or (_holds_words(record[keys[0]]) and _holds_words(record[keys[1]]))


def _holds_words(value: object) -> bool:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return True  # several would be a choice of answers
    return not isinstance(value, (dict, list)) or any(looks_like_turns(value, key) for key in TURN_KEYS)


def read(record: Mapping[str, Any]) -> Parsed:
    """The question's turns and the answer's, after the `system` text where there is one."""
    keys = _keys_of(tuple(record))
    if keys is None:
        raise ShapeError("prompt", f"needs one of {', '.join(PROMPTS)} and one of {', '.join(COMPLETIONS)}")
    parsed = Parsed([], set(keys))
    if record.get("system"):
        parsed.messages.append(message("system", as_text(record["system"], "system", parsed)))
        parsed.used.add("system")
    note_context(record, parsed)
    if "label" in record and str(record["label"]).strip() in {"0", "1"}:
        # A class, or a judgement: only the user knows.
        parsed.adapted.add("column 'label' is 0 or 1 and not read as wanted or unwanted (true and false are)")
    for key, role in zip(keys, ("user", "assistant"), strict=True):
        parsed.messages += read_side(record[key], key, role, parsed)
    return parsed


def note_context(record: Mapping[str, Any], parsed: Parsed) -> None:
    """Say that a passage beside the question is not part of the prompt: only the user knows whether it should be."""
    if CONTEXTS.isdisjoint(record):
        return
    for key in sorted(CONTEXTS):
        if key not in parsed.used and isinstance(record.get(key), str) and record[key].strip():
            parsed.adapted.add(f"column {key!r} is not part of the prompt (--map input={key} makes it so)")


def read_side(value: object, key: str, role: str, parsed: Parsed) -> list[dict[str, Any]]:
    """One side of an example: its turns, or its text as one turn."""
    if not isinstance(value, str) and any(looks_like_turns(value, turn_key) for turn_key in TURN_KEYS):
        return read_turns(value, key, parsed)
    return [message(role, as_text(value, key, parsed))]


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write one question and its answer.

    Raises:
        ShapeError: anything beyond an optional system text, one user turn and one assistant turn.
    """
    refuse_beyond_chat(row, FORMAT.title)
    if row.get("tools") is not None:
        raise ShapeError("tools", "prompt/completion has no place for tools")
    turns = plain_texts(row["messages"], FORMAT.title)
    record: dict[str, Any] = {}
    if turns and turns[0][0] == "system":
        record["system"] = turns.pop(0)[1]
    if [role for role, _ in turns] != ["user", "assistant"]:
        raise ShapeError("messages", "prompt/completion holds one question and one answer")
    return record | {"prompt": turns[0][1], "completion": turns[1][1]}


FORMAT = Format("prompt-completion", "prompt and completion", 70, claims, read, write, sniff, columns=True)
