"""Compiled sets of shingles, and their exact Jaccard similarity."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import BYTES, loop, part
from dataprep.similarity.kernels_shingles import ONE, SIX, shingle

_BIT = np.uint64(63)
_FEW = 24
"""Values that insertion alone sorts sooner."""
_CROWDED = 400
"""Values in one bucket that insertion would be slow for."""
_FEW_BITS = 1 << 12
"""Bits, of which a few values mostly fall on one each."""
_MOST_BITS = 64
"""Values of which about half the sets fall on bits of their own."""


@part()
def insert(values: Any, gap: Any) -> None:
    """Sort each of the runs of values that are `gap` apart."""
    for place in range(gap, values.size):
        value = values[place]
        before = place
        while before >= gap and values[before - gap] > value:
            values[before] = values[before - gap]
            before -= gap
        values[before] = value


@part()
def shell_sort(values: Any) -> None:
    """Sort values that may be spread unevenly."""
    gap = np.int64(values.size)
    while gap > 1:
        gap = max(gap * 5 // 11, np.int64(1))
        insert(values, gap)


@part()
def sort_hashes(values: Any, count: Any, scratch: Any) -> None:
    """Sort the first values, which are spread evenly: into buckets by their highest bits, then by insertion.

    `scratch` has room for as many.
    """
    if count >= _FEW:
        bits = 5
        while bits < 16 and count >> bits:
            bits += 1
        shift = np.uint64(64 - bits)
        ends = np.zeros((1 << bits) + 1, dtype=np.int32)
        for place in range(count):
            ends[(values[place] >> shift) + ONE] += 1
        for number in range(1 << bits):
            ends[number + 1] += ends[number]
        for place in range(count):
            number = values[place] >> shift
            scratch[ends[number]] = values[place]
            ends[number] += 1
        for place in range(count):
            values[place] = scratch[place]
        start = 0
        for number in range(1 << bits):
            gap = np.int64(ends[number]) - start
            if gap > _CROWDED:
                shell_sort(values[start : ends[number]])
            start = ends[number]
    insert(values[:count], np.int64(1))


@part()
def take_least(values: Any, count: Any) -> None:
    """Move the least of some values, at least one, to the front; of those behind them some are lost."""
    if count > _FEW:
        shell_sort(values)
        return
    insert(values[:count], np.int64(1))
    for place in range(count, values.size):
        value, before = values[place], count - 1
        if value < values[before]:
            while before > 0 and values[before - 1] > value:
                values[before] = values[before - 1]
                before -= 1
            values[before] = value


@part()
def room_for(count: Any) -> Any:
    """Places of a table of so many values: a power of two, at most half of them taken."""
    room = np.int64(8)
    while room < 2 * count:
        room *= 2
    return room


@part()
def where(table: Any, value: Any) -> Any:
    """The place of a value in a table, or the free one where it belongs. Free places are 0, which no shingle has."""
    last = np.uint64(table.size - 1)
    place = value & last
    while table[place] != value and table[place] != 0:
        place = (place + ONE) & last
    return place


@part()
def repeats_none(values: Any, count: Any, bits: Any) -> Any:
    """Whether a few values are surely distinct: each falls on a bit of its own. A text repeats a shingle rarely."""
    bits[:] = 0
    last = np.uint64(bits.size - 1)
    taken = np.uint64(0)
    for value in values[:count]:
        place, bit = (value >> SIX) & last, ONE << (value & _BIT)
        taken |= bits[place] & bit
        bits[place] |= bit
    return taken == 0


@part()
def keep_distinct(values: Any, count: Any, bits: Any, table: Any, out: Any) -> Any:
    """Copy the distinct ones of the first values, in their order; how many there are."""
    if count <= _MOST_BITS and repeats_none(values, count, bits):
        for number in range(count):
            out[number] = values[number]
        return np.int64(count)
    table = table[: room_for(count)]
    table[:] = 0
    kept = np.int64(0)
    for number in range(count):
        value = values[number]
        place = where(table, value)
        if table[place] == 0:
            table[place] = value
            out[kept] = value
            kept += 1
    return kept


@loop(f"void({BYTES}, i8[::1], i8[::1], i8[::1], i8, i8, i8, b1, i8[::1], u8[::1], i8[::1])")
def shingle_sets(
    data: Any,
    starts: Any,
    ends: Any,
    rows: Any,
    first: Any,
    last: Any,
    size: Any,
    words: Any,
    places: Any,
    out: Any,
    sizes: Any,
) -> None:
    """Distinct hashes of the texts rows[first:last], in the order of the text, each from its place in `out`."""
    longest, most = np.int64(0), np.int64(0)
    for number in range(first, last):
        longest = max(longest, ends[rows[number]] - starts[rows[number]])
        most = max(most, places[number + 1] - places[number])
    hashes, table = np.empty(longest + 1, dtype=np.uint64), np.empty(room_for(most), dtype=np.uint64)
    bits = np.empty(_FEW_BITS >> 6, dtype=np.uint64)
    for number in range(first, last):
        row = rows[number]
        count = shingle(data, starts[row], ends[row], size, words, hashes)
        sizes[number] = keep_distinct(hashes, count, bits, table, out[places[number] : places[number + 1]])


@part()
def lookup(left: Any, right: Any) -> Any:
    """Memory for `jaccard`, for sets of at most so many values: what is filled, bits, table, values found."""
    room = room_for(left)
    bits, table = np.empty(room >> 3, dtype=np.uint64), np.empty(room, dtype=np.uint64)
    return np.zeros(1, dtype=np.int64), bits, table, np.empty(right + 1, dtype=np.uint64)


@part()
def fill_bits(bits: Any, values: Any) -> None:
    """Set a bit for each value."""
    bits[:] = 0
    last = np.uint64(bits.size - 1)
    for value in values:
        bits[(value >> SIX) & last] |= ONE << (value & _BIT)


@part()
def fill_table(table: Any, values: Any) -> None:
    """Enter distinct values."""
    table[:] = 0
    for value in values:
        table[where(table, value)] = value


@part()
def jaccard(left: Any, right: Any, memory: Any, threshold: Any) -> Any:
    """Jaccard similarity of two sets of distinct values, or -1.0 where it is below the threshold.

    Texts that are alike begin and end alike, mostly: only what is in between is looked up, first in bits, of which a
    processor need not foresee what they say, then in a table. `memory` is from `lookup`; its first part is 0 where
    the set on the left is a new one.
    """
    filled, bits, table, found = memory
    both = left.size + right.size
    least = min(left.size, right.size)
    wanted = threshold * both / (1.0 + threshold) - 0.5  # values that both must have, at least; the score decides
    if least < wanted:
        return -1.0
    head = tail = np.int64(0)
    while head < least and left[head] == right[head]:
        head += 1
    while head + tail < least and left[left.size - 1 - tail] == right[right.size - 1 - tail]:
        tail += 1
    shared, count = head + tail, np.int64(0)
    if shared < right.size:
        room = room_for(left.size)
        bits, table = bits[: room >> 3], table[:room]
        if filled[0] == 0:
            fill_bits(bits, left)
            filled[0] = 1
        last = np.uint64(bits.size - 1)
        for value in right[head : right.size - tail]:
            found[count] = value
            count += np.int64((bits[(value >> SIX) & last] >> (value & _BIT)) & ONE)
    if shared + count < wanted:
        return -1.0
    if count and filled[0] == 1:
        fill_table(table, left)
        filled[0] = 2
    for value in found[:count]:
        shared += np.int64(table[where(table, value)] != 0)
    score = shared / (both - shared) if both > 0 else 0.0
    return score if score >= threshold else -1.0


@loop("void(i8[:, ::1], i8, i8, i8[::1], i8[::1], u8[::1], f8, f8[::1])")
def jaccards(
    pairs: Any, first: Any, last: Any, places: Any, sizes: Any, hashes: Any, threshold: Any, out: Any
) -> None:
    """Jaccard similarity of the pairs first to last, or -1.0 where it is below the threshold."""
    longest = np.int64(0)
    for number in range(first, last):
        longest = max(longest, sizes[pairs[number, 0]], sizes[pairs[number, 1]])
    memory = lookup(longest, longest)
    held = np.int64(-1)
    for number in range(first, last):
        a, b = pairs[number, 0], pairs[number, 1]
        if a != held:
            memory[0][0] = 0
            held = a
        left, right = hashes[places[a] : places[a] + sizes[a]], hashes[places[b] : places[b] + sizes[b]]
        out[number] = jaccard(left, right, memory, threshold)
