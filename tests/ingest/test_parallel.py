"""Several processes give what one gives, to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from dataprep.errors import InputError
from dataprep.ingest import Ingested, read_inputs
from dataprep.ingest.parallel import read_parallel
from dataprep.ingest.rows import Settings
from tests.helpers import ask, lines
from tests.ingest.samples import BROKEN, GOOD, HOSTILE, WRONG
from tests.ingest.test_hostile_files import RECORDS


def mixed_file(path: Path) -> Path:
    """Rows of all formats with copies, faults and blank lines between them."""
    parts: list[object] = []
    for number in range(300):
        parts += [ask(f"question {number % 90}"), RECORDS[number % len(RECORDS)] | {"id": number}, b""]
        parts.append([*BROKEN, *WRONG, *HOSTILE, GOOD][number % (len(BROKEN) + len(WRONG) + len(HOSTILE) + 1)])
    path.write_bytes(lines(*parts))
    return path


def test_two_processes_give_what_one_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = mixed_file(tmp_path / "data.jsonl")
    alone = read_inputs([path], workers=1)
    monkeypatch.setattr("dataprep.ingest.one_file.WORTHWHILE", 0)
    small_pieces(monkeypatch)
    together = read_inputs([path], workers=2)
    same(together, alone)
    assert alone.rejects.height
    assert alone.rows["row_id"].str.ends_with("-2").any()


def test_pieces_do_not_change_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = mixed_file(tmp_path / "data.jsonl")
    whole = read_inputs([path], workers=1)
    small_pieces(monkeypatch)
    same(read_inputs([path], workers=1), whole)


def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut after a few records."""
    from dataprep.ingest import json_lines, one_file

    monkeypatch.setattr(one_file, "pieces", lambda blocks: json_lines.pieces(blocks, size=3_000))
    monkeypatch.setattr("dataprep.ingest.stream.BLOCK", 1_000)


def same(left: Ingested, right: Ingested) -> None:
    """Rows, rejects and accounts are equal."""
    assert left.rows.equals(right.rows, null_equal=True)
    assert left.rejects.equals(right.rejects, null_equal=True)
    assert left.files == right.files


def test_a_map_and_a_format_reach_the_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines(*({"q": f"{n}", "a": "b", "prompt": "x", "completion": "y"} for n in range(50))))
    monkeypatch.setattr("dataprep.ingest.one_file.WORTHWHILE", 0)
    mapped = read_inputs([path], {"prompt": "q", "answer": "a"}, workers=2)
    assert [turns[0]["content"] for turns in mapped.rows["messages"]] == [str(n) for n in range(50)]
    assert json.loads(mapped.rows["meta"][0]) == {"prompt": "x", "completion": "y"}
    with pytest.raises(InputError, match="lacks the fields of Alpaca"):
        read_inputs([path], input_format="alpaca", workers=2)


def test_a_process_that_ends_early_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    from dataprep.ingest.json_lines import pieces

    with pytest.raises((InputError, OSError), match=r"ended early|Broken pipe"):
        list(read_parallel(pieces([lines(ask("a"))]), Settings(None, None, "x"), 2))


def test_occurrences_count_over_all_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch)
    path = tmp_path / "data.jsonl"
    path.write_bytes(lines(*(ask(f"{number % 7}") for number in range(500))))
    other = tmp_path / "other.jsonl"
    other.write_bytes(path.read_bytes())
    row_ids = read_inputs([path, other], workers=1).rows["row_id"]
    numbers = row_ids.str.split("-").list.get(1).cast(pl.Int64)
    order = pl.DataFrame({"content": row_ids.str.head(16), "number": numbers})
    for group in order.partition_by("content"):
        assert group["number"].to_list() == list(range(group.height))
