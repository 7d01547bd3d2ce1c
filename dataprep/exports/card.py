"""The dataset card of a folder of splits: a README.md with what is in it and how it was made.

The metadata block is the one the Hugging Face Hub and `datasets` read:
https://github.com/huggingface/hub-docs/blob/main/datasetcard.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from dataprep.exports.licences import hub_metadata, stated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataprep.contract import SplitManifest, SplitName


def dataset_card(manifest: SplitManifest) -> str:
    """Markdown with the metadata block that dataset hubs read; nothing in it is guessed."""
    files = [(file.split, file.name, file.rows, file.sha256) for file in manifest.files if file.split]
    configs = [config("default", {split: name for split, name, rows, _ in files if rows})]
    licences = stated(manifest)
    head = hub_metadata(licences) | {"size_categories": [size_category(manifest.account.kept)], "configs": configs}
    return front_matter(head) + "\n".join(
        ["", "# Dataset card", "", *file_table(files), *account_lines(manifest, listed=True), *licence_lines(licences)]
    )


def config(name: str, files: Mapping[SplitName, str]) -> dict[str, Any]:
    """One configuration of a card: its files by split."""
    return {"config_name": name, "data_files": [{"split": split, "path": path} for split, path in files.items()]}


def front_matter(head: Mapping[str, Any]) -> str:
    """The metadata block at the top of a card."""
    return f"---\n{yaml.safe_dump(dict(head), sort_keys=False, allow_unicode=True)}---\n"


def size_category(rows: int) -> str:
    """The Hub's name for a size: n<1K, 1K<n<10K, … n>1T."""
    names = ["1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"]
    for power, name in enumerate(names, start=3):
        if rows < 10**power:
            return f"n<{name}" if power == 3 else f"{names[power - 4]}<n<{name}"
    return f"n>{names[-1]}"


def file_table(files: Sequence[tuple[str, str, int, str]]) -> list[str]:
    """A table of (split, file, rows, sha256)."""
    lines = ["| split | file | rows | sha256 |", "|---|---|---:|---|"]
    return [*lines, *(f"| {split} | `{name}` | {rows:,} | `{sha256[:16]}…` |" for split, name, rows, sha256 in files)]


def account_lines(manifest: SplitManifest, *, listed: bool) -> list[str]:
    """Where every record went, the sources and the certificate.

    Args:
        manifest: of the split folder.
        listed: whether dropped.jsonl and manifest.json stand beside the card, so that paths may be told too.
    """
    account = manifest.account
    total = (
        f"{account.records_in:,} records in = {account.kept:,} kept + {account.dropped:,} dropped + "
        f"{account.needs_decision:,} waiting for a decision."
    )
    if listed:
        total += " Each removed record stands in `dropped.jsonl` with its reason, the row it matched and its content."
    lines = ["", "## Where every record went", "", total, ""]
    if account.by_code:
        lines += ["| removed for | records |", "|---|---:|"]
        lines += [f"| {code} | {count:,} |" for code, count in sorted(account.by_code.items())]
        lines += [""]
    lines += ["## Sources", ""]
    for file in manifest.inputs:
        path = file.path if listed else Path(file.path).name
        said = getattr(file, "license", None)
        licence = f", licence {said}" if said else ""
        lines.append(f"- `{path}`: {file.records:,} records, sha256 `{file.sha256[:16]}…`{licence}")
    for file in manifest.eval_inputs:
        path = file.path if listed else Path(file.path).name
        lines.append(f"- evaluation data kept out: `{path}` ({file.rows:,} rows)")
    return [*lines, *_certificate_lines(manifest, listed=listed)]


def _certificate_lines(manifest: SplitManifest, *, listed: bool) -> list[str]:
    relations = (*manifest.certificate.between_splits, *manifest.certificate.against_eval)
    lines = ["", "## Certificate", "", "Found when the written files were read back:", ""]
    lines += ["| relation | crossings | method |", "|---|---:|---|"]
    for relation in relations:
        method = "exact"
        if relation.threshold is not None:
            method = f"{relation.measure} >= {relation.threshold:g}"
        if relation.pairs_checked == "minhash":
            method += f", {relation.expected_recall:.2%} of such pairs are looked at"
        lines.append(f"| {relation.name} | {relation.crossings} | {method} |")
    lines += ["", *(f"- {note}" for note in (*manifest.notes, *manifest.certificate.limits))]
    made = (
        f"Made by tuneprep {manifest.tool_version} with seed {manifest.seed}, split {manifest.strategy}; "
        f"{manifest.groups:,} groups of related rows, each whole in one split."
    )
    where = " Settings and hashes are in `manifest.json`." if listed else f" Manifest `{manifest.content_sha256}`."
    return [*lines, "", made + where, ""]


def licence_lines(licences: Sequence[str]) -> list[str]:
    """The section on the licence, which is never guessed."""
    said = ", ".join(licences) or "Not stated. Fill in the licence of the sources before you share this folder"
    return ["## Licence", "", f"{said}.", ""]
