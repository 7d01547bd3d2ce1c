"""The loop: it learns, repeats itself, keeps the best weights, and stops when it should."""

from __future__ import annotations

import math
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from dataprep.errors import ConfigError, UserError
from tests.trainer.test_chat import example
from trainer.attention import use_attention_by_row
from trainer.batches import Layout
from trainer.chat import ChatEncoder
from trainer.config import TrainConfig
from trainer.evaluate import evaluate
from trainer.method import get_method
from trainer.objective import AnswerLoss
from trainer.progress import Screen
from trainer.record import MetricsLine
from trainer.runtime import Runtime
from trainer.tokens import Tokens
from trainer.train import Course, train
from trainer.watch import Listeners, Outcome

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

CPU = Runtime("cpu", "fp32", "test")
PAD = 1


@pytest.fixture(scope="session")
def rows(tokenizer: PreTrainedTokenizerFast) -> list[Tokens]:
    encoder = ChatEncoder(tokenizer)
    return [
        encoder.encode(example(("user", f"where is {i}?"), ("assistant", f"the order {i} is here " * (i % 3 + 1))))
        for i in range(24)
    ]


@pytest.fixture(scope="session")
def strangers(tokenizer: PreTrainedTokenizerFast, rows: list[Tokens]) -> list[Tokens]:
    """The same rows, validated on answers nothing like them: the better it learns, the worse those become."""
    encoder = ChatEncoder(tokenizer)
    return [*rows, *(encoder.encode(example(("user", "?"), ("assistant", text))) for text in ("#%", "&+", "~^", "|<"))]


def fit(
    folder: Path,
    rows: list[Tokens],
    *,
    poison: int | None = None,
    best: Any = lambda _step: None,
    layout: Layout = "padded",
    **settings: Any,
) -> tuple[PreTrainedModel, Outcome, list[MetricsLine]]:
    """Train a fresh copy; the last four rows are for validation. `poison` is a token whose embedding is NaN."""
    chosen: dict[str, Any] = {"max_steps": 10, "learning_rate": 0.01, "batch_size": 4, "eval_every": 5} | settings
    config = TrainConfig(data="x", **chosen)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(folder)
    if poison is not None:
        with torch.no_grad():
            model.get_input_embeddings().weight[poison] = math.nan
    if layout == "flat":
        assert use_attention_by_row(model)
    model = get_method("lora").attach(model, config)
    lines: list[MetricsLine] = []
    with Screen().training() as progress:
        listeners = Listeners(metrics=lines.append, best=best, progress=progress)
        outcome = train(model, rows[:-4], rows[-4:], Course(config, CPU, PAD, AnswerLoss(), layout), listeners)
    return model, outcome, lines


def nll(model: PreTrainedModel, rows: list[Tokens]) -> float:
    return evaluate(model, rows[-4:], pad_id=PAD, autocast=nullcontext).loss


def test_learns_and_reloads_identically(tiny_model: Path, rows: list[Tokens], tmp_path: Path) -> None:
    before = nll(AutoModelForCausalLM.from_pretrained(tiny_model), rows)
    model, outcome, lines = fit(tiny_model, rows, max_steps=40, learning_rate=0.03)
    assert outcome.validation.loss < before - 0.3
    assert outcome.stop_reason == "finished"
    trained = [line for line in lines if line.split == "train"]
    assert [line.step for line in trained] == list(range(1, 41))
    assert trained[-1].loss < trained[0].loss
    get_method("lora").save(model, tmp_path)
    reloaded = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_model), tmp_path).eval()
    ids = torch.tensor(rows[0].input_ids[None])
    assert torch.equal(reloaded(ids).logits, model.eval()(ids).logits)


def test_a_run_of_one_step_learns_at_the_rate_it_tells(tiny_model: Path, rows: list[Tokens]) -> None:
    before = nll(AutoModelForCausalLM.from_pretrained(tiny_model), rows)
    _, outcome, lines = fit(tiny_model, rows, max_steps=1, learning_rate=0.01)
    assert lines[0].learning_rate == 0.01
    assert outcome.validation.loss != pytest.approx(before, abs=1e-4)
    _, _, lines = fit(tiny_model, rows, max_steps=10, warmup=0.3)
    assert [line.learning_rate for line in lines[:4]] == pytest.approx([0.0025, 0.005, 0.0075, 0.01])


def test_only_the_adapter_learns(tiny_model: Path, rows: list[Tokens]) -> None:
    model, _, _ = fit(tiny_model, rows)
    original = AutoModelForCausalLM.from_pretrained(tiny_model).state_dict()
    for name, weights in model.get_base_model().state_dict().items():
        if "lora_" not in name:
            assert torch.equal(weights, original[name.replace(".base_layer", "")]), name


def test_same_seed_same_metrics(tiny_model: Path, rows: list[Tokens]) -> None:
    def metrics(seed: int) -> list[dict[str, Any]]:
        return [line.model_dump(exclude={"seconds"}) for line in fit(tiny_model, rows, seed=seed)[2]]

    first = metrics(3)
    assert metrics(3) == first
    assert metrics(4) != first


