"""Compiled inner loops that find texts in polars' memory, and equal ones among them."""

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


@loop(f"void({VIEWS}, i8, i8[::1], i8[::1], i8[::1])")
def find(views: Any, at: Any, buffers: Any, starts: Any, ends: Any) -> None:
    """Where texts start and end, from string views (see `arrow`), and where the views and buffers themselves start."""
    for row in range(views.shape[0]):
        size = np.int64(views[row, 0])
        if size > _INLINE:
            starts[row] = buffers[views[row, 2]] + np.int64(views[row, 3])
        else:
            starts[row] = at + 16 * row + 4
        ends[row] = starts[row] + size
