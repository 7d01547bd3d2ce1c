"""The licence a base model states, what is known of it, and whether to go on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import yaml
from gguf import GGUFReader
from pydantic import ValidationError

from dataprep.errors import UserError
from trainer.license_terms import Terms, terms_of
from trainer.record import TUNED_NAME, TunedModel

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class License:
    """A licence as stated by a model; `source` says where it was read."""

    id: str | None
    source: str | None

    @property
    def terms(self) -> Terms | None:
        """What it asks for; None where that is not known."""
        return terms_of(self.id)

    @property
    def kind(self) -> Literal["permissive", "conditions", "restricted", "unknown"]:
        """How freely the model may be used."""
        return "unknown" if self.terms is None else self.terms.kind

    @property
    def open(self) -> bool:
        """Whether commercial use is allowed, if under conditions."""
        return self.kind in {"permissive", "conditions"}

    def describe(self) -> str:
        """The licence and what it asks for, on one line."""
        if self.terms is None:
            return "unknown, accepted by you" if self.id is None else f"{self.id}, not known here, accepted by you"
        accepted = "" if self.open else ", accepted by you"
        return "; ".join((f"{self.terms.name}{accepted}", *self.terms.duties))


def check_license(found: License, model: str, *, accepted: bool) -> None:
    """Refuse a model whose licence is not known, or forbids commercial use, unless the user has accepted that.

    Raises:
        UserError: not open and not accepted.
    """
    if found.open or accepted:
        return
    if found.terms is not None:
        stated = f"stands under the {found.terms.name}: {found.terms.duties[0]}"
    elif found.id is None:
        stated = "states no licence where it can be read"
    else:
        stated = f"has the licence '{found.id}' ({found.source}), which is not known here"
    raise UserError(f"{model} {stated}", "Read its terms, then accept them with accept_license=true")


def gguf_license(path: Path) -> License:
    """The licence in a GGUF file's metadata (`general.license`)."""
    field = GGUFReader(path).fields.get("general.license")
    return License(str(field.contents()), "GGUF metadata") if field is not None else License(None, None)


def folder_license(folder: Path) -> License:
    """The licence in a model card's front matter (README.md), in config.json, or of what it was trained from."""
    card = folder / "README.md"
    if card.is_file():
        found = _stated(_front_matter(card.read_text(encoding="utf-8", errors="replace")))
        if found is not None:
            return License(found, "README.md")
    config = folder / "config.json"
    if config.is_file():
        try:
            found = _stated(json.loads(config.read_text(encoding="utf-8")))
        except ValueError:  # what is wrong with it is said when the model is loaded
            found = None
        if found is not None:
            return License(found, "config.json")
    tuned = folder / TUNED_NAME
    if tuned.is_file():
        try:
            base = TunedModel.model_validate_json(tuned.read_text(encoding="utf-8"))
        except (ValidationError, UnicodeDecodeError):
            return License(None, None)
        return License(base.base_license, f"{TUNED_NAME}, of the base model {base.base}")
    return License(None, None)


def _stated(card: object) -> str | None:
    """The licence of a card; the hub calls one that is not on its list `other` and has its name beside it."""
    if not isinstance(card, dict):
        return None
    stated = card.get("license")
    if isinstance(stated, list) and len(stated) == 1:
        stated = stated[0]
    name = card.get("license_name")
    if stated == "other" and isinstance(name, str):
        return name
    return stated if isinstance(stated, str) else None


def _front_matter(text: str) -> dict[str, object]:
    if not text.startswith("---"):
        return {}
    try:
        loaded = yaml.safe_load(text[3:].partition("\n---")[0])
    except yaml.YAMLError:
        return {}
    return loaded if isinstance(loaded, dict) else {}
