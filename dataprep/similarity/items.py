"""A table of the n-grams of texts that are looked for inside others, and what each word of them weighs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dataprep.similarity.arrays import sorted_distinct
from dataprep.similarity.column import Column
from dataprep.similarity.compiled import loops, share

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Table = tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint32]]

LONGEST: Final = 8
"""Words of an n-gram at most."""

SHORTEST: Final = 4
"""Words of an item at least."""

EVIDENCE: Final = 8.0
"""Weight that must be shared: so many words that stand nowhere else."""

SURPRISE: Final = 3.0
"""How much rarer an item must be than one that a single row has by chance, to need no other evidence than that a row
has it from the first word to the last; natural logarithm."""

SHARED: Final = 64
"""Items that may have an n-gram that counts."""

REPEATS: Final = 4
"""Times that an n-gram counts in one item; fewer where many items have it. A matrix of zeros has one n-gram a thousand
times, and each of them would be met at each of those of a row."""

FREQUENT: Final = 0.01
"""Share of the rows that may have a text that is taken for an item and not for boilerplate."""

ROOM: Final = 1 << 12
"""Hits of a stretch of rows that are kept at the first attempt."""

_BASE: Final = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Items:
    """A table of the n-grams of items.

    Attributes:
        widths: words of the n-grams that there are.
        table: sketch, keys and numbers of the distinct n-grams, from the kernel `build`.
        starts: entries of n-gram i are starts[i] to starts[i + 1], the first few of each item; none where too many
            items have it.
        owners: item of each entry.
        offsets: word of the item at which it begins.
        places: where the words of each item begin.
        sizes: words of each item.
        words: hashes of all words.
        specific: items that are not boilerplate of the rows: to have one as it stands is evidence enough.
        weights: of all words.
        totals: of items.
        unspecific: items that were left out.
    """

    widths: NDArray[np.int64]
    table: Table
    starts: NDArray[np.int64]
    owners: NDArray[np.uint32]
    offsets: NDArray[np.uint32]
    places: NDArray[np.int64]
    sizes: NDArray[np.int64]
    words: NDArray[np.uint64]
    specific: NDArray[np.bool_]
    weights: NDArray[np.float32]
    totals: NDArray[np.float32]
    unspecific: int

    @classmethod
    def of(cls, texts: pl.Series, sample: Column, all_rows: int, *, of_rows: bool = False) -> Items:
        """Of some texts, with what a sample of the rows says about their n-grams.

        Args:
            texts: normalised.
            sample: of the rows.
            all_rows: how many rows there are.
            of_rows: whether the texts are rows themselves, so that each is found in a row and an item anyway.
        """
        words, places, sizes = _words(Column.of(texts))
        widths = _widths(words, places, sizes, sample, all_rows)
        grams, owners, offsets = _grams(words, places, sizes, widths)
        order = np.lexsort((offsets, owners, grams))
        grams, owners, offsets = grams[order], owners[order], offsets[order]
        is_first = np.diff(grams, prepend=~grams[:1]) != 0
        number_of = np.cumsum(is_first) - 1
        table, used = _table(grams[is_first]), sorted_distinct(widths[widths > 0])
        in_rows = np.zeros(int(is_first.sum()), dtype=np.uint32)
        loops("kernels_grams").count_rows(*_bytes(sample), used, _powers(), *table, in_rows)
        # Of items that are the same text one counts.
        is_new = is_first | (np.diff(owners.astype(np.int64), prepend=-1) != 0)
        counts = is_new & texts.is_first_distinct().to_numpy()[owners]
        in_items = np.maximum(np.bincount(number_of[counts], minlength=in_rows.size) - of_rows, 1)
        in_rows = np.maximum(in_rows, 1) - np.uint32(of_rows)
        weight = np.where(in_items <= SHARED, _rarity(in_rows, len(sample)) / in_items, 0.0)
        rarest = np.full(sizes.size, len(sample), dtype=np.int64)
        np.minimum.at(rarest, owners, in_rows[number_of])
        most = np.minimum(REPEATS, SHARED // in_items)[number_of]
        entry_weights = np.where(_repeats(is_new) < most, weight[number_of], 0.0)
        kept = entry_weights > 0  # what does not count need not be met
        starts = np.zeros(in_rows.size + 1, dtype=np.int64)
        np.cumsum(np.bincount(number_of[kept], minlength=in_rows.size), out=starts[1:])
        weights = _word_weights(places, widths[owners], owners, offsets, entry_weights)
        return cls(
            *(used, table, starts, owners[kept], offsets[kept], places, sizes, words),
            specific=rarest <= max(FREQUENT * len(sample), 1),
            weights=weights.astype(np.float32),
            totals=np.diff(np.append(0.0, np.cumsum(weights))[places]).astype(np.float32),
            unspecific=int((widths[sizes > 0] == 0).sum()),
        )

    def scan(self, rows: Column, coverage: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Hits as the kernel `scan` gives them, and their coverage."""
        run = loops("kernels_contain")
        found: dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}

        task = (
            *(self.widths, _powers(), *self.table, self.starts, self.owners, self.offsets, self.places, self.sizes),
            *(self.words, self.specific, self.weights, self.totals, coverage, EVIDENCE),
        )

        def look(first: int, last: int) -> None:
            room = ROOM
            while True:
                out, shares = np.empty((room, 7), dtype=np.int64), np.empty(room)
                count = run.scan(*_bytes(rows), first, last, *task, out, shares)
                if count <= room:
                    break
                room = count
            found[first] = out[:count].copy(), shares[:count].copy()

        share(look, len(rows))
        parts = [found[first] for first in sorted(found)]
        return np.concatenate([hits for hits, _ in parts]), np.concatenate([shares for _, shares in parts])


