"""Bottleneck adapters: nothing at the start, several side by side, loaded again, on any decoder."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    OPTConfig,
    OPTForCausalLM,
    PreTrainedModel,
)

from dataprep.errors import ConfigError, InputError
from tests.trainer.runs import CPU, improved, run
from trainer.bottleneck import (
    BottleneckSettings,
    activate,
    adapter_names,
    add_adapter,
    load_adapter,
    remove_adapter,
    save_adapter,
)
from trainer.load import load_run

IDS = torch.arange(3, 20)[None]
PFEIFFER = BottleneckSettings(placement="pfeiffer", size=4, activation="gelu")
HOULSBY = BottleneckSettings(placement="houlsby", size=3, activation="relu")
TINY = {"vocab_size": 90, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}


def model_of(folder: Path) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(folder).eval()


def disturb(model: PreTrainedModel) -> None:
    """Give what learns random values, as training would."""
    for weights in model.parameters():
        if weights.requires_grad:
            torch.nn.init.normal_(weights, std=0.2)


@pytest.mark.parametrize("placement", ["pfeiffer", "houlsby"])
def test_learns_and_is_loaded_again(tiny_model: Path, small_split: Path, tmp_path: Path, placement: str) -> None:
    out = tmp_path / "run"
    record = run(tiny_model, small_split, out, method="adapter", adapter_placement=placement, adapter_size=8)
    assert improved(record)
    behind = 2 if placement == "houlsby" else 1
    assert record.model.trainable_parameters == 2 * behind * (2 * 32 * 8 + 8 + 32)
    assert {path.name for path in (out / "adapter").iterdir()} >= {"bottleneck.safetensors", "bottleneck.json"}
    model, _ = load_run(out, CPU)
    assert adapter_names(model) == ["default"]
    tuned = model(IDS).logits
    activate(model, None)
    assert torch.equal(model(IDS).logits, model_of(tiny_model)(IDS).logits)
    assert not torch.allclose(tuned, model(IDS).logits, atol=1e-3)


@pytest.mark.parametrize(
    "model",
    [
        GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=2, n_head=2, **TINY)),
        GPTNeoXForCausalLM(
            GPTNeoXConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, **TINY)
        ),
        OPTForCausalLM(
            OPTConfig(
                hidden_size=16, ffn_dim=24, num_hidden_layers=2, num_attention_heads=2, word_embed_proj_dim=16, **TINY
            )
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_fits_decoders_with_other_names(model: PreTrainedModel) -> None:
    model.eval()
    plain = model(IDS).logits
    add_adapter(model, "a", HOULSBY)
    assert torch.equal(model(IDS).logits, plain)
    assert sum(weights.requires_grad for weights in model.parameters()) == 2 * 2 * 4
    disturb(model)
    assert not torch.allclose(model(IDS).logits, plain, atol=1e-3)


def test_several_lie_side_by_side_and_are_switched_by_name(tiny_model: Path, tmp_path: Path) -> None:
    model = model_of(tiny_model)
    said: dict[str | None, torch.Tensor] = {None: model(IDS).logits}
    for name, settings in (("one", PFEIFFER), ("two", HOULSBY)):
        add_adapter(model, name, settings)
        assert torch.equal(model(IDS).logits, said[None])
        disturb(model)
        said[name] = model(IDS).logits
        save_adapter(model, name, tmp_path / name)
    assert adapter_names(model) == ["one", "two"]
    for chosen in ("one", None, "two", "one"):
        activate(model, chosen)
        assert torch.equal(model(IDS).logits, said[chosen])
    assert not torch.equal(said["one"], said["two"])
    remove_adapter(model, "one")
    assert torch.equal(model(IDS).logits, said[None])
    fresh = model_of(tiny_model)
    load_adapter(fresh, "second", tmp_path / "two")
    load_adapter(fresh, "first", tmp_path / "one")
    assert torch.equal(fresh(IDS).logits, said["one"])
    activate(fresh, "second")
    assert torch.equal(fresh(IDS).logits, said["two"])


def test_refusals_say_what_there_is(tiny_model: Path, tmp_path: Path) -> None:
    model = model_of(tiny_model)
    add_adapter(model, "one", PFEIFFER)
    with pytest.raises(ConfigError, match="already has an adapter called 'one'"):
        add_adapter(model, "one", PFEIFFER)
    with pytest.raises(ConfigError, match="There are: one"):
        activate(model, "three")
    with pytest.raises(InputError, match="no bottleneck adapter"):
        load_adapter(model, "two", tmp_path)
    save_adapter(model, "one", tmp_path)
    other = GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=2, n_head=2, **TINY))
    with pytest.raises(ConfigError, match="other layers"):
        load_adapter(other, "one", tmp_path)
    assert adapter_names(other) == []


def test_a_model_without_such_layers_is_refused() -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "state_size": 4}
    model = MambaForCausalLM(MambaConfig(**sizes, **TINY))
    with pytest.raises(ConfigError, match=r"feed-forward.*method=lora"):
        add_adapter(model, "one", PFEIFFER)
