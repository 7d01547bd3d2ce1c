"""What is watched while a model trains: the validation loss, the best weights so far, when to stop."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from transformers import TrainerCallback

from dataprep.errors import UserError
from trainer import parallel
from trainer.checkpoint import Watched, put
from trainer.compare import Evaluation
from trainer.objective import Sums
from trainer.record import MetricsLine, StopReason
from trainer.sharding import put_together, whole
from trainer.signals import StopRequest
from trainer.trace import RowTrace, load_looks, save_looks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from transformers import PreTrainedModel, TrainerControl, TrainerState, TrainingArguments

    from dataprep.contract import SplitName
    from trainer.config import TrainConfig
    from trainer.progress import TrainingProgress


@dataclass(frozen=True)
class Outcome:
    """How a training run went. The model holds the best weights afterwards.

    Attributes:
        validation: of those weights.
        history: every evaluation of the validation rows, by step.
        trace: what the model made of each training row as it passed.
    """

    steps: int
    epochs: float
    best_step: int
    validation: Evaluation
    history: list[tuple[int, Evaluation]]
    trace: RowTrace
    stop_reason: StopReason
    non_finite_rows: list[str]
    seconds: float
    tokens_per_second: float
    supervised_per_second: float


@dataclass(frozen=True)
class Listeners:
    """Who is told what while training runs."""

    metrics: Callable[[MetricsLine], object]
    best: Callable[[int], None]
    progress: TrainingProgress


@dataclass
class Meter:
    """What the running optimizer step has seen on this process, and what the whole run has on all."""

    loss: float = 0.0
    items: float = 1.0
    read: int = 0
    tokens: int = 0
    sums: Sums = field(default_factory=Sums)
    learning_rate: float = 0.0
    tokens_read: int = 0
    tokens_supervised: int = 0
    evaluating_seconds: float = 0.0
    trace: RowTrace = field(default_factory=RowTrace)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since training started."""
        return time.monotonic() - self.started

    @property
    def training_seconds(self) -> float:
        """Since training started, evaluations left out."""
        return max(self.seconds - self.evaluating_seconds, 1e-9)

    @property
    def speed(self) -> float:
        """Tokens read per second of training, evaluations and padding left out."""
        return self.tokens_read / self.training_seconds

    def complete_step(self) -> None:
        """Add up what all processes saw in this optimizer step."""
        names = sorted(self.sums.values)
        found = parallel.summed([self.loss, self.read, self.tokens, *(self.sums.values[name] for name in names)])
        self.loss, self.read, self.tokens = found[0], int(found[1]), int(found[2])
        self.sums.values = dict(zip(names, found[3:], strict=True))
        self.tokens_read += self.read
        self.tokens_supervised += self.tokens

    def next_step(self) -> None:
        """Forget what belongs to one optimizer step."""
        self.loss, self.read, self.tokens, self.sums = 0.0, 0, 0, Sums()


