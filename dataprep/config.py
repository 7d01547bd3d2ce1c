"""Settings of the audit and the split: their meaning, their defaults, and where they are read from.

A flag beats the file, the file beats the default. The file is `dataprep.yaml`, or `[tool.dataprep]` in
`pyproject.toml`, in the working folder.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from dataprep.contract import Model
from dataprep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_FILE: Final = "dataprep.yaml"
_SIZE: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B?)\s*", re.IGNORECASE)
_UNITS: Final = {"": 1, "B": 1} | {
    unit + b: 10**power for unit, power in zip("KMGT", (3, 6, 9, 12), strict=True) for b in ("", "B")
}


def _ratios_sum_to_one(ratios: tuple[float, float, float]) -> tuple[float, float, float]:
    if not abs(sum(ratios) - 1) <= 1e-6 or min(ratios) < 0 or ratios[0] == 0:  # also where one is no number
        msg = "must be three shares that add up to 1, the first above 0 (train, validation, test)"
        raise ValueError(msg)
    return ratios


def _as_bytes(value: object) -> object:
    """Bytes of a size such as "5 GB"; anything else as it is, for the type to judge."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    return int(float(match[1]) * _UNITS[match[2].upper()])


def _as_list(value: object) -> object:
    """Names in one text, with commas between them, are a list."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _by_pattern(value: object) -> object:
    """One licence means all files."""
    return {"*": value} if isinstance(value, str) else value


class ReadConfig(Model):
    """How inputs are read, and what is known about them."""

    map: dict[str, str] = Field(
        default_factory=dict, description="Columns of unknown shapes: prompt=…,answer=…[,system=…,group=…]."
    )
    input_format: str | None = Field(default=None, description="Read every record as this format.")
    max_unpacked: Annotated[Annotated[int, Field(gt=0)] | None, BeforeValidator(_as_bytes)] = Field(
        default=None, description="Bytes a packed file may unpack to, such as 5GB; 100 times its size by default."
    )
    license: Annotated[dict[str, str], BeforeValidator(_by_pattern)] = Field(
        default_factory=dict, description="Licence of the data: one for all files, or by file name or pattern."
    )

    def license_of(self, path: str) -> str | None:
        """The licence declared for a file: by its path, its name, or a pattern of either; "*" comes last."""
        name = Path(path).name
        for pattern, declared in sorted(self.license.items(), key=lambda item: item[0] == "*"):
            if fnmatchcase(path, pattern) or fnmatchcase(name, pattern):
                return declared
        return None


class AuditConfig(ReadConfig):
    """What an audit looks for."""

    select: list[str] = Field(default_factory=list, description="Codes or families to run; empty means all.")
    ignore: list[str] = Field(default_factory=list, description="Codes or families to leave out.")
    threshold: float = Field(default=0.7, gt=0.3, le=1.0, description="Least Jaccard similarity of near-duplicates.")
    shingle: int = Field(default=5, ge=2, le=20, description="Characters or words per shingle.")
    shingle_unit: Literal["char", "word"] = Field(default="char", description="What shingles consist of.")
    engine: Literal["auto", "minhash", "exact", "datasketch"] = Field(
        default="auto", description="How near-duplicates are searched; auto takes the quicker of minhash and exact."
    )
    recall: float = Field(default=0.995, ge=0.5, lt=1.0, description="Share of pairs at the threshold to find.")
    index: str | None = Field(
        default=None, min_length=1, description="Folder that remembers rows, to compare new data with all earlier."
    )
    semantic: str | None = Field(
        default=None, min_length=1, description="Embedding model that also looks for rows with the same meaning."
    )
    semantic_threshold: float = Field(
        default=0.9, gt=0, le=1, description="Least cosine similarity of rows with the same meaning."
    )
    nli: str | None = Field(
        default=None, min_length=1, description="Model that judges whether answers in prose contradict each other."
    )
    benchmark: dict[str, str] = Field(
        default_factory=dict, description="Benchmarks that must not occur in the data: their files by name."
    )
    scores: str | None = Field(
        default=None, min_length=1, description="Run folder of `trainer run`, to judge rows by what training showed."
    )
    fail_on: Literal["error", "warning", "never"] = Field(default="error", description="Findings that make exit 1.")


class SplitConfig(AuditConfig):
    """How rows are cleaned and split."""

    ratios: Annotated[tuple[float, float, float], AfterValidator(_ratios_sum_to_one)] = Field(
        default=(0.8, 0.1, 0.1), description="Shares of train, validation and test."
    )
    seed: int = Field(default=0, ge=0, description="Decides which group goes where.")
    group_by: Annotated[list[str], BeforeValidator(_as_list)] = Field(
        default_factory=list,
        description="Fields whose equal values keep rows together; by default those with a name that conversations, "
        "documents and users go by, and with `none` no field.",
    )
    variants: Literal["auto", "together", "apart"] = Field(
        default="auto",
        description="Whether prompts that differ only in a number, a name or a word stay together; auto: they do, "
        "unless they would make one group of more than a tenth of the rows.",
    )
    stratify_by: str | None = Field(
        default=None,
        min_length=1,
        description="Field, or source, format, length, language or label (the answer), of which every split gets its "
        "share.",
    )
    time_by: str | None = Field(default=None, min_length=1, description="Field with a time: train on the past.")
    split_by: str | None = Field(default=None, min_length=1, description="Field that says train, validation or test.")
    folds: int | None = Field(default=None, ge=2, le=100, description="Parts for cross-validation.")
    min_eval: int = Field(default=0, ge=0, description="Rows of validation and test at least, taken from train.")
    drop: list[str] = Field(
        default_factory=lambda: ["error", "DUP001", "DUP002", "DUP005"],
        description="What removes a row: severities, codes, names or families; of duplicates one copy stays.",
    )
    keep: str = Field(
        default="fewest-findings",
        min_length=1,
        description="Which of several copies stays: fewest-findings (then the first), first, longest-answer, or the "
        "row with the largest value in a field of that name.",
    )
    resolve: Literal["ask", "ask-file", "keep", "drop-all", "majority", "newest"] = Field(
        default="ask",
        description="Contradicting answers: set aside for a decision (ask-file: with a list to fill in), kept, all "
        "dropped, or only those of the majority or of the newest row kept.",
    )
    decisions: str | None = Field(default=None, min_length=1, description="The list of decisions, filled in.")
    newest_by: str | None = Field(default=None, min_length=1, description="Field with the time of a row.")


ConfigType = TypeVar("ConfigType", bound=ReadConfig)


def load_config(kind: type[ConfigType], flags: Mapping[str, Any], folder: Path | None = None) -> ConfigType:
    """Settings from the file in `folder` (default: the working folder) with the given flags on top.

    The file may hold settings of several commands; a key that none of them knows is an error.

    Args:
        kind: the model to fill.
        flags: settings given on the command line; None means not given.
        folder: where to look for the file.

    Raises:
        ConfigError: an unknown key (the nearest one is named) or values out of range, all of them at once.
    """
    path, settings = _read_file(folder or Path())
    known = set(SplitConfig.model_fields)
    for key in settings:
        if key not in known:
            nearest = difflib.get_close_matches(str(key), sorted(known), n=1)
            hint = f"Did you mean {nearest[0]!r}?" if nearest else f"Known settings: {', '.join(sorted(known))}"
            raise ConfigError(f"{path}: unknown setting {key!r}", hint)
    merged = {key: value for key, value in settings.items() if key in kind.model_fields}
    merged |= {key: value for key, value in flags.items() if value is not None}
    try:
        return kind.model_validate(merged)
    except ValidationError as err:
        problems = [
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg'].removeprefix('Value error, ')}"
            for error in err.errors()
        ]
        raise ConfigError("; ".join(problems), "Mend the setting in the file or on the command line") from err


def _read_file(folder: Path) -> tuple[str, dict[str, Any]]:
    path = folder / CONFIG_FILE
    if path.is_file():
        import yaml  # noqa: PLC0415 - only where there is a file

        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (yaml.YAMLError, UnicodeDecodeError) as err:
            raise ConfigError(f"{path}: not valid YAML ({str(err).splitlines()[0]})", "Mend the file") from err
        if not isinstance(loaded, dict):
            raise ConfigError(f"{path}: expected settings as `name: value` lines", "Mend the file")
        return str(path), loaded
    path = folder / "pyproject.toml"
    if path.is_file():
        try:
            project = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
            raise ConfigError(f"{path}: not valid TOML ({err})", "Mend the file") from err
        settings = project.get("tool", {}).get("dataprep", {})
        if isinstance(settings, dict):
            return f"{path} [tool.dataprep]", settings
    return "", {}
