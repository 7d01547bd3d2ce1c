"""Progress on stderr: a bar for a person at a terminal, a line now and then for a log file."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trainer.parallel import is_main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LINES = 10
"""Plain lines a whole training run prints."""


class Screen:
    """Everything a run says before its result."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stderr, highlight=False, soft_wrap=True, quiet=not is_main())

    def tell(self, text: str) -> None:
        """One line about what happens now."""
        self._console.print(text, markup=False)

    @contextmanager
    def evaluation(self, what: str, rows: int) -> Iterator[Callable[[int], None]]:
        """Show an evaluation of `rows` rows; yields what to call with the number of rows finished."""
        if not self._console.is_terminal:
            self.tell(f"Evaluating {what}: {rows} rows")
            yield lambda _rows: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task(f"Evaluating {what}", total=rows)
            yield lambda count: bar.advance(task, count)

    @contextmanager
    def training(self) -> Iterator[TrainingProgress]:
        """Show the steps of a training run."""
        columns = (
            TextColumn("Training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
        )
        bar = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        with bar:
            yield TrainingProgress(self, bar, plain=not self._console.is_terminal)


class TrainingProgress:
    """The bar, or the lines, of one training run."""

    def __init__(self, screen: Screen, bar: Progress, *, plain: bool) -> None:
        self._screen = screen
        self._bar = bar
        self._plain = plain
        self._task = bar.add_task("", total=None)

    def step(self, step: int, total: int, loss: float, tokens_per_second: float) -> None:
        """An optimizer step is done. `loss` is per token or pair, the speed that of training so far."""
        state = f"loss {loss:.3f}, {tokens_per_second:.0f} tokens/s"
        self._bar.update(self._task, completed=step, total=total, description=state)
        every = max(1, total // LINES)
        if self._plain and (step % every == 0 or step in {1, total}):
            self._screen.tell(f"step {step}/{total}: {state}")

    def evaluated(self, step: int, loss: float, *, best: bool) -> None:
        """The validation loss at a step is known."""
        self._screen.tell(f"step {step}: validation loss {loss:.4f}{' (best so far)' if best else ''}")
