"""DUP001 exact-duplicate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class ExactDuplicate(Check):
    """A row whose messages equal an earlier row's, character for character.

    Copies weigh their example twice, push the model towards reciting it, and leak into the evaluation when a
    random split puts one copy on each side.

    Example: line 384 repeats line 27.

    What to do: nothing by hand; `dataprep split` keeps the first copy and lists the others with what they repeat.
    """

    code = "DUP001"
    name = "exact-duplicate"
    severity = "warning"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row but the first of each group of copies."""
        places = context.places
        for duplicate in context.exact:
            message = f"word for word the same as {places(duplicate.kept)}"
            yield Found(duplicate.position, message, score=1.0, related=duplicate.kept)

    def notes(self, context: AuditContext) -> list[str]:  # noqa: ARG002
        """How copies are recognised."""
        return ["exact: compared by hash of all messages and tools"]


CHECK = ExactDuplicate()
