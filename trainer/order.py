"""Which rows every batch of every epoch holds, on every process, whatever was run before.

The order follows from the seed and the number of the epoch alone, so that a run that goes on after a break sees the
rows it would have seen. Several processes share each batch: no row is left out, none comes twice, and every process
gets at least one, since they wait for each other.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from torch.utils.data import DataLoader, Sampler

from dataprep.errors import ConfigError
from trainer.batches import Bins, LengthGrouped, Shuffled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trainer.batches import Batch, Layout
    from trainer.config import TrainConfig


class Batches(Sampler[list[int]]):
    """Numbers of the bins of each batch of one process.

    Args:
        count: bins there are.
        order: makes a sampler that gives another order each time it is gone through.
        size: bins of a batch on each process.
        rank: number of this process.
        processes: how many there are.

    Raises:
        ConfigError: there are fewer bins than processes.
    """

    def __init__(
        self, count: int, order: Callable[[], Sampler[int]], size: int, rank: int = 0, processes: int = 1
    ) -> None:
        if count < processes:
            raise ConfigError(f"{count} rows cannot be shared by {processes} processes", "Start fewer")
        self._count, self._order, self._size = count, order, size
        self._rank, self._processes = rank, processes
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Go through the order of this epoch next; the first is 0."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._bounds()) - 1

    def __iter__(self) -> Iterator[list[int]]:
        sampler = self._order()
        for _ in range(self._epoch):
            list(sampler)
        order = np.array(list(sampler))
        bounds = self._bounds()
        for start, end in pairwise(bounds):
            yield np.array_split(order[start:end], self._processes)[self._rank].tolist()

    def _bounds(self) -> list[int]:
        """Where the batches of all processes together begin and end."""
        together = self._size * self._processes
        bounds = [*range(0, self._count, together), self._count]
        if len(bounds) > 2 and bounds[-1] - bounds[-2] < self._processes:
            del bounds[-2]  # too few for all: they join the batch before
        return bounds


class Loader(DataLoader[Any]):
    """A data loader that passes the number of the epoch on."""

    def set_epoch(self, epoch: int) -> None:
        """Called by the loop before each epoch."""
        batches = self.batch_sampler
        assert isinstance(batches, Batches)  # noqa: S101 - for the type checker
        batches.set_epoch(epoch)


def count_steps(batches: int, config: TrainConfig) -> tuple[int, int]:
    """Optimizer steps of a run with so many batches an epoch, and the batches they read.

    The last step of an epoch reads what is left of it, which may be less than gradient_accumulation batches.
    """
    by_epoch = -(-batches // config.gradient_accumulation)
    steps = config.max_steps or math.ceil(config.epochs * by_epoch)
    epochs, more = divmod(steps, by_epoch)
    return steps, epochs * batches + more * config.gradient_accumulation


def make_loader(
    bins: Bins,
    config: TrainConfig,
    layout: Layout,
    collate: Callable[[Any], dict[str, Batch]],
    *,
    rank: int = 0,
    processes: int = 1,
) -> Loader:
    """The batches of one process: random, or rows of like length together where padding would cost.

    Raises:
        ConfigError: there are fewer bins than processes.
    """

    def order() -> Sampler[int]:
        if layout == "flat" or config.packing:  # nothing is wasted on padding
            return Shuffled(len(bins), config.seed)
        return LengthGrouped([len(row) for row in bins.rows], config.batch_size, config.seed)

    batches = Batches(len(bins), order, config.batch_size, rank, processes)
    return Loader(bins, batch_sampler=batches, collate_fn=collate)
