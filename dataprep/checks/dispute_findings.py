"""Findings about answers that exclude each other: who says what, how often, and the proof."""

from __future__ import annotations

from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING, Final

from dataprep.checks.found import Found
from dataprep.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dataprep.checks.context import AuditContext
    from dataprep.checks.disputes import Asked, Position, Said
    from dataprep.text.evidence.conflict import Compare, Conflict

CLAIMS_COUNTED: Final = 100
"""Claims, the most frequent first, whose counts stand in the evidence of every finding, beside its own."""

CLAIMS_SHOWN: Final = 5
PLACES_SHOWN: Final = 20


def reported(context: AuditContext, asked: Asked, found: Sequence[Position], compare: Compare) -> Iterable[Found]:
    """A finding for every row whose answer another row excludes.

    Args:
        context: the rows under audit.
        asked: the question.
        found: what `positions` found about it.
        compare: the same as there, for the words of the very answer that is reported.
    """
    answers, row_ids = asked.answers, context.raw_rows["row_id"]
    counts = {position.claim: sum(len(answers[number].rows) for number in position.answers) for position in found}
    counts = dict(sorted(counts.items(), key=lambda item: -item[1]))
    shared: dict[str, object] = {
        "group": min(row_ids[answers[number].rows[0]] for position in found for number in position.answers),
        "distinct_answers": len(answers),
    }
    most = dict(islice(counts.items(), CLAIMS_COUNTED))
    tally = _tally(counts) if sum(counts.values()) > 2 else ""
    for position in found:
        claims = most if position.claim in most else most | {position.claim: counts[position.claim]}
        seen: dict[int, tuple[int, list[str]]] = {}
        for number, excluded in position.answers.items():
            if id(excluded) not in seen:  # answers that come to the same exclude the same
                places = [context.places(answers[one].rows[0]) for one in nsmallest(PLACES_SHOWN, excluded)]
                seen[id(excluded)] = _strongest(excluded, answers), places
            said, (other, places) = answers[number], seen[id(excluded)]
            against = answers[other]
            own, severity = _seen_from(said, against, compare), excluded[other].severity
            own = excluded[other] if own is None or own.severity != severity else own
            evidence = shared | {"claims": claims, "claim": position.claim}
            evidence |= {"kind": own.kind, "spans": _spans(own), "against": places}
            review = "review: " if own.severity == "note" else ""
            words = f"{review}{asked.words}, {own.describe()} ({context.places(against.rows[0])}){tally}"
            for row in said.rows:
                yield Found(
                    row,
                    words,
                    severity=own.severity,
                    score=own.probability,
                    related=against.rows[0],
                    evidence=evidence,
                )


def _seen_from(said: Said, against: Said, compare: Compare) -> Conflict | None:
    try:
        return compare(said.answer, against.answer, said.prompt)
    except UserError:
        raise
    except Exception:  # noqa: BLE001 - that they exclude each other is known; only the words for it are not
        return None


def _strongest(excluded: Mapping[int, Conflict], answers: Sequence[Said]) -> int:
    """The answer that one most clearly excludes, the most frequent of those."""
    return min(excluded, key=lambda other: (excluded[other].severity != "error", -len(answers[other].rows), other))


def _spans(proof: Conflict) -> list[dict[str, object]]:
    return [
        {"side": side, "text": text, "start": start, "end": end}
        for side, text, (start, end) in (
            ("left", proof.left, proof.left_span),
            ("right", proof.right, proof.right_span),
        )
    ]


def _tally(counts: Mapping[str, int]) -> str:
    """`; 5 rows answer it: 14 days x3, 30 days x2`."""
    shown = [f"{claim} x{count}" for claim, count in list(counts.items())[:CLAIMS_SHOWN]]
    more = f" and {len(counts) - CLAIMS_SHOWN} more" if len(counts) > CLAIMS_SHOWN else ""
    return f"; {sum(counts.values())} rows answer it: {', '.join(shown)}{more}"
