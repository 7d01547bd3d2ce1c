"""The duplicate engine: which texts are alike, verified. Knows texts and positions, nothing of chat."""

from __future__ import annotations

from dataprep.similarity.align import Change, changes
from dataprep.similarity.clusters import Duplicate, Variant, blanked, components, resolve
from dataprep.similarity.guard import LABEL_WORDS, Difference, example_difference, meaningful_difference
from dataprep.similarity.pairs import Pairs, cross_pairs, first_occurrence, self_pairs
from dataprep.similarity.plan import SimilarityParams
from dataprep.similarity.relate import (
    ALIKE_PROMPT,
    NEAR_EXAMPLE,
    NEAR_PROMPT,
    SAME_PROMPT,
    Link,
    Match,
    MatchKind,
    Texts,
    links,
    matches,
)

__all__ = [
    "ALIKE_PROMPT",
    "LABEL_WORDS",
    "NEAR_EXAMPLE",
    "NEAR_PROMPT",
    "SAME_PROMPT",
    "Change",
    "Difference",
    "Duplicate",
    "Link",
    "Match",
    "MatchKind",
    "Pairs",
    "SimilarityParams",
    "Texts",
    "Variant",
    "blanked",
    "changes",
    "components",
    "cross_pairs",
    "example_difference",
    "first_occurrence",
    "links",
    "matches",
    "meaningful_difference",
    "resolve",
    "self_pairs",
]
