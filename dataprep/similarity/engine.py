"""MinHash search with the compiled kernels: sketches, candidates, and the exact Jaccard of every candidate."""

from __future__ import annotations

import math
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

STRETCH: Final = 2_000
"""Texts, or pairs, that a thread takes at a time."""

SETS: Final = 64 << 20
"""Bytes of text whose shingle sets are held at once while candidates are verified; eight times that in memory."""

BANDS_AT_ONCE: Final = 8
"""Bands that are sorted at once."""

ROOM: Final = 16
"""Earlier texts with which a text is verified, and the one that is most alike beside them. A text in a crowd of copies
needs no more: the first of them is what it is a copy of."""

REACH: Final = 32
"""Texts at the beginning of a bucket, and as many right before a text in it, with which the text is compared."""

SAY_AFTER: Final = 1.5
"""Seconds of compiling after which a person is told what takes so long."""


@dataclass(frozen=True, slots=True)
class Column:
    """Texts as one run of UTF-8 bytes; text i is data[starts[i]:starts[i + 1]]."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Column:
        """From Python strings; lone surrogates are encoded like any other code point."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        starts = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded)), out=starts[1:])
        # Numba wants an array that it may write to.
        return cls(np.frombuffer(bytearray().join(encoded), dtype=np.uint8), starts)

    def __len__(self) -> int:
        return self.starts.size - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How to search.

    Attributes:
        size: code points of a shingle.
        threshold: least Jaccard similarity.
        bands: of the sketch.
        rows: signature values in each band.
        seed: of the permutations.
    """

    size: int
    threshold: float
    bands: int
    rows: int
    seed: int

    @property
    def length(self) -> int:
        """Values of a signature."""
        return self.bands * self.rows


@dataclass(frozen=True, slots=True)
class Found:
    """Verified pairs: positions (a < b) of shape (pairs, 2), scores of shape (pairs,), and crowded texts.

    A text is crowded when it may be like more earlier ones than it was compared with.
    """

    pairs: NDArray[np.int64]
    scores: NDArray[np.float64]
    crowded: int


@cache
def kernels() -> Any:
    """The compiled loops; the first time on a machine they are compiled, which a person is told."""
    told = threading.Timer(SAY_AFTER, _say_compiling)
    told.daemon = True
    told.start()
    try:
        return import_module("dataprep.similarity.kernels")
    finally:
        told.cancel()


def _say_compiling() -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write("Compiling the duplicate engine for this machine, once…\n")


def permutations(count: int, seed: int) -> NDArray[np.uint32]:
    """The factors and offsets, shape (2, count), that datasketch's `affine32` scheme draws for a seed."""
    dice = np.random.RandomState(seed)  # the generator datasketch uses; another one would give other signatures
    factors = dice.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return np.array([factors, dice.randint(0, 1 << 32, count, dtype=np.uint32)])


def text_signatures(column: Column, *, size: int, length: int, seed: int) -> NDArray[np.uint32]:
    """MinHash signatures of shape (texts, length), equal bit for bit to datasketch's of the same 32-bit hashes."""
    run = kernels()
    drawn = permutations(length, seed)
    out = np.empty((len(column), length), dtype=np.uint32)
    _share(
        lambda first, last: run.signatures(column.data, column.starts, first, last, size, drawn, out),
        len(column),
    )
    return out


def search(column: Column, sides: NDArray[np.int8], plan: Plan) -> Found:
    """Verified pairs of distinct, non-empty texts.

    Args:
        column: the texts.
        sides: bits of the columns a text stands in; texts with the same single bit are no pair, 0 goes with all.
        plan: how to search.
    """
    run = kernels()
    count = len(column)
    drawn = permutations(plan.length, plan.seed)
    keys = np.empty((plan.bands, count), dtype=np.uint32)
    low = np.empty((count, plan.length), dtype=np.uint8)
    _share(lambda first, last: run.sketch(column.data, column.starts, first, last, plan.size, drawn, keys, low), count)
    pairs, crowded = _candidates(keys, low, sides, plan)
    scores = _verify(column, pairs, plan)
    good = scores >= plan.threshold
    return Found(pairs[good], scores[good], crowded)


