"""What a run will take, before anything is rented: weights, memory, steps, time, cost."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch

from dataprep import __version__
from dataprep.errors import ConfigError
from trainer import parallel
from trainer.alternatives import MARGIN, alternatives, recommended
from trainer.batches import Bins
from trainer.blueprint import read_blueprint
from trainer.data import load_splits, tokenize
from trainer.fitting import make_fitter
from trainer.hardware import LAUNCHES, ON_GPU, Gpu
from trainer.memory import Anatomy, dissect
from trainer.method import get_method
from trainer.order import count_steps, make_loader
from trainer.packing import pack
from trainer.record import PlanRecord
from trainer.runtime import Runtime, choose_runtime
from trainer.templates import use_template

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trainer.batches import Layout
    from trainer.config import TrainConfig
    from trainer.data import TokenSet
    from trainer.tokens import Row

ON_CPU: Final = (0.35, 0.85)
"""Share of the speed of a large matrix product that training reaches on a CPU."""

TOGETHER: Final = (0.7, 1.0)
"""Share of the speed of one GPU that each of several reaches: gradients over PCIe are the former, over NVLink the
latter."""


@dataclass(frozen=True)
class Load:
    """What is to be computed.

    Attributes:
        rows: for training.
        tokens: read in one epoch by all processes, padding included.
        supervised: of those, with loss.
        steps: optimizer steps of the whole run.
        batches: read by each process in them.
        epochs: passes over the rows that these are.
        largest: tokens of the largest batch of a process.
        largest_supervised: of those, with loss.
        evaluated: tokens read in all evaluations, by each process.
    """

    rows: int
    tokens: int
    supervised: int
    steps: int
    batches: int
    epochs: float
    largest: int
    largest_supervised: int
    evaluated: int


def plan(
    config: TrainConfig,
    *,
    gpu: Gpu | None = None,
    gpus: int = 1,
    price: float | None = None,
    measure: Callable[[TrainConfig], tuple[float, int]] | None = None,
    tell: Callable[[str], None] = lambda _text: None,
) -> PlanRecord:
    """Work out what a run will take, from the settings of the model and the rows; no weights are loaded for it.

    Args:
        config: settings of the run.
        gpu: what it would run on; None: this machine.
        gpus: how many of them train together, each with a process of its own.
        price: of an hour on one of them.
        measure: settings -> (tokens a second, bytes of memory at most) of a few real steps on this machine.
        tell: is told about work that takes long.

    Raises:
        UserError: the split or the model cannot be read, or the method does not fit the model.
        ConfigError: several GPUs, and there is none; or weights cannot be shared out among them with this method.
    """
    runtime = _runtime(config, gpu)
    if gpus > 1 and runtime.device != "cuda":
        raise ConfigError("several GPUs are planned for, and this machine has none", "Name their kind with --gpu")
    settings, tokenizer = read_blueprint(config.model, remote_code=config.allow_remote_code)
    use_template(tokenizer, config.chat_template)
    method = get_method(config.method)
    config = parallel.as_launched(config, method)
    splits = load_splits(Path(config.data), allow_unverified=config.allow_unverified_split)
    tell(f"Encoding {sum(map(len, splits.rows.values())):,} rows")
    fitter = make_fitter(tokenizer, settings, config, method.takes, tell)
    load = _load(tokenize(splits.rows, fitter, config), config, runtime, gpus)
    anatomy = dissect(settings, method, config, runtime)
    teacher = _teacher(config)
    memory = _memory(anatomy, teacher, config, runtime, load, gpus)
    available = gpu.memory if gpu is not None else _memory_here(runtime)
    speed, basis, seen = _speed(anatomy, teacher, config, runtime, load, gpu, measure)
    launches = load.batches * anatomy.layers
    waiting = LAUNCHES * launches if measure is None and runtime.device == "cuda" else 0.0
    seconds, together = _times(
        load, speed, 1 / 2 if method.learner(config).keeps_base_weights else 1 / 3, waiting, gpus
    )
    if gpus > 1:
        basis += f", on each of {gpus}, less up to {1 - TOGETHER[0]:.0%} for what they tell each other"
    others = alternatives(settings, config, runtime, (load.largest, load.largest_supervised), (gpus, available))
    return PlanRecord(
        tool_version=__version__,
        model=config.model,
        method=config.method,
        hardware=gpu.name if gpu is not None else runtime.description,
        gpus=gpus,
        precision=runtime.precision,
        trainable_parameters=anatomy.trainable,
        total_parameters=anatomy.total,
        rows=load.rows,
        steps=load.steps,
        epochs=round(load.epochs, 3),
        tokens=round(load.tokens * load.epochs),
        supervised_tokens=round(load.supervised * load.epochs),
        memory=memory,
        memory_total=sum(memory.values()),
        memory_measured=seen,
        memory_available=available,
        fits=sum(memory.values()) <= MARGIN * available,
        tokens_per_second=(round(together[1], 1), round(together[0], 1)),
        seconds=(round(min(seconds), 1), round(max(seconds), 1)),
        basis=basis,
        cost=None if price is None else (min(seconds) * gpus / 3600 * price, max(seconds) * gpus / 3600 * price),
        alternatives=others,
        recommended=recommended(others, config),
    )


def _runtime(config: TrainConfig, gpu: Gpu | None) -> Runtime:
    if gpu is None:
        return choose_runtime(config)
    precision = config.precision if config.precision != "auto" else "bf16" if gpu.bf16 else "fp32"
    return Runtime("cuda", precision, gpu.name)


def _load(tokens: TokenSet, config: TrainConfig, runtime: Runtime, processes: int) -> Load:
    """Gone through as training will, since the order follows from the seed."""
    rows: Sequence[Row] = tokens.tokens["train"]
    bins = Bins(rows, pack([len(row) for row in rows], config.max_length, config.seed) if config.packing else None)
    layout: Layout = "flat" if runtime.device == "cpu" else "padded"
    loaders = [
        make_loader(bins, config, layout, lambda _lines: {}, rank=rank, processes=processes)
        for rank in range(processes)
    ]
    batches = [batch for loader in loaders for batch in loader.batch_sampler or []]
    sizes, supervised = [], []
    for batch in batches:
        lengths = [sum(len(rows[row]) for row in bins.bins[place]) for place in batch]
        sizes.append(sum(lengths) if layout == "flat" else len(lengths) * max(lengths))
        supervised.append(sum(rows[row].supervised for place in batch for row in bins.bins[place]))
    steps, read = count_steps(len(loaders[0]), config)
    evaluations = -(-steps // config.eval_every) if config.eval_every else 3
    held_out = {split: sum(map(len, found)) for split, found in tokens.tokens.items()}
    return Load(
        rows=len(rows),
        tokens=sum(sizes),
        supervised=sum(supervised),
        steps=steps,
        batches=read,
        epochs=read / len(loaders[0]),
        largest=max(sizes),
        largest_supervised=max(supervised),
        evaluated=held_out["validation"] * (1 + evaluations) + 2 * held_out.get("test", 0),
    )


def _teacher(config: TrainConfig) -> Anatomy | None:
    """The teacher of a distillation, where it is asked while training."""
    name, cache = (str(getattr(config, setting, "")) for setting in ("distill_teacher", "distill_cache"))
    if not name or cache:
        return None
    settings, _ = read_blueprint(name, remote_code=config.allow_remote_code)
    own = config.model_copy(update={"method": "full"})
    return dissect(settings, get_method("full"), own, choose_runtime(config.model_copy(update={"device": "cpu"})))


def _memory(
    anatomy: Anatomy, teacher: Anatomy | None, config: TrainConfig, runtime: Runtime, load: Load, processes: int
) -> dict[str, int]:
    parts = anatomy.parts(config, runtime, load.largest, load.largest_supervised, processes)
    if teacher is not None:
        parts["the teacher"] = teacher.total * runtime.weights_dtype(learning=False).itemsize
    return parts


def _speed(
    anatomy: Anatomy,
    teacher: Anatomy | None,
    config: TrainConfig,
    runtime: Runtime,
    load: Load,
    gpu: Gpu | None,
    measure: Callable[[TrainConfig], tuple[float, int]] | None,
) -> tuple[tuple[float, float], str, int | None]:
    """Tokens a second, the fast and the slow guess, what they rest on, and memory where it was measured."""
    if measure is not None:
        rate, seen = measure(config)
        return (rate * 1.15, rate / 1.15), "measured in a few steps on this machine", seen
    full = not get_method(config.method).learner(config).keeps_base_weights
    share = load.supervised / load.tokens
    work = anatomy.flops_per_token(full=full, supervised_share=share)
    if config.gradient_checkpointing:
        work += 2 * anatomy.matrix
    if teacher is not None:
        work += 2 * (teacher.matrix + teacher.head * share)
    if gpu is not None:
        (low, high), peak = ON_GPU, gpu.tflops * 1e12
        basis = f"{gpu.tflops:g} TFLOPs, of which fine-tuning reaches {low:.0%} to {high:.0%}"
    else:
        low, high = ON_CPU if runtime.device == "cpu" else ON_GPU
        peak = _matrix_speed(runtime)
        basis = f"{peak / 1e12:.2f} TFLOPs in a matrix product here, of which training reaches {low:.0%} to {high:.0%}"
    return (high * peak / work, low * peak / work), basis, None


def _times(
    load: Load, speed: tuple[float, float], forward: float, waiting: float, processes: int
) -> tuple[list[float], list[float]]:
    """Seconds of the run, and tokens a second in all, at the fast and at the slow guess.

    Args:
        load: what is to be computed.
        speed: tokens a second of one process that trains alone.
        forward: share of a token's training that reading it takes.
        waiting: seconds in which the device waits for the next kernel.
        processes: they share the rows to train on; each evaluates by itself.
    """
    trained = load.tokens * load.epochs
    seconds, together = [], []
    for alone, share in zip(speed, reversed(TOGETHER), strict=True):
        rate = alone * processes * share if processes > 1 else alone
        seconds.append(trained / rate + load.evaluated * forward / alone + waiting)
        together.append(trained / seconds[-1] if waiting else rate)
    return seconds, together


def _matrix_speed(runtime: Runtime) -> float:
    """Operations a second of a large matrix product on this machine."""
    size = 1024 if runtime.device == "cpu" else 4096
    dtype = torch.bfloat16 if runtime.precision == "bf16" else torch.float32
    matrix = torch.ones(size, size, device=runtime.device, dtype=dtype)
    best = float("inf")
    until = time.perf_counter() + 0.4
    while time.perf_counter() < until:
        began = time.perf_counter()
        float((matrix @ matrix)[0, 0])  # read, so that a GPU has finished
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best


def _memory_here(runtime: Runtime) -> int:
    if runtime.device == "cuda":
        return int(torch.cuda.get_device_properties(0).total_memory)
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
