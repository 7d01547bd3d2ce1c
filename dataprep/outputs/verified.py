"""What verifying a split folder says at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dataprep.outputs.output import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dataprep.contract import Certificate


def render_verified(
    folder: Path, certificate: Certificate | None, problems: Sequence[str], not_checked: Sequence[str]
) -> str:
    """The proof, relation by relation, and the verdict."""
    lines = []
    for relation in (*certificate.between_splits, *certificate.against_eval) if certificate else ():
        how = "exact"
        if relation.threshold is not None:
            how = f"{relation.measure} >= {relation.threshold:g}"
            if relation.pairs_checked == "minhash":
                how += f", {relation.expected_recall:.2%} of such pairs are looked at"
        lines.append(f"  {relation.crossings:>6,} crossings  {relation.name} ({how})")
    lines += [f"limit        {limit}" for limit in (certificate.limits if certificate else ())]
    lines += [f"not checked  {printable(text)}" for text in not_checked]
    lines += [f"problem      {printable(text)}" for text in problems]
    if problems:
        verdict = click.style("not as certified", fg="red", bold=True)
    elif not_checked:
        verdict = click.style("as certified, as far as it was checked", fg="yellow", bold=True)
    else:
        verdict = click.style("as certified", fg="green", bold=True)
    return "\n".join([f"{folder}: {verdict}", *lines])
