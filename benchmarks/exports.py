"""Reads every export with the tool it is meant for; prints a table and exits with 1 where a tool disagrees.

    python benchmarks/exports.py [--llama-factory FOLDER] [--axolotl FOLDER]

The folders hold the unzipped wheels (`pip download --no-deps llamafactory==0.9.5 axolotl==0.19.0`). Needs datasets,
trl and mlcroissant; nothing is fetched. TRL's scripts train a model of two small layers for real.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "TOKENIZERS_PARALLELISM": "false"}
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from export_readers import Axolotl, LlamaFactory, Trl, openai_lines, read_croissant, read_hub, tiny_model  # noqa: E402

from dataprep import split  # noqa: E402
from dataprep.errors import UserError  # noqa: E402
from dataprep.exporting import Exported, export_split  # noqa: E402
from tests.exports.split_folders import awkward_folder, folder_of  # noqa: E402

REAL = ("dpo_en_demo", "kto_en_demo", "glaive_toolcall_en_demo", "alpaca_zh_demo")
"""Files of the shared data that are split where they are there."""


def folders(work: Path) -> Iterator[tuple[str, Path]]:
    """Split folders of each kind: the sample data, real files of other kinds, and small ones made here."""
    sample = ROOT / "sample_data"
    split([sample / "train.jsonl"], work / "sample", [sample / "eval.jsonl"])
    yield "sample_data", work / "sample"
    for name in REAL:
        path = ROOT.parent / "shared" / "data" / "formats" / f"llamafactory_{name}.json"
        if path.exists():
            split([path], work / "real" / name)
            yield name, work / "real" / name
    for kind in ("preference", "labelled", "tools", "text", "prompts"):
        yield kind, folder_of(kind, work / "splits" / kind)
    yield "awkward", awkward_folder(work / "splits" / "awkward")


def main() -> int:
    """Print the table."""
    from datasets import config  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-factory", type=Path, help="folder with the unzipped wheel")
    parser.add_argument("--axolotl", type=Path, help="folder with the unzipped wheel")
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        # Its own cache goes by the names of files, and would give back an earlier run's rows.
        config.HF_DATASETS_CACHE = work / "cache"
        model = tiny_model(work / "model")
        readers: dict[str, Callable[[Exported, Path], str]] = {
            "hub": read_hub,
            "croissant": read_croissant,
            "trl": Trl(model).read,
            "openai": openai_lines,
        }
        if options.llama_factory:
            readers["llama-factory"] = LlamaFactory(options.llama_factory).read
        if options.axolotl:
            readers["axolotl"] = Axolotl(options.axolotl, model).read
        print("| split | export | rows | left out | read back |\n|---|---|---:|---:|---|")
        for kind, folder in folders(work):
            for to, read in readers.items():
                line, failed = measured(kind, folder, to, read, work)
                failures += failed
                print(line, flush=True)
    print(f"\n{failures} failures")
    return 1 if failures else 0


def measured(kind: str, folder: Path, to: str, read: Callable[[Exported, Path], str], work: Path) -> tuple[str, bool]:
    """One line of the table, and whether the tool disagreed."""
    try:
        done = export_split(folder, to, work / to / kind, name="Sample", license="cdla-sharing-1.0")
    except UserError as err:
        return f"| {kind} | {to} | 0 | all | {err.problem.split('; ')[-1]} |", False
    rows, left_out = sum(done.rows.values()), len(done.refused)
    try:
        told, failed = read(done, folder), False
    except Exception as err:  # noqa: BLE001 - whatever a peer raises is the finding
        told, failed = f"FAILED {type(err).__name__}: {str(err)[-600:]}".replace("\n", " "), True
    return f"| {kind} | {to} | {rows:,} | {left_out:,} | {told} |", failed


if __name__ == "__main__":
    sys.exit(main())
