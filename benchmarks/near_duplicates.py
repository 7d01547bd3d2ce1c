"""Near-duplicates side by side with other tools: the whole job from texts to the rows to remove.

    python benchmarks/near_duplicates.py --peers FOLDER [--rows 100_000 --rows 1_000_000] [--repeat 3] [--only NAME,..]

Writes the corpora (see corpus.py) into FOLDER and installs each peer there into an environment of its own (never
torch); what is there is used again. text-dedup needs Python 3.12 (PYTHON312, or `python3.12` on the path). Then each
engine reads a corpus and writes the ids of the rows it removes, as a process of its own: word 5-grams, threshold 0.8,
128 permutations, used as its own documentation says. It first does so for 1,000 rows, which is not measured: there a
broken engine shows, and compiled code gets into its cache. A peer that would need more than --patience CPU seconds for
a corpus, judged by a smaller one, is left out there.

Job is the CPU time from the texts in memory to the rows that stay, process that of the whole process and of all it
started, its start, imports and reading included; peak is the largest resident size of one of them; the medians are
shown. The ratios compare jobs; of text-dedup, a command that cannot be taken apart, the job is what its process takes
beyond that for 1,000 rows. Truth are all pairs with a Jaccard similarity of at least 0.8 (`exact_pairs` of corpus.py,
which uses no engine):

- recall: the share of the planted pairs among them of which at least one row is removed;
- removed wrongly: removed rows that are in none of those pairs;
- groups lost: groups of rows linked by such pairs of which no row is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from corpus import Truth, generate
from engines import ENGINES, READ, TEXT_DEDUP, TEXT_DEDUP_KEPT, Engine

ROOT = Path(__file__).parent.parent
THRESHOLD = 0.8
WARM_UP = 1_000

LAUNCHER = """
import json, os, subprocess, sys, time

started = time.perf_counter()
process = subprocess.Popen(["timeout", *sys.argv[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
wall = time.perf_counter() - started
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024]))
"""
"""Small, because a process counts as its own the peak of the one it was forked from."""


class FailedError(Exception):
    """An engine cannot be installed, or did not do its job; says why."""


def done(command: list[str], **options: str) -> str:
    """What a command prints; its last words where it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if result.returncode:
        raise FailedError((result.stderr.strip() or f"{command[0]} failed").splitlines()[-1])
    return str(result.stdout)


