"""FMT006 nothing-to-learn-from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


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
        for position, messages in enumerate(context.raw_rows["messages"].to_list()):
            weights = [turn["weight"] for turn in messages if turn["role"] == "assistant"]
            if not weights:
                yield Found(position, "no assistant message to compute loss on", field="messages")
            elif all(weight == 0 for weight in weights):
                yield Found(position, "every assistant message has weight 0", field="messages")


CHECK = NothingToLearnFrom()
