"""Axolotl: JSON Lines and the `datasets:` block of its configuration.

Types as in axolotl's `src/axolotl/prompt_strategies`: `chat_template` (conversations; `message_field_training` turns
single turns off), `chat_template.default` of `rl: dpo`, `chatml.ultra` of `rl: kto`, `completion` (plain text); local
files and `test_datasets` as in https://docs.axolotl.ai/docs/dataset_loading.html. Tool parameters and arguments are
JSON text, as `ChatTemplateStrategy` decodes them: tables cannot hold objects with other keys in every row.
"""

from __future__ import annotations

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
from dataprep.exports.tools import openai_tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataprep.exports.export import Source
    from dataprep.exports.rows import Turn

TITLE: Final = "Axolotl"
PLAIN: Final = frozenset({"role", "content", "weight"})
ROLES: Final = frozenset({"system", "user", "assistant", "tool"})
KEPT: Final = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "weight", "reasoning_content"})

TYPES: Final[Mapping[Kind, str]] = {
    "chat": "type: chat_template\nfield_messages: messages\nmessage_property_mappings:\n  role: role\n"
    '  content: content\nroles_to_train: ["assistant"]\ntrain_on_eos: turn',
    "preference": "type: chat_template.default\nfield_messages: messages\nfield_chosen: chosen\n"
    "field_rejected: rejected\nmessage_property_mappings:\n  role: role\n  content: content",
    "labelled": "type: chatml.ultra  # llama3.ultra for Llama 3 models",
    "text": "type: completion\nfield: text",
}
REINFORCED: Final[Mapping[Kind, str]] = {"preference": "dpo", "labelled": "kto"}


def render(source: Source) -> Rendered:
    """One dataset for each kind of row, and a configuration for each."""
    weighted = any("weight" in turn for row in source.of("chat") for _, turn in turns(row.body))
    out = hold(source, _record)
    out.notes += first_of_each_kind(source) + own_fields_note(source, TITLE)
    for kind, files in list(written(source, out)):
        name = f"axolotl-{kind}.yaml"
        out.files[name] = _config(kind, files, weighted=weighted and kind == "chat").encode()
        out.next_step = out.next_step or f"cd {{folder}} && axolotl train {name}"
        if kind == "labelled":
            out.notes.append("KTO in Axolotl spells the chat template out: choose the type that fits the model")
    return out


def _record(row: Row) -> dict[str, Any]:
    body, record = row.body, {"row_id": row.row_id}
    refuse_parts(body, TITLE)
    if row.kind == "prompts":
        raise CannotHoldError(f"messages: {TITLE} has no data set of prompts without answers")
    if row.kind == "chat":
        return record | _chat(body)
    refuse_weights(body, TITLE)
    refuse_keys(body, PLAIN, f"{TITLE}'s {row.kind} data")
    if body.get("tools") is not None:
        raise CannotHoldError(f"tools: {TITLE}'s {row.kind} data has no place for tools")
    if row.kind == "text":
        return record | {"text": body["messages"][0]["content"]}
    for where, turn in turns(body):
        if turn["role"] not in ROLES:
            raise CannotHoldError(f"{where}.role: {TITLE} has no role {turn['role']!r} in {row.kind} data")
    if row.kind == "labelled":
        return record | _labelled(body)
    answers = {key: _plain(only_answer(body, key, TITLE)) for key in ("chosen", "rejected")}
    return record | {"messages": [_plain(turn) for turn in body["messages"]]} | answers


def _plain(turn: Turn) -> dict[str, str]:
    return {"role": turn["role"], "content": turn["content"]}


def _chat(body: Mapping[str, Any]) -> dict[str, Any]:
    refuse_keys(body, KEPT, TITLE)
    refuse_answerless(body["messages"], TITLE)
    messages = []
    for index, given in enumerate(body["messages"]):
        turn = {key: value for key, value in given.items() if key != "weight" and value is not None}
        weight = given.get("weight")
        if weight is not None and given["role"] == "assistant":
            if weight not in (0, 1):
                raise CannotHoldError(f"messages[{index}].weight: {TITLE} knows trained or not, no weight of {weight}")
            turn["train"] = bool(weight)
        if turn.get("tool_calls"):
            turn["tool_calls"] = _calls(turn["tool_calls"], f"messages[{index}].tool_calls")
        messages.append(turn)
    record: dict[str, Any] = {"messages": messages}
    if body.get("tools") is not None:
        record["tools"] = [_tool(tool, f"tools[{index}]") for index, tool in enumerate(body["tools"])]
    return record


def _calls(calls: Sequence[Any], where: str) -> list[dict[str, Any]]:
    found = [arguments(call, f"{where}[{number}]") for number, call in enumerate(calls)]
    return [
        {**call, "function": {**call["function"], "arguments": as_json(given)}}
        for call, given in zip(calls, found, strict=True)
    ]


def _tool(tool: object, where: str) -> dict[str, Any]:
    """A tool with its parameters as JSON text."""
    whole = openai_tool(tool, where, TITLE)
    function = whole["function"]
    parameters = function.get("parameters")
    if parameters is None or isinstance(parameters, str):
        return whole
    return {**whole, "function": {**function, "parameters": as_json(parameters)}}


def _labelled(body: Mapping[str, Any]) -> dict[str, Any]:
    """Prompt, completion and label as texts: the strategies of `rl: kto` hold one question and one answer."""
    turns_ = list(body["messages"])
    record = {"system": turns_.pop(0)["content"]} if turns_ and turns_[0]["role"] == "system" else {}
    if [turn["role"] for turn in turns_] != ["user", "assistant"]:
        raise CannotHoldError(f"messages: {TITLE}'s labelled data holds one question and one answer")
    return record | {"prompt": turns_[0]["content"], "completion": turns_[1]["content"], "label": body["label"]}


def _config(kind: Kind, files: Mapping[Any, str], *, weighted: bool) -> str:
    """The part of a configuration that names the data; the model and the method are the user's."""
    lines = ["# Axolotl: add base_model and the method. Paths are relative to this folder: run axolotl in it."]
    if kind in REINFORCED:
        lines += [f"rl: {REINFORCED[kind]}"] + ["remove_unused_columns: false"] * (kind == "labelled")
    for block, split in (("datasets", "train"), ("test_datasets", "validation")):
        if split not in files:
            continue
        lines += [f"{block}:", f"  - path: {files[split]}", "    ds_type: json", "    split: train"]
        lines += [f"    {line}" for line in TYPES[kind].splitlines()]
        lines += ["    message_field_training: train"] * weighted
    return "\n".join(lines) + "\n"


EXPORT = Export("axolotl", TITLE, render)