def least_equal(threshold: float, length: int) -> float:
    """Signature values, of `length`, that all but one in three million pairs at the threshold share.

    Five standard deviations below the mean. Where only the lowest bytes are compared, chance can but add to them.
    """
    return max(0.0, length * (threshold - 5 * math.sqrt(threshold * (1 - threshold) / length)))


def _candidates(
    keys: NDArray[np.uint32], low: NDArray[np.uint8], sides: NDArray[np.int8], plan: Plan
) -> tuple[NDArray[np.int64], int]:
    """Distinct pairs (a < b) of all bands, sorted, and how many texts met more than they were compared with."""
    run = kernels()
    count = len(low)
    least = math.ceil(least_equal(plan.threshold, plan.length))
    others = np.full((count, ROOM + 1), -1, dtype=np.int32)
    found, best = np.zeros(count, dtype=np.int32), np.zeros(count, dtype=np.int32)
    full = np.zeros(count, dtype=np.bool_)
    with ThreadPoolExecutor(_threads()) as threads:
        for ahead in range(0, len(keys), BANDS_AT_ONCE):
            bands = keys[ahead : ahead + BANDS_AT_ONCE]
            for band, order in zip(bands, threads.map(_by_key, bands), strict=True):

                def collect(first: int, last: int) -> None:
                    run.candidates(order, first, last, band, low, sides, least, REACH, others, found, best, full)  # noqa: B023

                _share(collect, count)
    rows, places = np.nonzero(others >= 0)
    pairs = np.stack([others[rows, places].astype(np.int64), rows], axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], int(full.sum())


def _by_key(column: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Texts by their key, those of one key in their order."""
    return np.argsort(column, kind="stable")


def _verify(column: Column, pairs: NDArray[np.int64], plan: Plan) -> NDArray[np.float64]:
    """Exact Jaccard similarities, or -1.0 below the threshold; shingle sets are built for a stretch of pairs."""
    run = kernels()
    scores = np.empty(len(pairs))
    for first, last in _stretches(column, pairs):
        rows, inverse = np.unique(pairs[first:last], return_inverse=True)
        local = np.ascontiguousarray(inverse.reshape(-1, 2).astype(np.int64))
        lengths = column.starts[rows + 1] - column.starts[rows]
        places = np.zeros(rows.size + 1, dtype=np.int64)
        np.cumsum(lengths, out=places[1:])
        hashes = np.empty(int(places[-1]), dtype=np.uint64)
        sizes = np.empty(rows.size, dtype=np.int64)
        part = scores[first:last]

        def build(start: int, end: int) -> None:
            run.shingle_sets(column.data, column.starts, rows, start, end, plan.size, places, hashes, sizes)  # noqa: B023

        def compare(start: int, end: int) -> None:
            run.jaccards(local, start, end, places, sizes, hashes, plan.threshold, part)  # noqa: B023

        _share(build, rows.size)
        _share(compare, len(local))
    return scores


def _stretches(column: Column, pairs: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Stretches of pairs, sorted by their first text, whose texts together have about `SETS` bytes."""
    if not len(pairs):
        return
    lengths = np.diff(column.starts)
    # Every pair brings in at most its second text; its first is mostly that of the pair before.
    weight = np.cumsum(lengths[pairs[:, 1]] + np.where(np.diff(pairs[:, 0], prepend=-1) != 0, lengths[pairs[:, 0]], 0))
    cuts = np.searchsorted(weight, np.arange(SETS, int(weight[-1]) + SETS, SETS), side="right")
    start = 0
    for cut in (*cuts.tolist(), len(pairs)):
        if cut > start:
            yield start, cut
            start = cut


def _share(work: Callable[[int, int], None], count: int) -> None:
    """Run work(first, last) over all stretches, on all threads."""
    if count <= STRETCH:
        work(0, count)
        return
    with ThreadPoolExecutor(_threads()) as threads:
        list(threads.map(lambda first: work(first, min(first + STRETCH, count)), range(0, count, STRETCH)))


def _threads() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 16)
