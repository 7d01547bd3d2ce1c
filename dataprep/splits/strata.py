"""The strata of rows: values of a field, or what they are themselves."""

from __future__ import annotations

from typing import Final

import msgspec
import polars as pl

from dataprep.errors import ConfigError
from dataprep.fields import own_fields, values_of
from dataprep.text.language import language_of

LENGTH_BANDS: Final = 4
"""Bands of answer length, each with as many rows."""

BUILT_IN: Final = ("source", "format", "length", "language", "answer", "label")
"""Names that mean the file, the format, the band of answer length, the language and (the last two) the answer, as
classes have them, where rows have no such field."""

LANGUAGE_ROWS: Final = 100_000
"""Rows up to which languages are told, at some 3 ms a row."""


def strata_of(rows: pl.DataFrame, name: str) -> list[str]:
    """The stratum of each row: the value of a field, or one of `BUILT_IN`.

    Raises:
        ConfigError: no row has the field.
    """
    if name in BUILT_IN and not any(name in own for own in own_fields(rows)):
        if name == "length":
            return _length_bands(rows)
        if name == "language":
            return _languages(rows)
        if name in {"answer", "label"}:
            return _answers(rows)
        return [str(value) for value in rows[name].to_list()]
    return [_key(value) for value in values_of(rows, name, "cannot stratify by")]


def _length_bands(rows: pl.DataFrame) -> list[str]:
    content = pl.element().struct.field("content").str.len_chars().fill_null(0)
    lengths = rows.select(
        pl.col("messages").list.eval(content.filter(pl.element().struct.field("role") == "assistant")).list.sum()
    ).to_series()
    # Ranks, not values: equal lengths may be cut apart, but every band has as many rows.
    ranks = lengths.rank("ordinal").to_numpy()
    return [f"length {int((rank - 1) * LENGTH_BANDS // max(len(ranks), 1)) + 1}" for rank in ranks]


def _answers(rows: pl.DataFrame) -> list[str]:
    said = pl.col("messages").list.eval(
        pl.element().struct.field("content").filter(pl.element().struct.field("role") == "assistant")
    )
    return rows.select(said.list.last().fill_null("").str.strip_chars()).to_series().to_list()


def _languages(rows: pl.DataFrame) -> list[str]:
    if rows.height > LANGUAGE_ROWS:
        raise ConfigError(
            f"telling the languages of {rows.height:,} rows takes too long",
            "Write the language into a field of the rows, and stratify by that",
        )
    content, role = pl.element().struct.field("content"), pl.element().struct.field("role")
    said = pl.col("messages").list.eval(content.filter(role.is_in(["user", "assistant"]))).list.join("\n")
    texts = rows.select(said.fill_null("")).to_series()
    known = {text: language_of(text) for text in texts.unique(maintain_order=True)}
    return [known[text] for text in texts]


def _key(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
