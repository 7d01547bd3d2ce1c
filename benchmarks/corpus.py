"""A corpus with planted near-duplicates, made of real sentences; and all its pairs above a threshold, exactly.

    python benchmarks/corpus.py --rows 1_000_000 --out FILE.parquet [--seed 7] [--data FOLDER]

FOLDER holds gsm8k, bitext and gpteacher (default: ../shared/data); needs the `zstandard` package. The same numbers
give the same file. A row is two to four pieces of sentences, a share of whose words is drawn anew from all the words
there are, each as often as it is used; some rows end with a frequent sentence as it is. Of the rows, 12% are an
earlier row with words replaced, and 3% an earlier row as it is; then all are shuffled. FILE.parquet has the columns
`id` and `text`, and FILE.truth.parquet the planted pairs: `id_a`, `id_b` and `jaccard` of their sets of word 5-grams.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from packed import lines, table
from packed import text as unpacked

ROOT = Path(__file__).parent.parent
SHINGLE = 5
BLOCK = 20_000
"""Rows that are made together; a planted row is like an earlier one of its block."""
NEAR, COPIES = 0.12, 0.03
REPLACED = 0.28
"""Share of the words of a piece that are drawn anew, so that 5-grams seldom outlive their reuse."""
BOILERPLATE = 0.06
"""Share of the rows that end with one of the most frequent sentences as it is."""

Words = NDArray[np.int64]


def texts(folder: Path) -> Iterator[str]:
    """The texts of three real data sets."""
    for record in lines(folder / "gsm8k" / "train.jsonl.zst"):
        yield from record.values()
    for row in table(folder / "bitext" / "bitext_support.csv.zst"):
        yield from (row["instruction"], row["response"])
    for record in json.loads(unpacked(folder / "gpteacher" / "toolformer.json.zst")):
        yield from record.values()


def sentences(folder: Path) -> list[list[str]]:
    """Every sentence of at least six words, as often as it occurs: lower-case words of letters and digits."""
    found = []
    for text in texts(folder):
        plain = re.sub(r"<<.*?>>|####", " ", text.lower()).replace("'", "").replace("’", "")
        for part in re.split(r"[.!?]\s|\n", plain):
            words = re.sub(r"[^a-z0-9]+", " ", part).split()
            if len(words) >= 6:
                found.append(words)
    return found


class Generator:
    """Rows as arrays of the numbers of their words."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        found = sentences(folder)
        counts = Counter(word for words in found for word in words)
        numbers = {word: number for number, word in enumerate(counts)}
        self.vocabulary = np.array(list(counts), dtype=object)
        self.flat: Words = np.array([numbers[word] for words in found for word in words], dtype=np.int64)
        self.sizes = np.array([len(words) for words in found])
        self.starts = np.cumsum(self.sizes) - self.sizes
        frequent = Counter(tuple(words) for words in found if len(words) <= 14).most_common(60)
        self.boilerplate: list[Words] = [
            np.array([numbers[word] for word in words], dtype=np.int64) for words, _ in frequent
        ]

    def any_words(self, count: int) -> Words:
        """Words of the corpus, each as often as it is used."""
        return self.flat[self.random.integers(len(self.flat), size=count)]

    def fresh(self, count: int) -> list[Words]:
        """Rows that have nothing to do with each other."""
        pieces = self.random.choice([2, 3, 4], size=count, p=[0.2, 0.45, 0.35])
        chosen = self.random.integers(len(self.sizes), size=int(pieces.sum()))
        sizes = np.minimum(self.sizes[chosen], self.random.integers(10, 31, size=len(chosen)))
        skipped = (self.random.random(len(chosen)) * (self.sizes[chosen] - sizes + 1)).astype(np.int64)
        ends = np.cumsum(sizes)
        places = np.repeat(self.starts[chosen] + skipped - (ends - sizes), sizes) + np.arange(ends[-1])
        words = self.flat[places]
        anew = np.flatnonzero(self.random.random(len(words)) < REPLACED)
        words[anew] = self.any_words(len(anew))
        rows = np.split(words, ends[np.cumsum(pieces) - 1][:-1])
        closing = self.random.random(count) < BOILERPLATE
        kinds = self.random.zipf(1.3, size=count) % len(self.boilerplate)
        return [
            np.concatenate((row, self.boilerplate[kind])) if closes else row
            for row, closes, kind in zip(rows, closing, kinds.tolist(), strict=True)
        ]

    def altered(self, row: Words) -> Words:
        """The row with some words replaced, where that brings it closest to a drawn similarity."""
        wanted = self.random.normal(0.8, 0.07) if self.random.random() < 0.55 else self.random.uniform(0.5, 1.0)
        shingles = len(row) - SHINGLE + 1
        lost = shingles * (1 - wanted) / (1 + wanted)
        best, distance = np.zeros(1, dtype=np.int64), math.inf
        for count in self.random.integers(1, max(2, math.ceil(lost / 2) + 1), size=8).tolist():
            places = self.random.integers(len(row), size=count)
            broken = {start for place in places.tolist() for start in range(place - SHINGLE + 1, place + 1)}
            miss = abs(sum(0 <= start < shingles for start in broken) - lost)
            if miss < distance:
                best, distance = places, miss
        result = row.copy()
        result[best] = self.any_words(len(best))
        return result

    def block(self, count: int) -> tuple[list[Words], list[tuple[int, int]]]:
        """Rows, and which of them is made from which."""
        near, copies = round(count * NEAR), round(count * COPIES)
        rows = self.fresh(count - near - copies)
        origins = self.random.integers(len(rows), size=near + copies).tolist()
        planted = [(origin, len(rows) + place) for place, origin in enumerate(origins)]
        made = [self.altered(rows[origin]) if place < near else rows[origin] for place, origin in enumerate(origins)]
        return rows + made, planted


