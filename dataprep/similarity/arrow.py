"""The bytes of a polars string column through Arrow's C data interface: no intermediate copies.

Polars exports string views: 16 bytes a text, its length first, then either the text itself (up to 12 bytes) or a
prefix, the number of a buffer, and the place in it. Source: the Arrow columnar format, "Variable-size Binary View
Layout", and "The Arrow C stream interface".
"""

from __future__ import annotations

import ctypes
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from numpy.typing import NDArray

_VIEW: Final = 16
"""Bytes of a view."""


class Chunk(NamedTuple):
    """A stretch of a string column.

    Attributes:
        views: shape (texts, 4), four 32-bit numbers each.
        at: address of the first view.
        buffers: addresses of what they point into.
        low: the lowest of these addresses.
        high: the address after the last byte of all.
        held: what it belongs to.
    """

    views: NDArray[np.uint32]
    at: int
    buffers: list[int]
    low: int
    high: int
    held: object


class _Schema(ctypes.Structure):
    pass


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))),
    ("private_data", ctypes.c_void_p),
]
_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))),
    ("get_last_error", ctypes.c_void_p),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]


class _Held:
    """An array that polars lends; given back when nothing refers to it any more."""

    def __init__(self, array: _Array) -> None:
        self.array: Any = array
        self._give_back = partial(self.array.release, ctypes.byref(array))  # no name is looked up at the very end

    def __del__(self) -> None:
        self._give_back()


def chunks(texts: pl.Series) -> list[Chunk] | None:
    """The chunks of a string column without nulls, or None where it is exported in another layout.

    They are polars' own memory, good as long as `held` is.

    Raises:
        MemoryError: polars does not hand it over.
    """
    capsule = texts.__arrow_c_stream__(None)  # releases the stream when it goes
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    stream = ctypes.cast(pointer(capsule, b"arrow_array_stream"), ctypes.POINTER(_Stream))
    schema = _Schema()
    if stream.contents.get_schema(stream, ctypes.byref(schema)):
        return None
    is_view = schema.format == b"vu"
    schema.release(ctypes.byref(schema))
    return [_chunk(held) for held in _each(stream) if held.array.length] if is_view else None


def _each(stream: Any) -> Iterator[_Held]:
    while True:
        array = _Array()
        if stream.contents.get_next(stream, ctypes.byref(array)):
            message = "polars could not hand over the bytes of a string column"
            raise MemoryError(message)
        if not array.release:
            return
        yield _Held(array)


def _chunk(held: _Held) -> Chunk:
    """Buffers are: validity, views, then the data, then the sizes of the data."""
    array = held.array
    at, size = array.buffers[1] + _VIEW * array.offset, _VIEW * array.length
    count = array.n_buffers - 3
    sizes = memory(array.buffers[array.n_buffers - 1], 8 * count, held).view(np.int64).tolist() if count > 0 else []
    buffers = [array.buffers[2 + number] or at for number in range(len(sizes))]  # without bytes it may be nowhere
    high = max(at + size, *map(int.__add__, buffers, sizes), 0)
    views = memory(at, size, held).view(np.uint32).reshape(-1, 4)
    return Chunk(views, at, buffers, min(at, *buffers, at), high, held)


def memory(address: int, size: int, held: object) -> NDArray[np.uint8]:
    """Bytes at an address, not to be written to; what they belong to is held as long as anything refers to them."""
    if not size:
        return np.empty(0, dtype=np.uint8)
    raw = (ctypes.c_uint8 * size).from_address(address)
    raw.held = held  # type: ignore[attr-defined]
    return np.frombuffer(memoryview(raw).cast("B").toreadonly(), dtype=np.uint8)
