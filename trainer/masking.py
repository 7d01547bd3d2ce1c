"""Hide secrets in sample texts that are about to be shown, as the audit does.

A run's report gets mailed and pasted into tickets; a key found in the data must not travel with it. The patterns are
those of dataprep, from which only contracts are imported; a test holds the two together.
"""

from __future__ import annotations

import re
from typing import Final

KEPT: Final = 4
"""Characters of a secret that stay visible, so that its owner can recognise it."""

# Every pattern starts with a fixed prefix that no word character precedes, so scanning stays linear.
_TOKEN: Final = re.compile(
    r"""(?<![A-Za-z0-9_-])(?:
      sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}
    | (?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}
    | (?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])
    | gh[opsur]_[A-Za-z0-9]{20,}
    | github_pat_[A-Za-z0-9_]{20,}
    | glpat-[A-Za-z0-9_-]{16,}
    | hf_[A-Za-z0-9]{20,}
    | npm_[A-Za-z0-9]{30,}
    | pypi-[A-Za-z0-9_-]{30,}
    | xox[abeoprs]-[A-Za-z0-9-]{10,}
    | AIza[A-Za-z0-9_-]{30,}
    | SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}
    | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*
    )""",
    re.VERBOSE,
)

_KEY_BLOCK: Final = re.compile(
    r"(-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY)(?: BLOCK)?-----"
    r".*?(?:-----END [A-Z0-9 ]{0,80}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)


def mask_secrets(text: str) -> str:
    """The text with API keys, access tokens and private key blocks reduced to their first characters."""
    if "-----BEGIN " in text:
        text = _KEY_BLOCK.sub(lambda found: found[1] + "…", text)
    return _TOKEN.sub(lambda found: found[0][:KEPT] + "…", text)