def shingles_of(words: list[str]) -> set[tuple[str, ...]]:
    """The word 5-grams of a text; a shorter text is one shingle."""
    return set(zip(*(words[skip:] for skip in range(SHINGLE)), strict=False)) or {tuple(words)}


def similarity(first: str, second: str) -> float:
    """Jaccard similarity of the word 5-grams of two texts."""
    one, other = shingles_of(first.split()), shingles_of(second.split())
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def truth_of(path: Path) -> Path:
    """Where the planted pairs of a corpus are."""
    return path.with_suffix(".truth.parquet")


def generate(rows: int, out: Path, seed: int, folder: Path) -> None:
    """Write the corpus and its planted pairs."""
    made = Generator(folder, seed)
    blocks: list[pl.Series] = []
    first: list[int] = []
    second: list[int] = []
    for start in range(0, rows, BLOCK):
        block, planted = made.block(min(BLOCK, rows - start))
        blocks.append(pl.Series("text", [" ".join(made.vocabulary[row].tolist()) for row in block]))
        first += [start + origin for origin, _ in planted]
        second += [start + row for _, row in planted]
    text = pl.concat(blocks)
    order = made.random.permutation(rows)
    scores = [similarity(one, other) for one, other in zip(text.gather(first), text.gather(second), strict=True)]
    place = np.empty(rows, dtype=np.int64)
    place[order] = np.arange(rows)
    ends = np.sort(np.stack((place[first], place[second]), axis=1), axis=1)
    truth = pl.DataFrame({"id_a": ends[:, 0], "id_b": ends[:, 1], "jaccard": scores}).sort("id_a", "id_b")
    truth.write_parquet(truth_of(out))
    pl.DataFrame({"id": np.arange(rows), "text": text.gather(order)}).write_parquet(out)


def rare_shingles(text: pl.Series, threshold: float) -> pl.DataFrame:
    """For each row its rarest shingles (as hashes), so many that alike rows have at least one of them in common."""
    words = text.str.split(" ")
    sizes = words.list.len().to_numpy().astype(np.int64)
    numbers = words.explode().cast(pl.Categorical).to_physical().to_numpy().astype(np.uint64)
    del words
    numbers = (numbers ^ (numbers >> np.uint64(7))) * np.uint64(0x9E3779B97F4A7C15)
    numbers ^= numbers >> np.uint64(29)
    hashes = np.zeros(max(len(numbers) - SHINGLE + 1, 0), dtype=np.uint64)
    for skip in range(SHINGLE):
        hashes = (hashes ^ (hashes >> np.uint64(31))) * np.uint64(0xD6E8FEB86659FD93)
        hashes += numbers[skip : skip + len(hashes)]
    row = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)[: len(hashes)]
    inside = np.arange(len(hashes)) <= np.repeat(np.cumsum(sizes) - SHINGLE, sizes)[: len(hashes)]
    table = pl.DataFrame({"row": row[inside], "hash": hashes[inside]})
    del row, hashes, inside, numbers
    table = table.unique()
    table = table.with_columns(pl.len().over("hash").alias("rows"))
    table = table.sort("row", "rows", "hash").with_columns(
        pl.int_range(pl.len()).over("row").alias("place"), pl.len().over("row").alias("size")
    )
    needed = (pl.col("size") * threshold - 1e-9).ceil()
    return table.filter((pl.col("rows") > 1) & (pl.col("place") <= pl.col("size") - needed)).select("row", "hash")


