"""Every check against its case file: which rows it flags, with what words, and which it leaves alone.

A case file is `cases/CODE.yaml`: a list of cases with `rows` (a row is [prompt, answer], a list of
{role, content} messages, or a raw text for records that cannot be read), optional `eval`, optional `earlier` (rows
that an index remembers), optional `meanings` (words that an embedding model takes for one), optional `scores` (what a
training run showed of each row, see `run_folder`), and `flagged`, a mapping of line number to a part of the message.
Lines that are not listed must not be flagged.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataprep import audit
from dataprep.api import explain
from dataprep.checks.check import all_checks
from dataprep.config import AuditConfig
from tests.helpers import run_folder, static_model

FOLDER = Path(__file__).parent / "cases"
CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}-{case['name']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def as_line(row: Any) -> str:
    if isinstance(row, str):
        return row
    if isinstance(row[0], str):
        row = [{"role": "user", "content": row[0]}, {"role": "assistant", "content": row[1]}]
    return json.dumps({"messages": row})


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("\n".join(map(as_line, rows)) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("code", "case"), CASES)
def test_case(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    data = write(tmp_path / "data.jsonl", case["rows"])
    evals = [write(tmp_path / "eval.jsonl", case["eval"])] if "eval" in case else []
    index = None
    if "earlier" in case:
        index = str(tmp_path / "index")
        audit([write(tmp_path / "earlier.jsonl", case["earlier"])], config=AuditConfig(index=index))
    scores = str(run_folder(tmp_path / "run", data, case["scores"])) if "scores" in case else None
    semantic = str(static_model(tmp_path / "model", case["meanings"])) if "meanings" in case else None
    result = audit([data], evals, AuditConfig(select=[code], index=index, semantic=semantic, scores=scores))
    found: dict[int, str] = {}
    for finding in result.findings.iter_rows(named=True):
        found[finding["line"]] = f"{found.get(finding['line'], '')}\n{finding['message']}"
    flagged = case["flagged"] or {}
    assert set(found) == set(flagged), found
    for line, part in flagged.items():
        assert part in found[line]


def test_every_check_has_its_case_file_and_explanation() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(all_checks())
    for code, check in all_checks().items():
        text = explain(code)
        assert check.name in text
        assert "Example:" in text
        assert "What to do:" in text
