"""Answers that a comparison had to leave out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dataprep.errors import UserError
from dataprep.text.wording import counted

if TYPE_CHECKING:
    from dataprep.checks.context import AuditContext
    from dataprep.checks.disputes import Said

SHOWN: Final = 200
"""Characters of an error."""


@dataclass
class Unread:
    """Answers that were left out of the comparison because reading them failed.

    Attributes:
        rows: for each of them the position of its first row.
        reason: what failed first.
    """

    rows: set[int] = field(default_factory=set)
    reason: str = ""

    def add(self, said: Said, error: Exception) -> None:
        """Leave an answer out, except where it is the user who has to act.

        Raises:
            UserError: the error itself.
        """
        if isinstance(error, UserError):
            raise error
        self.reason = self.reason or f"{type(error).__name__}: {error}".splitlines()[0][:SHOWN]
        self.rows.add(said.rows[0])

    def notes(self, context: AuditContext) -> list[str]:
        """What the user should know: how many there are, and why."""
        if not self.rows:
            return []
        answers, first = counted(len(self.rows), "answer"), context.places(min(self.rows))
        return [f"{answers} could not be read, such as {first}: {self.reason}"]
