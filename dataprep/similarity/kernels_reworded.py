"""Compiled inner loops of the search for reworded texts: features, their frequencies, an inverted index, the nearest.

A feature is 32 bits: its kind in the upper two and a hash in the others. Equal features of one text are numbered, so
that a text is a set. All loops release the GIL, and what they return does not depend on how the work is divided.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from dataprep.similarity.kernels import code_point, is_space, mixed, stands_alone

_BYTES = "Array(u1, 1, 'C', True)"
_BASE = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)
_PAIR = np.uint64(0x5851F42D4C957F2D)
_GRAM = np.uint64(0x14057B7EF767814F)
_COPY = np.uint64(0xD1342543DE82EF95)
_KIND = np.uint32(30)
_HASH = np.uint64(34)
_NOWHERE = np.int64(-1)

WORD, SMALL, NUMBER, PAIR = 0, 1, 2, 3
"""Kinds: words, numbers up to twelve, other numbers, and two numbers in a row."""

PREFIX = 5
"""Code points of a word that count: inflected forms have them in common, in most languages with letters."""

_POOL = 256
_TRIED = 32
_BINS = 256


@njit("b1(u8)", cache=True, nogil=True, inline="always")
def _is_sign(point: Any) -> Any:
    """Whether a code point can stand around the digits of a number: ASCII symbols and signs of currencies."""
    if point < np.uint64(0x80):
        return not (
            (np.uint64(0x30) <= point <= np.uint64(0x39))
            or (np.uint64(0x61) <= point <= np.uint64(0x7A))
            or (np.uint64(0x41) <= point <= np.uint64(0x5A))
        )
    return np.uint64(0xA2) <= point <= np.uint64(0xA5) or np.uint64(0x20A0) <= point <= np.uint64(0x20CF)


@njit("i8(u8, u8[::1])", cache=True, nogil=True, inline="always")
def _place_of(key: Any, keys: Any) -> Any:
    """Where a key stands in a table whose size is a power of two, or the free place where it would."""
    last = np.uint64(keys.size - 1)
    place = key & last
    while keys[place] != np.uint64(0) and keys[place] != key:
        place = (place + _ONE) & last
    return np.int64(place)


@njit(f"UniTuple(u8, 4)({_BYTES}, i8, i8)", cache=True, nogil=True)
def token(data: Any, place: Any, end: Any) -> Any:
    """The token that begins at a byte: its hash, that of its first code points, its kind, and where it ends.

    The hash of a number leaves out the signs around it.
    """
    value, prefix, bare = np.uint64(0), np.uint64(0), np.uint64(0)
    count = digits = 0
    amount = np.uint64(0)
    number = plain = True
    while place < end:
        point, after = code_point(data, place)
        if is_space(point) or (stands_alone(point) and count > 0):
            break
        place = np.int64(after)
        value = value * _BASE + point + _ONE
        count += 1
        if count <= PREFIX:
            prefix = value
        sign = _is_sign(point)
        if digits == 0 and number and not sign:
            number = np.uint64(0x30) <= point <= np.uint64(0x39)
            value = point + _ONE if number else value
        if number and not sign:
            digits += 1
            bare = value
            plain = plain and np.uint64(0x30) <= point <= np.uint64(0x39)
            amount = amount * np.uint64(10) + point - np.uint64(0x30)
        if stands_alone(point):
            break
    if number and digits > 0:
        kind = SMALL if plain and digits <= 2 and amount <= np.uint64(12) else NUMBER
        return mixed(bare), np.uint64(0), np.uint64(kind), np.uint64(place)
    return mixed(value), mixed(prefix), np.uint64(WORD), np.uint64(place)


@njit(f"i8({_BYTES}, i8, i8, u8[:, ::1], u8[::1], u1[::1])", cache=True, nogil=True)
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


@njit(f"i8({_BYTES}, i8[::1], i8, i8, u8[:, ::1], u4[::1], i8[::1])", cache=True, nogil=True)
def features(data: Any, starts: Any, first: Any, last: Any, named: Any, out: Any, sizes: Any) -> Any:
    """The features of the texts first to last, one text behind the other; how many there are.

    Args:
        data: of the texts.
        starts: of the texts.
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
        if starts[row + 1] - starts[row] + 1 > plain.size:
            plain = np.empty(2 * (starts[row + 1] - starts[row] + 1), dtype=np.uint64)
            kinds = np.empty(plain.size, dtype=np.uint8)
        count = _plain_features(data, starts[row], starts[row + 1], named, plain, kinds)
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


