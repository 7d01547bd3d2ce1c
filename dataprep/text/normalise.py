"""The normal form in which texts are compared: NFKC, casefold, punctuation to space, one space between words.

Numbers are kept: without them "refund in 14 days" and "refund in 30 days" would be the same sentence.
Symbols (currency, mathematics, emoji) are kept too, and `#` and `%` behind a letter or digit, so that
C and C# or 5 and 5% stay different.
"""

from __future__ import annotations

from typing import Final

import polars as pl

# What lower-casing leaves that Unicode's full casefold would still fold.
_FOLDS: Final = {"ß": "ss", "ς": "σ", "ŉ": "ʼn", "ſ": "s"}
_NOT_TEXT: Final = r"[^\p{L}\p{M}\p{N}\p{Sm}\p{Sc}\p{So}#%]+"
_LOOSE_MARK: Final = r"(^|[^\p{L}\p{N}])[#%]+"


def normalised(text: pl.Expr) -> pl.Expr:
    """The normal form of a text column; null becomes the empty string.

    A text of nothing but punctuation stays as it is, so that "???" and "..." are not the same text.
    """
    text = text.fill_null("")
    folded = text.str.normalize("NFKC").str.to_lowercase()
    # Lower case can take letters apart that have a composed form.
    folded = folded.str.replace_many(list(_FOLDS), list(_FOLDS.values())).str.normalize("NFKC")
    form = folded.str.replace_all(_NOT_TEXT, " ").str.replace_all(_LOOSE_MARK, "$1").str.strip_chars(" ")
    return pl.when(form == "").then(text.str.replace_all(r"\s+", " ").str.strip_chars()).otherwise(form)
