"""The bytes of a polars string column through Arrow's C data interface: no intermediate copies.

Polars exports string views: 16 bytes a text, its length first, then either the text itself (up to 12 bytes) or a
prefix, the number of a buffer, and the place in it. Source: the Arrow columnar format, "Variable-size Binary View
Layout", and "The Arrow C stream interface".
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from numpy.typing import NDArray

_VIEW: Final = 16
"""Bytes of a view."""


class Chunk(NamedTuple):
    """A stretch of a string column: views of shape (texts, 4), four 32-bit numbers each, and what they point into."""

    views: NDArray[np.uint32]
    buffers: list[NDArray[np.uint8]]


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


@contextmanager
def chunks(texts: pl.Series) -> Iterator[Iterator[Chunk] | None]:
    """The chunks of a string column without nulls, or None where it is exported in another layout.

    The arrays are views of polars' own memory, good until the next chunk is asked for.
    """
    capsule = texts.__arrow_c_stream__(None)
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    stream = ctypes.cast(pointer(capsule, b"arrow_array_stream"), ctypes.POINTER(_Stream))
    schema = _Schema()
    if stream.contents.get_schema(stream, ctypes.byref(schema)):
        yield None
        return
    is_view = schema.format == b"vu"
    schema.release(ctypes.byref(schema))
    yield _each(stream) if is_view else None
    del capsule  # it releases the stream


def _each(stream: Any) -> Iterator[Chunk]:
    while True:
        array = _Array()
        if stream.contents.get_next(stream, ctypes.byref(array)):
            message = "polars could not hand over the bytes of a string column"
            raise MemoryError(message)
        if not array.release:
            return
        try:
            if array.length:
                yield _chunk(array)
        finally:
            array.release(ctypes.byref(array))


def _chunk(array: Any) -> Chunk:
    """Buffers are: validity, views, then the data, then the sizes of the data."""
    views = _memory(array.buffers[1] + _VIEW * array.offset, _VIEW * array.length).view(np.uint32).reshape(-1, 4)
    count = array.n_buffers - 3
    sizes = _memory(array.buffers[array.n_buffers - 1], 8 * count).view(np.int64).tolist() if count > 0 else []
    return Chunk(views, [_memory(array.buffers[2 + number], size) for number, size in enumerate(sizes)])


def _memory(address: int | None, size: int) -> NDArray[np.uint8]:
    if not address or not size:
        return np.empty(0, dtype=np.uint8)
    memory = memoryview((ctypes.c_uint8 * size).from_address(address)).cast("B").toreadonly()
    return np.frombuffer(memory, dtype=np.uint8)
