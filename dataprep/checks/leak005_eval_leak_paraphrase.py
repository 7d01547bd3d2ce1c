"""LEAK005 eval-leak-paraphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.checks.spans import exchanged, swap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext
    from dataprep.contract import Severity
    from dataprep.similarity import Reworded


class EvalLeakParaphrase(Check):
    """A training row that asks what an evaluation item asks, in other words.

    Reworded copies of test questions lift a score as exact ones do, and comparing strings never finds them. For every
    item the training rows are searched for the one that most likely rewords it, by the words and numbers both have
    and how rare those are. How high a score unrelated questions reach differs from data to data, so the threshold is
    measured: training rows against each other, and items against what comes after their best. It is set so that at
    most 1% of the items that nothing rewords reach it. With fewer than 100 rows nothing can be measured; then a
    threshold holds that is high enough for any data.

    It is an error where the numbers prove it: three and more in common, and four fifths of all. Otherwise it is a
    warning to be read. A question that is alike but for its numbers is called a variant, and is a note: another
    exercise of the same pattern.

    With `--semantic MODEL` the questions are also compared by an embedding model; either search then has half of the
    rate.

    Example: "How much is 3 kg of flour at $2 a kg, if I have a coupon for $4?" in eval, "A kilo of flour costs $2. I
    buy 3 and use a $4 coupon. What do I pay?" in train.

    What to do: nothing by hand where it is an error; `dataprep split --eval FILE` drops the row and lists it. Read the
    warnings from the top; `--drop error,LEAK005` drops them too.
    """

    code = "LEAK005"
    name = "eval-leak-paraphrase"
    severity = "warning"
    needs_eval = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row with the item that it most likely rewords."""
        for one in context.leakage.reworders.found:
            yield Found(
                one.left,
                _message(one, context.places(one.right, in_eval=True)),
                _severity(one),
                field="prompt",
                score=min(max(one.score, 0.0), 1.0) if one.by == "meaning" else None,
                related=one.right,
                related_eval=True,
                evidence=_evidence(one),
            )
        for match, difference in context.leakage.variants:
            where = context.places(match.right, in_eval=True)
            yield Found(
                match.left,
                f"variant of {where}: {int(match.score * 100)}% alike, {exchanged(difference)}",
                "note",
                field="prompt",
                score=match.score,
                related=match.right,
                related_eval=True,
                evidence={
                    "kind": "variant",
                    "compared": "shingles",
                    **swap(difference),
                },
            )

    def notes(self, context: AuditContext) -> list[str]:
        """Thresholds with their rates, and limits."""
        found = context.leakage.reworders
        rates = [f"by {by}: {calibration.in_words()}" for by, calibration in found.calibrations]
        items = len({one.right for one in found.found})
        met = [f"{items:,} of {context.raw_eval.height:,} evaluation items"] if items else []
        return [*rates, *met, *found.limits]


def _severity(one: Reworded) -> Severity:
    if one.is_proved:
        return "error"
    return "note" if one.is_variant else "warning"


def _message(one: Reworded, where: str) -> str:
    common = f"{one.shared_numbers} of {one.numbers} numbers in common"
    if one.is_proved:
        return f"paraphrase of {where}: {common}"
    if one.is_variant:
        return f"variant of {where}: {common if one.change is None else exchanged(one.change)}"
    measured = one.calibration
    rate = f"reached by at most {measured.rate * 100:g}% of unrelated items" if measured.is_measured else "a default"
    return f"may be a paraphrase of {where}: score {one.score:.2f}; {measured.threshold:.2f} is {rate}"


def _evidence(one: Reworded) -> dict[str, Any]:
    measured = one.calibration
    return {
        "kind": "variant" if one.is_variant else "paraphrase",
        "compared": one.by,
        "score": round(one.score, 4),
        "threshold": round(measured.threshold, 4),
        "false_positive_rate": measured.rate if measured.is_measured else None,
        "numbers_in_common": [one.shared_numbers, one.numbers],
        **({} if one.change is None else swap(one.change)),
    }


CHECK = EvalLeakParaphrase()
