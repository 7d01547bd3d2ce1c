"""Precision and recall against ground truth; prints the tables of docs/quality.md.

    python benchmarks/quality.py [FOLDER]

FOLDER holds neardup_planted (default: ../shared/data). A part whose data is absent is left out and said so.
Needs the `zstandard` package for the packed files.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from packed import lines, table, text

from dataprep import audit
from dataprep.config import AuditConfig
from dataprep.similarity import SimilarityParams, repeat_difference, self_pairs
from dataprep.text.evidence.conflict import conflict
from dataprep.text.normalise import normalised
from dataprep.text.views import with_texts

ROOT = Path(__file__).parent.parent


def sample_data(_folder: Path) -> Iterator[str]:
    """Planted faults of sample_data."""
    sample = ROOT / "sample_data"
    result = audit([sample / "train.jsonl"], [sample / "eval.jsonl"])
    ids = {number: row["id"] for number, row in enumerate(lines(sample / "train.jsonl"), start=1)}
    found: dict[str, set[frozenset[Any]]] = defaultdict(set)
    for item in result.findings.iter_rows(named=True):
        is_eval = "eval" in (item["related_source"] or "")
        other = item["related_line"] - 1 if is_eval else ids.get(item["related_line"])
        if item["severity"] == "note":
            continue
        found[item["code"][:4]].add(frozenset({ids[item["line"]], other}))
    truth = lines(sample / "truth.jsonl")
    yield "| planted | rows | found | reported beyond the planted |"
    yield "|---|---:|---:|---:|"
    duplicates = {frozenset({t["id"], t["of"]}) for t in truth if t["defect"].endswith("duplicate")}
    for kind in ("exact_duplicate", "near_duplicate"):
        planted = {frozenset({t["id"], t["of"]}) for t in truth if t["defect"] == kind}
        yield f"| {kind} | {len(planted)} | {len(planted & found['DUP0'])} | {len(found['DUP0'] - duplicates)} |"
    leaks = {frozenset({t["id"], t["eval"]}) for t in truth if t["defect"] == "eval_leak"}
    yield f"| eval_leak | {len(leaks)} | {len(leaks & found['LEAK'])} | {len(found['LEAK'] - leaks)} |"
    contradictions = [t for t in truth if t["defect"] == "contradiction"]
    every = {frozenset({t["id"], t["of"]}) for t in contradictions}
    for words, is_same in (("same prompt", True), ("reworded prompt", False)):
        planted = {frozenset({t["id"], t["of"]}) for t in contradictions if t["same_prompt"] == is_same}
        right = planted & found["CON0"]
        yield f"| contradiction, {words} | {len(planted)} | {len(right)} | {len(found['CON0'] - every)} |"
    same = {frozenset({t["id"], t["of"]}) for t in truth if t["defect"] == "consistent_pair"}
    yield f"| consistent pairs (must be 0) | {len(same)} | {len(same & found['CON0'])} | |"


def near_duplicates(folder: Path) -> Iterator[str]:
    """Planted near-duplicates and traps."""
    rows = lines(folder / "neardup_planted" / "rows.jsonl.zst")
    kinds = {frozenset({t["a"], t["b"]}): t["kind"] for t in lines(folder / "neardup_planted" / "truth.jsonl")}
    params, frame = SimilarityParams(), read(rows)
    prompts, answers = frame["prompt"].to_list(), frame["answer"].to_list()
    alike, called = Counter[str](), Counter[str]()
    for a, b, _ in self_pairs(frame["pair_core"].to_list(), params):
        kind = kinds.get(frozenset({rows[a]["id"], rows[b]["id"]}), "unplanted")
        alike[kind] += 1
        called[kind] += repeat_difference((prompts[a], answers[a]), (prompts[b], answers[b])) is None
    yield "| kind | pairs | above the threshold | called duplicates |"
    yield "|---|---:|---:|---:|"
    for kind, count in (*Counter(kinds.values()).items(), ("unplanted", 0)):
        yield f"| {kind} | {count} | {alike[kind]} | {called[kind]} |"
    wrong = called["numbers_changed"] + called["unplanted"]
    right = called.total() - wrong
    planted = sum(kind != "numbers_changed" for kind in kinds.values())
    yield ""
    yield f"recall {right / planted:.3f}, precision {right / called.total():.3f}"


def read(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows with their texts, as an audit has them."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return with_texts(audit([path], config=AuditConfig(select=["FMT001"])).data.rows)


def hand_written(_folder: Path) -> Iterator[str]:
    """Pairs written by hand for this purpose, in nine languages, beside rows that have nothing to do with them."""
    pairs = [
        json.loads(line) for line in (Path(__file__).parent / "hand_written.jsonl").read_text("utf-8").splitlines()
    ]
    called: defaultdict[str, Counter[str]] = defaultdict(Counter)
    severities: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for pair in pairs:
        left, right = pair["left"], pair["right"]
        if pair["truth"] in {"contradiction", "consistent"}:
            if left[0] == right[0]:  # of reworded questions an audit asks first whether they are one
                found = conflict(left[1], right[1], left[0])
                severities[pair["truth"]][found.severity if found else "nothing"] += 1
            continue
        frame = read([{"prompt": prompt, "completion": answer} for prompt, answer in (left, right)])
        alike = len(self_pairs(frame["pair_core"], SimilarityParams())) > 0
        same = alike and repeat_difference(tuple(left), tuple(right)) is None
        called[pair["truth"]]["above the threshold"] += alike
        called[pair["truth"]]["called duplicates"] += same
        called[pair["truth"]]["pairs"] += 1
    yield "| pairs of rows that are | pairs | above the threshold | called duplicates |"
    yield "|---|---:|---:|---:|"
    for truth, counts in called.items():
        yield f"| {truth} | {' | '.join(str(counts[name]) for name in ('pairs', *list(counts)[:2]))} |"
    yield ""
    yield "| answers to one question that are | error | note | nothing |"
    yield "|---|---:|---:|---:|"
    for truth, counts in severities.items():
        yield f"| {truth} | {' | '.join(str(counts[name]) for name in ('error', 'note', 'nothing'))} |"


def reference_pairs(folder: Path) -> Iterator[str]:
    """All pairs of banking77 at 0.8, by another program that drops currencies and signs as well."""
    parts = {part: table(folder / "banking77" / f"{part}.csv") for part in ("train", "test")}
    texts = {f"{part}:{place}": row["text"] for part, rows in parts.items() for place, row in enumerate(rows)}
    listed = lines(folder / "banking77" / "jaccard_char5_ge0.8.jsonl")
    ours = pl.DataFrame({"text": list(texts.values())}).select(normalised(pl.col("text")))["text"].to_list()
    theirs = [
        " ".join(re.sub(r"[^\w\s]", " ", unicodedata.normalize("NFKC", one).lower()).split()) for one in texts.values()
    ]
    yield "| normal form | engine | pairs listed | found | not listed |"
    yield "|---|---|---:|---:|---:|"
    for words, forms in (("that of the list", theirs), ("ours", ours)):
        form_of = dict(zip(texts, forms, strict=True))
        wanted = [frozenset({form_of[pair["a"]], form_of[pair["b"]]}) for pair in listed]
        for engine in ("exact", "minhash"):
            pairs = self_pairs(forms, SimilarityParams(threshold=0.8, engine=engine))
            found = {frozenset({forms[a], forms[b]}) for a, b, _ in pairs}
            right = sum(pair in found for pair in wanted)
            yield f"| {words} | {engine} | {len(listed)} | {right} | {len(found.difference(wanted))} |"


def boilerplate(folder: Path) -> Iterator[str]:
    """A thousand tasks below one preamble."""
    rows = json.loads(text(folder / "gpteacher" / "toolformer.json.zst"))[:1_000]
    frame, params = read(rows), SimilarityParams(threshold=0.8, unit="word", shingle=3)
    yield "| compared | pairs of at least 0.8 of word 3-grams |"
    yield "|---|---:|"
    for words, column in (("prompts, whole", "prompt_norm"), ("what each prompt has of its own", "prompt_core")):
        yield f"| {words} | {len(self_pairs(frame[column], params)):,} |"


def main() -> None:
    """Print every table whose data is there."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"
    for title, part in (
        ("sample_data", sample_data),
        ("Near-duplicates", near_duplicates),
        ("Written by hand", hand_written),
        ("All pairs of banking77", reference_pairs),
        ("A thousand tasks below one preamble", boilerplate),
    ):
        print(f"\n## {title}\n")
        try:
            for line in part(folder):
                print(line)
        except (FileNotFoundError, ModuleNotFoundError) as err:
            print(f"left out: {err}")


if __name__ == "__main__":
    main()
