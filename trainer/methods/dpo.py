"""Direct preference optimisation: make the wanted answer likelier than the unwanted one (arXiv:2305.18290).

-log sigmoid(beta * (how much the model prefers the wanted answer - how much the reference does)), where
preference is the difference of the two answers' log-probabilities. Label smoothing as in arXiv:2310.12036's
conservative DPO: a share of the pairs is taken to be labelled the wrong way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from dataprep.contract import Model
from trainer.method import Method

if TYPE_CHECKING:
    from trainer.data import TokenSet
    from trainer.objective import Objective
    from trainer.session import Session


class DpoSettings(Model):
    """Settings of direct preference optimisation."""

    model_config = ConfigDict(allow_inf_nan=False)

    dpo_learner: str = Field(
        default="lora", description="Method that decides what learns: lora, full, qlora, adapter."
    )
    dpo_beta: float = Field(default=0.1, gt=0, description="How closely the model is held to where it came from.")
    dpo_label_smoothing: float = Field(
        default=0.0, ge=0, lt=0.5, description="Share of the pairs that may be labelled the wrong way round."
    )


class Dpo(Method):
    """Learns from preference pairs; other rows are left out and listed.

    The reference is the model before training. What it makes of each pair is worked out once, before the first
    step, so that no second model is held in memory.
    """

    name = "dpo"
    settings = (DpoSettings,)
    learner_setting = "dpo_learner"
    learning_rate_factor = 0.05
    takes = "preference"

    def objective(self, session: Session, tokens: TokenSet) -> Objective:
        """The preference loss, with the reference's view of every pair."""
        from trainer.preference import DpoLoss, reference_margins  # noqa: PLC0415 - torch

        own = session.config.of(DpoSettings)
        margins: dict[str, float] = {}
        for split, rows in tokens.tokens.items():
            if not rows:  # a test split may hold no pair
                continue
            with session.screen.evaluation(f"the reference on {split}", len(rows)) as progress:
                margins |= reference_margins(
                    session.model,
                    rows,
                    pad_id=session.pad_id,
                    layout=session.layout,
                    autocast=session.runtime.autocast,
                    progress=progress,
                )
        return DpoLoss(margins, own.dpo_beta, own.dpo_label_smoothing)


METHOD = Dpo()
