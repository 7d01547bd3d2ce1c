"""The command `trainer`: parse, call the library, print, return an exit code."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dataprep import __version__
from dataprep.errors import UserError
from trainer.arguments import example, settings
from trainer.cli_export import chat, export
from trainer.cli_plan import plan
from trainer.eval_command import command as eval_command
from trainer.places import answer_files, check_new
from trainer.quiet import quiet_libraries

if TYPE_CHECKING:
    from dataprep.contract import SplitName

EXIT_FAILED: Final = 2


def main() -> None:
    """Run the command; problems become one or two sentences and exit code 2."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as err:
        sys.exit(err.exit_code)
    except (click.Abort, KeyboardInterrupt) as err:
        # click turns Ctrl-C into Abort; what was kept is said by the exception it came from.
        cause = err.__cause__ or err
        click.echo(str(cause) or "Interrupted.", err=True)
        sys.exit(128 + getattr(cause, "signal", signal.SIGINT))
    except Exception as err:
        if os.environ.get("TUNEPREP_TRACEBACK"):
            raise
        click.echo(f"Error: {_explain(err)}", err=True)
        sys.exit(EXIT_FAILED)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trainer")
@example("dataprep split sample_data/train.jsonl -o splits && trainer run --data splits -o run max_steps=40")
def cli() -> None:
    """Train on a certified split, and record what was done."""


@cli.command()
@click.argument("arguments", nargs=-1, metavar="[CONFIG.yaml] [key=value ...]")
@click.option("--data", metavar="SPLITS", help="Folder written by `dataprep split`.")
@click.option("--model", metavar="M", help="Alias, hub name, folder or GGUF file.  [default: smollm2-135m-instruct]")
@click.option("--method", metavar="NAME", help="How to train.  [default: lora]")
@click.option("-o", "--output", metavar="RUN", help="Run folder to write.  [default: run]")
@click.option(
    "--overwrite", is_flag=True, help="Replace an earlier run in that folder; one broken off goes on all the same."
)
@click.option("--show-config", is_flag=True, help="Print the settings in force and stop.")
@click.option("--dry-run", is_flag=True, help="Build everything, train nothing, write nothing.")
@example("trainer run --data splits -o run max_steps=40")
def run(arguments: tuple[str, ...], *, overwrite: bool, show_config: bool, dry_run: bool, **flags: str | None) -> None:
    """Train a model on a split folder and write a run folder.

    Any setting can be given as key=value, which wins over the file; --show-config lists them all.
    """
    config = settings(arguments, flags)
    if show_config:
        click.echo(config.to_yaml(), nl=False)
        return
    if dry_run:
        quiet_libraries()
        from trainer.progress import Screen  # noqa: PLC0415
        from trainer.rehearse import rehearse  # noqa: PLC0415 - torch takes seconds

        click.echo(rehearse(config, Screen()).describe())
        return
    from trainer.parallel import is_main  # noqa: PLC0415
    from trainer.run import train  # noqa: PLC0415
    from trainer.summary import summarize  # noqa: PLC0415

    record = train(config, overwrite=overwrite)
    if is_main():
        click.echo(summarize(record))


@cli.command()
@click.argument("arguments", nargs=-1, metavar="[CONFIG.yaml] [key=value ...]")
@click.option("--data", metavar="SPLITS", help="Folder written by `dataprep split`.")
@click.option("--model", metavar="M", help="Whose tokenizer and template.  [default: smollm2-135m-instruct]")
@click.option("--method", metavar="NAME", help="What the rows are for.  [default: lora]")
@click.option("--split", type=click.Choice(["train", "validation", "test"]), default="train", show_default=True)
@click.option("--rows", type=click.IntRange(min=0), default=3, show_default=True, help="Show the first so many rows.")
@click.option("--row", "row_id", metavar="ROW_ID", help="Show this row; the beginning of its id is enough.")
@click.option("--width", type=click.IntRange(min=20), help="Columns to fill.  [default: the terminal's]")
@example("trainer inspect --data splits --rows 2")
def inspect(
    arguments: tuple[str, ...], *, split: SplitName, rows: int, row_id: str | None, width: int | None, **flags: str
) -> None:
    """Show rows as the model will see them: every token, and which of them carry loss."""
    config = settings(arguments, flags)
    from rich.console import Console  # noqa: PLC0415

    from trainer.progress import Screen  # noqa: PLC0415
    from trainer.show import Selection, inspect_rows  # noqa: PLC0415

    console = Console(width=width, highlight=False, markup=False, emoji=False)
    chosen = Selection(split, rows, row_id, wrap=console.is_terminal or width is not None)
    inspect_rows(config, chosen, console, Screen().tell)


