"""Rows -> tensors, laid out so that little or nothing is spent on padding.

Two layouts give the same loss:

- `flat`: all rows of a batch in one line without padding, each with positions of its own, for an attention that
  knows where rows begin (`cu_seq_lens`).
- `padded`: side by side, filled up on the right. Nothing needs masking there: a causal model never looks at what
  comes after. A line may hold several packed rows; their positions begin again at 0, which is how transformers
  knows that they must not see each other. That only works without an attention mask.

`masked` is `padded` with an attention mask, for a model that was found not to keep to this.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from trainer.tokens import IGNORED, sequences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from trainer.tokens import Row, Tokens

Layout = Literal["flat", "padded", "masked"]

Bin = list[int]
"""Numbers of the rows that share one line; without packing, of one row."""

POOL_BATCHES = 25
"""Batches sorted by length together: few enough that an epoch stays a fresh mix."""


@dataclass(frozen=True)
class Batch:
    """What one forward pass takes.

    Attributes:
        inputs: arguments of the model: token ids (lines, width), and what its attention needs.
        labels: (lines, width); the id of a supervised token at its own place, else IGNORED.
        weights: (lines, width); how much the loss of a token counts.
        owners: (lines, width); number of the sequence in this batch that a token belongs to.
        rows: numbers of the rows in the data set. A row has one sequence, a pair two, one after the other.
        row_ids: of the same rows.
        items: what the loss is the mean of: summed weights, or pairs.
    """

    inputs: dict[str, Any]
    labels: torch.Tensor
    weights: torch.Tensor
    owners: torch.Tensor
    rows: list[int]
    row_ids: list[str]
    items: float

    def to(self, device: torch.device | str) -> Batch:
        """The same on another device."""
        moved = {key: value.to(device) if torch.is_tensor(value) else value for key, value in self.inputs.items()}
        labels, weights, owners = (tensor.to(device) for tensor in (self.labels, self.weights, self.owners))
        return replace(self, inputs=moved, labels=labels, weights=weights, owners=owners)

    @property
    def supervised(self) -> int:
        """Tokens with loss."""
        return int((self.labels != IGNORED).sum())

    @property
    def read(self) -> int:
        """Tokens, padding left out."""
        return int((self.owners >= 0).sum())


class Bins(Dataset[Bin]):
    """Rows in the bins they share, as a torch data set."""

    def __init__(self, rows: Sequence[Row], bins: Sequence[Bin] | None = None) -> None:
        self.rows = rows
        self.bins = bins if bins is not None else [[number] for number in range(len(rows))]

    def __len__(self) -> int:
        return len(self.bins)

    def __getitem__(self, index: int) -> list[tuple[int, Row]]:  # type: ignore[override]
        return [(number, self.rows[number]) for number in self.bins[index]]


def collate(lines: Sequence[Sequence[tuple[int, Row]]], pad_id: int, layout: Layout) -> Batch:
    """A batch of bins of one or more rows each.

    Args:
        lines: rows with their numbers in the data set.
        pad_id: token to fill up with.
        layout: see the module.
    """
    rows = [number for line in lines for number, _ in line]
    row_ids = [row.row_id for line in lines for _, row in line]
    parts = [[tokens for _, row in line for tokens in sequences(row)] for line in lines]
    count = sum(map(len, parts))
    if layout == "flat":
        parts = [list(chain.from_iterable(parts))]
    elif len(lines) == len(rows):  # nothing is packed: the two answers of a pair get a line each as well
        parts = [[tokens] for line in parts for tokens in line]
    ids = _fill(parts, pad_id, [tokens.input_ids for line in parts for tokens in line])
    owners = _fill(parts, -1, [np.full(len(tokens), place) for place, tokens in enumerate(chain.from_iterable(parts))])
    weights = _fill(parts, 0.0, [tokens.weights for line in parts for tokens in line])
    labels = _fill(parts, IGNORED, [tokens.labels for line in parts for tokens in line])
    items = float(weights.double().sum()) if count == len(rows) else float(len(rows))
    return Batch(_inputs(ids, owners, parts, layout), labels, weights, owners, rows, row_ids, items)


def _inputs(
    ids: torch.Tensor, owners: torch.Tensor, parts: Sequence[Sequence[Tokens]], layout: Layout
) -> dict[str, Any]:
    """Token ids, and what keeps rows apart."""
    inputs: dict[str, Any] = {"input_ids": ids}
    if layout == "masked":
        return inputs | {"attention_mask": (owners >= 0).long()}
    if layout == "padded" and len(parts) == sum(map(len, parts)):
        return inputs
    lengths = [len(tokens) for line in parts for tokens in line]
    inputs["position_ids"] = _fill(parts, 0, [np.arange(length) for length in lengths])
    if layout == "flat":
        bounds = torch.tensor(np.cumsum([0, *lengths]), dtype=torch.int32)
        inputs |= {"cu_seq_lens_q": bounds, "cu_seq_lens_k": bounds}
        inputs |= {"max_length_q": max(lengths), "max_length_k": max(lengths)}
    return inputs


def _fill(parts: Sequence[Sequence[Tokens]], filler: float, values: Sequence[NDArray[np.generic]]) -> torch.Tensor:
    """(lines, width) with the sequences' values one after the other, filled up on the right."""
    width = max(sum(map(len, line)) for line in parts)
    kind = torch.float32 if isinstance(filler, float) else torch.long
    filled = torch.full((len(parts), width), filler, dtype=kind)
    taken = iter(values)
    for number, line in enumerate(parts):
        joined = np.concatenate([next(taken) for _ in line])
        filled[number, : len(joined)] = torch.from_numpy(joined).to(kind)
    return filled


class Shuffled(Sampler[int]):
    """A fresh order of the bins every epoch.

    Args:
        count: bins there are.
        seed: of the whole sequence of epochs.
    """

    def __init__(self, count: int, seed: int) -> None:
        self._count = count
        self._random = random.Random(seed)  # noqa: S311 - an order, not a secret

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        order = list(range(self._count))
        self._random.shuffle(order)
        return iter(order)


class LengthGrouped(Sampler[int]):
    """Shuffled batches of rows of similar length, for layouts with padding.

    On chat rows random batches are about half padding; rows of similar length side by side need almost none.
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


def evaluation_batches(rows: Sequence[Row], max_tokens: int, layout: Layout) -> Iterator[list[list[tuple[int, Row]]]]:
    """Rows by length, as many at a time as fit into `max_tokens` with their padding; at least one."""
    batch: list[list[tuple[int, Row]]] = []
    tokens = 0
    for number in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        size = max(map(len, sequences(rows[number]))) * len(sequences(rows[number]))
        after = tokens + len(rows[number]) if layout == "flat" else (len(batch) + 1) * size
        if batch and after > max_tokens:
            yield batch
            batch, tokens = [], 0
        batch.append([(number, rows[number])])
        tokens += len(rows[number])
    if batch:
        yield batch
