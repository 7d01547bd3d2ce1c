"""The model card of what a run learned: a README.md beside the weights, with front matter that hubs read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml

from trainer.method import get_method
from trainer.report.page import perplexity
from trainer.wording import one_line

if TYPE_CHECKING:
    from dataprep.contract import SplitManifest
    from trainer.record import RunRecord

LIBRARY: Final = {"full": "transformers", "lora": "peft", "qlora": "peft"}
"""What loads the weights, by the method that decided what learns; others' only our own `load_run` does."""


def to_card(run: RunRecord, manifest: SplitManifest | None) -> str:
    """The card as Markdown.

    Args:
        run: what goes into run.json.
        manifest: of the split, where there is one.
    """
    front = {
        "base_model": run.model.id,
        "license": run.model.license or "unknown",
        "library_name": _library(run),
        "pipeline_tag": "text-generation",
        "tags": ["tuneprep", run.method],
    }
    parts = [
        f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---",
        f"# {_plain(run.model.id)}, tuned by {run.method}",
        _verdict(run),
        "## Held-out loss\n\n" + _held_out(run),
        *_answers(run),
        *_slices(run),
        "## Data\n\n" + _data(run, manifest),
        "## Training\n\n" + _training(run),
        "## Licence\n\n" + _licence(run),
        "## Use\n\n"
        '```python\nfrom trainer.load import load_run\n\nmodel, tokenizer = load_run("RUN")\n```\n\n'
        "Made with tuneprep; run.json beside this folder has every number and setting.",
    ]
    return "\n\n".join(parts) + "\n"


def _library(run: RunRecord) -> str:
    setting = get_method(run.method).learner_setting
    return LIBRARY.get(str(run.config[setting]) if setting else run.method, "tuneprep")


def _verdict(run: RunRecord) -> str:
    found = run.assessment
    if found is None:
        return "The result was not judged."
    return "\n".join([f"{_plain(found.headline)}.", "", *(f"- {_plain(line)}." for line in found.price)])


def _held_out(run: RunRecord) -> str:
    lines = ["| split | rows | base | tuned | perplexity | 95% interval of the change |", "|---|---|---|---|---|---|"]
    for split, held in run.held_out.items():
        change = f"{perplexity(held.base)} -> {perplexity(held.tuned)}" if held.unit == "token" else ""
        lines.append(
            f"| {split} | {held.rows:,} | {held.base:.3f} | {held.tuned:.3f} | {change} | "
            f"{held.difference_low:+.3f} to {held.difference_high:+.3f} |"
        )
    unit = "preference pair" if run.held_out["validation"].unit == "pair" else "answer token, in nats"
    return "\n".join([*lines, "", f"Mean loss per {unit}; lower is better."])


def _answers(run: RunRecord) -> list[str]:
    answers = run.assessment.answers if run.assessment else None
    if answers is None or not answers.metrics:
        return []
    lines = ["| metric | base | tuned | 95% interval of the change |", "|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.base:.2f} | {one.tuned:.2f} | {one.change.low:+.2f} to {one.change.high:+.2f} |"
        for one in answers.metrics
    ]
    said = f"On {answers.rows} of {answers.of:,} held-out prompts, the likeliest token each time."
    return ["## Answers\n\n" + "\n".join([*lines, "", said])]


def _slices(run: RunRecord) -> list[str]:
    worse = [one for one in (run.assessment.slices if run.assessment else []) if one.verdict == "worse"]
    if not worse:
        return []
    lines = [
        f"- {_plain(one.by)} {_plain(one.value)} ({one.rows} rows): {one.base:.3f} -> {one.tuned:.3f}" for one in worse
    ]
    return ["## Worse than the base model on\n\n" + "\n".join(lines)]


def _data(run: RunRecord, manifest: SplitManifest | None) -> str:
    train = run.ledger["train"]
    lines = [f"- {train.rows_used:,} rows trained on, {train.tokens_supervised:,} answer tokens with loss"]
    if run.data.verified and run.data.manifest_sha256:
        lines.append(f"- split certified by dataprep, manifest `{run.data.manifest_sha256}`")
    else:
        lines.append(f"- split not verified: {_plain('; '.join(run.data.problems))}")
    lines += [
        f"- from {_plain(file.path)}, licence: {_plain(file.license or 'not declared')}"
        for file in (manifest.inputs if manifest else [])
    ]
    return "\n".join(lines)


def _training(run: RunRecord) -> str:
    shown = ("learning_rate", "schedule", "warmup", "batch_size", "gradient_accumulation", "max_length", "packing")
    settings = ", ".join(f"{name} {run.config[name]}" for name in shown if name in run.config)
    return (
        f"{run.method}, {run.training.steps:,} steps ({run.training.epochs:.2f} epochs), weights of step "
        f"{run.training.best_step:,} kept; {run.model.trainable_parameters:,} of {run.model.total_parameters:,} "
        f"weights learn. {settings}; {run.precision} on {_plain(run.device)}; seed {run.seed}."
    )


def _licence(run: RunRecord) -> str:
    terms = "; ".join(run.model.license_terms) or "not known"
    base, stated = _plain(run.model.id), _plain(run.model.license or "not stated")
    said = f"The tuned weights carry the licence of {base} ({stated}): {_plain(terms)}."
    if run.teacher is not None:
        said += (
            f" They were taught by {_plain(run.teacher.id)} ({_plain(run.teacher.license or 'licence not stated')})."
        )
    return said + " A reminder, not legal advice."


def _plain(text: str) -> str:
    """Text that Markdown shows and does not obey."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#" else character for character in one_line(text))
