"""Measures the evidence of contradictions between two answers to one question; prints tables.

    python benchmarks/contradictions.py [FOLDER] [--wrong]

FOLDER holds contradiction_planted, gsm8k, conflictqa, bitext, snli and formats (default: ../shared/data); sample_data
is the repository's. "Reported" is any evidence, "error" the hard part of it. `--wrong` lists what was missed and what
was reported wrongly.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import polars as pl
from packed import lines, table

from dataprep import audit
from dataprep.config import AuditConfig
from dataprep.contract import SEVERITIES
from dataprep.text.evidence.answer import read
from dataprep.text.evidence.conflict import Conflict, conflict

ROOT = Path(__file__).parent.parent
SPEED_CALLS = 100_000
SPEED_ANSWERS = 10
WORDS = 40
SEED = 7


@dataclass
class Tally:
    """Pairs by whether they contradict and by what was reported of them."""

    counts: Counter[tuple[bool, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, left: str, right: str, prompt: str, *, contradicts: bool) -> Conflict | None:
        """Compare a pair and count it."""
        found = conflict(left, right, prompt)
        self.counts[contradicts, found.severity if found else "none"] += 1
        if contradicts != (found is not None):
            sort = "missed" if contradicts else f"wrong {found and (found.kind, found.severity, found.describe())}"
            self.wrong.append(f"{sort}\n  Q {prompt[:200]}\n  A {left[:400]}\n  B {right[:400]}")
        return found

    def row(self, name: str) -> str:
        """One line of the table."""
        positives = sum(count for (contradicts, _), count in self.counts.items() if contradicts)
        cells = []
        for severities in (("error", "note"), ("error",)):
            right = sum(self.counts[True, severity] for severity in severities)
            reported = right + sum(self.counts[False, severity] for severity in severities)
            precision = right / reported if reported else 1.0
            recall = right / positives if positives else 1.0
            f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
            cells.append(f"{right} + {reported - right} | {precision:.3f} | {recall:.3f} | {f1:.3f}")
        return f"| {name} | {positives} | {self.counts.total() - positives} | {' | '.join(cells)} |"


def planted(folder: Path) -> Iterator[tuple[str, Tally]]:
    """Support policies written by hand; two prompts are alike or mean the same."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for pair in lines(folder / "contradiction_planted" / "pairs.jsonl"):
        if pair["label"] != "unrelated":
            contradicts = pair["label"] == "contradiction"
            name = f"planted, {pair['kind'].replace('_', ' ')}"
            tallies[name].add(pair["answer_a"], pair["answer_b"], pair["prompt_b"], contradicts=contradicts)
    yield from tallies.items()


def sample_data(_folder: Path) -> Iterator[tuple[str, Tally]]:
    """The planted pairs of sample_data."""
    rows = {row["id"]: row["messages"] for row in lines(ROOT / "sample_data" / "train.jsonl")}
    tally = Tally()
    for truth in lines(ROOT / "sample_data" / "truth.jsonl"):
        if truth["defect"] in {"contradiction", "consistent_pair"}:
            (question, answer), (_, other) = (
                [message["content"] for message in rows[truth[key]]][-2:] for key in ("id", "of")
            )
            tally.add(answer, other, question, contradicts=truth["defect"] == "contradiction")
    yield "sample_data", tally


def final_number(solution: str) -> float | None:
    """The number behind the last "A:", read on its own so that it checks what is measured."""
    marked = re.findall(r"^A:\s*(.*)$", solution, re.MULTILINE)
    digits = re.sub(r"[^\d.-]", "", marked[-1]) if marked else ""
    try:
        return float(digits.rstrip("."))
    except ValueError:
        return None


