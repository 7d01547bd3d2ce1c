"""Thresholds from scores of strangers."""

from __future__ import annotations

import numpy as np
import pytest

from dataprep.similarity.calibrate import (
    ENOUGH,
    NEIGHBOURS,
    RANKS,
    best_of_strangers,
    fit,
    of_ranks,
    of_strangers,
    sample,
)

NO_ITEMS = np.empty((0, RANKS[1]))


def best_of_many(seed: int, count: int, ranks: int = 1, others: int = 2_000) -> np.ndarray:
    """The best of many normally distributed scores, which are not exactly of an extreme-value distribution."""
    dice = np.random.default_rng(seed)
    return np.array([np.sort(dice.normal(size=others))[::-1][:ranks] for _ in range(count)])


@pytest.mark.parametrize("rate", [0.05, 0.01])
def test_the_stated_rate_holds_on_other_scores(rate: float) -> None:
    calibration = fit(best_of_many(1, 2_000)[:, 0], NO_ITEMS, rate=rate, default=9.0, least=0.0)
    fresh = best_of_many(2, 4_000)[:, 0]
    assert rate / 2 < (fresh >= calibration.threshold).mean() < rate * 1.5
    assert calibration.is_measured
    assert f"at most {rate * 100:g}% of the texts that nothing rewords" in calibration.in_words()


def test_relatives_among_the_rows_do_not_raise_it() -> None:
    scores = best_of_many(3, 2_000)[:, 0]
    related = scores.copy()
    related[:200] = 12.0
    assert np.quantile(related, 0.99) == 12.0
    assert of_strangers(related, 0.01) < of_strangers(scores, 0.01) + 0.6


def test_the_ranks_below_tell_where_the_best_of_strangers_are() -> None:
    dice = np.random.default_rng(4)
    ranked = np.sort(dice.exponential(size=(500, 2_000)), axis=1)[:, ::-1][:, : RANKS[1]]
    fresh = dice.exponential(size=(4_000, 2_000)).max(axis=1)
    for rate in (0.05, 0.01):
        assert rate / 1.6 < (fresh >= of_ranks(ranked, rate)).mean() < rate * 1.6
    # Three leaks for every single item make the threshold stricter, not useless.
    leaked = np.concatenate([np.full((500, 3), 50.0), ranked], axis=1)
    assert of_ranks(ranked, 0.01) < of_ranks(leaked, 0.01) < of_ranks(ranked, 0.01) + 12


def test_rows_that_are_all_related_leave_it_to_the_items() -> None:
    ranked = best_of_many(6, 300, ranks=RANKS[1])
    calibration = fit(np.random.default_rng(7).normal(15.0, 3.0, 2_000), ranked, default=9.0, least=0.0)
    assert calibration.by_items
    assert calibration.sample == 300
    assert (best_of_many(8, 4_000)[:, 0] >= calibration.threshold).mean() < 0.01
    assert "the ranks below the best of 300 evaluation items" in calibration.in_words()


@pytest.mark.parametrize("patterned", [1, 8])
def test_a_few_items_of_a_pattern_that_many_rows_have_decide_nothing(patterned: int) -> None:
    ranked = best_of_many(9, 300, ranks=RANKS[1])
    relatives = np.concatenate([ranked, np.full((patterned, RANKS[1]), 40.0)])
    assert of_ranks(relatives, 0.002) == pytest.approx(of_ranks(ranked, 0.002))


def test_too_few_rows_are_said() -> None:
    calibration = fit(np.ones(ENOUGH - 1), NO_ITEMS, default=4.5, least=0.0)
    assert calibration.threshold == 4.5
    assert not calibration.is_measured
    assert "cannot be measured" in calibration.in_words()


@pytest.mark.parametrize("scores", [np.full(500, -np.inf), np.zeros(500), np.append(np.full(499, -np.inf), 0.3)])
def test_rows_that_have_nothing_in_common_give_the_least_threshold(scores: np.ndarray) -> None:
    ranked = np.full((200, RANKS[1]), -np.inf)
    assert fit(scores, ranked, default=4.5, least=1.0).threshold == 1.0


def test_near_duplicates_are_no_strangers() -> None:
    rows = np.array([0, 0, *[1] * NEIGHBOURS, 2])
    scores = np.array([5.0, 2.0, *[6.0] * NEIGHBOURS, 1.0])
    related = np.array([True, False, *[True] * NEIGHBOURS, False])
    # Row 1 has only relatives, row 3 found nothing.
    assert best_of_strangers(rows, scores, related, 4).tolist() == [2.0, 1.0, -np.inf]


def test_samples_are_repeatable_and_not_larger_than_the_rows() -> None:
    assert sample(5).tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(sample(10_000, seed=3), sample(10_000, seed=3))
    assert not np.array_equal(sample(10_000, seed=3), sample(10_000, seed=4))
    assert np.unique(sample(10_000)).size == 2_000
