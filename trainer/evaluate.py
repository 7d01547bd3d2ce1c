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
from trainer.objective import COUNT, LOSS, AnswerLoss, Objective
from trainer.reading import read_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from transformers import PreTrainedModel

    from trainer.batches import Layout
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
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    found: dict[str, list[float]] = {LOSS: [], COUNT: []}
    order: list[int] = []
    for lines in evaluation_batches(rows, max_tokens, layout):
        batch = collate(lines, pad_id, layout).to(device)
        with autocast():
            read = read_batch(model, batch)
            values = judge.measure(read, batch)
        for name, value in values.items():
            found.setdefault(name, []).extend(value.tolist())
        order += batch.rows
        progress(len(batch.rows))
    model.train(was_training)
    places = sorted(range(len(order)), key=order.__getitem__)
    by_row = {name: [values[place] for place in places] for name, values in found.items()}
    return Evaluation(by_row.pop(LOSS), [int(count) for count in by_row.pop(COUNT)], by_row)
