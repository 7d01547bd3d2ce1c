"""Which fields keep rows together without being asked."""

from __future__ import annotations

import pytest

from dataprep.config import SplitConfig
from dataprep.errors import SplitError
from dataprep.frame import empty_findings
from dataprep.similarity import SimilarityParams
from dataprep.splits.groups import grouped, key_columns, key_links
from dataprep.splits.ties import group_rows
from tests.splits.test_strategies import rows_with


def test_ids_of_conversations_and_documents_tie_rows() -> None:
    rows = rows_with([{"Conversation-ID": number // 2, "id": number, "topic": "a"} for number in range(40)])
    assert key_columns(rows, []) == (["Conversation-ID"], [])
    assert grouped(40, key_links(rows, ["Conversation-ID"])) == [[start, start + 1] for start in range(0, 40, 2)]


def test_one_key_under_two_names_ties_rows() -> None:
    names = ("conversation_id", "conversationId")
    rows = rows_with([{names[number % 2]: f"c{number // 2}"} for number in range(40)])
    columns, _ = key_columns(rows, [])
    assert sorted(columns) == sorted(names)
    assert grouped(40, key_links(rows, columns)) == [[start, start + 1] for start in range(0, 40, 2)]


def test_a_field_with_one_value_for_many_is_left_out_and_named() -> None:
    rows = rows_with([{"user_id": "bot"} for _ in range(30)])
    used, (note,) = key_columns(rows, [])
    assert used == []
    assert "user_id" in note


def test_what_is_asked_for_is_what_counts() -> None:
    rows = rows_with([{"conversation_id": 1, "topic": "a"} for _ in range(4)])
    assert key_columns(rows, ["topic"]) == (["topic"], [])
    assert key_columns(rows, ["none"]) == ([], [])


def test_empty_and_missing_values_tie_nothing() -> None:
    rows = rows_with([{"topic": "a"}, {"topic": ""}, {"topic": ""}, {}, {"topic": None}, {"topic": "a"}])
    assert [(link.left, link.right) for link in key_links(rows, ["topic"])] == [(0, 5)]


def test_no_rows_are_no_groups() -> None:
    assert grouped(0, []) == []
    with pytest.raises(SplitError, match="no row is left"):
        group_rows(rows_with([{}]).clear(), empty_findings(), SimilarityParams(), SplitConfig())
