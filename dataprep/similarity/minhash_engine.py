"""MinHash search with the compiled kernels: sketches, candidates, and the exact Jaccard of every candidate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dataprep.processes import threads
from dataprep.similarity.arrays import sorted_distinct
from dataprep.similarity.compiled import STRETCH, loops, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from dataprep.similarity.column import Column
    from dataprep.similarity.plan import Plan

SETS: Final = 32 << 20
"""Shingles whose sets are held at once while candidates are verified, eight bytes each."""

BANDS_AT_ONCE: Final = 8
"""Bands that are sorted at once."""

KEYS: Final = 1 << 15
"""Keys in order that one thread looks through sooner than two, which would write to the same lines of memory."""

BITS_PER_KEY: Final = 8
"""Bits in which keys that stand once are told from others; twice as many halve the mistakes, and fit no cache."""

LOW_BYTES: Final = 128
"""Signature values whose lowest bytes are kept, to see which candidates are worth verifying."""

CROWD: Final = 32
"""Texts with one band key that are compared each with each; beyond that, only with the likeliest of them."""


@dataclass(frozen=True, slots=True)
class Found:
    """Verified pairs: positions (a < b) of shape (pairs, 2), scores of shape (pairs,), and crowded texts.

    A text is crowded when it may be like more others than it was compared with.
    """

    pairs: NDArray[np.int64]
    scores: NDArray[np.float64]
    crowded: int


def permutations(count: int, seed: int) -> NDArray[np.uint32]:
    """The factors and offsets, shape (2, count), that datasketch's `affine32` scheme draws for a seed."""
    dice = np.random.RandomState(seed)  # the generator datasketch uses; another one would give other signatures
    factors = dice.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return np.array([factors, dice.randint(0, 1 << 32, count, dtype=np.uint32)])


def text_signatures(column: Column, *, size: int, length: int, seed: int, words: bool = False) -> NDArray[np.uint32]:
    """MinHash signatures of shape (texts, length), equal bit for bit to datasketch's of the same 32-bit hashes."""
    run = loops("kernels_minhash")
    drawn = permutations(length, seed)
    out = np.empty((len(column), length), dtype=np.uint32)
    texts = column.data, column.starts, column.ends
    share(lambda first, last: run.signatures(*texts, first, last, size, words, drawn, out), len(column))
    return out


def search(column: Column, sides: NDArray[np.int8], plan: Plan) -> Found:
    """Verified pairs of distinct, non-empty texts.

    Args:
        column: the texts.
        sides: bits of the columns a text stands in; texts with the same single bit are no pair, 0 goes with all.
        plan: how to search.
    """
    keys, low, counts = sketches(column, plan)
    pairs, crowded = candidates(keys, low, sides, plan)
    del keys, low
    scores = verify(column, pairs, plan, counts)
    good = scores >= plan.threshold
    return Found(pairs[good], scores[good], crowded)


def sketches(column: Column, plan: Plan) -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int32]]:
    """Band keys of shape (bands, texts), lowest bytes of the first signature values, shape (texts, values), and sizes.

    The sizes, shape (texts,), count the shingles, those that a text repeats as well.
    """
    run = loops("kernels_minhash")
    count, drawn = len(column), permutations(plan.length, plan.seed)
    keys = np.empty((plan.bands, count), dtype=np.uint32)
    low = np.empty((count, min(plan.length, LOW_BYTES)), dtype=np.uint8)
    sizes = np.empty(count, dtype=np.int32)
    texts = column.data, column.starts, column.ends
    share(lambda first, last: run.sketch(*texts, first, last, plan.size, plan.words, drawn, keys, low, sizes), count)
    return keys, low, sizes


def least_equal(threshold: float, length: int) -> float:
    """Signature values, of `length`, that all but one in three million pairs at the threshold share.

    Five standard deviations below the mean. Where only the lowest bytes are compared, chance can but add to them.
    """
    return max(0.0, length * (threshold - 5 * math.sqrt(threshold * (1 - threshold) / length)))


def candidates(
    keys: NDArray[np.uint32], low: NDArray[np.uint8], sides: NDArray[np.int8], plan: Plan
) -> tuple[NDArray[np.int64], int]:
    """Distinct pairs (a < b) of all bands, sorted, and how many texts met more than they were compared with."""
    run = loops("kernels_buckets")
    count = len(low)
    least = math.ceil(least_equal(plan.threshold, low.shape[1]))
    others, agree = np.empty((plan.room, count), dtype=np.int32), np.empty((plan.room, count), dtype=np.uint8)
    found = np.zeros(count, dtype=np.int32)
    full = np.zeros(count, dtype=np.bool_)
    for band, ordered in enumerate(_shared_by_key(keys)):
        following = keys[(band + 1) % plan.bands]
        task = (following, low, sides, least, CROWD, others, found, agree, full)
        share(partial(_collect, run.candidates, ordered, task), ordered.size, KEYS)
    return distinct_pairs(others, found), int(full.sum())


def _collect(
    run: Callable[..., None], ordered: NDArray[np.uint64], task: Sequence[Any], first: int, last: int
) -> None:
    run(ordered, first, last, *task)


