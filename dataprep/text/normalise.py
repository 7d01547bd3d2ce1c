"""The normal form in which texts are compared: NFKC, casefold, punctuation to space, one space between words.

What cannot be seen is left out.

Numbers are kept: without them "refund in 14 days" and "refund in 30 days" would be the same sentence.
Symbols (currency, mathematics, emoji) are kept too, and `#` and `%` behind a letter or digit, so that
C and C# or 5 and 5% stay different.
"""

from __future__ import annotations

from typing import Final

import polars as pl

# What lower-casing leaves that Unicode's full casefold would still fold.
_FOLDS: Final = {"ß": "ss", "ς": "σ", "ŉ": "ʼn", "ſ": "s"}
# Soft hyphens, joiners, marks of direction and variants: nobody sees them, and web pages are full of them.
_UNSEEN: Final = r"[[\p{Cf}&&[^\x{E0000}-\x{E007F}]]\x{FE00}-\x{FE0F}\x{180B}-\x{180F}]+"
_NOT_TEXT: Final = r"[^\p{L}\p{M}\p{N}\p{Sm}\p{Sc}\p{So}#%\x{E0020}-\x{E007F}]+"
_LOOSE_MARK: Final = r"(^|[^\p{L}\p{N}])[#%]+"
# The same two where every character is ASCII.
_NOT_ASCII_TEXT: Final = r"[^a-z0-9+<=>|~$#%]+"
_LOOSE_ASCII_MARK: Final = r"(^|[^a-z0-9])[#%]+"


def normalised(text: pl.Expr) -> pl.Expr:
    """The normal form of a text column; null becomes the empty string.

    A text of nothing but punctuation stays as it is, so that "???" and "..." are not the same text.
    """
    return text.map_batches(_normal_forms, return_dtype=pl.String, is_elementwise=True)


def _normal_forms(texts: pl.Series) -> pl.Series:
    texts = texts.fill_null("")
    is_ascii = texts.str.len_bytes() == texts.str.len_chars()
    if is_ascii.all():
        return _of_ascii(texts)
    if not is_ascii.any():
        return _of_unicode(texts)
    forms = pl.concat([_of_ascii(texts.filter(is_ascii)), _of_unicode(texts.filter(~is_ascii))])
    came_from = pl.concat([is_ascii.arg_true(), (~is_ascii).arg_true()])
    return forms.gather(came_from.arg_sort())


def _of_unicode(texts: pl.Series) -> pl.Series:
    """The definition."""
    folded = texts.str.replace_all(_UNSEEN, "").str.normalize("NFKC").str.to_lowercase()
    # Lower case can take letters apart that have a composed form.
    folded = folded.to_frame("t").select(pl.col("t").str.replace_many(list(_FOLDS), list(_FOLDS.values()))).to_series()
    folded = folded.str.normalize("NFKC")
    return _or_else(folded.str.replace_all(_NOT_TEXT, " ").str.replace_all(_LOOSE_MARK, "$1"), texts)


def _of_ascii(texts: pl.Series) -> pl.Series:
    """The same for texts of ASCII alone, in a twentieth of the time: most texts are, and little applies to them."""
    form = texts.str.to_lowercase().str.replace_all(_NOT_ASCII_TEXT, " ")
    return _or_else(form.str.replace_all(_LOOSE_ASCII_MARK, "$1"), texts)


def _or_else(forms: pl.Series, texts: pl.Series) -> pl.Series:
    """The forms, and where nothing is left the text itself with its spaces collapsed."""
    forms = forms.str.strip_chars(" ")
    nothing = (forms == "").arg_true()
    if nothing.is_empty():
        return forms
    return forms.scatter(nothing, texts.gather(nothing).str.replace_all(r"\s+", " ").str.strip_chars())
