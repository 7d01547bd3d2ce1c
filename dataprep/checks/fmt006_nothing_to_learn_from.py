"""FMT006 nothing-to-learn-from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext

UNREAD_SHOWN: Final = 5
"""Columns that a message names."""


class NothingToLearnFrom(Check):
    """A row without an assistant turn, or whose assistant turns all have weight 0.

    The loss is computed on the assistant's words only. Such a row costs time and teaches nothing, and in trainers
    that do not mask the prompt it teaches the model to write user messages.

    Example: a conversation that ends before the first answer.

    What to do: complete the conversation or drop the row; `dataprep split` drops it and says so.
    """

    code = "FMT006"
    name = "nothing-to-learn-from"
    severity = "error"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Rows that give no token to learn."""
        element = pl.element().struct
        learnt = element.field("role") == "assistant"
        counts = context.raw_rows.select(
            answers=pl.col("messages").list.eval(learnt).list.sum(),
            weighty=pl.col("messages").list.eval(learnt & (element.field("weight").fill_null(1) != 0)).list.sum(),
            pair=pl.col("chosen").is_not_null(),
        ).with_row_index("position")
        fields = context.raw_rows["meta"]
        bare = counts.filter((pl.col("weighty") == 0) & ~pl.col("pair"))
        for position, answers in bare.select("position", "answers").iter_rows():
            why = "every assistant message has weight 0" if answers else _no_answer(fields[position])
            yield Found(position, why, field="messages")


def _no_answer(meta: str | None) -> str:
    """What is missing, and which columns of the record were not read for it."""
    others = list(msgspec.json.decode(meta)) if meta else []
    words = "no assistant message to compute loss on"
    if not others:
        return words
    named = ", ".join(others[:UNREAD_SHOWN]) + (" …" if len(others) > UNREAD_SHOWN else "")
    return f"{words}; not read: {named} (--map answer=COLUMN names one)"


CHECK = NothingToLearnFrom()
