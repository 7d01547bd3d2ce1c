"""Hide secrets in text that is about to be shown.

An audit report gets mailed and pasted into tickets; a key found in the data must not travel with it.
"""

from __future__ import annotations

import re
from typing import Final

KEPT: Final = 4
"""Characters of a secret that stay visible, so that its owner can recognise it."""

# Every pattern starts with a fixed prefix that no word character precedes, so scanning stays linear.
_TOKEN: Final = re.compile(
    r"""(?<![A-Za-z0-9_-])(?:
      sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}          # OpenAI, Anthropic, DeepSeek and kin
    | (?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}        # Stripe
    | (?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])           # AWS access key
    | gh[opsur]_[A-Za-z0-9]{20,}                         # GitHub
    | github_pat_[A-Za-z0-9_]{20,}
    | glpat-[A-Za-z0-9_-]{16,}                           # GitLab
    | hf_[A-Za-z0-9]{20,}                                # Hugging Face
    | npm_[A-Za-z0-9]{30,}
    | pypi-[A-Za-z0-9_-]{30,}
    | xox[abeoprs]-[A-Za-z0-9-]{10,}                     # Slack
    | AIza[A-Za-z0-9_-]{30,}                             # Google
    | SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}         # SendGrid
    | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*  # JSON web token
    )""",
    re.VERBOSE,
)

# A block without its end (the text was cut) is hidden to the end of the text.
_KEY_BLOCK: Final = re.compile(
    r"(-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY)(?: BLOCK)?-----"
    r".*?(?:-----END [A-Z0-9 ]{0,80}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)


# What is left of a secret where texts are compared: their words, without punctuation and perhaps cut short or in small
# letters, or only the word that differs. Files are named beside them, so nothing that is part of a path.
_LOOSE: Final = re.compile(
    r"""(?<![A-Za-z0-9])(?:(?:sk|pk|rk)[ _-](?:live|test)|sk|gh[opsur]|github[ _]pat|glpat|hf|npm|pypi|xox[abeoprs])
      [ ._-]{1,2}(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{8,}
    | (?<![A-Za-z0-9/._-])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{20,}(?![A-Za-z0-9_]|[./-][A-Za-z0-9])
    """,
    re.VERBOSE | re.IGNORECASE,
)

SUSPICIOUS: Final = (
    r"-----BEGIN |[A-Za-z0-9]{20}|SG\.|eyJ|AIza"
    r"|(?i:(?:^|[^A-Za-z0-9])(?:[spr]k|gh[opsur]|github[ _]pat|glpat|hf|npm|pypi|xox[abeoprs])[ ._-])"
)
"""What a text has in which `mask_words` may hide something, as a pattern that polars reads."""


def mask_words(text: str) -> str:
    """`mask_secrets` for text that is made of the words of others: what is left of a secret is hidden as well.

    Long words of letters and digits are, since a difference may show no more of a key.

    Example:
        >>> mask_words("differs in: ghp Ab1Cd2Ef3Gh4Ij5Kl6Mn → nothing")
        'differs in: ghp … → nothing'
    """
    return _LOOSE.sub(lambda found: found[0][:KEPT] + "…", mask_secrets(text))


def mask_secrets(text: str) -> str:
    """The text with API keys, access tokens and private key blocks reduced to their first characters.

    Masking twice changes nothing more.

    Example:
        >>> mask_secrets("the key is AKIAIOSFODNN7EXAMPLE, keep it")
        'the key is AKIA…, keep it'
    """
    if "-----BEGIN " in text:
        text = _KEY_BLOCK.sub(lambda found: found[1] + "…", text)
    return _TOKEN.sub(lambda found: found[0][:KEPT] + "…", text)
