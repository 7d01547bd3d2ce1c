"""Compiled inner loops that turn texts into sets of features: words, numbers, and pairs of numbers.

A feature is 32 bits: its kind in the upper two and a hash in the others. Equal features of one text are numbered, so
that a text is a set. All loops release the GIL.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import BYTES, loop, part
from dataprep.similarity.kernels_shingles import BASE, ONE, code_point, is_space, mixed, stands_alone

_PAIR = np.uint64(0x5851F42D4C957F2D)
_GRAM = np.uint64(0x14057B7EF767814F)
_COPY = np.uint64(0xD1342543DE82EF95)
_KIND = np.uint32(30)
_HASH = np.uint64(34)

WORD, SMALL, NUMBER, PAIR = 0, 1, 2, 3
"""Kinds: words, numbers up to twelve, other numbers, and two numbers in a row."""

PREFIX = 5
"""Code points of a word that count: inflected forms have them in common, in most languages with letters."""


@part()
def _is_sign(point: Any) -> Any:
    """Whether a code point can stand around the digits of a number: ASCII symbols and signs of currencies."""
    if point < np.uint64(0x80):
        return not (
            (np.uint64(0x30) <= point <= np.uint64(0x39))
            or (np.uint64(0x61) <= point <= np.uint64(0x7A))
            or (np.uint64(0x41) <= point <= np.uint64(0x5A))
        )
    return np.uint64(0xA2) <= point <= np.uint64(0xA5) or np.uint64(0x20A0) <= point <= np.uint64(0x20CF)


@part()
def _place_of(key: Any, keys: Any) -> Any:
    """Where a key stands in a table whose size is a power of two, or the free place where it would."""
    last = np.uint64(keys.size - 1)
    place = key & last
    while keys[place] != np.uint64(0) and keys[place] != key:
        place = (place + ONE) & last
    return np.int64(place)


@part()
def token(data: Any, place: Any, end: Any) -> Any:
    """The token that begins at a byte: its hash, that of its first code points, its kind, and where it ends.

    The hash of a number leaves out the signs around it.
    """
    value, prefix, bare = np.uint64(0), np.uint64(0), np.uint64(0)
    count = digits = 0
    amount = np.uint64(0)
    number = plain = True
    gap = False
    while place < end:
        point, after = code_point(data, place)
        if is_space(point) or (stands_alone(point) and count > 0):
            break
        place = np.int64(after)
        value = value * BASE + point + ONE
        count += 1
        if count <= PREFIX:
            prefix = value
        sign = _is_sign(point)
        if digits == 0 and number and not sign:
            number = np.uint64(0x30) <= point <= np.uint64(0x39)
            value = point + ONE if number else value
        if number and sign:
            gap = digits > 0
        elif number:
            digits += 1
            bare = value
            plain = plain and not gap and np.uint64(0x30) <= point <= np.uint64(0x39)
            amount = amount * np.uint64(10) + point - np.uint64(0x30)
        if stands_alone(point):
            break
    if number and digits > 0:
        kind = SMALL if plain and digits <= 2 and amount <= np.uint64(12) else NUMBER
        return mixed(bare), np.uint64(0), np.uint64(kind), np.uint64(place)
    return mixed(value), mixed(prefix), np.uint64(WORD), np.uint64(place)


@loop(f"UniTuple(u8, 4)({BYTES})")
def whole_token(data: Any) -> Any:
    """The same of a text that is one token."""
    return token(data, np.int64(0), data.size)


@part()
def _plain_features(data: Any, place: Any, end: Any, named: Any, out: Any, kinds: Any) -> Any:
    """The features of a text before equal ones are numbered; how many there are."""
    count = 0
    number, alone = np.uint64(0), np.uint64(0)
    while place < end:
        point, after = code_point(data, place)
        if is_space(point):
            place = np.int64(after)
            continue
        single = stands_alone(point)
        value, prefix, kind, after = token(data, place, end)
        place = np.int64(after)
        if kind == WORD:
            where = _place_of(value, named[0])
            if named[0, where] == value:
                value, kind = named[1, where], named[2, where]
        if kind == WORD:
            out[count], kinds[count] = prefix, WORD
            count += 1
            if single and alone != np.uint64(0):
                out[count], kinds[count] = mixed(alone * _GRAM + prefix), WORD
                count += 1
            alone = prefix if single else np.uint64(0)
            continue
        alone = np.uint64(0)
        out[count], kinds[count] = value, np.uint8(kind)
        count += 1
        if number != np.uint64(0):
            out[count], kinds[count] = mixed(number * _PAIR + value), PAIR
            count += 1
        number = value
    return count


@loop(f"i8({BYTES}, i8[::1], i8[::1], i8, i8, u8[:, ::1], u4[::1], i8[::1])")
def features(data: Any, starts: Any, ends: Any, first: Any, last: Any, named: Any, out: Any, sizes: Any) -> Any:
    """The features of the texts first to last, one text behind the other; how many there are.

    Args:
        data: of the texts.
        starts: of the texts.
        ends: of the texts.
        first: text.
        last: text before which to stop.
        named: table of numbers in words, shape (3, power of two): hash of the word, hash of the digits, kind.
        out: needs a place for each byte and one more for each text.
        sizes: features of each text, from 0 on.
    """
    plain, kinds = np.empty(1024, dtype=np.uint64), np.empty(1024, dtype=np.uint8)
    keys, seen = np.zeros(2048, dtype=np.uint64), np.zeros(2048, dtype=np.uint32)
    total = 0
    for row in range(first, last):
        if ends[row] - starts[row] + 1 > plain.size:
            plain = np.empty(2 * (ends[row] - starts[row] + 1), dtype=np.uint64)
            kinds = np.empty(plain.size, dtype=np.uint8)
        count = _plain_features(data, starts[row], ends[row], named, plain, kinds)
        if 2 * count > keys.size:
            size = keys.size
            while size < 2 * count:
                size *= 2
            keys, seen = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.uint32)
        for number in range(count):
            where = _place_of(plain[number], keys)
            keys[where] = plain[number]
            value = mixed(plain[number] + np.uint64(seen[where]) * _COPY)
            seen[where] += np.uint32(1)
            out[total + number] = (np.uint32(kinds[number]) << _KIND) | np.uint32(value >> _HASH)
        if 4 * count > keys.size:
            keys[:], seen[:] = np.uint64(0), np.uint32(0)
        else:
            # The longest run of taken places ends before a free one, so the first to clear can be met in any order.
            for number in range(count):
                place = np.int64(plain[number] & np.uint64(keys.size - 1))
                while keys[place] != np.uint64(0):
                    keys[place], seen[place] = np.uint64(0), np.uint32(0)
                    place = (place + 1) & (keys.size - 1)
        sizes[row - first] = count
        total += count
    return total


@loop("void(u4[::1], u4[::1])")
def count_features(ids: Any, counts: Any) -> None:
    """Count features in a table whose size is a power of two; those that share a place are counted together."""
    last = np.uint32(counts.size - 1)
    for number in range(ids.size):
        counts[ids[number] & last] += np.uint32(1)


@loop("void(u4[::1], i8[::1], i8, i8, u4[::1], f4[:, :, ::1], f4[:, ::1])")
def weigh(ids: Any, places: Any, first: Any, last: Any, often: Any, weights: Any, out: Any) -> None:
    """What the texts first to last lose when nothing is shared, and gain when everything is.

    Args:
        ids: features of all texts.
        places: where each text begins among them.
        first: text.
        last: text before which to stop.
        often: in how many texts of the sample a feature stands, by its low bits.
        weights: shape (2, kinds, texts of the sample + 1): gain of a feature that is shared, loss of one that is not.
        out: shape (texts, 2): the loss, which is negative, and the gain.
    """
    mask = np.uint32(often.size - 1)
    most = np.uint32(weights.shape[2] - 1)
    for row in range(first, last):
        loss = gain = 0.0
        for number in range(places[row], places[row + 1]):
            count = min(often[ids[number] & mask], most)
            kind = ids[number] >> _KIND
            gain += weights[0, kind, count]
            loss += weights[1, kind, count]
        out[row, 0] = loss
        out[row, 1] = gain
