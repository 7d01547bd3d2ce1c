"""Compiled inner loops of the exact set-similarity join.

Filters that lose nothing, then the exact similarity of what is left. A set of n shingles can only reach a Jaccard
similarity t with another if at least t * n of its shingles occur elsewhere; and if all shingles have one order, rarest
first, two sets that reach t share one among the first n - ceil(t * n) + 1 of each. A third filter spares most of the
comparisons where texts share a template: the bits in which the sketches of two sets differ are no more than the
shingles that only one of them has. Sources: S. Chaudhuri, V. Ganti, R. Kaushik, "A primitive operator for similarity
joins in data cleaning", 2006; R. Bayardo, Y. Ma, R. Srikant, "Scaling up all pairs similarity search", 2007;
E. Sandes, G. Teodoro, A. Melo, "Bitmap filter: speeding up exact set similarity joins", 2020.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dataprep.similarity.jit import BYTES, loop, part
from dataprep.similarity.kernels_sets import jaccard, lookup, take_least
from dataprep.similarity.kernels_shingles import ONE, SIX, shingle

_WORD = np.uint64(63)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_TWO = np.uint64(2)
_FOUR = np.uint64(4)
_TOP_BYTE = np.uint64(56)
_MANY = np.uint8(0xFF)
_BITS = np.uint64(511)
_ROUNDING = 1e-9
"""Keeps a product such as 0.8 * 35 from being rounded up past the whole number it is."""


@loop(f"void({BYTES}, i8[::1], i8[::1], i8, i8, i8, b1, u8[::1], u8[::1], u4[::1], i8[::1])")
def mark(
    data: Any,
    starts: Any,
    ends: Any,
    first: Any,
    last: Any,
    size: Any,
    words: Any,
    once: Any,
    twice: Any,
    kept: Any,
    counts: Any,
) -> None:
    """Set a bit for every shingle of the texts first to last: in `once`, and in `twice` if it was set already.

    The number of bits is a power of two. Shingles that share a bit count as one, which keeps a text too many at worst.
    Which bits those are goes to `kept`, one text behind the other, and how many to `counts`; -1 where they do not fit.
    """
    taken = np.int64(0)
    hashes = np.empty(1024, dtype=np.uint64)
    places = np.uint64(once.size) * np.uint64(64) - ONE
    for row in range(first, last):
        if ends[row] - starts[row] > hashes.size:
            hashes = np.empty(2 * (ends[row] - starts[row]), dtype=np.uint64)
        count = shingle(data, starts[row], ends[row], size, words, hashes)
        fits = taken + count <= kept.size
        for number in range(count):
            place = hashes[number] & places
            bit = ONE << (place & _WORD)
            twice[place >> SIX] |= once[place >> SIX] & bit
            once[place >> SIX] |= bit
            if fits:
                kept[taken + number] = np.uint32(place)
        counts[row] = count if fits else -1
        taken += count if fits else 0


@loop("void(i8, i8, f8, u8[::1], u4[::1], i8[::1])")
def survivors(first: Any, last: Any, threshold: Any, twice: Any, kept: Any, counts: Any) -> None:
    """Set the count to 0 for each text that shares too few shingles with others to have a partner.

    The texts, `kept` and `counts` are those of one call of `mark`; a text that it has not kept stays.
    """
    at = np.int64(0)
    for row in range(first, last):
        if counts[row] < 0:
            continue
        alone: Any = 0
        for number in range(at, at + counts[row]):
            place = np.uint64(kept[number])
            alone += np.int64((twice[place >> SIX] >> (place & _WORD)) & ONE == 0)
        at += counts[row]
        if alone > counts[row] - math.ceil(threshold * counts[row] - _ROUNDING):
            counts[row] = 0


@loop("void(i8[::1], i8[::1], u8[::1], u1[::1])")
def frequencies(places: Any, sizes: Any, hashes: Any, counts: Any) -> None:
    """Count the shingles of all sets in a table, up to 255; those that share a place are counted together.

    The table is small, so that a cache may hold it. What is frequent need not be told from what is more so.
    """
    last = np.uint64(counts.size - 1)
    for row in range(sizes.size):
        for place in range(places[row], places[row] + sizes[row]):
            number = hashes[place] & last
            counts[number] = np.uint8(counts[number] + np.uint8(counts[number] < _MANY))


@part()
def largest(sizes: Any, first: Any, last: Any) -> Any:
    """The largest of the sizes first to last."""
    longest = np.int64(0)
    for row in range(first, last):
        longest = max(longest, sizes[row])
    return longest


@part()
def prefix(size: Any, threshold: Any) -> Any:
    """Rarest shingles of a set of which one must be among those of any set that is alike."""
    return size - np.int64(math.ceil(threshold * size - _ROUNDING)) + 1


@loop("void(i8[::1], i8[::1], u8[::1], i8, i8, f8, u1[::1], i8[::1], u4[::1], i8[::1])")
def prefixes(
    places: Any,
    sizes: Any,
    hashes: Any,
    first: Any,
    last: Any,
    threshold: Any,
    counts: Any,
    slots: Any,
    keys: Any,
    used: Any,
) -> None:
    """The low halves of the rarest shingles of the sets first to last, from their slots on.

    Shingles that occur once are left out of `keys`, as no other set has them; `used` says how many are in.
    """
    mask = np.uint64(counts.size - 1)
    longest = largest(sizes, first, last)
    ordered = np.empty(longest, dtype=np.uint64)
    ends, often = np.empty(257, dtype=np.int64), np.empty(longest, dtype=np.uint8)
    for row in range(first, last):
        part = hashes[places[row] : places[row] + sizes[row]]
        ends[:] = 0
        for number in range(part.size):
            often[number] = counts[part[number] & mask]
            ends[np.int64(often[number]) + 1] += 1
        for times in range(256):
            ends[times + 1] += ends[times]
        for number in range(part.size):
            count = np.int64(often[number])
            ordered[ends[count]] = part[number]
            ends[count] += 1
        # All sets get the same order: by frequency, and by hash where only some of a frequency are taken.
        wanted = prefix(part.size, threshold)
        times, start = 0, np.int64(0)
        while ends[times] < wanted:
            start = ends[times]
            times += 1
        if ends[times] > wanted:
            take_least(ordered[start : ends[times]], wanted - start)
        single = min(ends[1], wanted)
        for number in range(single, wanted):
            keys[slots[row] + number - single] = np.uint32(ordered[number] & _LOW)
        used[row] = wanted - single


@loop("void(i8[::1], i8[::1], u8[::1], i8, i8, u8[:, ::1])")
def sketches(places: Any, sizes: Any, hashes: Any, first: Any, last: Any, out: Any) -> None:
    """512 bits for each set: bit i is set if an odd number of its shingles have i in their low bits."""
    for row in range(first, last):
        for place in range(places[row], places[row] + sizes[row]):
            bit = hashes[place] & _BITS
            out[row, bit >> SIX] ^= ONE << (bit & _WORD)


@part()
def bits_apart(left: Any, right: Any) -> Any:
    """Bits in which two sketches differ."""
    apart = np.uint64(0)
    for number in range(left.size):
        word = left[number] ^ right[number]
        word -= (word >> ONE) & np.uint64(0x5555555555555555)
        word = (word & np.uint64(0x3333333333333333)) + ((word >> _TWO) & np.uint64(0x3333333333333333))
        word = (word + (word >> _FOUR)) & np.uint64(0x0F0F0F0F0F0F0F0F)
        apart += (word * np.uint64(0x0101010101010101)) >> _TOP_BYTE
    return np.int64(apart)


@loop("void(u8[::1], i4[::1], i4[::1])")
def invert(ordered: Any, place_of: Any, start_of: Any) -> None:
    """Where each entry stands in the sorted index, and where at each place its key begins."""
    start = 0
    for place in range(ordered.size):
        if place > 0 and ordered[place] >> _HALF != ordered[place - 1] >> _HALF:
            start = place
        place_of[ordered[place] & _LOW] = place
        start_of[place] = start


@loop(
    "void(i8, i8, i8[::1], i4[::1], u8[::1], i4[::1], i4[::1], i8[::1], i8[::1], u8[::1], u8[:, ::1], i1[::1],"
    " f8, i8, i4[:, ::1], f8[:, ::1], b1[::1])",
)
def probe(
    first: Any,
    last: Any,
    slots: Any,
    row_of: Any,
    ordered: Any,
    place_of: Any,
    start_of: Any,
    places: Any,
    sizes: Any,
    hashes: Any,
    bits: Any,
    sides: Any,
    threshold: Any,
    limit: Any,
    others: Any,
    scores: Any,
    full: Any,
) -> None:
    """Find for each set the earlier ones that share a rare shingle, and compare them exactly.

    Args:
        first: of the sets to look at.
        last: the set before which to stop.
        slots: entries of set i are slots[i] to slots[i + 1].
        row_of: the set of each entry.
        ordered: the entries sorted by key, from `kernels_buckets.order`.
        place_of: from `invert`.
        start_of: from `invert`.
        places: where each set begins in `hashes`.
        sizes: how many shingles it has.
        hashes: of all sets, distinct within each.
        bits: from `sketches`.
        sides: bits of the columns a set stands in.
        threshold: least similarity.
        limit: sets that one is compared with at most.
        others: shape (sets, room + 1): the partners, -1 where there is none; the last place is for the most alike
            when there are more than `room`.
        scores: their similarities.
        full: set where there may be partners that are not in `others`.
    """
    room = others.shape[1] - 1
    only = (1.0 - threshold) / (1.0 + threshold)  # the share of two sets' shingles that one of them may lack
    met = np.full(sizes.size, -1, dtype=np.int32)
    memory = lookup(largest(sizes, first, last), largest(sizes, 0, sizes.size))
    for row in range(first, last):
        compared = found = 0
        enough = limit
        mine = hashes[places[row] : places[row] + sizes[row]]
        memory[0][0] = 0
        for entry in range(slots[row], slots[row + 1]):
            end = place_of[entry]
            start = start_of[end]
            for number in range(start, end):
                # The first set that has the key, then the nearest ones.
                place = start if number == start else end - number + start
                other = row_of[ordered[place] & _LOW]
                if met[other] == row:
                    continue
                met[other] = row
                same_side = sides[row] == sides[other] and sides[row] != 0 and sides[row] != 3
                small, large = min(sizes[row], sizes[other]), max(sizes[row], sizes[other])
                if same_side or small < threshold * large - _ROUNDING:
                    continue
                if compared >= enough:
                    full[row] = True
                    break
                compared += 1
                if bits_apart(bits[row], bits[other]) > only * (small + large) + _ROUNDING:
                    continue
                theirs = hashes[places[other] : places[other] + sizes[other]]
                score = jaccard(mine, theirs, memory, threshold)
                if score < threshold:
                    continue
                if found < room:
                    others[row, found] = other
                    scores[row, found] = score
                    found += 1
                else:
                    full[row] = True
                    enough = min(enough, compared + room // 8)  # a text in a crowd of copies needs no more
                    if score > scores[row, room]:
                        others[row, room] = other
                        scores[row, room] = score
            if compared >= enough:
                full[row] = True
                break
