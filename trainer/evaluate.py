"""Held-out loss that does not depend on how rows are batched.

The mean of batch means, which transformers.Trainer reports as `eval_loss`, weighs a token in a short batch
more than one in a long batch: on the same rows it gave 8.45 at batch size 1 and 7.49 at 4. Here every
supervised token counts once.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import torch

from trainer.batches import ROWS_KEY, collate, evaluation_batches
from trainer.chat import IGNORED
from trainer.compare import Evaluation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from transformers import PreTrainedModel

    from trainer.chat import Tokens


def supervised_nll(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Negative log-likelihood of each supervised token, in reading order.

    Args:
        logits: (rows, width, vocabulary); position i predicts token i + 1.
        labels: (rows, width), IGNORED where there is no loss.
    """
    targets = labels[:, 1:]
    wanted = targets != IGNORED
    # Only the wanted positions are widened to fp32: with a large vocabulary this is most of the memory.
    return torch.nn.functional.cross_entropy(logits[:, :-1][wanted].float(), targets[wanted], reduction="none")


@torch.inference_mode()
def evaluate(
    model: PreTrainedModel,
    rows: Sequence[Tokens],
    *,
    pad_id: int,
    max_tokens: int = 2048,
    autocast: Callable[[], AbstractContextManager[object]],
    progress: Callable[[int], None] = lambda _rows: None,
) -> Evaluation:
    """Loss of every row, without dropout; the result is the same for every batching.

    Args:
        model: left in the mode (training or evaluation) it came in.
        rows: tokens with labels.
        pad_id: token to pad with.
        max_tokens: bound on a batch, padding included.
        autocast: gives the context to compute in.
        progress: called with the number of rows each batch finished.
    """
    was_training = model.training
    model.eval()
    losses, counts = [0.0] * len(rows), [0] * len(rows)
    device = next(model.parameters()).device
    trims = "logits_to_keep" in inspect.signature(_plain_model(model).forward).parameters
    for batch in evaluation_batches(rows, max_tokens):
        tensors = collate(batch, pad_id)
        labels, numbers = tensors.pop("labels"), tensors.pop(ROWS_KEY)
        options = {}
        if trims:  # leave out the beginning that no row of the batch has loss on
            first = int((labels[:, 1:] != IGNORED).any(dim=0).nonzero()[0])
            labels = labels[:, first:]
            options = {"logits_to_keep": labels.shape[1]}
        inputs = {key: value.to(device) for key, value in tensors.items()}
        with autocast():
            logits = model(**inputs, **options, use_cache=False).logits
        values = supervised_nll(logits, labels.to(device)).double().cpu()
        per_row = (labels[:, 1:] != IGNORED).sum(dim=1).tolist()
        for number, row_values in zip(numbers.tolist(), torch.split(values, per_row), strict=True):
            losses[number], counts[number] = float(row_values.sum()), len(row_values)
        progress(len(batch))
    model.train(was_training)
    return Evaluation(losses, counts)


def _plain_model(model: PreTrainedModel) -> PreTrainedModel:
    """The model inside a peft wrapper."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model
