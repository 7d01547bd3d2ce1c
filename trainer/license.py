"""The licence a base model states, and whether it lets anyone train on it without asking."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml
from gguf import GGUFReader

from dataprep.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

PERMISSIVE: Final = frozenset(
    {
        "apache-2.0",
        "mit",
        "bsd",
        "bsd-2-clause",
        "bsd-3-clause",
        "isc",
        "unlicense",
        "cc0-1.0",
        "cc-by-4.0",
        "cdla-permissive-2.0",
    }
)
"""SPDX ids, in lower case, that allow use, change and sharing for any purpose."""


@dataclass(frozen=True)
class License:
    """A licence as stated by a model; `source` says where it was read."""

    id: str | None
    source: str | None

    @property
    def permissive(self) -> bool:
        """Whether it is one of the licences known to allow any use."""
        return self.id is not None and self.id.lower() in PERMISSIVE


def check_license(found: License, model: str, *, accepted: bool) -> None:
    """Refuse a model whose licence is not known to allow training, unless the user has accepted that.

    Raises:
        UserError: not permissive and not accepted.
    """
    if found.permissive or accepted:
        return
    stated = (
        "states no licence where it can be read"
        if found.id is None
        else f"has the licence '{found.id}' ({found.source}), which is not on the list of permissive ones"
    )
    raise UserError(f"{model} {stated}", "Read its terms, then accept them with accept_unknown_license=true")


def gguf_license(path: Path) -> License:
    """The licence in a GGUF file's metadata (`general.license`)."""
    field = GGUFReader(path).fields.get("general.license")
    return License(str(field.contents()), "GGUF metadata") if field is not None else License(None, None)


def folder_license(folder: Path) -> License:
    """The licence in a model card's front matter (README.md), else in config.json."""
    card = folder / "README.md"
    if card.is_file():
        stated = _front_matter(card.read_text(encoding="utf-8", errors="replace")).get("license")
        if isinstance(stated, str):
            return License(stated, "README.md")
    config = folder / "config.json"
    if config.is_file():
        stated = json.loads(config.read_text(encoding="utf-8")).get("license")
        if isinstance(stated, str):
            return License(stated, "config.json")
    return License(None, None)


def _front_matter(text: str) -> dict[str, object]:
    if not text.startswith("---"):
        return {}
    try:
        loaded = yaml.safe_load(text[3:].partition("\n---")[0])
    except yaml.YAMLError:
        return {}
    return loaded if isinstance(loaded, dict) else {}
