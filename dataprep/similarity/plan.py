"""From what is wanted of a comparison to how it is done: the engine, its parameters, and the recall that goes with it.

Sources: A. Broder, "On the resemblance and containment of documents", 1997, for MinHash; P. Indyk and R. Motwani,
"Approximate nearest neighbors", 1998, for the banding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from dataprep.config import AuditConfig

Unit = Literal["char", "word"]
Engine = Literal["auto", "minhash", "exact", "datasketch"]

PERMUTATION_BUDGET: Final = 320
"""Permutations spent at most."""

MOST_ROWS: Final = 12
"""Rows of a band at most."""

BACKGROUND: Final[dict[Unit, tuple[float, ...]]] = {
    # By n-gram size from 1: what two unrelated texts of one language have in common, roughly.
    "char": (0.8, 0.5, 0.3, 0.18, 0.1, 0.08, 0.06),
    "word": (0.3, 0.1, 0.05, 0.03, 0.02),
}

SHINGLES: Final[dict[Unit, int]] = {"char": 400, "word": 80}
"""Shingles of a typical text."""

STEP_COST: Final = 0.06
"""Nanoseconds to permute one shingle hash and keep the least."""

CANDIDATE_COST: Final = 60.0
"""Nanoseconds to look at a candidate that comes to nothing."""

FEWEST_ROWS: Final = 4
"""Rows of a band at least, where the budget allows: fewer would gather everything that is a little alike."""

STRANGERS: Final = 2.0
"""Unrelated texts that a text may meet in a band; more would crowd out those that are like it."""

BAND_COST: Final = 40.0
"""Nanoseconds to sort a text into one band."""

EXACT_WORDS: Final = 3
"""Words from which on shingles are rare enough for the exact join to be quick at any size."""

EXACT_THRESHOLD: Final = 0.5
"""Threshold from which on it is."""

EXACT_BYTES: Final = 1 << 20
"""Text, in bytes, up to which it is quick with any shingles."""

ROOM: Final = 16
"""Texts with which a text is compared, where very many may be like it: the first ones, and the likeliest."""

THOROUGH_RECALL: Final = 0.9999
THOROUGH_ROOM: Final = 48
THOROUGH_BYTES: Final = 2 << 20


@dataclass(frozen=True, slots=True)
class SimilarityParams:
    """How alike two texts must be, and how surely such a pair must be found.

    Attributes:
        threshold: least Jaccard similarity of a pair, in (0, 1].
        shingle: characters or words per shingle.
        recall: least probability that a pair at the threshold is looked at.
        seed: of the hash functions.
        engine: "exact" compares all that could be alike, "minhash" what its sketches propose, "auto" takes the quicker
            one; "datasketch" is a slow second opinion.
        unit: what shingles consist of.
        room: texts with which one in a crowd of alike ones is compared.
        exact_bytes: text up to which "auto" compares exactly whatever the shingles.
    """

    threshold: float = 0.7
    shingle: int = 5
    recall: float = 0.995
    seed: int = 1
    engine: Engine = "auto"
    unit: Unit = "char"
    room: int = ROOM
    exact_bytes: int = EXACT_BYTES

    @classmethod
    def of(cls, config: AuditConfig) -> SimilarityParams:
        """As the settings say."""
        return cls(config.threshold, config.shingle, config.recall, engine=config.engine, unit=config.shingle_unit)

    def thorough(self) -> SimilarityParams:
        """The same with more effort, where a missed pair would be a leak."""
        return replace(self, recall=max(self.recall, THOROUGH_RECALL), room=THOROUGH_ROOM, exact_bytes=THOROUGH_BYTES)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to search.

    Attributes:
        engine: that does it.
        size: characters or words of a shingle.
        words: whether shingles consist of words.
        threshold: least Jaccard similarity.
        bands: of the sketch; 0 for the exact engine.
        rows: signature values in each band.
        seed: of the permutations.
        room: texts with which one in a crowd is compared.
    """

    engine: Literal["minhash", "exact", "datasketch"]
    size: int
    words: bool
    threshold: float
    bands: int = 0
    rows: int = 0
    seed: int = 1
    room: int = ROOM

    @property
    def length(self) -> int:
        """Values of a signature."""
        return self.bands * self.rows

    def recall_at(self, similarity: float) -> float:
        """Probability that a pair of this similarity is looked at."""
        return 1.0 if self.engine == "exact" else expected_recall(similarity, self.bands, self.rows)

    def in_words(self) -> str:
        """The engine, its parameters and the expected recall, for people."""
        grams = f"{'word' if self.words else 'character'} {self.size}-grams"
        if self.engine == "exact":
            return f"exact join on {grams}: every pair with Jaccard >= {self.threshold:g} is found (recall 100%)"
        steps = [self.threshold + step * (1 - self.threshold) for step in (0, 0.1, 0.2)]
        curve = ", ".join(f"{_percent(self.recall_at(step))} at {step:.2f}" for step in steps)
        name = "MinHash LSH" if self.engine == "minhash" else "datasketch: MinHash LSH"
        return (
            f"{name} on {grams}, {self.bands} bands of {self.rows} rows, every candidate verified by exact "
            f"Jaccard >= {self.threshold:g}; expected recall {curve}"
        )


