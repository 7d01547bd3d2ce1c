"""FMT001 unreadable-record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.context import rejected
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class UnreadableRecord(Check):
    """A record that could not be decoded at all.

    A cut-off export, a stray control sequence or a wrong encoding loses exactly the rows it touches, and most
    loaders either stop at the first one or skip it without a word. Here the record is set aside with its line,
    its text and the reason, and the rest goes on.

    Example: {"messages": [{"role": "user", "content": "How do I   (JSON ends mid-string)

    What to do: mend the line in the source, or export that part again. `dataprep split` keeps its text in
    dropped.jsonl.
    """

    code = "FMT001"
    name = "unreadable-record"
    severity = "error"
    on_rejects = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every reject of this code."""
        return rejected(context, self.code)


CHECK = UnreadableRecord()
