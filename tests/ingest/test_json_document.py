"""JSON documents: exact line numbers, and one fault costs one record."""

from __future__ import annotations

import json
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataprep.errors import InputError
from tests.helpers import ask, encoded, ingest, lines, reject_lines, row_lines
from tests.ingest.samples import BROKEN, GOOD, HOSTILE, NOISE, WRONG

if TYPE_CHECKING:
    from collections.abc import Sequence


def array(*parts: bytes) -> bytes:
    return b"[\n" + b",\n".join(parts) + b"\n]\n"


def test_an_array_gives_the_line_each_record_starts_on() -> None:
    spread = b'{"prompt": "a",\n   "completion": "b"}'
    found = ingest(b"\n[" + GOOD + b",\n\n  " + spread + b", " + encoded(ask("z")) + b"\n]", "data.json")
    assert row_lines(found) == [2, 4, 5]


def test_equal_records_of_an_array_each_have_their_own_line() -> None:
    assert row_lines(ingest(array(GOOD, GOOD, GOOD), "data.json")) == [2, 3, 4]


def test_records_on_one_line_are_told_by_their_number() -> None:
    found = ingest(json.dumps([ask("a"), ask("b"), ask("c")]).encode() + b"\n", "data.json")
    assert row_lines(found) == [1, 2, 3]
    assert "many records on a line: told by their number" in found.files[0].notes
    under_a_key = ingest(b'{"data": [' + GOOD + b"," + GOOD + b'],\n"more": [\n' + GOOD + b"]}", "data.json")
    assert row_lines(under_a_key) == [1, 2, 3]


@given(
    st.lists(st.sampled_from([GOOD, *BROKEN, b"{}", b'{"prompt":\n"a","completion":"b"}']), min_size=1, max_size=8),
    st.lists(st.sampled_from([b",", b", ", b",\n", b",\r\n", b",\n\n"]), min_size=8, max_size=8),
)
def test_no_two_records_of_a_document_have_one_place(parts: list[bytes], between: list[bytes]) -> None:
    text = b"".join(part + space for part, space in zip(parts, between, strict=False))
    found = ingest(b"[" + GOOD + b", " + text.rstrip(b",\r\n ") + b"]", "data.json")
    places = row_lines(found) + reject_lines(found)
    assert len(places) == len(set(places))
    assert places


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
    assert found.files[0].notes == ["holds a JSON document, not JSON Lines"]


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


def test_what_json_can_hold_is_read_alike_from_lines_and_from_an_array() -> None:
    records = [ask(text) for text in ("a", 'quote " and \\', "ünïcödé \U0001f600", "tab\tand\nline")]
    from_lines = ingest("\n".join(json.dumps(record) for record in records).encode())
    from_array = ingest(json.dumps(records, indent=2).encode(), "data.json")
    assert from_lines.rows["row_id"].to_list() == from_array.rows["row_id"].to_list()
    assert row_lines(from_array) == [2, 6, 10, 14]


def pages(*records: object) -> bytes:
    """Pretty-printed objects, one after the other."""
    return "\n".join(json.dumps(record, indent=1) for record in records).encode()


def test_pages_one_after_the_other_are_all_read() -> None:
    page = [{"page": number, "data": [ask(f"{number}a"), ask(f"{number}b")], "more": True} for number in range(3)]
    found = ingest(pages(*page), "data.json")
    assert found.rows.height == 6
    found = ingest(pages(*page) + b"\nrubbish", "data.json")
    assert (found.rows.height, found.rejects.height) == (6, 1)


@pytest.mark.parametrize("first", [0, 2])
def test_records_that_hold_a_list_of_objects_are_records(first: int) -> None:
    sources = [{"text": "a page", "url": "u"}, {"text": "another", "url": "v"}]
    records = [{"question": f"q{number}", "answer": f"a{number}"} for number in range(4)]
    for record in records[first:]:
        record["sources"] = sources  # type: ignore[assignment]
    one_by_one, as_array = ingest(pages(*records), "data.json"), ingest(json.dumps(records).encode(), "data.json")
    assert one_by_one.rows.height == 4
    assert one_by_one.rows["row_id"].to_list() == as_array.rows["row_id"].to_list()


def test_a_deep_object_is_looked_through_once() -> None:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    deep = {"dataset": {"train": [{"messages": turns}] * 20_000}}
    with pytest.raises(InputError, match="no known format has these fields: dataset"):
        ingest(json.dumps(deep, indent=1).encode(), "data.json")


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_list_beside_the_rows_may_begin_where_the_window_ends(beside: int, monkeypatch: pytest.MonkeyPatch) -> None:
    head = '{"data": [' + json.dumps(ask("a")) + '], "ids": ['
    monkeypatch.setattr("dataprep.ingest.window.WINDOW", len(head) + beside)
    monkeypatch.setattr("dataprep.ingest.stream.BLOCK", len(head) + beside, raising=False)
    found = ingest((head + '1, 2, 3], "more": [' + json.dumps(ask("b")) + "]}").encode(), "data.json")
    assert (found.rows.height, found.rejects.height) == (2, 0)


def test_a_file_cut_within_a_text_of_quotes_is_given_up_soon() -> None:
    started = process_time()
    with pytest.raises(InputError):
        ingest(('{"prompt": "' + '\\"a\\": ' * 40_000).encode(), "data.json")
    assert process_time() - started < 5
