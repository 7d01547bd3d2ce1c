"""report.html of a run: everything on one page, nothing loaded from elsewhere, no script."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trainer.record import METRICS_NAME, MetricsLine
from trainer.report.curves import Chart, chart
from trainer.show import visible

if TYPE_CHECKING:
    from trainer.record import HeldOut, RunRecord

HERE: Final = Path(__file__).parent
MOODS: Final = {"better": "ok", "worse": "error", "not distinguishable": "note"}
DEGREES: Final = {"none": "ok", "some": "warning", "much": "error"}


def to_html(run: RunRecord, folder: Path) -> str:
    """The report of a run as one HTML text.

    Args:
        run: what goes into run.json.
        folder: of the run; its metrics.jsonl is read.
    """
    env = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"num": lambda value: f"{value:,}", "loss": _loss, "perplexity": perplexity, "signed": _signed}
    env.filters |= {"share": lambda value: f"{value:.0%}", "setting": _setting}
    style = (HERE / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    found = run.assessment
    html = env.get_template("report.html.j2").render(
        run=run,
        found=found,
        lead=_lead(run),
        mood=MOODS[found.verdict] if found else "note",
        prices=_prices(run),
        chart=_chart(run, folder),
        settings=run.config,
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )
    return html if html.endswith("\n") else html + "\n"


def perplexity(nll: float) -> str:
    """exp(nll); a loss so high that its perplexity says nothing more is cut off."""
    return f"{math.exp(nll):.2f}" if nll < 20 else "over 10^8"


def _lead(run: RunRecord) -> str:
    """The headline without its first words, which are the title."""
    words = run.assessment.headline.split(": ", 1)[-1] if run.assessment else ""
    return words[:1].upper() + words[1:]


def _prices(run: RunRecord) -> list[tuple[str, str]]:
    """An icon and a sentence for each price; what was not measured gets none of the three colours."""
    found = run.assessment
    if found is None:
        return []
    parts = (found.forgetting, found.overfitting, found.memorisation)
    return [
        (DEGREES[part.degree] if part is not None else "skipped", text)
        for part, text in zip(parts, found.price, strict=True)
    ]


def _chart(run: RunRecord, folder: Path) -> Chart | None:
    path = folder / METRICS_NAME
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    metrics = [MetricsLine.model_validate_json(line) for line in lines if line.strip()]
    held: HeldOut | None = run.held_out.get("validation")
    validation = [(0, held.base)] if held is not None else []
    validation += [(line.step, line.loss) for line in metrics if line.split == "validation"]
    # Held-out rows are measured by their answers; what is minimised may be more than that (`also` has it).
    train = [(line.step, line.also.get("nll", line.loss)) for line in metrics if line.split == "train"]
    return chart(train, validation, run.training.best_step)


def _finalize(value: Any) -> Any:
    if value is None:
        return ""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return visible(value.replace("\r\n", "\n"))  # a line that ends in two characters ends all the same


def _loss(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "no finite number"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−") if math.isfinite(value) else ""


def _setting(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
