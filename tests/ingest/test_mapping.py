"""Columns that the user names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.helpers import ingest, lines, reject_lines, said

RECORD = {
    "q": "Which?", "a": "This.", "more": "Of two.", "rules": "Be brief.", "ticket": 7, "good": "Yes.", "bad": "No.",
    "ok": "yes", "deep": {"in": {"side": "found"}}, "a.b": "dotted",
}  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "turns"),
    [
        ({"prompt": "q", "answer": "a"}, [("user", "Which?"), ("assistant", "This.")]),
        ({"prompt": "q", "input": "more", "answer": "a"}, [("user", "Which?\n\nOf two."), ("assistant", "This.")]),
        (
            {"system": "rules", "prompt": "q", "answer": "a"},
            [("system", "Be brief."), ("user", "Which?"), ("assistant", "This.")],
        ),
        ({"prompt": "deep.in.side", "answer": "a.b"}, [("user", "found"), ("assistant", "dotted")]),
        ({"prompt": "ticket", "answer": "a"}, [("user", "7"), ("assistant", "This.")]),
        ({"prompt": "q"}, [("user", "Which?")]),
    ],
)
def test_columns_become_turns(mapping: dict[str, str], turns: list[tuple[str, str]]) -> None:
    assert said(ingest(lines(RECORD), column_map=mapping)) == [turns]


def test_pairs_labels_and_groups() -> None:
    found = ingest(lines(RECORD), column_map={"prompt": "q", "chosen": "good", "rejected": "bad"})
    pair = found.rows.row(0, named=True)
    assert (pair["chosen"][0]["content"], pair["rejected"][0]["content"]) == ("Yes.", "No.")
    found = ingest(lines(RECORD), column_map={"prompt": "q", "answer": "a", "label": "ok", "group": "ticket"})
    row = found.rows.row(0, named=True)
    assert (row["label"], row["group"]) == ("true", "7")
    assert json.loads(row["meta"])["ticket"] == 7


@pytest.mark.parametrize(("label", "expected"), [(True, "true"), (0, "false"), ("NO", "false"), ("1", "true")])
def test_what_a_label_may_be(label: Any, expected: str) -> None:
    found = ingest(lines(RECORD | {"ok": label}), column_map={"prompt": "q", "answer": "a", "label": "ok"})
    assert found.rows["label"].to_list() == [expected]


@pytest.mark.parametrize("change", [{"ok": "perhaps"}, {"q": {"x": 1}}])
def test_a_value_that_fits_no_target_is_named(change: dict[str, Any]) -> None:
    found = ingest(lines(RECORD, RECORD | change), column_map={"prompt": "q", "answer": "a", "label": "ok"})
    assert reject_lines(found) == [2]
    assert found.rejects["field"].to_list() == list(change)