@njit("void(u4[::1], u4[::1])", cache=True, nogil=True)
def count_features(ids: Any, counts: Any) -> None:
    """Count features in a table whose size is a power of two; those that share a place are counted together."""
    last = np.uint32(counts.size - 1)
    for number in range(ids.size):
        counts[ids[number] & last] += np.uint32(1)


@njit("void(u4[::1], i8[::1], i8, i8, u4[::1], f4[:, :, ::1], f4[:, ::1])", cache=True, nogil=True)
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


@njit("void(u4[::1], i8[::1], i8[::1], i8, i8, u4[::1])", cache=True, nogil=True)
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


@njit("f8(f8, f8, f8, f8, f8)", cache=True, nogil=True, inline="always")
def score(shared: Any, loss: Any, scale: Any, other_loss: Any, other_scale: Any) -> Any:
    """The evidence for either text, each by its own measure, added."""
    return (loss + shared) * scale + (other_loss + shared) * other_scale


@njit("f8(f8, f8, f8)", cache=True, nogil=True, inline="always")
def bound(shared: Any, loss: Any, scale: Any) -> Any:
    """The highest score with any other text: its gain is at least what it shares less its loss."""
    return (loss + shared) * scale + max(shared, 0.0) ** 0.25


@njit("void(i8, f8, i8[::1], f8[::1], i8)", cache=True, nogil=True)
def _keep(row: Any, value: Any, rows: Any, values: Any, found: Any) -> None:
    """Put a text in its place among the `found` best, the first of equal ones first; the last of a full list goes."""
    place = min(found, rows.size - 1)
    while place > 0 and (values[place - 1] < value or (values[place - 1] == value and rows[place - 1] > row)):
        values[place], rows[place] = values[place - 1], rows[place - 1]
        place -= 1
    values[place], rows[place] = value, row


@njit("b1(i8, f8, i8[::1], f8[::1], i8)", cache=True, nogil=True, inline="always")
def _is_better(row: Any, value: Any, rows: Any, values: Any, found: Any) -> Any:
    """Whether a text belongs among the best."""
    if found < rows.size:
        return True
    worst = values[rows.size - 1]
    return value > worst or (value == worst and row < rows[rows.size - 1])


@njit("void(u4[::1], f4[::1], i8, u4[::1], f4[::1])", cache=True, nogil=True)
def _remember(ids: Any, gains: Any, count: Any, keys: Any, values: Any) -> None:
    """Put features into a table whose size is a power of two; 0 is a free place."""
    keys[:] = np.uint32(0)
    last = np.uint32(keys.size - 1)
    for number in range(count):
        place = ids[number] & last
        while keys[place] != np.uint32(0) and keys[place] != ids[number]:
            place = (place + np.uint32(1)) & last
        keys[place], values[place] = ids[number], gains[number]


@njit("UniTuple(f8, 3)(u4[::1], u4[::1], f4[::1])", cache=True, nogil=True)
def _in_common(others: Any, keys: Any, values: Any) -> Any:
    """What a text shares with the one in the table: evidence and numbers; and how many numbers it has."""
    last = np.uint32(keys.size - 1)
    shared = 0.0
    numbers = total = 0
    for number in range(others.size):
        value = others[number]
        kind = value >> _KIND
        is_number = kind == np.uint32(SMALL) or kind == np.uint32(NUMBER)
        total += is_number
        place = value & last
        while keys[place] != np.uint32(0) and keys[place] != value:
            place = (place + np.uint32(1)) & last
        if keys[place] == value:
            shared += values[place]
            numbers += is_number
    return shared, float(numbers), float(total)


