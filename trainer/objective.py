"""What a training run minimises, and how it is measured on held-out rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from trainer.reading import each_nll, summed, token_nll

if TYPE_CHECKING:
    from trainer.batches import Batch
    from trainer.reading import Read

Unit = Literal["token", "pair"]

LOSS = "loss"
COUNT = "count"


@dataclass
class Sums:
    """What the forward passes of an optimizer step add up beside the loss; each value is a sum over items."""

    values: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, value: torch.Tensor | float) -> None:
        """Add to the sum called `name`."""
        self.values[name] = self.values.get(name, 0.0) + float(value)


class Objective(ABC):
    """A loss that is summed over items; the loop divides it by the items of the whole optimizer step."""

    unit: ClassVar[Unit] = "token"
    """What an item is: a supervised token, or a preference pair."""

    @abstractmethod
    def loss(self, read: Read, batch: Batch, sums: Sums) -> torch.Tensor:
        """Summed loss of the batch's items, differentiable.

        Args:
            read: the model's supervised positions; this is called inside the model's forward pass.
            batch: what was read.
            sums: takes what else is worth reporting.
        """

    def prepare(self, batch: Batch) -> None:  # noqa: B027 - most objectives have nothing to prepare
        """Called before the model reads a training batch, e.g. to ask a teacher."""

    def measure(self, read: Read, batch: Batch) -> dict[str, torch.Tensor]:
        """What held-out rows are judged by, each value of shape (rows of the batch,).

        Returns:
            Under LOSS each row's summed loss, under COUNT its items, and what else is worth knowing by row.
            Here: the negative log-likelihood of the supervised tokens, each counted once.
        """
        nll = each_nll(read).double()
        losses = nll.new_zeros(len(batch.rows)).index_add(0, read.owners, nll)
        return {LOSS: losses, COUNT: torch.bincount(read.owners, minlength=len(batch.rows))}


class AnswerLoss(Objective):
    """Negative log-likelihood of the supervised tokens, each weighted as its row says."""

    def loss(self, read: Read, batch: Batch, sums: Sums) -> torch.Tensor:  # noqa: ARG002 - read holds it all
        """Weighted negative log-likelihood in nats."""

        def nll(logits: torch.Tensor, where: slice) -> torch.Tensor:
            return (token_nll(logits, read.targets[where]) * read.weights[where]).sum()

        total = summed(read, nll)
        sums.add("nll", total.detach())
        return total
