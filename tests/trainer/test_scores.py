"""Scores of rows: what passed, what was measured, and the class of each row."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest
import torch

from dataprep.contract import RowScore
from trainer.compare import Evaluation
from trainer.details import MARGIN, VERBATIM
from trainer.scores import Looked, Measured, evaluated, passed, scores, write_scores
from trainer.tokens import Tokens
from trainer.trace import RowTrace


def row(name: str, size: int = 2) -> Tokens:
    return Tokens.of(name, list(range(size + 1)), [0.0] + [1.0] * size)


def seen(*losses: float) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor(losses), torch.arange(len(losses), dtype=torch.float32)


def test_passes_of_a_row_in_pieces_are_one_look() -> None:
    rows = [row("a"), row("b"), row("a", 3)]
    trace = RowTrace()
    trace.add(1, [0, 1], torch.tensor([0, 0, 1, 1]), seen(1, 1, 2, 2))
    trace.add(2, [2], torch.tensor([0, 0, 0]), seen(3, 3, 3))
    trace.add(3, [2, 0], torch.tensor([0, 0, 0, 1, 1]), seen(1, 1, 1, 0, 0))
    found = scores("train", Looked(rows, None, None, passed(trace))).to_dicts()
    assert [one["row_id"] for one in found] == ["a", "b"]
    assert found[0]["items"] == 5
    assert found[0]["steps"] == [2, 3]
    assert found[0]["loss_during"] == pytest.approx([(2 + 9) / 5, 3 / 5])
    assert found[0]["margin_during"] == [2.0, 4.0]
    assert found[1]["loss_during"] == [2.0]
    assert found[1]["confidence"] is None
    assert found[0]["confidence"] == pytest.approx((math.exp(-2.2) + math.exp(-0.6)) / 2)


def test_a_row_in_pieces_is_measured_only_where_all_of_it_was() -> None:
    rows = [row("a"), row("a", 3), row("b")]
    values = Evaluation([2.0, 4.0], [2, 2], detail={MARGIN: [1.0, 2.0], VERBATIM: [1.0, -1.0]})
    part = scores("train", Looked(rows, None, Measured([0, 2], values), passed(RowTrace()))).to_dicts()
    assert part[0]["loss_after"] is None
    assert (part[1]["loss_after"], part[1]["margin_after"], part[1]["verbatim_after"]) == (2.0, 2.0, None)
    whole = scores("train", Looked(rows[:2], Measured([0, 1], values), Measured([0, 1], values), passed(RowTrace())))
    one = whole.to_dicts()[0]
    assert (one["loss_before"], one["loss_after"], one["verbatim_after"]) == (1.5, 1.5, True)


def test_classes() -> None:
    losses = {"easy": [0.1, 0.1, 0.1], "sure": [0.2, 0.2, 0.1], "hard": [4.0, 3.9, 3.9], "torn": [4.0, 0.8, 0.5]}
    losses |= {"lost": [2.0, 0.1, 2.0], "stuck": [3.0, 2.9, 2.9]}
    trace = RowTrace()
    for step in range(3):
        for number, values in enumerate(losses.values()):
            trace.add(step * 6 + number + 1, [number], torch.tensor([0]), seen(values[step]))
    found = scores("train", Looked([row(name, 1) for name in losses], None, None, passed(trace)))
    classes = dict(found.select("row_id", "dynamics").iter_rows())
    assert classes == {
        **dict.fromkeys(("easy", "sure"), "easy"),
        **dict.fromkeys(("hard", "stuck"), "hard"),
        "torn": "ambiguous",
        "lost": "forgotten",
    }


def test_the_file_is_what_the_contract_says(tmp_path: Path) -> None:
    trace = RowTrace()
    trace.add(1, [0], torch.tensor([0, 0]), seen(1, 1))
    history = [(1, Evaluation([3.0], [2], detail={MARGIN: [1.0]})), (2, Evaluation([2.0], [2]))]
    write_scores(
        tmp_path,
        {
            "train": Looked([row("a")], None, None, passed(trace)),
            "validation": Looked([row("b")], None, Measured([0], history[1][1]), evaluated(history)),
            "test": Looked([], None, None, evaluated([])),
        },
    )
    frame = pl.read_parquet(tmp_path / "row_scores.parquet")
    assert [RowScore.model_validate(one).row_id for one in frame.to_dicts()] == ["a", "b"]
    held = frame.to_dicts()[1]
    assert (held["steps"], held["loss_during"], held["margin_during"]) == ([1, 2], [1.5, 1.0], [1.0, None])
    assert held["dynamics"] is None
