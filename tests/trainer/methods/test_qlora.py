"""QLoRA: 4-bit weights on a CPU, right gradients after an evaluation too."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from dataprep.errors import UserError
from tests.trainer.runs import CPU, configured, improved, run
from trainer.batches import collate
from trainer.load import load_run
from trainer.method import get_method
from trainer.methods.qlora import guard_quantised_layers
from trainer.model import find_model
from trainer.objective import AnswerLoss, Sums
from trainer.reading import reading
from trainer.tokens import Tokens

bitsandbytes = pytest.importorskip("bitsandbytes")


@pytest.fixture(scope="module")
def wide_model(tmp_path_factory: pytest.TempPathFactory, tokenizer: object) -> Path:
    """Layers as wide as 4-bit blocks, so that they are really packed."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),  # type: ignore[arg-type]
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=False,
    )
    folder = tmp_path_factory.mktemp("wide")
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)  # type: ignore[attr-defined]
    return folder


def test_learns_and_is_loaded_again(wide_model: Path, small_split: Path, tmp_path: Path) -> None:
    record = run(wide_model, small_split, tmp_path / "run", method="qlora")
    assert improved(record)
    model, _ = load_run(tmp_path / "run", CPU)
    layers = [module for module in model.modules() if isinstance(module, bitsandbytes.nn.Linear4bit)]
    assert len(layers) == 2 * 7
    for layer in layers:
        assert layer.support_avx512bf16_for_cpu is False
        assert layer.weight.quant_state.quant_type == "nf4"
        assert layer.weight.quant_state.nested
    ids = torch.arange(20)[None]
    again, _ = load_run(tmp_path / "run", CPU)
    assert torch.equal(model(ids).logits, again(ids).logits)


def test_gradients_are_the_same_after_an_evaluation(wide_model: Path, tmp_path: Path) -> None:
    """On processors with AVX512-BF16 an evaluation used to repack the weights and spoil all later gradients.

    Elsewhere nothing is repacked; that the guard is set is checked on every processor.
    """
    config = configured(wide_model, tmp_path, tmp_path, method="qlora")
    method = get_method("qlora")
    torch.manual_seed(0)
    model, _ = method.load_base(find_model(str(wide_model)), CPU, config)
    model = method.attach(model, config)
    for name, weights in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.1)
    batch = collate([[(0, Tokens.of("a", list(range(3, 40)), [0.0] + [1.0] * 36))]], 0, "padded")

    def gradient() -> torch.Tensor:
        model.train()
        model.zero_grad()
        with reading(model) as read:
            torch.autograd.backward(read(model, batch, lambda found: AnswerLoss().loss(found, batch, Sums())))
        return torch.cat([weights.grad.flatten() for weights in model.parameters() if weights.grad is not None])

    before = gradient()
    model.eval()
    with torch.no_grad():
        model(**batch.inputs)
    layers = [module for module in model.modules() if isinstance(module, bitsandbytes.nn.Linear4bit)]
    assert layers
    assert not any(layer.support_avx512bf16_for_cpu for layer in layers)
    assert not any(getattr(layer.weight.quant_state, "packing_format_for_cpu", False) for layer in layers)
    cosine = torch.nn.functional.cosine_similarity(before, gradient(), dim=0)
    assert cosine > 0.9999


def test_the_guard_reaches_every_layer_and_counts_them() -> None:
    layer = bitsandbytes.nn.Linear4bit(64, 64)
    layer.support_avx512bf16_for_cpu = True
    model = torch.nn.Sequential(layer, torch.nn.Linear(4, 4))
    assert guard_quantised_layers(model) == 1
    assert layer.support_avx512bf16_for_cpu is False


def test_a_model_without_layers_to_quantise_is_refused(
    wide_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(wide_model, tmp_path, tmp_path, method="qlora")
    base = find_model(str(wide_model))
    plain = base.load(CPU)
    monkeypatch.setattr(type(base), "load", lambda *_args, **_options: plain)
    with pytest.raises(UserError, match="method=lora"):
        get_method("qlora").load_base(base, CPU, config)
