"""FMT002 unknown-shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.context import rejected
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class UnknownShape(Check):
    """A record that is valid but is no training example we know, or only looks like one.

    Guessing would turn it into an empty or wrong conversation. It is set aside with the field that does not fit.

    Example: {"title": "…", "body": "…"}, or messages whose role is "narrator".

    What to do: name the columns with --map prompt=COLUMN,answer=COLUMN, force a format with --input-format, or
    convert the record to one of the known formats.
    """

    code = "FMT002"
    name = "unknown-shape"
    severity = "error"
    on_rejects = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every reject of this code."""
        return rejected(context, self.code)

    def notes(self, context: AuditContext) -> list[str]:
        """How to have other columns read."""
        is_any = (context.rejects["code"] == self.code).any()
        return ["--map prompt=COLUMN,answer=COLUMN reads columns of other names"] if is_any else []


CHECK = UnknownShape()
