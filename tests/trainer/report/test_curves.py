"""Curves stay within their frame whatever the losses are."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.report.curves import HEIGHT, MOST_POINTS, WIDTH, chart

LOSSES = st.lists(st.floats(0, 50) | st.sampled_from([float("nan"), float("inf")]), min_size=0, max_size=40)


@settings(max_examples=60, deadline=None)
@given(LOSSES, LOSSES)
def test_every_point_is_inside(train: list[float], validation: list[float]) -> None:
    found = chart(list(enumerate(train, 1)), list(enumerate(validation)), len(train))
    if found is None:
        assert not any(0 <= loss < 51 for loss in validation)
        return
    for path in (found.train, found.smooth, found.validation):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        assert all(0 <= x <= WIDTH for x in numbers[0::2])
        assert all(0 <= y <= HEIGHT for y in numbers[1::2])
    assert float(found.ticks[0]) >= float(found.ticks[-1])


def test_long_runs_are_thinned_and_the_smooth_line_follows() -> None:
    found = chart([(step, 3 - step / 1000) for step in range(1, 2001)], [(0, 3.0), (2000, 1.0)], 2000)
    assert found is not None
    assert found.train.count("L") <= MOST_POINTS
    assert found.best == WIDTH
    assert "3.000 before training" in found.summary
