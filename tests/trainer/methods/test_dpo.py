"""DPO: the textbook loss, a reference that needs no second model, and only pairs."""

from __future__ import annotations

import math
from contextlib import nullcontext
from pathlib import Path

import polars as pl
import pytest
import torch
from torch.nn.functional import log_softmax, logsigmoid
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from dataprep.contract import Example
from dataprep.errors import ConfigError, InputError
from tests.helpers import read_rows, write_rows
from tests.trainer.runs import CPU, run
from trainer.batches import Layout, collate
from trainer.chat import ChatEncoder, RowRefusedError
from trainer.evaluate import evaluate
from trainer.load import load_run
from trainer.objective import Sums
from trainer.preference import DpoLoss, reference_margins
from trainer.reading import reading
from trainer.tokens import Pair, Tokens


def turns(*contents: str) -> list[dict[str, str]]:
    return [{"role": role, "content": text} for role, text in zip(("user", "assistant") * 2, contents, strict=False)]


@pytest.fixture(scope="module")
def pairs(tokenizer: PreTrainedTokenizerFast) -> list[Pair]:
    encoder = ChatEncoder(tokenizer)
    answer = [{"role": "assistant", "content": "the order is here"}]
    other = [{"role": "assistant", "content": "no, it is not, and never was"}]
    rows = [
        Example.model_validate({"row_id": "a", "messages": turns("where?"), "chosen": answer, "rejected": other}),
        Example.model_validate(
            {"row_id": "b", "messages": turns("q", "earlier", "and?"), "chosen": other, "rejected": answer}
        ),
    ]
    return [encoder.encode_pair(row) for row in rows]


def log_probability(model: torch.nn.Module, tokens: Tokens) -> torch.Tensor:
    """Of the answer, straight from the definition."""
    ids = torch.tensor(tokens.input_ids.astype("int64"))
    values = log_softmax(model(ids[None]).logits[0, :-1].double(), -1).gather(-1, ids[1:, None])[:, 0]
    return values[torch.tensor(tokens.weights[1:]) > 0].sum()


def test_only_the_answers_carry_loss(pairs: list[Pair], tokenizer: PreTrainedTokenizerFast) -> None:
    for pair in pairs:
        for side, text in ((pair.chosen, "order"), (pair.rejected, "never")):
            said = tokenizer.decode(side.input_ids[side.weights > 0])
            assert said.endswith("<|im_end|>")
            assert "earlier" not in said
            assert (text in said) == (pair.row_id == "a")


@pytest.mark.parametrize("layout", ["flat", "padded"])
def test_the_loss_is_the_textbook_one(tiny_model: Path, pairs: list[Pair], layout: Layout) -> None:
    torch.manual_seed(0)
    model, reference = (AutoModelForCausalLM.from_pretrained(tiny_model) for _ in range(2))
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(0.05 * torch.randn_like(weights))
    expected = torch.zeros((), dtype=torch.float64)
    for pair in pairs:
        wanted, unwanted = (
            log_probability(model, side) - log_probability(reference, side).detach()
            for side in (pair.chosen, pair.rejected)
        )
        score = 0.3 * (wanted - unwanted)
        expected = expected - 0.9 * logsigmoid(score) - 0.1 * logsigmoid(-score)
    torch.autograd.backward(expected)
    gradient = torch.cat([weights.grad.flatten() for weights in model.parameters()])
    model.zero_grad()

    if layout == "flat":
        from trainer.attention import use_attention_by_row

        use_attention_by_row(model)
    margins = reference_margins(
        reference, pairs, pad_id=1, layout="padded", autocast=nullcontext, progress=lambda _rows: None
    )
    objective, sums = DpoLoss(margins, beta=0.3, smoothing=0.1), Sums()
    batch = collate([[item] for item in enumerate(pairs)], 1, layout)
    with reading(model) as read:
        loss = read(model, batch, lambda found: objective.loss(found, batch, sums))
        torch.autograd.backward(loss)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    found = torch.cat([weights.grad.flatten() for weights in model.parameters()])
    assert (found - gradient).norm() < 1e-4 * gradient.norm()
    held_out = evaluate(model, pairs, pad_id=1, autocast=nullcontext, objective=objective, layout=layout)
    assert held_out.loss * 2 == pytest.approx(expected.item(), rel=1e-5)
    assert sum(held_out.also["accuracy"]) == sums.values["accuracy"]


