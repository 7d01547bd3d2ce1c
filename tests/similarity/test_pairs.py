"""Verified pairs against comparing everything with everything."""

from __future__ import annotations

import csv
import json
import random
from itertools import combinations, product
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.similarity import SimilarityParams, cross_pairs, self_pairs
from dataprep.similarity import pairs as pairs_module
from dataprep.similarity.plan import ROOM
from dataprep.text.normalise import normalised
from tests.helpers import likeness

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dataprep.similarity.plan import Engine

WORDS = (
    "where is my order parcel refund card payment account password reset change address delivery late cancel "
    "invoice receipt price discount shipping return exchange broken missing wrong help please today tomorrow"
).split()


def corpus(seed: int, size: int) -> list[str]:
    """Sentences, most of them a few edits away from an earlier one; some are copies, some empty."""
    dice = random.Random(seed)  # noqa: S311 - a corpus, not a secret
    texts: list[str] = []
    while len(texts) < size:
        if texts and dice.random() < 0.7:
            words = dice.choice(texts).split()
            for _ in range(dice.randint(0, 3)):
                if words:
                    words[dice.randrange(len(words))] = dice.choice(WORDS)
        else:
            words = dice.choices(WORDS, k=dice.randint(1, 14))
        texts.append("" if dice.random() < 0.02 else " ".join(words))
    return texts


def brute_self(texts: Sequence[str], threshold: float) -> dict[tuple[int, int], float]:
    """Every pair at the threshold, copies linked to their first occurrence only."""
    first: dict[str, int] = {}
    first_of = [first.setdefault(text, position) for position, text in enumerate(texts)]
    found = {(f, position): 1.0 for position, f in enumerate(first_of) if f != position and texts[position]}
    for a, b in combinations(sorted(first.values()), 2):
        score = likeness(texts[a], texts[b])
        if score >= threshold:
            found[a, b] = score
    return found


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.95])
@pytest.mark.parametrize("seed", [1, 2])
def test_self_pairs_are_exact_and_nearly_complete(seed: int, threshold: float) -> None:
    texts = corpus(seed, 220)
    truth = brute_self(texts, threshold)
    pairs = self_pairs(texts, SimilarityParams(threshold=threshold, engine="minhash"))
    found = {(a, b): score for a, b, score in pairs}
    assert len(found) == len(pairs)
    assert found == pytest.approx({pair: truth[pair] for pair in found})
    assert len(found) >= 0.98 * len(truth)
    assert {pair for pair, score in truth.items() if score >= threshold + 0.1} <= found.keys()


@pytest.mark.parametrize("engine", ["minhash", "exact"])
@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.9])
def test_cross_pairs_are_exact_and_nearly_complete(threshold: float, engine: Engine) -> None:
    texts = list(dict.fromkeys(corpus(3, 300)))
    left, right = texts[::2] + texts[:20], texts[1::2] + texts[:20:3]
    scores = {(i, j): likeness(a, b) for (i, a), (j, b) in product(enumerate(left), enumerate(right))}
    truth = {pair: score for pair, score in scores.items() if score >= threshold}
    pairs = cross_pairs(left, right, SimilarityParams(threshold=threshold, engine=engine))
    found = {(a, b): score for a, b, score in pairs}
    assert len(found) == len(pairs)
    assert found == pytest.approx({pair: truth[pair] for pair in found})
    assert {pair for pair, score in truth.items() if score >= threshold + 0.1 or score == 1} <= found.keys()


@given(st.lists(st.text("ab ", max_size=12), max_size=12), st.floats(0.35, 0.99))
def test_every_returned_pair_is_a_pair(texts: list[str], threshold: float) -> None:
    pairs = self_pairs(texts, SimilarityParams(threshold=threshold))
    truth = brute_self(texts, threshold)
    assert {(a, b): score for a, b, score in pairs} == pytest.approx({(a, b): truth[a, b] for a, b, _ in pairs})
    copies = {pair for pair in truth if texts[pair[0]] == texts[pair[1]]}
    assert copies <= {(a, b) for a, b, _ in pairs}
    assert all(a < b for a, b, _ in pairs)


@given(st.lists(st.text("ab ", max_size=8), max_size=10), st.lists(st.text("ab ", max_size=8), max_size=10))
def test_every_returned_cross_pair_is_a_pair(left: list[str], right: list[str]) -> None:
    pairs = cross_pairs(left, right, SimilarityParams(threshold=0.6))
    assert len({(a, b) for a, b, _ in pairs}) == len(pairs)
    for a, b, score in pairs:
        assert score == pytest.approx(likeness(left[a], right[b]))
        assert score >= 0.6
    linked = {a for a, _, score in pairs if score == 1}
    assert linked >= {position for position, text in enumerate(left) if text and text in right}


def test_pairs_right_at_the_threshold_are_found_as_promised() -> None:
    dice = random.Random(5)  # noqa: S311
    texts: list[str] = []
    for _ in range(150):
        base = "".join(dice.choices("abcdefghijklmnopqrstuvwxyz ", k=200))
        cut = next(end for end in range(1, 200) if likeness(base, base[end:]) < 0.71)
        texts += [base, base[cut - 1 :]]
    pairs = self_pairs(texts, SimilarityParams(threshold=0.7, engine="minhash"))
    assert len(pairs) <= 150
    assert len(pairs) >= 0.97 * 150
    assert pairs.expected_recall >= 0.995


