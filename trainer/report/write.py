"""Write report.html and the model card into a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from dataprep.contract import SplitManifest
from dataprep.errors import SplitError
from trainer.record import write_text
from trainer.report.card import to_card
from trainer.report.page import to_html

if TYPE_CHECKING:
    from trainer.record import RunRecord

REPORT_NAME: Final = "report.html"
CARD_NAME: Final = "README.md"


def write_report(run: RunRecord, folder: Path) -> None:
    """Write report.html, and README.md beside the weights.

    Args:
        run: what goes into run.json.
        folder: of the run.
    """
    try:
        manifest = SplitManifest.load(Path(run.data.folder))
    except SplitError:  # trained on a split without one, on explicit request
        manifest = None
    write_text(folder / REPORT_NAME, to_html(run, folder))
    write_text(folder / run.result / CARD_NAME, to_card(run, manifest))
