"""Compiled inner loops of an inverted index of features: building it, and looking a text up in it.

All loops release the GIL.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import loop, part
from dataprep.similarity.kernels_features import NUMBER, SMALL
from dataprep.similarity.kernels_sets import sort_hashes

_KIND = np.uint32(30)
_UPPER = np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)
_BINS = 256

_MARGIN = 1e-6
"""Part of a bin by which its lower end may be off by rounding: what is equal to all others must not fall out."""


@loop("void(u4[::1], i8[::1], i8[::1], i8, i8, u4[::1])")
def invert(ids: Any, places: Any, starts: Any, low: Any, high: Any, postings: Any) -> None:
    """Write down for the slots low to high which texts have a feature there; texts in their order.

    Args:
        ids: features of all texts.
        places: where each text begins among them.
        starts: where each slot begins in `postings`; a slot without room is left out.
        low: slot.
        high: slot before which to stop.
        postings: to be filled.
    """
    mask = np.uint32(starts.size - 2)
    ahead = starts[low : high + 1].copy()
    for row in range(places.size - 1):
        for number in range(places[row], places[row + 1]):
            slot = np.int64(ids[number] & mask)
            if low <= slot < high and starts[slot + 1] > starts[slot]:
                postings[ahead[slot - low]] = np.uint32(row)
                ahead[slot - low] += 1


@part()
def is_number(value: Any) -> Any:
    """Whether a feature is a number, small or not."""
    kind = value >> _KIND
    return np.uint32(SMALL) <= kind <= np.uint32(NUMBER)


@part()
def gains_of(mine: Any, often: Any, weights: Any, out: Any) -> Any:
    """What each feature of a text adds to the score when another text has it too; their sum, and its numbers."""
    mask, most = np.uint32(often.size - 1), np.uint32(weights.shape[2] - 1)
    total = 0.0
    numbers = 0
    for number in range(mine.size):
        kind = mine[number] >> _KIND
        numbers += is_number(mine[number])
        count = min(often[mine[number] & mask], most)
        out[number] = weights[0, kind, count] - weights[1, kind, count]
        total += out[number]
    return total, float(numbers)


@part()
def place_in(text: Any, place_of: Any, base: Any, met: Any) -> Any:
    """Where a text stands in the table `place_of` of `look_up`, or would stand."""
    last = np.uint32(place_of.size - 1)
    at = text & last
    while place_of[at] >= base and met[place_of[at] - base] != text:
        at = (at + np.uint32(1)) & last
    return at


@part()
def look_up(
    mine: Any,
    gains: Any,
    counts: Any,
    starts: Any,
    postings: Any,
    budget: Any,
    end: Any,
    place_of: Any,
    base: Any,
    met: Any,
    sums: Any,
) -> Any:
    """Look the features of a text up, rarest first, as long as that meets no more than `budget` texts.

    Args:
        mine: the features.
        gains: from `gains_of`.
        counts: texts of each slot of the index.
        starts: where each slot begins in `postings`.
        postings: from `invert`.
        budget: places of `postings` that are looked at.
        end: text of the index before which to stop.
        place_of: a table of where the sums of texts stand, counted from `base`; what is below that is of earlier
            texts. Its size is a power of two, and twice what is met at most: one with a place for every text of the
            index would not stay in the processor's cache.
        base: of this text.
        met: texts that were met.
        sums: what each of them shares, as far as it was looked up.

    Returns:
        How many texts were met, what the features are worth that were not looked up, and whether there are none.
    """
    slots = np.uint32(counts.size - 1)
    order = np.empty(2 * mine.size, dtype=np.uint64)
    for number in range(mine.size):
        order[number] = (np.uint64(counts[mine[number] & slots]) << _UPPER) | np.uint64(number)
    total, looked = 0, np.int64(0)
    left = 0.0
    complete = True
    sort_hashes(order, mine.size, order[mine.size :])
    for rank in range(mine.size):
        feature = np.int64(order[rank] & _LOWER)
        if gains[feature] <= np.float32(0):
            continue
        length = np.int64(order[rank] >> _UPPER)
        if looked + length > budget:
            complete = False
            left += gains[feature]
            continue
        looked += length
        slot = np.int64(mine[feature] & slots)
        for place in range(starts[slot], starts[slot] + length):
            other = postings[place]
            if other >= end:
                break
            at = place_in(other, place_of, base, met)
            if place_of[at] < base:
                place_of[at] = base + np.uint32(total)
                met[total], sums[total] = other, gains[feature]
                total += 1
            else:
                sums[place_of[at] - base] += gains[feature]
    return total, left, complete


@part()
def least_of_best(values: Any, count: Any, wanted: Any, low: Any) -> Any:
    """What the best `wanted` of some values, and a few more, are at least: the lower end of a bin of a histogram.

    Args:
        values: of any order.
        count: how many of them there are.
        wanted: how many of them are.
        low: what none of them is below, or what those below it are taken for; given back where fewer are wanted.
    """
    most = low
    for number in range(count):
        most = max(most, np.float64(values[number]))
    if most <= low or count <= wanted:
        return low
    bins = np.zeros(_BINS, dtype=np.int32)
    per_bin = np.float64(_BINS - 1) / (most - low)
    for number in range(count):
        bins[np.int64((max(np.float64(values[number]), low) - low) * per_bin)] += 1
    above = 0
    for number in range(_BINS - 1, -1, -1):
        above += bins[number]
        if above >= wanted:
            return low + (number - _MARGIN) / per_bin
    return low
