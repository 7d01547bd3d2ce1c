"""`trainer export` and `trainer chat`: handing a trained model on, and trying it out."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainer.arguments import example
from trainer.quiet import quiet_libraries

if TYPE_CHECKING:
    from trainer.export import DType, GgufType
    from trainer.record import ExportRecord, Parity
    from trainer.talk import Pair, Partner


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder to write.")
@click.option(
    "--dtype",
    type=click.Choice(["auto", "fp32", "bf16", "fp16"]),
    default="auto",
    help="Type of the weights.  [default: as in the base model's files]",
)
@click.option("--gguf", type=click.Choice(["f32", "f16", "bf16", "q8_0"]), help="Also write a GGUF file of this type.")
@click.option(
    "--llama-cpp", type=click.Path(path_type=Path), metavar="DIR", help="Where llama.cpp or its converter is."
)
@click.option("--base", metavar="M", help="Where the base model is now, if it was moved.")
@example("trainer export run -o model")
def export(
    run: Path, *, output: Path, dtype: DType, gguf: GgufType | None, llama_cpp: Path | None, base: str | None
) -> None:
    """Write what RUN learned as a model that other programs load.

    The files are loaded again and compared with the trained model; nothing is left where they say something else.
    """
    quiet_libraries()
    from trainer.export import Wanted  # noqa: PLC0415 - torch takes seconds
    from trainer.export import export as export_run  # noqa: PLC0415
    from trainer.progress import Screen  # noqa: PLC0415

    record = export_run(run, output, Wanted(dtype, gguf, llama_cpp, base), Screen().tell)
    click.echo(describe(record, output))


def describe(record: ExportRecord, output: Path) -> str:
    """What was written and how well it agrees."""
    lines = [f"Model       {output}, {record.dtype}" if record.merged else f"Adapter     {output}"]
    compared = [parity for parity in (record.parity, record.gguf) if parity is not None and parity.positions]
    lines += map(_agreement, compared)
    if "Modelfile" in record.files:
        lines.append(f"Ollama      {output / 'Modelfile'}")
    lines += [f"Note        {note}" for note in record.notes]
    if record.base_license:
        lines.append(f"Licence     {record.base_license}, that of {record.base}")
    if "Modelfile" in record.files:
        lines += ["", f"Next: ollama create NAME -f {shlex.quote(str(output / 'Modelfile'))}"]
    return "\n".join(lines)


def _agreement(parity: Parity) -> str:
    what = f"{parity.file}: as" if parity.file else "As"
    return (
        f"Checked     {what} the trained model: logits off by {parity.mean_difference:.2g} on average, same likeliest "
        f"token at {parity.same_likeliest_token:.1%} of {parity.positions} positions"
    )


@click.command()
@click.argument("run", metavar="RUN")
@click.option("--prompt", metavar="TEXT", help="Ask this, print the answer, and stop.")
@click.option("--compare", is_flag=True, help="Answer as before training too.")
@click.option("--system", metavar="TEXT", default="", help="What the system says first.")
@click.option("--tokens", type=click.IntRange(min=1), default=300, show_default=True, help="Most tokens of an answer.")
@click.option("--temperature", type=click.FloatRange(min=0), default=0.0, show_default=True, help="0: no chance.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of what chance there is.")
@click.option("--base", metavar="M", help="Where the base model is now, if it was moved.")
@example('trainer chat run --prompt "Where is my parcel?" --compare')
def chat(
    run: str,
    *,
    prompt: str | None,
    compare: bool,
    system: str,
    tokens: int,
    temperature: float,
    seed: int,
    base: str | None,
) -> None:
    """Talk to what RUN learned, or to any model.

    An empty line ends the conversation, /new begins another.
    """
    quiet_libraries()
    from trainer.progress import Screen  # noqa: PLC0415
    from trainer.talk import Style, compare_with_base, open_partner  # noqa: PLC0415 - torch takes seconds

    tell = Screen().tell
    partner = open_partner(run, Style(tokens, temperature, seed), tell, system=system, base=base)
    pair = compare_with_base(partner, run, tell, base=base) if compare else None
    if prompt is not None:
        _say(partner, pair, prompt)
        return
    _converse(partner, pair, bool(system))


def _converse(partner: Partner, pair: Pair | None, has_system: bool) -> None:
    both = [partner] if pair is None else [partner, pair.base]
    while True:
        try:
            text = click.prompt("You", default="", show_default=False, prompt_suffix=": ").strip()
        except (EOFError, click.Abort):
            break
        if not text:
            break
        if text == "/new":
            for one in both:
                del one.messages[int(has_system) :]
            continue
        _say(partner, pair, text)


def _say(partner: Partner, pair: Pair | None, text: str) -> None:
    if pair is None:
        partner.answer(text, lambda piece: click.echo(piece, nl=False))
        click.echo()
        return
    before, now = pair.answers(text)
    if not sys.stdout.isatty():
        click.echo(f"before training: {before}\nnow: {now}")
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table("before training", "now", expand=True)
    table.add_row(Text(before), Text(now))
    Console().print(table)
