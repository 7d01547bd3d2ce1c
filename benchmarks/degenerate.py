"""Inputs that make duplicate finders quadratic, against an ordinary one of the same bytes.

    python benchmarks/degenerate.py [--repeat 3] [--data FOLDER]

Each input is searched for pairs and resolved to duplicates, from strings to decisions, with character 5-grams at 0.7
(MinHash) and word 5-grams at 0.8 (the exact join). CPU seconds, medians, compiled loops warm; the ratio is to as many
bytes of the corpus of corpus.py, real sentences of which one row in seven repeats another. The last lines say how the
hardest one grows.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import polars as pl
from corpus import ROOT, generate

from dataprep.similarity import SimilarityParams, resolve, self_pairs

SETTINGS = {
    "characters": SimilarityParams(engine="minhash"),
    "words": SimilarityParams(threshold=0.8, unit="word", engine="exact"),
}


class Writer:
    """Random texts of made-up words."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = ["".join(self._dice.choices(letters, k=self._dice.randint(2, 9))) for _ in range(30_000)]

    def text(self, words: int) -> str:
        """So many of them."""
        return " ".join(self._dice.choices(self._words, k=words))

    def template(self, rows: int, shared: int, own: int) -> list[str]:
        """Rows that begin with the same words."""
        template = self.text(shared)
        return [f"{template} {self.text(own)}" for _ in range(rows)]


class Ordinary:
    """Rows of the corpus."""

    def __init__(self, folder: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "corpus.parquet"
            generate(45_000, path, 7, folder)
            self._texts: list[str] = pl.read_parquet(path)["text"].to_list()
        self._ends = list(accumulate(map(len, self._texts)))

    def texts(self, total: int) -> list[str]:
        """Rows of so many bytes altogether, at least one."""
        return self._texts[: bisect(self._ends, total) + 1]


def inputs(ordinary: Ordinary) -> Iterator[tuple[str, list[str]]]:
    """The hard inputs."""
    writer = Writer(1)
    yield "10,000 rows of one template, just under 0.7", writer.template(10_000, 76, 19)
    yield "10,000 rows of one template, just over 0.8", writer.template(10_000, 86, 9)
    yield "100,000 identical rows", [writer.text(10)] * 100_000
    yield "one row of 5 MB", [writer.text(770_000)]
    yield "one row of 5 MB among ordinary ones", [writer.text(770_000), *ordinary.texts(1_000_000)]
    yield "100,000 empty rows", [""] * 100_000
    yield "one row", [writer.text(95)]


def seconds(texts: list[str], params: SimilarityParams, repeat: int) -> tuple[float, int, int]:
    """Median CPU seconds, and how many pairs and duplicates there were."""
    spent = []
    for _ in range(repeat):
        start = time.process_time()
        pairs = self_pairs(texts, params)
        found = resolve(texts, pairs, lambda _left, _right: None)[0]
        spent.append(time.process_time() - start)
    return statistics.median(spent), len(pairs), len(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    given = parser.parse_args()
    repeat, ordinary = given.repeat, Ordinary(given.data)
    print("| input | shingles | MB | CPU s | ordinary, same bytes | ratio | pairs | duplicates |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for unit, params in SETTINGS.items():
        self_pairs(ordinary.texts(10_000), params)
        for title, texts in inputs(ordinary):
            size = sum(map(len, texts))
            took, pairs, found = seconds(texts, params, repeat)
            usual = seconds(ordinary.texts(size), params, repeat)[0]
            # One row, or nothing but empty ones, takes no time that a clock could compare.
            ratio = f"{took / usual:.1f}" if size > 100_000 else "-"
            print(
                f"| {title} | {unit} | {size / 1e6:.1f} | {took:.3f} | {usual:.3f} | {ratio} | {pairs:,} "
                f"| {found:,} |",
                flush=True,
            )
    for rows in (10_000, 20_000, 40_000):
        took, _, _ = seconds(Writer(1).template(rows, 76, 19), SETTINGS["characters"], repeat)
        print(f"\n{rows:,} rows of one template, just under 0.7, characters: {took:.2f} CPU s", flush=True)


if __name__ == "__main__":
    main()
