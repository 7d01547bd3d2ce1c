"""Compiled inner loops of the search for texts inside texts: rows streamed past a table of word n-grams.

All loops release the GIL and work on a stretch of rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import BYTES, loop, part
from dataprep.similarity.kernels_grams import find, gram, prefixes
from dataprep.similarity.kernels_sets import sort_hashes
from dataprep.similarity.kernels_shingles import word_grams

_UPPER = np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)
_OFTEN = 64
"""Times that an n-gram of a row is looked at."""


@part()
def _hits(
    sums: Any,
    count: Any,
    widths: Any,
    powers: Any,
    sketch: Any,
    keys: Any,
    numbers: Any,
    entry_starts: Any,
    times: Any,
    out: Any,
) -> Any:
    """Occurrences of n-grams of the table in a row: number of the n-gram, place in the row, width.

    Those of an n-gram that the row has very often, as a matrix of zeros does, are put at the end of `out`. `times` is
    scratch space, a zero for each n-gram.

    Returns how many were found, how many entries of items they have, and how many stand at the end.
    """
    found = entries = others = 0
    for width in widths:
        for place in range(count - width + 1):
            number = find(gram(sums, place, width, powers[width]), sketch, keys, numbers)
            if number >= 0 and entry_starts[number + 1] > entry_starts[number]:
                if times[number] == _OFTEN:
                    others += 1
                    other = out.shape[0] - others
                    out[other, 0], out[other, 1], out[other, 2] = number, place, width
                    continue
                times[number] += np.uint8(1)
                entries += entry_starts[number + 1] - entry_starts[number]
                out[found, 0], out[found, 1], out[found, 2] = number, place, width
                found += 1
    for number in range(found):
        times[out[number, 0]] = np.uint8(0)
    return found, entries, others


@part()
def _idle(found: Any, met: Any, others: Any, row_seen: Any, stamp: Any) -> Any:
    """Words of a row that stand in nothing but repeats beyond those that are looked at; see `_hits`."""
    for number in range(met):
        for place in range(found[number, 1], found[number, 1] + found[number, 2]):
            row_seen[place] = stamp
    idle = 0
    for number in range(found.shape[0] - others, found.shape[0]):
        for place in range(found[number, 1], found[number, 1] + found[number, 2]):
            if row_seen[place] != stamp:
                row_seen[place] = stamp
                idle += 1
    return idle


@part()
def _entries(found: Any, count: Any, entry_starts: Any, items: Any, offsets: Any, owners: Any, hits: Any) -> None:
    """The word of the item, the word of the row and the width of each occurrence from `_hits`.

    `owners` gets the items in the high and the numbers of the occurrences in the low 32 bits.
    """
    written = 0
    for number in range(count):
        for entry in range(entry_starts[found[number, 0]], entry_starts[found[number, 0] + 1]):
            owners[written] = (np.uint64(items[entry]) << _UPPER) | np.uint64(written)
            hits[written, 0] = offsets[entry]
            hits[written, 1], hits[written, 2] = found[number, 1], found[number, 2]
            written += 1


@part()
def _judge(
    hits: Any,
    chosen: Any,
    size: Any,
    row_size: Any,
    idle: Any,
    weights: Any,
    total: Any,
    least: Any,
    evidence: Any,
    seen: Any,
    row_seen: Any,
    stamp: Any,
    covered: Any,
    span: Any,
) -> Any:
    """Whether the n-grams that an item and a row share cover one of them: 1 for the item, 2 for the row, 0 for none.

    Args:
        hits: word of the item, word of the row, and width of each shared n-gram.
        chosen: those of the item in the low 32 bits, in order.
        size: words of the item.
        row_size: words of the row.
        idle: how many of them do not count.
        weights: of the words of the item.
        total: their sum.
        least: share of the weight that must be covered.
        evidence: weight that must be covered.
        seen: scratch space, a place for each word of the item.
        row_seen: scratch space, a place for each word of the row.
        stamp: marks the places of `seen` and `row_seen` that are covered.
        covered: the share of the item, and that of the row.
        span: words of the item, first and behind the last, those of the row, and the word of the row at which the item
            would begin.
    """
    mine = theirs = 0.0
    row_covered = 0
    run = longest = 0
    before_begin = before_place = np.int64(-2)
    diagonal = np.int64(0)
    for number in range(chosen.size):
        hit = np.int64(chosen[number] & _LOWER)
        begin, place, width = hits[hit, 0], hits[hit, 1], hits[hit, 2]
        for step in range(width):
            if seen[begin + step] != stamp:
                seen[begin + step] = stamp
                mine += weights[begin + step]
            if row_seen[place + step] != stamp:
                row_seen[place + step] = stamp
                theirs += weights[begin + step]
                row_covered += 1
        run = run + 1 if begin == before_begin + 1 and place == before_place + 1 else 1
        before_begin, before_place = begin, place
        if run > longest:
            longest, diagonal = run, place - begin
    span[4] = diagonal
    covered[0] = mine / total if total > 0 else 0.0
    left = max(row_size - row_covered - idle, 0)
    covered[1] = theirs / (theirs + left) if theirs > 0 else 0.0
    span[0], span[1], span[2], span[3] = size, 0, row_size, 0
    for number in range(chosen.size):
        hit = np.int64(chosen[number] & _LOWER)
        begin, place, width = hits[hit, 0], hits[hit, 1], hits[hit, 2]
        if abs(place - begin - diagonal) <= min(size, row_size):
            span[0], span[1] = min(span[0], begin), max(span[1], begin + width)
            span[2], span[3] = min(span[2], place), max(span[3], place + width)
    if covered[0] >= least and mine >= evidence:
        return 1
    if covered[1] >= least and theirs >= evidence:
        return 2
    return 0


@part()
def _stands_at(item: Any, row: Any, count: Any, span: Any) -> Any:
    """Whether all words of an item stand in a row of `count` words, at the place in `span`, which then says so."""
    place = span[4]
    if place < 0 or place + item.size > count:
        return False
    for number in range(item.size):
        if item[number] != row[place + number]:
            return False
    span[0], span[1], span[2], span[3] = 0, item.size, place, place + item.size
    return True


@part()
def _note(item: Any, row: Any, side: Any, span: Any, covered: Any, place: Any, out: Any, shares: Any) -> None:
    """Write a hit down, if there is room."""
    if place >= out.shape[0]:
        return
    out[place, 0], out[place, 1], out[place, 2] = item, row, side
    for number in range(4):
        out[place, 3 + number] = span[number]
    shares[place] = covered[side - 1]


@loop(
    f"i8({BYTES}, i8[::1], i8[::1], i8, i8, i8[::1], u8[::1], u8[::1], u8[::1], u4[::1], i8[::1], u4[::1], u4[::1],"
    " i8[::1], i8[::1], u8[::1], b1[::1], f4[::1], f4[::1], f8, f8, i8[:, ::1], f8[::1])"
)
def scan(
    data: Any,
    starts: Any,
    ends: Any,
    first: Any,
    last: Any,
    widths: Any,
    powers: Any,
    sketch: Any,
    keys: Any,
    numbers: Any,
    entry_starts: Any,
    items: Any,
    offsets: Any,
    places: Any,
    sizes: Any,
    item_words: Any,
    specific: Any,
    weights: Any,
    totals: Any,
    least: Any,
    evidence: Any,
    out: Any,
    shares: Any,
) -> Any:
    """Find the items of which one of the rows first to last holds a good part, or the reverse; how many there are.

    When there are more than `out` has room for, the others are only counted.

    Args:
        data: of the rows.
        starts: of the rows.
        ends: of the rows.
        first: row.
        last: row before which to stop.
        widths: words of the n-grams in the table.
        powers: _BASE to the powers 0, 1, ...
        sketch: from `build`.
        keys: from `build`.
        numbers: from `build`.
        entry_starts: entries of n-gram i are entry_starts[i] to entry_starts[i + 1].
        items: item of each entry.
        offsets: word of the item at which it begins.
        places: where each item begins in `item_words` and `weights`.
        sizes: words of each item.
        item_words: hashes of the words of all items.
        specific: items that need no other evidence when a row has them from the first word to the last.
        weights: of the words of all items.
        totals: sum of the weights of each item.
        least: share of the weight of the shorter text that must be shared.
        evidence: weight that must be shared.
        out: shape (room, 7): item, row, which of them is covered (1 or 2), and the words that `_judge` gives.
        shares: how much of it is covered, shape (room,).
    """
    hashes, sums = np.empty(1024, dtype=np.uint64), np.empty(1025, dtype=np.uint64)
    found = np.empty((1024, 3), dtype=np.int64)
    owners, scratch = np.empty(1024, dtype=np.uint64), np.empty(1024, dtype=np.uint64)
    hits = np.empty((1024, 3), dtype=np.int64)
    times = np.zeros(entry_starts.size - 1, dtype=np.uint8)
    seen, row_seen = np.zeros(1024, dtype=np.int32), np.zeros(1024, dtype=np.int32)
    covered, span = np.empty(2, dtype=np.float64), np.empty(5, dtype=np.int64)
    stamp = np.int32(0)
    written = np.int64(0)
    for row in range(first, last):
        length = ends[row] - starts[row]
        if length > hashes.size:
            hashes, sums = np.empty(2 * length, dtype=np.uint64), np.empty(2 * length + 1, dtype=np.uint64)
            row_seen = np.zeros(2 * length, dtype=np.int32)
        count = word_grams(data, starts[row], ends[row], np.int64(1), hashes)
        prefixes(hashes, count, sums)
        if widths.size * count > found.shape[0]:
            found = np.empty((2 * widths.size * count, 3), dtype=np.int64)
        met, entries, others = _hits(sums, count, widths, powers, sketch, keys, numbers, entry_starts, times, found)
        if met == 0:
            continue
        if entries > owners.size:
            owners, scratch = np.empty(2 * entries, dtype=np.uint64), np.empty(2 * entries, dtype=np.uint64)
            hits = np.empty((2 * entries, 3), dtype=np.int64)
        stamp += np.int32(1)
        idle = _idle(found, met, others, row_seen, stamp) if others else 0
        _entries(found, met, entry_starts, items, offsets, owners, hits)
        sort_hashes(owners, entries, scratch)
        begin = 0
        while begin < entries:
            item = np.int64(owners[begin] >> _UPPER)
            end = begin + 1
            while end < entries and np.int64(owners[end] >> _UPPER) == item:
                end += 1
            if sizes[item] > seen.size:
                seen = np.zeros(2 * sizes[item], dtype=np.int32)
            stamp += np.int32(1)
            part = weights[places[item] : places[item] + sizes[item]]
            side = _judge(
                hits,
                owners[begin:end],
                sizes[item],
                count,
                idle,
                part,
                np.float64(totals[item]),
                least,
                evidence,
                seen,
                row_seen,
                stamp,
                covered,
                span,
            )
            if (
                side == 0
                and specific[item]
                and covered[0] > 0.999
                and _stands_at(item_words[places[item] : places[item] + sizes[item]], hashes, count, span)
            ):
                side = 1
            if side > 0:
                _note(item, row, side, span, covered, written, out, shares)
                written += 1
            begin = end
    return written
