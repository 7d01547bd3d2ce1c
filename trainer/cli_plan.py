"""`trainer plan`: what a run will take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from trainer.arguments import example, settings
from trainer.hardware import GPUS, find_gpu
from trainer.quiet import quiet_libraries

if TYPE_CHECKING:
    from trainer.record import PlanRecord


CENT: Final = 0.01


@click.command()
@click.argument("arguments", nargs=-1, metavar="[CONFIG.yaml] [key=value ...]")
@click.option("--data", metavar="SPLITS", help="Folder written by `dataprep split`.")
@click.option("--model", metavar="M", help="Alias, hub name, folder or GGUF file.  [default: smollm2-135m-instruct]")
@click.option("--method", metavar="NAME", help="How to train.  [default: lora]")
@click.option("--gpu", metavar="NAME", help=f"Plan for this GPU: {', '.join(GPUS)}.  [default: this machine]")
@click.option(
    "--gpus",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="So many of them, one process each.  [default: 1]",
)
@click.option("--price", type=click.FloatRange(min=0), metavar="P", help="Of an hour on one, in any currency.")
@click.option("--measure", is_flag=True, help="Load the model and time a few steps on this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@example("trainer plan --data splits --gpu l4 --price 0.80")
def plan(
    arguments: tuple[str, ...],
    *,
    gpu: str | None,
    gpus: int,
    price: float | None,
    measure: bool,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Say what a run will take: weights, memory, steps, time, cost. No weights are loaded for it."""
    config = settings(arguments, flags)
    hardware = find_gpu(gpu) if gpu else None
    if measure and (hardware is not None or gpus > 1):
        raise click.UsageError("--measure times one process on this machine; leave out --gpu and --gpus.")
    quiet_libraries()
    from trainer.plan import plan as make_plan  # noqa: PLC0415 - torch takes seconds
    from trainer.progress import Screen  # noqa: PLC0415
    from trainer.rehearse import time_steps  # noqa: PLC0415

    screen = Screen()
    timed = (lambda config: time_steps(config, screen)) if measure else None
    found = make_plan(config, gpu=hardware, gpus=gpus, price=price, measure=timed, tell=screen.tell)
    click.echo(found.model_dump_json(indent=2) if as_json else describe(found))


def describe(plan: PlanRecord) -> str:
    """The plan in words."""
    fits = "fits" if plan.fits else "does not fit"
    slow, fast = plan.tokens_per_second
    lines = [
        f"Model       {plan.model}, {plan.method}: {plan.trainable_parameters:,} of {plan.total_parameters:,} weights "
        "learn",
        f"On          {f'{plan.gpus} x ' if plan.gpus > 1 else ''}{plan.hardware}, {plan.precision}",
        f"Training    {plan.rows:,} rows, {plan.steps:,} steps, {plan.epochs:.2f} epochs, {plan.tokens:,} tokens of "
        f"which {plan.supervised_tokens:,} carry loss",
        f"Memory      {_size(plan.memory_total)} of {_size(plan.memory_available)}"
        f"{' on each' if plan.gpus > 1 else ''}: {fits}",
        *(f"            {_size(size):>9}  {part}" for part, size in plan.memory.items() if size),
    ]
    if plan.memory_measured:
        lines.append(f"            {_size(plan.memory_measured):>9}  measured at most, in a few steps")
    lines += [
        f"Time        {_span(*plan.seconds)} with evaluations, {slow:,.0f} to {fast:,.0f} tokens/s",
        f"            from {plan.basis}",
    ]
    if plan.cost is not None:
        low, high = plan.cost
        lines.append(f"Cost        {low:.2f} to {high:.2f}" if high >= CENT else "Cost        under 0.01")
    lines.append("Methods     memory with these rows")
    for one in plan.alternatives:
        how = "".join(f", {name}=true" for name in one.switches)
        lines.append(f"            {_size(one.memory):>9}  {one.method}{how}{'' if one.fits else ': does not fit'}")
    return "\n".join([*lines, f"Recommended {plan.recommended}"])


def _size(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _span(least: float, most: float) -> str:
    low, high = _duration(least), _duration(most)
    return low if low == high else f"{low} to {high}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
