"""FMT003 empty-answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.checks.turns import blank_turns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class EmptyAnswer(Check):
    """An assistant turn without text and without a tool call.

    The only token left to learn there is the end of the turn: the model is taught to say nothing.

    Example: user "how do I see bill #37777?", assistant "".

    What to do: write the answer or drop the row; `dataprep split` drops it and says so.
    """

    code = "FMT003"
    name = "empty-answer"
    severity = "error"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Rows with at least one blank assistant turn."""
        for position, blank in blank_turns(context.raw_rows, "messages", "assistant"):
            which = "the answer is empty" if len(blank) == 1 else f"{len(blank)} answers are empty"
            yield Found(position, which, field=f"messages[{blank[0]}].content", evidence={"turns": blank})
        for side, word in (("chosen", "preferred"), ("rejected", "rejected")):
            for position, blank in blank_turns(context.raw_rows, side, "assistant"):
                yield Found(position, f"the {word} answer is empty", field=side, evidence={"turns": blank})


CHECK = EmptyAnswer()