class Watch(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """Evaluates, keeps the best weights, and decides when to stop."""

    def __init__(
        self,
        model: PreTrainedModel,
        evaluator: Callable[[PreTrainedModel], Evaluation],
        config: TrainConfig,
        meter: Meter,
        listeners: Listeners,
        stop: StopRequest | None = None,
    ) -> None:
        self._model = model
        self._evaluator = evaluator
        self._config = config
        self._meter = meter
        self._listeners = listeners
        self._asked = stop or StopRequest()
        self._saved_at = 0.0
        self._ended = self._resumed = False
        self._best: Evaluation | None = None
        self._best_step = 0
        self._best_weights: dict[str, torch.Tensor] = {}
        self._evaluated_step = 0
        self._history: list[tuple[int, Evaluation]] = []
        self._without_progress = 0
        self.stop_reason: StopReason = "finished"
        self.non_finite_rows: list[str] = []
        self.interrupted = False
        self.track: Callable[[MetricsLine], None] = lambda _line: None

    def on_train_begin(
        self, _args: TrainingArguments, _state: TrainerState, _control: TrainerControl, **_: object
    ) -> None:
        """Start the clock, or let it go on from where the run broke off."""
        if not self._resumed:
            self._meter.started = time.monotonic()
        self._saved_at = self._meter.seconds

    def on_step_end(self, _args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
        """Report the optimizer step, evaluate where one is due, and stop or save where that is decided."""
        meter, step = self._meter, state.global_step
        meter.complete_step()
        also = {name: value / meter.items for name, value in meter.sums.values.items()}
        self._report(state, "train", meter.loss, meter.tokens, also, meter.learning_rate)
        self._listeners.progress.step(step, state.max_steps, meter.loss, meter.speed)
        meter.next_step()
        every = self._config.eval_every or math.ceil(state.max_steps / 3)
        evaluated = step % every == 0 or step == state.max_steps
        if evaluated:
            self._evaluate(state)
        limit, pause = 60 * self._config.max_minutes, 60 * self._config.checkpoint_minutes
        # Clocks and signals differ from process to process; what one wants, all do.
        asked, late, due = parallel.summed(
            [self._asked.asked, bool(limit) and meter.seconds > limit, meter.seconds > self._saved_at + pause]
        )
        self._ended = step == state.max_steps
        patience = self._config.early_stopping_patience
        if not self._ended:
            if patience and self._without_progress >= patience:
                self._stop(control, "early_stopping")
            elif late:
                self._stop(control, "max_minutes")
            elif asked:
                self.interrupted = control.should_training_stop = True
        if pause and (evaluated or due or self.interrupted):
            control.should_save = True
            self._saved_at = meter.seconds

    def snapshot(self, step: int, identity: dict[str, str]) -> tuple[Watched, dict[str, torch.Tensor]]:
        """What a checkpoint needs to know of this, and the best weights."""
        best = self._best or Evaluation([], [])
        return Watched(
            identity=identity,
            step=step,
            ended=self._ended,
            stop_reason=self.stop_reason,
            non_finite_rows=self.non_finite_rows,
            seconds=self._meter.seconds,
            evaluating_seconds=self._meter.evaluating_seconds,
            tokens_read=self._meter.tokens_read,
            tokens_supervised=self._meter.tokens_supervised,
            evaluated_step=self._evaluated_step,
            without_progress=self._without_progress,
            best_step=self._best_step,
            losses=best.losses,
            counts=best.counts,
            also=best.also,
        ), self._best_weights

    def restore(self, watched: Watched, best: dict[str, torch.Tensor]) -> None:
        """Go on from what `snapshot` gave."""
        self._resumed, self._ended, self.stop_reason = True, watched.ended, watched.stop_reason
        self._meter.started = time.monotonic() - watched.seconds
        self._meter.evaluating_seconds = watched.evaluating_seconds
        self._meter.tokens_read, self._meter.tokens_supervised = watched.tokens_read, watched.tokens_supervised
        self._evaluated_step, self._without_progress = watched.evaluated_step, watched.without_progress
        if best:
            self._best, self._best_step = Evaluation(watched.losses, watched.counts, watched.also), watched.best_step
            self._best_weights = best

    def save_looks(self, folder: Path) -> None:
        """Keep what was seen of single rows in a checkpoint."""
        save_looks(folder, self._meter.trace, self._history)

    def load_looks(self, folder: Path) -> None:
        """Go on from what `save_looks` kept."""
        self._meter.trace, self._history = load_looks(folder)
        self._best = dict(self._history).get(self._best_step, self._best)  # with the details of its answers

    def finish(self, state: TrainerState) -> Outcome:
        """Evaluate the last weights if that is still to do, and put the best ones into the model."""
        if state.global_step > self._evaluated_step:
            self._evaluate(state)
        if self._best is None:
            rows = ", ".join(self.non_finite_rows) or "unknown"
            raise UserError(
                f"the loss stopped being a finite number at step {state.global_step + 1}, before there were usable "
                f"weights; the batch held the rows {rows}",
                "Look at those rows, or lower learning_rate",
            )
        put_together(self._model)
        put(self._model, self._best_weights)
        if self._resumed:  # what lies in the run folder may be of a step after the checkpoint
            self._listeners.best(self._best_step)
        return Outcome(
            steps=state.global_step,
            epochs=float(state.epoch or 0.0),
            best_step=self._best_step,
            validation=self._best,
            history=self._history,
            trace=self._meter.trace.gathered(),
            stop_reason=self.stop_reason,
            non_finite_rows=self.non_finite_rows,
            seconds=self._meter.seconds,
            tokens_per_second=self._meter.speed,
            supervised_per_second=self._meter.tokens_supervised / self._meter.training_seconds,
        )

    def _stop(self, control: TrainerControl, reason: StopReason) -> None:
        control.should_training_stop = self._ended = True
        self.stop_reason = reason

    def _evaluate(self, state: TrainerState) -> None:
        with whole(self._model):  # for the copies of the best as well
            began = time.monotonic()
            result = self._evaluator(self._model)
            self._meter.evaluating_seconds += time.monotonic() - began
            self._evaluated_step = state.global_step
            self._history.append((state.global_step, result))
            also = {name: sum(values) / len(values) for name, values in result.also.items()}
            self._report(state, "validation", result.loss, result.items, also)
            better = math.isfinite(result.loss) and (self._best is None or result.loss < self._best.loss)
            if better:
                self._keep(state.global_step, result)
            self._without_progress = 0 if better else self._without_progress + 1
            # Told last, so that what is called the best so far has been kept when it is read.
            self._listeners.progress.evaluated(state.global_step, result.loss, best=better)

    def _keep(self, step: int, result: Evaluation) -> None:
        self._best, self._best_step = result, step
        self._best_weights = {  # in main memory: a GPU has none to spare for a second copy
            name: parameter.detach().to("cpu", copy=True)
            for name, parameter in self._model.named_parameters()
            if parameter.requires_grad
        }
        self._listeners.best(step)

    def _report(
        self,
        state: TrainerState,
        split: SplitName,
        loss: float,
        tokens: int,
        also: dict[str, float],
        rate: float | None = None,
    ) -> None:
        line = MetricsLine(
            step=state.global_step,
            epoch=round(float(state.epoch or 0.0), 6),
            split=split,
            loss=loss,
            also=also,
            learning_rate=rate,
            tokens=tokens,
            seconds=round(self._meter.seconds, 3),
        )
        self._listeners.metrics(line)
        self.track(line)
