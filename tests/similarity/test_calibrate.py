"""Thresholds from scores of strangers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dataprep.similarity.calibrate import ENOUGH, NEIGHBOURS, best_of_strangers, fit, sample


def best_of_many(seed: int, count: int, others: int = 2_000) -> np.ndarray:
    """The best of many normally distributed scores, which is not exactly an extreme-value distribution."""
    dice = np.random.default_rng(seed)
    return np.array([dice.normal(size=others).max() for _ in range(count)])


@pytest.mark.parametrize("rate", [0.05, 0.01])
def test_the_stated_rate_holds_on_other_scores(rate: float) -> None:
    calibration = fit(best_of_many(1, 2_000), rate=rate, default=9.0, least=0.0)
    fresh = best_of_many(2, 4_000)
    assert rate / 2 < (fresh >= calibration.threshold).mean() < rate * 1.5
    assert calibration.rate_of(calibration.threshold) == pytest.approx(rate)
    assert calibration.rate_of(calibration.threshold + 1) < rate / 10
    assert "are expected to reach it, estimated from 2,000 training rows" in calibration.in_words()


def test_relatives_among_the_rows_do_not_raise_it() -> None:
    scores = best_of_many(3, 2_000)
    clean = fit(scores, default=9.0, least=0.0).threshold
    related = scores.copy()
    related[:200] = 12.0
    assert np.quantile(related, 0.99) == 12.0
    assert fit(related, default=9.0, least=0.0).threshold < clean + 0.6


def test_cosines_stay_below_one() -> None:
    cosines = np.tanh(0.9 + 0.1 * (best_of_many(4, 1_000) - 3.4) / 0.3)
    calibration = fit(cosines, default=0.95, least=0.5, is_cosine=True)
    fresh = np.tanh(0.9 + 0.1 * (best_of_many(5, 4_000) - 3.4) / 0.3)
    assert 0.004 < (fresh >= calibration.threshold).mean() < 0.016
    assert calibration.threshold < 1
    assert calibration.rate_of(calibration.threshold) == pytest.approx(0.01)
    assert calibration.rate_of(1.0) < 1e-9


def test_too_few_rows_are_said() -> None:
    calibration = fit(np.ones(ENOUGH - 1), default=4.5, least=0.0)
    assert calibration.threshold == 4.5
    assert not calibration.is_measured
    assert math.isnan(calibration.rate_of(4.5))
    assert "cannot be measured" in calibration.in_words()


@pytest.mark.parametrize("scores", [np.full(500, -np.inf), np.zeros(500), np.append(np.full(499, -np.inf), 0.3)])
def test_rows_that_have_nothing_in_common_give_the_least_threshold(scores: np.ndarray) -> None:
    assert fit(scores, default=4.5, least=1.0).threshold == pytest.approx(1.0, abs=1e-4)


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
