"""The few lines a run prints at its end."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trainer.compare import LEAST
from trainer.record import LEDGER_NAME, NOT_TRAINED_NAME
from trainer.report.page import perplexity
from trainer.report.write import REPORT_NAME
from trainer.wording import one_line, slice_warnings

if TYPE_CHECKING:
    from trainer.record import HeldOut, RunRecord

_UNITS: Final = {
    "token": "loss in nats per answer token, in brackets perplexity",
    "pair": "preference loss per pair; before training it is log 2, 0.693",
}

_STOPPED: Final = {
    "finished": "",
    "early_stopping": ", stopped early: validation no longer improved",
    "max_minutes": ", stopped at max_minutes",
    "non_finite_loss": ", stopped: the loss was no finite number",
}


def summarize(run: RunRecord) -> str:
    """What was trained, whether it helped, where it is, and what to do next."""
    ledger, training = run.ledger["train"], run.training
    folder = Path(str(run.config["output"]))
    lines = [
        f"Model       {run.model.id}, {run.method}: {run.model.trainable_parameters:,} of "
        f"{run.model.total_parameters:,} weights learn",
        f"Rows        {ledger.rows_used:,} of {ledger.rows_in:,} for training"
        f" ({ledger.tokens_supervised:,} answer tokens){_left_out(run, folder)}",
        *_cut(run, folder),
        f"Training    {training.steps} steps, {training.epochs:.2f} epochs, {training.seconds:.0f} s,"
        f" {training.tokens_per_second:.0f} tokens/s{_STOPPED[training.stop_reason]}",
    ]
    if training.non_finite_rows:
        lines.append(f"            in the batch of rows {one_line(', '.join(training.non_finite_rows))}")
    lines += [_loss_line(split.capitalize(), held) for split, held in run.held_out.items()]
    lines.append(f"            {_UNITS[run.held_out['validation'].unit]}; lower is better")
    if run.model.license_kind != "permissive":
        terms = "; ".join(run.model.license_terms) or "not known"
        lines.append(f"Licence     of {run.model.id}: {one_line(terms)}")
    if not run.data.verified:
        lines.append(f"Caution     the split was not verified: {one_line('; '.join(run.data.problems))}")
    lines += ["", *_verdict(run)]
    lines += [
        f"{run.result.capitalize():<11} {folder / run.result}, from step {training.best_step}",
        f"Report      {folder / REPORT_NAME}",
        f"Next: {_next_command(run, folder)}",
    ]
    return "\n".join(lines)


def _verdict(run: RunRecord) -> list[str]:
    """Better or not, and at what price."""
    found = run.assessment
    if found is None:
        return []
    said = [*found.price, *slice_warnings(found.slices)]
    lines = [f"{found.headline}.", *(f"{'' if place else 'Price':<11} {line}" for place, line in enumerate(said))]
    answers = found.answers
    if answers is not None and answers.metrics:
        measured = ", ".join(f"{one.name} {one.base:.2f} -> {one.tuned:.2f}" for one in answers.metrics)
        lines.append(f"Answers     {measured}; {answers.rows} of {answers.of} {found.judged_on} prompts")
    elif answers is not None and answers.not_measured:
        lines.append(
            f"Answers     {' and '.join(answers.not_measured)} need `pip install 'tuneprep[eval]'`; see the report"
        )
    return [*lines, ""]


def _left_out(run: RunRecord, folder: Path) -> str:
    reasons: dict[str, int] = {}
    for ledger in run.ledger.values():
        for code, count in ledger.left_out.items():
            reasons[code] = reasons.get(code, 0) + count
    if not reasons:
        return ""
    listed = ", ".join(f"{count} {code}" for code, count in reasons.items())
    return f"; left out of all splits: {listed}, see {folder / NOT_TRAINED_NAME}"


def _cut(run: RunRecord, folder: Path) -> list[str]:
    cut = sum(ledger.rows_cut for ledger in run.ledger.values())
    pieces = sum(ledger.pieces - ledger.rows_used for ledger in run.ledger.values())
    said = [f"{cut:,} used in part"] if cut else []
    said += [f"{pieces:,} more conversations by splitting"] if pieces else []
    return [f"            too long: {', '.join(said)}, see {folder / LEDGER_NAME}"] if said else []


def _loss_line(name: str, held: HeldOut) -> str:
    change = f"{name:<11} {held.base:.3f} -> {held.tuned:.3f}  "
    if held.unit == "token":
        perplexed = f"({perplexity(held.base)} -> {perplexity(held.tuned)})"
        return f"{change}{perplexed}, {held.rows:,} rows, {held.items:,} tokens"
    also = "".join(f", {key} {before:.2f} -> {after:.2f}" for key, (before, after) in held.also.items())
    return f"{change}{also.removeprefix(', ')}, {held.rows:,} pairs"


def _next_command(run: RunRecord, folder: Path) -> str:
    """Train differently where that is likely to help, else look at what the adapter says."""
    training, rate = run.training, float(str(run.config["learning_rate"]))
    again = f"trainer run {shlex.quote(str(folder / 'config.yaml'))} -o {shlex.quote(str(folder))}-2"
    held = run.held_out["validation"]
    hopeful = held.rows < LEAST and held.tuned < held.base  # too few rows to be sure of, and all that can be said
    if not (held.verdict == "better" or hopeful) or training.stop_reason == "non_finite_loss":
        return f"{again} learning_rate={rate / 4:g}"
    if training.best_step == training.steps and training.stop_reason == "finished":
        return f"{again} max_steps={training.steps * 2}  (it was still improving at the last step)"
    return f"trainer chat {shlex.quote(str(folder))} --compare"
