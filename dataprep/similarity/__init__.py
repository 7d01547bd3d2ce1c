"""The duplicate engine: which texts are alike, verified. Knows texts and positions, nothing of chat."""

from __future__ import annotations

from dataprep.similarity.ahead import examples_ahead, texts_ahead
from dataprep.similarity.align import Change, changes, reordered
from dataprep.similarity.clusters import Duplicate, Variant, blanked, components, resolve
from dataprep.similarity.contain import word_places
from dataprep.similarity.guard import LABEL_WORDS, Difference, meaningful_difference
from dataprep.similarity.inside import CERTAIN, Inside, Insides, insides
from dataprep.similarity.matching import Match, Matched, MatchKind, matches, variants
from dataprep.similarity.notation import operators
from dataprep.similarity.pairs import Pairs, cross_pairs, first_occurrence, self_pairs
from dataprep.similarity.plan import SimilarityParams
from dataprep.similarity.relate import (
    ALIKE_PROMPT,
    INSIDE_PROMPT,
    NEAR_EXAMPLE,
    NEAR_PROMPT,
    SAME_PROMPT,
    Link,
    Texts,
    links,
)
from dataprep.similarity.repeats import repeat_difference
from dataprep.similarity.rewording import Reworded, Reworders, reworders

__all__ = [
    "ALIKE_PROMPT",
    "CERTAIN",
    "INSIDE_PROMPT",
    "LABEL_WORDS",
    "NEAR_EXAMPLE",
    "NEAR_PROMPT",
    "SAME_PROMPT",
    "Change",
    "Difference",
    "Duplicate",
    "Inside",
    "Insides",
    "Link",
    "Match",
    "MatchKind",
    "Matched",
    "Pairs",
    "Reworded",
    "Reworders",
    "SimilarityParams",
    "Texts",
    "Variant",
    "blanked",
    "changes",
    "components",
    "cross_pairs",
    "examples_ahead",
    "first_occurrence",
    "insides",
    "links",
    "matches",
    "meaningful_difference",
    "operators",
    "reordered",
    "repeat_difference",
    "resolve",
    "reworders",
    "self_pairs",
    "texts_ahead",
    "variants",
    "word_places",
]
