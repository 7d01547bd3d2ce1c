"""What else the same rows could be trained with, and which of it to take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trainer.memory import dissect
from trainer.method import get_method
from trainer.record import Alternative

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PretrainedConfig

    from trainer.config import TrainConfig
    from trainer.memory import Anatomy
    from trainer.runtime import Runtime

MARGIN: Final = 0.9
"""Share of the memory that a plan may fill; the rest is for fragments and for what else runs."""

CHOICES: Final = (
    ("full", False, False),
    ("full", False, True),
    ("full", True, True),
    ("lora", False, False),
    ("lora", True, False),
    ("qlora", False, False),
    ("qlora", True, False),
)
"""Methods in the order of how much they can learn; whether with gradient checkpointing, and whether with FSDP."""


def alternatives(
    settings: PretrainedConfig, config: TrainConfig, runtime: Runtime, batch: tuple[int, int], room: tuple[int, int]
) -> list[Alternative]:
    """The same rows with each method; settings of other methods at their defaults.

    Args:
        settings: of the model, as in its config.json.
        config: settings of the run.
        runtime: device and precision.
        batch: tokens of the largest batch of a process, and of those with loss.
        room: processes, and bytes of memory that each has.
    """
    processes, available = room
    found = []
    known: dict[str, Anatomy] = {}
    shared = set(type(config).model_fields) - {"method", "learning_rate", "gradient_checkpointing", "fsdp"}
    base: dict[str, object] = {key: getattr(config, key) for key in shared}
    for name, checkpointing, fsdp in CHOICES:
        if fsdp and processes == 1:
            continue
        how = {"method": name, "gradient_checkpointing": checkpointing, "fsdp": fsdp}
        own = type(config).model_validate(base | how)
        if name not in known:
            known[name] = dissect(settings, get_method(name), own, runtime)
        total = sum(known[name].parts(own, runtime, *batch, processes).values())
        found.append(
            Alternative(
                method=name,
                gradient_checkpointing=checkpointing,
                fsdp=fsdp,
                memory=total,
                fits=total <= MARGIN * available,
            )
        )
    return found


def recommended(choices: Sequence[Alternative], config: TrainConfig) -> str:
    """What to say on the command line: LoRA where it fits, as good as full fine-tuning on data of this
    size, and it forgets less (arXiv:2405.09673).
    """
    by_taste = sorted(choices, key=lambda one: one.method == "full")
    best = next((one for one in by_taste if one.fits), None)
    if best is None:
        smaller = "batch_size=1 and a shorter max_length" if config.batch_size > 1 else "a smaller model"
        return f"nothing fits: try {smaller}, or more memory"
    return f"method={best.method}" + "".join(f" {name}=true" for name in best.switches)
