"""Reading the rows of a split folder, and the small questions that all exports ask about them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.errors import SplitError
from dataprep.exports.export import CannotHoldError, Kind, Refused, Rendered, Row
from dataprep.files import json_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dataprep.contract import SplitManifest, SplitName
    from dataprep.exports.export import Source

Turn = dict[str, Any]

ROW_KEYS: Final = frozenset({"row_id", "messages", "chosen", "rejected", "label", "tools"})
"""Keys of a row that are not its own fields."""

LABELS: Final = {"true": True, "false": False, True: True, False: False}


def read_split(folder: Path, manifest: SplitManifest) -> tuple[Row, ...]:
    """Every row of the split files, in the manifest's order.

    Raises:
        SplitError: a file is missing, or a line is not a row of a split; only possible in a folder that was changed
            after it was written.
    """
    rows: list[Row] = []
    for file in manifest.files:
        if file.split is None:
            continue
        try:
            lines = (folder / file.name).read_bytes().splitlines()
        except OSError as err:
            raise SplitError(f"{folder / file.name}: cannot be read ({err.strerror})", "Make the split again") from err
        rows += (_row(line, file.split, file.name, number) for number, line in enumerate(lines, start=1))
    return tuple(rows)


def _row(line: bytes, split: SplitName, file: str, number: int) -> Row:
    try:
        body = msgspec.json.decode(line)
        sides = [body["messages"], *(body[key] for key in ("chosen", "rejected") if body.get(key) is not None)]
        if not all(isinstance(turn["role"], str) and "content" in turn for side in sides for turn in side):
            raise TypeError
        if body.get("label") is not None:
            body["label"] = LABELS[body["label"]]
        return Row(split, file, number, kind_of(body), {"row_id": body["row_id"]} | body)
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as err:
        raise SplitError(f"{file} line {number}: not a row of a split", "Make the split again") from err


def kind_of(body: Mapping[str, Any]) -> Kind:
    """What a row trains, by its shape alone: a text is one assistant turn and nothing else."""
    if body.get("chosen") is not None:
        return "preference"
    if body.get("label") is not None:
        return "labelled"
    roles = [turn["role"] for turn in body["messages"]]
    if "assistant" not in roles:
        return "prompts"
    return "text" if roles == ["assistant"] and body.get("tools") is None else "chat"


def hold(source: Source, writer: Callable[[Row], dict[str, Any]], folder: str = "") -> Rendered:
    """Write every row the target can hold to one file for each split, and for each kind where kinds are mixed.

    Args:
        source: the rows.
        writer: makes a record of a row; raises CannotHoldError where the target has no place for something.
        folder: where the files go inside the export.
    """
    out = Rendered()
    kept: dict[tuple[Kind, SplitName], list[dict[str, Any]]] = {}
    for row in source.rows:
        try:
            record = writer(row)
        except CannotHoldError as err:
            out.refused.append(Refused(row.file, row.line, row.row_id, str(err)))
            continue
        kept.setdefault((row.kind, row.split), []).append(record)
        out.rows[row.split] = out.rows.get(row.split, 0) + 1
    for kind in source.kinds:
        for (of, split), records in kept.items():
            if of == kind:
                out.files[folder + data_file(source, kind, split)] = json_lines(records)
    return out


def data_file(source: Source, kind: Kind, split: SplitName) -> str:
    """The name of a data file: the split's, with the kind before it where the folder mixes kinds."""
    return f"{split}.jsonl" if len(source.kinds) == 1 else f"{kind}-{split}.jsonl"


def written(source: Source, out: Rendered, folder: str = "") -> Iterator[tuple[Kind, dict[SplitName, str]]]:
    """For each kind that has rows in the export, its files by split."""
    for kind in source.kinds:
        splits: dict[SplitName, str] = {}
        for split in dict.fromkeys(row.split for row in source.rows):
            name = folder + data_file(source, kind, split)
            if name in out.files:
                splits[split] = name
        if splits:
            yield kind, splits


