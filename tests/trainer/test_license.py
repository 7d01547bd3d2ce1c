"""The licence gate: known families with their terms, and a stop where nothing is known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dataprep.errors import UserError
from tests.trainer.runs import run
from trainer.license import License, check_license, folder_license
from trainer.license_terms import TERMS, terms_of


def with_card(folder: Path, *lines: str) -> Path:
    text = "\n".join(("---", "tags: [x]", *lines, "---", "# A model", ""))
    (folder / "README.md").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("stated", "kind", "duty"),
    [
        ("apache-2.0", "permissive", "notices"),
        ("Apache 2.0", "permissive", "notices"),
        ("MIT", "permissive", "notices"),
        ("cc-by-4.0", "permissive", "name its authors"),
        ("llama2", "conditions", "700 million"),
        ("llama3.1", "conditions", "begins with 'Llama'"),
        ("llama3.2", "conditions", "Built with Llama"),
        ("llama-3.3-community-license", "conditions", "begins with 'Llama'"),
        ("gemma", "conditions", "derived from it"),
        ("tongyi-qianwen", "conditions", "Built with Qwen"),
        ("qwen-research", "restricted", "non-commercial"),
        ("MRL-0.1", "restricted", "non-commercial"),
        ("mnpl-0.1", "restricted", "production"),
        ("deepseek-license", "conditions", "forbids"),
        ("bigscience-openrail-m", "conditions", "forbids"),
        ("creativeml-openrail-m", "conditions", "forbids"),
        ("bigscience-bloom-rail-1.0", "conditions", "forbids"),
        ("cc-by-nc-4.0", "restricted", "no commercial use"),
        ("cc-by-nc-sa-3.0", "restricted", "no commercial use"),
        ("cc-by-sa-4.0", "conditions", "share"),
        ("agpl-3.0", "conditions", "same licence"),
        ("gpl-3.0-or-later", "conditions", "same licence"),
    ],
)
def test_known_families(stated: str, kind: str, duty: str) -> None:
    found = License(stated, "README.md")
    assert found.kind == kind
    assert duty in found.describe()
    if kind == "restricted":
        with pytest.raises(UserError, match="accept_license=true"):
            check_license(found, "m", accepted=False)
        assert "accepted by you" in found.describe()
    else:
        check_license(found, "m", accepted=False)


@pytest.mark.parametrize("stated", ["other", "my-licence", "llama9", "cc-by", "apache-1.1-ish", "not-mit", "", None])
def test_what_is_not_known_is_never_guessed(stated: str | None) -> None:
    assert terms_of(stated) is None
    with pytest.raises(UserError, match="accept_license=true"):
        check_license(License(stated, "README.md"), "m", accepted=False)
    check_license(License(stated, "README.md"), "m", accepted=True)


def test_every_entry_says_what_it_asks() -> None:
    for known, terms in TERMS.items():
        assert known == known.lower()
        assert terms.duties or terms.kind == "permissive"
        assert terms_of(known) is terms


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["license: apache-2.0"], "apache-2.0"),
        (["license: [mit]"], "mit"),
        (["license: [mit, gpl]"], None),
        (["license: other", "license_name: deepseek"], "deepseek"),
        (["license: other"], "other"),
        (["title: x"], None),
        (["license: [broken"], None),
    ],
)
def test_the_card_says_so(tmp_path: Path, lines: list[str], expected: str | None) -> None:
    assert folder_license(with_card(tmp_path, *lines)).id == expected


def test_refused_recorded_and_passed_on(tiny_model: Path, small_split: Path, tmp_path: Path) -> None:
    gated = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    with_card(gated, "license: cc-by-nc-4.0")
    with pytest.raises(UserError, match="NonCommercial: no commercial use"):
        run(gated, small_split, tmp_path / "run", accept_license=False, max_steps=1)
    record = run(gated, small_split, tmp_path / "run", max_steps=1, method="full")
    assert (record.model.license_kind, record.model.license_accepted_by_user) == ("restricted", True)
    assert record.model.license_terms[0] == "Creative Commons NonCommercial"
    # The tuned model is bound by what its base is bound by.
    assert folder_license(tmp_path / "run" / "model").id == "cc-by-nc-4.0"
    config = json.loads((gated / "config.json").read_text())
    (gated / "README.md").unlink()
    (gated / "config.json").write_text(json.dumps(config | {"license": "llama3.1"}))
    open_record = run(gated, small_split, tmp_path / "run", accept_license=False, max_steps=1)
    assert not open_record.model.license_accepted_by_user
    assert any("begins with 'Llama'" in duty for duty in open_record.model.license_terms)
