"""Precision and recall against ground truth; prints the tables of docs/quality.md.

    python benchmarks/quality.py [FOLDER]

FOLDER holds neardup_planted (default: ../shared/data). A part whose data is absent is left out and said so.
Needs the `zstandard` package for the packed files.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packed import lines

from dataprep import audit
from dataprep.config import AuditConfig
from dataprep.similarity import SimilarityParams, example_difference, self_pairs
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
    planted = {frozenset({t["id"], t["of"]}) for t in truth if t["defect"] == "contradiction" and t["same_prompt"]}
    same = {frozenset({t["id"], t["of"]}) for t in truth if t["defect"] == "consistent_pair"}
    right = planted & found["CON0"]
    yield f"| contradiction, same prompt | {len(planted)} | {len(right)} | {len(found['CON0'] - planted)} |"
    yield f"| consistent pairs (must be 0) | {len(same)} | {len(same & found['CON0'])} | |"


def near_duplicates(folder: Path) -> Iterator[str]:
    """Planted near-duplicates and traps."""
    rows = lines(folder / "neardup_planted" / "rows.jsonl.zst")
    kinds = {frozenset({t["a"], t["b"]}): t["kind"] for t in lines(folder / "neardup_planted" / "truth.jsonl")}
    params = SimilarityParams()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        frame = with_texts(audit([path], config=AuditConfig(select=["FMT001"])).data.rows)
    prompts, answers = frame["prompt"].to_list(), frame["answer"].to_list()
    alike, called = Counter[str](), Counter[str]()
    for a, b, _ in self_pairs(frame["pair_core"].to_list(), params):
        kind = kinds.get(frozenset({rows[a]["id"], rows[b]["id"]}), "unplanted")
        alike[kind] += 1
        called[kind] += example_difference((prompts[a], answers[a]), (prompts[b], answers[b])) is None
    yield "| kind | pairs | above the threshold | called duplicates |"
    yield "|---|---:|---:|---:|"
    for kind, count in (*Counter(kinds.values()).items(), ("unplanted", 0)):
        yield f"| {kind} | {count} | {alike[kind]} | {called[kind]} |"
    wrong = called["numbers_changed"] + called["unplanted"]
    right = called.total() - wrong
    planted = sum(kind != "numbers_changed" for kind in kinds.values())
    yield ""
    yield f"recall {right / planted:.3f}, precision {right / called.total():.3f}"


def main() -> None:
    """Print every table whose data is there."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"
    for title, part in (
        ("sample_data", sample_data),
        ("Near-duplicates", near_duplicates),
    ):
        print(f"\n## {title}\n")
        try:
            for line in part(folder):
                print(line)
        except (FileNotFoundError, ModuleNotFoundError) as err:
            print(f"left out: {err}")


if __name__ == "__main__":
    main()
