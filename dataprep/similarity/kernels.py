"""Compiled inner loops over UTF-8 bytes and offsets: shingles, MinHash sketches, exact Jaccard.

All of them release the GIL and work on a stretch of rows, so that threads can share the work. Text i is the bytes
starts[i] to ends[i]. The shingle hashes are those of `shingles`, and the permutations those of datasketch's `affine32`
scheme: first the MurmurHash3 finaliser, then a * h + b modulo 2^32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import BYTES, HASHES, VIEWS, loop, part

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
_ONE = np.uint64(1)
_VECTORS = 32
"""Values that a processor permutes in one go: four vectors of eight."""
_FEW = 24
"""Values that insertion alone sorts sooner."""
_CROWDED = 400
"""Values in one bucket that insertion would be slow for."""
_INLINE = np.uint32(12)
"""Bytes of a text that still stands in its view."""
_SIX = np.uint64(6)
_TAIL = np.uint64(0x3F)

_FMIX1 = np.uint32(0x85EBCA6B)
_FMIX2 = np.uint32(0xC2B2AE35)
_MOST32 = np.uint32(0xFFFFFFFF)
_GOLDEN32 = np.uint32(0x9E3779B1)


@part()
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


@part()
def mixed(value: Any) -> Any:
    """The finaliser of MurmurHash3: every input bit reaches every output bit."""
    value = (value ^ (value >> _SHIFT)) * _MIX1
    value = (value ^ (value >> _SHIFT)) * _MIX2
    return value ^ (value >> _SHIFT)


@part()
def is_space(point: Any) -> Any:
    """Whether `str.split` splits at a code point."""
    if point < np.uint64(0x80):
        return (
            point == np.uint64(0x20)
            or (np.uint64(0x09) <= point <= np.uint64(0x0D))
            or (np.uint64(0x1C) <= point <= np.uint64(0x1F))
        )
    if point < np.uint64(0x1680):
        return point == np.uint64(0x85) or point == np.uint64(0xA0)
    return (
        (np.uint64(0x2000) <= point <= np.uint64(0x200A))
        or point == np.uint64(0x3000)
        or point == np.uint64(0x2028)
        or point == np.uint64(0x2029)
        or point == np.uint64(0x202F)
        or point == np.uint64(0x205F)
        or point == np.uint64(0x1680)
    )


@part()
def stands_alone(point: Any) -> Any:
    """Whether a code point counts as a word, because its script has no spaces: Thai to Khmer, kana, ideographs."""
    return (
        (np.uint64(0x0E00) <= point <= np.uint64(0x0EFF))
        or (np.uint64(0x1000) <= point <= np.uint64(0x109F))
        or (np.uint64(0x1780) <= point <= np.uint64(0x17FF))
        or (np.uint64(0x3040) <= point <= np.uint64(0x30FF))
        or (np.uint64(0x3400) <= point <= np.uint64(0x9FFF))
        or (np.uint64(0xF900) <= point <= np.uint64(0xFAFF))
        or (np.uint64(0x20000) <= point <= np.uint64(0x3FFFF))
    )


@part()
def word_grams(data: Any, start: Any, end: Any, size: Any, out: Any) -> Any:
    """Hash the n-grams of words of a text, repeated ones too; how many there are.

    A text of fewer words than `size` is one n-gram, the whole of it. `out` needs a place for each byte.
    """
    count = 0
    value = np.uint64(0)
    inside = False
    place = start
    while place < end:
        head = np.uint64(data[place])
        if np.uint64(0x20) < head < np.uint64(0x80):  # nearly all there is
            value = value * _BASE + head + _ONE
            inside = True
            place += 1
            continue
        if head == np.uint64(0x20):
            if inside:
                out[count] = mixed(value)
                count += 1
                inside = False
                value = np.uint64(0)
            place += 1
            continue
        point, after = code_point(data, place)
        place = np.int64(after)
        space = is_space(point)
        alone = stands_alone(point)
        if inside and (space or alone):
            out[count] = mixed(value)
            count += 1
            inside = False
            value = np.uint64(0)
        if not space:
            value = value * _BASE + point + _ONE
            inside = True
        if alone:
            out[count] = mixed(value)
            count += 1
            inside = False
            value = np.uint64(0)
    if inside:
        out[count] = mixed(value)
        count += 1
    width = min(size, count)
    if width == 0:
        return 0
    value = np.uint64(0)
    power = _ONE  # of the word that leaves the window
    for number in range(width):
        value = value * _BASE + out[number] + _ONE
        power *= _BASE
    for first in range(count - width):
        leaving, coming = out[first], out[first + width]
        out[first] = mixed(value)
        value = value * _BASE - power * (leaving + _ONE) + coming + _ONE
    out[count - width] = mixed(value)
    return count - width + 1


@part()
def char_grams(data: Any, start: Any, end: Any, size: Any, out: Any) -> Any:
    """Hash the n-grams of code points of a text, repeated ones too; how many there are.

    A text shorter than `size` is one n-gram, the whole of it. `out` needs a place for each byte.
    """
    power = _ONE  # of the code point that leaves the window
    for _ in range(size):
        power *= _BASE
    head = tail = start
    count = 0
    value = np.uint64(0)
    while head < end and head - start < size and data[head] < 0x80:
        value = value * _BASE + np.uint64(data[head]) + _ONE
        head += 1
    held = head - start
    if held == size:
        out[0] = mixed(value)
        count = 1
        while head < end and data[head] < 0x80:  # nearly all there is
            value = value * _BASE - power * (np.uint64(data[tail]) + _ONE) + np.uint64(data[head]) + _ONE
            head += 1
            tail += 1
            out[count] = mixed(value)
            count += 1
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
            out[count] = mixed(value)
            count += 1
    if count == 0 and held > 0:
        out[0] = mixed(value)
        count = 1
    return count


@part()
def shingle(data: Any, start: Any, end: Any, size: Any, words: Any, out: Any) -> Any:
    """Hash the n-grams of a text, of words or of code points, repeated ones too; how many there are."""
    if words:
        return word_grams(data, start, end, size, out)
    return char_grams(data, start, end, size, out)


@part()
def minhash(hashes: Any, count: Any, permutations: Any, scratch: Any, out: Any) -> None:
    """The signature of a set of hashes, of which the low 32 bits are permuted; `scratch` needs a vector more."""
    factors, offsets = permutations[0], permutations[1]
    for place in range(count):
        value = np.uint32(hashes[place] & np.uint64(0xFFFFFFFF))
        # Products of 32-bit numbers have 64 bits here; the cast is the modulo.
        value = np.uint32((value ^ (value >> np.uint32(16))) * _FMIX1)
        value = np.uint32((value ^ (value >> np.uint32(13))) * _FMIX2)
        scratch[place] = np.uint32(value ^ (value >> np.uint32(16)))
    if count < 2 * _VECTORS:
        for number in range(out.size):
            out[number] = _MOST32
        for place in range(count):
            value = scratch[place]
            for number in range(out.size):
                out[number] = min(out[number], np.uint32(factors[number] * value + offsets[number]))
        return
    # Whole vectors are quicker than a remainder, and a repeated value changes no minimum.
    full = (count + _VECTORS - 1) // _VECTORS * _VECTORS
    for place in range(count, full):
        scratch[place] = scratch[count - 1]
    for number in range(out.size):
        factor, offset, least = factors[number], offsets[number], _MOST32
        for place in range(full):
            least = min(least, np.uint32(factor * scratch[place] + offset))
        out[number] = least


@loop(f"void({BYTES}, i8[::1], i8[::1], i8, i8, i8, b1, u4[:, ::1], u4[:, ::1])")
def signatures(
    data: Any,
    starts: Any,
    ends: Any,
    first: Any,
    last: Any,
    size: Any,
    words: Any,
    permutations: Any,
    out: Any,
) -> None:
    """MinHash signatures of the texts first to last."""
    longest = longest_of(starts, ends, first, last)
    hashes, scratch = np.empty(longest, dtype=np.uint64), np.empty(longest + _VECTORS, dtype=np.uint32)
    for row in range(first, last):
        count = shingle(data, starts[row], ends[row], size, words, hashes)
        minhash(hashes, count, permutations, scratch, out[row])


@loop(f"void({BYTES}, i8[::1], i8[::1], i8, i8, i8, b1, u4[:, ::1], u4[:, ::1], u1[:, ::1])")
def sketch(
    data: Any,
    starts: Any,
    ends: Any,
    first: Any,
    last: Any,
    size: Any,
    words: Any,
    permutations: Any,
    keys: Any,
    low: Any,
) -> None:
    """One key for each band of the texts first to last, and the lowest bytes of the first signature values."""
    longest = longest_of(starts, ends, first, last)
    hashes, scratch = np.empty(longest, dtype=np.uint64), np.empty(longest + _VECTORS, dtype=np.uint32)
    rows = permutations.shape[1] // keys.shape[0]
    signature = np.empty(permutations.shape[1], dtype=np.uint32)
    for row in range(first, last):
        count = shingle(data, starts[row], ends[row], size, words, hashes)
        minhash(hashes, count, permutations, scratch, signature)
        for number in range(low.shape[1]):
            low[row, number] = np.uint8(signature[number] & np.uint32(0xFF))
        for band in range(keys.shape[0]):
            key = np.uint32(band)
            for number in range(band * rows, (band + 1) * rows):
                key = np.uint32((key ^ signature[number]) * _GOLDEN32)
                key = np.uint32(key ^ (key >> np.uint32(15)))
            keys[band, row] = key


@part()
def longest_of(starts: Any, ends: Any, first: Any, last: Any) -> Any:
    """Bytes of the longest of the texts first to last; a text has no more shingles than that."""
    longest = 0
    for row in range(first, last):
        longest = max(longest, ends[row] - starts[row])
    return longest


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
            ends[(values[place] >> shift) + _ONE] += 1
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
            if ends[number] - start > _CROWDED:
                values[start : ends[number]].sort()
            start = ends[number]
    for place in range(1, count):
        value = values[place]
        before = place
        while before > 0 and values[before - 1] > value:
            values[before] = values[before - 1]
            before -= 1
        values[before] = value


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
    half = _ONE << np.uint64(63)
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


@loop(f"void({HASHES}, {BYTES}, i8[::1], i8[::1], i4[::1], i8[::1])")
def first_equal(hashes: Any, data: Any, starts: Any, ends: Any, table: Any, out: Any) -> None:
    """The first text that equals each text, byte for byte; `table` is all -1 and its size a power of two."""
    last = np.uint64(table.size - 1)
    for row in range(starts.size):
        size = ends[row] - starts[row]
        place = hashes[row] & last
        while True:
            other = np.int64(table[place])
            if other < 0:
                table[place] = row
                out[row] = row
                break
            if hashes[other] == hashes[row] and ends[other] - starts[other] == size:
                same = 0
                while same < size and data[starts[other] + same] == data[starts[row] + same]:
                    same += 1
                if same == size:
                    out[row] = other
                    break
            place = (place + _ONE) & last


@loop(f"void({VIEWS}, i8[::1], i8[::1])")
def viewed(views: Any, lows: Any, highs: Any) -> None:
    """The first and the last text of each buffer, and one after, from string views; see `arrow`."""
    for number in range(lows.size):
        lows[number] = views.shape[0]
        highs[number] = 0
    for row in range(views.shape[0]):
        if views[row, 0] > _INLINE:
            buffer = np.int64(views[row, 2])
            lows[buffer] = min(lows[buffer], row)
            highs[buffer] = row + 1


@loop(f"void({VIEWS}, i8, i8, i8, {BYTES}, i8[::1], u1[::1])")
def gather_viewed(views: Any, first: Any, last: Any, number: Any, buffer: Any, places: Any, out: Any) -> None:
    """Copy the texts first to last that lie in a buffer to their places."""
    for row in range(first, last):
        size = np.int64(views[row, 0])
        if size > _INLINE and views[row, 2] == number:
            start = np.int64(views[row, 3])
            for place in range(size):
                out[places[row] + place] = buffer[start + place]


@loop(f"void({VIEWS}, i8, i8, i8[::1], u1[::1])")
def gather_inline(views: Any, first: Any, last: Any, places: Any, out: Any) -> None:
    """Copy the texts first to last that stand in their views to their places."""
    for row in range(first, last):
        size = np.int64(views[row, 0])
        if size <= _INLINE:
            for place in range(size):
                word = views[row, 1 + (place >> 2)]
                out[places[row] + place] = np.uint8((word >> np.uint32(8 * (place & 3))) & np.uint32(0xFF))
