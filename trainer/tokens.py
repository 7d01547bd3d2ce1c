"""Rows as the model sees them: token ids, and how much each token's loss counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

IGNORED: Final = -100
"""Label of a token without loss, as torch's cross-entropy has it."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """One row, or one piece of a row that was split by turn.

    Attributes:
        row_id: of the row, the same for all its pieces.
        input_ids: (length,) int32.
        weights: (length,) float32; 0 where a token is only read, else how much its loss counts.
    """

    row_id: str
    input_ids: NDArray[np.int32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, row_id: str, input_ids: Sequence[int], weights: Sequence[float]) -> Tokens:
        """Tokens from plain lists."""
        return cls(row_id, np.asarray(input_ids, dtype=np.int32), np.asarray(weights, dtype=np.float32))

    def __len__(self) -> int:
        return len(self.input_ids)

    @property
    def labels(self) -> NDArray[np.int32]:
        """`input_ids` where there is loss, else IGNORED."""
        return np.where(self.weights > 0, self.input_ids, np.int32(IGNORED))

    @property
    def supervised(self) -> int:
        """Tokens the loss is computed on."""
        return int(np.count_nonzero(self.weights))


@dataclass(frozen=True, eq=False)
class Pair:
    """A preference row: one prompt with the wanted and the unwanted answer, each as a whole conversation."""

    row_id: str
    chosen: Tokens
    rejected: Tokens

    def __len__(self) -> int:
        return len(self.chosen) + len(self.rejected)

    @property
    def supervised(self) -> int:
        """Tokens of both answers."""
        return self.chosen.supervised + self.rejected.supervised


Row = Tokens | Pair
"""What a method trains on: single answers, or pairs of them."""


def sequences(row: Row) -> tuple[Tokens, ...]:
    """The conversations a row consists of."""
    return (row,) if isinstance(row, Tokens) else (row.chosen, row.rejected)
