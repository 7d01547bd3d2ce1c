"""Leakage and contradictions in a million rows: time and memory of the searches, and of `dataprep audit`.

    python benchmarks/million_rows.py FOLDER [--data DATA]

In FOLDER a corpus is made (see corpus.py) and written as prompts, the first third of each text, with their
completions; ten thousand of its rows are the evaluation data. Each audit is a process of its own, its start included.
Beside it stands how long plain Python takes for 20 million additions: on a shared machine the seconds of one hour are
not those of another. DATA holds gsm8k, bitext and gpteacher (default: ../shared/data).
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from corpus import generate
from numpy.typing import NDArray

from dataprep.similarity import calibrated
from dataprep.similarity.contain import contained
from dataprep.similarity.reworded import cross, within

ROOT = Path(__file__).parent.parent
ROWS, ITEMS = 1_000_000, 10_000


def corpus(folder: Path, data: Path) -> tuple[pl.Series, pl.Series]:
    """The texts of the rows and of the items; written as chat rows, too."""
    path = folder / f"{ROWS}.parquet"
    if not path.exists():
        generate(ROWS, path, 7, data)
    texts = pl.read_parquet(path)["text"]
    dice = np.random.default_rng(1)
    chosen: NDArray[np.int64] = dice.choice(texts.len(), ITEMS, replace=False)
    words = pl.col("text").str.split(" ")
    third = words.list.len() // 3
    rows = (
        texts.alias("text")
        .to_frame()
        .select(prompt=words.list.head(third).list.join(" "), completion=words.list.slice(third).list.join(" "))
    )
    rows.write_ndjson(folder / "rows.jsonl")
    rows[chosen].write_ndjson(folder / "items.jsonl")
    return texts, texts.gather(chosen)


def timed(what: str, work: Callable[[], Any]) -> str:
    """How long something takes, and how much memory beyond what is held already."""
    before = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    return f"| {what} | {wall:.1f} | {cpu:.1f} | {peak / 1e6:,.0f} | {len(result):,} |"


def searches(rows: pl.Series, evals: pl.Series) -> Iterator[str]:
    """The rows against the items, and the beginnings of the rows with each other."""
    few = rows[:3_000]
    contained(few, few[:100]), calibrated.leaks(few[:100], few), within(few)  # compiles
    prompts = rows.str.split(" ").list.head(13).list.join(" ")
    yield "| search | wall s | CPU s | MB | pairs |"
    yield "|---|---:|---:|---:|---:|"
    yield timed("contained, 1M rows x 10k items", lambda: contained(rows, evals))
    yield timed("reworded, best of 1M rows for 10k items", lambda: cross(evals, rows))
    yield timed("reworded, calibrated, 16 best", lambda: calibrated.leaks(evals, rows).pairs)
    yield timed("reworded within 1M prompts of 13 words, 3 best", lambda: within(prompts, most=3))


def audits(folder: Path) -> Iterator[str]:
    """Whole audits: what one waits for."""
    yield "| audit | wall s | CPU s | MB | 20 M additions before, s |"
    yield "|---|---:|---:|---:|---:|"
    for family in ("LEAK", "CON"):
        pace = additions()
        code = "from dataprep.cli import main; main()"
        arguments = ["audit", "rows.jsonl", "--eval", "items.jsonl", "--select", family, "-o", family]
        command = [sys.executable, "-c", code, *arguments, "--fail-on", "never"]
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        if status:
            raise SystemExit(f"the audit failed: {status}")
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
        yield f"| --select {family} | {wall:.0f} | {cpu:.0f} | {peak / 1e6:,.0f} | {pace:.1f} |"


def additions() -> float:
    """Seconds that plain Python takes for 20 million additions now."""
    began, total = time.perf_counter(), 0
    for number in range(20_000_000):
        total += number
    return time.perf_counter() - began


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", default="searches,audits")
    given = parser.parse_args()
    texts, items = corpus(given.folder, given.data)
    for name, lines in (("searches", searches(texts, items)), ("audits", audits(given.folder))):
        if name in given.only:
            print("\n".join(["", *lines]), flush=True)


if __name__ == "__main__":
    main()
