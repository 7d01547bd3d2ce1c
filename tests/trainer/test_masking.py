"""The trainer masks what the audit masks."""

from __future__ import annotations

import pytest

from dataprep.text import masking
from trainer.masking import mask_secrets

SECRETS = [
    "sk-ant-api03-abcdefGHIJKL0123456789",
    "sk_live_abcdefghij0123",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz012345",
    "github_pat_11ABCDEFG0abcdefghijkl",
    "glpat-abcdefghijklmnop1234",
    "hf_abcdefghijklmnopqrstuvwx",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "pypi-AgEIcHlwaS5vcmcabcdefghijklmnopqrstuvw",
    "xoxb-123456789012-abcdefghij",
    "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234",
    "SG.abcdefghijklmnopqrst.abcdefghijklmnopqrst",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_as_the_audit_does(secret: str) -> None:
    text = f"the key is {secret}, keep it"
    assert mask_secrets(text) == masking.mask_secrets(text) != text


def test_plain_text_stays() -> None:
    text = "sk-learn is a library; AKIA is a place, and eyJ starts a token."
    assert mask_secrets(text) == masking.mask_secrets(text) == text
