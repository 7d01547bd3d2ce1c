"""The command `trainer eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dataprep.errors import InputError

if TYPE_CHECKING:
    from dataprep.contract import SplitName
    from trainer.monitor import EvalRecord

EXIT_WORSE: Final = 1


@click.command("eval")
@click.argument("run", metavar="RUN")
@click.option("--data", required=True, metavar="NEW", help="JSON Lines of conversations, or a split folder.")
@click.option(
    "--split",
    type=click.Choice(["train", "validation", "test"]),
    help="Of a split folder.  [default: test, or validation where there is none]",
)
@click.option("-o", "--output", metavar="FILE", help="Write what was found as JSON.")
@click.option("--answers", type=click.IntRange(min=0), help="Prompts to answer.  [default: as in the run]")
@click.option("--base", metavar="M", help="Where the base model is now, if it was moved.")
@click.option("--fail-if-worse", is_flag=True, help="Exit with 1 where the model is worse than then.")
def command(
    run: str,
    *,
    data: str,
    split: SplitName | None,
    output: str | None,
    answers: int | None,
    base: str | None,
    fail_if_worse: bool,
) -> None:
    r"""Evaluate a trained model on new rows, and compare with what the run found: has the world moved on?

    \b
    Example:
      trainer eval run --data new.jsonl -o eval.json
    """
    if output:
        _check_place(Path(output))
    from trainer.monitor import evaluate_run  # noqa: PLC0415 - help must be instant
    from trainer.progress import Screen  # noqa: PLC0415
    from trainer.quiet import quiet_libraries  # noqa: PLC0415

    quiet_libraries()
    found = evaluate_run(Path(run), Path(data), Screen(), split=split, answers=answers, base=base)
    if output:
        from trainer.record import write_json  # noqa: PLC0415

        write_json(Path(output), found)
    click.echo(describe(found))
    if fail_if_worse and found.verdict == "worse than then":
        sys.exit(EXIT_WORSE)


def _check_place(output: Path) -> None:
    """Refuse a file that could not be written, or is of others, before the work for it is done.

    Raises:
        InputError: its folder does not exist, it is a folder itself, or anything but the result of an evaluation.
    """
    if output.is_dir():
        raise InputError(f"{output}: is a folder, not a file", "Name a file with -o")
    if not output.parent.is_dir():
        raise InputError(f"{output.parent}: no such folder", "Make it, or name a file elsewhere with -o")
    if output.exists() and not _is_result(output):
        raise InputError(f"{output}: exists, and was not written by `trainer eval`", "Name another file with -o")


def _is_result(path: Path) -> bool:
    from trainer.monitor import EvalRecord  # noqa: PLC0415 - help must be instant

    try:
        return path.is_file() and bool(EvalRecord.model_validate_json(path.read_bytes()))
    except ValueError:  # pydantic's
        return False


def describe(found: EvalRecord) -> str:
    """What was found, for people."""
    left = ", ".join(f"{count:,} {code}" for code, count in found.left_out.items())
    lines = [
        f"Rows        {found.rows_used:,} of {found.rows_in:,} ({found.items:,} answer tokens)"
        + (f"; left out: {left}" if left else ""),
        f"Loss        {found.loss:.3f} now, {found.loss_then:.3f} on the {found.rows_then:,} {found.split_then} rows "
        "of the run",
    ]
    for one in found.metrics:
        before = f", {one.then:.2f} then" if one.then is not None else ""
        lines.append(f"Answers     {one.name} {one.now:.2f} now{before} ({one.rows} prompts)")
    lines += [f"            {name} not measured: {why}" for name, why in found.not_measured.items()]
    words = {
        "better than then": "Better than then: the new rows are easier for the model than the held-out ones were",
        "worse than then": "Worse than then: the new rows are not like those it was trained for; train on new ones",
        "as then": "As then: no change that chance cannot explain",
    }[found.verdict]
    return "\n".join(
        [*lines, "", f"{words} (95% interval of the difference {found.change.low:+.3f} to {found.change.high:+.3f})."]
    )
