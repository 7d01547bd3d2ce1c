"""What the model made of each training row as it passed, before it learnt from it; the loss is there anyway."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trainer import parallel
from trainer.compare import Evaluation

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from numpy.typing import NDArray

NAME: Final = "looks-{rank}.npz"
COLUMNS: Final = {"rows": np.int32, "losses": np.float32, "counts": np.int32, "margins": np.float32}


@dataclass
class RowTrace:
    """Grows by one short array per batch.

    Attributes:
        steps: optimizer step of each batch, from 1.
        rows: (rows of the batch,) their numbers in the training data.
        losses: (rows of the batch,) summed negative log-likelihood, in nats.
        counts: (rows of the batch,) supervised tokens.
        margins: (rows of the batch,) the largest margin (`trainer.details`).
    """

    steps: list[int] = field(default_factory=list)
    rows: list[NDArray[Any]] = field(default_factory=list)
    losses: list[NDArray[Any]] = field(default_factory=list)
    counts: list[NDArray[Any]] = field(default_factory=list)
    margins: list[NDArray[Any]] = field(default_factory=list)

    def add(
        self, step: int, rows: list[int], owners: torch.Tensor, seen: tuple[torch.Tensor, torch.Tensor] | None
    ) -> None:
        """A batch passed.

        Args:
            step: of the optimizer.
            rows: numbers of its rows.
            owners: (positions,) place in `rows` that each supervised token belongs to.
            seen: (positions,) negative log-likelihood and margin of each; None where an objective keeps none.
        """
        if seen is None:
            return
        own = owners.cpu().numpy()
        nll, margin = (values.double().cpu().numpy() for values in seen)
        largest = np.zeros(len(rows))
        with np.errstate(invalid="ignore"):  # the run that has no finite numbers any more says so itself
            np.maximum.at(largest, own, margin)
        values = {
            "rows": np.asarray(rows),
            "losses": np.bincount(own, nll, minlength=len(rows)),
            "counts": np.bincount(own, minlength=len(rows)),
            "margins": largest,
        }
        self.steps.append(step)
        for name, kind in COLUMNS.items():
            getattr(self, name).append(values[name].astype(kind))

    def gathered(self) -> RowTrace:
        """The traces of all processes of a distributed run together; of a single process its own."""
        joined = RowTrace()
        for trace in parallel.gathered(self):
            for name in ("steps", *COLUMNS):
                getattr(joined, name).extend(getattr(trace, name))
        return joined


def save_looks(folder: Path, trace: RowTrace, history: list[tuple[int, Evaluation]]) -> None:
    """Keep what this process has seen of rows, training and held-out, in a checkpoint."""
    values: dict[str, Any] = {"steps": np.asarray(trace.steps, dtype=np.int64)}
    values["sizes"] = np.asarray([len(rows) for rows in trace.rows], dtype=np.int64)
    for name, kind in COLUMNS.items():
        parts = getattr(trace, name)
        values[name] = np.concatenate(parts) if parts else np.zeros(0, dtype=kind)
    values["evaluated"] = np.asarray([step for step, _ in history], dtype=np.int64)
    for number, (_, found) in enumerate(history):
        values[f"{number}/losses"] = np.asarray(found.losses)
        values[f"{number}/counts"] = np.asarray(found.counts, dtype=np.int64)
        for kind_of, named in (("also", found.also), ("detail", found.detail)):
            for name, each in named.items():
                values[f"{number}/{kind_of}/{name}"] = np.asarray(each)
    np.savez(folder / NAME.format(rank=parallel.rank()), **values)


def load_looks(folder: Path) -> tuple[RowTrace, list[tuple[int, Evaluation]]]:
    """What `save_looks` kept; nothing where a checkpoint has none."""
    path = folder / NAME.format(rank=parallel.rank())
    if not path.is_file():
        return RowTrace(), []
    with np.load(path, allow_pickle=False) as kept:
        cuts = np.cumsum(kept["sizes"])[:-1]
        columns = {name: np.split(kept[name], cuts) if len(kept["sizes"]) else [] for name in COLUMNS}
        history = [(int(step), _evaluation(kept, number)) for number, step in enumerate(kept["evaluated"])]
        return RowTrace(kept["steps"].tolist(), **columns), history


def _evaluation(kept: Any, number: int) -> Evaluation:
    named: dict[str, dict[str, list[float]]] = {"also": {}, "detail": {}}
    for key in kept.files:
        place, _, rest = key.partition("/")
        kind, _, name = rest.partition("/")
        if place == str(number) and kind in named:
            named[kind][name] = kept[key].tolist()
    return Evaluation(kept[f"{number}/losses"].tolist(), kept[f"{number}/counts"].tolist(), **named)
