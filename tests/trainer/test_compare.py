"""Whether a change of the held-out loss can be chance."""

from __future__ import annotations

import pytest

from trainer.compare import Evaluation, compare

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


def test_other_rows_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="different rows"):
        compare(BEFORE, Evaluation([1.0], [1]))
