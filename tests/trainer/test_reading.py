"""The loss is that of the supervised tokens, whatever the layout, the batches and the model's output layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch.nn.functional import cross_entropy
from transformers import (
    Cohere2Config,
    Cohere2ForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    GraniteConfig,
    GraniteForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)

from dataprep.errors import UserError
from trainer import reading as reading_module
from trainer.attention import use_attention_by_row
from trainer.batches import Batch, Layout, collate
from trainer.objective import AnswerLoss, Sums
from trainer.reading import each_nll, head_form, read_batch, reading
from trainer.tokens import Tokens

if TYPE_CHECKING:
    from transformers import PreTrainedModel

SIZES: dict[str, Any] = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
ROWS = [
    Tokens.of(
        str(row),
        [(3 + 31 * row + 7 * i) % 97 for i in range(length)],
        [0.0] + [(i + row) % 3 != 0 for i in range(length - 1)],
    )
    for row, length in enumerate((11, 4, 17, 2, 8))
]


def llama(**more: Any) -> PreTrainedModel:
    torch.manual_seed(1)
    return LlamaForCausalLM(LlamaConfig(**SIZES, tie_word_embeddings=True, initializer_range=0.2, **more))


def together(lines: list[list[int]], layout: Layout) -> Batch:
    return collate([[(number, ROWS[number]) for number in line] for line in lines], 0, layout)


def gradients(model: PreTrainedModel) -> torch.Tensor:
    found = torch.cat([weights.grad.flatten() for weights in model.parameters() if weights.grad is not None])
    model.zero_grad()
    return found


def by_definition(model: PreTrainedModel, rows: list[Tokens] | None = None) -> tuple[float, torch.Tensor]:
    """One row at a time, from the model's own logits; summed loss and its gradients."""
    total = 0.0
    for row in rows or ROWS:
        logits = model(torch.tensor(row.input_ids[None].astype("int64"))).logits[0, :-1]
        values = cross_entropy(logits.double(), torch.tensor(row.input_ids[1:].astype("int64")), reduction="none")
        loss = (values * torch.tensor(row.weights[1:])).sum()
        torch.autograd.backward(loss)
        total += loss.item()
    return total, gradients(model)


def by_reading(model: PreTrainedModel, batches: list[Batch]) -> tuple[float, torch.Tensor]:
    total = 0.0
    objective = AnswerLoss()
    with reading(model) as read:
        for batch in batches:
            sums = Sums()
            loss = read(model, batch, lambda found, batch=batch, sums=sums: objective.loss(found, batch, sums))
            torch.autograd.backward(loss)
            total += loss.item()
            assert sums.values["nll"] == pytest.approx(loss.item())
    return total, gradients(model)


LAYOUTS: list[tuple[Layout, list[list[list[int]]]]] = [
    ("flat", [[[0], [1], [2], [3], [4]]]),
    ("flat", [[[0, 3], [1, 4]], [[2]]]),  # packed, and in two passes
    ("padded", [[[0], [1], [2], [3], [4]]]),
    ("padded", [[[0, 1, 3], [2, 4]]]),  # packed
    ("padded", [[[2]], [[0], [4]], [[1], [3]]]),
    ("masked", [[[0], [1], [2], [3], [4]]]),
]


@pytest.mark.parametrize("pieces", [2**25, 97 * 3])
@pytest.mark.parametrize(("layout", "passes"), LAYOUTS)
def test_every_layout_gives_the_loss_and_gradients_of_separate_rows(
    layout: Layout, passes: list[list[list[int]]], pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "PIECE_ELEMENTS", pieces)
    model = llama()
    loss, gradient = by_definition(model)
    if layout == "flat":
        assert use_attention_by_row(model)
    found, found_gradient = by_reading(model, [together(lines, layout) for lines in passes])
    assert found == pytest.approx(loss, rel=1e-5)
    assert (found_gradient - gradient).norm() < 1e-5 * gradient.norm()


def test_rows_in_one_line_do_not_see_each_other() -> None:
    """Another neighbour, bit for bit the same loss; without the rows' own positions it would change."""
    model = llama()
    use_attention_by_row(model)
    mine = ROWS[2]
    for neighbours in ((0, 2, 4), (1, 2, 3)):
        batch = collate([[(number, ROWS[number]) for number in neighbours]], 0, "flat")
        read = read_batch(model, batch)
        alone = read_batch(model, collate([[(2, mine)]], 0, "flat"))
        torch.testing.assert_close(each_nll(read)[read.owners == 1], each_nll(alone), rtol=0, atol=1e-6)
        del batch.inputs["position_ids"], batch.inputs["cu_seq_lens_q"]
        leaking = read_batch(model, batch)
        assert (each_nll(leaking)[leaking.owners == 1] - each_nll(alone)).abs().max() > 1e-2