def environment(engine: Engine, folder: Path) -> str:
    """The Python that has the packages of a peer."""
    if not engine.packages:
        return sys.executable
    place = folder / engine.packages[0].replace("==", "-")
    python, ready = str(place / "bin" / "python"), place / "ready"
    if not ready.exists():
        base = sys.executable
        if engine.script is TEXT_DEDUP and sys.version_info < (3, 12):
            base = os.environ.get("PYTHON312") or shutil.which("python3.12") or ""
            if not base:
                raise FailedError("needs Python 3.12, and there is no python3.12")
        shutil.rmtree(place, ignore_errors=True)
        done([base, "-m", "venv", str(place)])
        (place / "never").write_text("torch<0\ntensorflow<0\n", encoding="utf-8")
        done([python, "-m", "pip", "install", "-q", "-c", str(place / "never"), *engine.packages])
        ready.touch()
    return python


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took.

    Attributes:
        job: CPU seconds from the texts in memory to the rows that stay, without starting and reading; of a command
            that cannot be taken apart, all of them.
        cpu: CPU seconds of the whole process.
        wall: seconds.
        peak: bytes.
    """

    job: float
    cpu: float
    wall: float
    peak: float


def run(engine: Engine, path: Path, removed: Path, limit: float) -> Run:
    """Let an engine write the ids it removes from a corpus."""
    python = environment(engine, path.parent)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        ours = {} if engine.packages else {"PYTHONPATH": str(ROOT)}
        options = {"cwd": scratch, "env": os.environ | {"HF_HOME": scratch, "HF_HUB_OFFLINE": "1"} | ours}
        files = [str(path), str(removed)]
        if engine.script is TEXT_DEDUP:
            (Path(scratch) / "config.toml").write_text(TEXT_DEDUP.replace("CORPUS", str(path)), encoding="utf-8")
            command = [python, "-m", "text_dedup.minhash"]
        else:
            command = [python, "-c", READ + engine.script, *files, *engine.arguments]
        launch = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(limit), *command]
        result = subprocess.run(launch, capture_output=True, text=True, check=True, **options)  # type: ignore[call-overload]
        code, *used = json.loads(result.stdout)
        if code:
            words = [line for line in result.stderr.splitlines() if line.strip()] or [f"exit status {code}"]
            raise FailedError(f"stopped after {limit:g} s" if code == 124 else words[-1])
        if engine.script is TEXT_DEDUP:
            done([python, "-c", READ + TEXT_DEDUP_KEPT, *files], cwd=scratch)
        elif not engine.packages:
            shutil.move(Path(scratch) / "pairs.parquet", removed.with_suffix(".pairs.parquet"))
    timed = removed.with_name(removed.name + ".job")
    return Run(float(timed.read_text(encoding="ascii")) if engine.script is not TEXT_DEDUP else used[0], *used)


def compare(
    rows: int, names: list[str], given: argparse.Namespace, slow: dict[str, float], start: list[float]
) -> None:
    """Print the table of one corpus.

    Args:
        rows: of the corpus.
        names: of the engines.
        given: the arguments of the command.
        slow: CPU seconds per row that each needed for the last corpus.
        start: CPU seconds that text-dedup needs for next to nothing.
    """
    path = given.peers / f"{rows}.parquet"
    if not path.exists():
        generate(rows, path, 7, ROOT.parent / "shared" / "data")
    repeat = given.repeat if rows > WARM_UP else 1
    runs: dict[str, list[Run]] = {}
    notes: list[str] = []
    chosen = []
    for name in names:
        if ENGINES[name].packages and slow.get(name, 0) * rows > given.patience:
            words = f"left out, it would take about {slow[name] * rows:.0f} CPU seconds"
            notes.append(f"{ENGINES[name].title}: {words}")
        else:
            chosen.append(name)
    # In turns: a shared machine is not equally fast at all times.
    for name in chosen * repeat:
        try:
            removed = given.peers / f"{rows}-{name}.parquet"
            runs.setdefault(name, []).append(run(ENGINES[name], path, removed, given.limit))
        except FailedError as err:
            notes.append(f"{ENGINES[name].title}: failed: {err}")
    medians = {
        name: [statistics.median(getattr(one, kind) for one in some) for kind in ("job", "cpu", "wall", "peak")]
        for name, some in runs.items()
    }
    if rows <= WARM_UP:
        start += [one.job for name, some in runs.items() if ENGINES[name].script is TEXT_DEDUP for one in some]
        return
    truth = Truth(path, THRESHOLD)
    for name, (job, cpu, wall, peak) in medians.items():
        slow[name] = cpu / rows
        own = job - (start[0] if ENGINES[name].script is TEXT_DEDUP else 0.0)
        ratios = [f"{own / medians[ours][0]:.1f}" if ours in medians else "-" for ours in ("minhash", "exact")]
        taken = [f"{own:.2f}", f"{cpu:.1f}", f"{wall:.1f}", f"{peak / 1e6:.0f}"]
        cells = [ENGINES[name].title, f"{rows:,}", *taken, *ratios]
        print(f"| {' | '.join(cells + truth.judge(given.peers / f'{rows}-{name}.parquet'))} |", flush=True)
    if "exact" in medians:
        notes.append(truth.difference(given.peers / f"{rows}-exact.pairs.parquet"))
    notes.append(f"{len(truth.keys):,} pairs of at least {THRESHOLD}, {truth.planted.height:,} of them planted")
    print("".join(f"\n{rows:,} rows: {note}" for note in notes) + "\n", flush=True)


def main() -> None:
    """Compare at every size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", default=",".join(ENGINES))
    parser.add_argument("--patience", type=float, default=200.0)
    parser.add_argument("--limit", type=float, default=3600.0, help="wall seconds after which a run is stopped")
    given = parser.parse_args()
    given.peers = given.peers.resolve()
    given.peers.mkdir(parents=True, exist_ok=True)
    cpus = [line for line in Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines() if "model name" in line]
    print(f"{os.cpu_count()} cores, {cpus[0].split(': ')[1] if cpus else platform.machine()}, ", end="")
    print(f"Python {platform.python_version()}, median of {given.repeat}\n")
    names = given.only.split(",")
    slow: dict[str, float] = {}
    start: list[float] = []
    compare(WARM_UP, names, given, slow, start)
    print(
        "| engine | rows | job CPU s | process CPU s | wall s | peak MB | against our MinHash | against our exact ",
        end="",
    )
    print("| recall | removed wrongly | groups lost |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for rows in sorted(given.rows or [100_000]):
        compare(rows, names, given, slow, start)


if __name__ == "__main__":
    main()
