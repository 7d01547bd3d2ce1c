"""Compiled shingles: the hashes of the n-grams of UTF-8 texts. They are those of `shingles`.

Text i is the bytes starts[i] to ends[i]. Numba's cache goes by the file of a loop: after a change here, delete the
caches of those that call it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import part

BASE = np.uint64(0x9E3779B97F4A7C15)
"""Of the polynomials that words and n-grams are hashed with."""
ONE = np.uint64(1)
SIX = np.uint64(6)
_MIX1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
_TAIL = np.uint64(0x3F)


@part()
def code_point(data: Any, place: Any) -> Any:
    """The code point that begins at a byte, and the place of the next."""
    head = np.uint64(data[place])
    if head < np.uint64(0x80):
        return head, np.uint64(place + 1)
    second = np.uint64(data[place + 1]) & _TAIL
    if head < np.uint64(0xE0):
        return ((head & np.uint64(0x1F)) << SIX) | second, np.uint64(place + 2)
    third = np.uint64(data[place + 2]) & _TAIL
    if head < np.uint64(0xF0):
        point = ((head & np.uint64(0x0F)) << np.uint64(12)) | (second << SIX) | third
        return point, np.uint64(place + 3)
    fourth = np.uint64(data[place + 3]) & _TAIL
    point = ((head & np.uint64(0x07)) << np.uint64(18)) | (second << np.uint64(12)) | (third << SIX) | fourth
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
def read_letter(head: Any, value: Any, inside: Any, count: Any, out: Any) -> Any:
    """Read on in a word: its polynomial, whether one has begun, and how many ended, after one more byte.

    Without branches on the byte: no processor foresees where a word ends.
    """
    letter = np.uint64(head > np.uint64(0x20))
    out[count] = value
    count += inside & (letter ^ ONE)
    value = (value * BASE + (np.uint64(head) + ONE)) & (np.uint64(0) - letter)
    return value, letter, count


@part()
def plain_words(data: Any, start: Any, end: Any, out: Any) -> Any:
    """Hash the words of a text of printable ASCII and white space; -1 for any other, of which nothing is hashed.

    Both halves are read side by side, as each byte waits for the product of the one before. The places are unsigned,
    so that none is looked at for being counted from the end. `out` needs a place for every other byte, and one more.
    """
    first, last, other = np.uint64(start), np.uint64(end), False
    for place in range(first, last):
        head = data[place]
        other |= (head >= 0x80) | (head < 0x09) | ((head > 0x0D) & (head < 0x1C))
    if other:
        return -1
    middle = (first + last + ONE) >> ONE  # the first half is never the shorter one
    while middle < last and data[middle] > 0x20:
        middle += ONE
    half = (middle - first + ONE) >> ONE
    count, value, inside = np.uint64(0), np.uint64(0), np.uint64(0)
    later_count, later_value, later_inside = half, np.uint64(0), np.uint64(0)
    for place in range(middle, last):
        value, inside, count = read_letter(data[first], value, inside, count, out)
        later_value, later_inside, later_count = read_letter(data[place], later_value, later_inside, later_count, out)
        first += ONE
    for place in range(first, middle):
        value, inside, count = read_letter(data[place], value, inside, count, out)
    if inside:
        out[count] = value
        count += ONE
    if later_inside:
        out[later_count] = later_value
        later_count += ONE
    for number in range(count):
        out[number] = mixed(out[number])
    for number in range(half, later_count):
        out[count] = mixed(out[number])
        count += ONE
    return np.int64(count)


@part()
def words_of(data: Any, start: Any, end: Any, out: Any) -> Any:
    """Hash the words of a text; how many there are. `out` needs a place for each byte."""
    count = 0
    value = np.uint64(0)
    inside = False
    place = start
    while place < end:
        head = np.uint64(data[place])
        if np.uint64(0x20) < head < np.uint64(0x80):  # nearly all there is
            value = value * BASE + head + ONE
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
            value = value * BASE + point + ONE
            inside = True
        if alone:
            out[count] = mixed(value)
            count += 1
            inside = False
            value = np.uint64(0)
    if inside:
        out[count] = mixed(value)
        count += 1
    return count


@part()
def word_grams(data: Any, start: Any, end: Any, size: Any, out: Any) -> Any:
    """Hash the n-grams of words of a text, repeated ones too; how many there are.

    A text of fewer words than `size` is one n-gram, the whole of it. `out` needs a place for each byte.
    """
    count = plain_words(data, start, end, out)
    if count < 0:
        count = words_of(data, start, end, out)
    width = min(size, count)
    if width == 0:
        return 0
    value = np.uint64(0)
    power = ONE  # of the word that leaves the window
    for number in range(width):
        value = value * BASE + out[number] + ONE
        power *= BASE
    for first in range(count - width):
        leaving, coming = out[first], out[first + width]
        out[first] = mixed(value)
        value = value * BASE - power * (leaving + ONE) + coming + ONE
    out[count - width] = mixed(value)
    return count - width + 1


@part()
def char_grams(data: Any, start: Any, end: Any, size: Any, out: Any) -> Any:
    """Hash the n-grams of code points of a text, repeated ones too; how many there are.

    A text shorter than `size` is one n-gram, the whole of it. `out` needs a place for each byte.
    """
    power = ONE  # of the code point that leaves the window
    for _ in range(size):
        power *= BASE
    head = tail = start
    count = 0
    value = np.uint64(0)
    while head < end and head - start < size and data[head] < 0x80:
        value = value * BASE + np.uint64(data[head]) + ONE
        head += 1
    held = head - start
    if held == size:
        out[0] = mixed(value)
        count = 1
        while head < end and data[head] < 0x80:  # nearly all there is
            value = value * BASE - power * (np.uint64(data[tail]) + ONE) + np.uint64(data[head]) + ONE
            head += 1
            tail += 1
            out[count] = mixed(value)
            count += 1
    while head < end:
        point, after = code_point(data, head)
        head = np.int64(after)
        value = value * BASE + point + ONE
        held += 1
        if held > size:
            gone, after = code_point(data, tail)
            tail = np.int64(after)
            value -= power * (gone + ONE)
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
def longest_of(starts: Any, ends: Any, first: Any, last: Any) -> Any:
    """Bytes of the longest of the texts first to last; a text has no more shingles than that."""
    longest = 0
    for row in range(first, last):
        longest = max(longest, ends[row] - starts[row])
    return longest
