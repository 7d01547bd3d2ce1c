"""What is known of each answer beyond its loss, without one more pass over the model.

Greedy decoding gives a text word for word exactly where every token of it is the likeliest after those before.
So whether a model completes a text verbatim is read off the pass that measures its loss; nothing is generated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN: Final = "largest_margin"
"""The largest margin in an answer: how sure the model was of another token at the place it was most wrong."""
GREEDY: Final = "greedy"
"""Share of an answer's tokens that the model would have said itself."""
VERBATIM: Final = "verbatim"
"""1 where the model completes the answer word for word, 0 where not, -1 where too little is left to complete."""
DETAILS: Final = (MARGIN, GREEDY, VERBATIM)

GIVEN: Final = 16
"""Tokens of an answer that are given; of a shorter answer than twice that, the first half."""
COMPLETED: Final = 50
"""Tokens that must then come word for word, as in Carlini et al. 2023 (arXiv:2202.07646)."""
LEAST: Final = 8
"""Tokens that must be left to complete. Fewer, a label say, can be right without having been memorised."""


def by_row(margin: torch.Tensor, owners: torch.Tensor, count: int) -> dict[str, torch.Tensor]:
    """Each answer's details from the margins of its tokens.

    Args:
        margin: (positions,), see `reading.Detail`.
        owners: (positions,) number of the row, never falling.
        count: rows.

    Returns:
        Values of shape (count,) by name.
    """
    sizes = torch.bincount(owners, minlength=count)
    starts = torch.cumsum(sizes, 0) - sizes
    place = torch.arange(len(owners), device=owners.device) - starts[owners]
    given = torch.minimum(sizes // 2, torch.full_like(sizes, GIVEN))
    wrong = margin > 0
    asked = (place >= given[owners]) & (place < given[owners] + COMPLETED)
    missed = _total(wrong & asked, owners, count)
    verbatim = torch.where(sizes - given < LEAST, -1.0, (missed == 0).double())
    largest = torch.zeros(count, dtype=torch.float64, device=margin.device)
    largest = largest.scatter_reduce(0, owners, margin.double(), "amax")
    return {
        MARGIN: largest,
        GREEDY: _total(~wrong, owners, count) / sizes.clamp(min=1),
        VERBATIM: verbatim,
    }


def verbatim_share(values: list[float]) -> tuple[int, int]:
    """How many answers were completed word for word, and how many had enough left to complete."""
    judged = [value for value in values if value >= 0]
    return int(sum(judged)), len(judged)


def verbatim_by_row(row_ids: Sequence[str], values: Sequence[float]) -> list[float]:
    """The same of whole rows: of a row in pieces, whether all that have enough left are completed word for word."""
    found = dict.fromkeys(row_ids, -1.0)
    for row_id, value in zip(row_ids, values, strict=True):
        if value >= 0:
            found[row_id] = min(value, found[row_id]) if found[row_id] >= 0 else value
    return list(found.values())


def _total(flags: torch.Tensor, owners: torch.Tensor, count: int) -> torch.Tensor:
    return torch.zeros(count, dtype=torch.float64, device=flags.device).index_add(0, owners, flags.double())
