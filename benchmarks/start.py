"""What one waits for `dataprep audit` on the sample data: with its loops compiled, and on a new machine.

    python benchmarks/start.py [--repeat 5]

Python's own bytecode is written as usual, to a folder of this run. Beside each time stands how long plain Python took
for 20 million additions right before: on a shared machine the seconds of one hour are not those of another.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from million_rows import additions

ROOT = Path(__file__).parent.parent
AUDIT = ("audit", "sample_data/train.jsonl", "--eval", "sample_data/eval.jsonl")


def waited(environment: dict[str, str], out: str) -> float:
    """Wall seconds of one audit; its findings make the exit code 1."""
    command = [sys.executable, "-c", "from dataprep.cli import main; main()", *AUDIT, "-o", out]
    began = time.perf_counter()
    status = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False).returncode
    if status != 1:
        raise SystemExit(f"the audit ended with {status}")
    return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plain = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        base = {**plain, "PYTHONPYCACHEPREFIX": f"{folder}/bytecode", "NUMBA_CACHE_DIR": f"{folder}/loops"}
        out = f"{folder}/audit"
        waited(base, out)
        print("| audit of the sample data | wall s, median | each | 20 M additions before, s |")
        print("|---|---|---|---|", flush=True)
        for title, cold in (("loops compiled", False), ("first on a machine", True)):
            times, paces = [], []
            for number in range(given.repeat):
                paces.append(additions())
                loops = {"NUMBA_CACHE_DIR": f"{folder}/loops{number}"} if cold else {}
                times.append(waited({**base, **loops}, out))
            each, pace = (", ".join(f"{value:.1f}" for value in values) for values in (times, paces))
            print(f"| {title} | {median(times):.2f} | {each} | {pace} |", flush=True)


if __name__ == "__main__":
    main()
