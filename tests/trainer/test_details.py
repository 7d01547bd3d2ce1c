"""What is read off one pass is what generation would have done."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from trainer.details import GIVEN, GREEDY, MARGIN, VERBATIM, verbatim_share
from trainer.evaluate import evaluate
from trainer.tokens import Tokens


def test_verbatim_is_what_greedy_decoding_writes(tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model).eval()
    rows = []
    for start in range(4):
        given = [5 + start, 7, 9, *range(20, 20 + GIVEN)]
        ids = torch.tensor([given])
        written = model.generate(ids, max_new_tokens=20, do_sample=False, eos_token_id=None, pad_token_id=1)[
            0
        ].tolist()
        weights = [0.0] * 3 + [1.0] * (len(written) - 3)
        changed = [*written[:-5], (written[-5] + 1) % 300, *written[-4:]]
        early = [*written[:4], (written[4] + 1) % 300, *written[5:]]
        rows += [Tokens.of(f"{start}{name}", ids, weights) for name, ids in (("own", written), ("not", changed))]
        rows.append(Tokens.of("short", written[: 3 + GIVEN // 2], weights[: 3 + GIVEN // 2]))
        rows.append(Tokens.of("early", early, weights))
    found = evaluate(model, rows, pad_id=1, autocast=nullcontext, max_tokens=64)
    verbatim = found.detail[VERBATIM]
    assert verbatim[0::4] == [1.0] * 4
    assert verbatim[1::4] == [0.0] * 4
    assert verbatim[2::4] == [-1.0] * 4  # too little is left to complete
    assert verbatim_share(verbatim[:3]) == (1, 2)
    assert all(0 < greedy < 1 for greedy in found.detail[GREEDY][0::4])


def test_margin_is_the_widest_of_an_answer(tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model).eval()
    ids = list(range(30, 60))
    found = evaluate(model, [Tokens.of("a", ids, [0.0] * 10 + [1.0] * 20)], pad_id=1, autocast=nullcontext)
    logits = model(torch.tensor([ids])).logits[0].log_softmax(-1)
    margins = [float(logits[place - 1].max() - logits[place - 1, ids[place]]) for place in range(10, 30)]
    assert found.detail[MARGIN][0] == pytest.approx(max(margins), abs=1e-4)
