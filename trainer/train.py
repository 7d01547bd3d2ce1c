"""The training loop: transformers.Trainer, steered by our own validation loss.

Trainer brings the optimizer, schedules, gradient accumulation and clipping. Ours are the loss (every item counts
once, whatever the batches), the order and packing of the rows, evaluation, the best weights, and when to stop.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.optim.lr_scheduler import LambdaLR
from transformers import PrinterCallback, Trainer, TrainerState, TrainingArguments
from transformers.trainer import TRAINER_STATE_NAME

from trainer import parallel
from trainer.batches import Batch, Bins, collate
from trainer.checkpoint import Checkpoints, load_trainable, load_watched, save_trainable
from trainer.evaluate import evaluate
from trainer.objective import Objective
from trainer.order import make_loader
from trainer.packing import pack
from trainer.reading import plain_model, reading
from trainer.record import CHECKPOINT_PREFIX
from trainer.schedule import schedule_of
from trainer.sharding import is_shared, load_state, save_state, share_out, whole
from trainer.signals import StoppedError, StopRequest
from trainer.trackers import logged, make_trackers
from trainer.watch import Meter, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch.utils.data import DataLoader
    from transformers import PreTrainedModel

    from trainer.batches import Layout
    from trainer.config import TrainConfig
    from trainer.reading import Read
    from trainer.record import MetricsLine
    from trainer.runtime import Runtime
    from trainer.tokens import Row
    from trainer.watch import Listeners, Outcome


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
        checkpoints: where they are kept, to be gone on from if there are any; None: nowhere.
        stop: whether somebody wants the run to stop.
        folder: of the run, for trackers.
    """

    config: TrainConfig
    runtime: Runtime
    pad_id: int
    objective: Objective
    layout: Layout = "padded"
    checkpoints: Checkpoints | None = None
    stop: StopRequest = field(default_factory=StopRequest)
    folder: Path | None = None


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
        UserError: the loss was not finite before any usable weights existed, or the checkpoints are of another run.
        StoppedError: it was asked to stop.
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
    watch = Watch(model, evaluator, config, meter, listeners, course.stop)
    bins = pack([len(row) for row in rows], config.max_length, config.seed) if config.packing else None
    if config.gradient_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    if config.compile:
        plain_model(model).base_model.compile(dynamic=True)
    if config.fsdp and parallel.processes() > 1:
        share_out(model)
    with tempfile.TemporaryDirectory() as scratch, reading(model) as read:
        loop = _Loop(
            model=model,
            args=_arguments(course, scratch),
            train_dataset=Bins(rows, bins),
            data_collator=lambda lines: {"batch": collate(lines, course.pad_id, layout)},
            callbacks=[watch, *(make_trackers(config.report_to, course.folder) if parallel.is_main() else [])],
        )
        loop.remove_callback(PrinterCallback)
        if is_shared(model):
            loop.is_distributed_loading_by_transformers = True  # it wraps the model in nothing else, then
        loop.course, loop.meter, loop.read, loop.watch = course, meter, read, watch
        watch.track = loop.track
        try:
            loop.go()
        except NonFiniteLossError as err:
            watch.stop_reason, watch.non_finite_rows = "non_finite_loss", err.row_ids
    if watch.interrupted:
        raise StoppedError
    return watch.finish(loop.state)


