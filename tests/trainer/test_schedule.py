"""Learning rates: every step learns, and long runs are as transformers has them."""

from __future__ import annotations

import pytest
import torch
from transformers import get_scheduler

from trainer.schedule import Schedule, schedule_of


@pytest.mark.parametrize("kind", ["cosine", "linear", "constant"])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.5, 0.99])
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 97])
def test_every_step_learns_and_one_at_the_peak(kind: Schedule, warmup: float, steps: int) -> None:
    share = schedule_of(kind, warmup, steps)
    rates = [share(done) for done in range(steps)]
    assert min(rates) > 0
    assert max(rates) == 1
    peak = rates.index(1)
    assert rates[: peak + 1] == pytest.approx([(done + 1) / (peak + 1) for done in range(peak + 1)])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_without_a_warmup_the_first_step_has_the_peak() -> None:
    assert schedule_of("cosine", 0.1, 1)(0) == 1
    assert [schedule_of("linear", 0.0, 4)(done) for done in range(4)] == [1, 0.75, 0.5, 0.25]


@pytest.mark.parametrize(
    ("kind", "theirs"), [("cosine", "cosine"), ("linear", "linear"), ("constant", "constant_with_warmup")]
)
def test_a_long_run_is_as_transformers_has_it(kind: Schedule, theirs: str) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = get_scheduler(theirs, optimizer, num_warmup_steps=100, num_training_steps=1000)
    share = schedule_of(kind, 0.1, 1000)
    for done in range(1000):
        assert share(done) == pytest.approx(schedule.get_last_lr()[0], abs=0.01)
        optimizer.step()
        schedule.step()
