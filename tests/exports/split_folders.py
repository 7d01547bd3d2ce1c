"""Small split folders of every kind, written by hand through the contract's models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dataprep.contract import (
    MANIFEST_NAME,
    Certificate,
    InputFile,
    Relation,
    RowAccount,
    SplitFile,
    SplitManifest,
    SplitName,
    file_sha256,
)

Row = dict[str, Any]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CLOCK = {
    "type": "function",
    "function": {"name": "get_time", "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}}},
}


def user(text: str) -> Row:
    return {"role": "user", "content": text}


def assistant(text: str, **more: Any) -> Row:
    return {"role": "assistant", "content": text} | more


def call(number: int, name: str, **given: Any) -> Row:
    function = {"name": name, "arguments": json.dumps(given)}
    return assistant("", tool_calls=[{"id": f"call_{number}", "type": "function", "function": function}])


def result(number: int, text: str) -> Row:
    return {"role": "tool", "content": text, "tool_call_id": f"call_{number}"}


def chat_row(number: int) -> Row:
    return {"messages": [user(f"What is {number} and one?"), assistant(f"It is {number + 1}.")], "id": f"s{number}"}


def preference_row(number: int) -> Row:
    return {
        "messages": [{"role": "system", "content": "Be brief."}, user(f"Name the number {number}.")],
        "chosen": [assistant(f"{number}.")],
        "rejected": [assistant(f"I would like to say that it is {number}.")],
    }


def labelled_row(number: int) -> Row:
    row = {"messages": [user(f"Is {number} even?"), assistant("Yes." if number % 4 < 2 else "No.")]}
    return row | {"label": number % 2 == 0}


def tool_row(number: int) -> Row:
    name, key = (("get_weather", "city"), ("get_time", "zone"))[number % 2]
    messages = [
        user(f"Ask {name} about place {number}."),
        call(number, name, **{key: f"place {number}"}),
        result(number, json.dumps({"value": number})),
        assistant(f"It says {number}."),
    ]
    return {"messages": messages, "tools": [WEATHER] if number % 2 == 0 else [WEATHER, CLOCK]}


def text_row(number: int) -> Row:
    return {"messages": [assistant(f"Chapter {number}. It was a dark and stormy night.")]}


def prompt_row(number: int) -> Row:
    return {"messages": [user(f"Write a haiku about the number {number}.")]}


MAKERS = {
    "chat": chat_row,
    "preference": preference_row,
    "labelled": labelled_row,
    "tools": tool_row,
    "text": text_row,
    "prompts": prompt_row,
}


def split_folder(folder: Path, rows: Mapping[SplitName, Sequence[Row]], inputs: Sequence[InputFile] = ()) -> Path:
    """Write rows as a certified split folder; a row without `row_id` gets one."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for split in SPLITS:
        path = folder / f"{split}.jsonl"
        given = rows.get(split, ())
        lines = [json.dumps({"row_id": f"{split[:2]}{number:014x}-0"} | row) for number, row in enumerate(given)]
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        files.append(
            SplitFile(
                name=path.name, split=split, sha256=file_sha256(path), bytes=path.stat().st_size, rows=len(lines)
            )
        )
    count = sum(file.rows for file in files)
    relation = Relation(name="exact copies", pairs_checked="exact", expected_recall=1.0, crossings=0)
    manifest = SplitManifest(
        tool_version="0.0",
        created_at="2026-01-01T00:00:00+00:00",
        inputs=list(inputs) or [input_file()],
        eval_inputs=[],
        config={},
        config_sha256="0",
        seed=0,
        versions={},
        files=files,
        groups=count,
        account=RowAccount(
            records_in=count,
            kept=count,
            dropped=0,
            needs_decision=0,
            by_code={},
            by_split={str(file.split): file.rows for file in files},
        ),
        certificate=Certificate(
            passed=True,
            files={file.name: file.sha256 for file in files},
            between_splits=[relation],
            against_eval=[],
        ),
    ).sealed()
    (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return folder


def input_file(path: str = "/home/somebody/data.jsonl") -> InputFile:
    return InputFile(path=path, sha256="0" * 64, bytes=1, records=1, rows=1, unreadable=0, formats={"openai": 1})


def folder_of(kind: str, folder: Path, train: int = 12, others: int = 3) -> Path:
    """A split folder with rows of one kind."""
    make = MAKERS[kind]
    counts: dict[SplitName, range] = {
        "train": range(train),
        "validation": range(train, train + others),
        "test": range(train + others, train + 2 * others),
    }
    return split_folder(folder, {split: [make(number) for number in numbers] for split, numbers in counts.items()})


def awkward_folder(folder: Path) -> Path:
    """Conversations whose later splits hold what the first has not, and rows that some targets cannot hold."""
    train = [chat_row(number) | {"score": number} for number in range(12)]
    train += [
        {"messages": [user("One?"), assistant("Yes.", weight=0), user("Two?"), assistant("No.", weight=1)]},
        {"messages": [{"role": "developer", "content": "Be kind."}, user("Hello?"), assistant("Hello!")]},
        {"messages": [user("Who?") | {"name": "ada"}, assistant("You.")], "score": 0.5},
        {"messages": [user("First."), user("Second."), assistant("Both.")], "source": {"page": 1}},
    ]
    picture = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    shown = {"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture]}
    speaking = call(1, "get_weather", city="Oslo") | {"content": "Let me look."}
    validation = [tool_row(0), {"messages": [shown, assistant("A picture.")], "tags": ["image"]}]
    test = [
        {"messages": [user("Weather?"), speaking, result(1, "3"), assistant("3 degrees.")], "tools": [WEATHER]},
        chat_row(99) | {"score": "high", "source": "web"},
    ]
    return split_folder(folder, {"train": train, "validation": validation, "test": test})


def exported_rows(folder: Path, name: str) -> list[Row]:
    """The records of a data file of an export."""
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
