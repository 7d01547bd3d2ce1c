"""LoRA: scaling, DoRA, and the adapter loaded again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from transformers import AutoConfig, AutoModelForCausalLM

from dataprep.errors import ConfigError, UserError
from tests.trainer.runs import CPU, configured, improved, run
from trainer.load import load_run
from trainer.method import get_method


def test_rank_stabilised_dora_learns_and_is_loaded_again(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    record = run(tiny_model, small_split, out, lora_rslora=True, lora_dora=True, lora_rank=4)
    assert improved(record)
    settings = json.loads((out / "adapter" / "adapter_config.json").read_text())
    assert (settings["use_rslora"], settings["use_dora"], settings["r"]) == (True, True, 4)
    model, _ = load_run(out, CPU)
    ids = torch.arange(20)[None]
    peft_alone = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_model), out / "adapter").eval()
    assert torch.equal(model(ids).logits, peft_alone(ids).logits)


def test_rank_stabilised_scaling(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    scales = []
    for stabilised in (False, True):
        config = configured(tiny_model, small_split, tmp_path, lora_rank=16, lora_alpha=16, lora_rslora=stabilised)
        model = get_method("lora").attach(AutoModelForCausalLM.from_pretrained(tiny_model), config)
        scales.append(next(m.scaling["default"] for m in model.modules() if isinstance(m, LoraLayer)))
    assert scales == [1.0, 4.0]


def test_a_name_that_fits_no_layer_is_refused_beside_one_that_does(
    tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    config = configured(tiny_model, small_split, tmp_path, lora_target_modules=["q_proj", "nonsense", "layers.0.mlp"])
    with pytest.raises(
        ConfigError, match=r"is called nonsense\. Use .*all-linear.* q_proj, k_proj, v_proj"
    ) as refused:
        get_method("lora").attach(AutoModelForCausalLM.from_pretrained(tiny_model), config)
    assert "layers.0" not in str(refused.value)


@pytest.mark.parametrize("layers", [["lm_head", "q_proj"], ["embed_tokens"], ".*(lm_head|q_proj)"])
def test_a_layer_that_shares_its_weights_is_refused(
    layers: str | list[str], tiny_model: Path, small_split: Path, tmp_path: Path
) -> None:
    config = configured(tiny_model, small_split, tmp_path, lora_target_modules=layers)
    shapes = AutoConfig.from_pretrained(tiny_model)
    get_method("lora").attach(AutoModelForCausalLM.from_config(shapes), config)  # weights of their own
    shapes.tie_word_embeddings = True
    with pytest.raises(ConfigError, match=r"share their weights.*method=full"):
        get_method("lora").attach(AutoModelForCausalLM.from_config(shapes), config)


def test_another_base_model_is_noticed(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    run(tiny_model, small_split, tmp_path / "run", max_steps=1)
    other = tmp_path / "other"
    AutoModelForCausalLM.from_pretrained(tiny_model).apply(
        lambda module: torch.nn.init.normal_(module.weight) if isinstance(module, torch.nn.Linear) else None
    ).save_pretrained(other)
    with pytest.raises(UserError, match="trained on other weights"):
        load_run(tmp_path / "run", CPU, base=str(other))
    with pytest.raises(UserError, match="holds no result"):
        load_run(tmp_path, CPU)
    (tmp_path / "run" / "adapter" / "tuned.json").write_text("{}")
    with pytest.raises(UserError, match="damaged"):
        load_run(tmp_path / "run", CPU)
