"""How examples relate: the links that keep rows together in a split, and the matches across two sets.

The audit, the splitter and the certificate all ask here, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dataprep.similarity.clusters import UnionFind, components
from dataprep.similarity.guard import Difference, meaningful_difference
from dataprep.similarity.inside import inside_each_other
from dataprep.similarity.pairs import Pairs, first_occurrence, self_pairs
from dataprep.similarity.repeats import Example, examples_differ

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dataprep.similarity.plan import SimilarityParams

SAME_PROMPT: Final = "same prompt"
NEAR_PROMPT: Final = "near-duplicate prompt"
NEAR_EXAMPLE: Final = "near-duplicate example"
ALIKE_PROMPT: Final = "near-duplicate or variant prompt"
INSIDE_PROMPT: Final = "prompt inside another"


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a set of examples: string columns without nulls, one text for each position.

    Attributes:
        rejected_text: the rejected answer of a preference pair, else "".
        label: "true" or "false" where a row says whether its answer is a wanted one, else null.
        prompt_core: what `prompt_norm` has of its own, without lines that many prompts share; likeness is measured
            on it.
        pair_core: the same of prompt and answer together.
    """

    prompt: pl.Series
    answer: pl.Series
    rejected_text: pl.Series
    prompt_norm: pl.Series
    answer_norm: pl.Series
    pair_norm: pl.Series
    label: pl.Series
    prompt_core: pl.Series
    pair_core: pl.Series

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Texts:
        """From a frame that has the columns of `text.views`."""
        return cls(*(rows[name] for name in cls.__slots__))

    def __len__(self) -> int:
        return self.prompt.len()

    def take(self, positions: NDArray[np.int64]) -> Texts:
        """The texts at some positions, which rise."""
        if positions.size == len(self):
            return self
        return Texts(*(getattr(self, name).gather(positions) for name in self.__slots__))

    def example(self, position: int) -> tuple[str, str]:
        """The raw prompt and answer."""
        return self.prompt[position], self.answer[position]

    def difference(self, left: int, right: int) -> Difference | None:
        """What sets two examples of the set apart although they are alike, or None: they teach the same."""
        return examples_differ(self._whole(left), self._whole(right))

    def _whole(self, position: int) -> Example:
        return Example(
            self.prompt[position], self.answer[position], self.rejected_text[position], self.label[position]
        )


@dataclass(frozen=True, slots=True)
class Link:
    """Two rows of one set that must not be separated, and why."""

    relation: str
    left: int
    right: int
    score: float


def links(texts: Texts, pairs: Pairs, params: SimilarityParams, *, variants: bool = False) -> tuple[list[Link], Pairs]:
    """Everything that ties rows of one set together, and the prompt pairs that were looked at.

    Rows belong together when they share a normalised prompt, when prompt and answer together are alike (even if
    a number or a name differs: such variants give an answer away), when their prompts are alike, or when one prompt of
    eight words and more stands in another.

    Args:
        texts: the rows.
        pairs: `self_pairs` over their `pair_core`.
        params: how alike is near.
        variants: whether prompts that are alike but differ in something that means something are tied as well.
    """
    prompt_pairs = self_pairs(texts.prompt_core, params)
    found = [Link(NEAR_EXAMPLE, a, b, score) for a, b, score in pairs]
    first = first_occurrence(texts.prompt_norm)
    repeated = np.flatnonzero((first != np.arange(first.size)) & (texts.prompt_norm != "").to_numpy())
    found += [Link(SAME_PROMPT, a, b, 1.0) for a, b in zip(first[repeated].tolist(), repeated.tolist(), strict=True)]
    if variants:
        found += [Link(ALIKE_PROMPT, a, b, score) for a, b, score in prompt_pairs]
    else:
        found += _near_prompts(texts, prompt_pairs, found)
    tied = {(min(link.left, link.right), max(link.left, link.right)) for link in found}
    found += [
        Link(INSIDE_PROMPT, a, b, share)
        for a, b, share in inside_each_other(texts.prompt_core)
        if (min(a, b), max(a, b)) not in tied
    ]
    return found, prompt_pairs


def _near_prompts(texts: Texts, pairs: Pairs, known: Sequence[Link]) -> Iterator[Link]:
    """Links between prompts without a meaningful difference, of rows that are not tied already."""
    roots = components(len(texts), ((link.left, link.right) for link in known))
    # Rows that are tied already need no further reason: aligning words is the expensive part.
    apart = np.flatnonzero(roots[pairs.left] != roots[pairs.right])
    together = UnionFind(len(texts))
    for number in apart.tolist():
        a, b = int(pairs.left[number]), int(pairs.right[number])
        here, there = int(roots[a]), int(roots[b])
        if together.find(here) != together.find(there) and not meaningful_difference(
            texts.prompt[a], texts.prompt[b], words_matter=True
        ):
            yield Link(NEAR_PROMPT, a, b, float(pairs.score[number]))
            together.join(here, there)
