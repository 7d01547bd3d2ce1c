"""What ties the rows of a data set together, and the groups that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from dataprep.errors import SplitError
from dataprep.fields import LARGEST_SHARE
from dataprep.similarity import Link, Texts, links, self_pairs
from dataprep.splits.certify import LEAK_CODES, Terms
from dataprep.splits.groups import grouped, key_columns, key_links
from dataprep.text.views import with_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataprep.config import SplitConfig
    from dataprep.similarity import SimilarityParams

CONTRADICTIONS: Final = ("CON001", "CON002", "CON003")
"""Codes of findings whose two rows answer one question."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Rows with what ties them together.

    Attributes:
        rows: the row frame.
        groups: positions of the rows that must stay together; every row is in one.
        terms: what the certificate is to prove.
        notes: what the user should know.
    """

    rows: pl.DataFrame
    groups: list[list[int]]
    terms: Terms
    notes: list[str]


def group_rows(
    kept: pl.DataFrame,
    findings: pl.DataFrame,
    params: SimilarityParams,
    config: SplitConfig,
    extra: Sequence[tuple[str, str]] = (),
) -> Grouped:
    """Groups of the rows that must stay together.

    Args:
        kept: the row frame.
        findings: of the audit; rows that contradict each other stay together.
        params: how alike is near.
        config: the fields that tie rows, and whether prompts that differ in a word do.
        extra: row ids of further pairs.

    Raises:
        SplitError: there are no rows.
    """
    if not kept.height:
        raise SplitError(
            "no row is left: all of them stand in the evaluation data",
            "Look at `dataprep audit --eval` first, or loosen `drop`",
        )
    params = params.thorough()
    keys, notes = key_columns(kept, config.group_by or [own for key, own in config.map.items() if key == "group"])
    found = [*key_links(kept, keys), *_contradictions(kept, findings)]
    place = {row_id: position for position, row_id in enumerate(kept["row_id"].to_list())}
    found += [Link("seen by the certificate", place[a], place[b], 1.0) for a, b in extra if a in place and b in place]
    texts = Texts.of(with_texts(kept))
    pairs = self_pairs(texts.pair_core, params)
    wide = config.variants != "apart"
    groups = grouped(kept.height, [*found, *links(texts, pairs, params, variants=wide)[0]])
    largest = max(map(len, groups))
    if config.variants == "auto" and largest > max(2, LARGEST_SHARE * kept.height):
        narrow = grouped(kept.height, [*found, *links(texts, pairs, params, variants=False)[0]])
        if max(map(len, narrow)) < largest:
            wide, groups = False, narrow
            notes.append(
                "prompts that differ in a number, a name or a word only may lie on two sides: together they would be "
                f"one group of {largest:,} rows (--variants together)"
            )
    return Grouped(kept, groups, Terms(params, keys, wide, tolerated_codes(config)), notes)


def _contradictions(kept: pl.DataFrame, findings: pl.DataFrame) -> list[Link]:
    """Links between rows that contradict each other, where the policy keeps them."""
    found = findings.filter(pl.col("code").is_in(CONTRADICTIONS), pl.col("related_line").is_not_null())
    if not found.height:
        return []
    place = {key: at for at, key in enumerate(zip(kept["source"], kept["line"], strict=True))}
    ends = found.select("source", "line", "related_source", "related_line").iter_rows()
    return [
        Link("contradiction", place[a, b], place[c, d], 1.0)
        for a, b, c, d in ends
        if (a, b) in place and (c, d) in place
    ]


def tolerated_codes(config: SplitConfig) -> list[str]:
    """Leak codes that the policy leaves in the data, so that they cannot be certified."""

    def meant(code: str, name: str, items: Sequence[str]) -> bool:
        return any(code.startswith(item.upper()) or name == item for item in items)

    return [
        code
        for code, name in LEAK_CODES.values()
        if meant(code, name, config.ignore)
        or (config.select and not meant(code, name, config.select))
        or not ("error" in config.drop or meant(code, name, config.drop))
    ]
