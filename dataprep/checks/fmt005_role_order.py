"""FMT005 role-order."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataprep.checks.context import AuditContext
    from dataprep.contract import Severity


class RoleOrder(Check):
    """Turns that do not alternate as chat templates expect.

    Many templates refuse two user turns in a row or join them silently, and an answer that comes before any
    question teaches the model to speak first. The latter is an error when no answer in the row follows a
    question; the rest is a warning.

    Example: assistant "Log in and choose Orders.", user "Where is my order?" - swapped.

    What to do: put the turns in order, or join turns that belong together.
    """

    code = "FMT005"
    name = "role-order"
    severity = "warning"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """The first place in each row where the order breaks."""
        for position, roles in self._conversations(context.raw_rows):
            problem = _problem(roles)
            if problem is None:
                continue
            index, words = problem
            answered = "user" in roles and "assistant" in roles[roles.index("user") :]
            # A row without any answer is FMT006's matter; here only the order counts.
            severity: Severity = "warning" if answered or "assistant" not in roles else "error"
            evidence: dict[str, Any] = {"roles": roles[:40]}
            yield Found(position, words, severity=severity, field=f"messages[{index}].role", evidence=evidence)

    @staticmethod
    def _conversations(rows: pl.DataFrame) -> Iterable[tuple[int, list[str]]]:
        """Position and roles of each row; of a preference pair with its preferred answer; plain texts left out."""
        role = pl.element().struct.field("role")
        roles = rows.select(
            roles=pl.col("messages").list.eval(role),
            more=pl.col("chosen").list.eval(role),
            format=pl.col("format"),
        )
        roles = roles.with_row_index("position").filter(pl.col("format") != "text")
        joined = pl.when(pl.col("more").is_null()).then(pl.col("roles")).otherwise(pl.concat_list("roles", "more"))
        distinct = roles.select("position", joined.alias("roles")).group_by("roles").agg("position")
        # There are few orders of roles and many rows: each order is judged once.
        found = [
            (position, order) for order, positions in distinct.iter_rows() if _problem(order) for position in positions
        ]
        return sorted(found)


def _problem(roles: Sequence[str]) -> tuple[int, str] | None:
    turns = [(index, role) for index, role in enumerate(roles) if role not in {"system", "developer"}]
    late = next((i for i, role in enumerate(roles) if role == "system" and i > 0 and roles[i - 1] != role), None)
    if turns and turns[0][1] == "assistant":
        return turns[0][0], "starts with the assistant: the answer comes before the question"
    if turns and turns[0][1] == "tool":
        return turns[0][0], "starts with a tool result"
    for (_, before), (index, role) in pairwise(turns):
        if role == before and role in {"user", "assistant"}:
            return index, f"two {role} turns in a row"
    if len(turns) > 1 and turns[-1][1] == "user":
        return turns[-1][0], "ends with a user turn that nobody answers"
    if late is not None and late > 1:
        return late, "a system turn in the middle of the conversation"
    return None


CHECK = RoleOrder()
