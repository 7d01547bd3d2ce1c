"""LLaMA-Factory: ShareGPT files, their `dataset_info.json` entries and the lines of a training configuration.

Layout as in llamafactory 0.9.5, `data/parser.py` (columns and tags; whatever is not named under `columns` is unset)
and `data/converter.py`. The `sharegpt` reader is used and not `openai`, which adds "detailed thinking off" to every
system text. Its converters skip a conversation that does not alternate; such rows are named and left out here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from dataprep.exports.export import CannotHoldError, Export, Kind, Rendered, Row
from dataprep.exports.rows import (
    arguments,
    as_json,
    first_of_each_kind,
    hold,
    only_answer,
    own_fields_note,
    refuse_answerless,
    refuse_keys,
    refuse_parts,
    refuse_weights,
    turns,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataprep.contract import SplitName
    from dataprep.exports.export import Source
    from dataprep.exports.rows import Turn

TITLE: Final = "LLaMA-Factory"
KEYS: Final = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "weight"})
SPEAKERS: Final = {"user": "human", "assistant": "gpt", "tool": "observation", "system": "system"}
PLACEHOLDERS: Final = ("<image>", "<video>", "<audio>")
STAGES: Final[Mapping[Kind, str]] = {"chat": "sft", "text": "pt", "preference": "dpo", "labelled": "kto"}
INFO_NAME: Final = "dataset_info.json"


def render(source: Source) -> Rendered:
    """One file for each split and kind, `dataset_info.json`, and a YAML for each training stage."""
    out = hold(source, _record)
    out.notes += first_of_each_kind(source) + own_fields_note(source, TITLE) + _placeholder_note(source)
    tools = any(row.body.get("tools") is not None for row in source.rows)
    info: dict[str, Any] = {}
    for kind, files in list(written(source, out)):
        names = {split: name.removesuffix(".jsonl").replace("-", "_") for split, name in files.items()}
        info |= {names[split]: _entry(kind, name, tools=tools) for split, name in files.items()}
        out.files[f"{STAGES[kind]}.yaml"] = _config(kind, names).encode()
        out.next_step = out.next_step or (
            f"llamafactory-cli train {{folder}}/{STAGES[kind]}.yaml model_name_or_path=MODEL template=TEMPLATE "
            "dataset_dir={folder}"
        )
    out.files[INFO_NAME] = (json.dumps(info, indent=2) + "\n").encode()
    return out


def _record(row: Row) -> dict[str, Any]:
    body = row.body
    refuse_parts(body, TITLE)
    refuse_weights(body, TITLE)
    refuse_keys(body, KEYS, TITLE)
    if row.kind == "prompts":
        raise CannotHoldError(f"messages: {TITLE} has no data set of prompts without answers")
    record: dict[str, Any] = {"row_id": row.row_id}
    if row.kind == "text":
        return record | {"text": body["messages"][0]["content"]}
    record["conversations"] = _conversation(body["messages"], answered=row.kind != "preference")
    if row.kind == "preference":
        record |= {key: _turn(only_answer(body, key, TITLE), key) for key in ("chosen", "rejected")}
    if row.kind == "labelled":
        if not body["messages"][-1]["content"] and not body["messages"][-1].get("tool_calls"):
            # The feedback processor tells wanted from unwanted by which of the two answers is empty.
            raise CannotHoldError(f"messages[{len(body['messages']) - 1}].content: {TITLE} cannot label an empty text")
        record["label"] = body["label"]
    return record | {"tools": as_json(body["tools"]) if body.get("tools") is not None else ""}


def _conversation(messages: Sequence[Turn], *, answered: bool) -> list[dict[str, str]]:
    """The turns, alternating between those who ask (user, tool) and those who answer (assistant)."""
    if answered:
        refuse_answerless(messages, TITLE)
    start = 1 if messages and messages[0]["role"] == "system" else 0
    for index, turn in enumerate(messages[start:], start=start):
        asks = (index - start) % 2 == 0
        if turn["role"] not in (("user", "tool") if asks else ("assistant",)):
            who = "a user or tool turn" if asks else "an assistant turn"
            raise CannotHoldError(f"messages[{index}].role: {TITLE} needs {who} here, found {turn['role']!r}")
    if answered == bool((len(messages) - start) % 2):
        wanted = "an answer" if answered else "a question"
        raise CannotHoldError(f"messages: {TITLE} needs {wanted} at the end")
    ready = [_turn(turn, f"messages[{index}]") for index, turn in enumerate(messages)]
    _refuse_loose_results(messages)
    return ready


def _refuse_loose_results(messages: Sequence[Turn]) -> None:
    """Raise where a tool's result does not follow its one call: without ids and names only the order tells."""
    calls: list[Any] = []
    for index, turn in enumerate(messages):
        if turn["role"] == "tool":
            where = f"messages[{index}]"
            if len(calls) != 1:
                raise CannotHoldError(
                    f"{where}: {TITLE} needs each tool result right after one call, found {len(calls)}"
                )
            if turn.get("tool_call_id") not in (None, calls[0].get("id")):
                raise CannotHoldError(f"{where}.tool_call_id: {TITLE} tells results by their order, this one differs")
            if turn.get("name") not in (None, calls[0]["function"]["name"]):
                raise CannotHoldError(f"{where}.name: {TITLE} tells results by their order, this one differs")
        calls = turn.get("tool_calls") or []


