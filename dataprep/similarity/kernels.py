"""Compiled inner loops over UTF-8 bytes and offsets: shingles, MinHash sketches, candidate pairs, exact Jaccard.

Importing this module compiles the loops, or loads them from numba's cache; `engine` does so on first use. All of them
release the GIL and work on a stretch of rows, so that threads can share the work. The shingle hashes are those of
`shingles`, and the permutations those of datasketch's `affine32` scheme: first the MurmurHash3 finaliser, then
a * h + b modulo 2^32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
_ONE = np.uint64(1)
_SIX = np.uint64(6)
_TAIL = np.uint64(0x3F)

_FMIX1 = np.uint32(0x85EBCA6B)
_FMIX2 = np.uint32(0xC2B2AE35)
_MOST32 = np.uint32(0xFFFFFFFF)
_GOLDEN32 = np.uint32(0x9E3779B1)


@njit("UniTuple(u8, 2)(u1[::1], i8)", cache=True, nogil=True, inline="always")
def code_point(data: Any, place: Any) -> Any:
    """The code point that begins at a byte, and the place of the next."""
    head = np.uint64(data[place])
    if head < np.uint64(0x80):
        return head, np.uint64(place + 1)
    second = np.uint64(data[place + 1]) & _TAIL
    if head < np.uint64(0xE0):
        return ((head & np.uint64(0x1F)) << _SIX) | second, np.uint64(place + 2)
    third = np.uint64(data[place + 2]) & _TAIL
    if head < np.uint64(0xF0):
        point = ((head & np.uint64(0x0F)) << np.uint64(12)) | (second << _SIX) | third
        return point, np.uint64(place + 3)
    fourth = np.uint64(data[place + 3]) & _TAIL
    point = ((head & np.uint64(0x07)) << np.uint64(18)) | (second << np.uint64(12)) | (third << _SIX) | fourth
    return point, np.uint64(place + 4)


@njit("i8(u1[::1], i8, i8, i8, u8[::1])", cache=True, nogil=True)
def shingle(data: Any, start: Any, end: Any, size: Any, out: Any) -> Any:
    """Hash the n-grams of code points of a text, repeated ones too; how many there are.

    A text shorter than `size` is one n-gram, the whole of it. `out` needs a place for each byte.
    """
    power = _ONE  # of the code point that leaves the window
    for _ in range(size):
        power *= _BASE
    head = start
    tail = start
    held = 0
    count = 0
    value = np.uint64(0)
    while head < end:
        point, after = code_point(data, head)
        head = np.int64(after)
        value = value * _BASE + point + _ONE
        held += 1
        if held > size:
            gone, after = code_point(data, tail)
            tail = np.int64(after)
            value -= power * (gone + _ONE)
        if held >= size:
            mixed = (value ^ (value >> _SHIFT)) * _MIX1
            mixed = (mixed ^ (mixed >> _SHIFT)) * _MIX2
            out[count] = mixed ^ (mixed >> _SHIFT)
            count += 1
    if count == 0 and held > 0:
        mixed = (value ^ (value >> _SHIFT)) * _MIX1
        mixed = (mixed ^ (mixed >> _SHIFT)) * _MIX2
        out[0] = mixed ^ (mixed >> _SHIFT)
        count = 1
    return count


@njit("void(u8[::1], i8, u4[:, ::1], u4[::1])", cache=True, nogil=True)
def minhash(hashes: Any, count: Any, permutations: Any, out: Any) -> None:
    """The signature of a set of hashes, of which the low 32 bits are permuted."""
    factors, offsets = permutations[0], permutations[1]
    out[:] = _MOST32
    for place in range(count):
        value = np.uint32(hashes[place] & np.uint64(0xFFFFFFFF))
        # Products of 32-bit numbers have 64 bits here; the cast is the modulo.
        value = np.uint32((value ^ (value >> np.uint32(16))) * _FMIX1)
        value = np.uint32((value ^ (value >> np.uint32(13))) * _FMIX2)
        value = np.uint32(value ^ (value >> np.uint32(16)))
        for number in range(out.size):
            permuted = np.uint32(factors[number] * value + offsets[number])
            out[number] = min(out[number], permuted)


@njit("void(u1[::1], i8[::1], i8, i8, i8, u4[:, ::1], u4[:, ::1])", cache=True, nogil=True)
def signatures(data: Any, starts: Any, first: Any, last: Any, size: Any, permutations: Any, out: Any) -> None:
    """MinHash signatures of the texts first to last."""
    hashes = np.empty(1024, dtype=np.uint64)
    for row in range(first, last):
        if starts[row + 1] - starts[row] > hashes.size:
            hashes = np.empty(2 * (starts[row + 1] - starts[row]), dtype=np.uint64)
        count = shingle(data, starts[row], starts[row + 1], size, hashes)
        minhash(hashes, count, permutations, out[row])


@njit("void(u1[::1], i8[::1], i8, i8, i8, u4[:, ::1], u4[:, ::1], u1[:, ::1])", cache=True, nogil=True)
def sketch(data: Any, starts: Any, first: Any, last: Any, size: Any, permutations: Any, keys: Any, low: Any) -> None:
    """One key for each band of the texts first to last, and the lowest byte of each signature value."""
    hashes = np.empty(1024, dtype=np.uint64)
    rows = permutations.shape[1] // keys.shape[0]
    signature = np.empty(permutations.shape[1], dtype=np.uint32)
    for row in range(first, last):
        if starts[row + 1] - starts[row] > hashes.size:
            hashes = np.empty(2 * (starts[row + 1] - starts[row]), dtype=np.uint64)
        count = shingle(data, starts[row], starts[row + 1], size, hashes)
        minhash(hashes, count, permutations, signature)
        for number in range(signature.size):
            low[row, number] = np.uint8(signature[number] & np.uint32(0xFF))
        for band in range(keys.shape[0]):
            key = np.uint32(band)
            for number in range(band * rows, (band + 1) * rows):
                key = np.uint32((key ^ signature[number]) * _GOLDEN32)
                key = np.uint32(key ^ (key >> np.uint32(15)))
            keys[band, row] = key


@njit("i8(u1[::1], u1[::1])", cache=True, nogil=True)
def agreeing(left: Any, right: Any) -> Any:
    """Places at which two rows of bytes agree."""
    equal = 0
    for place in range(left.size):
        if left[place] == right[place]:
            equal += 1
    return equal


@njit(
    "void(i8[::1], i8, i8, u4[::1], u1[:, ::1], i1[::1], i8, i8, i4[:, ::1], i4[::1], i4[::1], b1[::1])",
    cache=True,
    nogil=True,
)
def candidates(
    order: Any,
    first: Any,
    last: Any,
    keys: Any,
    low: Any,
    sides: Any,
    least: Any,
    reach: Any,
    others: Any,
    found: Any,
    best: Any,
    full: Any,
) -> None:
    """Note for each text the earlier ones it may be alike, from the buckets of one band.

    Args:
        order: the texts by their key in this band, those of one key in their order.
        first: place in `order` from which on the buckets that begin there are looked at.
        last: place before which they must begin.
        keys: of this band.
        low: lowest bytes of the signatures, shape (texts, permutations).
        sides: bits of the columns a text stands in; two texts with the same single bit are no pair.
        least: signature values in which two texts must agree.
        reach: a text is compared with so many members at its bucket's beginning, and as many right before it.
        others: shape (texts, room): the earlier texts, as they were found. The last place is for the one that agrees
            best when the others are taken.
        found: how many of them there are.
        best: signature values in which the best of them agrees.
        full: set where more were met than there is room for, or than were looked at.
    """
    room = others.shape[1] - 1
    place = first
    while 0 < place < last and keys[order[place]] == keys[order[place - 1]]:
        place += 1
    while place < last:
        start = place
        place += 1
        while place < order.size and keys[order[place]] == keys[order[start]]:
            row = order[place]
            before = place - start
            skipped = max(0, before - 2 * reach)
            full[row] |= skipped > 0
            for number in range(before - skipped):
                other = order[start + number + (skipped if number >= reach else 0)]
                if sides[row] == sides[other] and sides[row] != 0 and sides[row] != 3:
                    continue
                known = False
                for earlier in range(min(found[row], room)):
                    known |= others[row, earlier] == other
                if known:
                    continue
                equal = agreeing(low[row], low[other])
                if equal < least:
                    continue
                if found[row] < room:
                    others[row, found[row]] = other
                    found[row] += 1
                elif others[row, room] != other:
                    full[row] = True
                    if equal > best[row]:
                        others[row, room] = other
                best[row] = max(best[row], equal)
            place += 1


@njit("void(u1[::1], i8[::1], i8[::1], i8, i8, i8, i8[::1], u8[::1], i8[::1])", cache=True, nogil=True)
def shingle_sets(
    data: Any, starts: Any, rows: Any, first: Any, last: Any, size: Any, places: Any, out: Any, sizes: Any
) -> None:
    """Sorted distinct hashes of the texts rows[first:last], each from its place in `out`."""
    for number in range(first, last):
        row = rows[number]
        part = out[places[number] : places[number + 1]]
        count = shingle(data, starts[row], starts[row + 1], size, part)
        part[:count].sort()
        distinct = 0
        for place in range(count):
            if place == 0 or part[place] != part[distinct - 1]:
                part[distinct] = part[place]
                distinct += 1
        sizes[number] = distinct


@njit("void(i8[:, ::1], i8, i8, i8[::1], i8[::1], u8[::1], f8, f8[::1])", cache=True, nogil=True)
def jaccards(
    pairs: Any, first: Any, last: Any, places: Any, sizes: Any, hashes: Any, threshold: Any, out: Any
) -> None:
    """Jaccard similarity of the pairs first to last, or -1.0 where it is below the threshold."""
    for number in range(first, last):
        a, b = pairs[number, 0], pairs[number, 1]
        size_a, size_b = sizes[a], sizes[b]
        left, right = hashes[places[a] : places[a] + size_a], hashes[places[b] : places[b] + size_b]
        spare = size_a + size_b - threshold * (size_a + size_b) / (1.0 + threshold) * 2.0
        i = j = shared = 0
        missed = 0
        while i < size_a and j < size_b:
            if left[i] == right[j]:
                shared += 1
                i += 1
                j += 1
            else:
                missed += 1
                if missed > spare + 1.0:
                    break
                if left[i] < right[j]:
                    i += 1
                else:
                    j += 1
        union = size_a + size_b - shared
        score = shared / union if union > 0 else 0.0
        out[number] = score if score >= threshold else -1.0
