"""The dataset card of a split folder: a README.md with what is in it and how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataprep.contract import SplitManifest


def dataset_card(manifest: SplitManifest) -> str:
    """Markdown with the metadata block that dataset hubs read; nothing in it is guessed."""
    account = manifest.account
    names = {file.split: file for file in manifest.files if file.split}
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    lines += [f"  - split: {split}\n    path: {file.name}" for split, file in names.items() if file.rows]
    lines += ["---", "", "# Dataset card", ""]
    lines += ["| split | rows | sha256 |", "|---|---:|---|"]
    lines += [f"| {split} | {file.rows:,} | `{file.sha256[:16]}…` |" for split, file in names.items()]
    lines += ["", "## Where every record went", ""]
    lines += [
        f"{account.records_in:,} records in = {account.kept:,} kept + {account.dropped:,} dropped + "
        f"{account.needs_decision:,} waiting for a decision. Each removed record stands in `dropped.jsonl` with its "
        "reason, the row it matched and its content.",
        "",
    ]
    if account.by_code:
        lines += ["| removed for | records |", "|---|---:|"]
        lines += [f"| {code} | {count:,} |" for code, count in sorted(account.by_code.items())]
        lines += [""]
    lines += ["## Sources", ""]
    lines += [f"- `{file.path}`: {file.records:,} records, sha256 `{file.sha256[:16]}…`" for file in manifest.inputs]
    lines += [f"- evaluation data kept out: `{file.path}` ({file.rows:,} rows)" for file in manifest.eval_inputs]
    lines += ["", "## Certificate", ""]
    relations = (*manifest.certificate.between_splits, *manifest.certificate.against_eval)
    lines += [
        "Found when the written files were read back:",
        "",
        "| relation | crossings | method |",
        "|---|---:|---|",
    ]
    for relation in relations:
        method = "exact"
        if relation.pairs_checked == "minhash":
            method = f"Jaccard >= {relation.threshold:g}, {relation.expected_recall:.1%} of such pairs are looked at"
        lines.append(f"| {relation.name} | {relation.crossings} | {method} |")
    lines += [
        "",
        f"Made by tuneprep {manifest.tool_version} with seed {manifest.seed}; {manifest.groups:,} groups of related "
        "rows, each whole in one split. Settings and hashes are in `manifest.json`.",
        "",
        "## Licence",
        "",
        "Not stated. Fill in the licence of the sources before you share this folder.",
    ]
    return "\n".join(lines) + "\n"
