"""Packed files: read like plain ones, within a limit, and up to where they are damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard

from dataprep.errors import InputError
from dataprep.ingest import InputReader, read_inputs
from tests.helpers import ask, ingest, lines, reject_lines, row_lines, said

PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
MANY = [ask(f"question {number} {number * 7919 % 104729}", f"answer {number}") for number in range(3000)]


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("data.jsonl", lines(ask("a"), b"broken", ask("b"))),
        ("data.json", b"[" + lines(ask("a")) + b",broken,\n" + lines(ask("b")) + b"]"),
        ("data.csv", b"prompt,completion\na,fine\nbroken\nb,fine\n"),
        ("data.tsv", b"prompt\tcompletion\na\tfine\nbroken\nb\tfine\n"),
    ],
)
def test_a_packed_file_is_read_like_a_plain_one(packing: str, name: str, data: bytes) -> None:
    plain, packed = ingest(data, name), ingest(PACK[packing](data), name + packing)
    assert (
        said(packed) == said(plain) == [[("user", "a"), ("assistant", "fine")], [("user", "b"), ("assistant", "fine")]]
    )
    assert reject_lines(packed) == reject_lines(plain)
    assert packed.files[0].bytes == len(PACK[packing](data)) or packing == ".gz"


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_columnar_files_packed_or_not(kind: str, packing: str) -> None:
    buffer = io.BytesIO()
    frame = pl.DataFrame([ask("a"), ask("b")])
    frame.write_parquet(buffer) if kind == "parquet" else frame.write_ipc(buffer)
    data = PACK[packing](buffer.getvalue()) if packing else buffer.getvalue()
    found = ingest(data, f"data.{kind}{packing}")
    assert [turns[0] for turns in said(found)] == [("user", "a"), ("user", "b")]
    assert row_lines(found) == [1, 2]


def test_what_a_file_is_goes_by_its_bytes_and_not_its_name() -> None:
    found = ingest(gzip.compress(lines(ask("a"))), "data.jsonl")
    assert said(found)[0][0] == ("user", "a")
    assert found.files[0].notes == ["holds gzip data"]


@pytest.mark.parametrize("packing", PACK)
def test_everything_before_the_damage_is_read_and_the_damage_is_named(packing: str) -> None:
    data = PACK[packing](lines(*MANY))
    found = ingest(data[: len(data) * 2 // 3], f"data.jsonl{packing}") if packing in {".gz", ".xz"} else None
    if found is None:  # These unpack in blocks: with one block there is nothing before the damage.
        with pytest.raises(InputError, match="damaged"):
            ingest(data[: len(data) // 2], f"data.jsonl{packing}")
        return
    rows = found.rows.height
    assert 0 < rows < len(MANY)
    assert row_lines(found) == list(range(1, rows + 1))
    assert "damaged" in found.rejects["message"][-1]
    assert found.files[0].records == rows + found.rejects.height


def test_a_bomb_is_refused_with_the_limit_and_the_flag_that_raises_it(tmp_path: Path) -> None:
    data = lines(*MANY)
    for packing in (".gz", ".zst"):
        path = tmp_path / f"data.jsonl{packing}"
        path.write_bytes(PACK[packing](data))
        with pytest.raises(InputError, match="unpacks to more than 50,000 bytes") as caught:
            read_inputs([path], max_unpacked=50_000)
        assert "--max-unpacked" in caught.value.remedy
        assert read_inputs([path], max_unpacked=len(data)).rows.height == len(MANY)


def test_a_bomb_without_a_limit_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataprep.ingest.stream.FLOOR", 1_000_000)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b" " * 50_000_000))
    with pytest.raises(InputError, match="times its size"):
        read_inputs([path])


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    data = lines(ask("a"), b"broken", ask("b"))
    stdin: Any = io.TextIOWrapper(io.BufferedReader(io.BytesIO(gzip.compress(data) if packed else data)))
    monkeypatch.setattr(sys, "stdin", stdin)
    found = read_inputs([Path("-")])
    assert found.rows["source"].to_list() == ["-", "-"]
    assert reject_lines(found) == [2]


def test_batches_bound_what_is_held_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataprep.ingest.json_lines.PIECE", 10_000)
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines(*MANY))
    reader = InputReader(workers=1)
    heights = [rows.height for rows, _ in reader.batches([path])]
    assert sum(heights) == len(MANY)
