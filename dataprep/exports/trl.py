"""TRL: JSON Lines in its dataset types, and a script that trains on them.

Types as in trl 1.16, `trl/data_utils.py` (`apply_chat_template`) and https://huggingface.co/docs/trl/dataset_formats:
conversational language modelling (`messages`) or prompt-completion, preference with explicit prompt, unpaired
preference, prompt-only, and plain `text`. Tools are JSON text, which the SFT, DPO and KTO trainers decode; the
arguments of tool calls are objects, as chat templates want them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.exports.columns import columns_of, needs_json, python_features
from dataprep.exports.export import CannotHoldError, Export, Kind, Rendered, Row
from dataprep.exports.rows import (
    as_json,
    first_of_each_kind,
    hold,
    own_fields_note,
    refuse_answerless,
    refuse_parts,
    refuse_weights,
    sides,
    turns,
    with_arguments,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataprep.contract import SplitName
    from dataprep.exports.export import Source
    from dataprep.exports.rows import Turn

TITLE: Final = "TRL"
ASKING: Final = frozenset({"user", "tool"})

TRAINERS: Final[Mapping[Kind, str]] = {"chat": "SFT", "text": "SFT", "preference": "DPO", "labelled": "KTO"}

SCRIPT: Final = '''"""Train on these files with TRL: python {script} MODEL OUTPUT_FOLDER"""

import sys
from pathlib import Path

from datasets import Features{needs}, List, Value, load_dataset
from trl import {names}

here = Path(__file__).parent
files = {{
{files}}}
features = Features(
    {{
{features}    }}
)
data = load_dataset("json", data_files=files, features=features)

trainer = {trainer}Trainer(
    model=sys.argv[1],
    args={trainer}Config(output_dir=sys.argv[2]{options}),
    train_dataset=data["train"],{evaluate}
)
trainer.train()
'''


def render(source: Source) -> Rendered:
    """One dataset for each kind of row, and a script for each that can be trained with one."""
    only_last = all(map(_trains_last_turn, source.of("chat")))

    def write(row: Row) -> dict[str, Any]:
        body = row.body
        refuse_parts(body, TITLE)
        if row.kind != "chat" or not only_last:
            refuse_weights(body, TITLE)
        record = {"row_id": row.row_id} | _record(row, only_last=only_last)
        if body.get("tools") is not None:
            record["tools"] = as_json(body["tools"])
        return record

    out = hold(source, write)
    out.notes += first_of_each_kind(source) + own_fields_note(source, TITLE) + _developer_note(source)
    for kind, files in list(written(source, out)):
        if kind in TRAINERS and "train" in files:
            name = f"trl_{kind}.py"
            out.files[name] = _script(kind, files, out, only_last=only_last).encode()
            out.next_step = out.next_step or f"python {{folder}}/{name} MODEL RUN"
        if kind == "prompts":
            out.notes.append("Prompts without answers are for GRPO or RLOO, which need a reward function of yours")
    return out


def _trains_last_turn(row: Row) -> bool:
    """Whether the last turn, and no other, is trained: then every chat template will do."""
    *asked, last = row.body["messages"]
    silent = all(turn.get("weight") == 0 for turn in asked if turn["role"] == "assistant")
    answers = last["role"] == "assistant" and last.get("weight") in (None, 1)
    return silent and answers and bool(asked) and asked[-1]["role"] in ASKING


def _record(row: Row, *, only_last: bool) -> dict[str, Any]:
    """The row's columns in the dataset type of its kind."""
    side = {key: _ready(given, key) for key, given in sides(row.body)}
    messages = side["messages"]
    if row.kind == "text":
        return {"text": messages[0]["content"]}
    if row.kind == "preference":
        if not side.get("chosen") or not side.get("rejected"):
            raise CannotHoldError(f"chosen: {TITLE} needs two answers")
        return {"prompt": _asked(messages), "chosen": side["chosen"], "rejected": side["rejected"]}
    if row.kind == "prompts":
        return {"prompt": _asked(messages)}
    if row.kind == "labelled":
        refuse_answerless(messages, TITLE)
        return {"prompt": _asked(messages[:-1]), "completion": messages[-1:], "label": row.body["label"]}
    return {"prompt": messages[:-1], "completion": messages[-1:]} if only_last else {"messages": messages}


def _ready(side: Sequence[Turn], name: str) -> list[Turn]:
    """Turns as chat templates want them: no weights, and the arguments of tool calls as objects."""
    ready = []
    for index, given in enumerate(side):
        turn = {key: value for key, value in given.items() if key != "weight" and value is not None}
        if turn.get("tool_calls"):
            where = f"{name}[{index}].tool_calls"
            turn["tool_calls"] = [with_arguments(call, f"{where}[{n}]") for n, call in enumerate(turn["tool_calls"])]
        ready.append(turn)
    return ready


def _asked(prompt: list[Turn]) -> list[Turn]:
    """A prompt, which TRL wants to end with a user, a tool or an assistant to be continued."""
    if not prompt or prompt[-1]["role"] not in ASKING | {"assistant"}:
        raise CannotHoldError(f"messages: {TITLE} needs a prompt that ends with a user, tool or assistant turn")
    return prompt


def _developer_note(source: Source) -> list[str]:
    rows = sum(any(turn["role"] == "developer" for _, turn in turns(row.body)) for row in source.rows)
    text = f"Rows with a developer turn: {rows:,}. The chat template of the model must know that role"
    return [text] if rows else []


def _script(kind: Kind, files: Mapping[SplitName, str], out: Rendered, *, only_last: bool) -> str:
    records = (msgspec.json.decode(line) for name in files.values() for line in out.files[name].splitlines())
    columns = columns_of(records)
    trainer = TRAINERS[kind]
    conversation = kind == "chat" and not only_last
    return SCRIPT.format(
        script=f"trl_{kind}.py",
        trainer=trainer,
        names=", ".join(sorted([f"{trainer}Config", f"{trainer}Trainer"])),
        features=python_features(columns),
        needs=", Json" if needs_json(columns) else "",
        files="".join(f'    "{split}": str(here / "{name}"),\n' for split, name in files.items()),
        # Only the answers are to be learnt; TRL puts its marks for them into the templates it knows.
        options=", assistant_only_loss=True" if conversation else "",
        evaluate='\n    eval_dataset=data["validation"],' if "validation" in files else "",
    )


EXPORT = Export("trl", TITLE, render)
