"""LIC003 restricted-licence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dataprep.checks.check import Check
from dataprep.checks.declared import declared_licences
from dataprep.checks.found import Found
from dataprep.text.licences import DEMANDS, Term, identifier, terms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataprep.checks.context import AuditContext

ORDER: Final[tuple[Term, ...]] = (*("non-commercial", "no-derivatives", "use-restrictions", "share-alike", "unknown"),)


class RestrictedLicence(Check):
    """A licence that asks for more than credit.

    Whoever trains on the data should know before the run, not after it.

    Example: a source under CC-BY-NC-4.0: no commercial use.

    What to do: check that the demands fit what you want to do with the model. Not legal advice.
    """

    code = "LIC003"
    name = "restricted-licence"
    severity = "note"
    on_files = True

    def run(self, context: AuditContext) -> Iterable[Found]:
        """Every licence of every file that demands something."""
        for one in declared_licences(context):
            for known in dict.fromkeys(identifier(name) for name in one.names()):
                asked = [term for term in ORDER if term in terms(known)]
                if asked:
                    demands = ", ".join(DEMANDS[term] for term in asked)
                    evidence = {"licence": known, "terms": asked}
                    yield Found(one.position, f"{known} asks for {demands}", field="license", evidence=evidence)


CHECK = RestrictedLicence()