def _arguments(course: Course, scratch: str) -> TrainingArguments:
    config, runtime = course.config, course.runtime
    arguments = TrainingArguments(
        output_dir=scratch,
        per_device_train_batch_size=config.batch_size,
        gradient_accumulation_steps=config.gradient_accumulation,
        learning_rate=config.learning_rate,
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
        report_to=[],  # they are callbacks here, and only where there are any
        run_name=course.folder.name if course.folder is not None else None,
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
    watch: Watch
    loss_is_scaled_for_ga = True  # it is divided by the items of the whole optimizer step

    def go(self) -> None:
        """Train, from the newest checkpoint on where there is one."""
        checkpoints = self.course.checkpoints
        latest = checkpoints.latest() if checkpoints is not None else None
        if latest is None:
            self.train()
            return
        watched, best = load_watched(latest)
        self.watch.restore(watched, best)
        self.watch.load_looks(latest)
        if not watched.ended:
            self.train(resume_from_checkpoint=str(latest))
            return
        self._load_from_checkpoint(str(latest))
        self.state = TrainerState.load_from_json(str(latest / TRAINER_STATE_NAME))

    def track(self, line: MetricsLine) -> None:
        """Tell the trackers; Trainer's own log would keep every line in memory."""
        if self.course.config.report_to:
            self.callback_handler.on_log(self.args, self.state, self.control, logged(line))

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The batches of this process."""
        config, layout = self.course.config, self.course.layout
        spread = {"rank": parallel.rank(), "processes": parallel.processes()}
        return make_loader(self.train_dataset, config, layout, self.data_collator, **spread)

    def create_scheduler(self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None) -> LambdaLR:
        """Ours: every step learns."""
        config = self.course.config
        share = schedule_of(config.schedule, config.warmup, num_training_steps)
        self.lr_scheduler = LambdaLR(optimizer or self.optimizer, share)
        return self.lr_scheduler

    def _get_output_dir(self, trial: object = None) -> str:
        del trial
        checkpoints = self.course.checkpoints
        return str(checkpoints.work) if checkpoints is not None else str(self.args.output_dir)

    def _save_checkpoint(self, model: PreTrainedModel, trial: object = None) -> None:
        checkpoints = self.course.checkpoints
        if checkpoints is None:
            return
        if parallel.is_main():
            checkpoints.begin()
        parallel.wait()
        try:
            super()._save_checkpoint(model, trial)
            self.watch.save_looks(checkpoints.work / f"{CHECKPOINT_PREFIX}{self.state.global_step}")
            parallel.wait()  # until every process has written its random numbers
            if parallel.is_main():
                checkpoints.settle(*self.watch.snapshot(self.state.global_step, checkpoints.identity))
        except BaseException:  # a full disk, say: the checkpoint before this one stays
            shutil.rmtree(checkpoints.work, ignore_errors=True)
            raise
        parallel.wait()

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Write the weights that learn; the others are in the base model."""
        del _internal_call
        with whole(self.model):
            if self.args.should_save and output_dir is not None:
                Path(output_dir).mkdir(parents=True, exist_ok=True)
                save_trainable(self.model, Path(output_dir))

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        if is_shared(self.model):
            save_state(self.model, self.optimizer, self.lr_scheduler, Path(output_dir))
        else:
            super()._save_optimizer_and_scheduler(output_dir)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is not None and is_shared(self.model):
            load_state(self.model, self.optimizer, self.lr_scheduler, Path(checkpoint))
        else:
            super()._load_optimizer_and_scheduler(checkpoint)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: PreTrainedModel | None = None) -> None:
        load_trainable(model or self.model, Path(resume_from_checkpoint))

    def get_batch_samples(
        self, epoch_iterator: Iterator[dict[str, Batch]], num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Batch]], torch.Tensor]:
        """The batches of one optimizer step, and how many items they hold on all processes together."""
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        return batches, torch.tensor(parallel.summed([sum(inputs["batch"].items for inputs in batches)])[0])

    def compute_loss(
        self,
        model: PreTrainedModel,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The batch's share of the mean loss per item of the optimizer step."""
        del return_outputs  # only evaluation asks for them, and ours is another
        batch: Batch = inputs["batch"].to(self.args.device)
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
        wrong = parallel.summed([not math.isfinite(value)])[0]
        if wrong:
            mine = [] if math.isfinite(value) else batch.row_ids
            raise NonFiniteLossError([row for rows in parallel.gathered(mine) for row in rows])
        meter.loss += value
        meter.items = items
        meter.tokens += batch.supervised
        meter.read += batch.read
        meter.learning_rate = self.optimizer.param_groups[0]["lr"]
        return loss * parallel.processes()  # gradients are averaged over processes
