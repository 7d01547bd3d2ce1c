"""What holds for all formats together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.ingest import ShapeError, all_formats
from tests.helpers import written

TURNS = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
GPT = [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]
KEYS = [
    "messages", "conversations", "conversation", "instruction", "input", "output", "response", "prompt",
    "completion", "question", "answer", "system", "history", "tools", "chosen", "rejected", "label", "text", "turns",
    "body", "response", "custom_id", "preferred_output", "non_preferred_output",
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


def recognised(record: dict[str, Any]) -> str | None:
    """The first format in the reader's order that takes a record."""
    ranked = sorted(all_formats().values(), key=lambda fmt: fmt.rank)
    return next((fmt.name for fmt in ranked if fmt.claims(record.keys()) and fmt.sniff(record)), None)


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
        ({"prompt": TURNS[:1], "completion": TURNS[1:]}, "prompt-completion"),
        ({"prompt": "a", "chosen": "b", "rejected": "c"}, "preference"),
        ({"chosen": TURNS, "rejected": TURNS}, "preference"),
        ({"conversations": GPT[:1], "chosen": GPT[1], "rejected": GPT[1]}, "preference"),
        ({"instruction": "a", "input": "", "chosen": "b", "rejected": "c"}, "preference"),
        ({"input": {"messages": TURNS}, "preferred_output": TURNS, "non_preferred_output": []}, "openai-preference"),
        ({"messages": TURNS, "label": True}, "kto"),
        ({"prompt": "a", "completion": "b", "label": False}, "kto"),
        ({"messages": TURNS, "kto_tag": True}, "kto"),
        ({"prompt": "a", "completion": "b", "label": "False"}, "kto"),  # a CSV file has no booleans
        ({"prompt": "a", "completion": "b", "kto_tag": "0"}, "kto"),
        ({"prompt": "a", "completion": "b", "label": "spam"}, "prompt-completion"),
        ({"prompt": "a", "completion": "b", "label": 0}, "prompt-completion"),
        ({"custom_id": "1", "body": {"messages": TURNS}}, "openai-batch"),
        ({"custom_id": "1", "response": {"body": {}}}, "openai-batch"),
        ({"text": "a"}, "text"),
        ({"prompt": "a"}, "prompt-only"),
        ({"turns": ["a", "b"]}, "prompt-only"),
        ({"instruction": "a"}, "prompt-only"),
    ],
)
def test_a_typical_record_is_recognised(record: dict[str, Any], name: str) -> None:
    assert recognised(record) == name


@pytest.mark.parametrize("record", [{}, {"text": "a", "label": "b"}, {"chosen": "a"}, {"title": "a"}, {"label": True}])
def test_a_record_of_no_format_is_claimed_by_none(record: dict[str, Any]) -> None:
    assert recognised(record) is None


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5))
def test_recognising_never_raises_and_reading_raises_shape_errors_only(record: dict[str, Any]) -> None:
    for fmt in all_formats().values():
        if fmt.claims(record.keys()) and fmt.sniff(record):
            try:
                parsed = fmt.read(record)
            except ShapeError as err:
                assert err.field
                assert err.problem
            else:
                assert parsed.messages or parsed.chosen
                assert parsed.used <= set(record)
                assert all(isinstance(turn["content"], str) for turn in parsed.messages)


def test_formats_go_by_their_names_in_sorted_order() -> None:
    known = all_formats()
    assert list(known) == sorted(known)
    assert {"alpaca", "kto", "openai", "preference", "prompt-completion", "sharegpt", "text"} <= set(known)
    assert all(name == fmt.name and fmt.title for name, fmt in known.items())


@pytest.mark.parametrize("name", ["alpaca", "openai", "prompt-completion", "sharegpt"])
def test_a_plain_question_and_answer_fits_every_format(name: str) -> None:
    fmt = all_formats()[name]
    record = written(name, TURNS)
    assert recognised(record) == name
    assert fmt.read(record).messages == TURNS


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda text: not text.isspace()
)


def side(role: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({"role": st.just(role), "content": TEXT}), min_size=1, max_size=2)


@pytest.mark.parametrize("name", ["preference", "openai-preference"])
@given(prompt=side("user"), chosen=side("assistant"), rejected=side("assistant"))
def test_a_pair_comes_back_from_every_format_that_writes_pairs(
    name: str, prompt: list[dict[str, Any]], chosen: list[dict[str, Any]], rejected: list[dict[str, Any]]
) -> None:
    record = written(name, prompt, [{"name": "f"}], chosen=chosen, rejected=rejected)
    assert recognised(record) == name
    parsed = all_formats()[name].read(record)
    assert (parsed.messages, parsed.chosen, parsed.rejected) == (prompt, chosen, rejected)
    assert parsed.tools == '[{"name":"f"}]'


@given(side("user"), side("assistant"), st.booleans())
def test_a_label_comes_back(prompt: list[dict[str, Any]], answer: list[dict[str, Any]], label: bool) -> None:
    record = written("kto", prompt + answer, label=label)
    parsed = all_formats()["kto"].read(record)
    assert recognised(record) == "kto"
    assert (parsed.messages, parsed.label) == (prompt + answer, "true" if label else "false")


@pytest.mark.parametrize(("name", "role"), [("text", "assistant"), ("prompt-only", "user")])
def test_a_single_text_comes_back(name: str, role: str) -> None:
    turns = [{"role": role, "content": "a text"}]
    record = written(name, turns)
    assert recognised(record) == name
    assert all_formats()[name].read(record).messages == turns


@pytest.mark.parametrize("name", sorted(name for name, fmt in all_formats().items() if fmt.write))
@pytest.mark.parametrize(
    "more",
    [{"chosen": TURNS[1:], "rejected": TURNS[1:]}, {"label": True}, {"tools": [{"name": "f"}]}, {}],
    ids=["pair", "label", "tools", "chat"],
)
def test_what_a_format_takes_it_gives_back_and_the_rest_it_refuses(name: str, more: dict[str, Any]) -> None:
    turns = TURNS[:1] if "chosen" in more else TURNS
    try:
        record = written(name, turns, more.get("tools"), **{key: more[key] for key in more if key != "tools"})
    except ShapeError as err:
        assert err.field
        return
    parsed = all_formats()[name].read(record)
    assert parsed.messages == turns
    assert (parsed.chosen, parsed.rejected) == (more.get("chosen"), more.get("rejected"))
    assert parsed.label == ("true" if more.get("label") else None)
    assert parsed.tools == ('[{"name":"f"}]' if "tools" in more else None)
