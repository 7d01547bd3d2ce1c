"""FMT004 empty-prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.checks.turns import blank_turns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class EmptyPrompt(Check):
    """A user turn without text.

    The answer that follows is learnt as an answer to nothing, and is then given at random.

    Example: user "", assistant "Your order has been shipped."

    What to do: restore the question from the source or drop the row; `dataprep split` drops it and says so.
    """

    code = "FMT004"
    name = "empty-prompt"
    severity = "error"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Rows with at least one blank user turn."""
        for position, blank in blank_turns(context.raw_rows, "messages", "user"):
            which = "the prompt is empty" if len(blank) == 1 else f"{len(blank)} prompts are empty"
            yield Found(position, which, field=f"messages[{blank[0]}].content", evidence={"turns": blank})


CHECK = EmptyPrompt()
