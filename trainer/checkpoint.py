"""Checkpoints: all a run needs to go on, after a crash, as if it had never stopped.

transformers.Trainer writes optimizer, schedule, random numbers and position in the data; ours are the weights that
learn, the best of them so far, and what was measured. A checkpoint is written under another name, flushed to the disk
and then renamed, so that one that can be seen is whole; only then the one before it is removed.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from pydantic import Field, ValidationError
from safetensors.torch import load_file, save_file

from dataprep.contract import Model
from dataprep.errors import ConfigError
from trainer.record import CHECKPOINT_PREFIX, CHECKPOINTS_NAME, StopReason, write_json
from trainer.sharding import share_of
from trainer.unfinished import newest_checkpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

WEIGHTS_NAME: Final = "trainable.safetensors"
BEST_NAME: Final = "best.safetensors"
WATCHED_NAME: Final = "watched.json"


class Watched(Model):
    """watched.json of a checkpoint: what was measured so far."""

    identity: dict[str, str] = Field(description="What decides the result; another run must not go on from it.")
    step: int
    ended: bool = Field(description="Nothing is left to train, only to evaluate.")
    stop_reason: StopReason
    non_finite_rows: list[str]
    seconds: float
    evaluating_seconds: float
    tokens_read: int
    tokens_supervised: int
    evaluated_step: int
    without_progress: int
    best_step: int
    losses: list[float] = Field(
        description="Of each validation row with the best weights; empty before there are any."
    )
    counts: list[int]
    also: dict[str, list[float]]


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one run folder.

    Attributes:
        folder: of the checkpoints.
        identity: what decides the result: settings, data, model, versions.
    """

    folder: Path
    identity: dict[str, str]

    @property
    def work(self) -> Path:
        """Where a checkpoint is written before it is whole."""
        return self.folder / ".writing"

    def latest(self) -> Path | None:
        """The newest whole checkpoint.

        Raises:
            ConfigError: it belongs to another run.
        """
        path = newest(self.folder.parent)
        if path is None:
            return None
        try:
            found = Watched.model_validate_json((path / WATCHED_NAME).read_bytes())
        except (OSError, ValidationError) as err:
            raise ConfigError(f"{path}: is damaged or of another version", "Begin anew with --overwrite") from err
        other = [name for name, value in self.identity.items() if found.identity.get(name) != value]
        if other:
            raise ConfigError(
                f"{self.folder.parent}: the unfinished run there cannot be continued: other {', '.join(other)}",
                "Begin anew with --overwrite, or choose another folder with -o",
            )
        return path

    def begin(self) -> None:
        """Make room for a new checkpoint."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)

    def settle(self, watched: Watched, best: Mapping[str, torch.Tensor]) -> None:
        """Add what is ours to a checkpoint the loop has written, and put it in its place."""
        made = self.work / f"{CHECKPOINT_PREFIX}{watched.step}"
        write_json(made / WATCHED_NAME, watched)
        if watched.best_step == watched.step:
            _link(made / WEIGHTS_NAME, made / BEST_NAME)
        elif best:
            self._save_best(dict(best), made, watched.best_step)
        _flush(made)
        place = self.folder / made.name
        shutil.rmtree(place, ignore_errors=True)
        before = [path for path in self.folder.glob(f"{CHECKPOINT_PREFIX}*") if path != place]
        made.rename(place)
        _flush(self.folder)
        for old in before:
            shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(self.work, ignore_errors=True)

    def _save_best(self, best: dict[str, torch.Tensor], made: Path, step: int) -> None:
        """Save the best weights, or name those of the checkpoint before once more: they are large."""
        before = newest(self.folder.parent)
        if before is not None and (before / BEST_NAME).exists():
            known = Watched.model_validate_json((before / WATCHED_NAME).read_bytes())
            if known.best_step == step:
                _link(before / BEST_NAME, made / BEST_NAME)
                return
        save_file(best, made / BEST_NAME)


def newest(run: Path) -> Path | None:
    """The newest whole checkpoint of a run folder."""
    step = newest_checkpoint(run)
    return None if step is None else run / CHECKPOINTS_NAME / f"{CHECKPOINT_PREFIX}{step}"


def load_watched(checkpoint: Path) -> tuple[Watched, dict[str, torch.Tensor]]:
    """What was measured until a checkpoint, and the best weights until then."""
    watched = Watched.model_validate_json((checkpoint / WATCHED_NAME).read_bytes())
    best = checkpoint / BEST_NAME
    return watched, load_file(best) if best.exists() else {}


def save_trainable(model: torch.nn.Module, folder: Path) -> None:
    """Write the weights that learn, by name."""
    weights = {name: value.detach().contiguous() for name, value in model.named_parameters() if value.requires_grad}
    save_file(weights, folder / WEIGHTS_NAME)


def load_trainable(model: torch.nn.Module, folder: Path) -> None:
    """Put the weights that `save_trainable` wrote back into a model made the same way."""
    put(model, load_file(folder / WEIGHTS_NAME))


def put(model: torch.nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Copy weights into the parameters of those names."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in weights:
                parameter.copy_(share_of(parameter, weights[name]))


def _link(file: Path, name: Path) -> None:
    """Give a file another name; where the disk knows no second names, a copy."""
    try:
        os.link(file, name)
    except OSError:
        shutil.copyfile(file, name)


def _flush(folder: Path) -> None:
    """Have the disk keep the files of a folder, and their names, before anything depends on them."""
    for path in [*(file for file in folder.iterdir() if file.is_file()), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
