"""Evaluation items inside training rows, and the reverse: which rows, where in them, and how surely they leak."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import polars as pl

from dataprep.similarity.align import changes, fold
from dataprep.similarity.align import words as tokens
from dataprep.similarity.arrays import sorted_distinct
from dataprep.similarity.clusters import blanked
from dataprep.similarity.contain import WORD, Contained, contained, word_places
from dataprep.similarity.guard import Difference, asks_otherwise, meaningful_difference
from dataprep.similarity.items import LONGEST
from dataprep.similarity.pairs import first_occurrence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from dataprep.similarity.relate import Texts

Field = Literal["prompt", "answer"]

CERTAIN: Final = 0.8
"""Share of an item from which its being inside a row is no accident."""

WHOLE: Final = 0.999
"""Share of what is there from the first word to the last; weights are rounded."""

PART: Final = 2.0 * LONGEST
"""Weight of an item that must be there, where it is a smaller share: so many words that stand nowhere else."""

STOCK: Final = 10
"""Rows that may have an answer that is not thought to be one that is given to many questions."""

TRIED: Final = 3
"""Items of a row that are looked at word by word, of those that can be certain and of all."""

ALIGNED: Final = 1_000
"""Words that are aligned at most; in longer texts changed words are not looked for."""

SWAPPED: Final = 4
"""Words that an exchange of names or values concerns at most, both sides together."""


@dataclass(frozen=True, slots=True)
class Inside:
    """A row and an evaluation item, one of which lies in the other.

    Attributes:
        left: position of the row.
        right: position of the item.
        left_field: which text of the row is meant.
        right_field: which text of the item is meant.
        item_inside: whether it is the item that lies inside the row.
        coverage: share of what lies inside that is found in the other, by weight, or by words with a few exchanged.
        weight: how many words that stand nowhere else that is worth, where it is the item.
        words: how many words lie inside.
        left_words: first word, and the one behind the last, of what both have, in the normal form of the row's text.
        right_words: the same in that of the item's.
        change: what was exchanged in it, if anything was; its left is the row's.
        items: how many items the row has something of.
        alone: whether the item is a question of fewer than eight words and a whole line of the row's prompt, as one
            that is a turn of its own is.
    """

    left: int
    right: int
    left_field: Field
    right_field: Field
    item_inside: bool
    coverage: float
    weight: float
    words: int
    left_words: tuple[int, int]
    right_words: tuple[int, int]
    change: Difference | None
    items: int
    alone: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether a question stands in the other text, nearly whole, with nothing exchanged; a short one alone."""
        is_question = self.right_field == "prompt" and (self.words >= LONGEST or self.alone)
        return is_question and self.change is None and self.coverage >= CERTAIN


@dataclass(frozen=True, slots=True)
class Insides:
    """What was found, by row; and what was not compared, in words."""

    found: list[Inside]
    limits: list[str] = field(default_factory=list)

    def moved(self, left: Sequence[int], right: Sequence[int]) -> Insides:
        """The same with other positions for those of either side."""
        return Insides([replace(one, left=left[one.left], right=right[one.right]) for one in self.found], self.limits)

    def joined(self, other: Insides) -> Insides:
        """Both."""
        found = sorted([*self.found, *other.found], key=lambda one: one.left)
        return Insides(found, list(dict.fromkeys([*self.limits, *other.limits])))


def insides(left: Texts, right: Texts, known: Collection[int] = frozenset()) -> Insides:
    """The rows of `left` that have an item of `right` inside them or lie inside one, each with the likeliest.

    Questions are looked for in questions and answers, and questions of rows in questions of items; answers too, if
    they have eight words and few rows give them. Less than `CERTAIN` of a question counts if it weighs sixteen words.
    Equal questions are none, and neither are equal answers to them.

    Args:
        left: the rows.
        right: the evaluation items.
        known: rows that need not be looked at.
    """
    rows = pl.concat([blanked(left.prompt_core, known), blanked(left.answer_norm, known)])
    hits = contained(rows, pl.concat([_once(right.prompt_core), _once(_longer(right.answer_norm))]))
    ours, theirs = len(left), len(right)
    in_answer, is_answer = hits.row >= ours, hits.item >= theirs
    sensible = np.where(is_answer, hits.item_inside & (hits.coverage >= CERTAIN), hits.item_inside | ~in_answer)
    stock = _stock(hits.item, is_answer & sensible, right.answer_norm, theirs)
    chosen = hits.where(sensible & ~np.isin(hits.item, stock) & ~_of_equals(hits, left, right))
    alone = _alone(chosen, left, right)
    sure = alone | _can_be_certain(chosen, left, right)
    likeliest = (_likeliest(some, chosen, alone, left, right) for some in _by_row(chosen, sure, ours, theirs))
    found = [one for one in likeliest if one.coverage >= CERTAIN or one.weight >= PART]
    more = [f"{stock.size:,} answers that more than {STOCK} rows give are not looked for"] if stock.size else []
    return Insides(found, [*hits.limits, *more])


