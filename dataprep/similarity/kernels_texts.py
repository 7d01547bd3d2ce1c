"""Compiled inner loops that gather texts from polars' string views, and find equal ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataprep.similarity.jit import BYTES, HASHES, VIEWS, loop
from dataprep.similarity.kernels_shingles import ONE

_INLINE = np.uint32(12)
"""Bytes of a text that still stands in its view."""


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
            place = (place + ONE) & last


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
