"""Word-level differences: right, readable, and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.report.diff import compare, first_difference, marked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.report.views import Piece


def flat(pieces: Iterable[Piece]) -> str:
    """What the pieces say, folded parts included and fold labels left out."""
    return "".join(flat(piece.inside) if piece.inside else piece.text for piece in pieces if piece.kind != "sign")


def changed(pieces: Iterable[Piece]) -> list[str]:
    return [flat(piece.inside) for piece in pieces if piece.kind in {"del", "ins", "mark"}]


@pytest.mark.parametrize(
    ("left", "right", "only_left", "only_right"),
    [
        ("within 14 days", "within 30 days", ["14"], ["30"]),
        ("the order is here", "this order is here", ["the"], ["this"]),
        ("same words", "same words, more", [], [", more"]),
        ("not allowed at all here", "allowed at all here", ["not "], []),
        ("今日は晴れです", "昨日は晴れです", ["今"], ["昨"]),
        ("equal", "equal", [], []),
    ],
)
def test_compare(left: str, right: str, only_left: list[str], only_right: list[str]) -> None:
    found = compare(left, right)
    assert changed(found.left) == only_left
    assert changed(found.right) == only_right
    assert not found.throughout


def test_crumbs_between_changes_join_to_a_phrase() -> None:
    found = compare("please send a new invoice to my office now", "please send the old receipt to my office now")
    assert changed(found.left) == ["a new invoice"]
    assert changed(found.right) == ["the old receipt"]


def test_texts_with_little_in_common_are_not_peppered_with_marks() -> None:
    found = compare("Yes, we ship there every day.", "Mitochondria make energy for cells")
    assert found.throughout
    assert changed(found.left) == []


def test_a_difference_in_spaces_alone_is_visible() -> None:
    found = compare("ship\u00a0to Canada today", "ship to Canada today")
    assert [piece.text for part in found.left for piece in part.inside if piece.kind == "sign"] == ["[U+00A0]"]


def test_long_equal_stretches_fold_with_their_count_and_keep_their_text() -> None:
    words = " ".join(f"word{number}" for number in range(60))
    found = compare(f"old {words} end", f"new {words} end")
    folds = [piece for piece in found.left if piece.kind == "fold"]
    assert [fold.text for fold in folds] == ["… 54 equal words …"]
    assert flat(found.left) == f"old {words} end"


@given(st.text(alphabet="ab \n.", max_size=40), st.text(alphabet="ab \n.", max_size=40))
def test_both_sides_keep_their_text(left: str, right: str) -> None:
    found = compare(left, right)
    assert flat(found.left) == left
    assert flat(found.right) == right


def test_a_huge_middle_is_marked_as_a_whole() -> None:
    left = " ".join(f"a{number}" for number in range(3_000))
    right = " ".join(f"b{number}" for number in range(3_000))
    shared = "shared " * 3_000
    found = compare(shared + left, shared + right)
    assert changed(found.left) == [left]


@given(st.text(alphabet="ab", max_size=300), st.text(alphabet="ab", max_size=300))
def test_first_difference(left: str, right: str) -> None:
    at = first_difference(left, right)
    assert left[:at] == right[:at]
    assert left[at : at + 1] != right[at : at + 1] or at == min(len(left), len(right))


def test_spans_are_marked_as_whole_words() -> None:
    assert changed(marked("to Toronto, to Canada", ("to",))) == ["to", "to"]
    assert changed(marked("{{Name}} and {{Name}}", ("{{Name}}",))) == ["{{Name}}", "{{Name}}"]
    assert changed(marked("one two three", ("one two", "two three"))) == ["one two three"]
    assert changed(marked("text", ("", " "))) == []
