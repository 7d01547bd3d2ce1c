"""Wrong answers that training brings to light: precision at k of `dataprep audit --scores RUN`.

    python benchmarks/label_errors.py [--rows 300] [--epochs 3] [--seed 0] [--only TASK] -o FOLDER [key=value ...]

Five per cent of the answers are made wrong, a small model is trained for a few epochs, and the audit ranks the rows
by what training showed. Three kinds of wrong answers:

- banking77: the question gets another of the intents.
- gsm8k, other answer: the question gets the worked answer to another question.
- gsm8k, other result: the last number is another one than the working comes to.

Beside the ranking of the audit (DYN001) stand the loss of the model before training, the mean loss while rows passed,
and chance. Data that the audit would find without training is not left out.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
from packed import lines

from dataprep import split
from dataprep.api import audit
from dataprep.config import AuditConfig
from dataprep.frame import content_hash

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
SHARE = 0.05
INTENTS = 12


def main() -> None:
    """Plant, train, audit, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", choices=list(TASKS), help="May be given several times.")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("settings", nargs="*", help="Of the training, such as model=FOLDER.")
    arguments = parser.parse_args()
    print("| data | trained rows | planted | ranking | precision at k = planted | at k = half | average precision |")
    print("|---|---|---|---|---|---|---|")
    for task in arguments.only or TASKS:
        folder = arguments.output / f"{task}-{arguments.seed}"
        if not (folder / "run" / "run.json").exists():
            prepare(task, folder, arguments)
            train(folder, arguments)
        report(task, folder)


def prepare(task: str, folder: Path, arguments: argparse.Namespace) -> None:
    """Write data with planted errors, its truth, and a split of it."""
    chance = random.Random(arguments.seed)  # noqa: S311 - a draw, not a secret
    rows = TASKS[task](chance, arguments.rows)
    folder.mkdir(parents=True, exist_ok=True)
    lines, truth = [], []
    for question, answer, wrong in rows:
        messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        lines.append(json.dumps({"messages": messages}))
        if wrong:
            truth.append(content_hash({"messages": messages}))
    (folder / "data.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    split([folder / "data.jsonl"], folder / "splits")


def train(folder: Path, arguments: argparse.Namespace) -> None:
    """Train on it, every row scored."""
    settings = [f"epochs={arguments.epochs}", "row_scores=all", "answers=0", "probe=false", "batch_size=8"]
    settings += arguments.settings
    command = [sys.executable, "-m", "trainer.cli", "run", "--data", str(folder / "splits"), *settings]
    subprocess.run([*command, "-o", str(folder / "run"), "--overwrite"], check=True, stdout=subprocess.DEVNULL)


def report(task: str, folder: Path) -> None:
    """One line for each ranking."""
    truth = set(json.loads((folder / "truth.json").read_text(encoding="utf-8")))
    scores = pl.read_parquet(folder / "run" / "row_scores.parquet").filter(pl.col("split") == "train")
    scores = scores.with_columns(wrong=pl.col("row_id").str.slice(0, 16).is_in(list(truth)))
    planted = int(scores["wrong"].sum())
    found = audit([folder / "data.jsonl"], config=AuditConfig(select=["DYN001"], scores=str(folder / "run"))).findings
    ranks = found.select("row_id", dyn="score").unique("row_id")
    scores = scores.join(ranks, on="row_id", how="left").with_columns(pl.col("dyn").fill_null(-1.0))
    rankings = {
        "DYN001": pl.col("dyn"),
        "mean loss as rows passed": pl.col("loss_during").list.mean(),
        "loss before training": pl.col("loss_before"),
    }
    for name, key in rankings.items():
        wrong = scores.sort(key, descending=True, nulls_last=True)["wrong"].to_list()
        flagged = f", {found['row_id'].n_unique()} flagged" if name == "DYN001" else ""
        cells = [f"{sum(wrong[:k])} of {k}" for k in (planted, max(planted // 2, 1))]
        print(
            f"| {task} | {len(wrong)} | {planted} | {name}{flagged} | {cells[0]} | {cells[1]} | {average(wrong):.2f} |"
        )
    print(f"| {task} | {len(wrong)} | {planted} | chance | | | {planted / len(wrong):.2f} |")


def average(wrong: list[bool]) -> float:
    """Average precision: the mean of the precision at the place of each planted row."""
    places = [place for place, one in enumerate(wrong, 1) if one]
    return sum((number / place) for number, place in enumerate(places, 1)) / max(len(places), 1)


def banking(chance: random.Random, rows: int) -> list[tuple[str, str, bool]]:
    """Questions of some intents; the answer names the intent."""
    text = (DATA / "banking77" / "train.csv").read_text(encoding="utf-8")
    every = list(csv.DictReader(io.StringIO(text)))
    intents = chance.sample(sorted({row["category"] for row in every}), INTENTS)
    some = [row for row in every if row["category"] in intents]
    found = []
    for row in chance.sample(some, min(rows, len(some))):
        wrong = chance.random() < SHARE
        intent = chance.choice([one for one in intents if one != row["category"]]) if wrong else row["category"]
        found.append((row["text"], intent.replace("_", " "), wrong))
    return found


def gsm8k_answer(chance: random.Random, rows: int) -> list[tuple[str, str, bool]]:
    """Worked answers, some of them to another question."""
    some = chance.sample(lines(DATA / "gsm8k" / "train.jsonl.zst"), rows)
    answers = [row["answer"] for row in some]
    wrong = [chance.random() < SHARE for _ in some]
    places = [place for place, one in enumerate(wrong) if one]
    for place, other in zip(places, places[1:] + places[:1], strict=True):
        answers[place] = some[other]["answer"]
    return [(row["question"], answer, one) for row, answer, one in zip(some, answers, wrong, strict=True)]


def gsm8k_result(chance: random.Random, rows: int) -> list[tuple[str, str, bool]]:
    """Worked answers, some of which state another result than they come to."""
    found = []
    for row in chance.sample(lines(DATA / "gsm8k" / "train.jsonl.zst"), rows):
        wrong = chance.random() < SHARE
        working, result = row["answer"].rsplit("#### ", 1)
        if wrong:
            number = int(result.replace(",", ""))
            result = str(number + chance.choice([-1, 1]) * chance.randint(1, max(3, abs(number) // 2)))
        found.append((row["question"], f"{working}#### {result}", wrong))
    return found


TASKS = {"banking77": banking, "gsm8k-other-answer": gsm8k_answer, "gsm8k-other-result": gsm8k_result}


if __name__ == "__main__":
    main()
