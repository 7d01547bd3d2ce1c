"""Alpaca: {"instruction": "…", "input": "…", "output": "…"}, with optional `system` and `history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.formats.prompt_completion import note_context
from dataprep.ingest.shape import Format, Parsed, ShapeError, as_text, kind_of, message
from dataprep.ingest.turns import plain_texts, refuse_beyond_chat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

ANSWERS = ("output", "response", "instances")
DOLLY = frozenset({"instruction", "context", "response", "category", "id", "source"})


def claims(keys: AbstractSet[str]) -> bool:
    """An `instruction` with an `output`, a `response`, or self-instruct's `instances`."""
    return "instruction" in keys and not keys.isdisjoint(ANSWERS)


def read(record: Mapping[str, Any]) -> Parsed:
    """The prompt is the instruction, a blank line, and the input where there is one.

    Dolly's `context` is an input where the record has Dolly's columns only; elsewhere columns of that name hold
    other things.
    """
    parsed = Parsed([], {"instruction"})
    if record.get("system"):
        parsed.messages.append(message("system", as_text(record["system"], "system", parsed)))
        parsed.used.add("system")
    if record.get("history"):
        parsed.messages += _read_history(record["history"], parsed)
        parsed.used.add("history")
    extra_key = "context" if "input" not in record and record.keys() <= DOLLY else "input"
    answer_key = next(key for key in ANSWERS if key in record)
    parsed.used |= {answer_key, extra_key} & record.keys()
    note_context(record, parsed)
    extra, answer = record.get(extra_key), record[answer_key]
    if answer_key == "instances":
        extra, answer = _only_instance(answer)
    parsed.messages.append(message("user", join_prompt(record["instruction"], extra, parsed)))
    parsed.messages.append(message("assistant", as_text(answer, answer_key, parsed)))
    return parsed


def join_prompt(instruction: object, extra: object, parsed: Parsed) -> str:
    """An instruction and its input as one prompt."""
    prompt, more = as_text(instruction, "instruction", parsed), as_text(extra, "input", parsed)
    return f"{prompt}\n\n{more}" if prompt and more else prompt or more


def _only_instance(instances: object) -> tuple[object, object]:
    """Input and output of self-instruct's `instances`, of which a record that is one example has one."""
    if not isinstance(instances, list) or len(instances) != 1 or not isinstance(instances[0], dict):
        count = len(instances) if isinstance(instances, list) else kind_of(instances)
        raise ShapeError("instances", f"expected one instance, found {count}: write one record for each")
    return instances[0].get("input"), instances[0].get("output")


def _read_history(history: object, parsed: Parsed) -> list[dict[str, Any]]:
    if not isinstance(history, list):
        raise ShapeError("history", f"expected a list of [question, answer] pairs, found {kind_of(history)}")
    turns = []
    for index, pair in enumerate(history):
        where = f"history[{index}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise ShapeError(where, "expected a [question, answer] pair")
        turns.append(message("user", as_text(pair[0], f"{where}[0]", parsed)))
        turns.append(message("assistant", as_text(pair[1], f"{where}[1]", parsed)))
    return turns


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write one instruction and output; earlier question-answer turns go into `history`.

    Raises:
        ShapeError: tools, or turns that do not alternate between user and assistant.
    """
    refuse_beyond_chat(row, FORMAT.title)
    if row.get("tools") is not None:
        raise ShapeError("tools", "Alpaca has no place for tools")
    turns = plain_texts(row["messages"], FORMAT.title)
    record: dict[str, Any] = {}
    if turns and turns[0][0] == "system":
        record["system"] = turns.pop(0)[1]
    for index, (role, _) in enumerate(turns):
        if role != ("user", "assistant")[index % 2]:
            raise ShapeError(f"messages[{index}]", "Alpaca needs user and assistant in turn")
    if not turns or len(turns) % 2:
        raise ShapeError("messages", "Alpaca needs an answer to every question")
    record |= {"instruction": turns[-2][1], "input": "", "output": turns[-1][1]}
    earlier = [text for _, text in turns[:-2]]
    if earlier:
        record["history"] = [list(pair) for pair in zip(earlier[::2], earlier[1::2], strict=True)]
    return record


FORMAT = Format("alpaca", "Alpaca", 60, claims, read, write)
