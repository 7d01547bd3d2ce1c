"""FMT010 non-text-content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.text.views import MEDIA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class NonTextContent(Check):
    """A row that refers to images, sound, video or files.

    Training on text does not see them: what is learnt is an answer about something that is not there. The parts are
    kept as they are, by reference; nothing is fetched, and other checks only tell by them that two rows are not the
    same.

    Example: user [{"type": "image_url", …}, "What is in the picture?"], assistant "A red bus."

    What to do: train a model that takes such input, or leave the rows out (`--drop FMT010`).
    """

    code = "FMT010"
    name = "non-text-content"
    severity = "warning"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Rows with parts that are no text, or with columns that hold media."""
        parts = pl.element().struct.field("parts")
        in_turns = pl.concat_list(
            pl.col(side).list.eval(parts.drop_nulls()).fill_null([]) for side in ("messages", "chosen", "rejected")
        )
        rows = context.raw_rows.select(parts=in_turns, meta="meta").with_row_index("position")
        named = pl.col("meta").str.contains_any([f'"{column}":' for column in MEDIA]).fill_null(value=False)
        for position, found, meta in rows.filter((pl.col("parts").list.len() > 0) | named).iter_rows():
            kinds = [kind for text in found for kind in _kinds(msgspec.json.decode(text))]
            if kinds:
                what = ", ".join(dict.fromkeys(kinds))
                yield Found(
                    position, f"holds content that is no text: {what}", field="messages", evidence={"kinds": kinds}
                )
            elif columns := _media(msgspec.json.decode(meta or "{}")):
                what = ", ".join(f"column {column!r}" for column in columns)
                yield Found(position, f"refers to content that is no text: {what}", field=columns[0])


def _kinds(parts: Any) -> list[str]:
    return [str(part.get("type", "unknown"))[:40] for part in parts if isinstance(part, dict) and not _is_text(part)]


def _is_text(part: dict[str, Any]) -> bool:
    return part.get("type", "text") in ("text", "input_text", "output_text", "refusal")


def _media(fields: Any) -> list[str]:
    """The row's own columns that name media."""
    return [column for column in MEDIA if isinstance(fields, dict) and fields.get(column)]


CHECK = NonTextContent()