@njit("f8(f4[::1], i8, i8)", cache=True, nogil=True)
def _least_of_best(sums: Any, count: Any, wanted: Any) -> Any:
    """What the best `wanted` of some sums, and a few more, are at least: the lower end of a bin of a histogram."""
    most = np.float32(0)
    for number in range(count):
        most = max(most, sums[number])
    if most <= 0.0 or count <= wanted:
        return 0.0
    bins = np.zeros(_BINS, dtype=np.int32)
    per_bin = np.float32(_BINS - 1) / most
    for number in range(count):
        bins[np.int64(sums[number] * per_bin)] += 1
    above = 0
    for number in range(_BINS - 1, -1, -1):
        above += bins[number]
        if above >= wanted:
            return number / np.float64(per_bin)
    return 0.0


@njit(
    "void(i8, i8, u4[::1], i8[::1], f4[:, ::1], i4[::1], u4[::1], f4[:, :, ::1], u4[::1], i8[::1], u4[::1], f4[:, ::1],"
    " u4[::1], i8[::1], i8, f8, i4[:, ::1], f4[:, ::1], i4[:, :, ::1], b1[::1])",
    cache=True,
    nogil=True,
)
def nearest(
    first: Any,
    last: Any,
    asked: Any,
    asked_places: Any,
    asked_sides: Any,
    itself: Any,
    often: Any,
    weights: Any,
    ids: Any,
    places: Any,
    counts: Any,
    sides: Any,
    postings: Any,
    starts: Any,
    budget: Any,
    least: Any,
    others: Any,
    scores: Any,
    numbers: Any,
    cut: Any,
) -> None:
    """The texts of an index that are likeliest to be rewordings of the texts first to last.

    The features of a text are looked up rarest first, as long as that meets no more than `budget` texts. When all of
    them are, what was found is what comparing with every text would find.

    Args:
        first: text that is asked about.
        last: text before which to stop.
        asked: features of the texts that are asked about.
        asked_places: where each begins among them.
        asked_sides: their loss and the factor of their score, shape (texts, 2).
        itself: its own position in the index, or -1.
        often: as in `weigh`.
        weights: as in `weigh`.
        ids: features of the texts in the index.
        places: where each begins among them.
        counts: texts of each slot of the index.
        sides: as `asked_sides`.
        postings: from `invert`.
        starts: where each slot begins in `postings`.
        budget: places of `postings` that are looked at for a text.
        least: score below which a text is of no interest, at least 0.
        others: shape (texts, most): the nearest, the best first; -1 is none.
        scores: their scores.
        numbers: shape (texts, most, 2): numbers that both texts have, and numbers of the text that has more.
        cut: set where a better one may be among the texts that were not met.
    """
    most = others.shape[1]
    mask, slots = np.uint32(often.size - 1), np.uint32(counts.size - 1)
    top = np.uint32(weights.shape[2] - 1)
    # Where the sum of a text stands in `sums`: of this text that is asked about only from `base` on.
    place_of, base = np.zeros(sides.shape[0], dtype=np.uint32), np.uint32(1)
    met = np.empty(min(budget, sides.shape[0]), dtype=np.uint32)
    sums = np.empty(met.size, dtype=np.float32)
    mine, gains = np.empty(256, dtype=np.uint32), np.empty(256, dtype=np.float32)
    keys, values = np.zeros(512, dtype=np.uint32), np.empty(512, dtype=np.float32)
    best, best_scores = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.float64)
    pool, pool_scores = np.empty(_TRIED, dtype=np.int64), np.empty(_TRIED, dtype=np.float64)
    for row in range(first, last):
        size = asked_places[row + 1] - asked_places[row]
        if size > mine.size:
            mine, gains = np.empty(2 * size, dtype=np.uint32), np.empty(2 * size, dtype=np.float32)
            length = keys.size
            while length < 2 * mine.size:
                length *= 2
            keys, values = np.zeros(length, dtype=np.uint32), np.empty(length, dtype=np.float32)
        loss, scale = np.float64(asked_sides[row, 0]), np.float64(asked_sides[row, 1])
        used = mine_numbers = 0
        left = 0.0
        for number in range(asked_places[row], asked_places[row + 1]):
            value = asked[number]
            kind = value >> _KIND
            mine_numbers += kind == np.uint32(SMALL) or kind == np.uint32(NUMBER)
            count = min(often[value & mask], top)
            gain = weights[0, kind, count] - weights[1, kind, count]
            mine[used], gains[used] = value, gain
            used += 1
            left += gain
        lengths = counts[mine[:used] & slots]
        total = looked = 0
        for number in np.argsort(lengths, kind="mergesort"):
            if gains[number] > np.float32(0):
                length = np.int64(lengths[number])
                if looked + length > budget:
                    break
                slot = np.int64(mine[number] & slots)
                for place in range(starts[slot], starts[slot] + length):
                    other = postings[place]
                    if place_of[other] < base:
                        place_of[other] = base + np.uint32(total)
                        met[total], sums[total] = other, gains[number]
                        total += 1
                    else:
                        sums[place_of[other] - base] += gains[number]
                looked += length
            left -= gains[number]
            lengths[number] = np.uint32(0)
        complete = not lengths.any()
        if complete:
            left = 0.0
        _remember(mine, gains, used, keys, values)
        if itself[row] >= 0 and place_of[itself[row]] >= base:
            sums[place_of[itself[row]] - base] = np.float32(0)
        before, base = base, base + np.uint32(total)
        floor = _least_of_best(sums, total, _POOL)
        found = tried = 0
        beyond = floor  # what a text that was not compared in full shares at most, as far as it is known
        while True:
            for number in range(total):
                shared = np.float64(sums[number])
                if shared < floor or shared <= 0.0:
                    continue
                other = np.int64(met[number])
                value = score(shared, loss, scale, np.float64(sides[other, 0]), np.float64(sides[other, 1]))
                if complete:
                    if value >= least and _is_better(other, value, best, best_scores, found):
                        _keep(other, value, best, best_scores, found)
                        found = min(found + 1, most)
                elif _is_better(other, value, pool, pool_scores, tried):
                    if tried == _TRIED:
                        beyond = max(beyond, np.float64(sums[place_of[pool[_TRIED - 1]] - before]))
                    _keep(other, value, pool, pool_scores, tried)
                    tried = min(tried + 1, _TRIED)
                else:
                    beyond = max(beyond, shared)
            reached = best_scores[most - 1] if found == most else least
            if not complete or floor <= 0.0 or bound(floor, loss, scale) < reached:
                break
            floor, found = 0.0, 0  # a text that shares less could still be better: look at all
        for number in range(tried):
            other = pool[number]
            shared = _in_common(ids[places[other] : places[other + 1]], keys, values)[0]
            value = score(shared, loss, scale, np.float64(sides[other, 0]), np.float64(sides[other, 1]))
            if value >= least and _is_better(other, value, best, best_scores, found):
                _keep(other, value, best, best_scores, found)
                found = min(found + 1, most)
        reached = best_scores[most - 1] if found == most else least
        cut[row] = not complete and bound(beyond + left, loss, scale) >= reached
        for number in range(found):
            other = best[number]
            common = _in_common(ids[places[other] : places[other + 1]], keys, values)
            others[row, number], scores[row, number] = other, best_scores[number]
            numbers[row, number, 0] = np.int32(common[1])
            numbers[row, number, 1] = max(np.int32(common[2]), mine_numbers)
