"""How batches are laid out is decided by trying it on the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaForCausalLM, MambaConfig, MambaForCausalLM

from dataprep.errors import ConfigError
from tests.trainer.runs import CPU
from tests.trainer.test_reading import capped
from trainer.attention import attends_by_row
from trainer.layout import choose_layout


def test_rows_lie_in_one_line_where_attention_goes_row_by_row(tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    assert choose_layout(model, CPU) == "flat"
    assert attends_by_row(model)
    assert "sdpa_by_row" not in model.config.to_json_string()
    prompt = torch.arange(9)[None]
    answer = model.generate(prompt, max_new_tokens=5, do_sample=False)
    plain = AutoModelForCausalLM.from_pretrained(tiny_model)
    assert torch.equal(answer, plain.generate(prompt, max_new_tokens=5, do_sample=False))


def test_other_attention_and_compiled_models_get_padding(tiny_model: Path) -> None:
    assert choose_layout(capped(), CPU, packing=True) == "padded"
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    assert choose_layout(model, CPU, compiled=True) == "padded"
    assert not attends_by_row(model)


class Leaky(LlamaForCausalLM):  # type: ignore[misc]  # transformers is not typed
    """Does not care for positions, as models without packing support do."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        inner = self.model.forward

        def forward(*args: Any, position_ids: Any = None, cu_seq_lens_q: Any = None, **inputs: Any) -> Any:
            return inner(*args, **inputs)

        self.model.forward = forward


def test_rows_that_see_each_other_are_never_packed(tiny_model: Path) -> None:
    model = Leaky.from_pretrained(tiny_model)
    assert choose_layout(model, CPU) == "padded"
    with pytest.raises(ConfigError, match="packing=false"):
        choose_layout(model, CPU, packing=True)


def test_a_model_with_a_state_is_never_packed() -> None:
    torch.manual_seed(0)
    sizes = {"vocab_size": 90, "hidden_size": 16, "num_hidden_layers": 1, "state_size": 4}
    model = MambaForCausalLM(MambaConfig(**sizes, pad_token_id=0, bos_token_id=1, eos_token_id=2))
    with pytest.raises(ConfigError, match="packing=false"):
        choose_layout(model, CPU, packing=True)
    assert choose_layout(model, CPU) == "padded"