def exact_pairs(text: pl.Series, threshold: float) -> pl.DataFrame:
    """All pairs `left` < `right` of positions with at least this `jaccard`, by an inverted index and Python sets.

    Knows nothing of any engine. Two rows that are alike have a shingle in common even among the rarest few of each
    (prefix filtering), which is exact; rows of fewer words than a shingle has are left out.
    """
    rare = rare_shingles(text, threshold)
    pairs = (
        rare.join(rare, on="hash", suffix="_other")
        .filter(pl.col("row") < pl.col("row_other"))
        .select(pl.col("row").alias("left"), pl.col("row_other").alias("right"))
        .unique()
        .sort("left", "right")
    )
    ends = zip(text.gather(pairs["left"]), text.gather(pairs["right"]), strict=True)
    scores = [similarity(one, other) for one, other in ends]
    return pairs.with_columns(pl.Series("jaccard", scores, dtype=pl.Float64)).filter(pl.col("jaccard") >= threshold)


class Truth:
    """All pairs of a corpus that are alike, and the planted ones among them."""

    def __init__(self, path: Path, threshold: float) -> None:
        self.path = path
        kept = path.with_suffix(".exact.parquet")
        if not kept.exists():
            exact_pairs(pl.read_parquet(path)["text"], threshold).write_parquet(kept)
        pairs = pl.read_parquet(kept)
        self.rows = pl.scan_parquet(path).select(pl.len()).collect().item()
        self.left, self.right = pairs["left"].to_numpy().astype(np.int64), pairs["right"].to_numpy().astype(np.int64)
        self.planted = pl.read_parquet(truth_of(path)).filter(pl.col("jaccard") >= threshold)
        self.keys = self.left * self.rows + self.right
        planted = self.planted["id_a"].to_numpy() * self.rows + self.planted["id_b"].to_numpy()
        if not np.isin(planted, self.keys).all():
            message = f"{kept}: planted pairs are missing; delete the files of this corpus"
            raise SystemExit(message)
        self.group = np.arange(self.rows)
        while not np.array_equal(self.group[self.left], self.group[self.right]):
            low = np.minimum(self.group[self.left], self.group[self.right])
            np.minimum.at(self.group, self.left, low)
            np.minimum.at(self.group, self.right, low)

    def judge(self, path: Path) -> list[str]:
        """Recall, rows removed wrongly and groups lost."""
        removed = np.zeros(self.rows, dtype=np.bool_)
        removed[pl.read_parquet(path)["id"].to_numpy()] = True
        found = removed[self.planted["id_a"].to_numpy()] | removed[self.planted["id_b"].to_numpy()]
        alike = np.zeros(self.rows, dtype=np.bool_)
        alike[self.left] = alike[self.right] = True
        groups, survivors = np.unique(self.group[alike]), np.unique(self.group[alike & ~removed])
        return [f"{found.mean():.4f}", f"{(removed & ~alike).sum():,}", f"{len(groups) - len(survivors):,}"]

    def difference(self, path: Path) -> str:
        """How the pairs of our exact engine differ, which has an equal text only with the first of its kind."""
        pairs = pl.read_parquet(path)
        listed: Words = pairs["left"].to_numpy() * self.rows + pairs["right"].to_numpy()
        first = pl.read_parquet(self.path).select(pl.col("id").first().over("text")).to_series().to_numpy()
        distinct = (first[self.left] == self.left) & (first[self.right] == self.right)
        expected = self.keys[distinct | (first[self.right] == self.left)]
        beyond, missing = len(np.setdiff1d(listed, expected)), len(np.setdiff1d(expected, listed))
        return f"ours, exact: {len(listed):,} pairs, {beyond:,} of them not in the truth, {missing:,} of it missing"


def main() -> None:
    """Write a corpus and say what it is like."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    given = parser.parse_args()
    started = time.perf_counter()
    generate(given.rows, given.out, given.seed, given.data)
    text = pl.read_parquet(given.out)["text"]
    words = (text.str.count_matches(" ").sum() + given.rows) / given.rows
    print(f"{given.rows:,} rows in {time.perf_counter() - started:.0f} s, {words:.1f} words and ", end="")
    print(f"{text.str.len_bytes().sum() / given.rows:.0f} characters on average\n")
    print("| Jaccard | planted pairs |\n|---|---:|")
    scores = pl.read_parquet(truth_of(given.out))["jaccard"].to_numpy()
    steps = [0.0, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 1.0, 1.01]
    counts = np.histogram(scores, bins=steps)[0]
    for low, high, count in zip(steps, steps[1:], counts.tolist(), strict=False):
        print(f"| {low:.2f} to below {high:.2f} | {count:,} |")


if __name__ == "__main__":
    main()
