"""A run whose weights were ruined on the way: it ends, keeps the last good weights, and says what happened."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.helpers import read_rows
from tests.trainer.runs import CPU, run
from trainer.load import load_run
from trainer.monitor import read_record
from trainer.report.page import to_html
from trainer.summary import summarize
from trainer.watch import Watch

GOOD, RUINED = 4, 5
"""Step of the last evaluation before the weights are ruined, and the step that ruins them."""


def ruin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an optimizer step leave a weight that is no number."""
    whole = Watch.on_step_end

    def poisoned(self: Watch, args: Any, state: Any, control: Any, **more: Any) -> None:
        whole(self, args, state, control, **more)
        if state.global_step == RUINED:
            weights = next(one for one in self._model.parameters() if one.requires_grad)
            with torch.no_grad():
                weights.fill_(math.nan)

    monkeypatch.setattr(Watch, "on_step_end", poisoned)


def test_ruined_weights(tiny_model: Path, small_split: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ruin(monkeypatch)
    out = tmp_path / "run"
    found = run(tiny_model, small_split, out, max_steps=20, eval_every=2, answers=2, answer_tokens=40)
    assert found.training.stop_reason == "non_finite_loss"
    assert (found.training.steps, found.training.best_step) == (RUINED, GOOD)
    assert "the loss was no finite number" in summarize(found)
    read = read_record(out)  # as `trainer eval` reads it
    assert read.held_out == found.held_out
    assert read.held_out["validation"].tuned < read.held_out["validation"].base
    assert read.assessment is not None
    last = read.assessment.overfitting.curve[-1]
    assert last.step == RUINED
    assert math.isnan(last.validation)
    assert last.train is not None
    assert math.isfinite(last.train)
    lines = read_rows(out / "metrics.jsonl")
    assert [line["loss"] for line in lines if line["step"] == RUINED and line["split"] == "validation"] == [None]
    html = (out / "report.html").read_text(encoding="utf-8")
    assert html == to_html(read.model_copy(update={"files": {}}), out)
    assert "no finite number" in html
    assert "nan" not in html.casefold().split("<svg", 1)[1].split("</svg>", 1)[0]
    model, _ = load_run(out, CPU)
    assert all(bool(torch.isfinite(weights).all()) for weights in model.parameters())
