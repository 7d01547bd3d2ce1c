"""Converting: every record is written or left out by name, whatever the container."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard

from dataprep import api
from dataprep.config import ReadConfig
from dataprep.errors import ConfigError, InputError
from dataprep.frame import ROW_SCHEMA
from tests.helpers import chat, read_rows, write_rows

CHATS = [chat(f"question {n}", f"answer {n}") | {"ticket": n} for n in range(30)]
LONG = {"messages": [*chat("a", "b")["messages"], *chat("c", "d")["messages"]]}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "data.jsonl", CHATS)


@pytest.mark.parametrize(
    "name", ["out.jsonl", "out.json", "out.csv", "out.tsv", "out.parquet", "out.jsonl.gz", "out.csv.zst"]
)
def test_every_container_reads_back_as_it_was(data: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    done = api.convert([data], "prompt-completion", out)
    assert (done.written, done.left_out, done.dropped) == (30, 0, None)
    back = api.load([out])
    assert back.rows["messages"].equals(api.load([data]).rows["messages"])
    assert [json.loads(meta)["ticket"] for meta in back.rows["meta"]] == [
        str(n) if name.endswith((".csv", ".tsv", ".zst")) else n for n in range(30)
    ]


def test_packed_output_is_what_its_name_says(data: Path, tmp_path: Path) -> None:
    plain, packed, pressed = (tmp_path / f"out.jsonl{ending}" for ending in ("", ".gz", ".zst"))
    for out in (plain, packed, pressed):
        api.convert([data], "sharegpt", out)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    assert zstandard.ZstdDecompressor().decompressobj().decompress(pressed.read_bytes()) == plain.read_bytes()


def test_the_frame_keeps_everything(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "frame.parquet"
    api.convert([data], "frame", out)
    frame = pl.read_parquet(out)
    assert frame.schema == pl.Schema(ROW_SCHEMA)
    assert frame.equals(api.load([data]).rows)
    again = api.load([out]).rows
    assert again["row_id"].to_list() == frame["row_id"].to_list()
    assert again["messages"].equals(frame["messages"])


def test_what_is_left_out_stands_beside_the_output(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "data.jsonl", [CHATS[0], "{broken", LONG, {"title": "x"}])
    done = api.convert([source], "prompt-completion", tmp_path / "out.jsonl.gz")
    assert (done.written, done.left_out) == (1, 3)
    assert done.dropped == tmp_path / "out.dropped.jsonl"
    rows = sorted(read_rows(done.dropped), key=lambda row: int(row["line"]))
    assert [(row["line"], row["code"]) for row in rows] == [(2, "FMT001"), (3, "CONVERT"), (4, "FMT002")]
    assert rows[0]["raw"] == "{broken"
    assert rows[1]["record"]["messages"] == LONG["messages"]
    api.convert([write_rows(tmp_path / "good.jsonl", CHATS)], "prompt-completion", tmp_path / "out.jsonl.gz")
    assert not done.dropped.exists()


def test_a_file_of_somebody_else_beside_the_output_stays(data: Path, tmp_path: Path) -> None:
    beside = tmp_path / "out.dropped.jsonl"
    beside.write_text('{"my": "notes"}\n')
    with pytest.raises(InputError, match=r"out\.dropped\.jsonl: exists, and was not made here"):
        api.convert([data], "openai", tmp_path / "out.jsonl")
    assert beside.read_text() == '{"my": "notes"}\n'
    beside.unlink()
    mixed = write_rows(tmp_path / "mixed.jsonl", [*CHATS, LONG, {"odd": 1}])
    for given in (mixed, mixed, data):
        api.convert([given], "prompt-completion", tmp_path / "out.jsonl")
    assert not beside.exists()


def test_own_fields_that_would_collide_are_renamed(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "data.jsonl", [CHATS[0] | {"prompt": "mine"}])
    api.convert([source], "prompt-completion", tmp_path / "out.jsonl")
    (row,) = read_rows(tmp_path / "out.jsonl")
    assert (row["prompt"], row["original_prompt"], row["ticket"]) == ("question 0", "mine", 0)


@pytest.mark.parametrize(
    ("to", "name", "told"),
    [
        ("nothing", "out.jsonl", "unknown format 'nothing'"),
        ("frame", "out.jsonl", "Name the output .parquet"),
        ("openai", "out.xlsx", "xlsx"),
    ],
)
def test_refusals(data: Path, tmp_path: Path, to: str, name: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        api.convert([data], to, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_nothing_is_written_where_no_row_fits(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "data.jsonl", [LONG, LONG])
    with pytest.raises(InputError, match=r"can hold none of 2 records; .*data\.jsonl line 1"):
        api.convert([source], "prompt-completion", tmp_path / "out.jsonl")
    write_rows(source, ["{", chat("a", "b")])  # the broken line says nothing about the format
    with pytest.raises(InputError, match=r"can hold none of 2 records; .*data\.jsonl line 2: label"):
        api.convert([source], "kto", tmp_path / "out.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["data.jsonl"]


def test_an_input_is_never_overwritten(data: Path) -> None:
    before = data.read_bytes()
    with pytest.raises(InputError):
        api.convert([data], "sharegpt", data)
    assert data.read_bytes() == before


def bomb(path: Path) -> Path:
    """A packed file of one kind of line, thousands of times its size."""
    line: dict[str, Any] = chat("a" * 1_000_000, "b")
    path.write_bytes(gzip.compress((json.dumps(line) + "\n").encode() * 4))
    return path


def test_a_bomb_is_refused_up_to_the_limit_the_user_gives(tmp_path: Path) -> None:
    packed = bomb(tmp_path / "data.jsonl.gz")
    with pytest.raises(InputError, match=r"more than 2,000,000 bytes.*--max-unpacked"):
        api.convert([packed], "sharegpt", tmp_path / "out.jsonl", ReadConfig(max_unpacked=2_000_000))
    assert not (tmp_path / "out.jsonl").exists()
    assert api.convert([packed], "sharegpt", tmp_path / "out.jsonl", ReadConfig(max_unpacked=5_000_000)).written == 4