@cli.command()
@click.argument("arguments", nargs=-1, metavar="[CONFIG.yaml] [key=value ...]")
@click.option("--data", metavar="SPLITS", help="Folder written by `dataprep split`.")
@click.option("--model", metavar="M", help="The teacher; a run folder too.  [default: smollm2-135m-instruct]")
@click.option("-o", "--output", metavar="FILE", default="answers.jsonl", show_default=True, help="File to write.")
@click.option("--split", type=click.Choice(["train", "validation", "test"]), default="train", show_default=True)
@click.option("--rows", type=click.IntRange(min=0), default=0, help="Only the first so many prompts.")
@click.option("--tokens", type=click.IntRange(min=1), default=512, show_default=True, help="Most tokens of an answer.")
@click.option("--temperature", type=click.FloatRange(min=0), default=0.0, show_default=True, help="0: no chance.")
@click.option("--base", metavar="M", help="Where the base model of a run is now, if it was moved.")
@example("trainer generate --data splits --rows 4 -o answers.jsonl && dataprep audit answers.jsonl --fail-on never")
def generate(
    arguments: tuple[str, ...],
    *,
    output: str,
    split: SplitName,
    rows: int,
    tokens: int,
    temperature: float,
    base: str | None,
    **flags: str,
) -> None:
    """Let a teacher answer the prompts of a split; the answers are data for `dataprep audit` and `split`."""
    config = settings(arguments, flags)
    check_new(*answer_files(Path(output)))

    quiet_libraries()
    from trainer.generate import Sampling, generate  # noqa: PLC0415
    from trainer.progress import Screen  # noqa: PLC0415

    sampling = Sampling(tokens, temperature, config.batch_size, split, rows)
    record = generate(config, Path(output), sampling, Screen(), base=base)
    click.echo(f"{record.rows_in:,} prompts in = {record.answers:,} answers + {record.left_out:,} left out")
    click.echo(f"Next: dataprep audit {shlex.quote(output)}")


def _explain(err: Exception) -> str:
    """What went wrong and what to do, in a sentence or two."""
    text = str(err)
    if isinstance(err, UserError):
        return text
    if isinstance(err, click.UsageError):
        return f"{err.format_message()} See `{err.ctx.command_path if err.ctx else 'trainer'} --help`."
    if isinstance(err, MemoryError) or "out of memory" in text.lower() or "can't allocate memory" in text.lower():
        return (
            "Out of memory. Lower batch_size (and raise gradient_accumulation to match) or max_length; "
            "`trainer plan` says what fits."
        )
    if isinstance(err, ModuleNotFoundError):
        return f"{err.name} is not installed. Run `pip install 'tuneprep[train]'`."
    # safetensors and torch have errors of their own for it.
    full = "no space left on device" in text.lower() or "inline_container" in text
    if isinstance(err, OSError) or full:
        where = f"{err.filename}: " if isinstance(err, OSError) and err.filename else ""
        reason = (err.strerror if isinstance(err, OSError) else None) or text
        reason = "A file could not be written whole, the disk may be full" if "inline_container" in text else reason
        return f"{where}{reason}.{' Make room and run again.' if full else ''}"
    return f"{type(err).__name__}: {text}. This is a fault of ours; TUNEPREP_TRACEBACK=1 shows where."


cli.add_command(eval_command)
cli.add_command(export)
cli.add_command(chat)
cli.add_command(plan)

if __name__ == "__main__":
    main()
