"""Whether a change of the held-out loss can be chance."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.compare import LEAST, Evaluation, _student, bootstrap, compare, compare_apart

BEFORE = Evaluation(losses=[10.0, 20.0, 30.0, 40.0] * 10, counts=[10, 10, 20, 20] * 10)


def changed(factors: list[float]) -> Evaluation:
    losses = [loss * factor for loss, factor in zip(BEFORE.losses, factors * 20, strict=True)]
    return Evaluation(losses, BEFORE.counts)


def test_every_token_counts_once() -> None:
    assert BEFORE.loss == pytest.approx(100 / 60)


@pytest.mark.parametrize(
    ("factors", "verdict"),
    [
        ([0.9, 0.8], "better"),
        ([1.1, 1.3], "worse"),
        ([0.9, 1.1], "not distinguishable"),
        ([1, 1], "not distinguishable"),
    ],
)
def test_verdict(factors: list[float], verdict: str) -> None:
    after = changed(factors)
    change = compare(BEFORE, after)
    assert change.verdict == verdict
    assert change.difference == pytest.approx(after.loss - BEFORE.loss)
    assert change.low <= change.difference <= change.high


def test_pieces_of_one_conversation_are_one_row() -> None:
    row_ids = ["a", "b", *["a"] * 8]
    before, after = Evaluation([5.0] * 10, [5] * 10), Evaluation([4.0] * 10, [5] * 10)
    assert compare(before, after).verdict == "better"
    whole = before.by_row(row_ids)
    assert (whole.losses, whole.counts) == ([45.0, 5.0], [45, 5])
    assert whole.loss == before.loss
    change = compare(whole, after.by_row(row_ids))
    assert change.difference == pytest.approx(after.loss - before.loss)
    assert change.verdict == "not distinguishable"


def test_other_rows_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="different rows"):
        compare(BEFORE, Evaluation([1.0], [1]))


def drawn(rows: int, effect: float, number: int) -> tuple[Evaluation, Evaluation]:
    """Rows of very different length that change by chance, and by an effect per token."""
    random = np.random.default_rng([rows, number])
    counts = np.maximum(1, random.lognormal(3.5, 0.8, rows).round()).astype(int)
    change = counts * (effect + random.normal(size=rows))
    before = Evaluation((counts * 3.0).tolist(), counts.tolist())
    return before, Evaluation((counts * 3.0 + change).tolist(), counts.tolist())


@pytest.mark.parametrize("rows", [5, 6, 10, 30, 200])
def test_chance_is_seldom_called_a_change(rows: int) -> None:
    called = sum(compare(*drawn(rows, 0.0, number)).verdict != "not distinguishable" for number in range(400))
    assert called <= (0 if rows < LEAST else 0.065 * 400)
    together = sum(
        any(
            compare(*drawn(rows, 0.0, 20 * number + part), sure=1 - 0.05 / 20).verdict != "not distinguishable"
            for part in range(20)
        )
        for number in range(40)
    )
    assert together <= 0.125 * 40


def test_a_clear_change_is_found_on_few_rows() -> None:
    for rows, effect in ((6, 6.0), (10, 3.0), (30, 1.5)):
        assert all(compare(*drawn(rows, effect, number)).verdict == "worse" for number in range(20))
        assert all(compare(*drawn(rows, -effect, number)).verdict == "better" for number in range(20))


def test_one_row_says_nothing() -> None:
    change = compare(Evaluation([30.0], [10]), Evaluation([20.0], [10]))
    assert (change.low, change.difference, change.high) == (-2.0, -1.0, 0.0)
    assert change.verdict == "not distinguishable"
    many = Evaluation([1.0, 1.1] * 20, [1] * 40)
    assert compare_apart(many, Evaluation([5.0], [1])).verdict == "not distinguishable"
    assert compare_apart(many, Evaluation([5.0, 5.5] * 3, [1] * 6)).verdict == "better"


def test_a_bootstrap_of_few_rows_is_wider() -> None:
    def interval(values: list[float]) -> tuple[float, float]:
        return bootstrap(len(values), lambda draw: np.asarray(values)[draw].mean(axis=1))

    assert interval([1.0] * 5)[0] <= 0
    assert interval([1.0] * 6)[0] > 0
    assert interval([0.0] * 40 + [1.0] * 5)[0] <= 0 < interval([0.0] * 40 + [1.0] * 9)[0]


@pytest.mark.parametrize(
    ("sure", "degrees", "expected"),
    [(0.95, 1, 12.7062), (0.95, 5, 2.5706), (0.9975, 9, 4.1458), (0.95, 30, 2.0423), (0.95, 1e9, 1.96)],
)
def test_students_t(sure: float, degrees: float, expected: float) -> None:
    assert _student(sure, degrees) == pytest.approx(expected, abs=2e-3)
