"""What the model made of each training row as it passed, before it learnt from it; the loss is there anyway."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from trainer import parallel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


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
    rows: list[NDArray[np.int64]] = field(default_factory=list)
    losses: list[NDArray[np.float64]] = field(default_factory=list)
    counts: list[NDArray[np.int64]] = field(default_factory=list)
    margins: list[NDArray[np.float64]] = field(default_factory=list)

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
        np.maximum.at(largest, own, margin)
        self.steps.append(step)
        self.rows.append(np.asarray(rows, dtype=np.int64))
        self.losses.append(np.bincount(own, nll, minlength=len(rows)).astype(np.float64))
        self.counts.append(np.bincount(own, minlength=len(rows)))
        self.margins.append(largest)

    def tensors(self) -> dict[str, torch.Tensor]:
        """All of it as flat tensors, for a file."""
        flat = {
            name: np.concatenate(parts) if parts else np.zeros(0)
            for name, parts in (("losses", self.losses), ("margins", self.margins))
        }
        whole = {
            name: np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
            for name, parts in (("rows", self.rows), ("counts", self.counts))
        }
        whole |= {"steps": np.asarray(self.steps, dtype=np.int64)}
        whole |= {"sizes": np.asarray([own.size for own in self.rows], dtype=np.int64)}
        return {name: torch.from_numpy(values) for name, values in (flat | whole).items()}

    @classmethod
    def of(cls, tensors: Mapping[str, torch.Tensor]) -> RowTrace:
        """From what `tensors` gave."""
        ends = np.cumsum(tensors["sizes"].numpy())[:-1]

        def parts(name: str) -> list[NDArray[Any]]:
            return list(np.split(tensors[name].numpy(), ends)) if tensors["sizes"].numel() else []

        return cls(tensors["steps"].tolist(), parts("rows"), parts("losses"), parts("counts"), parts("margins"))

    def gathered(self) -> RowTrace:
        """The traces of all processes of a distributed run together; of a single process its own."""
        if parallel.processes() == 1:
            return self
        joined = RowTrace()
        for trace in parallel.gathered(self):
            joined.steps += trace.steps
            joined.rows += trace.rows
            joined.losses += trace.losses
            joined.counts += trace.counts
            joined.margins += trace.margins
        return joined
