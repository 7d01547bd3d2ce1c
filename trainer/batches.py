"""Rows -> padded tensors, in an order that wastes little on padding.

On chat rows random batches are about half padding; rows of similar length side by side need almost none.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import torch
from torch.utils.data import Dataset, Sampler

from trainer.chat import IGNORED, Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROWS_KEY = "row_numbers"
"""Key of a batch under which the rows' places in the data set travel along, to name them in messages."""

POOL_BATCHES = 25
"""Batches sorted by length together: few enough that an epoch stays a fresh mix."""


class TokenRows(Dataset[Tokens]):
    """Rows that remember their place, as a torch data set."""

    def __init__(self, rows: Sequence[Tokens]) -> None:
        self.rows = list(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[int, Tokens]:  # type: ignore[override]
        return index, self.rows[index]


def collate(items: Sequence[tuple[int, Tokens]], pad_id: int) -> dict[str, torch.Tensor]:
    """Pad rows on the right to the longest; padding is masked out and carries no loss."""
    width = max(len(tokens.input_ids) for _, tokens in items)
    ids = torch.full((len(items), width), pad_id)
    labels = torch.full((len(items), width), IGNORED)
    mask = torch.zeros((len(items), width), dtype=torch.long)
    for row, (_, tokens) in enumerate(items):
        length = len(tokens.input_ids)
        ids[row, :length] = torch.tensor(tokens.input_ids)
        labels[row, :length] = torch.tensor(tokens.labels)
        mask[row, :length] = 1
    numbers = torch.tensor([number for number, _ in items])
    return {"input_ids": ids, "attention_mask": mask, "labels": labels, ROWS_KEY: numbers}


class LengthGrouped(Sampler[int]):
    """Shuffled batches of rows of similar length.

    Rows are shuffled, sorted by length within pools, cut into batches, and the batches shuffled. Without the
    last shuffle every pool would run from its longest rows to its shortest, and a short run see only long ones.

    Args:
        lengths: tokens of each row.
        batch_size: rows per batch; the order is meaningful for this size only.
        seed: of the whole sequence of epochs.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._random = random.Random(seed)  # noqa: S311 - an order, not a secret

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        order = list(range(len(self._lengths)))
        self._random.shuffle(order)
        pool = self._batch_size * POOL_BATCHES
        batches: list[list[int]] = []
        for start in range(0, len(order), pool):
            rows = sorted(order[start : start + pool], key=self._lengths.__getitem__)
            batches += [rows[i : i + self._batch_size] for i in range(0, len(rows), self._batch_size)]
        # A batch that is not full must stay last, or the loader would cut all later ones in the wrong places.
        rest = batches.pop() if len(batches[-1]) < self._batch_size else []
        self._random.shuffle(batches)
        for batch in [*batches, rest]:
            yield from batch


def evaluation_batches(rows: Sequence[Tokens], max_tokens: int) -> Iterator[list[tuple[int, Tokens]]]:
    """Rows by length, as many at a time as fit into `max_tokens` with their padding; at least one."""
    batch: list[tuple[int, Tokens]] = []
    for number in sorted(range(len(rows)), key=lambda i: len(rows[i].input_ids)):
        width = len(rows[number].input_ids)
        if batch and (len(batch) + 1) * width > max_tokens:
            yield batch
            batch = []
        batch.append((number, rows[number]))
    if batch:
        yield batch
