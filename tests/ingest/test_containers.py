"""Files to records: exact line numbers, and one fault costs one record."""

from __future__ import annotations

import codecs
import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataprep.errors import InputError, UserError
from tests.helpers import ask, encoded, ingest, lines, reject_lines, row_lines, said

if TYPE_CHECKING:
    from collections.abc import Sequence

GOOD = encoded(ask("where is it", "here"))
BROKEN = [
    b'{"prompt": "never closed',
    b'{"prompt": "a", "completion": }',
    b"{'prompt': 'a'}",
    b"oops",
    b"{broken}",
    b'{"prompt": "a" "completion": "b"}',
]
WRONG = [b"3", b"null", b'"text"', b"[1, 2]", b"{}", b'{"unknown": 1}', b'{"messages": 7}', b'{"messages": []}']
HOSTILE = [
    b'{"prompt": "a\x00b", "completion": "c"}',
    b'{"prompt": "a\\ud800", "completion": "c"}',
    b'{"prompt": "\xff\xfe", "completion": "c"}',
    b'{"prompt": "a", "completion": 1e999}',
    b'{"prompt": ["a", {"type": "image"}], "completion": {}}',
    b'{"messages": [{"role": "user", "content": "a", "weight": 1' + b"0" * 400 + b"}]}",
    b'{"deep": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
    b'{"text": "\x01", "deep": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"n": ' + b"9" * 5_000 + b"}",
]
BLANK = [b"", b"   ", b"\t", b"\r"]
NOISE = st.binary(max_size=20).map(lambda data: data.replace(b"\n", b" "))


# JSON Lines


def test_blank_lines_count_as_lines_and_not_as_records() -> None:
    found = ingest(b"\n" + GOOD + b"\n\n   \n" + GOOD + b"\nbroken\n\n" + GOOD)
    assert row_lines(found) == [2, 5, 8]
    assert reject_lines(found) == [6]
    assert found.files[0].records == 4


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends_do_not_shift_lines(end: bytes) -> None:
    found = ingest(end.join([GOOD, b"", GOOD, b"broken", GOOD]))
    assert row_lines(found) == [1, 3, 5]
    assert reject_lines(found) == [4]


def test_a_separator_inside_a_text_is_no_line_end() -> None:
    found = ingest(lines(ask("a\u2028b\u2029c\x85d\u000be"), ask("f")))
    assert row_lines(found) == [1, 2]
    assert said(found)[0][0] == ("user", "a\u2028b\u2029c\x85d\u000be")


def test_a_byte_order_mark_is_removed_and_noted() -> None:
    found = ingest(codecs.BOM_UTF8 + lines(ask("a"), ask("b")))
    assert row_lines(found) == [1, 2]
    assert found.files[0].notes == ["byte order mark removed"]


