"""Held-out loss that does not depend on how rows are batched.

The mean of batch means, which transformers.Trainer reports as `eval_loss`, weighs a token in a short batch
more than one in a long batch: on the same rows it gave 8.45 at batch size 1 and 7.49 at 4. Here every
supervised token counts once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from trainer.batches import collate, evaluation_batches
from trainer.compare import Evaluation
from trainer.details import DETAILS
from trainer.objective import COUNT, LOSS, AnswerLoss, Objective
from trainer.reading import read_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from transformers import PreTrainedModel

    from trainer.batches import Batch, Layout
    from trainer.reading import Read
    from trainer.tokens import Row


@torch.no_grad()
def evaluate(
    model: PreTrainedModel,
    rows: Sequence[Row],
    *,
    pad_id: int,
    autocast: Callable[[], AbstractContextManager[object]],
    objective: Objective | None = None,
    layout: Layout = "padded",
    max_tokens: int = 2048,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Evaluation:
    """Loss of every row, without dropout; the result is the same for every batching.

    Args:
        model: left in the mode (training or evaluation) it came in.
        rows: tokens with labels, or pairs of them.
        pad_id: token to pad with.
        autocast: gives the context to compute in.
        objective: what is measured; None: the answers' negative log-likelihood.
        layout: how batches are laid out.
        max_tokens: bound on a batch, padding included.
        progress: called with the number of rows each batch finished.
    """
    judge = objective or AnswerLoss()
    found: dict[str, list[float]] = {LOSS: [], COUNT: []}
    order: list[int] = []
    for batch, read in readings(model, rows, pad_id=pad_id, autocast=autocast, layout=layout, max_tokens=max_tokens):
        with autocast():
            values = judge.measure(read, batch)
        for name, value in values.items():
            found.setdefault(name, []).extend(value.tolist())
        order += batch.rows
        progress(len(batch.rows))
    places = sorted(range(len(order)), key=order.__getitem__)
    each = {name: [values[place] for place in places] for name, values in found.items()}
    losses, counts = each.pop(LOSS), [int(count) for count in each.pop(COUNT)]
    detail = {str(name): each.pop(name) for name in DETAILS if name in each}
    return Evaluation(losses, counts, each, detail)


@torch.no_grad()
def readings(
    model: PreTrainedModel,
    rows: Sequence[Row],
    *,
    pad_id: int,
    autocast: Callable[[], AbstractContextManager[object]],
    layout: Layout,
    max_tokens: int = 2048,
) -> Iterator[tuple[Batch, Read]]:
    """Read all rows without dropout, batch by batch; see `evaluate` for the arguments."""
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    try:
        for lines in evaluation_batches(rows, max_tokens, layout):
            batch = collate(lines, pad_id, layout).to(device)
            with autocast():
                read = read_batch(model, batch)
            yield batch, read
    finally:
        model.train(was_training)
