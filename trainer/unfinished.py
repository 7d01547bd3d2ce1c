"""Going on with a run that was broken off: the same command is enough."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dataprep.errors import ConfigError, InputError
from trainer.config import NOT_DECIDING, load_config
from trainer.record import CHECKPOINT_PREFIX, CHECKPOINTS_NAME, CONFIG_NAME, METRICS_NAME, RUN_NAME, write_text

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.config import TrainConfig


def is_unfinished(output: Path, config: TrainConfig) -> bool:
    """Whether a folder holds a run of just these settings that did not come to its end.

    Raises:
        InputError: it holds an unfinished run of other settings.
    """
    if not (output / CONFIG_NAME).is_file() or (output / RUN_NAME).exists():
        return False
    try:
        then = load_config(output / CONFIG_NAME)
    except ConfigError as err:
        raise InputError(
            f"{output}: holds an unfinished run of another version", "Add --overwrite, or choose another with -o"
        ) from err
    if then.fingerprint() == config.fingerprint():
        return True
    old, new = then.model_dump(mode="json"), config.model_dump(mode="json")
    names = [name for name in old | new if name not in NOT_DECIDING and old.get(name) != new.get(name)]
    listed = ", ".join(f"{name}={old.get(name)!r}, now {new.get(name)!r}" for name in names)
    raise InputError(
        f"{output}: holds an unfinished run of other settings ({listed})",
        "Give the same to go on with it, add --overwrite to begin anew, or choose another folder with -o",
    )


def newest_checkpoint(output: Path) -> int | None:
    """The step of the newest whole checkpoint of a run folder."""
    names = (path.name for path in (output / CHECKPOINTS_NAME).glob(f"{CHECKPOINT_PREFIX}*"))
    steps = [name.removeprefix(CHECKPOINT_PREFIX) for name in names]
    return max((int(step) for step in steps if step.isdecimal()), default=None)


def cut_metrics(output: Path, step: int) -> None:
    """Drop the lines of metrics.jsonl that a run will write again when it goes on from a step."""
    path = output / METRICS_NAME
    if not path.is_file():
        return
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            if json.loads(line)["step"] <= step:
                kept.append(line + "\n")
        except (ValueError, KeyError, TypeError):  # the line that was being written
            break
    write_text(path, "".join(kept))