def test_accumulated_steps_weigh_every_token_alike(tiny_model: Path, rows: list[Tokens]) -> None:
    """The first step's loss over all rows is their mean per token, however it is cut into passes."""
    seen = []
    plans: list[dict[str, Any]] = [
        {"batch_size": 20, "gradient_accumulation": 1},
        {"batch_size": 5, "gradient_accumulation": 4},
        {"batch_size": 4, "gradient_accumulation": 5, "layout": "flat"},
        {"batch_size": 1, "gradient_accumulation": 20, "layout": "masked"},
        {"batch_size": 2, "gradient_accumulation": 20, "packing": True, "max_length": 100},
        {"batch_size": 3, "gradient_accumulation": 20, "packing": True, "max_length": 256, "layout": "flat"},
    ]
    for plan in plans:
        _, _, lines = fit(tiny_model, rows, max_steps=1, **plan)
        seen.append((lines[0].tokens, lines[0].loss))
    base = AutoModelForCausalLM.from_pretrained(tiny_model)
    truth = evaluate(base, rows[:-4], pad_id=PAD, autocast=nullcontext)
    for tokens, loss in seen:
        assert tokens == truth.items
        assert loss == pytest.approx(truth.loss, abs=1e-5)


def test_the_best_weights_are_kept_not_the_last(tiny_model: Path, strangers: list[Tokens]) -> None:
    told: list[int] = []
    model, outcome, lines = fit(tiny_model, strangers, learning_rate=0.03, eval_every=1, best=told.append)
    losses = {line.step: line.loss for line in lines if line.split == "validation"}
    assert outcome.best_step == min(losses, key=losses.__getitem__) < max(losses)
    assert told[-1] == outcome.best_step
    assert nll(model, strangers) == pytest.approx(losses[outcome.best_step], abs=1e-6)


def test_early_stopping(tiny_model: Path, strangers: list[Tokens]) -> None:
    _, outcome, _ = fit(
        tiny_model, strangers, learning_rate=0.03, max_steps=40, eval_every=1, early_stopping_patience=3
    )
    assert outcome.stop_reason == "early_stopping"
    assert outcome.steps == outcome.best_step + 3 < 40


def test_time_budget(tiny_model: Path, rows: list[Tokens]) -> None:
    _, outcome, lines = fit(tiny_model, rows, max_steps=5000, eval_every=5000, max_minutes=0.02)
    assert outcome.stop_reason == "max_minutes"
    assert 0 < outcome.steps < 5000
    assert lines[-1].split == "validation"


def test_a_loss_that_is_no_number_stops_with_the_last_good_weights(
    tiny_model: Path, rows: list[Tokens], tokenizer: PreTrainedTokenizerFast
) -> None:
    poisoned = ChatEncoder(tokenizer).encode(example(("user", "€"), ("assistant", "the order is here")))
    poison = tokenizer.encode("€", add_special_tokens=False)[0]
    clean = [row for row in rows if poison not in row.input_ids]
    assert len(clean) == len(rows)
    bad = Tokens("bad-0", poisoned.input_ids, poisoned.weights)
    model, outcome, _ = fit(tiny_model, [bad, *rows], poison=poison, batch_size=2, max_steps=40, eval_every=100)
    assert outcome.stop_reason == "non_finite_loss"
    assert "bad-0" in outcome.non_finite_rows
    assert len(outcome.non_finite_rows) == 2
    assert math.isfinite(nll(model, rows))
    with pytest.raises(UserError, match=r"bad-0.*learning_rate"):
        fit(tiny_model, [bad, *rows], poison=poison, batch_size=30, gradient_accumulation=1)


def test_layers_that_do_not_exist(tiny_model: Path, rows: list[Tokens]) -> None:
    with pytest.raises(ConfigError, match="all-linear"):
        fit(tiny_model, rows, lora_target_modules=["no_such_layer"])


def test_weights_of_turns_count_over_the_whole_step(tiny_model: Path, rows: list[Tokens]) -> None:
    """Halving the weights of some rows is exact: the step's loss is the weighted mean, however it is cut."""
    weighted = [
        Tokens(row.row_id, row.input_ids, row.weights * (0.5 if place % 2 else 1)) for place, row in enumerate(rows)
    ]
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    losses = evaluate(model, weighted[:-4], pad_id=PAD, autocast=nullcontext)
    factors = [0.5 if place % 2 else 1 for place in range(len(rows) - 4)]
    expected = sum(f * loss for f, loss in zip(factors, losses.losses, strict=True)) / sum(
        f * count for f, count in zip(factors, losses.counts, strict=True)
    )
    plans: list[dict[str, Any]] = [{"batch_size": 20}, {"batch_size": 3, "gradient_accumulation": 7}]
    for plan in plans:
        _, _, lines = fit(tiny_model, weighted, max_steps=1, **plan)
        assert lines[0].loss == pytest.approx(expected, abs=1e-5)


def test_gradient_checkpointing_changes_nothing(tiny_model: Path, rows: list[Tokens]) -> None:
    seen = [
        [line.loss for line in fit(tiny_model, rows, max_steps=4, gradient_checkpointing=on)[2]]
        for on in (False, True)
    ]
    assert seen[0] == pytest.approx(seen[1], abs=1e-5)
