"""FMT009 chosen-equals-rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.text.normalise import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


SAME: Final = "are the same"
ALIKE: Final = "differ only in case, punctuation or spacing"


class ChosenEqualsRejected(Check):
    """A preference pair whose two answers are the same.

    There is nothing to prefer: in DPO the terms cancel, and what is left is noise. Answers that differ only in case,
    punctuation or spacing are a warning: in code, lists and titles that may be what the pair teaches.

    Example: chosen and rejected are both "It takes 14 days."

    What to do: restore the other answer from the source or drop the row; `dataprep split` drops it and says so, and
    keeps those that have a warning.
    """

    code = "FMT009"
    name = "chosen-equals-rejected"
    severity = "error"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Pairs without a difference."""
        turn = pl.element().struct
        said = turn.field("content") + turn.field("tool_calls").fill_null("") + turn.field("parts").fill_null("")
        pairs = context.raw_rows.select("chosen", "rejected").with_row_index("position")
        pairs = pairs.filter(pl.col("chosen").is_not_null() & pl.col("rejected").is_not_null())
        sides = pairs.select(
            "position",
            *(pl.col(side).list.eval(said).list.join("\n", ignore_nulls=True) for side in ("chosen", "rejected")),
        )
        # What normalises to nothing, such as code made of signs only, is compared as it is.
        same = pl.col("chosen").str.strip_chars() == pl.col("rejected").str.strip_chars()
        alike = (normalised(pl.col("chosen")) == normalised(pl.col("rejected"))) & (normalised(pl.col("chosen")) != "")
        found = sides.filter(same | alike).select("position", same.alias("same"))
        for position, is_same in found.iter_rows():
            yield Found(
                position,
                f"the preferred and the rejected answer {SAME if is_same else ALIKE}",
                severity=None if is_same else "warning",
                field="chosen",
                score=1.0,
            )


CHECK = ChosenEqualsRejected()
