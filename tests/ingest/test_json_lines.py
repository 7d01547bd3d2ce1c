"""JSON Lines: exact line numbers, and one fault costs one record."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.helpers import ask, ingest, lines, reject_lines, row_lines, said
from tests.ingest.samples import BLANK, BROKEN, GOOD, HOSTILE, NOISE, WRONG

if TYPE_CHECKING:
    from collections.abc import Sequence


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


def test_a_byte_order_mark_inside_a_file_costs_no_record() -> None:
    found = ingest(codecs.BOM_UTF8 + GOOD + b"\n" + codecs.BOM_UTF8 + GOOD)
    assert (row_lines(found), reject_lines(found)) == ([1, 2], [])
    assert any("byte order mark inside" in note for note in found.files[0].notes)


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
