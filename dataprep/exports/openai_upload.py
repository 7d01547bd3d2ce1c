"""OpenAI's fine-tuning files, which Azure, Together and Fireworks take too, and a script that starts the job.

Lines as in the API's `FineTuneChatRequestInput` and `FineTunePreferenceRequestInput`
(https://developers.openai.com/api/docs/guides/supervised-fine-tuning, …/direct-preference-optimization and
…/vision-fine-tuning): weights 0 or 1 on assistant turns, images in user turns only and at most 10 an example, one
assistant turn on either side of a preference, and text only in preferences.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from dataprep.exports.export import CannotHoldError, Export, Kind, Rendered, Row
from dataprep.exports.rows import (
    arguments,
    as_json,
    first_of_each_kind,
    hold,
    only_answer,
    refuse_answerless,
    refuse_keys,
    refuse_parts,
    refuse_weights,
    written,
)
from dataprep.exports.tools import openai_tool, with_call_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataprep.exports.export import Source
    from dataprep.exports.rows import Turn

TITLE: Final = "OpenAI fine-tuning"
LEAST_ROWS: Final = 10
MOST_IMAGES: Final = 10
KEYS: Final = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "weight", "refusal"})
ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool"})
BAD_NAME: Final = re.compile(r"[\s<|\\/>]")
METHODS: Final[Mapping[Kind, str]] = {"chat": "supervised", "preference": "dpo"}

SCRIPT: Final = '''"""Upload the files and start a job: OPENAI_API_KEY=… python {script} MODEL"""

import sys
from pathlib import Path

from openai import OpenAI

here, client = Path(__file__).parent, OpenAI()
files = {{
{files}}}
ids = {{key: client.files.create(file=here / name, purpose="fine-tune").id for key, name in files.items()}}
job = client.fine_tuning.jobs.create(model=sys.argv[1], method={{"type": "{method}"}}, **ids)
print(job.id)
'''


def render(source: Source) -> Rendered:
    """One file for each split and kind, and a script that uploads them."""
    out = hold(source, _record)
    out.notes += first_of_each_kind(source)
    out.notes.append(
        "The lines carry neither row_id nor the rows' own fields: the upload is checked against a fixed form. "
        "Where nothing was left out, line N is line N of the split's file"
    )
    out.notes.append(
        "OpenAI is closing its fine-tuning to new users (developers.openai.com/api/docs/deprecations); "
        "Azure, Together and Fireworks take the same files"
    )
    for kind, files in list(written(source, out)):
        if "train" not in files:
            continue
        name = f"openai_{kind}.py"
        use = {"training_file": files["train"]}
        use |= {"validation_file": files["validation"]} if "validation" in files else {}
        listed = "".join(f'    "{key}": "{file}",\n' for key, file in use.items())
        out.files[name] = SCRIPT.format(script=name, files=listed, method=METHODS[kind]).encode()
        out.next_step = out.next_step or f"python {{folder}}/{name} MODEL"
        rows = out.files[files["train"]].count(b"\n")
        if rows < LEAST_ROWS:
            out.notes.append(f"{files['train']} has {rows} rows, OpenAI wants at least {LEAST_ROWS}")
    return out


def _record(row: Row) -> dict[str, Any]:
    body = row.body
    if row.kind not in METHODS:
        raise CannotHoldError(f"messages: {TITLE} takes conversations and preferences, this row is of kind {row.kind}")
    refuse_keys(body, KEYS, TITLE)
    given = {"messages": _turns(with_call_ids(body["messages"]), "messages", supervised=row.kind == "chat")}
    if body.get("tools") is not None:
        tools = [openai_tool(tool, f"tools[{index}]", TITLE) for index, tool in enumerate(body["tools"])]
        given["tools"] = [{**tool, "type": "function"} for tool in tools]
    if row.kind == "chat":
        refuse_answerless(body["messages"], TITLE)
        _refuse_images(body["messages"])
        if all(turn.get("weight") == 0 for turn in given["messages"] if turn["role"] == "assistant"):
            raise CannotHoldError("messages: every answer has weight 0, nothing would be learnt")
        return given
    refuse_parts(body, f"{TITLE} on preferences")
    refuse_weights(body, f"{TITLE} on preferences")
    if not body["messages"] or body["messages"][-1]["role"] == "assistant":
        raise CannotHoldError(f"messages: {TITLE} needs a prompt that the two answers follow")
    record: dict[str, Any] = {"input": given}
    for key, name in (("chosen", "preferred_output"), ("rejected", "non_preferred_output")):
        record[name] = _turns([only_answer(body, key, TITLE)], key, supervised=False)
    return record


def _turns(side: Sequence[Turn], name: str, *, supervised: bool) -> list[Turn]:
    ready = []
    for index, given in enumerate(side):
        where = f"{name}[{index}]"
        turn = {key: value for key, value in given.items() if value is not None and key != "weight"}
        _refuse_turn(turn, where)
        weight = given.get("weight")
        if supervised and weight is not None and given["role"] == "assistant":
            if weight not in (0, 1):
                raise CannotHoldError(f"{where}.weight: {TITLE} takes weights of 0 and 1, found {weight}")
            turn["weight"] = int(weight)
        if turn.get("tool_calls"):
            turn["tool_calls"] = [_call(call, f"{where}.tool_calls[{n}]") for n, call in enumerate(turn["tool_calls"])]
        ready.append(turn)
    return ready


def _refuse_turn(turn: Mapping[str, Any], where: str) -> None:
    if turn["role"] not in ROLES:
        raise CannotHoldError(f"{where}.role: {TITLE} has no role {turn['role']!r}")
    if BAD_NAME.search(str(turn.get("name", ""))):
        raise CannotHoldError(f"{where}.name: {TITLE} takes names without spaces and < | \\ / >")
    if turn["role"] == "tool" and not turn.get("tool_call_id"):
        raise CannotHoldError(f"{where}.tool_call_id: {TITLE} needs the id of the call a result answers")


def _refuse_images(messages: Sequence[Turn]) -> None:
    images = 0
    for index, turn in enumerate(messages):
        if isinstance(turn["content"], str):
            continue
        kinds = [part.get("type") if isinstance(part, dict) else None for part in turn["content"] or ()]
        other = [kind for kind in kinds if kind not in {"text", "image_url"}]
        if other or (turn["role"] != "user" and "image_url" in kinds):
            what = f"parts of type {other[0]!r}" if other else f"images in a turn of role {turn['role']!r}"
            raise CannotHoldError(f"messages[{index}].content: {TITLE} takes no {what}")
        images += kinds.count("image_url")
    if images > MOST_IMAGES:
        raise CannotHoldError(f"messages: {TITLE} takes {MOST_IMAGES} images an example, found {images}")


def _call(call: Any, where: str) -> dict[str, Any]:
    """A tool call with its arguments as JSON text and the id that results refer to."""
    found = arguments(call, where)
    if not isinstance(call.get("id"), str):
        raise CannotHoldError(f"{where}.id: {TITLE} needs an id for every call")
    given = call["function"].get("arguments")
    text = given if isinstance(given, str) and given else as_json(found)
    return {"id": call["id"], "type": "function", "function": {"name": call["function"]["name"], "arguments": text}}


EXPORT = Export("openai", TITLE, render)
