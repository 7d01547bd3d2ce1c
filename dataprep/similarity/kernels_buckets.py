"""Compiled inner loops that turn band keys into candidate pairs; linear, however many texts share a key."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import loop, part

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_DIGIT = np.uint64(0x7FF)
_BITS = 11
_NEXT = 2


@part()
def sort_by_key(source: Any, target: Any) -> None:
    """Sort by the high 32 bits into `target`: a radix sort of three digits."""
    for digit in range(3):
        shift = np.uint64(32 + _BITS * digit)
        ends = np.zeros((1 << _BITS) + 1, dtype=np.int64)
        for place in range(source.size):
            ends[((source[place] >> shift) & _DIGIT) + np.uint64(1)] += 1
        for number in range(1 << _BITS):
            ends[number + 1] += ends[number]
        for place in range(source.size):
            number = (source[place] >> shift) & _DIGIT
            target[ends[number]] = source[place]
            ends[number] += 1
        source, target = target, source


@loop("void(u4[::1], u8[::1], u8[::1])")
def order(keys: Any, out: Any, scratch: Any) -> None:
    """Keys in the high and their positions in the low 32 bits, sorted."""
    for row in range(keys.size):
        scratch[row] = (np.uint64(keys[row]) << _HALF) | np.uint64(row)
    sort_by_key(scratch, out)


@part()
def likely_shared(keys: Any, once: Any, twice: Any, out: Any) -> Any:
    """Like `order`, in the order of the positions, without most of the keys that stand once; how many are left.

    `once` and `twice` are tables of as many bits as a power of two: a key that falls on a bit of `twice` may stand
    twice. `out` needs a place more than there are keys.
    """
    once[:] = 0
    twice[:] = 0
    last = np.uint32(once.size * 64 - 1)
    for row in range(keys.size):
        bit = keys[row] & last
        word, mask = bit >> np.uint32(6), np.uint64(1) << np.uint64(bit & np.uint32(63))
        twice[word] |= once[word] & mask
        once[word] |= mask
    count: Any = 0
    for row in range(keys.size):
        bit = keys[row] & last
        out[count] = (np.uint64(keys[row]) << _HALF) | np.uint64(row)
        count += np.int64((twice[bit >> np.uint32(6)] >> np.uint64(bit & np.uint32(63))) & np.uint64(1))
    return count


@loop("void(u4[:, ::1], i8, i8, i8, u8[:, ::1], i8[::1])")
def order_shared(keys: Any, first: Any, last: Any, bits: Any, out: Any, counts: Any) -> None:
    """Like `order` for the bands first to last, without the keys that stand once, but for some.

    Most keys of a band stand once, and are no candidate.

    Args:
        keys: shape (bands, texts).
        first: band.
        last: band before which to stop.
        bits: of the tables that tell which keys may stand twice; a power of two, 64 at least.
        out: shape (bands, texts).
        counts: places that are filled, by band.
    """
    once, twice = np.empty(bits >> 6, dtype=np.uint64), np.empty(bits >> 6, dtype=np.uint64)
    scratch = np.empty(keys.shape[1] + 1, dtype=np.uint64)
    for band in range(first, last):
        count = likely_shared(keys[band], once, twice, scratch)
        sort_by_key(scratch[:count], out[band, :count])
        counts[band] = count


@part()
def agreeing(left: Any, right: Any) -> Any:
    """Places at which two rows of bytes agree."""
    equal = np.uint8(0)  # a wider count would need eight times as many vectors; there are 128 places at most
    for place in range(left.size):
        equal = np.uint8(equal + np.uint8(left[place] == right[place]))
    return np.int64(equal)


@part()
def note(
    row: Any, other: Any, low: Any, sides: Any, least: Any, others: Any, found: Any, agree: Any, full: Any
) -> None:
    """Note for a text another one that it may be alike; the arguments are those of `candidates`."""
    if sides[row] == sides[other] and sides[row] != 0 and sides[row] != 3:
        return
    for earlier in range(found[row]):
        if others[earlier, row] == other:
            return
    equal = agreeing(low[row], low[other])
    if equal < least:
        return
    if found[row] < len(others):
        others[found[row], row] = other
        agree[found[row], row] = equal
        found[row] += 1
        return
    full[row] = True
    # The first ones stay: one of them is what all of a crowd are copies of. The likeliest take the other places.
    weakest = len(others) // 2
    for place in range(weakest + 1, len(others)):
        if agree[place, row] < agree[weakest, row]:
            weakest = place
    if equal > agree[weakest, row]:
        others[weakest, row] = other
        agree[weakest, row] = equal


@part()
def neighbours(
    members: Any, reach: Any, low: Any, sides: Any, least: Any, others: Any, found: Any, agree: Any, full: Any
) -> None:
    """Compare each text with the `reach` right before it on either side; the arguments are those of `candidates`.

    A text that has all the others it needs is compared with the very next ones only: what is much more like it than
    those it has stands there.
    """
    recent = np.empty((2, reach), dtype=np.int64)
    seen = np.zeros(2, dtype=np.int64)
    for row in members:
        for column in range(2):
            # Texts of the left column alone look among those of the right one, and the reverse.
            if sides[row] == column + 1 or (sides[row] == 0 and column == 1):
                continue
            near = reach if found[row] < len(others) else _NEXT
            for back in range(min(seen[column], near)):
                note(
                    row,
                    recent[column, (seen[column] - 1 - back) % reach],
                    low,
                    sides,
                    least,
                    others,
                    found,
                    agree,
                    full,
                )
        for column in range(2):
            if sides[row] != 2 - column:
                recent[column, seen[column] % reach] = row
                seen[column] += 1


@loop(
    "void(u8[::1], i8, i8, u4[::1], u1[:, ::1], i1[::1], i8, i8, i4[:, ::1], i4[::1], u1[:, ::1], b1[::1])",
)
def candidates(
    ordered: Any,
    first: Any,
    last: Any,
    following: Any,
    low: Any,
    sides: Any,
    least: Any,
    crowd: Any,
    others: Any,
    found: Any,
    agree: Any,
    full: Any,
) -> None:
    """Note for each text others that it may be alike, from the buckets of one band.

    Within a bucket of at most `crowd` texts each is compared with all before it. The texts of a larger one are sorted
    by their key in the following band, which texts that are much alike share as well, and each is compared with the
    first text of the bucket and with the `crowd / 2` before it in that order.

    Args:
        ordered: from `order`.
        first: place from which on the buckets that begin there are looked at.
        last: place before which they must begin.
        following: keys of the next band, by text.
        low: lowest bytes of the first signature values, shape (texts, values).
        sides: bits of the columns a text stands in; two texts with the same single bit are no pair.
        least: values in which two texts must agree.
        crowd: texts that are compared each with each.
        others: shape (room, texts): the other texts, the first half as they were found. The places of the second
            half go to those that agree best. Most texts have few others, and what is not used takes no memory.
        found: how many of them there are.
        agree: values in which each of them agrees.
        full: set where more were met than there is room for, or than were compared.
    """
    place = first
    while 0 < place < last and ordered[place] >> _HALF == ordered[place - 1] >> _HALF:
        place += 1
    while place < last:
        start = place
        place += 1
        while place < ordered.size and ordered[place] >> _HALF == ordered[start] >> _HALF:
            place += 1
        size = place - start
        if size == 1:
            continue
        members = (ordered[start:place] & _LOW).astype(np.int64)
        if size <= crowd:
            for number in range(1, size):
                for before in range(number):
                    note(members[number], members[before], low, sides, least, others, found, agree, full)
            continue
        lead = members[0]
        members = members[np.argsort(following[members], kind="mergesort")]
        for row in members:
            full[row] = True
            if row != lead:
                note(row, lead, low, sides, least, others, found, agree, full)
        for backwards in range(2):
            neighbours(
                members[::-1].copy() if backwards else members,
                crowd // 4,
                low,
                sides,
                least,
                others,
                found,
                agree,
                full,
            )
