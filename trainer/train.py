"""The training loop: transformers.Trainer, steered by our own validation loss.

Trainer brings the optimizer, schedules, gradient accumulation and clipping. Ours are the loss (every item counts
once, whatever the batches), the order and packing of the rows, evaluation, the best weights, and when to stop.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from transformers import PrinterCallback, Trainer, TrainingArguments

from trainer.batches import Batch, Bins, LengthGrouped, Shuffled, collate
from trainer.evaluate import evaluate
from trainer.objective import Objective
from trainer.packing import pack
from trainer.reading import plain_model, reading
from trainer.watch import Meter, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch.utils.data import Sampler
    from transformers import PreTrainedModel

    from trainer.batches import Layout
    from trainer.config import TrainConfig
    from trainer.reading import Read
    from trainer.runtime import Runtime
    from trainer.tokens import Row
    from trainer.watch import Listeners, Outcome

SCHEDULES = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}


class NonFiniteLossError(Exception):
    """The loss of a batch is NaN or infinite; raised before it could reach the weights."""

    def __init__(self, row_ids: list[str]) -> None:
        self.row_ids = row_ids
        super().__init__(", ".join(row_ids))


@dataclass(frozen=True)
class Course:
    """How a model is trained.

    Attributes:
        config: settings; `eval_every=0` means three evaluations.
        runtime: device and precision.
        pad_id: token to pad with.
        objective: what is minimised.
        layout: how rows lie in a batch.
    """

    config: TrainConfig
    runtime: Runtime
    pad_id: int
    objective: Objective
    layout: Layout = "padded"


def train(
    model: PreTrainedModel, rows: Sequence[Row], validation: Sequence[Row], course: Course, listeners: Listeners
) -> Outcome:
    """Train, and leave the model with the weights that had the lowest validation loss.

    Args:
        model: with the weights that should learn set trainable.
        rows: what to learn from.
        validation: what decides which weights are best.
        course: settings and objective.
        listeners: told about metrics, new best weights and progress.

    Raises:
        UserError: the loss was not finite before any usable weights existed.
    """
    model.config.use_cache = False
    config, layout = course.config, course.layout
    evaluator = partial(
        evaluate,
        rows=validation,
        pad_id=course.pad_id,
        autocast=course.runtime.autocast,
        objective=course.objective,
        layout=layout,
    )
    meter = Meter()
    watch = Watch(model, evaluator, config, meter, listeners)
    bins = pack([len(row) for row in rows], config.max_length, config.seed) if config.packing else None
    if config.gradient_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    if config.compile:
        plain_model(model).base_model.compile(dynamic=True)
    with tempfile.TemporaryDirectory() as scratch, reading(model) as read:
        loop = _Loop(
            model=model,
            args=_arguments(config, course.runtime, scratch),
            train_dataset=Bins(rows, bins),
            data_collator=lambda lines: {"batch": collate(lines, course.pad_id, layout)},
            callbacks=[watch],
        )
        loop.remove_callback(PrinterCallback)
        loop.course, loop.meter, loop.read = course, meter, read
        try:
            loop.train()
        except NonFiniteLossError as err:
            watch.stop_reason, watch.non_finite_rows = "non_finite_loss", err.row_ids
    return watch.finish(loop.state)


def _arguments(config: TrainConfig, runtime: Runtime, scratch: str) -> TrainingArguments:
    arguments = TrainingArguments(
        output_dir=scratch,
        per_device_train_batch_size=config.batch_size,
        gradient_accumulation_steps=config.gradient_accumulation,
        learning_rate=config.learning_rate,
        lr_scheduler_type=SCHEDULES[config.schedule],
        warmup_steps=config.warmup,  # below 1 it is a share of the steps
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        num_train_epochs=config.epochs,
        max_steps=config.max_steps or -1,
        seed=config.seed,
        use_cpu=runtime.device == "cpu",
        use_liger_kernel=config.liger,
        # The loss over the vocabulary is ours already.
        liger_kernel_config={"fused_linear_cross_entropy": False, "cross_entropy": False} if config.liger else None,
        dataloader_pin_memory=False,  # a batch is no plain tensor
        remove_unused_columns=False,
        save_strategy="no",
        eval_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    # One process uses one GPU; more are for a launcher. Trainer would split batches over all it sees by itself.
    arguments._n_gpu = min(arguments.n_gpu, 1)  # noqa: SLF001 - it has no other switch
    return arguments


class _Loop(Trainer):  # type: ignore[misc]  # transformers is not typed
    """Trainer with our loss, order of rows, precision, and refusal of a loss that is no number."""

    course: Course
    meter: Meter
    read: Callable[[torch.nn.Module, Batch, Any], torch.Tensor]
    loss_is_scaled_for_ga = True  # it is divided by the items of the whole optimizer step

    def _get_train_sampler(self, train_dataset: Bins | None = None) -> Sampler[int]:
        data: Bins = train_dataset or self.train_dataset
        config = self.course.config
        if self.course.layout == "flat" or config.packing:  # nothing is wasted on padding
            return Shuffled(len(data), config.seed)
        lengths = [len(row) for row in data.rows]
        return LengthGrouped(lengths, self.args.per_device_train_batch_size, config.seed)

    def get_batch_samples(
        self, epoch_iterator: Iterator[dict[str, Batch]], num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Batch]], torch.Tensor]:
        """The batches of one optimizer step, and how many items they hold on all processes together."""
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        items = torch.tensor(sum(inputs["batch"].items for inputs in batches), device=device)
        if self.args.world_size > 1:
            items = self.accelerator.gather(items).sum()
        return batches, items

    def compute_loss(
        self,
        model: PreTrainedModel,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The batch's share of the mean loss per item of the optimizer step."""
        del return_outputs  # only evaluation asks for them, and ours is another
        batch: Batch = inputs["batch"]
        items = 1.0 if num_items_in_batch is None else float(num_items_in_batch)
        objective, meter = self.course.objective, self.meter

        def loss_of(read: Read) -> torch.Tensor:
            total = objective.loss(read, batch, meter.sums)
            owners = read.owners if objective.unit == "token" else torch.arange(len(batch.rows))
            meter.trace.add(self.state.global_step + 1, batch.rows, owners, meter.sums.taken())
            return total / items

        with self.course.runtime.autocast():
            objective.prepare(batch)
            loss = self.read(model, batch, loss_of)
        value = loss.item()
        if not math.isfinite(value):
            raise NonFiniteLossError(batch.row_ids)
        supervised = batch.supervised
        meter.loss += value
        meter.items = items
        meter.tokens += supervised
        meter.tokens_supervised += supervised
        meter.tokens_read += batch.read
        meter.learning_rate = self.optimizer.param_groups[0]["lr"]
        processes: int = self.accelerator.num_processes
        return loss * processes  # gradients are averaged over processes
