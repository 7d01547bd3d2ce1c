"""No secret of a row travels with what is found about it, however the finding came by its words."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dataprep import api
from dataprep.config import SplitConfig
from dataprep.outputs.output import all_outputs
from dataprep.outputs.removals import render_clean
from dataprep.text.masking import SUSPICIOUS, mask_words
from tests.helpers import chat, write_rows

HEX = "5f4dcc3b5aa765d61d8327deb882cf99", "0cc175b9c0f1b6a831c399e269772661"
ALNUM = "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2", "Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8"
KEYS = [
    tuple(f"sk-{body}" for body in HEX),
    tuple(f"ghp_{body}" for body in ALNUM),
    ("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"),
]
TOKENS = [
    *(key for keys in KEYS for key in keys),
    *("sk-proj-a1b2c3d4e5f6g7h8", "sk_live_4eC39HqLyjWDarjt", f"github_pat_{ALNUM[0]}", "glpat-a1B2-c3D4_e5F6g7H8"),
    *(f"hf_{ALNUM[0]}", f"npm_{ALNUM[0]}", f"pypi-{ALNUM[0]}", "xoxb-1234567890-abc", f"AIza-{ALNUM[0]}"),
    *(f"SG.{ALNUM[0]}.{ALNUM[1]}", "eyJhbGciOi_J9.eyJzdWIiOiIx.c2ln"),
]
LONG = "To reach the storage of the shop from the script, sign in with the key {} and then list all of the buckets."


def shown(result: api.AuditResult) -> str:
    """All that an audit prints and writes, in small letters."""
    texts = [output.render(result.report, result.findings, {}) for output in all_outputs().values()]
    cells = [value for row in result.findings.iter_rows() for value in row if isinstance(value, str)]
    return "\n".join([*texts, *cells, result.html()]).casefold()


@pytest.mark.parametrize("keys", KEYS)
def test_findings_show_no_secret(tmp_path: Path, keys: tuple[str, str]) -> None:
    mine, theirs = keys
    rows = [
        chat("What is the key of the storage?", mine),
        chat("What is the key of the storage?", theirs),
        chat(LONG.format(mine), "Done."),
        chat(LONG.format(mine) + " Please.", "Done."),
        chat(LONG.format(theirs), "Done."),
        chat(f"Which key is it? {mine}", f"{LONG.format(mine)} {LONG}"),
    ]
    held_out = [chat(LONG.format(theirs), "Done, all of it."), chat(f"Which key is it? {theirs}", "This one.")]
    data, eval_data = write_rows(tmp_path / "d.jsonl", rows), write_rows(tmp_path / "e.jsonl", held_out)
    result = api.audit([data], [eval_data])
    assert result.findings.height
    text = shown(result)
    cleaned = api.clean([data], [eval_data])
    text += render_clean(cleaned.kept.height, cleaned.removed, None).casefold()
    for key in keys:
        for secret in (key, key.replace("-", " ").replace("_", " "), key[4:]):
            assert secret.casefold() not in text


def test_answers_that_are_secrets_still_contradict_each_other(tmp_path: Path) -> None:
    rows = [chat("What is the key of the storage?", key) for key in KEYS[1]]
    data, out = write_rows(tmp_path / "d.jsonl", rows), tmp_path / "out"
    cleaned = api.clean([data], config=SplitConfig(resolve="ask-file"), out=out)
    (question,) = cleaned.undecided
    assert len(question.counts) == 2
    assert not any(body in (out / "decisions.csv").read_text(encoding="utf-8") for body in ALNUM)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"differs in: ghp {ALNUM[0]} \u2192 nothing", "differs in: ghp \u2026 \u2192 nothing"),
        (f"{HEX[0]} \u2192 {HEX[1]}", "5f4d\u2026 \u2192 0cc1\u2026"),
        *((f"a {secret} b", f"a {secret[:4]}\u2026 b") for secret in TOKENS),
        ("akiaiosfodnn7example", "akia\u2026"),
        (f"same as data/{HEX[0]}.jsonl:3", f"same as data/{HEX[0]}.jsonl:3"),
        ("14 days vs 30 days, internationalisation", "14 days vs 30 days, internationalisation"),
    ],
)
def test_what_is_left_of_a_secret_is_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask_words(text) == expected
    assert mask_words(expected) == expected
    assert text == expected or pl.Series([text]).str.contains(SUSPICIOUS).all()
