"""The scores of a training run as an input: what is refused, and that they are matched by row."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dataprep import audit
from dataprep.checks.trained import surprise
from dataprep.config import AuditConfig
from dataprep.errors import InputError
from tests.helpers import chat, run_folder, write_rows


def test_what_holds_no_scores_is_refused(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", [chat("Where?", "There.")])
    with pytest.raises(InputError, match="no such file"):
        audit([data], config=AuditConfig(scores=str(tmp_path)))
    (tmp_path / "row_scores.parquet").write_bytes(b"not parquet")
    with pytest.raises(InputError, match="holds no scores"):
        audit([data], config=AuditConfig(scores=str(tmp_path)))
    pl.DataFrame({"row_id": ["x"]}).write_parquet(tmp_path / "row_scores.parquet")
    with pytest.raises(InputError, match="lacks the column"):
        audit([data], config=AuditConfig(scores=str(tmp_path)))


def test_scores_of_other_data_are_said_not_to_fit(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", [chat("Where?", "There.")])
    other = write_rows(tmp_path / "other.jsonl", [chat("When?", "Now.")])
    run = run_folder(tmp_path / "run", other, {1: {"during": [1.0]}})
    report = audit([data], config=AuditConfig(select=["DYN"], scores=str(run))).report
    assert {check.status for check in report.checks} == {"not_run"}
    assert all("no row of the data" in str(check.reason) for check in report.checks)


def test_surprise_is_free_of_the_length_of_answers() -> None:
    # Long answers have low losses throughout; a short one with a usual loss for its length is no surprise.
    count = 400
    sizes = [5 if place % 2 else 200 for place in range(count)]
    losses = [[(2.0 if size == 5 else 0.5) + 0.01 * (place % 7)] for place, size in enumerate(sizes)]
    losses[100] = [1.5]  # long, and three times the usual loss
    frame = pl.DataFrame(
        {"position": range(count), "items": sizes, "steps": [[1 + place // 8] for place in range(count)]}
    ).with_columns(loss_during=pl.Series(losses))
    found = surprise(frame)
    assert found.sort("surprise", descending=True)["position"][0] == 100
    assert found.filter(pl.col("surprise") > 3)["position"].to_list() == [100]
