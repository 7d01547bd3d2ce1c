"""Write the JSON Schema (draft 2020-12) of every file that leaves the tools to schemas/v1/.

Run `python schemas/generate.py` after a change to a contract; a test fails while they differ.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dataprep.contract import AuditReport, DroppedRow, Example, Finding, RowScore, SplitManifest
from trainer.monitor import EvalRecord
from trainer.record import (
    ExportRecord,
    GeneratedRecord,
    LedgerLine,
    MetricsLine,
    NotTrained,
    PlanRecord,
    RunRecord,
    TunedModel,
)

FOLDER = Path(__file__).parent / "v1"
MODELS: dict[str, type[BaseModel]] = {
    "audit": AuditReport,
    "dropped-row": DroppedRow,
    "eval": EvalRecord,
    "example": Example,
    "export": ExportRecord,
    "finding": Finding,
    "generated": GeneratedRecord,
    "ledger-line": LedgerLine,
    "metrics-line": MetricsLine,
    "not-trained": NotTrained,
    "plan": PlanRecord,
    "row-score": RowScore,
    "run": RunRecord,
    "split-manifest": SplitManifest,
    "tuned": TunedModel,
}


def schema(name: str) -> dict[str, Any]:
    """The schema of one file format, with its identity."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:tuneprep:schema:v1:{name}"}
    return head | MODELS[name].model_json_schema(mode="serialization")


def text(name: str) -> str:
    """The schema as it is committed."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for title in MODELS:
        (FOLDER / f"{title}.schema.json").write_text(text(title), encoding="utf-8")
