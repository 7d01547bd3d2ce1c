"""DUP006 same-meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.similarity import meaningful_difference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class SameMeaning(Check):
    """A row that an embedding model takes to mean the same as an earlier one, in other words.

    It runs with `--semantic MODEL` only: a folder or hub name of a sentence-transformers model, or a folder of static
    embeddings. Embeddings find rewordings that share few words. They cannot tell "is" from "is not", so this is a
    suggestion to read both rows, never a verified duplicate, and nothing is removed for it. Pairs that DUP001 or
    DUP002 report, and pairs that differ in a number, a name or a negation, are left out. Every row is compared with
    every earlier one: the time grows with the square of the rows.

    Example: "How can I get my money back?" and "I'd like a refund, what do I do?", with the same steps as answer.

    What to do: read the pairs from the top. Raise or lower `semantic_threshold` to see fewer or more.
    """

    code = "DUP006"
    name = "same-meaning"
    severity = "note"
    option = "--semantic MODEL"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row with the nearest earlier one."""
        known = {found.position for found in (*context.exact, *context.near[0])}
        reported: set[int] = set()
        for row, other, score in context.same_meaning:
            if row in reported or row in known or other in known:
                continue
            left, right = context.texts.example(row), context.texts.example(other)
            if any(meaningful_difference(a, b) for a, b in zip(left, right, strict=True)):
                continue
            reported.add(row)
            message = (
                f"{score:.2f} similar in meaning to {context.places(other)}; to be read: embeddings prove nothing"
            )
            yield Found(row, message, score=min(max(score, 0.0), 1.0), related=other)

    def notes(self, context: AuditContext) -> list[str]:
        """Model and threshold."""
        least = context.semantic_threshold
        return [f"cosine similarity of prompt and answer >= {least:g}, by {context.semantic}; all pairs compared"]


CHECK = SameMeaning()
