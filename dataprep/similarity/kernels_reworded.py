"""Compiled inner loops of the search for reworded texts: the nearest in an inverted index of features.

All loops release the GIL, and what they find does not depend on how the work is divided.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import loop, part
from dataprep.similarity.kernels_lookup import gains_of, is_number, least_of_best, look_up, place_in
from dataprep.similarity.kernels_sets import room_for

_POOL = 128
"""Texts that are looked at more closely, at least: those that share most, by what was looked up."""

_TRIED = 24
"""The likeliest of them, besides two for each that is wanted, which are compared in full, with those like the last."""


@part()
def score(shared: Any, loss: Any, scale: Any, other_loss: Any, other_scale: Any) -> Any:
    """The evidence for either text, each by its own measure, added."""
    return (loss + shared) * scale + (other_loss + shared) * other_scale


@part()
def bound(shared: Any, loss: Any, scale: Any) -> Any:
    """The highest score with any other text: its gain is at least what it shares less its loss."""
    return (loss + shared) * scale + max(shared, 0.0) ** 0.25


@part()
def _keep(row: Any, value: Any, rows: Any, values: Any, found: Any) -> None:
    """Put a text in its place among the `found` best, the first of equal ones first; the last of a full list goes."""
    place = min(found, rows.size - 1)
    while place > 0 and (values[place - 1] < value or (values[place - 1] == value and rows[place - 1] > row)):
        values[place], rows[place] = values[place - 1], rows[place - 1]
        place -= 1
    values[place], rows[place] = value, row


@part()
def _is_better(row: Any, value: Any, rows: Any, values: Any, found: Any) -> Any:
    """Whether a text belongs among the best."""
    if found < rows.size:
        return True
    worst = values[rows.size - 1]
    return value > worst or (value == worst and row < rows[rows.size - 1])


@part()
def _remember(ids: Any, gains: Any, count: Any, keys: Any, values: Any) -> None:
    """Put features into a table whose size is a power of two; 0 is a free place."""
    keys[:] = np.uint32(0)
    last = np.uint32(keys.size - 1)
    for number in range(count):
        place = ids[number] & last
        while keys[place] != np.uint32(0) and keys[place] != ids[number]:
            place = (place + np.uint32(1)) & last
        keys[place], values[place] = ids[number], gains[number]


@part()
def _in_common(others: Any, keys: Any, values: Any) -> Any:
    """What a text shares with the one in the table: evidence and numbers; and how many numbers it has."""
    last = np.uint32(keys.size - 1)
    shared = 0.0
    numbers = total = 0
    for number in range(others.size):
        value = others[number]
        counts = is_number(value)
        total += counts
        place = value & last
        while keys[place] != np.uint32(0) and keys[place] != value:
            place = (place + np.uint32(1)) & last
        if keys[place] == value:
            shared += values[place]
            numbers += counts
    return shared, float(numbers), float(total)


@part()
def _best_of(
    met: Any,
    sums: Any,
    total: Any,
    floor: Any,
    loss: Any,
    scale: Any,
    sides: Any,
    wanted: Any,
    chosen: Any,
    values: Any,
) -> Any:
    """Choose the likeliest of the texts that were met, by what was looked up; those that share less than `floor` not.

    Scores come first, in a loop of their own: what they need of each text lies anywhere, and is fetched side by side.

    Returns how many are chosen, and the most that one of the others shares.
    """
    count = np.int64(0)
    low = np.inf
    for number in range(total):
        shared = np.float64(sums[number])
        if shared < floor or shared <= 0.0:
            continue
        other = np.int64(met[number])
        value = score(shared, loss, scale, np.float64(sides[other, 0]), np.float64(sides[other, 1]))
        chosen[count], values[count] = number, value
        low = min(low, np.float64(values[count]))
        count += 1
    low = least_of_best(values, count, wanted, low)
    beyond, found = floor, np.int64(0)
    for number in range(count):
        own = chosen[number]
        if values[number] >= low:
            chosen[found] = met[own]
            found += 1
        else:
            beyond = max(beyond, np.float64(sums[own]))
    return float(found), beyond


@part()
def _is_among(row: Any, rows: Any, count: Any) -> Any:
    """Whether a text is one of the first `count`."""
    for number in range(count):
        if rows[number] == row:
            return True
    return False


@part()
def _fetched(chosen: Any, ids: Any, places: Any) -> Any:
    """How many texts there are, all of them; meanwhile the processor fetches what they have, side by side.

    Read one after the other, each would be waited for: that took a third of the search. No feature is 0.
    """
    seen = np.uint32(0)
    for number in range(chosen.size):
        seen |= ids[places[chosen[number]]]
    return chosen.size if seen != np.uint32(0) else np.int64(0)


@part()
def _compare(
    chosen: Any,
    ids: Any,
    places: Any,
    keys: Any,
    values: Any,
    loss: Any,
    scale: Any,
    sides: Any,
    least: Any,
    best: Any,
    best_scores: Any,
    found: Any,
) -> Any:
    """Compare some texts in full with the one in the table, and put those where they belong that are good enough.

    What was looked up is too much where features share a slot, and too little where some were not looked up.
    """
    for number in range(_fetched(chosen, ids, places)):
        other = chosen[number]
        shared = _in_common(ids[places[other] : places[other + 1]], keys, values)[0]
        value = score(shared, loss, scale, np.float64(sides[other, 0]), np.float64(sides[other, 1]))
        if shared > 0.0 and value >= least and _is_better(other, value, best, best_scores, found):
            _keep(other, value, best, best_scores, found)
            found = min(found + 1, best.size)
    return found


@loop(
    "void(i8, i8, u4[::1], i8[::1], f4[:, ::1], i4[::1], u4[::1], f4[:, :, ::1], u4[::1], i8[::1], u4[::1],"
    " f4[:, ::1], u4[::1], i8[::1], i8, b1, f8, i4[:, ::1], f4[:, ::1], i4[:, :, ::1], b1[::1])"
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
    earlier: Any,
    least: Any,
    others: Any,
    scores: Any,
    numbers: Any,
    cut: Any,
) -> None:
    """The texts of an index that are likeliest to be rewordings of the texts first to last.

    When all features of a text could be looked up, what was found is what comparing with every text would find.

    Args:
        first: text that is asked about.
        last: text before which to stop.
        asked: features of the texts that are asked about.
        asked_places: where each begins among them.
        asked_sides: their loss and the factor of their score, shape (texts, 2).
        itself: the position of each in the index, or -1.
        often: as in `kernels_features.weigh`.
        weights: as in `kernels_features.weigh`.
        ids: features of the texts in the index.
        places: where each begins among them.
        counts: texts of each slot of the index.
        sides: as `asked_sides`.
        postings: from `kernels_lookup.invert`.
        starts: where each slot begins in `postings`.
        budget: places of `postings` that are looked at for a text.
        earlier: whether only texts of the index before the text's own position are of interest.
        least: score below which a text is of no interest.
        others: shape (texts, most): the nearest, the best first; -1 is none.
        scores: their scores.
        numbers: shape (texts, most, 2): numbers that both texts have, and numbers of the text that has more.
        cut: set where a better one may be among the texts that were not met.
    """
    most = others.shape[1]
    wanted = _TRIED + 2 * most
    room = min(budget, sides.shape[0])
    place_of, base = np.zeros(room_for(room), dtype=np.uint32), np.uint64(1)
    met, sums = np.empty(room, dtype=np.uint32), np.empty(room, dtype=np.float32)
    gains = np.empty(256, dtype=np.float32)
    keys, values = np.zeros(512, dtype=np.uint32), np.empty(512, dtype=np.float32)
    best, best_scores = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.float64)
    one = np.empty(1, dtype=np.int64)
    chosen, values_of = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.float32)
    for row in range(first, last):
        mine = asked[asked_places[row] : asked_places[row + 1]]
        if mine.size > gains.size:
            gains = np.empty(2 * mine.size, dtype=np.float32)
        if 2 * mine.size > keys.size:
            length = room_for(2 * mine.size)
            keys, values = np.zeros(length, dtype=np.uint32), np.empty(length, dtype=np.float32)
        loss, scale = np.float64(asked_sides[row, 0]), np.float64(asked_sides[row, 1])
        my_numbers = gains_of(mine, often, weights, gains)[1]
        end = np.int64(itself[row]) if earlier else sides.shape[0]
        total, left, complete = look_up(mine, gains, counts, starts, postings, budget, end, place_of, base, met, sums)
        if not earlier and itself[row] >= 0:
            at = place_of[place_in(np.uint32(itself[row]), place_of, base, met)]
            if at >= base:
                sums[at - base] = np.float32(0)
        base += np.uint32(total)
        _remember(mine, gains, mine.size, keys, values)
        floor = least_of_best(sums, total, _POOL + wanted, 0.0)
        tried, beyond = _best_of(met, sums, total, floor, loss, scale, sides, wanted, chosen, values_of)
        found = _compare(
            chosen[: int(tried)], ids, places, keys, values, loss, scale, sides, least, best, best_scores, np.int64(0)
        )
        reached = best_scores[most - 1] if found == most else least
        if complete:
            low = floor if bound(floor, loss, scale) < reached else 0.0
            for number in range(total):
                shared, other = np.float64(sums[number]), np.int64(met[number])
                if shared < low or shared <= 0.0:
                    continue
                value = score(shared, loss, scale, np.float64(sides[other, 0]), np.float64(sides[other, 1]))
                if value < least or not _is_better(other, value, best, best_scores, found):
                    continue
                if not _is_among(other, chosen, int(tried)):
                    one[0] = other
                    found = _compare(
                        one, ids, places, keys, values, loss, scale, sides, least, best, best_scores, found
                    )
        else:
            cut[row] = bound(beyond + left, loss, scale) >= reached
        for number in range(found):
            other = best[number]
            common = _in_common(ids[places[other] : places[other + 1]], keys, values)
            others[row, number], scores[row, number] = other, best_scores[number]
            numbers[row, number, 0] = np.int32(common[1])
            numbers[row, number, 1] = np.int32(max(common[2], my_numbers))
