"""The engines that near_duplicates.py compares: ours and the peers, each a script as its own documentation has it.

A script is run with the corpus, the file for the ids that it removes, and its arguments. Word 5-grams, threshold 0.8,
128 permutations.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

READ = """
import sys
import time
import polars as pl

frame = pl.read_parquet(sys.argv[1])
texts = frame["text"].to_list() if len(sys.argv) < 4 or sys.argv[3][0] != "{" else []
began = 0.0

def begin():
    global began
    began = time.process_time()

def shingles(text):
    words = text.split()
    return list(map(" ".join, zip(words, words[1:], words[2:], words[3:], words[4:]))) or [text]

def write(kept):
    with open(sys.argv[2] + ".job", "w") as file:
        file.write(str(time.process_time() - began))
    frame.select("id").filter(~pl.Series(kept, dtype=pl.Boolean)).write_parquet(sys.argv[2])
"""
OURS = """
import json
import numpy as np
from dataprep.similarity import SimilarityParams, self_pairs

params = SimilarityParams(**json.loads(sys.argv[3]))
few = frame["text"].head(300)
self_pairs(pl.concat([few, few + " and more"]), params)  # loads the compiled loops, as importing a peer loads its own
begin()
pairs = self_pairs(frame["text"], params)
order = np.lexsort((pairs.left, pairs.right))
kept = [True] * frame.height
for left, right, score in zip(pairs.left[order].tolist(), pairs.right[order].tolist(), pairs.score[order].tolist()):
    if kept[left] or score == 1:  # copies are linked to their first, which may be gone for what it repeats
        kept[right] = False
write(kept)
pl.DataFrame({"left": pairs.left, "right": pairs.right}).write_parquet("pairs.parquet")
"""
RENSA = """
import rensa

begin()
made = getattr(rensa, sys.argv[3])(threshold=0.8, num_perm=128, **eval(sys.argv[4]))
write(made.add_pairs((str(number), shingles(text)) for number, text in enumerate(texts)))
"""
LOOP = """
from rensa import RMinHash, RMinHashLSH

begin()
lsh, minhashes, kept = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16), [], []
for number, text in enumerate(texts):
    minhash = RMinHash(num_perm=128, seed=42)
    minhash.update(shingles(text))
    minhashes.append(minhash)
    lsh.insert(number, minhash)
removed = set()
for number, minhash in enumerate(minhashes):
    if number not in removed:
        for other in lsh.query(minhash):
            if other > number and minhash.jaccard(minhashes[other]) >= 0.8:
                removed.add(other)
write([number not in removed for number in range(len(minhashes))])
"""
RHO = """
from rensa import RMinHash, RMinHashLSH

begin()
rows = (shingles(text) for text in texts)
matrix = RMinHash.digest_matrix_from_token_sets_rho(rows, num_perm=128, seed=42)
lsh = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=8)
write([not alike for alike in lsh.query_duplicate_flags_matrix_one_shot(matrix)])
"""
DATASKETCH = """
import xxhash
from datasketch import MinHash, MinHashLSH

begin()
lsh, minhashes, kept = MinHashLSH(threshold=0.8, num_perm=128), {}, []
rows = ([shingle.encode() for shingle in shingles(text)] for text in texts)
for number, minhash in enumerate(MinHash.generator(rows, num_perm=128, hashfunc=xxhash.xxh32_intdigest)):
    alike = any(minhash.jaccard(minhashes[other]) >= 0.8 for other in lsh.query(minhash))
    kept.append(not alike)
    if not alike:
        lsh.insert(number, minhash, check_duplication=False)
        minhashes[number] = minhash
write(kept)
"""
TEXT_DEDUP = """
[input]
input_type = "local_files"
file_type = "parquet"

[input.read_arguments]
path = "parquet"
data_files = "CORPUS"
split = "train"

[algorithm]
algorithm_name = "minhash"
text_column = "text"
seed = 42
batch_size = 10000
num_perm = 128
threshold = 0.8
hash_bits = 64
ngram_size = 5
check_false_positive = true

[output]
output_dir = "output"
save_clusters = true

[debug]
enable_profiling = false
"""
TEXT_DEDUP_KEPT = """
from datasets import load_from_disk

kept = set(load_from_disk("output")["id"])
write([number in kept for number in frame["id"].to_list()])
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to find the rows to remove; without packages it is ours and runs in our own Python."""

    title: str
    script: str
    arguments: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


def ours(**params: str | float) -> tuple[str, ...]:
    """Arguments of our script."""
    return (json.dumps(params),)


RENSA_PACKAGES = ("rensa==0.5.0", "polars")
ENGINES = {
    "minhash": Engine("**ours, minhash**", OURS, ours(threshold=0.8, shingle=5, unit="word", engine="minhash")),
    "exact": Engine("**ours, exact**", OURS, ours(threshold=0.8, shingle=5, unit="word", engine="exact")),
    "characters": Engine("**ours, minhash, characters** (the default: 0.7 of character 5-grams)", OURS, ours()),
    "rensa": Engine("rensa 0.5.0", RENSA, ("RMinHashDeduplicator", "{'use_lsh': True}"), RENSA_PACKAGES),
    "rensa-16": Engine(
        "rensa 0.5.0, 16 bands", RENSA, ("RMinHashDeduplicator", "{'use_lsh': True, 'num_bands': 16}"), RENSA_PACKAGES
    ),
    "rensa-loop": Engine("rensa 0.5.0, RMinHash and RMinHashLSH, 16 bands", LOOP, (), RENSA_PACKAGES),
    "rensa-c": Engine("rensa 0.5.0, C-MinHash", RENSA, ("CMinHashDeduplicator", "{}"), RENSA_PACKAGES),
    "rensa-rho": Engine("rensa 0.5.0, rho (its quickest, nothing verified)", RHO, (), RENSA_PACKAGES),
    "datasketch": Engine("datasketch 2.0.0 with xxhash", DATASKETCH, (), ("datasketch==2.0.0", "xxhash", "polars")),
    "text-dedup": Engine("text-dedup 0.4.1", TEXT_DEDUP, (), ("text-dedup==0.4.1",)),
}
