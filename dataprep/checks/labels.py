"""Labels: short answers that many rows share, as in data for classification."""

from __future__ import annotations

from typing import Final

import polars as pl

LABEL_WORDS: Final = 10
LABEL_LETTERS: Final = 80

FEWEST_ROWS: Final = 50
"""Rows with labels from which they are judged."""

FEWEST_EACH: Final = 5
"""Rows that carry a label, at least: of rarer ones nothing can be learnt."""


def labelled(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose answer is a label: some words that are no number and that many rows share.

    Args:
        rows: a frame that has the columns of `text.views`.

    Returns:
        Columns `position` and `label`, in order; no rows where there are too few.
    """
    rows = rows.select(label="answer_norm", prompt="prompt_core").with_row_index("position")
    # Numbers, single letters and yes or no answer a question; they say nothing about the kind of text.
    is_label = (
        pl.col("label").str.len_chars().is_between(2, LABEL_LETTERS)
        & (pl.col("label").str.count_matches(" ") < LABEL_WORDS)
        & ~pl.col("label").str.contains(r"^[\d .,]*$|^(?:yes|no|true|false)$")
        & (pl.col("prompt") != "")
    )
    rows = rows.filter(is_label).filter(pl.len().over("label") >= FEWEST_EACH).select("position", "label")
    few = rows.height < FEWEST_ROWS or rows["label"].n_unique() < 2
    return rows.clear() if few else rows
