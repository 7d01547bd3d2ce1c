"""A run without its lasting parts: all of it but the steps, or a few steps that are timed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainer import parallel
from trainer.batches import Bins
from trainer.data import load_splits, tokenize
from trainer.method import get_method
from trainer.order import count_steps, make_loader
from trainer.packing import pack
from trainer.progress import TrainingProgress
from trainer.runtime import peak_memory_mb
from trainer.session import Session
from trainer.train import Course, train
from trainer.watch import Listeners

if TYPE_CHECKING:
    from trainer.config import TrainConfig
    from trainer.data import TokenSet
    from trainer.progress import Screen
    from trainer.record import MetricsLine

WARM_UP, TIMED = 1, 3
"""Steps before the clock starts, and steps it measures."""


@dataclass(frozen=True)
class Rehearsal:
    """What was built.

    Attributes:
        trainable: weights that learn.
        total: weights there are.
        rows: of each split that are used.
        left_out: rows of all splits that are not.
        steps: the run would take.
        epochs: passes that these are.
    """

    trainable: int
    total: int
    rows: dict[str, int]
    left_out: int
    steps: int
    epochs: float

    def describe(self) -> str:
        """For people."""
        listed = ", ".join(f"{count:,} {split}" for split, count in self.rows.items())
        return (
            f"Rows        {listed}; {self.left_out:,} left out\n"
            f"Weights     {self.trainable:,} of {self.total:,} learn\n"
            f"Steps       {self.steps:,}, {self.epochs:.2f} epochs\n\n"
            "Everything is in place; nothing was trained and nothing written."
        )


def rehearse(config: TrainConfig, screen: Screen) -> Rehearsal:
    """Build all a run needs, from rows to what is minimised, and stop before the first step.

    Raises:
        UserError: what would have stopped the run.
    """
    session, tokens = _ready(config, screen)
    rows = tokens.tokens["train"]
    bins = Bins(rows, pack([len(row) for row in rows], config.max_length, config.seed) if config.packing else None)
    loader = make_loader(bins, config, session.layout, lambda _lines: {})
    steps, batches = count_steps(len(loader), config)
    trainable, total = session.parameters()
    ledgers = tokens.ledgers
    return Rehearsal(
        trainable=trainable,
        total=total,
        rows={split: ledger.rows_used for split, ledger in ledgers.items()},
        left_out=sum(count for ledger in ledgers.values() for count in ledger.left_out.values()),
        steps=steps,
        epochs=batches / len(loader),
    )


def time_steps(config: TrainConfig, screen: Screen) -> tuple[float, int]:
    """Tokens a second, and the most bytes of memory, of a few steps; the model is thrown away.

    Raises:
        UserError: what would have stopped the run.
    """
    session, tokens = _ready(config, screen)
    screen.tell(f"Timing {TIMED} steps")
    clock = _Clock()
    steps = WARM_UP + TIMED
    short = config.model_copy(update={"max_steps": steps, "eval_every": steps, "max_minutes": 0.0, "report_to": []})
    course = Course(short, session.runtime, session.pad_id, session.objective, session.layout)
    listeners = Listeners(metrics=clock.note, best=lambda _step: None, progress=clock)
    train(session.model, tokens.tokens["train"], tokens.tokens["validation"][:1], course, listeners)
    return clock.speed(), 1_000_000 * (peak_memory_mb(session.runtime) or 0)


class _Clock(TrainingProgress):
    """Stands where a run shows its progress."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._read: list[float] = []

    def note(self, line: MetricsLine) -> None:
        """A step is done, or an evaluation."""
        if line.split == "train":
            self._seconds.append(line.seconds)

    def step(self, step: int, total: int, loss: float, tokens_per_second: float) -> None:
        """A step is done; the speed is that since the beginning."""
        del step, total, loss
        self._read.append(tokens_per_second * self._seconds[-1])

    def evaluated(self, step: int, loss: float, *, best: bool) -> None:
        """Not timed."""

    def speed(self) -> float:
        """Tokens a second after the warm-up."""
        return (self._read[-1] - self._read[WARM_UP - 1]) / (self._seconds[-1] - self._seconds[WARM_UP - 1])


def _ready(config: TrainConfig, screen: Screen) -> tuple[Session, TokenSet]:
    method = get_method(config.method)
    config = _without_new_cache(parallel.as_launched(config, method, screen.tell), screen)
    splits = load_splits(Path(config.data), allow_unverified=config.allow_unverified_split)
    session = Session.open(config, screen, method)
    tokens = tokenize(splits.rows, session.fitter(), config)
    session.attach(tokens)
    return session, tokens


def _without_new_cache(config: TrainConfig, screen: Screen) -> TrainConfig:
    """The settings with no cache of a teacher that would be made: that asks it about every row, and writes."""
    cache = str(getattr(config, "distill_cache", ""))
    if not cache or Path(cache).exists():
        return config
    screen.tell(f"{cache} does not exist yet and is not made now; the teacher is asked itself")
    return config.model_copy(update={"distill_cache": ""})
