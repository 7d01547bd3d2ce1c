"""Alpaca: {"instruction": "…", "input": "…", "output": "…"}, with optional `system` and `history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.shape import Format, Parsed, ShapeError, as_text, kind_of, message

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWERS = ("output", "response")


def sniff(record: Mapping[str, Any]) -> bool:
    """An `instruction` with an `output` or `response`."""
    return "instruction" in record and any(key in record for key in ANSWERS)


def read(record: Mapping[str, Any]) -> Parsed:
    """The prompt is the instruction, a blank line, and the input where there is one."""
    answer = next(key for key in ANSWERS if key in record)
    parsed = Parsed([], {"instruction", answer})
    if record.get("system"):
        parsed.messages.append(message("system", as_text(record["system"], "system", parsed)))
        parsed.used.add("system")
    if record.get("history"):
        parsed.messages += _read_history(record["history"], parsed)
        parsed.used.add("history")
    prompt = as_text(record["instruction"], "instruction", parsed)
    if "input" in record:
        extra = as_text(record["input"], "input", parsed)
        prompt = f"{prompt}\n\n{extra}" if prompt and extra else prompt or extra
        parsed.used.add("input")
    parsed.messages.append(message("user", prompt))
    parsed.messages.append(message("assistant", as_text(record[answer], answer, parsed)))
    return parsed


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


def write(messages: list[dict[str, Any]], tools: object) -> dict[str, Any]:
    """Write one instruction and output; earlier question-answer turns go into `history`.

    Raises:
        ShapeError: tools, or turns that do not alternate between user and assistant.
    """
    if tools is not None:
        raise ShapeError("tools", "Alpaca has no place for tools")
    turns = list(messages)
    record: dict[str, Any] = {}
    if turns and turns[0]["role"] == "system":
        if set(turns[0]) != {"role", "content"}:
            raise ShapeError("messages[0]", "the system text carries more than this format can hold")
        record["system"] = turns.pop(0)["content"]
    for index, turn in enumerate(turns):
        if turn["role"] != ("user", "assistant")[index % 2]:
            raise ShapeError(f"messages[{index}]", "Alpaca needs user and assistant in turn")
        extra = sorted(set(turn) - {"role", "content"})
        if extra:
            raise ShapeError(f"messages[{index}].{extra[0]}", f"Alpaca has no place for {extra[0]!r}")
    if not turns or len(turns) % 2:
        raise ShapeError("messages", "Alpaca needs an answer to every question")
    record |= {"instruction": turns[-2]["content"], "input": "", "output": turns[-1]["content"]}
    earlier = [turn["content"] for turn in turns[:-2]]
    if earlier:
        record["history"] = [list(pair) for pair in zip(earlier[::2], earlier[1::2], strict=True)]
    return record


FORMAT = Format("alpaca", "Alpaca", sniff, read, write)
