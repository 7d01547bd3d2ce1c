"""The training loop: transformers.Trainer, steered by our own validation loss.

Trainer brings the optimizer, schedules, gradient accumulation and clipping. Ours are the loss (every
supervised token counts once), the order of the rows, evaluation, the best weights, and when to stop.
"""

from __future__ import annotations

import math
import tempfile
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from transformers import PrinterCallback, Trainer, TrainingArguments

from trainer.batches import ROWS_KEY, LengthGrouped, TokenRows, collate
from trainer.evaluate import evaluate, supervised_nll
from trainer.watch import Meter, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transformers import PreTrainedModel

    from trainer.chat import Tokens
    from trainer.config import TrainConfig
    from trainer.runtime import Runtime
    from trainer.watch import Listeners, Outcome

SCHEDULES = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}


class NonFiniteLossError(Exception):
    """The loss of a batch is NaN or infinite; raised before it could reach the weights."""

    def __init__(self, row_ids: list[str]) -> None:
        self.row_ids = row_ids
        super().__init__(", ".join(row_ids))


def train(
    model: PreTrainedModel,
    rows: Sequence[Tokens],
    validation: Sequence[Tokens],
    config: TrainConfig,
    runtime: Runtime,
    *,
    pad_id: int,
    listeners: Listeners,
) -> Outcome:
    """Train, and leave the model with the weights that had the lowest validation loss.

    Args:
        model: with the weights that should learn set trainable.
        rows: what to learn from.
        validation: what decides which weights are best.
        config: settings; `eval_every=0` means three evaluations.
        runtime: device and precision.
        pad_id: token to pad with.
        listeners: told about metrics, new best weights and progress.

    Raises:
        UserError: the loss was not finite before any usable weights existed.
    """
    model.config.use_cache = False
    evaluator = partial(evaluate, rows=validation, pad_id=pad_id, autocast=runtime.autocast)
    meter = Meter()
    watch = Watch(model, evaluator, config, meter, listeners)
    with tempfile.TemporaryDirectory() as scratch:
        loop = _Loop(
            model=model,
            args=_arguments(config, runtime, scratch),
            train_dataset=TokenRows(rows),
            data_collator=partial(collate, pad_id=pad_id),
            compute_loss_func=_token_mean,
            callbacks=[watch],
        )
        loop.remove_callback(PrinterCallback)
        loop.meter, loop.autocast, loop.seed = meter, runtime.autocast, config.seed
        try:
            loop.train()
        except NonFiniteLossError as err:
            watch.stop_reason, watch.non_finite_rows = "non_finite_loss", err.row_ids
    return watch.finish(loop.state)


def _arguments(config: TrainConfig, runtime: Runtime, scratch: str) -> TrainingArguments:
    return TrainingArguments(
        output_dir=scratch,
        per_device_train_batch_size=config.batch_size,
        gradient_accumulation_steps=config.gradient_accumulation,
        learning_rate=config.learning_rate,
        lr_scheduler_type=SCHEDULES[config.schedule],
        warmup_steps=config.warmup,  # below 1 it is a share of the steps
        weight_decay=config.weight_decay,
        num_train_epochs=config.epochs,
        max_steps=config.max_steps or -1,
        seed=config.seed,
        use_cpu=runtime.device == "cpu",
        dataloader_pin_memory=runtime.device == "cuda",
        remove_unused_columns=False,
        save_strategy="no",
        eval_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )


def _token_mean(outputs: Any, labels: torch.Tensor, num_items_in_batch: torch.Tensor) -> torch.Tensor:
    """Summed loss over the supervised tokens of the whole optimizer step, not of this pass alone."""
    return supervised_nll(outputs.logits, labels).sum() / num_items_in_batch


class _Loop(Trainer):  # type: ignore[misc]  # transformers is not typed
    """Trainer with our order of rows, precision, and refusal of a loss that is no number."""

    meter: Meter
    autocast: Callable[[], Any]
    seed: int

    def _get_train_sampler(self, train_dataset: TokenRows | None = None) -> LengthGrouped:
        rows: list[Tokens] = (train_dataset or self.train_dataset).rows
        lengths = [len(row.input_ids) for row in rows]
        return LengthGrouped(lengths, self.args.per_device_train_batch_size, self.seed)

    def compute_loss(
        self,
        model: PreTrainedModel,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> Any:
        numbers = inputs.pop(ROWS_KEY)
        self.meter.tokens_read += int(inputs["attention_mask"].sum())
        self.meter.step_tokens = int(num_items_in_batch or 0)
        self.meter.learning_rate = self.optimizer.param_groups[0]["lr"]
        with self.autocast():
            result = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        loss = (result[0] if return_outputs else result).item()
        if not math.isfinite(loss):
            raise NonFiniteLossError([self.train_dataset.rows[i].row_id for i in numbers.tolist()])
        self.meter.step_nll += loss
        return result
