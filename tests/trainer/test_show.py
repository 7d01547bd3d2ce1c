"""`trainer inspect`: decoded rows, what carries loss marked, and nothing that could steer the terminal."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console
from transformers import PreTrainedTokenizerFast

from dataprep.errors import InputError
from tests.helpers import read_rows
from tests.trainer.runs import configured
from tests.trainer.test_chat import example
from tests.trainer.test_run import Call, call
from trainer.chat import ChatEncoder
from trainer.show import Selection, inspect_rows, tokens_text, visible

__all__ = ["call"]  # a fixture


def shown(model: Path, data: Path, chosen: Selection, *, colour: bool = False, **settings: object) -> str:
    out = io.StringIO()
    console = Console(file=out, width=100, color_system="truecolor" if colour else None, force_terminal=colour)
    inspect_rows(configured(model, data, data, **settings), chosen, console)
    return out.getvalue()


def test_brackets_stand_around_exactly_the_answers(tiny_model: Path, small_split: Path) -> None:
    text = shown(tiny_model, small_split, Selection(count=5, wrap=False))
    rows = read_rows(small_split / "train.jsonl")[:5]
    marked = re.findall("⟦(.*?)⟧", text.partition("only read")[2], flags=re.DOTALL)
    assert marked == [f"{row['messages'][-1]['content']}<|im_end|>" for row in rows]
    assert f"<|im_start|>user\n{rows[0]['messages'][0]['content']}<|im_end|>" in text
    assert text.startswith("train: 32 of 32 rows, ")


def test_colours_instead_of_brackets(tiny_model: Path, small_split: Path) -> None:
    text = shown(tiny_model, small_split, Selection(count=1), colour=True)
    assert "⟦" not in text
    green = re.findall("\x1b\\[32m(.*?)\x1b\\[0m", text, flags=re.DOTALL)
    answer = read_rows(small_split / "train.jsonl")[0]["messages"][-1]["content"]
    assert "".join(green).split() == answer.split()


def test_one_row_by_the_beginning_of_its_id(tiny_model: Path, small_split: Path) -> None:
    row_id = read_rows(small_split / "validation.jsonl")[1]["row_id"]
    text = shown(tiny_model, small_split, Selection(row_id=row_id[:12]))
    assert text.count("carry loss") == 1
    assert f"validation.jsonl line 2, {row_id}" in text
    with pytest.raises(InputError, match="no row zzz"):
        shown(tiny_model, small_split, Selection(row_id="zzz"))


def test_what_is_left_out_says_why(tiny_model: Path, small_split: Path) -> None:
    text = shown(tiny_model, small_split, Selection(count=2, wrap=False), max_length=30)
    assert "train: 0 of 32 rows" in text
    assert "left out: 32 too-long" in text
    assert text.count("left out, too-long:") == 2
    assert "tokens, max_length is 30" in text


def test_both_answers_of_a_pair(tiny_model: Path, pair_split: Path) -> None:
    text = shown(tiny_model, pair_split, Selection(count=30, wrap=False), method="dpo")
    assert text.count("\nchosen: ") == text.count("\nrejected: ") > 20
    assert "left out, no-preference" in text


def test_weights_between_are_shown(tokenizer: PreTrainedTokenizerFast) -> None:
    row = example(("user", "a"), ("assistant", "half"), ("user", "b"), ("assistant", "whole"), weights={1: 0.5})
    text = tokens_text(ChatEncoder(tokenizer).encode(row), tokenizer, colour=False).plain
    assert "⟦half<|im_end|>⟧×0.5" in text
    assert "⟦whole<|im_end|>⟧\n" in text


def test_nothing_reaches_the_terminal_that_it_would_obey() -> None:
    assert visible("a\x1b[2J\x07\x7f\u202e\u200b\x85é字\n\tb") == "a␛[2J␇␡\\u202e\\u200b\\u0085é字\n\tb"


def test_from_the_command_line(call: Call, tiny_model: Path, small_split: Path) -> None:
    done = call("inspect", "--data", small_split, "--model", tiny_model, "--rows", "1", "--width", "60")
    assert done.code == 0, done.err
    assert max(map(len, done.out.splitlines())) <= 60
    assert "⟦" in done.out
    assert call("inspect", "--data", small_split, "--split", "dev").code == 2
