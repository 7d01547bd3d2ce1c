"""The `dataprep` command: parse, call one api function, print, return an exit code."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from dataprep import command
from dataprep._version import __version__
from dataprep.errors import ConfigError, UserError
from dataprep.options import EXPORTS, FILES, FORMATS, judging, keeping, reading, sources, sources_or_splits, splitting

F = TypeVar("F", bound=Callable[..., Any])

SAMPLE = "sample_data/train.jsonl"
EXIT_FINDINGS, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


def main() -> None:
    """Run the command; problems become one or two sentences and exit code 2."""
    command.begin()
    try:
        cli(standalone_mode=False)
    except UserError as err:
        _fail(str(err))
    except click.exceptions.Exit as err:
        sys.exit(err.exit_code)
    except click.UsageError as err:
        _fail(f"{err.format_message()} See `{err.ctx.command_path if err.ctx else 'dataprep'} --help`.")
    except click.ClickException as err:
        _fail(err.format_message())
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped; files that were there before are as they were.", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except MemoryError:
        _fail("Out of memory. Give fewer files at once, or a machine with more memory.")
    except Exception as err:
        if os.environ.get("TUNEPREP_TRACEBACK"):
            raise
        _fail(f"{type(err).__name__}: {err}. This is a fault of ours; TUNEPREP_TRACEBACK=1 shows where.")


def _fail(message: str) -> None:
    from dataprep.outputs.output import printable  # noqa: PLC0415 - a command that succeeds has no use for them
    from dataprep.text.masking import mask_secrets  # noqa: PLC0415

    # It may hold names and values from the data.
    click.echo("\n".join(map(printable, f"Error: {mask_secrets(message)}".splitlines())), err=True)
    sys.exit(EXIT_USAGE)


def _example(command: str) -> Callable[[F], F]:
    """End the help of a command with one that can be pasted."""

    def add(function: F) -> F:
        text = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = f"{text}\n\n\b\nExample:\n  {command}"
        return function

    return add


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dataprep")
@_example(f"dataprep audit {SAMPLE} --eval sample_data/eval.jsonl")
def cli() -> None:
    """Know what is wrong with fine-tuning data, row by row, and get splits that cannot leak."""


@cli.command()
@sources_or_splits
@judging
@click.option("-o", "--out", type=FILES, default=Path("audit"), show_default=True, help="Folder for the report.")
@click.option("--format", "output", default="text", show_default=True, help="text, json, github or sarif.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "never"]), help="Findings that make exit 1.")
@_example(f"dataprep audit {SAMPLE} --eval sample_data/eval.jsonl -o audit")
def audit(
    data: tuple[Path, ...],
    eval_paths: tuple[Path, ...],
    out: Path,
    output: str,
    *,
    splits: Path | None,
    show_config: bool,
    **flags: Any,
) -> None:
    """Find duplicates, contradictions, leakage and broken rows; write a report.

    Writes report.html, findings.parquet and audit.json. Exit code 1 means findings at or above --fail-on, or that a
    check broke that could have found some; 2 that the data or the settings cannot be used.
    """
    from dataprep import api  # noqa: PLC0415 - help must not wait for polars
    from dataprep.config import AuditConfig, load_config  # noqa: PLC0415
    from dataprep.outputs.output import all_outputs  # noqa: PLC0415

    config = load_config(AuditConfig, flags)
    if show_config:
        click.echo(config.model_dump_json(indent=2))
        return
    formats = all_outputs()
    if output not in formats:
        raise ConfigError(f"unknown output format {output!r}", f"Choose one of {', '.join(formats)}")
    result = api.audit(data, eval_paths, config, splits=splits)
    written = result.write(out)
    click.echo(formats[output].render(result.report, result.findings, written))
    if result.fails(config.fail_on):
        sys.exit(EXIT_FINDINGS)


@cli.command()
@sources
@judging
@click.option("-o", "--out", type=FILES, default=Path("splits"), show_default=True, help="Folder for the splits.")
@splitting
@keeping
@click.option("--dry-run", is_flag=True, help="Do everything, certificate included, but leave no files.")
@_example(f"dataprep split {SAMPLE} --eval sample_data/eval.jsonl -o splits")
def split(
    data: tuple[Path, ...],
    eval_paths: tuple[Path, ...],
    out: Path,
    *,
    show_config: bool,
    dry_run: bool,
    **flags: Any,
) -> None:
    """Clean the data and write train, validation and test files that are proven not to leak.

    Related rows stay on one side; every removed row is in dropped.jsonl with its reason; the written files are
    read back and certified in manifest.json.
    """
    from dataprep import api  # noqa: PLC0415 - help must not wait for polars
    from dataprep.config import SplitConfig, load_config  # noqa: PLC0415
    from dataprep.outputs.removals import render_split  # noqa: PLC0415

    config = load_config(SplitConfig, flags)
    if show_config:
        click.echo(config.model_dump_json(indent=2))
        return
    result = api.split(data, out, eval_paths, config, dry_run=dry_run)
    click.echo(render_split(result.manifest, result.removed, result.largest_group, result.folder, result.folds))


@cli.command()
@click.argument("folder", type=FILES)
@click.option("--eval", "eval_paths", multiple=True, type=FILES, help="The evaluation data, where it has moved.")
@_example("dataprep verify splits")
def verify(folder: Path, eval_paths: tuple[Path, ...]) -> None:
    """Prove a split folder anew: nothing was changed, and nothing crosses.

    Compares every file with the manifest, then looks again for all that must not cross, between the splits and into
    the evaluation data. Exit code 1 means that the folder is not as it was certified.
    """
    from dataprep import api  # noqa: PLC0415 - help must not wait for polars
    from dataprep.outputs.verified import render_verified  # noqa: PLC0415

    result = api.verify(folder, eval_paths)
    click.echo(render_verified(folder, result.certificate, result.problems, result.not_checked))
    if result.problems:
        sys.exit(EXIT_FINDINGS)


@cli.command()
@sources
@judging
@click.option("-o", "--out", type=FILES, default=Path("cleaned"), show_default=True, help="Folder for the result.")
@keeping
@click.option("--dry-run", is_flag=True, help="Say what would be removed, but leave no files.")
@_example(f"dataprep clean {SAMPLE} -o cleaned")
def clean(
    data: tuple[Path, ...],
    eval_paths: tuple[Path, ...],
    out: Path,
    *,
    show_config: bool,
    dry_run: bool,
    **flags: Any,
) -> None:
    """Remove faulty rows and copies; write kept.jsonl and dropped.jsonl."""
    from dataprep import api  # noqa: PLC0415 - help must not wait for polars
    from dataprep.config import SplitConfig, load_config  # noqa: PLC0415
    from dataprep.outputs.removals import render_clean  # noqa: PLC0415

    config = load_config(SplitConfig, flags)
    if show_config:
        click.echo(config.model_dump_json(indent=2))
        return
    result = api.clean(data, eval_paths, config, None if dry_run else out)
    click.echo(
        render_clean(result.kept.height, result.removed, None if dry_run else out, result.notes, config.resolve)
    )


@cli.command()
@reading
@click.option("--to", required=True, metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")
@click.option(
    *("-o", "--out"),
    required=True,
    type=FILES,
    help="File to write: .jsonl, .json, .csv or .tsv, each also .gz or .zst; .parquet.",
)
@_example(f"dataprep convert {SAMPLE} --to sharegpt -o sharegpt.json")
def convert(data: tuple[Path, ...], to: str, out: Path, **flags: Any) -> None:
    """Write data in another format.

    Records that cannot be read, and rows that the format cannot hold, are left out, named, kept in
    NAME.dropped.jsonl beside the output, and make exit code 1. Files may be larger than memory.
    """
    from dataprep import api  # noqa: PLC0415 - help must not wait for polars
    from dataprep.config import ReadConfig, load_config  # noqa: PLC0415
    from dataprep.outputs.converted import render_converted  # noqa: PLC0415

    done = api.convert(data, to, out, load_config(ReadConfig, flags))
    click.echo(render_converted(out, done.files, done.written, done.left_out, done.examples, done.dropped))
    if done.left_out:
        sys.exit(EXIT_FINDINGS)


@cli.command()
@click.argument("splits", type=FILES)
@click.option("--to", required=True, metavar="NAME", help=f"One of {', '.join(EXPORTS)}.")
@click.option("-o", "--out", required=True, type=FILES, help="Folder to write.")
@click.option("--license", metavar="ID", help="Licence to publish under.  [default: what the split states]")
@click.option("--creator", help="Who made the data set.")
@click.option("--url", help="Its home page.")
@click.option("--name", help="Its name.")
@click.option("--allow-unverified", is_flag=True, help="Export a folder that is not as it was certified.")
@_example("dataprep export splits --to trl -o for_trl")
def export(splits: Path, to: str, out: Path, **facts: Any) -> None:
    """Write a split folder in the layout that another tool reads, with the configuration it needs.

    Nothing is invented: a licence, creator or URL that is not given is left out and named. Rows that the tool
    cannot read are left out, listed in refused.jsonl, and make exit code 1.
    """
    from dataprep import api  # noqa: PLC0415 - help must not wait for polars
    from dataprep.outputs.exported import render_exported  # noqa: PLC0415

    done = api.export(splits, to, out, **facts)
    click.echo(
        render_exported(done.title, done.folder, done.files, done.rows, done.refused, done.notes, done.next_step)
    )
    if done.refused:
        sys.exit(EXIT_FINDINGS)


@cli.command()
@click.argument("code")
@_example("dataprep explain CON001")
def explain(code: str) -> None:
    """Say what a finding means, why it matters and what to do about it."""
    from dataprep import api  # noqa: PLC0415 - help must not wait for polars

    click.echo(api.explain(code))


if __name__ == "__main__":
    main()