@pytest.mark.parametrize(
    ("mark", "encoding"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)
@pytest.mark.parametrize("name", ["data.jsonl", "data.json", "data.csv"])
def test_utf_16_is_converted_and_noted(mark: bytes, encoding: str, name: str) -> None:
    text = {
        "data.jsonl": '{"prompt": "ä", "completion": "b"}\n\nbroken\n{"prompt": "c", "completion": "d"}',
        "data.json": '[\n{"prompt": "ä", "completion": "b"},\nbroken,\n{"prompt": "c", "completion": "d"}]',
        "data.csv": "prompt,completion\nä,b\nbroken\nc,d\n",
    }[name]
    found = ingest(mark + text.encode(encoding), name)
    assert [turns[0][1] for turns in said(found)] == ["ä", "c"]
    assert "converted from UTF-16" in found.files[0].notes
    assert found.files[0].unreadable == 1


def test_half_a_utf_16_character_is_an_error_with_a_remedy() -> None:
    with pytest.raises(InputError, match="UTF-16") as caught:
        ingest(codecs.BOM_UTF16_LE + GOOD.decode().encode("utf-16-le") + b"x")
    assert caught.value.remedy


def test_every_kind_of_broken_line_costs_itself_only() -> None:
    mixed = [GOOD]
    for bad in BROKEN + WRONG:
        mixed += [bad, GOOD]
    found = ingest(b"\n".join(mixed))
    assert row_lines(found) == list(range(1, len(mixed) + 1, 2))
    assert reject_lines(found) == list(range(2, len(mixed) + 1, 2))


def test_an_unreadable_record_keeps_its_text() -> None:
    found = ingest(lines(GOOD, BROKEN[0], b'{"prompt": "\xe9"}'))
    assert found.rejects["code"].to_list() == ["FMT001", "FMT001"]
    assert found.rejects["raw"].to_list() == [BROKEN[0].decode(), '{"prompt": "\ufffd"}']


def test_a_very_long_unreadable_record_is_cut_and_says_so() -> None:
    found = ingest(lines(GOOD, b'{"prompt": "' + b"x" * 1_000_000))
    raw = found.rejects["raw"][0]
    assert len(raw) < 5_000
    assert raw.endswith("more characters)")


@given(st.lists(st.sampled_from([GOOD, *BROKEN, *WRONG, *HOSTILE, *BLANK]) | NOISE, max_size=12), st.booleans())
@example(HOSTILE, False)
def test_a_hostile_file_of_lines_is_accounted_for(parts: Sequence[bytes], crlf: bool) -> None:
    parts = [GOOD, *parts]
    found = ingest((b"\r\n" if crlf else b"\n").join(parts))
    account = found.files[0]
    assert account.records == account.rows + account.unreadable == sum(bool(part.strip()) for part in parts)
    assert (account.rows, account.unreadable) == (found.rows.height, found.rejects.height)
    good = {number for number, part in enumerate(parts, start=1) if part == GOOD}
    assert good <= set(row_lines(found))
    lost = {number for number, part in enumerate(parts, start=1) if part in BROKEN + WRONG}
    assert lost <= set(reject_lines(found))


# JSON arrays


def array(*parts: bytes) -> bytes:
    return b"[\n" + b",\n".join(parts) + b"\n]\n"


def test_an_array_gives_the_line_each_record_starts_on() -> None:
    spread = b'{"prompt": "a",\n   "completion": "b"}'
    found = ingest(b"\n[" + GOOD + b",\n\n  " + spread + b", " + encoded(ask("z")) + b"\n]", "data.json")
    assert row_lines(found) == [2, 4, 5]


def test_equal_records_of_an_array_each_have_their_own_line() -> None:
    assert row_lines(ingest(array(GOOD, GOOD, GOOD), "data.json")) == [2, 3, 4]


def test_a_value_that_also_stands_inside_the_record_before_has_its_own_line() -> None:
    found = ingest(array(encoded(ask("a") | {"n": 3}), b"3", GOOD), "data.json")
    assert (row_lines(found), reject_lines(found)) == ([2, 4], [3])


@given(st.lists(st.sampled_from([GOOD, b'{"prompt":\n"a","completion":"b"}', b"3", b"33", b"{}"]), max_size=8))
def test_lines_in_an_array_are_exact(parts: Sequence[bytes]) -> None:
    parts = [GOOD, *parts]
    starts, line = [], 2
    for part in parts:
        starts.append(line)
        line += part.count(b"\n") + 1
    found = ingest(array(*parts), "data.json")
    assert sorted(row_lines(found) + reject_lines(found)) == starts


@pytest.mark.parametrize("bad", BROKEN)
def test_one_fault_in_an_array_costs_one_record(bad: bytes) -> None:
    found = ingest(array(GOOD, encoded(ask("b")), bad, encoded(ask("c")), encoded(ask("d"))), "data.json")
    assert row_lines(found) == [2, 3, 5, 6]
    assert reject_lines(found) == [4]


@pytest.mark.parametrize("bad", HOSTILE[-3:], ids=["deep", "deep with a control character", "digits"])
@pytest.mark.parametrize("also", [GOOD, BROKEN[1]], ids=["alone", "beside a fault"])
def test_a_value_too_deep_or_too_long_costs_at_most_its_record(bad: bytes, also: bytes) -> None:
    found = ingest(array(GOOD, bad, also, GOOD), "data.json")
    assert {2, 5} <= set(row_lines(found))
    assert found.files[0].records == 4


def test_the_last_record_of_a_cut_array_is_the_one_lost() -> None:
    found = ingest(b"[\n" + GOOD + b",\n" + GOOD + b",\n" + GOOD[:-4], "data.json")
    assert row_lines(found) == [2, 3]
    assert 4 in reject_lines(found)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_value_beside_a_fault_costs_itself_only(wrong: bytes) -> None:
    found = ingest(array(GOOD, wrong, GOOD, BROKEN[1], GOOD), "data.json")
    assert row_lines(found) == [2, 4, 6]
    assert reject_lines(found) == [3, 5]


def test_records_behind_the_end_of_an_array_are_not_lost_in_silence() -> None:
    account = ingest(array(GOOD) + GOOD + b"\n", "data.json").files[0]
    assert account.records > 1 or account.notes


def test_an_array_named_jsonl_is_read_and_noted() -> None:
    found = ingest(array(GOOD, GOOD))
    assert found.rows.height == 2
    assert found.files[0].notes == ["holds a JSON array, not JSON Lines"]


def test_json_lines_named_json_are_read() -> None:
    assert row_lines(ingest(lines(GOOD, GOOD), "data.json")) == [1, 2]


def test_one_array_to_a_line_is_broken_json_lines() -> None:
    found = ingest(lines(b"[1]", b"[2]", GOOD))
    assert (row_lines(found), reject_lines(found)) == ([3], [1, 2])


@given(st.lists(st.sampled_from([GOOD, *BROKEN, *WRONG, *HOSTILE]) | NOISE, max_size=10))
@example([*HOSTILE, BROKEN[0]])
@example([b"3", BROKEN[0]])
def test_a_hostile_array_never_stops_the_reader(parts: Sequence[bytes]) -> None:
    found = ingest(array(GOOD, *parts), "data.json")
    account = found.files[0]
    assert account.records == account.rows + account.unreadable
    assert (account.rows, account.unreadable) == (found.rows.height, found.rejects.height)
    assert row_lines(found)[0] == 2


# CSV


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
    assert found.files[0].notes == ["not UTF-8: read as Windows-1252"]


def test_tabs_separate_a_tsv() -> None:
    assert said(ingest(b"prompt\tcompletion\na,b\tc\n", "data.tsv")) == [[("user", "a,b"), ("assistant", "c")]]


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)] * 2),
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


def test_what_json_can_hold_is_read_alike_from_lines_and_from_an_array() -> None:
    records = [ask(text) for text in ("a", 'quote " and \\', "ünïcödé \U0001f600", "tab\tand\nline")]
    from_lines = ingest("\n".join(json.dumps(record) for record in records).encode())
    from_array = ingest(json.dumps(records, indent=2).encode(), "data.json")
    assert from_lines.rows["row_id"].to_list() == from_array.rows["row_id"].to_list()
    assert row_lines(from_array) == [2, 6, 10, 14]
