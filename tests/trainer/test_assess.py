"""What a run says about itself: better, and at what price; and what goes back to the audit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dataprep import audit, split
from dataprep.config import AuditConfig, SplitConfig
from tests.helpers import write_rows
from tests.trainer.runs import configured, run
from trainer.assess import _overfitted, _turned
from trainer.compare import Comparison, Evaluation
from trainer.monitor import evaluate_run
from trainer.progress import Screen
from trainer.record import RunRecord
from trainer.rehearse import rehearse
from trainer.summary import summarize
from trainer.trace import RowTrace
from trainer.watch import Outcome

Overfit = tuple[RunRecord, Path]


@pytest.fixture(scope="module")
def overfit(tiny_model: Path, small_split: Path, tmp_path_factory: pytest.TempPathFactory) -> Overfit:
    """A model that was trained on few rows for far too long."""
    out = tmp_path_factory.mktemp("overfit") / "run"
    settings = {"max_steps": 100, "learning_rate": 0.02, "batch_size": 8, "eval_every": 100, "row_scores": "all"}
    return run(tiny_model, small_split, out, method="full", probe=True, answers=4, **settings), out


def test_the_price_is_told(overfit: Overfit) -> None:
    record, _ = overfit
    found = record.assessment
    assert found is not None
    assert found.judged_on == "test"
    held = record.held_out["test"]
    assert found.verdict == held.verdict == "not distinguishable"  # four rows say nothing, however much they changed
    assert held.tuned < held.base / 2
    assert held.difference_low < held.tuned - held.base < 0 <= held.difference_high
    assert found.forgetting is not None
    assert found.forgetting.rows == 100
    assert found.forgetting.tuned > found.forgetting.base
    assert found.forgetting.degree == "much"
    assert found.memorisation is not None
    assert found.memorisation.trained_verbatim > 0 == found.memorisation.held_out_verbatim
    assert found.memorisation.degree != "none"
    assert found.memorisation.held_out_verbatim_base == 0
    assert found.overfitting.trained is not None
    assert found.overfitting.trained < found.overfitting.held_out
    assert [point.step for point in found.overfitting.curve] == [100]
    assert found.answers is not None
    assert len(found.answers.samples) == 4
    text = summarize(record)
    for words in ("Not distinguishable: ", "Forgot much: ", "completes ", "rows it was trained on"):
        assert words in text


def test_scores_of_every_row(overfit: Overfit, small_split: Path) -> None:
    record, out = overfit
    assert record.assessment is not None
    assert record.assessment.memorisation is not None
    scores = pl.read_parquet(out / "row_scores.parquet")
    train = scores.filter(pl.col("split") == "train")
    assert scores.height == sum(ledger.rows_used for ledger in record.ledger.values())
    assert train["loss_before"].null_count() == train["loss_after"].null_count() == 0
    assert train["steps"].list.len().min() == 100 * 8 // train.height
    assert (train["loss_after"] < train["loss_before"]).all()
    held = scores.filter(pl.col("split") == "test")
    mean = float(np.average(held["loss_after"].to_numpy(), weights=held["items"].to_numpy()))
    assert mean == pytest.approx(record.held_out["test"].tuned)
    # The last look at a row came before the last steps, so it is no worse than the first.
    looks = train["loss_during"]
    assert (looks.list.last() < looks.list.first()).all()
    files = [small_split / name for name in ("train.jsonl", "test.jsonl")]
    report = audit(files, config=AuditConfig(select=["DYN"], scores=str(out))).report
    by_code = {check.code: check for check in report.checks}
    assert {check.status for check in report.checks} == {"ran"}
    assert by_code["DYN003"].findings == record.assessment.memorisation.trained_verbatim


def test_only_a_sample_is_read_again_by_default(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    run(tiny_model, small_split, tmp_path / "run", memorised=5, max_steps=3)
    scores = pl.read_parquet(tmp_path / "run" / "row_scores.parquet").filter(pl.col("split") == "train")
    assert scores["loss_before"].null_count() == scores.height
    assert scores["loss_after"].drop_nulls().len() == 5
    assert (scores["steps"].list.len() == 1).sum() == 12  # 3 steps of 4 rows
    assert scores.filter(pl.col("loss_after").is_not_null())["steps"].list.len().min() == 1


def test_without_rows_to_read_again(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    found = run(tiny_model, small_split, tmp_path / "run", memorised=0, max_steps=2).assessment
    assert found is not None
    assert "Memorisation was not measured: memorised=0" in found.price


def test_pieces_of_one_conversation_tell_no_more_than_it(tiny_model: Path, tmp_path: Path) -> None:
    rows: list[dict[str, object] | str] = [
        {
            "messages": [
                {"role": role, "content": f"{text} {word} {turn}"}
                for turn in range(8)
                for role, text in (("user", said), ("assistant", answer))
            ]
        }
        for word, said, answer in (
            ("order", "where is my", "look in your account, under"),
            ("invoice", "please send the", "it was sent to you by mail, with number"),
            ("voucher", "who has a", "nobody has one at this time of the year, least of all"),
        )
    ]
    thirds = SplitConfig(ratios=(0.34, 0.33, 0.33))
    split([write_rows(tmp_path / "data.jsonl", rows)], tmp_path / "split", config=thirds)
    own = {"max_length": 100, "over_length": "split-by-turn", "max_steps": 30, "learning_rate": 0.02}
    record = run(tiny_model, tmp_path / "split", tmp_path / "run", **own)
    found = record.assessment
    assert found is not None
    assert record.ledger["test"].pieces >= 6 > record.ledger["test"].rows_used == 1
    assert {held.rows for held in record.held_out.values()} == {1}
    assert {held.verdict for held in record.held_out.values()} == {found.verdict} == {"not distinguishable"}
    assert record.held_out["test"].tuned < record.held_out["test"].base
    assert found.overfitting.degree == "none"
    assert found.memorisation is not None
    assert (found.memorisation.trained_rows, found.memorisation.held_out_rows) == (1, 2)
    assert found.memorisation.degree == "none"
    again = evaluate_run(tmp_path / "run", tmp_path / "split", Screen())
    assert (again.rows_used, again.rows_then, again.verdict) == (1, 1, "as then")
    assert again.change.low <= 0 <= again.change.high
    other = evaluate_run(tmp_path / "run", tmp_path / "split", Screen(), split="train")
    assert other.verdict == "as then"
    assert rehearse(configured(tiny_model, tmp_path / "split", tmp_path, **own), Screen()).rows == dict.fromkeys(
        record.ledger, 1
    )


def test_pairs_are_scored_too(tiny_model: Path, pair_split: Path, tmp_path: Path) -> None:
    record = run(tiny_model, pair_split, tmp_path / "run", method="dpo", answers=2, learning_rate=0.001)
    found = record.assessment
    assert found is not None
    assert found.memorisation is None
    assert "unseen pairs" in found.headline or "Not distinguishable" in found.headline
    assert "Memorisation was not measured: pairs are compared, not completed" in found.price
    scores = pl.read_parquet(tmp_path / "run" / "row_scores.parquet")
    first = scores.filter(pl.col("steps").list.contains(1) & (pl.col("split") == "train"))
    assert first["loss_during"].list.first().to_list() == pytest.approx([np.log(2)] * first.height)


def outcome(*losses: float, best: int) -> Outcome:
    def at(loss: float) -> Evaluation:
        return Evaluation([loss * (1 + row % 3 / 10) for row in range(30)], [1] * 30)

    history = [(step, at(loss)) for step, loss in enumerate(losses, 1)]
    return Outcome(3, 1.0, best, history[best - 1][1], history, RowTrace(), "finished", [], 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("losses", "best", "turned"),
    [((3, 2, 1), 3, False), ((3, 1, 2), 2, True), ((3, 1, 1.0), 2, False), ((2, 1, float("nan")), 2, False)],
)
def test_where_evaluation_turned(losses: tuple[float, ...], best: int, turned: bool) -> None:
    assert _turned(outcome(*losses, best=best)) is turned


def test_degrees_of_overfitting() -> None:
    assert _overfitted(None, None, 1.0) == "none"
    assert _overfitted(5, None, 1.0) == "some"
    assert _overfitted(None, Comparison(0.4, 0.3, 0.5), 1.0) == "much"
    assert _overfitted(None, Comparison(0.1, 0.05, 0.15), 1.0) == "some"
    assert _overfitted(None, Comparison(0.4, -0.1, 0.9), 1.0) == "none"