def test_padding_on_the_left_changes_nothing() -> None:
    model = llama()
    row = ROWS[1]
    read = read_batch(model, collate([[(1, row)]], 0, "padded"))
    ids = torch.tensor([[0, 0, 0, *row.input_ids.tolist()]])
    mask = torch.tensor([[0, 0, 0] + [1] * len(row)])
    logits = model(ids, attention_mask=mask, position_ids=(mask.cumsum(-1) - 1).clamp(min=0)).logits[0, 3:-1]
    values = cross_entropy(logits, torch.tensor(row.input_ids[1:].astype("int64")), reduction="none")
    torch.testing.assert_close(each_nll(read), values[torch.tensor(row.weights[1:]) > 0], rtol=0, atol=1e-5)


def capped(**more: Any) -> PreTrainedModel:
    return Gemma2ForCausalLM(Gemma2Config(**SIZES, final_logit_softcapping=2.0, initializer_range=0.3, **more))


FAMILIES: list[Callable[[], PreTrainedModel]] = [
    capped,
    lambda: GraniteForCausalLM(GraniteConfig(**SIZES, logits_scaling=4.0)),
    lambda: Cohere2ForCausalLM(Cohere2Config(**SIZES, logit_scale=0.3)),
    lambda: MistralForCausalLM(MistralConfig(**SIZES, sliding_window=3)),
]


@pytest.mark.parametrize("build", FAMILIES)
def test_models_that_change_their_logits_or_look_back_only_so_far(build: Callable[[], PreTrainedModel]) -> None:
    torch.manual_seed(2)
    model = build().eval()
    assert head_form(model) is not None
    loss, gradient = by_definition(model)
    layout: Layout = "flat" if use_attention_by_row(model) else "padded"
    found, found_gradient = by_reading(model, [together([[0], [1], [2], [3], [4]], layout)])
    assert found == pytest.approx(loss, rel=1e-5)
    assert (found_gradient - gradient).norm() < 1e-4 * gradient.norm()


class Odd(LlamaForCausalLM):  # type: ignore[misc]  # transformers is not typed
    """A model that does something to its logits that nobody states."""

    def forward(self, *args: Any, **inputs: Any) -> Any:
        result = super().forward(*args, **inputs)
        result.logits = result.logits * 1.5 + 1.0
        return result


def test_a_model_with_unknown_logits_computes_them_itself() -> None:
    torch.manual_seed(3)
    model = Odd(LlamaConfig(**SIZES, initializer_range=0.2))
    assert head_form(model) is None
    loss, gradient = by_definition(model)
    found, found_gradient = by_reading(model, [together([[0], [1], [2], [3], [4]], "padded")])
    assert found == pytest.approx(loss, rel=1e-5)
    assert (found_gradient - gradient).norm() < 1e-5 * gradient.norm()


def test_a_model_with_weights_that_are_no_numbers_is_refused() -> None:
    model = LlamaForCausalLM(LlamaConfig(**SIZES))
    with torch.no_grad():
        model.model.layers[0].mlp.down_proj.weight[0, 0] = torch.nan
    with pytest.raises(UserError, match=r"no finite numbers.*Get the model again"):
        head_form(model)


def test_gradients_of_single_tokens_are_right_too() -> None:
    """Where the loss is no plain sum over tokens, as with preference pairs."""
    model = llama()
    batch = together([[0], [2]], "padded")
    read = read_batch(model, batch)
    torch.autograd.backward((each_nll(read) ** 2).sum())
    gradient = gradients(model)
    logits = [model(torch.tensor(ROWS[row].input_ids[None].astype("int64"))).logits[0, :-1] for row in (0, 2)]
    for row, values in zip((0, 2), logits, strict=True):
        wanted = torch.tensor(ROWS[row].weights[1:]) > 0
        targets = torch.tensor(ROWS[row].input_ids[1:].astype("int64"))
        torch.autograd.backward((cross_entropy(values, targets, reduction="none")[wanted] ** 2).sum())
    assert (gradients(model) - gradient).norm() < 1e-5 * gradient.norm()


def test_the_model_is_itself_again_afterwards() -> None:
    model = llama()
    with reading(model):
        assert "forward" in vars(model)
        assert model(torch.tensor([[1, 2]])).logits.shape == (1, 2, 97)
    assert "forward" not in vars(model)
