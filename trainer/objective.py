"""What a training run minimises, and how it is measured on held-out rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from trainer.details import by_row
from trainer.reading import each_detail, summed, token_nll

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
    tokens: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)

    def add(self, name: str, value: torch.Tensor | float) -> None:
        """Add to the sum called `name`."""
        self.values[name] = self.values.get(name, 0.0) + float(value)

    def see(self, nll: torch.Tensor, logits: torch.Tensor) -> None:
        """Keep what the model made of the tokens of one piece, for the account of each row.

        Args:
            nll: (positions,) negative log-likelihood of the tokens that came.
            logits: (positions, vocabulary) it was taken from.
        """
        plain, best = nll.detach(), logits.detach()
        # The log-probability of the likeliest token less that of the one that came.
        self.tokens.append((plain, plain + best.amax(dim=-1) - best.logsumexp(dim=-1)))

    def see_pairs(self, loss: torch.Tensor, score: torch.Tensor) -> None:
        """The same of preference pairs.

        Args:
            loss: (pairs,).
            score: (pairs,) how much more the wanted answer gained; below 0 the unwanted one did.
        """
        self.tokens.append((loss.detach(), (-score.detach()).clamp(min=0)))

    def taken(self) -> tuple[torch.Tensor, torch.Tensor] | None:
        """What was kept since the last time, (positions,) each: negative log-likelihood and margin."""
        kept, self.tokens = self.tokens, []
        return (torch.cat([nll for nll, _ in kept]), torch.cat([margin for _, margin in kept])) if kept else None


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
        detail, count = each_detail(read), len(batch.rows)
        nll = detail.nll.double()
        losses = nll.new_zeros(count).index_add(0, read.owners, nll)
        counts = torch.bincount(read.owners, minlength=count)
        return {LOSS: losses, COUNT: counts, **by_row(detail.margin, read.owners, count)}


class AnswerLoss(Objective):
    """Negative log-likelihood of the supervised tokens, each weighted as its row says."""

    def loss(self, read: Read, batch: Batch, sums: Sums) -> torch.Tensor:  # noqa: ARG002 - read holds it all
        """Weighted negative log-likelihood in nats."""

        def nll(logits: torch.Tensor, where: slice) -> torch.Tensor:
            each = token_nll(logits, read.targets[where])
            sums.see(each, logits)
            return (each * read.weights[where]).sum()

        total = summed(read, nll)
        sums.add("nll", total.detach())
        return total
