"""Files are called by as few parts of their paths as tell them apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep import audit
from dataprep.text.wording import short_names
from tests.helpers import ask, write_rows

PATHS = st.sets(st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join), max_size=8)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ([], []),
        (["/home/me/data/train.jsonl"], ["train.jsonl"]),
        (["/x/one/a.jsonl", "/x/two/a.jsonl", "/x/b.jsonl"], ["one/a.jsonl", "two/a.jsonl", "b.jsonl"]),
        (["a.jsonl", "more/a.jsonl"], ["a.jsonl", "more/a.jsonl"]),
    ],
)
def test_names(paths: list[str], names: list[str]) -> None:
    assert list(short_names(paths).values()) == names


@given(PATHS)
def test_no_name_could_be_that_of_two_files(paths: set[str]) -> None:
    names = short_names(paths)
    assert set(names) == paths
    assert len(set(names.values())) == len(paths)
    for path, name in names.items():
        assert path == name or path.endswith(f"/{name}")
        assert [other for other in paths if f"/{other}".endswith(f"/{name}")] == [path] or name == path


def test_a_message_names_the_file_and_not_its_whole_path(tmp_path: Path) -> None:
    text = "Where do I find the invoice of my last order, and can I have it as a file?"
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        write_rows(tmp_path / place / "rows.jsonl", [ask(text, "In your account, under Orders.")])
    eval_file = write_rows(tmp_path / "held_out.jsonl", [ask(text, "In your account.")])
    found = audit([tmp_path / "one" / "rows.jsonl", tmp_path / "two" / "rows.jsonl"], [eval_file]).findings
    said = " ".join(found["message"])
    assert "held_out.jsonl line 1" in said
    assert str(tmp_path) not in said
