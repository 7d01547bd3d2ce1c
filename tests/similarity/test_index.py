"""What an index remembers, what it finds again, and what it refuses."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataprep.errors import ConfigError, InputError
from dataprep.similarity import SimilarityParams
from dataprep.similarity.index import Index
from dataprep.similarity.index_store import locked
from tests.helpers import frame_of, likeness, turns_of

PARAMS = SimilarityParams()
LONG = "Open your orders, choose the parcel and print the label that comes with it within the next days."
WORDS = st.lists(st.sampled_from("parcel label order shop refund days money card".split()), min_size=4, max_size=9)


def rows(pairs: Sequence[tuple[str, str]], source: str = "data.jsonl") -> pl.DataFrame:
    return frame_of([turns_of(*pair) for pair in pairs]).with_columns(source=pl.lit(source))


def remember(folder: Path, frame: pl.DataFrame, digest: str = "1") -> None:
    sources = frame["source"].unique(maintain_order=True)
    Index.open(folder, PARAMS).add(frame, dict.fromkeys(sources, digest))


def found(folder: Path, frame: pl.DataFrame) -> list[tuple[int, str, int]]:
    return [(one.position, one.source, one.line) for one in Index.open(folder, PARAMS).repeats(frame)]


def test_rows_of_all_earlier_files_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    remember(folder, rows([("Where is it?", LONG), ("Send it back?", LONG[::-1])], "a.jsonl"))
    remember(folder, rows([("Who are you?", "A shop that sells shoes and socks to people.")], "b.jsonl"))
    new = rows(
        [("Who are you?", "A shop that sells shoes and socks to people!"), ("Else?", "No."), ("Where is it?", LONG)]
    )
    assert found(folder, new) == [(0, "b.jsonl", 1), (2, "a.jsonl", 1)]
    assert Index.open(folder, PARAMS).rows == 3


def test_a_file_is_compared_neither_with_itself_nor_with_its_older_version(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    remember(folder, rows([("Where is it?", LONG)]))
    assert found(folder, rows([("Where is it?", LONG)])) == []
    remember(folder, rows([("Where is it?", LONG), ("New?", LONG[::-1])]), digest="2")
    assert Index.open(folder, PARAMS).rows == 2
    assert len(list(folder.glob("*.parquet"))) == 1
    index = Index.open(folder, PARAMS)
    assert index.add(rows([]), {"data.jsonl": "2"}) == ["data.jsonl"]
    assert index.rows == 2


def test_of_two_files_with_a_row_in_common_one_keeps_it_however_often_they_are_audited(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    monday, tuesday = rows([("Where is it?", LONG)], "mon.jsonl"), rows([("Where is it?", LONG)], "tue.jsonl")
    for _ in range(2):
        assert found(folder, monday) == []
        remember(folder, monday)
        assert found(folder, tuesday) == [(0, "mon.jsonl", 1)]
        remember(folder, tuesday)
    assert found(folder, pl.concat([monday, tuesday])) == []  # within one audit they are compared anyway
    remember(folder, rows([("Where is it?", LONG), ("New?", LONG[::-1])], "mon.jsonl"), digest="2")
    assert found(folder, monday) == []
    assert found(folder, tuesday) == [(0, "mon.jsonl", 1)]


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    remember(tmp_path / "index[1]", rows([("Where is it?", LONG)], "a.jsonl"))
    remember(tmp_path / "index1", rows([("Who?", "Me.")], "a.jsonl"))
    assert found(tmp_path / "index[1]", rows([("Where is it?", LONG)])) == [(0, "a.jsonl", 1)]


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        remember(tmp_path / name, rows([("Where is it?", LONG), ("Send it back?", LONG[::-1])]))
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_what_a_crash_leaves_behind_does_not_count_and_is_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    remember(folder, rows([("Where is it?", LONG)], "a.jsonl"))
    (folder / "0123456789abcdef.parquet").write_bytes(b"half a segment")
    (folder / "lock").touch()  # of a process that is gone
    assert found(folder, rows([("Where is it?", LONG)])) == [(0, "a.jsonl", 1)]
    remember(folder, rows([("Who?", "Me.")], "b.jsonl"))
    assert {path.name for path in folder.iterdir()} == {"index.json", "lock"} | {
        segment["file"] for segment in json.loads((folder / "index.json").read_text())["segments"]
    }


def test_other_parameters_are_refused_by_name(tmp_path: Path) -> None:
    remember(tmp_path / "index", rows([("Where is it?", LONG)]))
    with pytest.raises(ConfigError, match=r"was made with threshold 0\.7 and not 0\.8"):
        Index.open(tmp_path / "index", SimilarityParams(threshold=0.8))


def test_damage_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    remember(folder, rows([("Where is it?", LONG)]))
    state = json.loads((folder / "index.json").read_text())
    for broken, words in (("{", "is damaged"), (json.dumps(state | {"version": "9"}), "version '9'"), ("[]", "None")):
        (folder / "index.json").write_text(broken)
        with pytest.raises(InputError, match=words):
            Index.open(folder, PARAMS)
    (folder / "index.json").write_text(json.dumps(state))
    segment = next(folder.glob("*.parquet"))
    segment.write_bytes(b"x")
    with pytest.raises(InputError, match=r"\.parquet: is damaged"):
        found(folder, rows([("Who?", "Me.")], "b.jsonl"))
    segment.unlink()
    with pytest.raises(InputError, match=r"\.parquet is missing"):
        Index.open(folder, PARAMS)


def test_a_folder_of_other_files_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        Index.open(tmp_path, PARAMS)


def test_another_writer_is_waited_for_and_then_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "index"
    remember(folder, rows([("Where is it?", LONG)]))
    monkeypatch.setattr("dataprep.similarity.index_store.PATIENCE", 0.1)
    with locked(folder), pytest.raises(InputError, match="another process is writing"):
        remember(folder, rows([("Who?", "Me.")], "b.jsonl"))
    remember(folder, rows([("Who?", "Me.")], "b.jsonl"))


def test_files_of_others_are_neither_taken_for_an_index_nor_removed(tmp_path: Path) -> None:
    mine = tmp_path / "train.parquet"
    mine.write_bytes(b"mine")
    with pytest.raises(InputError, match="holds other files"):
        remember(tmp_path, rows([("Where is it?", LONG)]))
    folder = tmp_path / "index"
    remember(folder, rows([("Where is it?", LONG)]))
    mine.rename(folder / mine.name)
    remember(folder, rows([("Who?", "Me.")], "b.jsonl"))
    assert (folder / mine.name).read_bytes() == b"mine"


def test_a_folder_whose_first_run_was_killed_is_empty(tmp_path: Path) -> None:
    for name in ("lock", ".0123456789abcdef.parquet.partial", ".index.json.partial", "0123456789abcdef.parquet"):
        (tmp_path / name).touch()
    remember(tmp_path, rows([("Where is it?", LONG)]))
    assert found(tmp_path, rows([("Where is it?", LONG)], "b.jsonl"))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=8), st.lists(st.tuples(WORDS, WORDS), max_size=8))
def test_what_is_found_is_alike_and_what_is_equal_is_found(
    old: list[tuple[list[str], list[str]]], new: list[tuple[list[str], list[str]]]
) -> None:
    earlier, later = ([(" ".join(a), " ".join(b)) for a, b in pairs] for pairs in (old, new))
    with tempfile.TemporaryDirectory() as folder:
        remember(Path(folder), rows(earlier, "a.jsonl"))
        frame, before = rows(later), rows(earlier)
        repeats = Index.open(Path(folder), PARAMS).repeats(frame)
    for repeat in repeats:
        score = likeness(frame["pair_norm"][repeat.position], before["pair_norm"][repeat.line - 1])
        assert score == pytest.approx(repeat.score)
        assert score >= PARAMS.threshold
    assert {repeat.position for repeat in repeats} >= {n for n, pair in enumerate(later) if pair in earlier}