def _turn(turn: Turn, where: str) -> dict[str, str]:
    calls = turn.get("tool_calls")
    if turn.get("name") is not None and turn["role"] != "tool":
        raise CannotHoldError(f"{where}.name: {TITLE} has no place for names")
    if not calls:
        return {"from": SPEAKERS[turn["role"]], "value": turn["content"]}
    if turn["content"].strip():
        raise CannotHoldError(f"{where}.tool_calls: {TITLE} has no turn that both speaks and calls a tool")
    bare = [
        {"name": call["function"]["name"], "arguments": found}
        for number, call in enumerate(calls)
        for found in [arguments(call, f"{where}.tool_calls[{number}]")]
    ]
    return {"from": "function_call", "value": as_json(bare[0] if len(bare) == 1 else bare)}


def _entry(kind: Kind, file: str, *, tools: bool) -> dict[str, Any]:
    """What `dataset_info.json` says about a file."""
    if kind == "text":
        return {"file_name": file, "columns": {"prompt": "text"}}
    columns = {"messages": "conversations"} | ({"tools": "tools"} if tools else {})
    entry: dict[str, Any] = {"file_name": file, "formatting": "sharegpt"}
    if kind == "preference":
        entry["ranking"] = True
        columns |= {"chosen": "chosen", "rejected": "rejected"}
    if kind == "labelled":
        columns["kto_tag"] = "label"
    tags = {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"}
    tags |= {"observation_tag": "observation", "function_tag": "function_call", "system_tag": "system"}
    return entry | {"columns": columns, "tags": tags}


def _config(kind: Kind, names: Mapping[SplitName, str]) -> str:
    """The lines of a training configuration that name the data; model, template and method are the user's."""
    lines = [
        "# LLaMA-Factory: add the model, its template and the method.",
        f"stage: {STAGES[kind]}",
        "do_train: true",
    ]
    lines += ["finetuning_type: lora", "dataset_dir: ."]
    parts: list[tuple[str, SplitName]] = [("dataset", "train"), ("eval_dataset", "validation")]
    lines += [f"{key}: {names[split]}" for key, split in parts if split in names]
    return "\n".join([*lines, "output_dir: run"]) + "\n"


def _placeholder_note(source: Source) -> list[str]:
    rows = sum(
        any(mark in turn["content"] for _, turn in turns(row.body) for mark in PLACEHOLDERS if turn["content"])
        for row in source.rows
    )
    marks = " or ".join(PLACEHOLDERS)
    return (
        [f"Rows with {marks} in their text: {rows:,}. {TITLE}'s vision templates take that for media"] if rows else []
    )


EXPORT = Export("llama-factory", TITLE, render)
