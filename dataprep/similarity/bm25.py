"""The texts that share most of a query's rare words: BM25 (Robertson et al. 1994), over columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

K: Final = 1.2
B: Final = 0.75
BLOCK: Final = 200_000
"""Texts whose words are laid out at a time."""


def nearest(queries: Sequence[str], texts: pl.Series, *, most: int) -> list[tuple[int, int, float]]:
    """For each query the texts that are nearest to it.

    Args:
        queries: normal forms, words between single spaces.
        texts: likewise; an empty text is near to nothing.
        most: texts for each query.

    Returns:
        (number of the query, position of the text, score), the nearest first. The score is that of the text as a
        share of what the query would score itself: 1 for the query's own text.
    """
    words = pl.DataFrame({"query": range(len(queries)), "word": [text.split(" ") for text in queries]})
    asked = words.explode("word").filter(pl.col("word") != "").unique()
    size = texts.str.count_matches(" ", literal=True) + 1
    mean = float(size.mean() or 1)  # type: ignore[arg-type]  # polars types it as any scalar
    counts = _counts(texts, asked["word"].unique(), size)
    rarity = (
        counts.group_by("word")
        .len("texts")
        .with_columns(idf=((texts.len() - pl.col("texts") + 0.5) / (pl.col("texts") + 0.5) + 1).log())
    )
    weight = pl.col("idf") * pl.col("count") * (K + 1) / (pl.col("count") + K * (1 - B + B * pl.col("size") / mean))
    scored = (
        asked.join(rarity, on="word")
        .join(counts, on="word")
        .with_columns(weight=weight)
        .group_by("query", "position")
        .agg(pl.col("weight").sum())
    )
    own = _own(asked, rarity, queries, mean)
    ranked = (
        scored.join(own, on="query")
        .with_columns(score=(pl.col("weight") / pl.col("own")).clip(0, 1))
        .sort("query", "score", "position", descending=[False, True, False])
        .group_by("query", maintain_order=True)
        .head(most)
    )
    return list(ranked.select("query", "position", "score").iter_rows())


def _counts(texts: pl.Series, wanted: pl.Series, size: pl.Series) -> pl.DataFrame:
    """How often each wanted word stands in each text."""
    parts = []
    for start in range(0, max(texts.len(), 1), BLOCK):
        block = pl.DataFrame({"word": texts.slice(start, BLOCK), "size": size.slice(start, BLOCK)})
        parts.append(
            block.with_row_index("position", offset=start)
            .with_columns(pl.col("word").str.split(" "), pl.col("position").cast(pl.Int64))
            .explode("word")
            .filter(pl.col("word").is_in(wanted.implode()))
            .group_by("position", "size", "word")
            .len("count")
        )
    return pl.concat(parts)


def _own(asked: pl.DataFrame, rarity: pl.DataFrame, queries: Sequence[str], mean: float) -> pl.DataFrame:
    """What each query scores itself, every word taken to stand in it once."""
    sizes = pl.DataFrame({"query": range(len(queries)), "size": [text.count(" ") + 1 for text in queries]})
    once = pl.col("idf") * (K + 1) / (1 + K * (1 - B + B * pl.col("size") / mean))
    return asked.join(rarity, on="word").join(sizes, on="query").group_by("query").agg(own=once.sum())
