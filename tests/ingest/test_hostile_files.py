"""Files that nobody would write on purpose: whatever is in them, every record is accounted for and nothing crashes."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dataprep.errors import UserError
from dataprep.frame import REJECT_SCHEMA, ROW_SCHEMA
from dataprep.ingest import Ingested, read_inputs

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "150"))

RECORDS: list[dict[str, Any]] = [
    {"messages": [{"role": "user", "content": "Where is it?"}, {"role": "assistant", "content": "Here."}], "id": 1},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}]},
    {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}], "tools": []},
    {
        "conversations": [{"from": "human", "value": "Hé?"}, {"from": "gpt", "value": "Ja — 你好"}],
        "system": "Be kind.",
    },
    {"instruction": "Add.", "input": "1 2", "output": "3", "history": [["a", "b"]]},
    {"prompt": "p", "completion": "c"},
    {"question": "q", "answer": "a"},
    {"prompt": "p", "chosen": "good", "rejected": "bad"},
    {"prompt": "p", "completion": "c", "label": True},
    {"custom_id": "1", "body": {"messages": [{"role": "user", "content": "x"}]}},
    {"input": {"messages": [{"role": "user", "content": "x"}]}, "preferred_output": [], "non_preferred_output": []},
    {"text": "A document."},
    {"conversation_id": "7", "role": "user", "content": "hello", "turn": 1},
    {"turns": ["first", "second"]},
]
NAMES = sorted({name for record in RECORDS for name in record} | {"role", "content", "from", "value", "name", "type"})
ENDINGS = [".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".jsonl.gz", ".csv.gz", ""]
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252", "utf-32"]

texts = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["user", "assistant", "", " ", "\x00", "é"]
)
scalars = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | texts, inner, max_size=4),
    max_leaves=12,
)
records = st.sampled_from(RECORDS) | st.dictionaries(st.sampled_from(NAMES) | texts, values, max_size=5)


@st.composite
def distorted(draw: st.DrawFn) -> dict[str, Any]:
    """A good record with one value, at any depth, replaced by something else."""
    record: Any = json.loads(json.dumps(draw(st.sampled_from(RECORDS))))
    place, key = record, draw(st.sampled_from(sorted(record)))
    while isinstance(place[key], list | dict) and place[key] and draw(st.booleans()):
        place = place[key]
        key = draw(st.sampled_from(sorted(place))) if isinstance(place, dict) else draw(st.integers(0, len(place) - 1))
    place[key] = draw(values)
    return dict(record)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file name and bytes: records in some container and encoding, then damaged."""
    rows = draw(st.lists(records | distorted(), max_size=6))
    spelled = [json.dumps(row, ensure_ascii=draw(st.booleans())) for row in rows]
    layout = draw(st.integers(0, 5))
    if layout == 0:
        text = "[" + ",\n".join(spelled) + "]"
    elif layout == 1:
        text = json.dumps({"version": 1, "data": rows, "rest": [1]})
    elif layout == 2:
        text = "\n".join(json.dumps(row, indent=1) for row in rows)
    elif layout == 3:
        names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
        text = "\n".join([",".join(names), *(",".join(draw(st.lists(texts, max_size=5))) for _ in rows)])
    else:
        text = draw(st.sampled_from(["\n", "\r\n", "\n\n"])).join(spelled)
    data = text.encode(draw(st.sampled_from(CODECS)), "replace")
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 20)))
        junk = st.binary(max_size=8) | st.sampled_from([b"\n", b"\x00", b"{", b"]", b'"', b"\\", b"\xff\xfe", b"}"])
        data = data[:start] + draw(junk) + data[end:]
    ending = draw(st.sampled_from(ENDINGS))
    if ending.endswith(".gz") and draw(st.booleans()):
        data = gzip.compress(data)[: draw(st.none() | st.integers(0, 200))]
    return f"data{ending}", data


def accounted(data: Ingested) -> None:
    """Every record is a row or a reject, and the frame is one."""
    for file in data.files:
        assert file.records == file.rows + file.unreadable
        assert sum(file.formats.values()) == file.rows
        assert file.unknown <= file.unreadable
    assert data.rows.height == sum(file.rows for file in data.files)
    assert data.rejects.height == sum(file.unreadable for file in data.files)
    assert dict(data.rows.schema) == ROW_SCHEMA
    assert dict(data.rejects.schema) == REJECT_SCHEMA
    assert data.rows["row_id"].is_unique().all()
    assert data.rows["line"].min() is None or data.rows["line"].min() >= 1  # type: ignore[operator]
    for messages in data.rows["messages"]:
        assert len(messages)
        assert all(isinstance(turn["role"], str) and isinstance(turn["content"], str) for turn in messages)
    assert data.rejects["message"].str.len_chars().min() != 0


def read(name: str, data: bytes) -> Ingested | None:
    """What the reader makes of a file; None when it refuses it in a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            return read_inputs([path], workers=1)
        except UserError as err:
            assert str(err).strip()
            return None


@settings(max_examples=EXAMPLES)
@given(files())
def test_damaged_files_are_accounted_for(file: tuple[str, bytes]) -> None:
    found = read(*file)
    if found is not None:
        accounted(found)


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(ENDINGS), st.binary(max_size=200))
def test_random_bytes_are_accounted_for(ending: str, data: bytes) -> None:
    found = read(f"data{ending}", data)
    if found is not None:
        accounted(found)


@settings(max_examples=EXAMPLES)
@given(st.lists(records | distorted(), min_size=1, max_size=8))
def test_every_line_of_json_lines_is_a_row_or_a_reject(rows: list[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in [RECORDS[0], *rows])
    found = read("data.jsonl", lines.encode())
    assert found is not None
    accounted(found)
    turns = "one turn per line" in found.files[0].formats
    if not turns and not any("turn each" in note for note in found.files[0].notes):
        lines_met = sorted([*found.rows["line"], *found.rejects["line"]])
        assert lines_met == list(range(1, len(rows) + 2))


@settings(max_examples=EXAMPLES // 3)
@given(st.lists(records, min_size=1, max_size=5))
def test_columnar_files_are_accounted_for(rows: list[dict[str, Any]]) -> None:
    names = sorted({name for row in rows for name in row})
    columns = {name: [json.dumps(row[name]) if name in row else None for row in rows] for name in names}
    frame = pl.DataFrame(columns)
    for name in ("a.parquet", "b.arrow"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            frame.write_parquet(path) if name.endswith("parquet") else frame.write_ipc(path)
            found = read(name, path.read_bytes())
        if found is not None:
            accounted(found)
            assert found.files[0].records == len(rows) or "turn each" in str(found.files[0].notes)
