"""What the model made of each training row as it passed, before it learnt from it; the loss is there anyway."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
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

    def gathered(self) -> RowTrace:
        """The traces of all processes of a distributed run together; of a single process its own."""
        if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
            return self
        every: list[RowTrace | None] = [None] * torch.distributed.get_world_size()
        torch.distributed.all_gather_object(every, self)
        joined = RowTrace()
        for trace in every:
            assert trace is not None  # noqa: S101 - all_gather_object fills every place
            joined.steps += trace.steps
            joined.rows += trace.rows
            joined.losses += trace.losses
            joined.counts += trace.counts
            joined.margins += trace.margins
        return joined
