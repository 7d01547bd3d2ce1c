"""How this report came about: version, settings in force, fingerprints of the files, limits of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from dataprep.report.views import Section

if TYPE_CHECKING:
    from dataprep.report.views import Page


def view(page: Page) -> dict[str, Any]:
    """The variables of about.html.j2."""
    settings = [(key, _written(value)) for key, value in sorted(page.report.config.items())]
    return {"settings": settings, "files": (*page.report.inputs, *page.report.eval_inputs)}


def _written(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


SECTION = Section(name="about", title="About this report", order=90, view=view)
