"""Text that is written as a list."""

from __future__ import annotations

import pytest

from tests.helpers import encoded, ingest


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"instruction": "List colours.", "output": ["red", "blue"]}, "red\nblue"),
        ({"prompt": "q", "completion": ["one"]}, "one"),
        (
            {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": ["a", "b"]}]},
            "a\nb",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": "q"},
                    {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                ]
            },
            "ab",
        ),
    ],
)
def test_a_list_of_texts_is_lines_and_parts_are_one_text(record: dict[str, object], expected: str) -> None:
    row = ingest(encoded(record)).rows.row(0, named=True)
    assert row["messages"][-1]["content"] == expected