def _bytes(column: Column) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    return column.data, column.starts, column.ends


def _words(column: Column) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Hashes of the words of all texts, where each text begins among them, and how many words it has."""
    run = loops("kernels_grams")
    places = np.append(0, np.cumsum(column.sizes))
    sizes = np.zeros(len(column), dtype=np.int64)
    hashes = np.empty(int(places[-1]), dtype=np.uint64)
    share(lambda first, last: run.words(*_bytes(column), first, last, places, hashes, sizes), len(column))
    ends = np.cumsum(sizes)
    inside = np.repeat(places[:-1] - (ends - sizes), sizes) + np.arange(int(sizes.sum()))
    return hashes[inside], np.append(0, ends).astype(np.int64), sizes


def _widths(
    words: NDArray[np.uint64],
    places: NDArray[np.int64],
    sizes: NDArray[np.int64],
    sample: Column,
    all_rows: int,
) -> NDArray[np.int64]:
    """Words of an n-gram of each item; 0 for items that are too short, or short and not specific enough."""
    widths = np.where(sizes < LONGEST, sizes, np.minimum(-(-sizes // 2), LONGEST))
    widths[sizes < SHORTEST] = 0
    short = (widths > 0) & (sizes < LONGEST)
    surprise = _surprise(words, places, sizes, short, sample)
    widths[short & (surprise < math.log(max(all_rows, 1)) + SURPRISE)] = 0
    return widths


def _grams(
    hashes: NDArray[np.uint64], places: NDArray[np.int64], sizes: NDArray[np.int64], widths: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint32]]:
    """The n-grams of all items, the item of each, and the word at which it begins."""
    counts = np.where(widths > 0, sizes - widths + 1, 0)
    ends = np.cumsum(counts)
    total = int(ends[-1]) if ends.size else 0
    out = np.empty(total, dtype=np.uint64)
    owners, offsets = np.empty(total, dtype=np.uint32), np.empty(total, dtype=np.uint32)
    loops("kernels_grams").grams(hashes, places, sizes, widths, ends - counts, _powers(), out, owners, offsets)
    return out, owners, offsets


def _repeats(is_new: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How often an item had the n-gram of an entry before; entries are in order, and the first of each is given."""
    firsts = np.flatnonzero(is_new)
    repeats: NDArray[np.int64] = np.arange(is_new.size) - np.repeat(firsts, np.diff(firsts, append=is_new.size))
    return repeats


def _table(distinct: NDArray[np.uint64]) -> Table:
    """Sketch, keys and numbers of distinct hashes."""
    bits = max(int(distinct.size).bit_length(), 6)
    sketch = np.zeros(1 << (bits - 2), dtype=np.uint64)  # 16 bits for a hash
    keys, numbers = np.zeros(1 << (bits + 1), dtype=np.uint64), np.zeros(1 << (bits + 1), dtype=np.uint32)
    loops("kernels_grams").build(distinct, sketch, keys, numbers)
    return sketch, keys, numbers


def _surprise(
    hashes: NDArray[np.uint64],
    places: NDArray[np.int64],
    sizes: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    sample: Column,
) -> NDArray[np.float64]:
    """For the chosen items how improbable it is that a row has all of their words, as a sum of logarithms."""
    words, owners, _ = _grams(hashes, places, sizes, chosen.astype(np.int64))
    distinct, number_of = np.unique(words, return_inverse=True)
    counts = np.zeros(distinct.size, dtype=np.uint32)
    loops("kernels_grams").count_rows(*_bytes(sample), np.array([1]), _powers(), *_table(distinct), counts)
    rare = np.log((len(sample) + 1) / (counts + 0.5))
    surprise: NDArray[np.float64] = np.bincount(owners, weights=rare[number_of], minlength=sizes.size).astype(
        np.float64
    )
    return surprise


def _rarity(counts: NDArray[Any], total: int) -> NDArray[np.float64]:
    """1 for what one of all texts has, 0 for what all have, and the logarithm between."""
    if total <= 1:
        return np.ones(counts.size)
    rarity: NDArray[np.float64] = np.log(total / np.clip(counts, 1, total)) / math.log(total)
    return rarity


def _word_weights(
    places: NDArray[np.int64],
    widths: NDArray[np.int64],
    owners: NDArray[np.uint32],
    offsets: NDArray[np.uint32],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """For each word the mean weight of the n-grams it stands in."""
    begin = places[owners] + offsets
    sums, counts = np.zeros(int(places[-1]) + 1), np.zeros(int(places[-1]) + 1)
    for change, values in ((sums, weights), (counts, np.ones(weights.size))):
        np.add.at(change, begin, values)
        np.add.at(change, begin + widths, -values)
    covering = np.cumsum(counts)[:-1]
    mean: NDArray[np.float64] = np.cumsum(sums)[:-1] / np.maximum(covering, 1.0)
    mean[mean < 1e-9] = 0.0  # what rounding leaves
    return mean


def _powers() -> NDArray[np.uint64]:
    """Powers of the base of the hashes."""
    return np.array([pow(_BASE, power, 1 << 64) for power in range(LONGEST + 1)], dtype=np.uint64)