def inside_each_other(texts: pl.Series) -> list[tuple[int, int, float]]:
    """Texts of eight words and more that lie nearly whole inside others of a column: both positions, and the share.

    Every copy of such a text, and of the other, is listed with its first occurrence.
    """
    first = first_occurrence(texts)
    positions = sorted_distinct(first)
    distinct = texts.gather(positions)
    found = contained(distinct, _longer(distinct), coverage=CERTAIN, same=True)
    found = found.where((found.row != found.item) & found.item_inside)
    ends = positions[found.item].tolist(), positions[found.row].tolist(), found.coverage.tolist()
    met = np.isin(first, positions[np.union1d(found.item, found.row)])
    copies = np.flatnonzero(met & (first != np.arange(first.size)))
    repeated = zip(first[copies].tolist(), copies.tolist(), strict=True)
    return [*zip(*ends, strict=True), *((a, b, 1.0) for a, b in repeated)]


def _once(texts: pl.Series) -> pl.Series:
    """Texts, "" where they stand for another time: a thousand copies on both sides are not a million pairs."""
    return texts.to_frame("t").select(pl.when(texts.is_first_distinct()).then("t").otherwise(pl.lit(""))).to_series()


def _longer(texts: pl.Series) -> pl.Series:
    """Texts, "" where they have fewer than eight words; in scripts without spaces every letter counts."""
    long = texts.str.count_matches(WORD) >= LONGEST
    return texts.to_frame("t").select(pl.when(long).then("t").otherwise(pl.lit(""))).to_series()


def _stock(items: NDArray[np.int64], answers: NDArray[np.bool_], forms: pl.Series, prompts: int) -> NDArray[np.int64]:
    """Answers that very many rows, or items, give."""
    numbers, counts = np.unique(items[answers], return_counts=True)
    given = forms.to_frame("t").select(pl.len().over("t")).to_series().to_numpy()
    often: NDArray[np.int64] = numbers[np.maximum(counts, given[numbers - prompts]) > STOCK]
    return often


def _of_equals(hits: Contained, left: Texts, right: Texts) -> NDArray[np.bool_]:
    """Hits of questions that the row asks as they are, and of answers that it then gives as they are."""
    in_answer, row = np.divmod(hits.row, max(len(left), 1))
    is_answer, item = np.divmod(hits.item, max(len(right), 1))
    asked, given = (
        (ours.gather(row).is_in(theirs.implode()) & (core.gather(row) == of.gather(item))).to_numpy()
        for ours, theirs, core, of in (
            (left.prompt_norm, right.prompt_norm, left.prompt_core, right.prompt_core),
            (left.pair_norm, right.pair_norm, left.answer_norm, right.answer_norm),
        )
    )
    equal: NDArray[np.bool_] = np.where(is_answer == 1, given & (in_answer == 1), asked)
    return equal


def _can_be_certain(hits: Contained, left: Texts, right: Texts) -> NDArray[np.bool_]:
    """Hits of questions that are nearly whole and have eight words."""
    can = (hits.item < len(right)) & (hits.coverage >= CERTAIN)
    for texts, positions, inner in ((left, hits.row, ~hits.item_inside), (right, hits.item, hits.item_inside)):
        some = np.flatnonzero(can & inner)
        can[some] = (texts.prompt_core.gather(positions[some]).str.count_matches(WORD) >= LONGEST).to_numpy()
    return can


def _alone(hits: Contained, left: Texts, right: Texts) -> NDArray[np.bool_]:
    """Hits of short questions that are a line of the row's prompt from its first word to its last."""
    alone = (hits.item < len(right)) & (hits.row < len(left)) & hits.item_inside & (hits.coverage > WHOLE)
    some = np.flatnonzero(alone)
    alone[some] = (right.prompt_core.gather(hits.item[some]).str.count_matches(WORD) < LONGEST).to_numpy()
    seen, lines = -1, set[tuple[str, ...]]()
    for number in np.flatnonzero(alone).tolist():  # sorted by row
        if hits.row[number] != seen:
            seen = int(hits.row[number])
            lines = {_plain(line) for line in left.prompt[seen].splitlines()}
        alone[number] = _plain(right.prompt[int(hits.item[number])]) in lines
    return alone


def _plain(text: str) -> tuple[str, ...]:
    return tuple(map(fold, tokens(text)))


