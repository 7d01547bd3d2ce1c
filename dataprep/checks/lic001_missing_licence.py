"""LIC001 missing-licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataprep.checks.check import Check
from dataprep.checks.declared import declared_licences
from dataprep.checks.found import Found
from dataprep.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext


class MissingLicence(Check):
    """A file for which nobody said under which licence its data may be used.

    Without one nobody downstream can tell whether the model may be sold, or published at all. Nothing is guessed:
    a licence counts when it is declared with --license or in the configuration, or when the rows name their own in a
    `license` field.

    Example: `dataprep audit train.jsonl` - and no word on where it came from.

    What to do: `--license CC-BY-4.0`, or `--license train.jsonl=MIT --license forum.jsonl=CC-BY-SA-4.0`; it goes into
    the manifest and the dataset card. This is a reminder, not legal advice.
    """

    code = "LIC001"
    name = "missing-licence"
    severity = "note"
    on_files = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every file with rows whose licence is not known."""
        for one in declared_licences(context):
            if one.whole is None and one.bare:
                words = "no licence is declared for it (--license)"
                if one.of_rows:
                    words = f"no licence in {counted(one.bare, 'row')}, and none is declared for the file (--license)"
                yield Found(one.position, words, field="license")


CHECK = MissingLicence()
