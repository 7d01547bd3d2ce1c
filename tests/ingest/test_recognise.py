"""Rows of several formats in one table, which gives every row the columns of all of them."""

from __future__ import annotations

from typing import Any

import pytest

from dataprep.ingest.recognise import Recogniser
from dataprep.ingest.shape import ShapeError

TURNS = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
FRAME = dict.fromkeys(("row_id", "source", "line", "format", "chosen", "rejected", "tools", "meta"))


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize(
    ("said", "beside", "name"),
    [
        ({"messages": TURNS}, ["chosen", "rejected"], "openai"),
        ({"messages": TURNS}, ["prompt", "completion"], "openai"),
        ({"prompt": "q", "completion": "a"}, ["messages"], "prompt-completion"),
        ({"prompt": "q", "completion": "a"}, ["instruction", "input", "output"], "prompt-completion"),
        ({"instruction": "q", "output": "a"}, ["prompt", "completion", "messages"], "alpaca"),
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, ["messages", "completion"], "preference"),
        ({"text": "a story"}, ["messages"], "text"),
        ({"prompt": "q"}, ["messages"], "prompt-only"),
        ({"text": "a story"}, ["prompt", "completion"], "text"),
    ],
)
def test_columns_without_a_value_claim_nothing(
    said: dict[str, Any], beside: list[str], name: str, empty: object
) -> None:
    alone, expected = Recogniser().parse(dict(said))
    parsed, found = Recogniser().parse(dict.fromkeys(beside, empty) | said)
    assert (found, expected) == (name, name)
    assert (parsed.messages, parsed.chosen, parsed.rejected) == (alone.messages, alone.chosen, alone.rejected)


@pytest.mark.parametrize(
    ("record", "name", "messages"),
    [
        ({"prompt": "q", "completion": ""}, "prompt-completion", ["q", ""]),
        ({"prompt": "q", "completion": None}, "prompt-completion", ["q", ""]),
        ({"instruction": "q", "input": "", "output": ""}, "alpaca", ["q", ""]),
        ({"instruction": "q", "input": "", "output": "", "prompt": "", "completion": ""}, "alpaca", ["q", ""]),
    ],
)
def test_an_empty_answer_stays_one(record: dict[str, Any], name: str, messages: list[str]) -> None:
    parsed, found = Recogniser().parse(record)
    assert found == name
    assert [turn["content"] for turn in parsed.messages] == messages


def test_a_conversation_that_is_missing_is_named() -> None:
    with pytest.raises(ShapeError, match="expected a list of turns, found null"):
        Recogniser().parse({"messages": None, "source": "x"})


@pytest.mark.parametrize(
    "odd",
    [
        {"label": 5},
        {"label": []},
        {"group": 5},
        {"messages": [{"role": "user", "content": 5}]},
        {"messages": [{"role": "user", "weight": "x"}]},
    ],
)
def test_a_record_that_only_looks_like_a_row_of_the_frame_is_set_aside(odd: dict[str, Any]) -> None:
    with pytest.raises(ShapeError):
        Recogniser().parse({**FRAME, "label": None, "group": None, "messages": TURNS, **odd})
