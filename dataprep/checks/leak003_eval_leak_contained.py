"""LEAK003 eval-leak-contained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.checks.spans import Wanted, exchanged, spans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext
    from dataprep.contract import Severity
    from dataprep.similarity import Inside


AT_ONCE: Final = 1_000
"""Findings whose places in the texts are looked up together."""


class EvalLeakContained(Check):
    """A training row that holds an evaluation item within a longer text, or stands in a longer item itself.

    A document that quotes the question, a conversation in which it is asked in passing, a list of exercises: neither
    exact nor near matching sees it, and the model learns it all the same. What counts is how much of the item one row
    has in word sequences that few others have: what many rows or items share proves nothing, and an item of four to
    seven words must stand there whole.

    A question of eight words and more that is there for 80% or more is an error, and so is a shorter one that is a
    line of the prompt, as a turn of its own is. A shorter one in passing is a warning, and so is a smaller part, and
    the answer of an item (of eight words and more, unless many rows give it). Where a number or a name was exchanged
    it is a variant of the question, which gives less away, and a note.

    Example: line 7, of 500 words, has the whole question of eval.jsonl line 3 in its prompt.

    What to do: nothing by hand; `dataprep split --eval FILE` drops the rows with errors and lists them.
    `--drop error,LEAK003` drops the others too.
    """

    code = "LEAK003"
    name = "eval-leak-contained"
    severity = "error"
    needs_eval = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row with the item that it has most of."""
        found = context.leakage.insides.found
        for start in range(0, len(found), AT_ONCE):
            some = found[start : start + AT_ONCE]
            shown = spans([side for one in some for side in _sides(one, context)])
            for one, left, right in zip(some, shown[::2], shown[1::2], strict=True):
                yield Found(
                    one.left,
                    _message(one, context.places(one.right, in_eval=True)),
                    _severity(one),
                    field=one.left_field,
                    score=min(one.coverage, 1.0),
                    related=one.right,
                    related_eval=True,
                    evidence=_evidence(one, [left, right]),
                )

    def notes(self, context: AuditContext) -> list[str]:
        """Method and limits."""
        items = len({one.right for one in context.leakage.insides.found})
        met = [f"{items:,} of {context.raw_eval.height:,} evaluation items"] if items else []
        return [
            "exact: sequences of up to eight words, half of an item at least",
            "searched: prompts and answers; not system texts, results of tools, reasoning and rejected answers",
            *met,
            *context.leakage.insides.limits,
        ]


def _severity(one: Inside) -> Severity:
    if one.is_certain:
        return "error"
    return "note" if one.change is not None else "warning"


def _message(one: Inside, where: str) -> str:
    part = "" if one.coverage > 0.995 else f"{int(one.coverage * 100)}% of "
    item, row = f"the {one.right_field} of {where}", f"its {one.left_field}"
    if one.change is not None:
        return f"variant of {item}: {exchanged(one.change)}"
    more = f", and something of {one.items - 1:,} more" if one.items > 1 else ""
    inner, outer = (item, row) if one.item_inside else (row, item)
    return f"{part}{inner} stands in {outer}{more}"


def _sides(one: Inside, context: AuditContext) -> tuple[Wanted, Wanted]:
    left, right = context.texts.example(one.left), context.eval_texts.example(one.right)
    return (
        Wanted("left", one.left_field, left[one.left_field == "answer"], one.left_words),
        Wanted("right", one.right_field, right[one.right_field == "answer"], one.right_words),
    )


def _evidence(one: Inside, shown: list[dict[str, Any]]) -> dict[str, Any]:
    kind = "variant" if one.change is not None else "answer" if one.right_field == "answer" else "contained"
    return {
        "kind": kind,
        "inside": "evaluation item" if one.item_inside else "row",
        "coverage": round(one.coverage, 4),
        "spans": shown,
        **({} if one.change is None else {"exchanged": {"row": one.change.left, "item": one.change.right}}),
    }


CHECK = EvalLeakContained()
