"""FMT009 chosen-equals-rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.text.normalise import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class ChosenEqualsRejected(Check):
    """A preference pair whose two answers say the same, apart from case, punctuation and spacing.

    There is nothing to prefer: in DPO the two terms cancel, and what is left is noise.

    Example: chosen "It takes 14 days.", rejected "it takes 14 days".

    What to do: restore the other answer from the source or drop the row; `dataprep split` drops it and says so.
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
        same = pl.col("chosen") == pl.col("rejected")
        alike = (normalised(pl.col("chosen")) == normalised(pl.col("rejected"))) & (normalised(pl.col("chosen")) != "")
        for (position,) in sides.filter(same | alike).select("position").iter_rows():
            yield Found(position, "the preferred and the rejected answer are the same", field="chosen", score=1.0)


CHECK = ChosenEqualsRejected()
