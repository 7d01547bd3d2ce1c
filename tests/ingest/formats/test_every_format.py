"""What holds for all formats together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.ingest import ShapeError, all_formats

TURNS = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
GPT = [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]
KEYS = [
    "messages", "conversations", "conversation", "instruction", "input", "output", "response", "prompt",
    "completion", "question", "answer", "system", "history", "tools",
]  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.just(TURNS),
    st.just(GPT),
    st.just([*TURNS, *GPT]),
    st.lists(
        st.none() | st.integers() | st.text(max_size=3) | st.dictionaries(st.sampled_from(["role", "from"]), st.text())
    ),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"messages": TURNS}, "openai"),
        ({"messages": TURNS, "tools": [], "id": 1}, "openai"),
        ({"messages": TURNS, "prompt": "a", "completion": "b"}, "openai"),
        ({"messages": None}, "openai"),
        ({"conversations": TURNS}, "openai"),
        ({"conversations": GPT}, "sharegpt"),
        ({"conversations": GPT, "system": "s", "tools": "[]"}, "sharegpt"),
        ({"conversation": GPT}, "sharegpt"),
        ({"messages": GPT}, "sharegpt"),
        ({"conversations": []}, "sharegpt"),
        ({"instruction": "a", "output": "b"}, "alpaca"),
        ({"instruction": "a", "input": "", "output": "b"}, "alpaca"),
        ({"instruction": "a", "response": "b"}, "alpaca"),
        ({"prompt": "a", "completion": "b"}, "prompt-completion"),
        ({"question": "a", "answer": "b"}, "prompt-completion"),
        ({"input": "a", "output": "b"}, "prompt-completion"),
    ],
)
def test_a_typical_record_is_claimed_by_exactly_one_format(record: dict[str, Any], name: str) -> None:
    assert [fmt.name for fmt in all_formats().values() if fmt.sniff(record)] == [name]


@pytest.mark.parametrize("record", [{}, {"text": "a"}, {"prompt": "a"}, {"instruction": "a"}, {"chosen": "a"}])
def test_a_record_of_no_format_is_claimed_by_none(record: dict[str, Any]) -> None:
    assert not any(fmt.sniff(record) for fmt in all_formats().values())


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5))
def test_recognising_never_raises_and_reading_raises_shape_errors_only(record: dict[str, Any]) -> None:
    for fmt in all_formats().values():
        if fmt.sniff(record):
            try:
                parsed = fmt.read(record)
            except ShapeError as err:
                assert err.field
                assert err.problem
            else:
                assert parsed.messages
                assert parsed.used <= set(record)
                assert all(isinstance(turn["content"], str) for turn in parsed.messages)


def test_formats_go_by_their_names_in_sorted_order() -> None:
    known = all_formats()
    assert list(known) == ["alpaca", "openai", "prompt-completion", "sharegpt"]
    assert all(name == fmt.name and fmt.title for name, fmt in known.items())


@pytest.mark.parametrize("name", sorted(all_formats()))
def test_a_plain_question_and_answer_fits_every_format(name: str) -> None:
    fmt = all_formats()[name]
    record = fmt.write([dict(turn) for turn in TURNS], None)
    assert fmt.sniff(record)
    assert fmt.read(record).messages == TURNS
