"""row_scores.parquet: what the run showed about each row, for `dataprep audit --scores RUN`.

Dataset cartography (Swayamdipta et al. 2020, arXiv:2009.10795) places a row by the mean and the spread of the
probability its answer gets over training. An answer is many tokens here, so its probability is exp(-mean loss), the
geometric mean over its tokens. Rows that were learnt and lost again are told apart (Toneva et al. 2019,
arXiv:1812.05159).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from dataprep.contract import ROW_SCORES_NAME, RowScore
from trainer.details import MARGIN, VERBATIM
from trainer.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dataprep.contract import SplitName
    from trainer.compare import Evaluation
    from trainer.tokens import Row
    from trainer.trace import RowTrace

FORGOTTEN: Final = 0.1
"""Nats per item by which a row must have become worse again."""
AMBIGUOUS: Final = 2 / 3
"""Rows above this quantile of the variability are ambiguous, as in dataset cartography."""


@dataclass(frozen=True)
class Measured:
    """An evaluation of some rows of a split.

    Attributes:
        rows: their numbers in the split.
        values: one for each of them.
    """

    rows: Sequence[int]
    values: Evaluation


@dataclass(frozen=True)
class Looked:
    """Everything that was measured on one split.

    Attributes:
        rows: of the split.
        before: of the model before training.
        after: of the weights that were kept.
        during: the looks at its rows while training went on (`passed`, `evaluated`).
    """

    rows: Sequence[Row]
    before: Measured | None
    after: Measured | None
    during: pl.DataFrame


def write_scores(folder: Path, looked: Mapping[SplitName, Looked]) -> None:
    """Write the scores of every row that is trained or evaluated on to the run's folder."""
    frame = pl.concat([scores(split, one) for split, one in looked.items() if one.rows])
    temporary = folder / f".{ROW_SCORES_NAME}.writing"
    frame.write_parquet(temporary)
    temporary.replace(folder / ROW_SCORES_NAME)


def scores(split: SplitName, looked: Looked) -> pl.DataFrame:
    """One line as in `RowScore` for each row; the pieces of a row that was split by turn count as one."""
    sizes = [row.supervised if isinstance(row, Tokens) else 1 for row in looked.rows]
    pieces = pl.DataFrame(
        {"row": np.arange(len(sizes)), "row_id": [row.row_id for row in looked.rows], "items": sizes}
    )
    frame = pieces.group_by("row_id", maintain_order=True).agg(pl.col("items").sum())
    for more in (
        _at_once(pieces, looked.before, "before").drop("margin_before", "verbatim_before"),
        _at_once(pieces, looked.after, "after"),
        _by_pass(pieces, looked.during),
    ):
        frame = frame.join(more, on="row_id", how="left", maintain_order="left")
    frame = frame.with_columns(
        pl.lit(split).alias("split"),
        *(pl.col(name).fill_null([]) for name in ("steps", "loss_during", "margin_during")),
    )
    return _with_dynamics(frame, classed=split == "train").select(list(RowScore.model_fields))


def passed(trace: RowTrace) -> pl.DataFrame:
    """The looks at training rows: as they passed."""
    return _looks(
        trace.rows,
        np.repeat(trace.steps, [len(rows) for rows in trace.rows]) if trace.rows else [],
        trace.losses,
        trace.counts,
        trace.margins,
    )


def evaluated(history: Sequence[tuple[int, Evaluation]]) -> pl.DataFrame:
    """The looks at held-out rows: at evaluations."""
    count = len(history[0][1].counts) if history else 0
    nothing = [float("nan")] * count
    return _looks(
        [np.arange(count) for _ in history],
        np.repeat([step for step, _ in history], count),
        [np.asarray(values.losses) for _, values in history],
        [np.asarray(values.counts) for _, values in history],
        [np.asarray(values.detail.get(MARGIN, nothing)) for _, values in history],
    )


