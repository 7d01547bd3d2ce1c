"""How examples relate: the links that keep rows together in a split, and the matches across two sets.

The audit, the splitter and the certificate all ask here, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from dataprep.similarity.clusters import UnionFind
from dataprep.similarity.guard import Difference, example_difference, meaningful_difference
from dataprep.similarity.pairs import Pairs, cross_pairs, self_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from dataprep.similarity.plan import SimilarityParams

MatchKind = Literal["exact", "near", "same-prompt"]

SAME_PROMPT: Final = "same prompt"
NEAR_PROMPT: Final = "near-duplicate prompt"
NEAR_EXAMPLE: Final = "near-duplicate example"


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a set of examples, by position.

    Attributes:
        rejected_text: the rejected answer of a preference pair, else "".
        label: "true" or "false" where a row says whether its answer is a wanted one.
    """

    prompt: list[str]
    answer: list[str]
    rejected_text: list[str]
    prompt_norm: list[str]
    answer_norm: list[str]
    pair_norm: list[str]
    label: list[str | None]

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Texts:
        """From a frame that has the columns of `text.views`."""
        return cls(*(rows[name].to_list() for name in cls.__slots__))

    def __len__(self) -> int:
        return len(self.prompt)

    def example(self, position: int) -> tuple[str, str]:
        """The raw prompt and answer."""
        return self.prompt[position], self.answer[position]

    def difference(self, left: int, right: int) -> Difference | None:
        """What sets two examples of the set apart although they are alike, or None: they teach the same."""
        if self.label[left] != self.label[right]:
            return Difference("label", str(self.label[left]), str(self.label[right]))
        found = example_difference(self.example(left), self.example(right))
        if found is None and self.rejected_text[left] != self.rejected_text[right]:
            found = meaningful_difference(self.rejected_text[left], self.rejected_text[right])
        return found


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
            difference.
        field: what the score compares: "example" or "prompt".
        score: Jaccard similarity.
    """

    kind: MatchKind
    left: int
    right: int
    field: Literal["example", "prompt"]
    score: float


def links(texts: Texts, pairs: Pairs, params: SimilarityParams) -> tuple[list[Link], Pairs]:
    """Everything that ties rows of one set together, and the prompt pairs that were looked at.

    Rows belong together when they share a normalised prompt, when prompt and answer together are alike (even if
    a number or a name differs: such variants give an answer away), or when their prompts are alike without a
    meaningful difference.

    Args:
        texts: the rows.
        pairs: `self_pairs` over their `pair_norm`.
        params: how alike is near.
    """
    prompt_pairs = self_pairs(texts.prompt_norm, params)
    found = [Link(NEAR_EXAMPLE, a, b, score) for a, b, score in pairs]
    together = UnionFind(len(texts))
    for link in found:
        together.join(link.left, link.right)
    for a, b, score in prompt_pairs:
        if texts.prompt_norm[a] == texts.prompt_norm[b]:
            found.append(Link(SAME_PROMPT, a, b, score))
            together.join(a, b)
    for a, b, score in prompt_pairs:
        # Rows that are tied already need no further reason: aligning words is the expensive part.
        if together.find(a) != together.find(b) and not meaningful_difference(
            texts.prompt[a], texts.prompt[b], words_matter=True
        ):
            found.append(Link(NEAR_PROMPT, a, b, score))
            together.join(a, b)
    return found, prompt_pairs


def matches(left: Texts, right: Texts, params: SimilarityParams) -> tuple[list[Match], Pairs]:
    """The rows of `left` that stand in `right`, each with its closest row there, in order of position.

    Exact comes before near, near before the same prompt with another answer.
    """
    pairs = cross_pairs(left.pair_norm, right.pair_norm, params)
    prompt_pairs = cross_pairs(left.prompt_norm, right.prompt_norm, params)
    best: dict[int, tuple[tuple[int, float, int], Match]] = {}
    for match in _candidates(left, right, pairs, prompt_pairs):
        rank = (("exact", "near", "same-prompt").index(match.kind), -match.score, match.right)
        if match.left not in best or rank < best[match.left][0]:
            best[match.left] = (rank, match)
    return [best[position][1] for position in sorted(best)], pairs


def _candidates(left: Texts, right: Texts, pairs: Pairs, prompt_pairs: Pairs) -> Iterable[Match]:
    for a, b, score in pairs:
        if left.pair_norm[a] == right.pair_norm[b]:
            yield Match("exact", a, b, "example", score)
        elif right.answer_norm[b] and example_difference(left.example(a), right.example(b)) is None:
            yield Match("near", a, b, "example", score)
    for a, b, score in prompt_pairs:
        same = left.prompt_norm[a] == right.prompt_norm[b]
        if same and not right.answer_norm[b]:
            yield Match("exact", a, b, "prompt", score)
        elif same and left.answer_norm[a] != right.answer_norm[b]:
            yield Match("same-prompt", a, b, "prompt", score)
        elif not same and meaningful_difference(left.prompt[a], right.prompt[b], words_matter=True) is None:
            yield Match("near", a, b, "prompt", score)
