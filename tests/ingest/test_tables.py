"""CSV and its relatives: exact line numbers, and one fault costs one record."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataprep.errors import InputError, UserError
from tests.helpers import ingest, reject_lines, row_lines, said


def test_csv_lines_are_where_records_start() -> None:
    found = ingest(b'prompt,completion\na,b\n"c\nc2\nc3",d\n\ne,"f\n"\ng,h\n', "data.csv")
    assert row_lines(found) == [2, 3, 7, 9]
    assert said(found)[1][0] == ("user", "c\nc2\nc3")


def test_a_wrong_number_of_cells_costs_one_record() -> None:
    found = ingest(b"prompt,completion\na,b\nc\nd,e,f\ng,h\n", "data.csv")
    assert (row_lines(found), reject_lines(found)) == ([2, 5], [3, 4])
    assert found.rejects["message"].to_list() == [
        "1 cells where the header has 2",
        "3 cells where the header has 2",
    ]
    assert found.rejects["raw"].to_list() == ["c", "d,e,f"]


def test_a_header_that_names_a_column_twice_is_refused_with_a_remedy() -> None:
    with pytest.raises(InputError, match="prompt twice") as caught:
        ingest(b"prompt,completion,prompt\na,b,c\n", "data.csv")
    assert caught.value.remedy


def test_blank_lines_before_the_header_are_skipped() -> None:
    assert row_lines(ingest(b"\nprompt,completion\na,b\n", "data.csv")) == [3]


def test_header_names_are_trimmed_and_windows_text_is_noted() -> None:
    found = ingest(" prompt , completion \ncafé,“b”\n".encode("cp1252"), "data.csv")
    assert said(found) == [[("user", "café"), ("assistant", "“b”")]]
    assert found.files[0].notes == ["converted from Windows-1252"]


def test_tabs_separate_a_tsv() -> None:
    assert said(ingest(b"prompt\tcompletion\na,b\tc\n", "data.tsv")) == [[("user", "a,b"), ("assistant", "c")]]


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)] * 2).filter(
            lambda cells: "".join(cells).strip()  # a row that says nothing is set aside
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_a_csv_can_hold_comes_back(cells: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("prompt", "completion"), *cells])
    found = ingest(out.getvalue().encode(), "data.csv")
    assert [(turns[0][1], turns[1][1]) for turns in said(found)] == cells


@given(st.binary(max_size=80), st.sampled_from(["data.csv", "data.tsv", "data.json", "data.jsonl", "data.ndjson"]))
@example(b'prompt,completion\n"', "data.csv")
@example(b"\xff\xfe\x00\xd8", "data.json")
@example(b"[", "data.json")
@example(b"\xef\xbb\xbf", "data.csv")
def test_any_bytes_are_accounted_for_or_refused_in_words(data: bytes, name: str) -> None:
    prefix = b"prompt,completion\na,b\n" if name == "data.csv" else b""
    try:
        account = ingest(prefix + data, name).files[0]
    except UserError as err:
        assert err.problem
        assert err.remedy
    else:
        assert account.records == account.rows + account.unreadable
