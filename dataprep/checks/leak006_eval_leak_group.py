"""LEAK006 eval-leak-group."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from dataprep.checks.check import Check
from dataprep.checks.found import Found
from dataprep.fields import KEY_NAMES, LARGEST_SHARE, is_key, key_text, own_fields, plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dataprep.checks.context import AuditContext
    from dataprep.contract import Severity

PEOPLE: Final = frozenset("userid customerid patientid authorid speakerid groupid group".split())
"""Keys of whoever wrote or asked: what they say varies, so it is a warning only."""


class EvalLeakGroup(Check):
    """A training row comes from the same conversation, document, page or user as an evaluation row.

    The rows need not look alike: the next turn of a conversation or another question on the same article gives away
    what the evaluation asks. Rows are matched by fields that are called like ids of conversations, documents, users
    or pages on both sides (conversation_id, doc_id, url ...); a value that a tenth of the rows share says nothing.

    Example: line 7 and eval.jsonl line 3 both have conversation_id "c-81".

    What to do: nothing by hand; `dataprep split --eval FILE` drops the training rows of such conversations and
    documents. Rows of the same user are a warning, dropped with --drop error,LEAK006.
    """

    code = "LEAK006"
    name = "eval-leak-group"
    severity = "error"
    needs_eval = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every row that shares a key with an evaluation row, with the first of those."""
        own, held_out = own_fields(context.raw_rows), own_fields(context.raw_eval)
        seen: set[int] = set()
        for key in sorted(_keys(own) & _keys(held_out), key=lambda name: (name in PEOPLE, name)):
            severity: Severity = "warning" if key in PEOPLE else "error"
            for mine, theirs in context.sides:
                first = _first(held_out, theirs.tolist(), key)
                common = _too_common(own, mine.tolist(), key)
                for position in mine.tolist():
                    name, value = _value(own[position], key)
                    if value is not None and value in first and value not in common and position not in seen:
                        seen.add(position)
                        where = context.places(first[value], in_eval=True)
                        message = f"same {name} as {where}: {value[:60]}"
                        yield Found(position, message, severity, field=name, related=first[value], related_eval=True)

    def notes(self, context: AuditContext) -> list[str]:
        """Which fields were compared."""
        shared = _keys(own_fields(context.raw_rows)) & _keys(own_fields(context.raw_eval))
        return [f"exact: {', '.join(sorted(shared))}"] if shared else ["no field that identifies groups on both sides"]


def _keys(fields: Sequence[dict[str, Any]]) -> set[str]:
    return {plain for own in fields for name in own if (plain := plain_name(name)) in KEY_NAMES}


def _value(own: dict[str, Any], key: str) -> tuple[str, str | None]:
    """The field of a row with this plain name, and its value as text; None where it identifies nothing."""
    for name, value in own.items():
        if plain_name(name) == key and is_key(value):
            return name, key_text(value)
    return key, None


def _first(fields: Sequence[dict[str, Any]], positions: Sequence[int], key: str) -> dict[str, int]:
    first: dict[str, int] = {}
    for position in positions:
        value = _value(fields[position], key)[1]
        if value is not None:
            first.setdefault(value, position)
    return first


def _too_common(fields: Sequence[dict[str, Any]], positions: Sequence[int], key: str) -> set[str]:
    def values() -> Iterator[str]:
        for position in positions:
            value = _value(fields[position], key)[1]
            if value is not None:
                yield value

    most = max(2, LARGEST_SHARE * len(positions))
    return {value for value, count in Counter(values()).items() if count > most}


CHECK = EvalLeakGroup()
