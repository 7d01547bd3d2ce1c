"""The general probe: what is in it, and what counts as forgetting."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trainer.chat import ChatEncoder
from trainer.probing import ProbeReading, ProbeRows, forgetting, probe_examples

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def test_the_probe_is_in_no_sample_data(sample: Path) -> None:
    examples = probe_examples()
    assert len(examples) == 100
    assert len({example.row_id for _, example in examples}) == 100
    assert {kind for kind, _ in examples} == {"knowledge", "arithmetic", "instructions", "code", "language"}
    text = " ".join(path.read_text(encoding="utf-8") for path in sorted(sample.glob("*.*")))
    words = " ".join(re.findall(r"\w+", text.casefold()))
    for _, example in examples:
        prompt = " ".join(re.findall(r"\w+", str(example.messages[0].content).casefold()))
        assert prompt not in words


def test_degrees(tokenizer: PreTrainedTokenizerFast) -> None:
    probe = ProbeRows.of(ChatEncoder(tokenizer), 1024)
    assert len(probe.rows) == 100
    counts = [row.supervised for row in probe.rows]
    said = [np.arange(count) for count in counts]
    before = ProbeReading([1.0 * count for count in counts], said)
    same = forgetting(probe, before, before)
    assert (same.agreement, same.degree, same.change.difference) == (1.0, "none", 0.0)
    half = [np.where(np.arange(count) % 2, -1, places) for count, places in zip(counts, said, strict=True)]
    for factor, degree in ((1.03, "none"), (1.2, "some"), (1.5, "much"), (0.5, "none")):
        after = ProbeReading([factor * count for count in counts], half)
        found = forgetting(probe, before, after)
        assert found.degree == degree
        assert 0.4 < found.agreement < 0.6
    assert set(found.by_kind) == {"knowledge", "arithmetic", "instructions", "code", "language"}
