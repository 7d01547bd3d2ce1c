"""Training speed against TRL's SFTTrainer: same rows, tokens, model, adapters, batch and CPU, in one run.

    dataprep split sample_data/train.jsonl --eval sample_data/eval.jsonl --license CDLA-Sharing-1.0 -o /tmp/splits
    python benchmarks/training_speed.py /tmp/splits

Run it with a Python that has both this project and `pip install trl datasets`. Every contestant gets the same token
ids and labels, made by our encoder, so that all train on exactly the same tokens. Each runs in a process of its own
and goes through the rows twice; an optimizer step is one whole pass, so that its loss is the mean over all supervised
tokens of all rows, whatever the batches. The first pass gives the loss, the second the time. Rounds are interleaved,
and the median counts: on a shared machine the fastest of one and the slowest of the other would say nothing.
"""

# ruff: noqa: PLC0415 - each contestant loads only what it needs
from __future__ import annotations

import argparse
import fcntl
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTESTANTS: dict[str, dict[str, Any]] = {
    "TRL, as it comes": {"bf16": None, "gradient_checkpointing": True},
    "TRL, as it comes, in fp32": {"bf16": False, "gradient_checkpointing": True},
    "TRL, without checkpointing": {"bf16": False, "gradient_checkpointing": False},
    "TRL, packed": {"bf16": False, "gradient_checkpointing": False, "packing": True},
    "ours, as it comes": {},
    "ours, packed": {"packing": True},
}
"""TRL comes with bf16 and checkpointing switched on. Where the processor cannot compute in bf16, torch emulates it, so
slowly that the first contestant is left out unless it is named with --only."""
ROWS_PER_BATCH, LINES_PER_BATCH, MAX_LENGTH = 8, 2, 1024


def main() -> None:
    """Print the table, or run one contestant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("splits", type=Path)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--method", choices=["lora", "full"], default="lora")
    parser.add_argument("--threads", type=int, default=0, help="of torch; 1 is steadiest on a busy machine")
    parser.add_argument("--only", nargs="*", default=list(CONTESTANTS)[1:], help="contestants, by name")
    parser.add_argument("--lock", type=Path, help="on a shared machine: lock this file during each measurement")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contestant:
        print("RESULT " + json.dumps(compete(arguments)))
        return
    results: dict[str, list[dict[str, float]]] = {name: [] for name in arguments.only}
    for number in range(arguments.rounds):
        for name in arguments.only:
            with locked(arguments.lock):
                results[name].append(started(name))
            print(f"round {number + 1}: {name}: {results[name][-1]}", file=sys.stderr, flush=True)
    print(table(results))


@contextmanager
def locked(file: Path | None) -> Iterator[None]:
    """Have the machine to ourselves, among those who ask for it."""
    if file is None:
        yield
        return
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def started(name: str) -> dict[str, float]:
    """One contestant in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--contestant", name], capture_output=True, text=True, check=False
    )
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            found: dict[str, float] = json.loads(line.removeprefix("RESULT "))
            return found
    raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")


