"""Whole runs on the tiny model, within the test's own process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainer.config import TrainConfig, load_config
from trainer.record import RunRecord
from trainer.run import train
from trainer.runtime import Runtime

CPU = Runtime("cpu", "fp32", "test")


def configured(model: Path, data: Path, out: Path, **settings: Any) -> TrainConfig:
    """Settings of a short run; the model's licence is not known."""
    short = {
        "probe": False,
        "answers": 0,
        "max_steps": 6,
        "batch_size": 4,
        "learning_rate": 0.01,
        "eval_every": 6,
        "precision": "fp32",
    }
    where = {"data": str(data), "model": str(model), "output": str(out), "accept_license": True}
    return load_config(None, short | where | settings)


def run(model: Path, data: Path, out: Path, **settings: Any) -> RunRecord:
    """Train the tiny model for a few steps; nothing else of the process is touched."""
    return train(configured(model, data, out, **settings), overwrite=True)


def improved(record: RunRecord) -> bool:
    """Whether held-out loss fell on every split."""
    return all(held.tuned < held.base for held in record.held_out.values())
