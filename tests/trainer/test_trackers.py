"""Trackers: refused where they are absent, told everything where they are there."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

import pytest

from dataprep.errors import ConfigError
from tests.trainer.runs import run
from trainer.record import MetricsLine
from trainer.trackers import TRACKERS, check_trackers, logged


def test_unknown_or_absent_trackers_are_refused_before_anything_is_loaded() -> None:
    with pytest.raises(ConfigError, match=r"'notebook' is not known.*tensorboard, wandb, mlflow"):
        check_trackers(["notebook"])
    for name, packages in TRACKERS.items():
        if not any(importlib.util.find_spec(package) for package in packages):
            with pytest.raises(ConfigError, match=f"{name} is not installed. Run `pip install {name}`"):
                check_trackers([name])


def test_names_are_those_the_integrations_expect() -> None:
    step = MetricsLine(step=3, epoch=0.5, split="train", loss=1.5, learning_rate=0.1, tokens=7, seconds=1.0)
    assert logged(step) == {"loss": 1.5, "learning_rate": 0.1, "epoch": 0.5}
    held_out = MetricsLine(step=3, epoch=0.5, split="validation", loss=2.0, also={"nll": 2.0}, tokens=7, seconds=1.0)
    assert logged(held_out) == {"eval_loss": 2.0, "eval_nll": 2.0, "epoch": 0.5}


@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is None, reason="pip install tensorboard")
def test_tensorboard_gets_every_step(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    module = importlib.import_module("tensorboard.backend.event_processing.event_accumulator")

    run(tiny_model, small_split, tmp_path / "run", report_to=["tensorboard"])
    events = module.EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("train/loss")] == list(range(1, 7))
    assert [event.step for event in events.Scalars("eval/loss")] == [6]