def plan(params: SimilarityParams, count: int, size: int) -> Plan:
    """How to compare `count` texts of `size` bytes in all.

    The exact join is chosen where it is quick: for shingles of three words and more, which few texts share, and for
    little text.

    Raises:
        ConfigError: no choice of bands reaches the recall.
    """
    words = params.unit == "word"
    engine = params.engine
    if engine == "auto":
        rare = words and params.shingle >= EXACT_WORDS and params.threshold >= EXACT_THRESHOLD
        engine = "exact" if rare or size <= params.exact_bytes else "minhash"
    if engine == "exact":
        return Plan("exact", params.shingle, words, params.threshold, room=params.room)
    bands, rows = choose_bands(params.threshold, params.recall, count, params.shingle, params.unit)
    return Plan(engine, params.shingle, words, params.threshold, bands, rows, params.seed, params.room)


def choose_bands(
    threshold: float, recall: float, count: int = 1_000_000, shingle: int = 5, unit: Unit = "char"
) -> tuple[int, int]:
    """Bands and rows per band that find a pair at the threshold with at least the wanted probability.

    Of all that do, the cheapest for `count` texts: more rows per band mean fewer useless candidates, whose number
    grows with the square of the texts, and more values to compute for each text.

    Raises:
        ConfigError: no choice within the budget reaches the recall.
    """
    if threshold >= 1:
        return 1, 8  # equal sets agree everywhere; eight rows keep others apart
    known = BACKGROUND[unit]
    common = min(known[min(shingle, len(known)) - 1], threshold / 2)
    choices = []
    for rows in range(1, MOST_ROWS + 1):
        missed = 1 - threshold**rows  # by one band
        bands = math.ceil(math.log(1 - recall) / math.log(missed)) if missed < 1 else PERMUTATION_BUDGET + 1
        if bands * rows <= PERMUTATION_BUDGET:
            strangers = count * common**rows
            cost = rows * SHINGLES[unit] * STEP_COST + BAND_COST + strangers / 2 * CANDIDATE_COST
            choices.append((max(0, FEWEST_ROWS - rows), max(0.0, strangers - STRANGERS), bands * cost, bands, rows))
    if not choices:
        raise ConfigError(
            f"a recall of {recall} at threshold {threshold} needs more than {PERMUTATION_BUDGET} permutations",
            "Raise the threshold, lower the recall, or take the exact engine",
        )
    return min(choices)[3:]


def expected_recall(threshold: float, bands: int, rows: int) -> float:
    """Probability that a pair whose Jaccard similarity is exactly the threshold becomes a candidate."""
    return float(1 - (1 - threshold**rows) ** bands)


def _percent(share: float) -> str:
    """A share in percent, never rounded up to a hundred."""
    return f"{min(math.floor(share * 1000) / 10, 99.9):g}%"
