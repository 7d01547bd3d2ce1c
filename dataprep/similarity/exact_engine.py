"""The exact set-similarity join: every pair at the threshold, at a price that depends on how rare shingles are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from dataprep.processes import threads
from dataprep.similarity.compiled import loops, share
from dataprep.similarity.minhash_engine import Found, by_key, shingle_sets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataprep.similarity.column import Column
    from dataprep.similarity.plan import Plan

COMPARED: Final = 1_024
"""Texts that one is compared with at most; only texts that share even their rarest shingles with more reach it."""

SKETCH: Final = 8
"""64-bit words of the sketch that is looked at before two sets are compared."""

MARKERS: Final = 4
"""Threads that mark shingles, each in a table of its own."""

BYTES_PER_BIT: Final = {True: 4, False: 1}
"""Bytes of text for each bit of a table, by whether shingles are of words; a sixth as many are.

A table that fits the processor's cache is worth a few more texts that stay for sharing bits, and not shingles.
"""

MOST_BITS: Final = 1 << 31

MOST_KEPT: Final = 1 << 28
"""Shingles of which the bits are kept (1 GB) to be looked up again; texts beyond them are compared without a look."""


def search(column: Column, sides: NDArray[np.int8], plan: Plan) -> Found:
    """All pairs of distinct, non-empty texts that reach the threshold; the arguments are those of `minhash_engine`.

    Of a text with very many partners only some are listed, see `Plan.room`; it counts as crowded then.
    """
    counts = _with_company(column, plan)
    rows = np.flatnonzero(counts)
    if rows.size < 2:
        return Found(np.empty((0, 2), dtype=np.int64), np.empty(0), 0)
    places, sizes, hashes = shingle_sets(column, rows, plan, counts)
    slots, row_of, keys = _rarest(places, sizes, hashes, plan)
    others = np.full((rows.size, plan.room + 1), -1, dtype=np.int32)
    scores = np.zeros((rows.size, plan.room + 1))
    full = np.zeros(rows.size, dtype=np.bool_)
    run = loops("kernels_join")
    ordered = by_key(keys)
    place_of, start_of = np.empty(keys.size, dtype=np.int32), np.empty(keys.size, dtype=np.int32)
    run.invert(ordered, place_of, start_of)
    bits = np.zeros((rows.size, SKETCH), dtype=np.uint64)
    share(lambda first, last: run.sketches(places, sizes, hashes, first, last, bits), rows.size)
    entries = (slots, row_of, ordered, place_of, start_of)
    sets = (places, sizes, hashes, bits, sides[rows], plan.threshold, COMPARED)
    share(lambda first, last: run.probe(first, last, *entries, *sets, others, scores, full), rows.size)
    found, columns = np.nonzero(others >= 0)
    # Of two survivors the later one lists the earlier.
    pairs = np.stack([rows[others[found, columns]], rows[found]], axis=1)
    return Found(pairs, scores[found, columns], int(full.sum()))


def _with_company(column: Column, plan: Plan) -> NDArray[np.int64]:
    """The most shingles each text can have; 0 where too few of them occur in others as well.

    It may keep a text too many, never one too few.
    """
    run = loops("kernels_join")
    workers = min(threads(), MARKERS)
    texts = column.data, column.starts, column.ends
    bits = min(MOST_BITS, 1 << max(12, (int(column.sizes.sum()) // BYTES_PER_BIT[plan.words]).bit_length()))
    tables = [(np.zeros(bits // 64, dtype=np.uint64), np.zeros(bits // 64, dtype=np.uint64)) for _ in range(workers)]
    cuts = np.linspace(0, len(column), workers + 1).astype(np.int64).tolist()
    counts = np.empty(len(column), dtype=np.int64)
    # Memory that is not written to is not taken.
    room = [min(MOST_KEPT // workers, int(column.sizes[first:last].sum())) for first, last in pairwise(cuts)]
    kept = [np.empty(count, dtype=np.uint32) for count in room]

    def mark(worker: int) -> None:
        first, last = cuts[worker], cuts[worker + 1]
        run.mark(*texts, first, last, plan.size, plan.words, *tables[worker], kept[worker], counts)

    def look_up(worker: int) -> None:
        run.survivors(cuts[worker], cuts[worker + 1], plan.threshold, twice, kept[worker], counts)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(mark, range(workers)))
        once, twice = tables[0]
        for more_once, more_twice in tables[1:]:
            twice |= more_twice
            twice |= once & more_once
            once |= more_once
        list(pool.map(look_up, range(workers)))
    return np.where(counts < 0, column.sizes, counts)


def _rarest(
    places: NDArray[np.int64], sizes: NDArray[np.int64], hashes: NDArray[np.uint64], plan: Plan
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint32]]:
    """The index entries: where those of each set begin, the set of each entry, and its key."""
    run = loops("kernels_join")
    counts = np.zeros(1 << max(12, int(sizes.sum()).bit_length()), dtype=np.uint8)
    run.frequencies(places, sizes, hashes, counts)
    room = np.zeros(sizes.size + 1, dtype=np.int64)
    np.cumsum(sizes - np.ceil(plan.threshold * sizes - 1e-9).astype(np.int64) + 1, out=room[1:])
    keys, used = np.empty(int(room[-1]), dtype=np.uint32), np.empty(sizes.size, dtype=np.int64)
    share(
        lambda first, last: run.prefixes(places, sizes, hashes, first, last, plan.threshold, counts, room, keys, used),
        sizes.size,
    )
    slots = np.zeros(sizes.size + 1, dtype=np.int64)
    np.cumsum(used, out=slots[1:])
    taken = np.arange(int(slots[-1])) + np.repeat(room[:-1] - slots[:-1], used)
    return slots, np.repeat(np.arange(sizes.size, dtype=np.int32), used), keys[taken]
