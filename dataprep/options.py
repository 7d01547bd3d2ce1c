"""The options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from dataprep.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])

DROP: Final = "error,DUP001,DUP002,DUP005"


def options(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator."""

    def add(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return add


def _parse_map(_context: click.Context, _option: click.Parameter, value: str | None) -> dict[str, str] | None:
    if value is None:
        return None
    pairs = [part.partition("=") for part in value.split(",")]
    if not all(key and equals and column for key, equals, column in pairs):
        raise ConfigError(f"cannot read --map {value}", "Write it as --map prompt=COLUMN,answer=COLUMN")
    return {key.strip(): column.strip() for key, _, column in pairs}


def _parse_licenses(
    _context: click.Context, _option: click.Parameter, value: tuple[str, ...]
) -> dict[str, str] | None:
    found = {}
    for item in value:
        pattern, equals, declared = item.rpartition("=")
        if not declared.strip() or (equals and not pattern.strip()):
            raise ConfigError(f"cannot read --license {item}", "Write it as --license ID or --license FILE=ID")
        found[pattern.strip() or "*"] = declared.strip()
    return found or None


def _parse_benchmarks(
    _context: click.Context, _option: click.Parameter, value: tuple[str, ...]
) -> dict[str, str] | None:
    pairs = [item.partition("=") for item in value]
    if not all(name.strip() and path.strip() for name, _, path in pairs):
        raise ConfigError(f"cannot read --benchmark {value[0]}", "Write it as --benchmark NAME=FILE")
    return {name.strip(): path.strip() for name, _, path in pairs} or None


def _parse_codes(_context: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> list[str] | None:
    codes = [code.strip() for item in value for code in item.split(",") if code.strip()]
    return codes or None


def parse_ratios(_context: click.Context, _option: click.Parameter, value: str | None) -> list[float] | None:
    """Shares written as 0.8,0.1,0.1."""
    if value is None:
        return None
    try:
        return [float(part) for part in value.split(",")]
    except ValueError as err:
        raise ConfigError(f"cannot read --ratios {value}", "Write it as --ratios 0.8,0.1,0.1") from err


FILES = click.Path(path_type=Path)
# Named here because help must not wait for the modules that register them; a test compares.
FORMATS = (
    *("alpaca", "kto", "openai", "openai-preference", "preference", "prompt-completion", "prompt-only", "sharegpt"),
    *("text", "frame"),
)
EXPORTS = ("axolotl", "croissant", "hub", "llama-factory", "openai", "trl")

_how_to_read = options(
    click.option("--map", callback=_parse_map, help="Columns of unknown shapes: prompt=COLUMN,answer=COLUMN."),
    click.option("--input-format", metavar="FORMAT", help="Read every record as this format."),
    click.option("--max-unpacked", metavar="SIZE", help="Let packed files unpack to this, such as 5GB."),
)
reading = options(click.argument("data", nargs=-1, required=True, type=FILES), _how_to_read)
_besides = options(
    _how_to_read,
    click.option("--eval", "eval_paths", multiple=True, type=FILES, help="Evaluation data that must not leak in."),
    click.option(
        "--benchmark",
        multiple=True,
        callback=_parse_benchmarks,
        metavar="NAME=FILE",
        help="A benchmark that must not leak in, such as gsm8k=test.jsonl.",
    ),
    click.option(
        "--license",
        multiple=True,
        callback=_parse_licenses,
        metavar="[FILE=]ID",
        help="Licence of the data, such as CC-BY-4.0.",
    ),
)
sources = options(click.argument("data", nargs=-1, required=True, type=FILES), _besides)
sources_or_splits = options(
    click.argument("data", nargs=-1, type=FILES),
    click.option("--splits", type=FILES, metavar="FOLDER", help="Audit a folder of train, validation and test files."),
    _besides,
)
judging = options(
    click.option("--select", multiple=True, callback=_parse_codes, metavar="CODES", help="Run only these checks."),
    click.option("--ignore", multiple=True, callback=_parse_codes, metavar="CODES", help="Leave these checks out."),
    click.option("--threshold", type=float, help="Least Jaccard similarity of near-duplicates.  [default: 0.7]"),
    click.option(
        "--engine",
        type=click.Choice(["auto", "minhash", "exact", "datasketch"]),
        help="How near-duplicates are searched; the choice and its recall are stated.  [default: auto]",
    ),
    click.option("--index", metavar="FOLDER", help="Compare with all earlier data, and remember this for the next."),
    click.option("--semantic", metavar="MODEL", help="Also look for rows of like meaning with this embedding model."),
    click.option("--scores", metavar="RUN", help="Judge rows by what a run of `trainer run` showed about them."),
    click.option("--nli", metavar="MODEL", help="Let this inference model judge answers in prose that may conflict."),
    click.option("--show-config", is_flag=True, help="Print the settings in force and stop."),
)
splitting = options(
    click.option("--ratios", callback=parse_ratios, help="Shares of train, validation, test.  [default: 0.8,0.1,0.1]"),
    click.option(
        "--group-by",
        multiple=True,
        callback=_parse_codes,
        metavar="COLUMN",
        help="Keep rows with one value in this field together; `none` for no field.  [default: conversation, document "
        "and user ids]",
    ),
    click.option(
        "--variants",
        type=click.Choice(["auto", "together", "apart"]),
        help="Whether prompts that differ in a number or a word only stay together.",
    ),
    click.option(
        "--stratify-by",
        metavar="COLUMN",
        help="Give each split its share of each value; or source, length, language, label.",
    ),
    click.option(
        "--time-by", metavar="COLUMN", help="Train on the past, test on the latest, by the times in a field."
    ),
    click.option("--split-by", metavar="COLUMN", help="Follow a field that says train, validation or test."),
    click.option("--folds", type=int, metavar="K", help="Cross-validation: K folders, with one common test set."),
    click.option("--min-eval", type=int, metavar="ROWS", help="Rows of validation and test at least."),
    click.option("--seed", type=int, help="Decides which group goes where.  [default: 0]"),
)
keeping = options(
    click.option("--drop", multiple=True, callback=_parse_codes, help=f"What removes a row.  [default: {DROP}]"),
    click.option(
        "--keep",
        metavar="POLICY",
        help="Which copy stays: first, longest-answer, fewest-findings or a field, largest first.  "
        "[default: fewest-findings]",
    ),
    click.option(
        "--resolve",
        type=click.Choice(["ask", "ask-file", "keep", "drop-all", "majority", "newest"]),
        help="What to do with contradicting answers; ask-file writes a list to fill in.  [default: ask]",
    ),
    click.option("--decisions", metavar="FILE", help="The list that --resolve ask-file wrote, filled in."),
    click.option("--newest-by", metavar="COLUMN", help="Field with the time of a row, for --resolve newest."),
)