def _by_row(
    hits: Contained, sure: NDArray[np.bool_], ours: int, theirs: int
) -> Iterator[tuple[list[int], list[int], int]]:
    """For each row its likeliest hits, the best first: of those that can be certain, and of all; and all its items."""
    if not len(hits):
        return
    frame = pl.DataFrame(
        {
            "row": hits.row % max(ours, 1),
            "item": hits.item % max(theirs, 1),
            "answer": hits.item >= theirs,
            "coverage": -hits.coverage.round(3),
            "words": hits.row_words[:, 0] - hits.row_words[:, 1],
            "sure": sure,
        }
    ).with_row_index("hit")
    best = frame.sort("row", "answer", "coverage", "words", "item", "hit").group_by("row", maintain_order=True)
    surest = pl.col("hit").filter("sure").head(TRIED).alias("surest")
    some = best.agg(surest, pl.col("hit").head(TRIED), pl.col("item").n_unique())
    yield from some.select("surest", "hit", "item").iter_rows()


def _likeliest(
    some: tuple[Sequence[int], Sequence[int], int],
    hits: Contained,
    alone: NDArray[np.bool_],
    left: Texts,
    right: Texts,
) -> Inside:
    """The first certain one of the hits of a row, or else the best."""
    surest, numbers, items = some
    looked_at = {}
    for number in dict.fromkeys([*surest, *numbers]):
        one = looked_at[number] = replace(_inside(number, items, hits, left, right), alone=bool(alone[number]))
        if one.is_certain:
            return one
    return looked_at[numbers[0]]


def _inside(hit: int, items: int, hits: Contained, left: Texts, right: Texts) -> Inside:
    """A hit, with the words in it looked at."""
    (in_answer, row), (is_answer, item) = (
        divmod(int(hits.row[hit]), len(left)),
        divmod(int(hits.item[hit]), len(right)),
    )
    forms = (
        (left.answer_norm if in_answer else left.prompt_core)[row],
        (right.answer_norm if is_answer else right.prompt_core)[item],
    )
    ahead = 0 if in_answer else _ahead(left, row), 0 if is_answer else _ahead(right, item)
    spans = [(int(words[hit, 0]), int(words[hit, 1])) for words in (hits.row_words, hits.item_words)]
    item_inside, coverage = bool(hits.item_inside[hit]), float(hits.coverage[hit])
    words = [[form[first:last] for first, last in word_places(form)] for form in forms]
    outer, inner = (0, 1) if item_inside else (1, 0)
    change = None
    if coverage < WHOLE and len(words[inner]) <= ALIGNED:
        change, share = _exchanged(words[outer], spans[outer], words[inner], spans[inner])
        coverage = max(coverage, share)
    elif item_inside and not in_answer and not is_answer:
        # A short question with a word put into it is another one, if the answers tell.
        window = " ".join(words[0][slice(*spans[0])])
        change = asks_otherwise((window, left.answer[row]), (" ".join(words[1]), right.answer[item]))
    if change is not None and not item_inside:
        change = Difference(change.kind, change.right, change.left)
    return Inside(
        left=row,
        right=item,
        left_field="answer" if in_answer else "prompt",
        right_field="answer" if is_answer else "prompt",
        item_inside=item_inside,
        coverage=coverage,
        weight=float(hits.weight[hit]),
        words=len(words[inner]),
        left_words=(spans[0][0] + ahead[0], spans[0][1] + ahead[0]),
        right_words=(spans[1][0] + ahead[1], spans[1][1] + ahead[1]),
        change=change,
        items=items,
    )


def _ahead(texts: Texts, position: int) -> int:
    """Words of a prompt before what it has of its own."""
    whole, core = texts.prompt_norm[position], texts.prompt_core[position]
    return len(word_places(whole[: max(whole.find(core), 0)]))


def _exchanged(
    outer: list[str], outer_span: tuple[int, int], inner: list[str], inner_span: tuple[int, int]
) -> tuple[Difference | None, float]:
    """What was exchanged in a text for it to stand in another, if a number, a negation or a word or two; and its rest.

    Returns:
        the exchange, and the share of the words that are the same; 0 where more is another than that.
    """
    first = max(outer_span[0] - inner_span[0], 0)
    window = " ".join(outer[first : outer_span[1] + len(inner) - inner_span[1]])
    whole = " ".join(inner)
    gone = sum(len(change.right) for change in changes(window, whole))
    share = max(0.0, 1 - gone / len(inner))
    found = meaningful_difference(window, whole, words_matter=True)
    if found is None or found.kind in {"number", "negation", "operator"}:
        return found, share
    if found.left and found.right and len(found.left.split()) + len(found.right.split()) <= SWAPPED:
        return found, share
    return None, 0.0
