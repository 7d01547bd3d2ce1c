"""CON001 conflicting-answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.text.conflict import conflict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext
    from dataprep.text.conflict import Conflict

ANSWERS_COMPARED: Final = 40
"""Distinct answers to one question that are compared with each other."""


class ConflictingAnswers(Check):
    """Two rows ask the same thing in the same context and get answers that cannot both be right.

    The model learns to waver between them, and whichever it says is wrong for somebody. The question must be the
    same after normalisation, with the same system prompt and earlier turns; and there must be evidence: other
    values for the same quantity, yes against no, a statement against its negation, a word against its opposite.
    A mere difference in wording, order or length is none.

    Example: "How long does a refund take?" - "5 to 7 business days" on line 27, "30 days" on line 311.

    What to do: decide which one holds and delete the other. `dataprep split` sets all of them aside as needing a
    decision; it never picks one silently.
    """

    code = "CON001"
    name = "conflicting-answers"
    severity = "error"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row of a question whose answer some other row contradicts."""
        for positions in self._questions(context):
            by_answer: dict[str, list[int]] = {}
            for position in positions:
                by_answer.setdefault(context.texts.answer_norm[position], []).append(position)
            if len(by_answer) > 1:
                yield from self._compare(context, list(by_answer.values())[:ANSWERS_COMPARED])

    def _questions(self, context: AuditContext) -> list[list[int]]:
        """Positions of the rows that share a question and have an answer."""
        frame = context.rows.with_columns(context=context.context_keys).with_row_index("position")
        frame = frame.select("position", "context", "answer_norm", "prompt_norm", "label").filter(
            pl.col("context").is_not_null() & (pl.col("answer_norm") != "") & (pl.col("prompt_norm") != ""),
            # An answer marked as unwanted claims nothing.
            pl.col("label").ne_missing("false"),
        )
        groups = (
            frame.group_by("context", maintain_order=True).agg("position").filter(pl.col("position").list.len() > 1)
        )
        return groups["position"].to_list()

    def _compare(self, context: AuditContext, answers: list[list[int]]) -> Iterable[Found]:
        raw = [context.texts.answer[rows[0]] for rows in answers]
        reported: set[int] = set()
        for a in range(len(answers)):
            for b in range(a + 1, len(answers)):
                proof = conflict(raw[a], raw[b])
                if proof is None:
                    continue
                for mine, theirs in ((a, b), (b, a)):
                    if mine not in reported:
                        reported.add(mine)
                        seen = proof if mine == a else replace(proof, left=proof.right, right=proof.left)
                        yield from self._report(context, answers[mine], answers[theirs][0], seen, len(answers))

    def _report(
        self, context: AuditContext, rows: list[int], other: int, proof: Conflict, answers: int
    ) -> Iterable[Found]:
        evidence = {
            "kind": proof.kind,
            "distinct_answers": answers,
            "spans": [{"side": "left", "text": proof.left}, {"side": "right", "text": proof.right}],
        }
        for position in rows:
            message = f"{proof.describe()} ({context.places(other)})"
            yield Found(position, message, related=other, evidence=evidence)

    def notes(self, context: AuditContext) -> list[str]:  # noqa: ARG002
        """What counts as the same question."""
        return ["exact: same normalised conversation before the answer; conflicts need evidence, wording is none"]


CHECK = ConflictingAnswers()