def first_of_each_kind(source: Source) -> list[str]:
    """Where the first row of each kind stands, for folders that mix kinds."""
    if len(source.kinds) < 2:
        return []
    counts = Counter(row.kind for row in source.rows)
    firsts = [(counts[kind], kind, source.of(kind)[0]) for kind in source.kinds]
    named = ", ".join(f"{count:,} {kind} (first: {row.file} line {row.line})" for count, kind, row in firsts)
    return [f"The folder mixes kinds of rows, each has its own data set: {named}"]


def own_fields_note(source: Source, title: str) -> list[str]:
    """Say which fields of the rows stay behind, for targets that would trip over unknown columns."""
    names = sorted({key for row in source.rows for key in row.body.keys() - ROW_KEYS})
    if not names:
        return []
    listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return [f"The rows' own fields stay in the split folder, {title} would not read them: {listed}"]


def sides(body: Mapping[str, Any]) -> Iterator[tuple[str, list[Turn]]]:
    """The lists of turns of a row, by name."""
    for key in ("messages", "chosen", "rejected"):
        if body.get(key) is not None:
            yield key, body[key]


def turns(body: Mapping[str, Any]) -> Iterator[tuple[str, Turn]]:
    """Every turn of a row with its place, such as `messages[2]`."""
    for key, side in sides(body):
        for index, turn in enumerate(side):
            yield f"{key}[{index}]", turn


def refuse_parts(body: Mapping[str, Any], title: str) -> None:
    """Raise CannotHoldError where a content is a list of parts (images, audio) instead of text."""
    for where, turn in turns(body):
        if not isinstance(turn["content"], str):
            raise CannotHoldError(f"{where}.content: {title} has no place for parts that are no text")


def refuse_weights(body: Mapping[str, Any], title: str) -> None:
    """Raise CannotHoldError where a loss weight says other than the usual: 1 is what a turn without weight has."""
    for where, turn in turns(body):
        if turn["role"] == "assistant" and turn.get("weight") not in (None, 1):
            raise CannotHoldError(f"{where}.weight: {title} cannot weight single turns ({turn['weight']})")


def refuse_keys(body: Mapping[str, Any], allowed: frozenset[str], title: str) -> None:
    """Raise CannotHoldError where a turn carries a key that the target would drop or choke on."""
    for where, turn in turns(body):
        for key in turn:
            if key not in allowed and turn[key] is not None:
                raise CannotHoldError(f"{where}.{key}: {title} has no place for it")


def refuse_answerless(messages: Sequence[Turn], title: str) -> None:
    """Raise CannotHoldError where a conversation does not end with an answer after a question."""
    if len(messages) < 2 or messages[-1]["role"] != "assistant":
        raise CannotHoldError(f"messages: {title} needs a question and an answer at the end")


def only_answer(body: Mapping[str, Any], key: str, title: str) -> Turn:
    """The one assistant turn of a side of a preference.

    Raises:
        CannotHoldError: the side has several turns, or another role speaks.
    """
    side: list[Turn] = body[key] or []
    if len(side) != 1 or side[0]["role"] != "assistant":
        raise CannotHoldError(f"{key}: {title} takes one assistant turn, found {len(side)} turns")
    return side[0]


def arguments(call: object, where: str) -> dict[str, Any]:
    """The arguments of a tool call as an object; OpenAI spells them as JSON text, chat templates want the object.

    Raises:
        CannotHoldError: not a function call, or its arguments are not a JSON object.
    """
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise CannotHoldError(f"{where}: not a call of a named function")
    value = function.get("arguments", {})
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value or "{}")
        except msgspec.DecodeError as err:
            raise CannotHoldError(f"{where}.function.arguments: not JSON") from err
    if not isinstance(value, dict):
        raise CannotHoldError(f"{where}.function.arguments: not a JSON object")
    return value


def with_arguments(call: Any, where: str) -> dict[str, Any]:
    """A tool call with its arguments as an object; raises as `arguments` does."""
    found = arguments(call, where)
    return {**call, "function": {**call["function"], "arguments": found}}


def as_json(value: object) -> str:
    """Compact JSON text."""
    return msgspec.json.encode(value).decode()
