"""Compiled sets of shingles, sorted, and their exact Jaccard similarity."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import BYTES, loop, part
from dataprep.similarity.kernels_shingles import ONE, shingle

_FEW = 24
"""Values that insertion alone sorts sooner."""
_CROWDED = 400
"""Values in one bucket that insertion would be slow for."""


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
                while gap > 1:  # Shell's sort
                    gap = max(gap * 5 // 11, np.int64(1))
                    insert(values[start : ends[number]], gap)
            start = ends[number]
    insert(values[:count], np.int64(1))


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
    """Sorted distinct hashes of the texts rows[first:last], each from its place in `out`."""
    longest = 0
    for number in range(first, last):
        longest = max(longest, places[number + 1] - places[number])
    scratch = np.empty(longest, dtype=np.uint64)
    for number in range(first, last):
        row = rows[number]
        part = out[places[number] : places[number + 1]]
        count = shingle(data, starts[row], ends[row], size, words, part)
        sort_hashes(part, count, scratch)
        distinct = 0
        for place in range(count):
            if place == 0 or part[place] != part[distinct - 1]:
                part[distinct] = part[place]
                distinct += 1
        sizes[number] = distinct


@part()
def place_of(values: Any, wanted: Any) -> Any:
    """Where in a sorted set the first value is that is not below the wanted one."""
    low, high = 0, values.size
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@part()
def shared_by(left: Any, right: Any, spare: Any) -> Any:
    """Values that two sorted sets have in common; -1 as soon as more than `spare` are seen to lack a partner.

    The halves of the sets are merged side by side: neither waits for the other's memory.
    """
    half = ONE << np.uint64(63)
    i_end, j_end = place_of(left, half), place_of(right, half)
    i, j, k, m = 0, 0, i_end, j_end
    shared = 0
    while i < i_end and j < j_end and k < left.size and m < right.size:
        # Without branches on the values, which no processor could foresee.
        a, b, c, d = left[i], right[j], left[k], right[m]
        shared += (a == b) + (c == d)
        i += a <= b
        j += b <= a
        k += c <= d
        m += d <= c
        if i + j + (k - i_end) + (m - j_end) - 2 * shared > spare:
            return -1
    while i < i_end and j < j_end:
        a, b = left[i], right[j]
        shared += a == b
        i += a <= b
        j += b <= a
    while k < left.size and m < right.size:
        c, d = left[k], right[m]
        shared += c == d
        k += c <= d
        m += d <= c
    return shared


@part()
def jaccard(left: Any, right: Any, threshold: Any) -> Any:
    """Jaccard similarity of two sorted sets, or -1.0 where it is below the threshold."""
    both = left.size + right.size
    shared = shared_by(left, right, both - threshold * both / (1.0 + threshold) * 2.0 + 1.0)
    if shared < 0:
        return -1.0
    union = both - shared
    score = shared / union if union > 0 else 0.0
    return score if score >= threshold else -1.0


@loop("void(i8[:, ::1], i8, i8, i8[::1], i8[::1], u8[::1], f8, f8[::1])")
def jaccards(
    pairs: Any, first: Any, last: Any, places: Any, sizes: Any, hashes: Any, threshold: Any, out: Any
) -> None:
    """Jaccard similarity of the pairs first to last, or -1.0 where it is below the threshold."""
    for number in range(first, last):
        a, b = pairs[number, 0], pairs[number, 1]
        left, right = hashes[places[a] : places[a] + sizes[a]], hashes[places[b] : places[b] + sizes[b]]
        out[number] = jaccard(left, right, threshold)
