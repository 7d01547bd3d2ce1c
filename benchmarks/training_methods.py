"""All training methods on one model and split: held-out loss, time, memory, what is forgotten, learns and is stored.

    python benchmarks/training_methods.py [--records 400] [--steps 16] [--student-steps 40] -o /tmp/methods

The split is made of the first records of sample_data/train.jsonl. Every run is a process of its own, so that its peak
memory is its own. The loss of the model before training is that of the fp32 base throughout. Preference pairs are the
same rows with the answer to another question as the unwanted one. Forgetting is the change of the loss on the general
texts that come with the trainer. Below, a student with half of the layers learns with and without a teacher, all else
equal. A run that is already in the output folder, made with the same settings, is not made again.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import random
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataprep import split

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = Path(__file__).parent.parent / "sample_data" / "train.jsonl"
COMMON = ("batch_size=8", "eval_every=1000", "precision=fp32", "answers=0", "memorised=0")


def main() -> None:
    """Train with each method and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=400)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--student-steps", type=int, default=40)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--max-length", type=int, default=1024, help="longer rows are left out")
    parser.add_argument("--only", nargs="*", default=["methods", "students"])
    parser.add_argument("--lock", type=Path, help="on a shared machine: lock this file during each run")
    arguments = parser.parse_args()
    splits, pairs = make_splits(arguments.output, arguments.records)
    if "methods" in arguments.only:
        print(methods(arguments, splits, pairs))
    if "students" in arguments.only:
        print(students(arguments, splits))


def methods(arguments: argparse.Namespace, splits: Path, pairs: Path) -> str:
    """Every method, the same rows and steps."""
    teacher = arguments.output / "full"
    runs = {
        "full": run(arguments, splits, "full", arguments.steps),
        "lora": run(arguments, splits, "lora", arguments.steps),
        "lora, DoRA": run(arguments, splits, "lora", arguments.steps, "lora_dora=true"),
        "qlora": run(arguments, splits, "qlora", arguments.steps),
        "adapter, Pfeiffer": run(arguments, splits, "adapter", arguments.steps),
        "adapter, Houlsby": run(arguments, splits, "adapter", arguments.steps, "adapter_placement=houlsby"),
        "distill, LoRA from the full run": run(
            arguments, splits, "distill", arguments.steps, f"distill_teacher={teacher}"
        ),
        "dpo, LoRA": run(arguments, pairs, "dpo", arguments.steps),
    }
    base = runs["lora"]["held_out"]["validation"]["base"]
    lines = [
        "| method | held-out loss | on general texts | training, s | tokens/s | peak memory, MB | as planned | "
        "weights that learn | stored, MB |",
        "|---|---|---|---|---|---|---|---|---|",
        *(line(name, found, base, forgetting(found)) for name, found in runs.items()),
    ]
    return "\n".join(lines)


def line(name: str, run_record: dict[str, Any], base: float, other: str) -> str:
    """One line of the table of methods."""
    training, held = run_record["training"], run_record["held_out"]["validation"]
    before = held["base"] if held["unit"] == "pair" else base
    change = f"{before:.3f} -> {held['tuned']:.3f}" + (" per pair" if held["unit"] == "pair" else "")
    learns = run_record["model"]["trainable_parameters"]
    return (
        f"| {name} | {change} | {other} | {training['seconds']:.0f} | {training['tokens_per_second']:.0f} | "
        f"{training['peak_memory_mb']:,} | {planned(run_record):,} | {learns:,} | "
        f"{run_record['result_bytes'] / 1e6:.1f} |"
    )