def _looks(
    rows: Sequence[Any], steps: Any, losses: Sequence[Any], items: Sequence[Any], margins: Sequence[Any]
) -> pl.DataFrame:
    def joined(parts: Sequence[Any]) -> Any:
        return np.concatenate(parts) if len(parts) else []

    values = {
        "row": joined(rows),
        "step": steps,
        "loss": joined(losses),
        "of": joined(items),
        "margin": joined(margins),
    }
    kinds = {"row": pl.Int64, "step": pl.Int64, "loss": pl.Float64, "of": pl.Int64, "margin": pl.Float64}
    return pl.DataFrame(values, schema_overrides=kinds).with_columns(pl.col("margin").fill_nan(None))


def _by_pass(pieces: pl.DataFrame, looks: pl.DataFrame) -> pl.DataFrame:
    """Lists of the looks at each row in their order; its pieces in one epoch are one look."""
    return (
        pieces.select("row", "row_id")
        .join(looks, on="row")
        .sort("row", "step")
        .with_columns(turn=pl.int_range(pl.len()).over("row"))
        .group_by("row_id", "turn")
        .agg(pl.col("step").max(), pl.col("loss", "of").sum(), pl.col("margin").max())
        .sort("row_id", "turn")
        .group_by("row_id", maintain_order=True)
        .agg(steps=pl.col("step"), loss_during=pl.col("loss") / pl.col("of"), margin_during=pl.col("margin"))
    )


def _at_once(pieces: pl.DataFrame, measured: Measured | None, name: str) -> pl.DataFrame:
    """Loss, margin and verbatim completion; of a row in pieces only where all of them were measured."""
    detail = measured.values.detail if measured else {}
    nothing = [None] * len(measured.rows) if measured else []
    found = pl.DataFrame(
        {
            "row": list(measured.rows) if measured else [],
            "loss": measured.values.losses if measured else [],
            "of": measured.values.counts if measured else [],
            "margin": detail.get(MARGIN, nothing),
            "verbatim": detail.get(VERBATIM, nothing),
        },
        schema={"row": pl.Int64, "loss": pl.Float64, "of": pl.Int64, "margin": pl.Float64, "verbatim": pl.Float64},
    )
    whole = pl.col("loss").is_not_null().all()
    judged = pl.col("verbatim").filter(pl.col("verbatim") >= 0)
    return (
        pieces.select("row", "row_id")
        .join(found, on="row", how="left")
        .group_by("row_id")
        .agg(
            pl.when(whole).then(pl.col("loss").sum() / pl.col("of").sum()).alias(f"loss_{name}"),
            pl.when(whole).then(pl.col("margin").max()).alias(f"margin_{name}"),
            pl.when(whole & (judged.len() > 0)).then(judged.min() > 0).alias(f"verbatim_{name}"),
        )
    )


def _with_dynamics(frame: pl.DataFrame, *, classed: bool) -> pl.DataFrame:
    losses = pl.concat_list(pl.col("loss_during"), pl.concat_list("loss_after")).list.drop_nulls()
    frame = frame.with_columns(_losses=losses).with_columns(
        _p=pl.col("_losses").list.eval((-pl.element()).exp()), _several=pl.col("_losses").list.len() >= 2
    )
    frame = frame.with_columns(
        confidence=pl.when("_several").then(pl.col("_p").list.mean()),
        variability=pl.when("_several").then(pl.col("_p").list.std(ddof=0)),
    )
    forgotten = pl.col("_losses").list.last() > pl.col("_losses").list.min() + FORGOTTEN
    spread = pl.col("variability") > pl.col("variability").quantile(AMBIGUOUS)
    kind = (
        pl.when(~pl.col("_several") | (not classed))
        .then(None)
        .when(forgotten)
        .then(pl.lit("forgotten"))
        .when(spread)
        .then(pl.lit("ambiguous"))
        .when(pl.col("confidence") >= pl.col("confidence").median())
        .then(pl.lit("easy"))
        .otherwise(pl.lit("hard"))
    )
    return frame.with_columns(dynamics=kind.cast(pl.String)).drop("_losses", "_p", "_several")
