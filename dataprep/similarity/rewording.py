"""Training rows whose question rewords that of an evaluation item: which, how surely, and how often in error."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from dataprep.similarity.align import fold, words
from dataprep.similarity.calibrate import RATE, Calibration
from dataprep.similarity.calibrated import Rewordings, leaks, leaks_by_meaning
from dataprep.similarity.guard import SMALL_WORDS, SPELLED, Difference, meaningful_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dataprep.similarity.relate import Texts

    Embedder = Callable[[Sequence[str]], NDArray[np.float32]]

SWAPPED: Final = 2
"""Words that each of two questions has of its own, at most, for a change of words to make another question."""

SMALL: Final = 12
"""Numbers up to here are in many texts, and say half as much as others."""

COUNTED: Final = 2
"""Numbers that only follow another one of which so many say something, a quarter each."""

TELLING: Final = 2.0
"""How much the numbers in common must say to prove that one text is a rewording of the other."""

STEM: Final = 5
"""Letters of a word that inflected forms have in common."""

SAMPLED: Final = 2_000
"""Texts that tell which words are in many."""

COMMON: Final = 0.05
"""Share of the texts above which a word says nothing about one of them; and so many texts at least:"""

LEAST_COMMON: Final = 4

_WHOLE: Final = re.compile(r"\d{1,9}")

By = Literal["words and numbers", "meaning"]


@dataclass(frozen=True, slots=True)
class Reworded:
    """A row and the evaluation item whose question it rewords.

    Attributes:
        left: position of the row.
        right: position of the item.
        by: what was compared.
        score: evidence, or cosine similarity; see `calibrated`.
        calibration: the threshold that the score reaches, and how often unrelated items reach it.
        shared_numbers: numbers that both questions have.
        numbers: numbers of the one that has more.
        change: what was exchanged, where they differ in a word or two.
        is_proved: whether their numbers prove the rewording.
        is_variant: whether they differ in their numbers or in what was exchanged, as two exercises of one pattern do.
    """

    left: int
    right: int
    by: By
    score: float
    calibration: Calibration
    shared_numbers: int
    numbers: int
    change: Difference | None
    is_proved: bool
    is_variant: bool


@dataclass(frozen=True, slots=True)
class Reworders:
    """What was found, by row; how it was decided; and what was not compared, in words."""

    found: list[Reworded]
    calibrations: list[tuple[By, Calibration]]
    limits: list[str] = field(default_factory=list)

    def moved(self, left: Sequence[int], right: Sequence[int]) -> Reworders:
        """The same with other positions for those of either side."""
        found = [replace(one, left=left[one.left], right=right[one.right]) for one in self.found]
        return replace(self, found=found)

    def joined(self, other: Reworders) -> Reworders:
        """Both."""
        return Reworders(
            sorted([*self.found, *other.found], key=lambda one: one.left),
            [*self.calibrations, *other.calibrations],
            list(dict.fromkeys([*self.limits, *other.limits])),
        )


def reworders(
    left: Texts, right: Texts, known: Collection[int] = frozenset(), embedder: Embedder | None = None
) -> Reworders:
    """The rows of `left` that reword an item of `right`, each with the likeliest; equal questions are none.

    Args:
        left: the rows.
        right: the evaluation items.
        known: rows that are of no interest; they are compared all the same, because the thresholds come from all rows.
        embedder: texts to unit vectors, shape (texts, values), to compare meanings as well. Either search then has
            half of the rate.
    """
    rate = RATE / 2 if embedder else RATE
    asked, written = _asked(left), _asked(left, whole=True)
    searches: list[tuple[By, Rewordings]] = [("words and numbers", leaks(right.prompt_core, asked, rate=rate))]
    if embedder is not None:
        vectors = embedder(right.prompt.to_list()), embedder(written.to_list())
        searches.append(("meaning", leaks_by_meaning(*vectors, (right.prompt_core, asked), rate=rate)))
    best: dict[int, Reworded] = {}
    for by, search in searches:
        for one in _of_all(search, by, asked):
            if one.left not in known and (one.left not in best or _rank(one) < _rank(best[one.left])):
                best[one.left] = one
    common = _common_stems(pl.concat([written, right.prompt])) if best else frozenset[str]()
    return Reworders(
        [_looked_at(best[position], written, right.prompt, common) for position in sorted(best)],
        [(by, search.calibration) for by, search in searches],
        list(dict.fromkeys(limit for _, search in searches for limit in search.limits)),
    )


def _asked(texts: Texts, *, whole: bool = False) -> pl.Series:
    """What each row asks, or all that it says where it is a plain text and asks nothing: as written, or its core."""
    asked, said = (texts.prompt, texts.answer) if whole else (texts.prompt_core, texts.pair_core)
    empty = texts.prompt == ""
    return said.zip_with(empty, asked) if empty.any() else asked


def _rank(one: Reworded) -> tuple[bool, bool, bool, float, int]:
    return not one.is_proved, one.is_variant, one.by == "meaning", -one.score, one.right


def _of_all(search: Rewordings, by: By, texts: pl.Series) -> Iterator[Reworded]:
    """The pairs of a search, with every row that has the text of the one that was found."""
    pairs = search.pairs
    frame = pl.DataFrame(
        {
            "item": pairs.left,
            "row": pairs.right,
            "score": pairs.score,
            "shared": pairs.shared_numbers,
            "numbers": pairs.numbers,
            "variant": pairs.is_variant,
            "proved": pairs.is_proved,
        }
    ).with_columns(text=texts.gather(pairs.right))
    rows = texts.to_frame("text").with_columns(position=pl.int_range(pl.len(), dtype=pl.Int64))
    rows = rows.join(frame.select("text").unique(), on="text", how="semi")
    found = frame.join(rows, on="text", how="inner").sort("position", "item")
    for item, score, shared, numbers, variant, proved, position in found.select(
        "item", "score", "shared", "numbers", "variant", "proved", "position"
    ).iter_rows():
        yield Reworded(position, item, by, score, search.calibration, shared, numbers, None, proved, variant)


def _telling(left: str, right: str, shared: int) -> float:
    """How much it says that two texts share so many numbers: lists have 1, 2, 3 in common, exercises 2, 5 and 10."""
    mine, theirs = (
        {int(number) for word in words(text) for number in _WHOLE.findall(SPELLED.get(fold(word), word))}
        for text in (left, right)
    )
    same = mine & theirs
    own = [number for number in same if number - 1 not in same]
    counted = min(len(same) - len(own), COUNTED)  # of a list
    return sum(1.0 if number > SMALL else 0.5 for number in own) + counted / 4 + max(0, shared - len(same)) / 2


def _stems(text: str) -> frozenset[str]:
    """The beginnings of the longer words of a text, which inflected forms have in common, and single ideographs."""
    return frozenset(
        word[:STEM]
        for word in map(fold, words(text))
        if word.isalpha() and (len(word) >= STEM - 1 or not word.isascii()) and word not in SMALL_WORDS
    )


def _common_stems(texts: pl.Series) -> frozenset[str]:
    """Stems of words that many of some texts have, which say nothing about what a text is about."""
    some = texts.gather_every(max(1, texts.len() // SAMPLED))
    counts = Counter(stem for text in some for stem in _stems(text))
    most = max(LEAST_COMMON, COMMON * some.len())
    return frozenset(stem for stem, count in counts.items() if count > most)


def _looked_at(one: Reworded, left: pl.Series, right: pl.Series, common: frozenset[str]) -> Reworded:
    """The same with what was exchanged: radians to degrees, degrees to radians are no rewordings.

    Numbers prove nothing where both texts have no word of their matter in common: 240 hens and 240 chairs.
    """
    mine, theirs = left[one.left], right[one.right]
    if one.is_proved and (
        _telling(mine, theirs, one.shared_numbers) < TELLING or not (_stems(mine) & _stems(theirs)) - common
    ):
        one = replace(one, is_proved=False)
    a, b = (Counter(fold(word) for word in words(text)) for text in (mine, theirs))
    if max((a - b).total(), (b - a).total()) > SWAPPED:
        return one
    change = meaningful_difference(mine, theirs, words_matter=True)
    return one if change is None else replace(one, change=change, is_proved=False, is_variant=True)
