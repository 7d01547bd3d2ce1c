"""Trackers a run also reports to, through transformers' own integrations."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trainer.record import MetricsLine

TRACKERS: Final = {"tensorboard": ("tensorboard", "tensorboardX"), "wandb": ("wandb",), "mlflow": ("mlflow",)}
"""Name -> packages, one of which is needed."""


def check_trackers(names: Sequence[str]) -> None:
    """Refuse trackers that are not there, before anything is loaded.

    Raises:
        ConfigError: one is not known or not installed.
    """
    for name in names:
        if name not in TRACKERS:
            raise ConfigError(f"report_to: '{name}' is not known", f"Choose among: {', '.join(TRACKERS)}")
        packages = TRACKERS[name]
        if not any(importlib.util.find_spec(package) for package in packages):
            raise ConfigError(
                f"report_to={name}: the package {packages[0]} is not installed", f"Run `pip install {packages[0]}`"
            )


def make_trackers(names: Sequence[str], folder: Path | None) -> list[Any]:
    """Transformers' callbacks for these trackers; what TensorBoard reads goes into `folder`/tensorboard."""
    from transformers.integrations import get_reporting_integration_callbacks  # noqa: PLC0415 - takes seconds

    made = [kind() for kind in get_reporting_integration_callbacks(list(names))]
    for callback in made:
        if folder is not None and hasattr(callback, "logging_dir") and callback.logging_dir is None:
            callback.logging_dir = str(folder / "tensorboard")
    return made


def logged(line: MetricsLine) -> dict[str, float]:
    """A line of metrics under the names that transformers' integrations expect."""
    prefix = "" if line.split == "train" else "eval_"
    found = {f"{prefix}loss": line.loss} | {f"{prefix}{name}": value for name, value in line.also.items()}
    if line.learning_rate is not None:
        found["learning_rate"] = line.learning_rate
    return found | {"epoch": line.epoch}
