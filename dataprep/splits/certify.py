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
from dataprep.frame import ROW_SCHEMA
from dataprep.similarity import (
    ALIKE_PROMPT,
    CERTAIN,
    INSIDE_PROMPT,
    NEAR_EXAMPLE,
    NEAR_PROMPT,
    SAME_PROMPT,
    Link,
    Match,
    MatchKind,
    Pairs,
    SimilarityParams,
    Texts,
    insides,
    links,
    matches,
    reworders,
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
    "contained": ("LEAK003", "eval-leak-contained"),
    "same-prompt": ("LEAK004", "eval-leak-same-prompt"),
    "paraphrase": ("LEAK005", "eval-leak-paraphrase"),
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
        seen = _leaks(texts, Texts.of(with_texts(eval_rows, Preambles.of(ours["prompt"]))), terms, fresh)
        leaks, against = seen.found, seen.relations
        limits += [f"evaluation data: {limit}" for limit in seen.limits]
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

_WRITTEN: Final = ("role", "content", "name", "tool_calls", "tool_call_id", "weight")
"""Fields of a written turn that are columns of the frame."""


def _turns(value: object) -> list[dict[str, object]] | None:
    if not isinstance(value, list):
        return None
    # Other keys of a turn are the user's own, `parts` and `extra` too: no columns of the frame.
    turns = [{key: turn.get(key) for key in _WRITTEN} for turn in value]
    for turn in turns:
        for key in ("name", "tool_call_id"):
            turn[key] = turn[key] if isinstance(turn[key], str) else None
        turn["weight"] = turn["weight"] if isinstance(turn["weight"], int | float) else None
        if turn["tool_calls"] is not None:
            turn["tool_calls"] = msgspec.json.encode(turn["tool_calls"]).decode()
        if isinstance(turn["content"], list):
            parts = turn["content"]
            turn["parts"] = msgspec.json.encode(parts).decode()
            turn["content"] = "\n".join(text for part in parts if isinstance(text := _part_text(part), str))
    return turns


def _part_text(part: object) -> object:
    return part.get("text") if isinstance(part, dict) else part


def _relations(crossing: Sequence[Link], terms: Terms, pairs: Pairs, prompt_pairs: Pairs) -> list[Relation]:
    counts = Counter(link.relation for link in crossing)
    prompts = ALIKE_PROMPT if terms.variants else NEAR_PROMPT
    return [
        *(_exact(name, counts[name]) for name in (SAME_PROMPT, *map(key_relation, terms.keys))),
        _near(NEAR_EXAMPLE, counts[NEAR_EXAMPLE], terms, pairs),
        _near(prompts, counts[prompts], terms, prompt_pairs),
        _inside(INSIDE_PROMPT, counts[INSIDE_PROMPT]),
    ]


@dataclass(frozen=True, slots=True)
class _Leaks:
    """Rows that stand in the evaluation data, each once; the relations that were looked for; and what was not."""

    found: list[Match]
    relations: list[Relation]
    limits: list[str]


def _leaks(texts: Texts, held_out: Texts, terms: Terms, params: SimilarityParams) -> _Leaks:
    """Look for evaluation rows in all ways that make an error and are promised not to be there.

    A match of a kind that is tolerated says nothing: the row may have another item, or the same one, in another way.
    """
    wanted = {kind for kind, (code, _) in LEAK_CODES.items() if code not in terms.tolerated}
    matched = matches(texts, held_out, params, wanted)
    found, limits = list(matched.found), list(matched.pairs.limits)
    known = {match.left for match in found}
    passed = set[tuple[int, int]]()
    threshold = None
    if wanted & {"contained", "paraphrase"}:
        inside = insides(texts, held_out, known)
        certain = [one for one in inside.found if one.is_certain]
        limits += inside.limits
        if "contained" in wanted:
            found += [Match("contained", one.left, one.right, "prompt", one.coverage) for one in certain]
            known |= {one.left for one in certain}
        else:  # an item that stands there as it is does not stand there in other words
            passed = {(one.left, one.right) for one in certain}
    if "paraphrase" in wanted:
        reworded = reworders(texts, held_out, known)
        proved = [one for one in reworded.found if one.is_proved and (one.left, one.right) not in passed]
        found += [Match("paraphrase", one.left, one.right, "prompt", one.score) for one in proved]
        limits += reworded.limits
        threshold = reworded.calibrations[0][1].threshold
    found = sorted(found, key=lambda match: match.left)
    counts = Counter(match.kind for match in found)
    relations = []
    for kind, (code, name) in LEAK_CODES.items():
        if kind not in wanted:
            continue
        title = f"{code} {name}"
        if kind == "near":
            relations.append(_near(title, counts[kind], terms, matched.pairs))
        elif kind == "contained":
            relations.append(_inside(title, counts[kind]))
        elif kind == "paraphrase":
            relations.append(_reworded(title, counts[kind], threshold))
        else:
            relations.append(_exact(title, counts[kind]))
    return _Leaks(found, relations, limits)


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


def _inside(name: str, crossings: int) -> Relation:
    return Relation(
        name=name,
        pairs_checked="exact",
        measure="share contained",
        threshold=CERTAIN,
        expected_recall=1.0,
        crossings=crossings,
    )


def _reworded(name: str, crossings: int, threshold: float | None) -> Relation:
    return Relation(
        name=name,
        pairs_checked="retrieval",
        measure="evidence",
        threshold=None if threshold is None else round(threshold, 4),
        expected_recall=None,
        crossings=crossings,
    )
