"""A folder to push to the Hugging Face Hub: the rows as they are, and a card that says how to load them.

Layout as in https://huggingface.co/docs/hub/datasets-manual-configuration: `configs` name the files of each split,
`dataset_info.features` their columns, so that every split loads with one schema.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dataprep.exports.card import account_lines, config, file_table, front_matter, licence_lines, size_category
from dataprep.exports.columns import Type, columns_of, needs_json, yaml_features
from dataprep.exports.export import KINDS, Export, Rendered, Row
from dataprep.exports.licences import hub_metadata, stated
from dataprep.exports.rows import first_of_each_kind, hold, written

if TYPE_CHECKING:
    from dataprep.exports.export import Kind, Source

TITLE: Final = "Hugging Face dataset folder"
CARD_NAME: Final = "README.md"


def render(source: Source) -> Rendered:
    """The rows in `data/` and the card; every row fits."""
    out = hold(source, _record, "data/")
    licences = [source.facts.license] if source.facts.license else stated(source.manifest)
    sets = list(written(source, out, "data/"))
    configs, infos, columns = [], [], dict[str, Type]()
    for number, (kind, files) in enumerate(sets):
        name = "default" if len(sets) == 1 else kind
        columns = columns_of(msgspec.json.decode(line) for file in files.values() for line in _lines(out, file))
        configs.append(config(name, files) | ({"default": True} if len(sets) > 1 and not number else {}))
        infos.append({"config_name": name, "features": yaml_features(columns)})
        if needs_json(columns):
            varied = ", ".join(column for column, of in columns.items() if of in {"json", "jsons"})
            out.notes.append(f"{name}: loading needs datasets 4.7 or newer, {varied} vary in shape")
    head: dict[str, Any] = hub_metadata(licences)
    head |= {"pretty_name": source.facts.name} if source.facts.name else {}
    head |= {"size_categories": [size_category(sum(out.rows.values()))], "configs": configs}
    head["dataset_info"] = infos[0] if len(infos) == 1 else infos
    out.files[CARD_NAME] = (front_matter(head) + _body(source, out, sets, licences)).encode()
    out.notes += first_of_each_kind(source) + _missing(source, licences)
    out.next_step = "hf upload YOUR_NAME/DATASET {folder} --repo-type dataset"
    return out


def _record(row: Row) -> dict[str, Any]:
    return row.body


def _lines(out: Rendered, file: str) -> list[bytes]:
    return out.files[file].splitlines()


def _body(source: Source, out: Rendered, sets: list[tuple[Kind, Any]], licences: list[str]) -> str:
    facts = source.facts
    lines = ["", f"# {facts.name or 'Dataset card'}", ""]
    for kind, files in sets:
        table = [
            (split, file, out.files[file].count(b"\n"), hashlib.sha256(out.files[file]).hexdigest())
            for split, file in files.items()
        ]
        lines += [f"{KINDS[kind].capitalize()}:", "", *file_table(table), ""]
    lines += account_lines(source.manifest, listed=False)
    lines += licence_lines(licences)
    lines += ["## Creator", "", f"{facts.creator}.", ""] if facts.creator else []
    lines += [f"<{facts.url}>", ""] if facts.url else []
    return "\n".join(lines)


def _missing(source: Source, licences: list[str]) -> list[str]:
    """Say what the card leaves out because nobody said it."""
    notes = [] if licences else ["No licence is stated, so the card has none: add --license"]
    given = source.facts.license
    inputs = stated(source.manifest)
    if given and inputs and [given.lower()] != [one.lower() for one in inputs]:
        notes.append(f"The card says {given}; the inputs are under {', '.join(inputs)}")
    if licences and hub_metadata(licences).get("license") == "other":
        notes.append("The Hub does not know that licence: put its text into LICENSE")
    return notes if source.facts.name else [*notes, "No name is stated, so the card has none: add --name"]


EXPORT = Export("hub", TITLE, render)
