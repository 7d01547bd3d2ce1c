"""Full fine-tuning: everything learns, and the folder is a model of its own."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.trainer.runs import CPU, improved, run
from trainer.load import load_run


def test_learns_and_is_loaded_again(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    record = run(tiny_model, small_split, tmp_path / "run", method="full")
    assert improved(record)
    assert record.model.trainable_parameters == record.model.total_parameters
    assert record.result == "model"
    model, tokenizer = load_run(tmp_path / "run", CPU)
    ids = torch.arange(20)[None]
    alone = AutoModelForCausalLM.from_pretrained(tmp_path / "run" / "model")
    assert torch.equal(model(ids).logits, alone(ids).logits)
    base = AutoModelForCausalLM.from_pretrained(tiny_model)
    assert not torch.allclose(model(ids).logits, base(ids).logits, atol=1e-3)
    assert tokenizer.chat_template == AutoTokenizer.from_pretrained(tiny_model).chat_template


def test_packed_training_learns(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    record = run(tiny_model, small_split, tmp_path / "run", method="full", packing=True, max_length=128, batch_size=2)
    assert improved(record)
    assert record.training.packed
    assert record.training.layout == "flat"