def by_key(keys: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Keys in the high and their positions in the low 32 bits, sorted."""
    out, scratch = np.empty(keys.size, dtype=np.uint64), np.empty(keys.size, dtype=np.uint64)
    loops("kernels_buckets").order(keys, out, scratch)
    return out


def _shared_by_key(keys: NDArray[np.uint32]) -> Iterator[NDArray[np.uint64]]:
    """The same for each band, without most of the keys that stand once; the next ones take the memory."""
    run = loops("kernels_buckets")
    bands, count = keys.shape
    bits = 1 << max(6, (count * BITS_PER_KEY - 1).bit_length())
    out = np.empty((min(bands, BANDS_AT_ONCE), count), dtype=np.uint64)
    sizes = np.empty(len(out), dtype=np.int64)
    for ahead in range(0, bands, BANDS_AT_ONCE):
        some = keys[ahead : ahead + BANDS_AT_ONCE]

        def order(first: int, last: int) -> None:
            run.order_shared(some, first, last, bits, out, sizes)  # noqa: B023

        each = -(-len(some) // threads())  # in one go, for which memory is taken once
        share(order, len(some), len(some) if count <= STRETCH else 1, each)
        for ordered, size in zip(out, sizes[: len(some)].tolist(), strict=False):
            yield ordered[:size]


def distinct_pairs(others: NDArray[np.int32], found: NDArray[np.int32]) -> NDArray[np.int64]:
    """Sorted pairs (a < b), shape (pairs, 2), of the first `found` others of each text, of shape (room, texts)."""
    packed, rows, place = [np.empty(0, dtype=np.int64)], np.flatnonzero(found), 0
    while rows.size:
        partners = others[place, rows].astype(np.int64)
        packed.append(np.minimum(rows, partners) * found.size + np.maximum(rows, partners))
        place += 1
        rows = rows[found[rows] > place]
    return np.stack(np.divmod(sorted_distinct(np.concatenate(packed)), max(found.size, 1)), axis=1)


def verify(
    column: Column, pairs: NDArray[np.int64], plan: Plan, counts: NDArray[np.int32] | None = None
) -> NDArray[np.float64]:
    """Exact Jaccard similarities, or -1.0 below the threshold; shingle sets are built for a stretch of pairs.

    Args:
        column: the texts.
        pairs: of texts, sorted by the first, shape (pairs, 2).
        plan: says what a shingle is, and the threshold.
        counts: the most shingles each text can have, where that is known.
    """
    run = loops("kernels_sets")
    scores = np.empty(len(pairs))
    memory = np.empty(
        0, dtype=np.uint64
    )  # taken once: clearing fresh pages for every stretch takes longer than sorting
    number_of = np.empty(len(column), dtype=np.int64)
    for first, last in _stretches(column, pairs):
        rows = sorted_distinct(pairs[first:last])
        number_of[rows] = np.arange(rows.size)
        local = number_of[pairs[first:last]]
        places, sizes, hashes = shingle_sets(column, rows, plan, counts, memory)
        memory = hashes if hashes.size > memory.size else memory
        part = scores[first:last]

        def compare(start: int, end: int) -> None:
            run.jaccards(local, start, end, places, sizes, hashes, plan.threshold, part)  # noqa: B023

        share(compare, len(local))
    return scores


def shingle_sets(
    column: Column,
    rows: NDArray[np.int64],
    plan: Plan,
    counts: NDArray[np.integer[Any]] | None = None,
    memory: NDArray[np.uint64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """Shingle sets of some texts: where each begins, how many shingles it has, and the hashes, in order of the text.

    Args:
        column: the texts.
        rows: which of them.
        plan: says what a shingle is.
        counts: the most shingles each text of the column can have, where that is known; it spares memory.
        memory: where to put the hashes, if there is room.
    """
    run = loops("kernels_sets")
    if counts is None:
        counts = column.sizes // 2 + 1 if plan.words else column.sizes
    places = np.zeros(rows.size + 1, dtype=np.int64)
    np.cumsum(counts[rows], out=places[1:])
    needed = int(places[-1])
    hashes = memory if memory is not None and memory.size >= needed else np.empty(needed, dtype=np.uint64)
    sizes = np.empty(rows.size, dtype=np.int64)

    def build(first: int, last: int) -> None:
        texts = column.data, column.starts, column.ends
        run.shingle_sets(*texts, rows, first, last, plan.size, plan.words, places, hashes, sizes)

    share(build, rows.size)
    return places, sizes, hashes


def _stretches(column: Column, pairs: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Stretches of pairs, sorted by their first text, whose texts together have about `SETS` bytes."""
    if not len(pairs):
        return
    lengths = column.sizes
    if int(lengths[sorted_distinct(pairs)].sum()) <= SETS:
        yield 0, len(pairs)
        return
    # Every pair brings in at most its second text; its first is mostly that of the pair before.
    weight = np.cumsum(lengths[pairs[:, 1]] + np.where(np.diff(pairs[:, 0], prepend=-1) != 0, lengths[pairs[:, 0]], 0))
    cuts = np.searchsorted(weight, np.arange(SETS, int(weight[-1]) + SETS, SETS), side="right")
    start = 0
    for cut in (*cuts.tolist(), len(pairs)):
        if cut > start:
            yield start, cut
            start = cut
