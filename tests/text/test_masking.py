"""Secrets are hidden, everything else is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataprep.text.masking import mask_secrets

LONG = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.mark.parametrize(
    "secret",
    [
        "sk-" + LONG,
        "sk-proj-" + LONG,
        "sk-ant-api03-" + LONG,
        "sk_live_" + LONG,
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "ghp_" + LONG,
        "github_pat_" + LONG,
        "glpat-" + LONG,
        "hf_" + LONG,
        "npm_" + LONG,
        "pypi-" + LONG,
        "xoxb-123456789012-" + LONG,
        "AIza" + LONG,
        f"SG.{LONG}.{LONG}",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
    ],
)
def test_a_key_keeps_its_first_four_characters(secret: str) -> None:
    assert mask_secrets(secret) == secret[:4] + "…"
    assert mask_secrets(f'"token": "{secret}", next') == f'"token": "{secret[:4]}…", next'
    assert mask_secrets(f"({secret})") == f"({secret[:4]}…)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "my task-oriented-dialogue-system-2000 works",
        "sk-learn-compatible-estimators",
        "order AKIA-12, SKU 4111-BLUE-XL, order number 732201349959",
        "eyJ is how a token begins",
        "mail chen.wei26@example.org",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert mask_secrets(text) == text


@pytest.mark.parametrize("kind", ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
def test_a_private_key_is_hidden_with_its_body(kind: str) -> None:
    name = kind.removesuffix(" BLOCK")
    text = f"before -----BEGIN {kind}-----\nMIIEow\nsecret\n-----END {kind}----- after"
    assert mask_secrets(text) == f"before -----BEGIN {name}… after"
    # A block that was cut is hidden to the end.
    assert mask_secrets(text.partition("-----END")[0]) == f"before -----BEGIN {name}…"


@given(st.lists(st.sampled_from(["sk-", "-----BEGIN PRIVATE KEY-----", "-----END ", "AKIA", LONG, ".", " ", "eyJ"])))
def test_masking_twice_changes_nothing_more(parts: list[str]) -> None:
    once = mask_secrets("".join(parts))
    assert mask_secrets(once) == once


@pytest.mark.parametrize("unit", ["sk-", "sk-a", "eyJa.", "-----BEGIN PRIVATE KEY-----", "AKIA", "SG.", "a-"])
def test_a_megabyte_of_near_misses_is_quick(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    assert isinstance(mask_secrets(text), str)