@pytest.mark.parametrize("learner", ["lora", "full", "adapter"])
def test_the_wanted_answer_becomes_likelier(tiny_model: Path, pair_split: Path, tmp_path: Path, learner: str) -> None:
    out = tmp_path / "run"
    record = run(
        tiny_model, pair_split, out, method="dpo", dpo_learner=learner, max_steps=12, learning_rate=0.01, dpo_beta=0.5
    )
    held = record.held_out["validation"]
    assert held.unit == "pair"
    assert held.base == pytest.approx(math.log(2), abs=1e-6)
    assert held.tuned < held.base - 0.05
    before, after = held.also["accuracy"]
    assert before == 0.5 < after
    ledger = pl.read_parquet(out / "ledger.parquet")
    left_out = ledger.filter(~pl.col("used"))
    rows = [row for name in ("train", "validation", "test") for row in read_rows(pair_split / f"{name}.jsonl")]
    plain = [row for row in rows if not row.get("chosen")]
    assert set(left_out["row_id"]) == {row["row_id"] for row in plain}
    assert set(left_out["code"]) == {"no-preference"}
    load_run(out, CPU)


def test_pairs_that_teach_nothing_are_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    encoder = ChatEncoder(tokenizer)
    answer = [{"role": "assistant", "content": "yes"}]
    for row, code in (
        ({"messages": turns("a"), "chosen": answer, "rejected": answer}, "same-answers"),
        ({"messages": turns("a", "b")}, "no-preference"),
        ({"messages": turns("a"), "chosen": answer, "rejected": []}, "no-preference"),
    ):
        with pytest.raises(RowRefusedError) as refusal:
            encoder.encode_pair(Example.model_validate({"row_id": "r", **row}))
        assert refusal.value.code == code


def test_a_split_without_pairs_is_refused(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no train row.*chosen and rejected"):
        run(tiny_model, small_split, tmp_path / "run", method="dpo")
    with pytest.raises(ConfigError, match="dpo does not say what learns"):
        run(tiny_model, small_split, tmp_path / "run", method="dpo", dpo_learner="dpo")


def test_a_test_split_may_hold_no_pair(tiny_model: Path, pair_split: Path, small_split: Path, tmp_path: Path) -> None:
    for name, folder in (("train", pair_split), ("validation", pair_split), ("test", small_split)):
        write_rows(tmp_path / f"{name}.jsonl", read_rows(folder / f"{name}.jsonl"))
    own = {"method": "dpo", "max_steps": 2, "allow_unverified_split": True}
    record = run(tiny_model, tmp_path, tmp_path / "run", **own)
    assert set(record.held_out) == {"validation"}
    assert record.ledger["test"].rows_used == 0
    assert record.assessment is not None
    assert record.assessment.judged_on == "validation"


def test_the_weight_of_a_turn_counts(tiny_model: Path, pairs: list[Pair]) -> None:
    """A wanted answer of half the weight gives half its log-probability."""
    half, whole = (
        Pair(pair.row_id, Tokens(pair.row_id, pair.chosen.input_ids, pair.chosen.weights * factor), pair.rejected)
        for pair, factor in ((pairs[0], 0.5), (pairs[0], 1))
    )
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    found = [
        reference_margins(model, [pair], pad_id=1, layout="padded", autocast=nullcontext, progress=lambda _rows: None)
        for pair in (half, whole)
    ]
    expected = log_probability(model, pairs[0].chosen).item()
    assert found[1]["a"] - found[0]["a"] == pytest.approx(expected / 2, rel=1e-5)
