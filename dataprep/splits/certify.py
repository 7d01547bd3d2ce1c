"""The proof that nothing crosses, computed from the written files and from nothing else.

The files are read back, every relation that keeps rows together is looked for again (with other hash functions
than the split used), and every pair that lies on two sides is a crossing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from dataprep.contract import Certificate, Relation, SplitName, file_sha256
from dataprep.errors import SplitError
from dataprep.frame import MESSAGE_FIELDS, ROW_SCHEMA
from dataprep.similarity import (
    ALIKE_PROMPT,
    NEAR_EXAMPLE,
    NEAR_PROMPT,
    SAME_PROMPT,
    Link,
    Match,
    MatchKind,
    Pairs,
    SimilarityParams,
    Texts,
    links,
    matches,
    self_pairs,
)
from dataprep.splits.groups import key_links, key_relation
from dataprep.text.preambles import Preambles
from dataprep.text.views import with_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SEED_SHIFT: Final = 7_919
"""Added to the seed of the hash functions, so that the certificate does not repeat the split's own misses."""

LEAK_CODES: Final[dict[MatchKind, tuple[str, str]]] = {
    "exact": ("LEAK001", "eval-leak-exact"),
    "near": ("LEAK002", "eval-leak-near"),
    "same-prompt": ("LEAK004", "eval-leak-same-prompt"),
}
"""Code and name of the finding that a match against the evaluation data is."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a split promises.

    Attributes:
        params: how alike is near; the certificate changes the seed.
        keys: fields whose equal values stay together.
        variants: whether prompts that are alike stay together even if they mean something else.
        tolerated: leak codes that the user's policy leaves in; they are not certified.
    """

    params: SimilarityParams
    keys: Sequence[str] = ()
    variants: bool = True
    tolerated: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """A certificate and the evidence against it.

    Attributes:
        certificate: what goes into the manifest.
        crossings: links between rows of two splits, by their row ids.
        leaks: row ids that stand in the evaluation data, with the match.
    """

    certificate: Certificate
    crossings: list[tuple[str, str]]
    leaks: list[tuple[str, Match]]


def certify(files: Mapping[SplitName, Path], eval_rows: pl.DataFrame, terms: Terms) -> Proof:
    """Re-read split files and look for anything that crosses.

    Args:
        files: the written file of each split.
        eval_rows: the evaluation rows (row frame); may be empty.
        terms: what is promised.

    Raises:
        SplitError: a file does not hold what a split writes.
    """
    rows = pl.concat([_read_back(path, split) for split, path in files.items()])
    side = rows["format"].to_list()
    fresh = replace(terms.params, seed=terms.params.seed + SEED_SHIFT)
    ours = with_texts(rows)
    texts = Texts.of(ours)
    pairs = self_pairs(texts.pair_core, fresh)
    found, prompt_pairs = links(texts, pairs, fresh, variants=terms.variants)
    found += key_links(rows, terms.keys)
    crossing = [link for link in found if side[link.left] != side[link.right]]
    between = _relations(crossing, terms, pairs, prompt_pairs)
    limits = [*(f"rows: {limit}" for limit in pairs.limits), *(f"prompts: {limit}" for limit in prompt_pairs.limits)]
    leaks: list[Match] = []
    against = []
    if eval_rows.height:
        seen = matches(texts, Texts.of(with_texts(eval_rows, Preambles.of(ours["prompt"]))), fresh)
        leaks = [match for match in seen.found if LEAK_CODES[match.kind][0] not in terms.tolerated]
        against = _leak_relations(leaks, terms, seen.pairs)
        limits += [f"evaluation data: {limit}" for limit in seen.pairs.limits]
    row_ids = rows["row_id"].to_list()
    certificate = Certificate(
        passed=not crossing and not leaks,
        files={path.name: file_sha256(path) for path in files.values()},
        between_splits=between,
        against_eval=against,
        limits=limits,
    )
    return Proof(
        certificate,
        [(row_ids[link.left], row_ids[link.right]) for link in crossing],
        [(row_ids[match.left], match) for match in leaks],
    )


def _read_back(path: Path, split: SplitName) -> pl.DataFrame:
    """The rows of a written split file; `format` holds the split they are in."""
    rows = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            rows.append(_row(msgspec.json.decode(line)) | {"source": path.name, "line": number, "format": split})
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as err:
            raise SplitError(f"{path}: line {number} is not a split row", "Make the split again") from err
    return pl.DataFrame(rows, schema=ROW_SCHEMA, orient="row")


def _row(record: dict[str, object]) -> dict[str, object]:
    extra = {key: value for key, value in record.items() if key not in _OWN}
    tools, label = record.get("tools"), record.get("label")
    return {
        "row_id": record["row_id"],
        "messages": _turns(record["messages"]),
        "chosen": _turns(record.get("chosen")),
        "rejected": _turns(record.get("rejected")),
        "label": None if label is None else str(label).lower(),
        "tools": None if tools is None else msgspec.json.encode(tools).decode(),
        "meta": msgspec.json.encode(extra).decode(),
    }


_OWN: Final = frozenset(["row_id", "messages", "chosen", "rejected", "label", "tools"])


def _turns(value: object) -> list[dict[str, object]] | None:
    if not isinstance(value, list):
        return None
    turns = [{key: turn.get(key) for key in MESSAGE_FIELDS} for turn in value]
    for turn in turns:
        if turn["tool_calls"] is not None:
            turn["tool_calls"] = msgspec.json.encode(turn["tool_calls"]).decode()
        if isinstance(turn["content"], list):
            parts = turn["content"]
            turn["parts"] = msgspec.json.encode(parts).decode()
            turn["content"] = "\n".join(part["text"] for part in parts if isinstance(part.get("text"), str))
    return turns


def _relations(crossing: Sequence[Link], terms: Terms, pairs: Pairs, prompt_pairs: Pairs) -> list[Relation]:
    counts = Counter(link.relation for link in crossing)
    prompts = ALIKE_PROMPT if terms.variants else NEAR_PROMPT
    return [
        *(_exact(name, counts[name]) for name in (SAME_PROMPT, *map(key_relation, terms.keys))),
        _near(NEAR_EXAMPLE, counts[NEAR_EXAMPLE], terms, pairs),
        _near(prompts, counts[prompts], terms, prompt_pairs),
    ]


def _leak_relations(leaks: Sequence[Match], terms: Terms, pairs: Pairs) -> list[Relation]:
    counts = Counter(match.kind for match in leaks)
    found = []
    for kind, (code, name) in LEAK_CODES.items():
        if code not in terms.tolerated:
            title = f"{code} {name}"
            near = kind == "near"
            found.append(_near(title, counts[kind], terms, pairs) if near else _exact(title, counts[kind]))
    return found


def _exact(name: str, crossings: int) -> Relation:
    return Relation(name=name, pairs_checked="exact", expected_recall=1.0, crossings=crossings)


def _near(name: str, crossings: int, terms: Terms, pairs: Pairs) -> Relation:
    return Relation(
        name=name,
        pairs_checked="exact" if pairs.expected_recall == 1 else "minhash",
        threshold=terms.params.threshold,
        expected_recall=round(pairs.expected_recall, 6),
        crossings=crossings,
    )
