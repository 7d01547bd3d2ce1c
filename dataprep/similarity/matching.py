"""The rows of one set that stand in another one, and those that only look so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
import polars as pl

from dataprep.similarity.guard import Difference, asks_otherwise, example_difference
from dataprep.similarity.notation import operators
from dataprep.similarity.pairs import Pairs, cross_pairs
from dataprep.similarity.verbatim import verbatim_difference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dataprep.similarity.plan import SimilarityParams
    from dataprep.similarity.relate import Texts

MatchKind = Literal["exact", "near", "same-prompt", "contained", "paraphrase", "variant"]

MATCHED: Final[frozenset[MatchKind]] = frozenset(["exact", "near", "same-prompt"])
"""Kinds that `matches` finds."""


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
        if a in rows and b in items:
            continue
        if left.prompt_norm[a] == right.prompt_norm[b]:
            signs = operators(left.prompt[a]), operators(right.prompt[b])
            difference = verbatim_difference(left.prompt[a], right.prompt[b]) if signs[0] != signs[1] else None
        else:
            difference = asks_otherwise(left.example(a), right.example(b))
        if difference is not None:
            found.append((Match("variant", a, b, "prompt", float(pairs.score[number])), difference))
            rows.add(a)
            items.add(b)
    return found


def _exact(left: Texts, right: Texts) -> Iterator[Match]:
    answered = right.answer_norm != ""
    asked = left.prompt, right.prompt
    by_example = _asking_the_same(_positions(left.pair_norm, right.pair_norm, answered), right.pair_norm, *asked)
    by_question = _asking_the_same(
        _positions(left.prompt_norm, right.prompt_norm, ~answered), right.prompt_norm, *asked
    )
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
        if asks_otherwise(left.example(a), right.example(b)) is None:
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
    found = list(met.select("position", "other").iter_rows())
    for position, other in _asking_the_same(found, right.prompt_norm, left.prompt, right.prompt):
        yield Match("same-prompt", position, other, "prompt", 1.0)


def _asking_the_same(
    found: list[tuple[int, int]], forms: pl.Series, mine: pl.Series, theirs: pl.Series
) -> list[tuple[int, int]]:
    """The pairs of one normal form whose questions calculate alike: f(-2) is not f(2).

    Args:
        found: a position on the left with the first on the right.
        forms: the normal forms on the right.
        mine: the questions on the left.
        theirs: those on the right.
    """
    signs = [operators(mine[position]) for position, _ in found]
    unlike = {first for (_, first), own in zip(found, signs, strict=True) if own != operators(theirs[first])}
    if not unlike:
        return found
    wanted = forms.gather(sorted(unlike)).unique()
    first_of: dict[tuple[str, tuple[str, ...]], int] = {}
    for position in forms.is_in(wanted.implode()).arg_true().to_list():
        first_of.setdefault((forms[position], operators(theirs[position])), position)
    kept = []
    for (position, first), own in zip(found, signs, strict=True):
        other = first_of.get((forms[first], own)) if first in unlike else first
        if other is not None:
            kept.append((position, other))
    return kept


def _positions(left: pl.Series, right: pl.Series, counts: pl.Series) -> list[tuple[int, int]]:
    """Positions on the left whose text stands on the right among those that count, and where it does first."""
    there = pl.DataFrame({"text": right, "counts": counts}).with_row_index("other")
    there = there.filter((pl.col("text") != "") & pl.col("counts")).group_by("text").agg(pl.col("other").min())
    here = pl.DataFrame({"text": left}).with_row_index("position")
    met = here.join(there, on="text", how="inner").sort("position")
    return list(met.select("position", "other").iter_rows())