def gsm8k(folder: Path) -> Iterator[tuple[str, Tally]]:
    """All pairs of the solutions to a question: the reference and those of four models."""
    tally, unmarked = Tally(), Tally()
    for row in lines(folder / "gsm8k" / "model_solutions_0000_0659.jsonl"):
        solutions = [row["ground_truth"]]
        solutions += [
            row[f"{size}_{kind}"]["solution"] for size in ("6b", "175b") for kind in ("finetuning", "verification")
        ]
        for left, right in combinations(solutions, 2):
            ends = final_number(left), final_number(right)
            if None in ends:
                continue
            contradicts = abs((ends[0] or 0) - (ends[1] or 0)) > 1e-6 * max(1.0, abs(ends[0] or 0))
            tally.add(left, right, row["question"], contradicts=contradicts)
            unmarked.add(without_mark(left), right, row["question"], contradicts=contradicts)
    yield "gsm8k, model solutions", tally
    yield "gsm8k, one of them without its `A:` line", unmarked


def without_mark(solution: str) -> str:
    """A solution without the line that marks its answer."""
    return "\n".join(line for line in solution.splitlines() if not line.startswith("A:"))


def conflictqa(folder: Path) -> Iterator[tuple[str, Tally]]:
    """Prose answers to yes-no questions; the rules were set on one half of the questions."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for row in lines(folder / "conflictqa" / "chatgpt_even.jsonl"):
        question = row["question"]
        half = (
            "set on"
            if int(hashlib.md5(question.encode(), usedforsecurity=False).hexdigest(), 16) // 2 % 2 == 0
            else "held out"
        )
        for name in (f"conflictqa, prose, half {half}", "conflictqa, prose"):
            tallies[name].add(row["parametric_memory"], row["counter_memory"], question, contradicts=True)
            tallies[name].add(row["memory_answer"], row["parametric_memory"], question, contradicts=False)
        name = "conflictqa, one-line answers"
        tallies[name].add(row["memory_answer"], row["counter_answer"], question, contradicts=True)
        tallies[name].add(row["memory_answer"], row["memory_answer"] + " That is so.", question, contradicts=False)
    yield from sorted(tallies.items())


def bitext(folder: Path) -> Iterator[tuple[str, Tally]]:
    """Repeated prompts of a real support set; no answer contradicts another."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in table(folder / "bitext" / "bitext_support.csv.zst"):
        key = " ".join("".join(c if c.isalnum() else " " for c in row["instruction"].lower()).split())
        groups[key].append((row["instruction"], row["response"]))
    tally = Tally()
    for rows in groups.values():
        for (prompt, left), (_, right) in combinations(rows, 2):
            tally.add(left, right, prompt, contradicts=False)
    yield "bitext, repeated prompts", tally


def preferences(folder: Path) -> Iterator[tuple[str, Tally]]:
    """Preferred and rejected answers to one prompt; which contradict nobody labelled, so all count as wrong."""
    tally = Tally()
    for row in json.loads((folder / "formats" / "llamafactory_dpo_en_demo.json").read_text(encoding="utf-8")):
        prompt = row["conversations"][-1]["value"]
        tally.add(row["chosen"]["value"], row["rejected"]["value"], prompt, contradicts=False)
    yield "preference pairs, unlabelled", tally


def snli(folder: Path) -> Iterator[tuple[str, Tally]]:
    """Picture captions: contradiction against neutral and entailed ones."""
    tally = Tally()
    for row in lines(folder / "snli" / "dev.jsonl"):
        tally.add(row["premise"], row["hypothesis"], "", contradicts=row["label"] == "contradiction")
    yield "snli, dev", tally


