"""Parquet, Arrow and Feather: records by number, values as JSON knows them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dataprep.errors import InputError
from dataprep.ingest import InputReader, read_inputs
from tests.helpers import ask, ingest, reject_lines, row_lines, said

TURNS = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]


def packed(frame: pl.DataFrame, kind: str) -> bytes:
    buffer = io.BytesIO()
    writer: dict[str, Any] = {
        "parquet": frame.write_parquet,
        "arrow": frame.write_ipc,
        "feather": frame.write_ipc,
        "ipc": frame.write_ipc_stream,
    }
    writer[kind](buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["parquet", "arrow", "feather", "ipc"])
def test_a_file_is_read_by_its_name_whatever_signs_are_in_it(kind: str, tmp_path: Path) -> None:
    for name, answer in ((f"data[1].{kind}", "right"), (f"data1.{kind}", "wrong")):
        (tmp_path / name).write_bytes(packed(pl.DataFrame([ask("a", answer)]), kind))
    found = read_inputs([tmp_path / f"data[1].{kind}"])
    assert said(found) == [[("user", "a"), ("assistant", "right")]]


@pytest.mark.parametrize("kind", ["parquet", "arrow", "feather", "ipc"])
def test_conversations_in_nested_columns(kind: str) -> None:
    turns = [{"role": "user", "content": "a", "name": None}, {"role": "assistant", "content": "b", "name": "x"}]
    found = ingest(packed(pl.DataFrame({"messages": [turns, None], "id": [1, 2]}), kind), f"data.{kind}")
    assert said(found) == [[("user", "a"), ("assistant", "b")]]
    assert (row_lines(found), reject_lines(found)) == ([1], [2])
    assert [turn["name"] for turn in found.rows["messages"][0]] == [None, "x"]


def test_conversations_as_json_text() -> None:
    frame = pl.DataFrame({"messages": [json.dumps(TURNS), "no JSON"], "tools": ['[{"name": "f"}]', None]})
    found = ingest(packed(frame, "parquet"), "data.parquet")
    assert said(found) == [[("user", "a"), ("assistant", "b")]]
    assert found.rows["tools"].to_list() == ['[{"name":"f"}]']


def test_values_that_json_does_not_know() -> None:
    row = ask("a") | {"at": datetime(2026, 1, 2, tzinfo=UTC), "score": float("nan"), "raw": b"\xff", "day": None}
    found = ingest(packed(pl.DataFrame([row]), "parquet"), "data.parquet")
    meta = json.loads(found.rows["meta"][0])
    assert meta["at"].startswith("2026-01-02")
    assert meta["score"] is None
    assert meta["raw"] == "\ufffd"
    assert "binary values read as text" in found.files[0].notes


@pytest.mark.parametrize("kind", ["parquet", "arrow", "ipc"])
def test_a_damaged_file_is_refused_by_name(kind: str) -> None:
    data = packed(pl.DataFrame([ask(str(number)) for number in range(1000)]), kind)
    with pytest.raises(InputError, match=rf"data\.{kind}"):
        ingest(data[: len(data) // 2], f"data.{kind}")


def test_many_rows_come_in_batches_that_keep_their_numbers(tmp_path: Any) -> None:
    path = tmp_path / "data.parquet"
    prompts = [f"question {number}" for number in range(120_000)]
    pl.DataFrame({"prompt": prompts, "completion": ["a"] * len(prompts)}).write_parquet(path)
    reader = InputReader(workers=1)
    batches = [rows for rows, _ in reader.batches([path])]
    assert len(batches) > 1
    assert pl.concat(batches)["line"].to_list() == list(range(1, 120_001))


def test_the_canonical_frame_comes_back_as_it_was(tmp_path: Any) -> None:
    from tests.ingest.test_hostile_files import RECORDS

    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS if "conversation_id" not in record))
    first = read_inputs([path]).rows
    again = tmp_path / "frame.parquet"
    first.write_parquet(again)
    second = read_inputs([again]).rows
    same = ["row_id", "messages", "chosen", "rejected", "label", "tools", "group", "meta"]
    assert second.select(same).equals(first.select(same), null_equal=True)