def compete(arguments: argparse.Namespace) -> dict[str, float]:
    """Speed, loss and memory of one contestant."""
    import resource

    import torch

    from trainer.chat import ChatEncoder
    from trainer.config import TrainConfig
    from trainer.data import load_splits, tokenize
    from trainer.fitting import Fitter
    from trainer.model import find_model
    from trainer.runtime import choose_runtime

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    config = TrainConfig(data=str(arguments.splits), model=arguments.model, method=arguments.method, precision="fp32")
    base = find_model(config.model)
    model, tokenizer = base.load(choose_runtime(config), learning=arguments.method == "full")
    lines = load_splits(arguments.splits).rows
    rows = tokenize(lines, Fitter(ChatEncoder(tokenizer), MAX_LENGTH), config).answers("train")
    rows = random.Random(0).sample(rows, arguments.rows)  # noqa: S311 - a choice, not a secret
    options = CONTESTANTS[arguments.contestant]
    contest = ours if arguments.contestant.startswith("ours") else trl
    seconds, cpu, loss = contest(model, tokenizer, rows, config, options)
    return {
        "supervised_per_second": sum(row.supervised for row in rows) / seconds,
        "supervised_per_cpu_second": sum(row.supervised for row in rows) / cpu,
        "loss": loss,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


class Clock:
    """Wall-clock and CPU time of each optimizer step."""

    def __init__(self) -> None:
        self.at: list[tuple[float, float]] = []

    def tick(self) -> None:
        """A step ends, or the first begins."""
        self.at.append((time.perf_counter(), time.process_time()))

    def last(self) -> tuple[float, float]:
        """Wall-clock and CPU seconds of the last step."""
        (wall, cpu), (wall_end, cpu_end) = self.at[-2:]
        return wall_end - wall, cpu_end - cpu


def ours(
    model: Any, tokenizer: Any, rows: list[Any], config: Any, options: dict[str, Any]
) -> tuple[float, float, float]:
    """Our loop, without evaluations."""
    from trainer.layout import choose_layout
    from trainer.method import get_method
    from trainer.objective import AnswerLoss
    from trainer.packing import pack
    from trainer.runtime import choose_runtime, keep_freed_memory
    from trainer.train import Course, train
    from trainer.watch import Listeners

    keep_freed_memory()
    packing = bool(options.get("packing"))
    bins = pack([len(row) for row in rows], MAX_LENGTH, 0) if packing else rows
    size = LINES_PER_BATCH if packing else ROWS_PER_BATCH
    changes = {
        "packing": packing,
        "batch_size": size,
        "gradient_accumulation": -(-len(bins) // size),
        "max_steps": 2,
        "learning_rate": 1e-9,
        "max_length": MAX_LENGTH,
        "eval_every": 1000,
    }
    config = config.model_copy(update=changes)
    runtime = choose_runtime(config)
    layout = choose_layout(model, runtime, packing=packing)
    model = get_method(config.method).attach(model, config)
    clock, losses = Clock(), []

    class Silent:
        def step(self, *_: Any) -> None:
            clock.tick()

        def evaluated(self, *_: Any, **__: Any) -> None:
            pass

    def metrics(line: Any) -> None:
        if line.split == "train":
            losses.append(line.loss)

    course = Course(config, runtime, tokenizer.pad_token_id, AnswerLoss(), layout)
    listeners = Listeners(metrics=metrics, best=lambda _step: None, progress=Silent())  # type: ignore[arg-type]
    train(model, rows, rows[:1], course, listeners)
    return *clock.last(), losses[0]


def trl(
    model: Any, tokenizer: Any, rows: list[Any], config: Any, options: dict[str, Any]
) -> tuple[float, float, float]:
    """TRL's SFTTrainer on the same ids and labels."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from trainer.packing import pack

    clock = Clock()

    class Ticking(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *_: Any, **__: Any) -> None:
            clock.tick()

    bins = pack([len(row) for row in rows], MAX_LENGTH, 0) if options.get("packing") else rows
    size = LINES_PER_BATCH if options.get("packing") else ROWS_PER_BATCH
    adapters = None
    if config.method == "lora":
        adapters = LoraConfig(
            task_type="CAUSAL_LM", r=8, lora_alpha=16.0, lora_dropout=0.0, target_modules="all-linear"
        )
    with tempfile.TemporaryDirectory() as scratch:
        settings = SFTConfig(
            output_dir=scratch,
            use_cpu=True,
            per_device_train_batch_size=size,
            gradient_accumulation_steps=-(-len(bins) // size),
            max_steps=2,
            learning_rate=1e-9,
            max_length=MAX_LENGTH,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            **options,
        )
        data = Dataset.from_list(
            [{"input_ids": row.input_ids.tolist(), "labels": row.labels.tolist()} for row in rows]
        )
        loop = SFTTrainer(
            model=model,
            args=settings,
            train_dataset=data,
            processing_class=tokenizer,
            peft_config=adapters,
            callbacks=[Ticking()],
        )
        loop.train()
    losses = [entry["loss"] for entry in loop.state.log_history if "loss" in entry]
    return *clock.last(), losses[0]


def table(results: dict[str, list[dict[str, float]]]) -> str:
    """Medians as Markdown."""
    lines = [
        "| | supervised tokens/s | per CPU second | loss of the same tokens | peak memory, MB |",
        "|---|---|---|---|---|",
    ]
    for name, rounds in results.items():
        middle = {key: median(found[key] for found in rounds) for key in rounds[0]}
        lines.append(
            f"| {name} | {middle['supervised_per_second']:.0f} | {middle['supervised_per_cpu_second']:.0f} | "
            f"{middle['loss']:.4f} | {middle['peak_mb']:,.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