def planned(run_record: dict[str, Any]) -> int:
    """Memory that `trainer plan` says the run takes, in MB; worked out once."""
    out = Path(run_record["config"]["output"])
    if not (out / "plan.json").exists():
        code = "from trainer.cli import main; main()"
        command = [sys.executable, "-c", code, "plan", str(out / "config.yaml"), "--json"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        (out / "plan.json").write_text(done.stdout)
    return int(json.loads((out / "plan.json").read_text())["memory_total"] / 1e6)


def forgetting(run_record: dict[str, Any]) -> str:
    """Change of the loss on the general texts that come with the trainer."""
    probe = (run_record.get("assessment") or {}).get("forgetting")
    return "-" if probe is None else f"{probe['tuned'] - probe['base']:+.3f}"


def students(arguments: argparse.Namespace, splits: Path) -> str:
    """Half of the layers, with and without a teacher: the model they were taken from, and that model tuned."""
    base = f"distill_teacher={arguments.model}"
    tuned = f"distill_teacher={arguments.output / 'full'}"
    common = ("distill_student=full", "distill_layers=15", "learning_rate=3e-4")
    steps = arguments.student_steps
    contestants = {
        "answers alone": (base, "distill_alpha=1"),
        "and the model it was cut from": (base,),
        "and that model tuned": (tuned,),
        "the same, top 32 on disk": (tuned, f"distill_cache={arguments.output / 'cache'}"),
        "the same, reverse KL": (tuned, "distill_divergence=reverse_kl"),
        "the same, Jensen-Shannon": (tuned, "distill_divergence=jsd"),
    }
    lines = ["| student of 15 layers learns from | validation | test | training, s |", "|---|---|---|---|"]
    for name, own in contestants.items():
        found = run(arguments, splits, "distill", steps, *common, *own)
        held = found["held_out"]
        change = " | ".join(
            f"{held[side]['base']:.3f} -> {held[side]['tuned']:.3f}" for side in ("validation", "test")
        )
        lines.append(f"| {name} | {change} | {found['training']['seconds']:.0f} |")
    return "\n".join(lines)


def run(arguments: argparse.Namespace, data: Path, method: str, steps: int, *settings: str) -> dict[str, Any]:
    """One run in a process of its own; what run.json says of it."""
    own = [setting.partition("=")[2].rpartition("/")[2] for setting in settings]
    out = arguments.output / "-".join([method, *own])
    command = ["run", "--data", data, "--model", arguments.model, "--method", method, "-o", out, "--overwrite"]
    command += [f"max_steps={steps}", f"max_length={arguments.max_length}", *COMMON, *settings]
    made = out / "command.json"
    if not (out / "run.json").exists() or not made.exists() or json.loads(made.read_text()) != [*map(str, command)]:
        code = "from trainer.cli import main; main()"
        with locked(arguments.lock):
            subprocess.run([sys.executable, "-c", code, *map(str, command)], check=True, stdout=subprocess.DEVNULL)
        made.write_text(json.dumps([*map(str, command)]))
    record: dict[str, Any] = json.loads((out / "run.json").read_text(encoding="utf-8"))
    print(out.name, record["held_out"], record["training"], file=sys.stderr, flush=True)
    return record


@contextmanager
def locked(file: Path | None) -> Iterator[None]:
    """Have the machine to ourselves, among those who ask for it."""
    if file is None:
        yield
        return
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make_splits(folder: Path, records: int) -> tuple[Path, Path]:
    """A split of conversations, and one of preference pairs."""
    if (folder / "pairs").exists():
        return folder / "splits", folder / "pairs"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(text) for text in SAMPLE.read_text(encoding="utf-8").splitlines()[:records] if text.strip()]
    plain = folder / "rows.jsonl"
    write(plain, rows)
    split([plain], folder / "splits")
    kept = [
        json.loads(text)["messages"]
        for name in ("train", "validation", "test")
        for text in (folder / "splits" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    others = random.Random(0).sample(kept, len(kept))  # noqa: S311 - a choice, not a secret
    pairs = [
        {"prompt": mine[:-1], "chosen": mine[-1:], "rejected": other[-1:]}
        for mine, other in zip(kept, others, strict=True)
        if mine[-1]["content"] != other[-1]["content"]
    ]
    write(folder / "pairs.jsonl", pairs)
    split([folder / "pairs.jsonl"], folder / "pairs")
    return folder / "splits", folder / "pairs"


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