def speed(folder: Path) -> Iterator[str]:
    """How long so many comparisons take, with answers that were never seen before."""
    questions = [row["question"] for row in lines(folder / "conflictqa" / "chatgpt_even.jsonl")]
    pieces = []
    for row in lines(folder / "conflictqa" / "chatgpt_even.jsonl"):
        for key in ("parametric_memory", "counter_memory"):
            words = row[key].split()
            pieces += [" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS)]
    chance = random.Random(SEED)  # noqa: S311
    chance.shuffle(pieces)
    read.cache_clear()
    spent = done = 0.0
    while done < SPEED_CALLS:
        group = [pieces.pop() for _ in range(SPEED_ANSWERS)]
        question = chance.choice(questions)
        started = time.process_time()
        for left, right in combinations(group, 2):
            conflict(left, right, question)
            done += 1
        spent += time.process_time() - started
    yield f"{done:,.0f} comparisons of {WORDS}-word answers, {SPEED_ANSWERS} new ones to a question: {spent:.1f} CPU s"


def whole_audit(folder: Path) -> Iterator[str]:
    """What `dataprep audit` reports of the planted pairs, each pair a file of its own, and of labels set wrong."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for pair in lines(folder / "contradiction_planted" / "pairs.jsonl"):
        rows = [{"prompt": pair[f"prompt_{side}"], "completion": pair[f"answer_{side}"]} for side in "ab"]
        worst = next((one for one in SEVERITIES if one in set(audited(rows)["severity"])), "nothing")
        counts[pair["kind"], pair["label"]][worst] += 1
    yield "| planted pairs | label | error | warning | note | nothing |"
    yield "|---|---|---:|---:|---:|---:|"
    for (kind, label), found in sorted(counts.items()):
        cells = " | ".join(str(found[name]) for name in (*SEVERITIES, "nothing"))
        yield f"| {kind.replace('_', ' ')} | {label} | {cells} |"
    yield from label_noise(folder)


def label_noise(folder: Path) -> Iterator[str]:
    """Labels of banking77 set wrong by chance, and how many of the rows reported are those."""
    with (folder / "banking77" / "train.csv").open(encoding="utf-8", newline="") as stream:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(stream)]
    labels = sorted({label for _, label in rows})
    yield ""
    yield "| banking77, labels set wrong | warnings: right + wrong | notes: right + wrong | found |"
    yield "|---:|---:|---:|---:|"
    for share in (0.01, 0.05, 0.1):
        chance = random.Random(SEED)  # noqa: S311
        wrong = set(chance.sample(range(len(rows)), int(share * len(rows))))
        noisy = [
            (text, chance.choice([other for other in labels if other != label]) if number in wrong else label)
            for number, (text, label) in enumerate(rows)
        ]
        findings = audited([{"prompt": text, "completion": label} for text, label in noisy], "CON004")
        cells, every = [], set()
        for severity in ("warning", "note"):
            reported = {line - 1 for line in findings.filter(severity=severity)["line"]}
            every |= reported & wrong
            cells.append(f"{len(reported & wrong)} + {len(reported - wrong)}")
        yield f"| {len(wrong)} ({share:.0%}) | {' | '.join(cells)} | {len(every) / len(wrong):.0%} |"


def audited(rows: list[dict[str, str]], code: str = "CON") -> pl.DataFrame:
    """The findings of an audit of some rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return audit([path], config=AuditConfig(select=[code])).findings


PARTS = (planted, sample_data, gsm8k, conflictqa, bitext, preferences, snli)


def main() -> None:
    """Print the table, and the wrong ones if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--wrong", action="store_true", help="list every pair judged wrongly")
    parser.add_argument("--part", choices=[part.__name__ for part in PARTS], help="measure one part only")
    options = parser.parse_args()
    print(
        "| answers | contradict | do not | reported: right + wrong | precision | recall | F1 "
        "| errors: right + wrong | precision | recall | F1 |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    wrong: list[tuple[str, list[str]]] = []
    for part in PARTS:
        if options.part not in {None, part.__name__}:
            continue
        try:
            for name, tally in part(options.folder):
                print(tally.row(name))
                wrong.append((name, tally.wrong))
        except FileNotFoundError as err:
            print(f"| {part.__name__} | left out: {err} |", file=sys.stderr)
    if options.part is None:
        print("", *speed(options.folder), sep="\n")
        print("", *whole_audit(options.folder), sep="\n")
    for name, found in wrong if options.wrong else []:
        print(f"\n## {name}: {len(found)}\n", *found, sep="\n")


if __name__ == "__main__":
    main()
