"""Compiled inner loops over n-grams of words: their hashes, a table of them, and in how many rows each stands.

All loops release the GIL.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import BYTES, loop, part
from dataprep.similarity.kernels_shingles import BASE, ONE, SIX, mixed, word_grams

_WORD = np.uint64(63)
_UPPER = np.uint64(32)


@loop(f"void({BYTES}, i8[::1], i8[::1], i8, i8, i8[::1], u8[::1], i8[::1])")
def words(data: Any, starts: Any, ends: Any, first: Any, last: Any, places: Any, out: Any, sizes: Any) -> None:
    """The hashes of the words of the texts first to last, each text's from its place on, and how many there are."""
    for row in range(first, last):
        begin = places[row]
        sizes[row] = word_grams(data, starts[row], ends[row], np.int64(1), out[begin : places[row + 1]])


@part()
def prefixes(hashes: Any, count: Any, out: Any) -> None:
    """Polynomial hashes of the first 0, 1, ..., count words; the hash of any n-gram is the difference of two."""
    out[0] = np.uint64(0)
    for number in range(count):
        out[number + 1] = out[number] * BASE + hashes[number] + ONE


@part()
def gram(sums: Any, place: Any, size: Any, power: Any) -> Any:
    """The hash of the n-gram that begins at a word, from `prefixes`; `power` is BASE to the power of its size."""
    return mixed((sums[place + size] - sums[place] * power) ^ np.uint64(size))


@loop("void(u8[::1], i8[::1], i8[::1], i8[::1], i8[::1], u8[::1], u8[::1], u4[::1], u4[::1])")
def grams(
    hashes: Any, places: Any, sizes: Any, widths: Any, slots: Any, powers: Any, out: Any, items: Any, offsets: Any
) -> None:
    """The n-grams of every item, from its slot on, with the item and the word at which each begins.

    Args:
        hashes: words of all items.
        places: where each item begins among them.
        sizes: words of each item.
        widths: words of an n-gram of each item; 0 where it has none.
        slots: where its n-grams go.
        powers: BASE to the powers 0, 1, ...
        out: hashes of the n-grams.
        items: the item of each.
        offsets: the word at which it begins.
    """
    sums = np.empty(1024, dtype=np.uint64)
    for item in range(sizes.size):
        if widths[item] == 0:
            continue
        if sizes[item] + 1 > sums.size:
            sums = np.empty(2 * (sizes[item] + 1), dtype=np.uint64)
        prefixes(hashes[places[item] : places[item] + sizes[item]], sizes[item], sums)
        for place in range(sizes[item] - widths[item] + 1):
            slot = slots[item] + place
            out[slot] = gram(sums, place, widths[item], powers[widths[item]])
            items[slot], offsets[slot] = np.uint32(item), np.uint32(place)


@loop("void(u8[::1], u8[::1], u8[::1], u4[::1])")
def build(distinct: Any, sketch: Any, keys: Any, numbers: Any) -> None:
    """Put distinct hashes into a table and a sketch, both of sizes that are powers of two.

    A bit of the sketch says that the table is worth looking at.
    """
    last, bits = np.uint64(keys.size - 1), np.uint64(sketch.size) * np.uint64(64) - ONE
    for number in range(distinct.size):
        value = distinct[number]
        bit = (value >> _UPPER) & bits
        sketch[bit >> SIX] |= ONE << (bit & _WORD)
        place = value & last
        while keys[place] != np.uint64(0):
            place = (place + ONE) & last
        keys[place], numbers[place] = value, np.uint32(number)


@part()
def find(value: Any, sketch: Any, keys: Any, numbers: Any) -> Any:
    """The number of a hash in the table, or -1."""
    bit = (value >> _UPPER) & (np.uint64(sketch.size) * np.uint64(64) - ONE)
    if (sketch[bit >> SIX] >> (bit & _WORD)) & ONE == np.uint64(0):
        return np.int64(-1)
    last = np.uint64(keys.size - 1)
    place = value & last
    while keys[place] != np.uint64(0):
        if keys[place] == value:
            return np.int64(numbers[place])
        place = (place + ONE) & last
    return np.int64(-1)


@loop(f"void({BYTES}, i8[::1], i8[::1], i8[::1], u8[::1], u8[::1], u8[::1], u4[::1], u4[::1])")
def count_rows(
    data: Any, starts: Any, ends: Any, widths: Any, powers: Any, sketch: Any, keys: Any, numbers: Any, counts: Any
) -> None:
    """In how many of the rows each n-gram of the table stands."""
    hashes, sums = np.empty(1024, dtype=np.uint64), np.empty(1025, dtype=np.uint64)
    seen = np.full(counts.size, -1, dtype=np.int32)
    for row in range(starts.size):
        if ends[row] - starts[row] > hashes.size:
            hashes = np.empty(2 * (ends[row] - starts[row]), dtype=np.uint64)
            sums = np.empty(hashes.size + 1, dtype=np.uint64)
        count = word_grams(data, starts[row], ends[row], np.int64(1), hashes)
        prefixes(hashes, count, sums)
        for width in widths:
            for place in range(count - width + 1):
                number = find(gram(sums, place, width, powers[width]), sketch, keys, numbers)
                if number >= 0 and seen[number] != row:
                    seen[number] = row
                    counts[number] += np.uint32(1)