def test_copies_are_linked_to_the_first_and_give_no_quadratic_work() -> None:
    texts = ["the very same text"] * 3_000 + ["the very same text!"] + ["the very same text!"] * 10
    pairs = self_pairs(texts, SimilarityParams())
    assert len(pairs) == 3_010
    assert set(pairs.left.tolist()) == {0, 3_000}


def test_copies_on_both_sides_of_a_comparison_give_no_quadratic_work() -> None:
    pairs = cross_pairs(["same text"] * 2_000, ["same text"] * 2_000, SimilarityParams())
    assert set(pairs.left.tolist()) == set(range(2_000))
    assert len(pairs) <= 2_000 * pairs_module.RIGHT_COPIES


@pytest.mark.parametrize("texts", [[], [""], ["one"], ["", ""], ["one", "entirely different"]])
def test_few_or_empty_texts_have_no_pairs(texts: list[str]) -> None:
    assert len(self_pairs(texts, SimilarityParams())) == 0
    assert len(cross_pairs(texts, [], SimilarityParams())) == 0
    assert len(cross_pairs([], texts, SimilarityParams())) == 0


def test_only_equal_texts_pair_at_threshold_one() -> None:
    texts = ["where is my order", "where is my orders", "where is my order"]
    assert list(self_pairs(texts, SimilarityParams(threshold=1.0))) == [(0, 2, 1.0)]


def test_pairs_are_sorted_and_the_same_every_time() -> None:
    texts = corpus(9, 150)
    one, two = self_pairs(texts, SimilarityParams()), self_pairs(texts, SimilarityParams())
    assert list(one) == list(two) == sorted(one)


def test_method_and_recall_are_said_in_words() -> None:
    pairs = self_pairs(["a b c", "d e f"], SimilarityParams(threshold=0.8))
    assert "0.8" in pairs.method
    assert pairs.expected_recall == 1
    assert "100%" in pairs.method
    quick = self_pairs(["a b c", "d e f"], SimilarityParams(threshold=0.8, recall=0.9, engine="minhash"))
    assert 0.9 <= quick.expected_recall < 1
    assert f"{int(quick.expected_recall * 1000) / 10:g}% at 0.80" in quick.method
    assert pairs.limits == []


@pytest.mark.parametrize("engine", ["minhash", "exact"])
def test_a_crowd_is_bounded_and_said_and_stays_together(engine: Engine) -> None:
    template = "this long preamble is shared by every single row of the data set and says nothing at all about row "
    texts = [template * 3 + f"{number:04d}" for number in range(600)]
    pairs = self_pairs(texts, SimilarityParams(engine=engine))
    assert len(pairs) <= len(texts) * (ROOM + 1)
    assert str(ROOM) in pairs.limits[0]
    # Every text is tied to an earlier one, so none is lost to grouping.
    assert {b for _, b, _ in pairs} == set(range(1, len(texts)))


@pytest.mark.parametrize("engine", ["minhash", "exact"])
def test_a_copy_is_found_in_a_crowd_of_relatives(engine: Engine) -> None:
    """Texts that share a template, and one that repeats another of them nearly word for word."""
    dice = random.Random(8)  # noqa: S311
    template = " ".join(dice.choices(WORDS, k=60))
    texts = [f"{template} {' '.join(dice.choices(WORDS, k=14))} {number}" for number in range(400)]
    texts.append(texts[200] + " thanks")
    pairs = self_pairs(texts, SimilarityParams(engine=engine))
    assert pairs.limits
    assert (200, 400) in {(a, b) for a, b, _ in pairs}


@pytest.mark.parametrize("engine", ["minhash", "exact"])
def test_every_text_on_the_left_is_found_however_many_there_are(engine: Engine) -> None:
    partner = "where is the parcel that i ordered a week ago please tell me"
    left = [f"{partner} number {number}" for number in range(500)]
    pairs = cross_pairs(left, [partner, "something else altogether"], SimilarityParams(engine=engine))
    assert {a for a, b, _ in pairs if b == 0} == set(range(500))


@pytest.mark.parametrize("engine", ["minhash", "exact"])
def test_all_pairs_of_banking77_at_eighty_percent(shared: Path, engine: Engine) -> None:
    folder = shared / "banking77"
    if not (folder / "train.csv").is_file():
        pytest.skip(f"{folder} is not there")
    with (folder / "train.csv").open(encoding="utf-8", newline="") as handle:
        train = [row["text"] for row in csv.DictReader(handle)]
    with (folder / "jaccard_char5_ge0.8.jsonl").open(encoding="utf-8") as handle:
        listed = [json.loads(line) for line in handle]
    texts = pl.Series(train).to_frame("text").select(normalised(pl.col("text"))).to_series().to_list()
    truth = {
        tuple(sorted((int(pair["a"].split(":")[1]), int(pair["b"].split(":")[1])))): pair["jaccard"]
        for pair in listed
        if pair["a"].startswith("train:") and pair["b"].startswith("train:")
    }
    found = {(a, b) for a, b, _ in self_pairs(texts, SimilarityParams(threshold=0.8, engine=engine))}
    assert all(likeness(texts[a], texts[b]) >= 0.8 for a, b in found)
    missing = [pair for pair in truth if pair not in found and texts[pair[0]] != texts[pair[1]]]
    still = [pair for pair in missing if likeness(texts[pair[0]], texts[pair[1]]) >= 0.8 and is_first(texts, pair)]
    assert len(still) <= (0 if engine == "exact" else 0.01 * len(truth))


def is_first(texts: Sequence[str], pair: tuple[int, ...]) -> bool:
    """Whether both texts are the first of their kind: only those are compared."""
    return all(texts.index(texts[position]) == position for position in pair)
