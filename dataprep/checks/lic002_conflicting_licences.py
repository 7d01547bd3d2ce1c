"""LIC002 conflicting-licences."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from dataprep.checks.check import Check
from dataprep.checks.declared import declared_licences
from dataprep.checks.found import Found
from dataprep.text.licences import conflict, identifier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext
    from dataprep.checks.declared import Declared

MOST: Final = 50
"""Different licences that are compared with each other."""


class ConflictingLicences(Check):
    """Sources whose licences do not go together, or rows that contradict what was declared for their file.

    Training data is a mixture, and the mixture carries all licences at once: one non-commercial source makes the
    whole non-commercial, and two share-alike licences each want the whole under themselves.

    Example: forum.jsonl under CC-BY-SA-4.0 beside essays.jsonl under CC-BY-NC-4.0.

    What to do: leave one of the sources out, or ask whoever decides such things in your house. The rules here are
    rules of thumb, not legal advice.
    """

    code = "LIC002"
    name = "conflicting-licences"
    severity = "warning"
    on_files = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Contradictions inside files, then between the licences of all of them."""
        files = declared_licences(context)
        for one in files:
            yield from _inside(one)
        holders: dict[str, Declared] = {}
        for one in files:
            for name in one.names():
                holders.setdefault(identifier(name), one)
        for left, right in combinations(list(holders)[:MOST], 2):
            why = conflict(left, right)
            if why is not None:
                where = "" if holders[left] is holders[right] else f" of {holders[left].path}"
                message = f"{right} beside {left}{where}: {why}"
                evidence = {"licences": [left, right], "files": [holders[left].path, holders[right].path]}
                yield Found(holders[right].position, message, field="license", evidence=evidence)


def _inside(one: Declared) -> Iterable[Found]:
    if one.whole is None:
        return
    for name, (count, first) in list(one.of_rows.items())[:MOST]:
        if identifier(name) != identifier(one.whole):
            rows = f"{count:,} rows from line {first} on say" if count > 1 else f"line {first} says"
            message = f"{rows} {name!r}, declared for the file is {one.whole!r}"
            evidence = {"rows": count, "first_line": first, "licences": [one.whole, name]}
            yield Found(one.position, message, field="license", evidence=evidence)


CHECK = ConflictingLicences()
