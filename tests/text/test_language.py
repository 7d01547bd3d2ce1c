"""The language of a text."""

from __future__ import annotations

import pytest

from dataprep.text.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How long does a refund take to arrive at my bank account?", "en"),
        ("Wie lange dauert eine Rückerstattung auf mein Konto?", "de"),
        ("Combien de temps faut-il pour recevoir un remboursement ?", "fr"),
        ("退款需要多长时间才能到账？请问我的银行账户什么时候能收到钱", "zh"),
        ("返金は銀行口座に届くまでどのくらいかかりますか。教えてください", "ja"),
        ("ok", "unknown"),
        ("12345 67890 " * 10, "unknown"),
        ("", "unknown"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language
    language_of.cache_clear()
    assert language_of(text) == language
