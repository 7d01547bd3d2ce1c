"""The committed JSON Schemas are what the models say, and real outputs validate against them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dataprep import audit, split

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "schemas"))
import generate  # type: ignore[import-not-found]  # noqa: E402


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "schemas" / "v1" / f"{name}.schema.json").read_text())
    return loaded


@pytest.mark.parametrize("name", sorted(generate.MODELS))
def test_committed_schema_is_current(name: str) -> None:
    committed = (ROOT / "schemas" / "v1" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == generate.text(name), "run `make schemas` and commit the result"
    jsonschema.Draft202012Validator.check_schema(load(name))
    assert load(name)["$id"].startswith("urn:tuneprep:schema:v1:")


def test_no_schema_is_left_over() -> None:
    files = {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas" / "v1").iterdir()}
    assert files == set(generate.MODELS)


def test_outputs_validate(tmp_path: Path, sample: Path) -> None:
    result = audit([sample / "train.jsonl"], [sample / "eval.jsonl"])
    result.write(tmp_path / "audit")
    split([sample / "train.jsonl"], tmp_path / "splits", [sample / "eval.jsonl"])
    validate = {name: jsonschema.Draft202012Validator(load(name)).validate for name in generate.MODELS}
    validate["audit"](json.loads((tmp_path / "audit" / "audit.json").read_text()))
    validate["split-manifest"](json.loads((tmp_path / "splits" / "manifest.json").read_text()))
    for finding in result.findings.iter_rows(named=True):
        validate["finding"](finding)
    for line in (tmp_path / "splits" / "dropped.jsonl").read_text().splitlines():
        validate["dropped-row"](json.loads(line))
    for line in (tmp_path / "splits" / "test.jsonl").read_text().splitlines():
        validate["example"](json.loads(line))
