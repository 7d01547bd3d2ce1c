"""Which text repeats which kept one, and what hangs together."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity import Difference, SimilarityParams, components, resolve, self_pairs
from dataprep.similarity.clusters import UnionFind
from tests.helpers import likeness

LINKS = st.integers(1, 20).flatmap(
    lambda count: st.tuples(
        st.just(count), st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=25)
    )
)
TEXTS = st.lists(
    st.text("abc", min_size=6, max_size=9).map(lambda text: text * 2)
    | st.sampled_from(["", "abcabcabc", "abcabcabb"]),
    max_size=14,
)


def alike(left: int, right: int) -> Difference | None:
    return None


def other(left: int, right: int) -> Difference | None:
    return Difference("word", str(left), str(right))


def chain(length: int) -> list[str]:
    """Texts of which each is like the next one and the ends have nothing in common."""
    dice = random.Random(1)  # noqa: S311
    letters = "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=100 + 12 * length))
    return [letters[12 * step : 12 * step + 100] for step in range(length)]


def test_a_chain_does_not_make_its_far_end_a_duplicate() -> None:
    texts = chain(9)
    assert likeness(texts[0], texts[1]) >= 0.7 > likeness(texts[0], texts[2])
    duplicates, variants = resolve(texts, self_pairs(texts, SimilarityParams()), alike)
    assert [(found.position, found.kept) for found in duplicates] == [(1, 0), (3, 2), (5, 4), (7, 6)]
    assert variants == []


@given(TEXTS)
def test_a_duplicate_is_verified_against_a_kept_text(texts: list[str]) -> None:
    params = SimilarityParams(threshold=0.5)
    pairs = self_pairs(texts, params)
    duplicates, variants = resolve(texts, pairs, alike)
    assert variants == []
    dropped = {found.position for found in duplicates}
    assert len(dropped) == len(duplicates)
    for found in duplicates:
        assert found.kept not in dropped
        assert found.kept < found.position
        assert found.score >= params.threshold
        assert abs(found.score - likeness(texts[found.kept], texts[found.position])) < 1e-9
    linked = {(a, b) for a, b, _ in pairs}
    kept = [position for position, text in enumerate(texts) if text and position not in dropped]
    assert not [(a, b) for a in kept for b in kept if (a, b) in linked]


@given(TEXTS)
def test_texts_that_differ_are_all_kept_and_told_apart(texts: list[str]) -> None:
    pairs = self_pairs(texts, SimilarityParams(threshold=0.5))
    duplicates, variants = resolve(texts, pairs, other)
    assert duplicates == []
    assert {(found.left, found.right) for found in variants} >= {(a, b) for a, b, _ in pairs}
    for found in variants:
        assert found.left < found.right
        assert found.difference == Difference("word", str(found.left), str(found.right))


def test_the_most_alike_kept_text_is_the_one_matched() -> None:
    base = "where is my order and when will it arrive at my house in the old town"
    texts = [base.replace("old", "new"), base, base + "s"]
    pairs = self_pairs(texts, SimilarityParams())
    duplicates, _ = resolve(texts, pairs, lambda left, right: other(left, right) if (left, right) == (0, 1) else None)
    assert [(found.position, found.kept) for found in duplicates] == [(2, 1)]


def test_empty_texts_are_neither_duplicates_nor_kept() -> None:
    texts = ["", "", "where is my order", ""]
    assert resolve(texts, self_pairs(texts, SimilarityParams()), alike) == ([], [])


def test_equal_texts_that_differ_in_the_raw_are_compared_with_each_kept_one() -> None:
    texts = ["same form"] * 4
    raw = ["3.5", "35", "35", "3.5"]
    differ = lambda left, right: None if raw[left] == raw[right] else other(left, right)  # noqa: E731
    duplicates, variants = resolve(texts, self_pairs(texts, SimilarityParams()), differ)
    assert [(found.position, found.kept) for found in duplicates] == [(2, 1), (3, 0)]
    assert [(found.left, found.right) for found in variants] == [(0, 1)]


@given(LINKS)
def test_components_are_the_transitive_closure(case: tuple[int, list[tuple[int, int]]]) -> None:
    count, links = case
    reach = [{node} for node in range(count)]
    for _ in range(count):
        for a, b in links:
            both = reach[a] | reach[b]
            for node in both:
                reach[node] = reach[node] | both
    assert components(count, links).tolist() == [min(reached) for reached in reach]


def test_joining_says_whether_they_were_apart() -> None:
    union = UnionFind(3)
    assert union.join(2, 1)
    assert not union.join(1, 2)
    assert (union.find(0), union.find(1), union.find(2)) == (0, 1, 1)


def test_a_long_chain_of_links_is_one_component() -> None:
    count = 50_000
    assert set(components(count, ((node, node + 1) for node in reversed(range(count - 1))))) == {0}
