"""The loss of direct preference optimisation, and what the reference makes of each pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.functional import logsigmoid

from trainer.evaluate import evaluate
from trainer.objective import COUNT, LOSS, Objective
from trainer.reading import each_nll

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from transformers import PreTrainedModel

    from trainer.batches import Batch, Layout
    from trainer.objective import Sums
    from trainer.reading import Read
    from trainer.tokens import Row


class DpoLoss(Objective):
    """-log sigmoid(beta * margin) per pair, the margin being over that of the reference.

    Args:
        reference: margin of each row's pair before training, by row_id.
        beta: how closely the model is held to the reference.
        smoothing: share of the pairs taken to be labelled the wrong way round.
    """

    unit = "pair"

    def __init__(self, reference: Mapping[str, float], beta: float, smoothing: float) -> None:
        self._reference = reference
        self._beta = beta
        self._smoothing = smoothing

    def loss(self, read: Read, batch: Batch, sums: Sums) -> torch.Tensor:
        """Summed over the pairs."""
        values = self._values(read, batch)
        for name in ("accuracy", "margin"):
            sums.add(name, values[name].detach().sum())
        sums.see_pairs(values[LOSS], values["margin"])
        return values[LOSS].sum()

    def measure(self, read: Read, batch: Batch) -> dict[str, torch.Tensor]:
        """Loss of each pair, whether the wanted answer gained more, and by how much."""
        return self._values(read, batch)

    def _values(self, read: Read, batch: Batch) -> dict[str, torch.Tensor]:
        before = torch.tensor([self._reference[row_id] for row_id in batch.row_ids], dtype=torch.float64)
        gained = margins(read, batch) - before.to(read.targets.device)
        score = self._beta * gained
        loss = -(1 - self._smoothing) * logsigmoid(score) - self._smoothing * logsigmoid(-score)
        return {
            LOSS: loss,
            COUNT: torch.ones_like(loss),
            "accuracy": (gained > 0).double() + (gained == 0).double() / 2,
            "margin": score,
        }


class _Margins(Objective):
    """Measures nothing but the margin."""

    def loss(self, read: Read, batch: Batch, sums: Sums) -> torch.Tensor:
        raise NotImplementedError

    def measure(self, read: Read, batch: Batch) -> dict[str, torch.Tensor]:
        margin = margins(read, batch)
        return {LOSS: -margin, COUNT: torch.ones_like(margin), "margin": margin}


def margins(read: Read, batch: Batch) -> torch.Tensor:
    """(pairs,) log-probability of the wanted answer minus that of the unwanted one.

    Each is summed over the answer's tokens, a token counting as its turn is weighted.
    """
    nll = each_nll(read).double() * read.weights
    by_answer = nll.new_zeros(2 * len(batch.rows)).index_add(0, read.owners, nll)
    return by_answer[1::2] - by_answer[0::2]


def reference_margins(
    model: PreTrainedModel,
    rows: Sequence[Row],
    *,
    pad_id: int,
    layout: Layout,
    autocast: Callable[[], AbstractContextManager[object]],
    progress: Callable[[int], None],
) -> dict[str, float]:
    """What a model makes of each pair, by row_id.

    Args:
        model: the reference; computed without dropout.
        rows: pairs.
        pad_id: token to pad with.
        layout: how batches are laid out.
        autocast: gives the context to compute in.
        progress: called with the number of rows each batch finished.
    """
    found = evaluate(
        model,
        rows,
        pad_id=pad_id,
        autocast=autocast,
        objective=_Margins(),
        layout=layout,
        progress=progress,
    )
    return {row.row_id: margin for row, margin in zip(rows, found.also.get("margin", []), strict=True)}
