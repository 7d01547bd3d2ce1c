"""How examples relate: the links that keep rows together in a split, and the matches across two sets.

The audit, the splitter and the certificate all ask here, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
import polars as pl

from dataprep.similarity.clusters import UnionFind, components
from dataprep.similarity.guard import Difference, example_difference, meaningful_difference
from dataprep.similarity.inside import inside_each_other
from dataprep.similarity.pairs import Pairs, cross_pairs, first_occurrence, self_pairs
from dataprep.similarity.repeats import Example, examples_differ

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from dataprep.similarity.plan import SimilarityParams

MatchKind = Literal["exact", "near", "same-prompt", "contained", "paraphrase", "variant"]

MATCHED: Final[frozenset[MatchKind]] = frozenset(["exact", "near", "same-prompt"])
"""Kinds that `matches` finds."""

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


@dataclass(frozen=True, slots=True)
class Match:
    """A row of the first set that stands in the second one.

    Attributes:
        kind: "exact" when prompt and answer agree after normalisation (the prompt alone where the other set has
            no answer), "same-prompt" when only the prompt does, "near" for a verified pair without a meaningful
            difference, "variant" for one with such a difference; "contained" when one stands in the other
            (`inside`), "paraphrase" when its numbers prove that it rewords it (`rewording`).
        field: what the score compares: "example" or "prompt".
        score: Jaccard similarity; of what is contained the share; of a rewording its evidence.
    """

    kind: MatchKind
    left: int
    right: int
    field: Literal["example", "prompt"]
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


class Matched(NamedTuple):
    """What stands on both sides.

    Attributes:
        found: the rows, each with its closest one on the other side.
        others: near rows of the other side that are no row's closest, each with the closest row.
        pairs: examples that were looked at.
        prompt_pairs: prompts that were looked at.
    """

    found: list[Match]
    others: list[Match]
    pairs: Pairs
    prompt_pairs: Pairs


def matches(left: Texts, right: Texts, params: SimilarityParams, kinds: Collection[MatchKind] = MATCHED) -> Matched:
    """The rows of `left` that stand in `right`, each with its closest row there, in order of position.

    Exact comes before near, near before the same prompt with another answer.

    Args:
        left: the rows.
        right: the other rows.
        params: how alike is near.
        kinds: kinds that count; a match of another kind must not hide one of these.
    """
    pairs = cross_pairs(left.pair_core, right.pair_core, params)
    prompt_pairs = cross_pairs(left.prompt_core, right.prompt_core, params)
    best = {match.left: match for match in _exact(left, right)} if "exact" in kinds else {}
    exact = frozenset(best), frozenset(match.right for match in best.values())
    found = _near(left, right, pairs, prompt_pairs, exact) if "near" in kinds else ()
    near = sorted(found, key=lambda match: (-match.score, match.right))
    for match in near:
        best.setdefault(match.left, match)
    for match in _same_prompt(left, right) if "same-prompt" in kinds else ():
        best.setdefault(match.left, match)
    met = {match.right for match in best.values()}
    others: dict[int, Match] = {}
    for match in near:
        if match.right not in met:
            others.setdefault(match.right, match)
    return Matched([best[row] for row in sorted(best)], [others[row] for row in sorted(others)], pairs, prompt_pairs)


def variants(
    left: Texts, right: Texts, pairs: Pairs, rows: Collection[int], items: Collection[int]
) -> list[tuple[Match, Difference]]:
    """Prompts that are alike but for something that means something, the likest first.

    Args:
        left: the rows.
        right: the other rows.
        pairs: of their prompts.
        rows: of `left` that are known to be like one of `right`; they are listed only with others that are not known.
        items: of `right` that are known, likewise.
    """
    rows, items = set(rows), set(items)
    found = []
    for number in np.lexsort((pairs.right, pairs.left, -pairs.score)).tolist():
        a, b = int(pairs.left[number]), int(pairs.right[number])
        if (a in rows and b in items) or left.prompt_norm[a] == right.prompt_norm[b]:
            continue
        difference = meaningful_difference(left.prompt[a], right.prompt[b], words_matter=True)
        if difference is not None:
            found.append((Match("variant", a, b, "prompt", float(pairs.score[number])), difference))
            rows.add(a)
            items.add(b)
    return found


def _exact(left: Texts, right: Texts) -> Iterator[Match]:
    answered = right.answer_norm != ""
    by_example = _positions(left.pair_norm, right.pair_norm, answered)
    by_question = _positions(left.prompt_norm, right.prompt_norm, ~answered)
    for position, other in by_example:
        yield Match("exact", position, other, "example", 1.0)
    seen = {position for position, _ in by_example}
    for position, other in by_question:
        if position not in seen:
            yield Match("exact", position, other, "prompt", 1.0)


def _near(
    left: Texts,
    right: Texts,
    pairs: Pairs,
    prompt_pairs: Pairs,
    exact: tuple[Collection[int], Collection[int]],
) -> Iterator[Match]:
    """Near matches, those between rows left out that have exact ones both."""
    rows, others = exact
    for a, b, score in pairs:
        if (a in rows and b in others) or not right.answer_norm[b] or left.pair_norm[a] == right.pair_norm[b]:
            continue
        if example_difference(left.example(a), right.example(b)) is None:
            yield Match("near", a, b, "example", score)
    for a, b, score in prompt_pairs:
        if (a in rows and b in others) or left.prompt_norm[a] == right.prompt_norm[b]:
            continue
        if meaningful_difference(left.prompt[a], right.prompt[b], words_matter=True) is None:
            yield Match("near", a, b, "prompt", score)


def _same_prompt(left: Texts, right: Texts) -> Iterator[Match]:
    """Rows with the first one on the other side that asks the same and has another answer."""
    there = pl.DataFrame({"text": right.prompt_norm, "pair": right.pair_norm, "answer": right.answer_norm})
    there = there.with_row_index("other").filter((pl.col("text") != "") & (pl.col("answer") != ""))
    # Of two that have different answers, one has another than the row.
    there = there.unique(["text", "pair"], keep="first", maintain_order=True)
    there = there.group_by("text", maintain_order=True).head(2).select("text", "other", theirs="pair")
    here = pl.DataFrame({"text": left.prompt_norm, "pair": left.pair_norm}).with_row_index("position")
    met = here.join(there, on="text", how="inner").filter(pl.col("pair") != pl.col("theirs"))
    met = met.group_by("position").agg(pl.col("other").min()).sort("position")
    for position, other in met.select("position", "other").iter_rows():
        yield Match("same-prompt", position, other, "prompt", 1.0)


def _positions(left: pl.Series, right: pl.Series, counts: pl.Series) -> list[tuple[int, int]]:
    """Positions on the left whose text stands on the right among those that count, and where it does first."""
    there = pl.DataFrame({"text": right, "counts": counts}).with_row_index("other")
    there = there.filter((pl.col("text") != "") & pl.col("counts")).group_by("text").agg(pl.col("other").min())
    here = pl.DataFrame({"text": left}).with_row_index("position")
    met = here.join(there, on="text", how="inner").sort("position")
    return list(met.select("position", "other").iter_rows())
