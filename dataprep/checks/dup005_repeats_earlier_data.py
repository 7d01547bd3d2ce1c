"""DUP005 repeats-earlier-data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.context import alike
from dataprep.checks.found import Found
from dataprep.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext

SHOWN = 2_000
"""Characters of the earlier row that are kept as evidence."""


class RepeatsEarlierData(Check):
    """A row that stands, word for word or nearly, in a file that was audited earlier with the same index.

    Data that grows by the day repeats itself by the day. With `--index FOLDER` every audit remembers its rows, and the
    next one compares with all of them without reading the old files again. The same rules hold as within one file:
    each pair is verified, and a changed number, name or negation makes it another row.

    Example: line 12 of today.jsonl is line 340 of yesterday.jsonl.

    What to do: nothing by hand; `dataprep split --index FOLDER` drops the row and lists it with the earlier one.
    """

    code = "DUP005"
    name = "repeats-earlier-data"
    severity = "warning"
    option = "--index FOLDER"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row that an earlier file has."""
        for repeat in context.repeats:
            where = f"{repeat.source} line {repeat.line}"
            left, right = context.texts.example(repeat.position), (repeat.prompt, repeat.answer)
            words, evidence = alike(left, right, repeat.score)
            message = f"the same as {where}" if left == right else f"{words} ({where})"
            shown = {"earlier prompt": repeat.prompt[:SHOWN], "earlier answer": repeat.answer[:SHOWN]}
            place = (repeat.row_id, repeat.source, repeat.line)
            yield Found(repeat.position, message, score=repeat.score, related_place=place, evidence=evidence | shown)

    def notes(self, context: AuditContext) -> list[str]:
        """Method, and how much was remembered."""
        index = context.index
        return [] if index is None else [f"compared with {counted(index.rows, 'row')} of earlier data", index.method]


CHECK = RepeatsEarlierData()
