"""A split folder, proven anew: as certified, and nothing crosses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from pydantic import ValidationError

from dataprep.config import SplitConfig
from dataprep.contract import SplitManifest, file_sha256
from dataprep.errors import SplitError
from dataprep.frame import ROW_SCHEMA
from dataprep.ingest import input_files
from dataprep.loading import load_eval
from dataprep.similarity import ALIKE_PROMPT, SimilarityParams
from dataprep.splits.certify import Terms, certify
from dataprep.splits.ties import tolerated_codes
from dataprep.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataprep.contract import Certificate


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of proving a split folder anew.

    Attributes:
        certificate: made now; None where the files cannot be read as a split.
        problems: every reason not to trust the folder; empty when it is as certified.
        not_checked: what could not be looked at, and why.
    """

    certificate: Certificate | None
    problems: list[str]
    not_checked: list[str]


def verify_split(folder: Path, eval_paths: Sequence[Path] = ()) -> Verified:
    """Compare a split folder with its manifest, and look again for all that must not cross.

    Args:
        folder: written by `split`.
        eval_paths: the evaluation data; by default the files that the manifest names.

    Raises:
        SplitError: there is no manifest.
        InputError: evaluation data that was given cannot be read.
    """
    manifest = SplitManifest.load(folder)
    problems = manifest.problems(folder)
    try:
        config = SplitConfig.model_validate(manifest.config)
    except ValidationError as err:
        raise SplitError(f"{folder}: its settings are of another version", "Make the split again") from err
    eval_rows, not_checked = _eval_rows(manifest, config, eval_paths)
    variants = any(relation.name == ALIKE_PROMPT for relation in manifest.certificate.between_splits)
    params = SimilarityParams.of(config).thorough()
    terms = Terms(params, manifest.group_keys, variants, tolerated_codes(config))
    files = {file.split: folder / file.name for file in manifest.files if file.split is not None}
    if not all(path.is_file() for path in files.values()):
        return Verified(None, problems, not_checked)
    try:
        certificate = certify(files, eval_rows, terms).certificate
    except SplitError as err:
        return Verified(None, [*problems, err.problem], not_checked)
    relations = (*certificate.between_splits, *certificate.against_eval)
    problems += [f"{counted(one.crossings, 'crossing')} now: {one.name}" for one in relations if one.crossings]
    return Verified(certificate, problems, not_checked)


def _eval_rows(manifest: SplitManifest, config: SplitConfig, given: Sequence[Path]) -> tuple[pl.DataFrame, list[str]]:
    """The rows that must not occur, and what is missing of them."""
    wanted = manifest.certificate.eval_files
    not_checked, paths = [], []
    if given:
        paths = input_files(given)
        hashes = {file_sha256(path) for path in paths}
        not_checked = [
            f"{path}: not among the evaluation files given" for path in wanted if wanted[path] not in hashes
        ]
    else:
        for name, digest in wanted.items():
            path = Path(name)
            if not path.is_file():
                not_checked.append(f"{name}: evaluation data that is no longer there (--eval FILE)")
            elif file_sha256(path) != digest:
                not_checked.append(f"{name}: evaluation data that has changed since (--eval {name} takes it as it is)")
            else:
                paths.append(path)
    benchmarks = {file.sha256: file.benchmark for file in manifest.eval_inputs if file.benchmark}
    plain = [path for path in paths if file_sha256(path) not in benchmarks]
    named = {f"{number}": str(path) for number, path in enumerate(paths) if path not in plain}
    data = load_eval(plain, config.model_copy(update={"benchmark": named}))
    return data.rows if data else pl.DataFrame(schema=ROW_SCHEMA), not_checked
