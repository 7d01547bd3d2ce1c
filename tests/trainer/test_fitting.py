"""Rows that are too long: by policy, in the ledger, and never with an answer cut."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from transformers import PreTrainedTokenizerFast

from dataprep.contract import Example, SplitName
from schemas.generate import schema
from tests.trainer.test_chat import example
from trainer.chat import ChatEncoder, RowRefusedError
from trainer.config import TrainConfig
from trainer.data import Line, tokenize
from trainer.fitting import LEAST_PROMPT, Fitter, OverLength, _next_word
from trainer.tokens import Pair, Tokens, sequences

WORDS = st.lists(st.sampled_from(["order", "parcel", "refund", "here", "it", "is"]), min_size=1, max_size=25).map(
    " ".join
)


def fitter(tokenizer: PreTrainedTokenizerFast, length: int, policy: OverLength, **more: str) -> Fitter:
    return Fitter(ChatEncoder(tokenizer), length, policy, **more)  # type: ignore[arg-type]


def answers(tokenizer: PreTrainedTokenizerFast, tokens: Tokens) -> list[str]:
    said = tokenizer.decode(tokens.input_ids[tokens.weights > 0])
    return [text for text in said.split("<|im_end|>") if text]


@given(
    system=st.one_of(st.none(), WORDS),
    turns=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5),
    length=st.integers(12, 90),
    policy=st.sampled_from(["drop", "split-by-turn", "truncate-prompt-head"]),
)
def test_whatever_the_policy_answers_stay_whole_and_everything_is_counted(
    tokenizer: PreTrainedTokenizerFast,
    system: str | None,
    turns: list[tuple[str, str]],
    length: int,
    policy: OverLength,
) -> None:
    messages = [("system", system)] if system else []
    messages += [turn for ask, answer in turns for turn in (("user", ask), ("assistant", answer))]
    row = example(*messages)
    whole = ChatEncoder(tokenizer).encode(row)
    try:
        fitted = fitter(tokenizer, length, policy).fit(row)
    except RowRefusedError as err:
        assert err.code == "too-long"
        assert err.tokens is not None
        assert len(err.tokens) > length
        assert policy != "split-by-turn" or all(
            len(ChatEncoder(tokenizer).encode(example(*messages[: bool(system)], *pair))) > length
            for pair in zip(messages[bool(system) :: 2], messages[bool(system) + 1 :: 2], strict=True)
        )
        return
    assert (fitted.tokens, fitted.supervised) == (len(whole), whole.supervised)
    kept = []
    for piece in fitted.pieces:
        assert isinstance(piece, Tokens)
        assert len(piece) <= length
        kept += answers(tokenizer, piece)
        if system:
            assert tokenizer.decode(piece.input_ids).startswith(f"<|im_start|>system\n{system}<|im_end|>")
    every = [answer for _, answer in turns]
    if policy == "split-by-turn":  # in their order, each whole; the ledger says which are missing
        left_out = {int(text.split()[1]) - 1 for text in fitted.cut}
        assert kept == [answer for place, answer in enumerate(every) if place not in left_out]
    else:
        assert kept == every
    if policy == "truncate-prompt-head":
        assert bool(fitted.cut) == (len(fitted.pieces[0]) < len(whole))


def test_the_head_of_the_question_goes_first(tokenizer: PreTrainedTokenizerFast) -> None:
    row = example(
        ("system", "the shop"),
        ("user", "old question"),
        ("assistant", "old answer"),
        ("user", " ".join(f"order {i}" for i in range(60)) + " where is it"),
        ("assistant", "it is here"),
        weights={2: 0.0},
    )
    fitted = fitter(tokenizer, 60, "truncate-prompt-head").fit(row)
    (piece,) = fitted.pieces
    text = tokenizer.decode(sequences(piece)[0].input_ids)
    assert "the shop" in text
    assert "old" not in text
    assert text.endswith("order 59 where is it<|im_end|>\n<|im_start|>assistant\nit is here<|im_end|>\n")
    assert 40 < len(piece) <= 60
    assert fitted.cut[0] == "1 exchange before the first answer"
    assert "tokens of the question" in fitted.cut[1]
    with pytest.raises(RowRefusedError, match="too short to be cut"):
        fitter(tokenizer, 30, "truncate-prompt-head").fit(row)


LONG_WORD = "Donaudampfschifffahrtsgesellschaft"


@pytest.mark.parametrize("length", range(36, 90, 3))
@pytest.mark.parametrize(
    "question", [f"What is the capital of a place like {LONG_WORD} a?", "where is it\n" * 9, f"{LONG_WORD} " * 3]
)
def test_what_is_left_of_a_question_asks_something_and_what_is_cut_is_told(
    tokenizer: PreTrainedTokenizerFast, question: str, length: int
) -> None:
    row = example(("user", question), ("assistant", "Wien"))
    try:
        fitted = fitter(tokenizer, length, "truncate-prompt-head").fit(row)
    except RowRefusedError as err:
        assert "too short to be cut" in str(err)
        return
    if not fitted.cut:
        return
    (piece,) = fitted.pieces
    left = tokenizer.decode(sequences(piece)[0].input_ids).split("user\n", 1)[1].partition("<|im_end|>")[0]
    assert question.endswith(left)
    kept, whole = (len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in (left, question))
    assert kept >= LEAST_PROMPT
    assert fitted.cut == [f"the first {whole - kept} of {whole} tokens of the question"]


def test_a_word_that_begins_at_the_cut_stays() -> None:
    text = "where is my order now"
    assert [text[_next_word(text, place) :] for place in (6, 5, 7, 9)] == [
        "is my order now",
        "is my order now",
        "my order now",
        "my order now",
    ]
    assert _next_word("a" * 99, 9) == 9


def test_both_answers_of_a_pair_keep_one_prompt(tokenizer: PreTrainedTokenizerFast) -> None:
    row = Example.model_validate(
        {
            "row_id": "p",
            "messages": [{"role": "user", "content": " ".join(f"order {i}" for i in range(60))}],
            "chosen": [{"role": "assistant", "content": "it is here"}],
            "rejected": [{"role": "assistant", "content": "no idea at all, and this is a longer answer"}],
        }
    )
    (pair,) = fitter(tokenizer, 70, "truncate-prompt-head", takes="preference").fit(row).pieces
    assert isinstance(pair, Pair)
    assert len(pair.chosen) < len(pair.rejected) <= 70
    prompts = [tokenizer.decode(side.input_ids).partition("assistant\n")[0] for side in sequences(pair)]
    assert prompts[0] == prompts[1]
    with pytest.raises(RowRefusedError) as refusal:
        fitter(tokenizer, 70, "split-by-turn", takes="preference").fit(row)
    assert refusal.value.code == "too-long"


def test_the_ledger_has_a_line_for_every_row(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    long = example(*[("user", "where is it?"), ("assistant", "the order is here")] * 6)
    rows: dict[SplitName, list[Line]] = {
        "train": [Line(1, long), Line(2, example(("user", "q")))],
        "validation": [Line(1, example(("user", "q"), ("assistant", "a")))],
    }
    result = tokenize(rows, fitter(tokenizer, 50, "split-by-turn"), TrainConfig(data="x"))
    result.book.write(tmp_path / "ledger.parquet")
    lines = pl.read_parquet(tmp_path / "ledger.parquet")
    validator = Draft202012Validator(schema("ledger-line"))
    for line in lines.to_dicts():
        validator.validate(line)
    first, second, third = lines.to_dicts()
    assert (first["used"], first["pieces"], first["supervised_left_out"]) == (True, len(result.tokens["train"]), 0)
    assert first["pieces"] > 1
    assert first["tokens_supervised"] == ChatEncoder(tokenizer).encode(long).supervised
    assert (second["used"], second["code"], second["tokens"]) == (False, "nothing-to-learn-from", None)
    assert (third["split"], third["used"]) == ("validation", True)
    account = result.ledgers["train"]
    assert account.rows_in == account.rows_used + sum(account.left_out.values()) == 2
    assert account.pieces == first["pieces"]
    assert account.tokens_supervised + account.tokens_unsupervised == sum(map(len, result.tokens["train"]))
