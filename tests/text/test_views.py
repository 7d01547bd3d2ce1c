"""The texts a row is judged by."""

from __future__ import annotations

from typing import Any

import pytest

from dataprep.frame import ROW_SCHEMA
from dataprep.text.views import PAIR_SEPARATOR, TEXT_COLUMNS, contexts, with_texts
from tests.helpers import frame_of, turns_of


def turn(role: str, content: str, **more: object) -> dict[str, Any]:
    return {"role": role, "content": content} | more


def view(*turns: dict[str, Any], tools: str | None = None) -> dict[str, Any]:
    frame = frame_of([turns], tools)
    row: dict[str, Any] = frame.row(0, named=True)
    return row | {"context": contexts(frame).item()}


def test_one_question_and_answer() -> None:
    texts = view(turn("user", "Where is it?"), turn("assistant", "Here!"))
    assert (texts["prompt"], texts["answer"]) == ("Where is it?", "Here!")
    assert texts["pair_norm"] == "where is it" + PAIR_SEPARATOR + "here"
    assert texts["context"] == "user where is it"


def test_many_turns_are_joined_and_the_context_ends_before_the_last_answer() -> None:
    texts = view(
        turn("user", "One?"),
        turn("assistant", "Yes"),
        turn("user", "Two?"),
        turn("assistant", "No"),
        turn("user", "So?"),
    )
    assert texts["prompt"] == "One?\nTwo?\nSo?"
    assert texts["answer"] == "Yes\nNo"
    assert texts["context"] == "user one assistant yes user two"


def test_system_and_tool_texts_are_context_and_neither_question_nor_answer() -> None:
    texts = view(
        turn("system", "You are kind."),
        turn("developer", "Be brief."),
        turn("user", "Weather?"),
        turn("tool", "sunny"),
        turn("assistant", "Sunny."),
    )
    assert (texts["prompt_norm"], texts["answer_norm"]) == ("weather", "sunny")
    assert "kind" not in texts["pair_norm"]
    assert texts["context"] == "system you are kind developer be brief user weather tool sunny"


def test_system_and_tools_tell_contexts_apart() -> None:
    plain = turns_of("Who are you?", "Me.")
    contexts = {
        view(*plain)["context"],
        view(turn("system", "You are Anna."), *plain)["context"],
        view(turn("system", "You are Peter."), *plain)["context"],
        view(*plain, tools='[{"name": "search"}]')["context"],
    }
    assert len(contexts) == 4


def test_equal_contexts_with_other_answers_are_equal() -> None:
    assert view(*turns_of("Same?", "Yes"))["context"] == view(*turns_of("same", "No"))["context"]


def test_calls_are_part_of_the_answer() -> None:
    one, other = (
        view(turn("user", "Go"), turn("assistant", "", tool_calls=f'[{{"name": "{name}"}}]'))
        for name in ("run", "walk")
    )
    assert "run" in one["answer"]
    assert one["pair_norm"] != other["pair_norm"]


@pytest.mark.parametrize(
    ("turns", "prompt", "answer"),
    [
        ([turn("user", "a")], "a", ""),
        ([turn("assistant", "b")], "", "b"),
        ([turn("system", "s")], "", ""),
        ([turn("user", ""), turn("assistant", "")], "", ""),
    ],
)
def test_missing_sides_are_empty(turns: list[dict[str, Any]], prompt: str, answer: str) -> None:
    texts = view(*turns)
    assert (texts["prompt_norm"], texts["answer_norm"]) == (prompt, answer)


def test_without_an_answer_the_whole_conversation_is_the_context() -> None:
    assert view(turn("system", "s"), turn("user", "a"))["context"] == "system s user a"


def test_rows_are_kept_and_columns_added() -> None:
    frame = frame_of([turns_of("a", "b"), turns_of("c", ""), [turn("system", "s")]])
    assert frame.columns[: len(ROW_SCHEMA)] == list(ROW_SCHEMA)
    assert set(frame.columns[len(ROW_SCHEMA) :]) == set(TEXT_COLUMNS)
    assert frame["line"].to_list() == [1, 2, 3]
    assert not any(frame[name].has_nulls() for name in TEXT_COLUMNS)


def test_no_rows_have_no_texts() -> None:
    assert with_texts(frame_of([turns_of("a", "b")]).select(list(ROW_SCHEMA)).clear()).height == 0
