"""The held-out loss is that of the tokens, however they are batched and padded."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from transformers import AutoModelForCausalLM

from tests.trainer.test_chat import example
from trainer.chat import ChatEncoder
from trainer.evaluate import evaluate
from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def test_independent_of_batching(tiny_model: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    encoder = ChatEncoder(tokenizer)
    rows = [encoder.encode(example(("user", "q" * n), ("assistant", "the order " * n))) for n in (1, 9, 3, 20, 5)]
    results = [evaluate(model, rows, pad_id=1, max_tokens=width, autocast=nullcontext) for width in (1, 128, 4096)]
    for result in results[1:]:
        assert result.loss == pytest.approx(results[0].loss, abs=1e-5)
        assert result.items == sum(row.supervised for row in rows)
    # Against the definition: one row at a time, no padding, no batching.
    total = 0.0
    for row in rows:
        logits = model(torch.tensor(row.input_ids[None])).logits[0].log_softmax(-1)
        wanted = [place for place, label in enumerate(row.labels) if label != IGNORED]
        total -= sum(float(logits[place - 1, row.input_ids[place]]) for place in wanted)
    assert results[0].loss == pytest.approx(total / results[0].items, abs=1e-5)
