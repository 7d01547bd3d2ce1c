"""Splits of real data, checked by comparing every row with every other; prints a table of docs/quality.md.

    python benchmarks/splits.py [FOLDER]

FOLDER holds banking77, gpteacher, gsm8k, mbpp and bitext (default: ../shared/data). Each data set is split at the
defaults. Then all pairs of rows on two sides are compared by a product of sparse matrices, which knows nothing of the
engine: character 5-grams of prompt and answer, of the prompt (both without what many prompts begin or end with), and
equal normalised prompts. Needs the `zstandard` package.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from packed import lines, table
from scipy import sparse

from dataprep import split
from dataprep.api import load
from dataprep.config import SplitConfig
from dataprep.text.preambles import Preambles
from dataprep.text.views import with_texts

ROOT = Path(__file__).parent.parent
THRESHOLD = 0.7
SHINGLE = 5
BLOCK = 1_000


def crossings(texts: list[str], sides: NDArray[np.int64]) -> int:
    """Pairs of rows on two sides whose character 5-grams have a Jaccard similarity at the threshold."""
    number_of: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for one in texts:
        grams = {one[start : start + SHINGLE] for start in range(max(1, len(one) - SHINGLE + 1))} if one else set()
        columns += [number_of.setdefault(gram, len(number_of)) for gram in sorted(grams)]
        ends.append(len(columns))
    sizes = np.diff(ends)
    values = np.ones(len(columns), dtype=np.float32)
    table = sparse.csr_matrix((values, columns, ends), shape=(len(texts), max(1, len(number_of))))
    crossing = 0
    for start in range(0, len(texts), BLOCK):
        shared = (table[start : start + BLOCK] @ table.T).tocoo()
        rows = shared.row + start
        union = sizes[rows] + sizes[shared.col] - shared.data
        alike = (shared.data >= THRESHOLD * union - 1e-4) & (rows < shared.col) & (sides[rows] != sides[shared.col])
        crossing += int(alike.sum())
    return crossing


def data_sets(folder: Path, scratch: Path) -> dict[str, tuple[list[Path], dict[str, str]]]:
    """The files of each data set, and what their columns mean."""

    def written(name: str, records: list[dict[str, Any]]) -> Path:
        path = scratch / f"{name}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    gsm8k = written("gsm8k", lines(folder / "gsm8k" / "train.jsonl.zst"))
    support = table(folder / "bitext" / "bitext_support.csv.zst")
    bitext = written("bitext", [{"prompt": row["instruction"], "completion": row["response"]} for row in support])
    banking = folder / "banking77"
    return {
        "banking77": ([banking / "train.csv", banking / "test.csv"], {"prompt": "text", "answer": "category"}),
        "gpteacher": ([folder / "gpteacher" / "toolformer.json.zst"], {}),
        "gsm8k + mbpp + bitext": ([gsm8k, folder / "mbpp" / "mbpp.jsonl", bitext], {}),
    }


def main() -> None:
    """Split each data set and look for what crosses."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"
    print("| data | kept | train / validation / test | groups | largest | s | equal prompts | alike rows | prompts |")
    print("|---|---:|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as scratch:
        for name, (files, columns) in data_sets(folder, Path(scratch)).items():
            out = Path(scratch) / "splits"
            began = time.perf_counter()
            made = split(files, out, config=SplitConfig(map=columns))
            took = time.perf_counter() - began
            counts = made.manifest.account.by_split
            parts = [load([out / f"{side}.jsonl"]).rows for side in ("train", "validation", "test")]
            rows = pl.concat(parts)
            sides = np.repeat(np.arange(3), [part.height for part in parts])
            # What many prompts share is found on all rows, as the split did.
            texts = with_texts(rows, Preambles.of(with_texts(rows)["prompt"]))
            same = pl.DataFrame({"prompt": texts["prompt_norm"], "side": sides}).filter(pl.col("prompt") != "")
            both = same.group_by("prompt").agg(pl.col("side").n_unique()).filter(pl.col("side") > 1).height
            found = [crossings(texts[column].to_list(), sides) for column in ("pair_core", "prompt_core")]
            prompts = f"{found[1]}" if not made.manifest.notes else f"{found[1]} (variants apart)"
            print(
                f"| {name} | {rows.height:,} | {' / '.join(f'{count:,}' for count in counts.values())} "
                f"| {made.manifest.groups:,} | {made.largest_group:,} | {took:.0f} "
                f"| {both} | {found[0]} | {prompts} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
