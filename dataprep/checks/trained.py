"""What a training run showed about the rows under audit: `--scores RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from dataprep.contract import ROW_SCORES_NAME, RowScore
from dataprep.errors import InputError

OPTION: Final = "--scores RUN"
AGAIN: Final = "Name the folder of a run of `trainer run`"
_KINDS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "split": pl.String,
    "row_id": pl.String,
    "items": pl.Int64,
    "steps": pl.List(pl.Int64),
    "loss_during": pl.List(pl.Float64),
    "margin_during": pl.List(pl.Float64),
    "verbatim_after": pl.Boolean,
    "dynamics": pl.String,
}


def read_scores(run: str) -> pl.DataFrame:
    """The scores of a run.

    Args:
        run: its folder, or the file itself.

    Raises:
        InputError: there is no such file, or it holds something else.
    """
    path = Path(run)
    path = path / ROW_SCORES_NAME if path.is_dir() else path
    if not path.is_file():
        raise InputError(f"{path}: no such file", AGAIN)
    try:
        frame = pl.read_parquet(path)
        missing = [name for name in RowScore.model_fields if name not in frame.columns]
        if missing:
            raise InputError(f"{path}: lacks the column {missing[0]}", AGAIN)
        return frame.select(
            pl.col(name).cast(_KINDS.get(name, pl.Float64), strict=True) for name in RowScore.model_fields
        )
    except (pl.exceptions.PolarsError, OSError) as err:
        raise InputError(f"{path}: holds no scores of rows", AGAIN) from err


def scored_rows(rows: pl.DataFrame, scores: pl.DataFrame | None) -> pl.DataFrame:
    """The scores of the rows under audit that the run has, with their `position`; in the order of the rows.

    Args:
        rows: the row frame.
        scores: of the run; None where there is none.

    Raises:
        InputError: the run has none of them.
    """
    if scores is None:
        raise InputError("no scores of a run", AGAIN)
    positions = rows.select("row_id").with_row_index("position").cast({"position": pl.Int64})
    found = positions.join(scores, on="row_id", how="inner", maintain_order="left")
    if found.is_empty():
        raise InputError("no row of the data stands in the run's scores", "Audit the data that the run was trained on")
    return found


def surprise(trained: pl.DataFrame) -> pl.DataFrame:
    """How much worse each training row was predicted than rows of its length were at that time of training.

    A loss falls while training goes on, and depends on how long an answer is; what is left after both is the row's
    own. Every look at a row is compared with the median of the looks around it, in units of their spread
    (the median absolute deviation, scaled to a standard deviation), and the looks at a row are averaged.

    Args:
        trained: training rows with `position`, `items`, `steps` and `loss_during`.

    Returns:
        `position`, `surprise`, `loss` (mean of the looks) and `usual` (mean of their medians), a line for every row
        that was looked at.
    """
    looks = (
        trained.select("position", "items", "steps", "loss_during")
        .explode("steps", "loss_during")
        .drop_nulls()
        .filter(pl.col("loss_during").is_finite())
    )
    if looks.is_empty():
        return looks.select("position", surprise="loss_during", loss="loss_during", usual="loss_during")
    sizes = pl.col("items").rank("ordinal") * GROUPS // (pl.len() + 1) if looks.height >= 2 * WINDOW else pl.lit(0)
    looks = looks.with_columns(group=sizes).sort("group", "steps", "position")
    looks = looks.with_columns(usual=_around(pl.col("loss_during")))
    looks = looks.with_columns(apart=pl.col("loss_during") - pl.col("usual"))
    spread = _around(pl.col("apart").abs()) * TO_SIGMA
    floor = max(float(looks["apart"].abs().median() or 0) * TO_SIGMA / 4, 1e-3)  # type: ignore[arg-type]
    looks = looks.with_columns(surprise=pl.col("apart") / pl.max_horizontal(spread, pl.lit(floor)))
    return (
        looks.group_by("position")
        .agg(pl.col("surprise").mean(), loss=pl.col("loss_during").mean(), usual=pl.col("usual").mean())
        .sort("position")
    )


def _around(value: pl.Expr) -> pl.Expr:
    """The median of the looks around each, in the order of training, among answers of like length."""
    return value.rolling_median(WINDOW, min_samples=1, center=True).over("group")


WINDOW: Final = 101
"""Looks around one, in the order of training, that say what was usual then."""
GROUPS: Final = 4
"""Groups of answer lengths."""
TO_SIGMA: Final = 1.4826
"""Makes a median absolute deviation a standard deviation, for normal errors."""
