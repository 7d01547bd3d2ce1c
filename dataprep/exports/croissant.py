"""Croissant 1.1: the rows as they are, and machine-readable metadata about files, splits and fields.

Format: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html; context and reading as in mlcroissant 1.1.1
(`_src/core/rdf.py`, `_src/operation_graph/operations/read.py`). Every split is a RecordSet over its own FileObject;
the RecordSet `splits` names them as `cr:Split`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from dataprep.exports.columns import TURN_SIDES, Type, columns_of
from dataprep.exports.export import KINDS, Export, Rendered
from dataprep.exports.licences import stated
from dataprep.exports.rows import first_of_each_kind, hold, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataprep.exports.export import Kind, Source

TITLE: Final = "Croissant"
METADATA_NAME: Final = "croissant.json"
JSON_LINES: Final = "application/jsonlines"
SPLIT_URLS: Final = {
    "train": "cr:TrainingSplit",
    "validation": "cr:ValidationSplit",
    "test": "cr:TestSplit",
}

CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

DATA_TYPES: Final[Mapping[Type, str]] = {
    "string": "sc:Text",
    "int64": "sc:Integer",
    "float64": "sc:Float",
    "bool": "sc:Boolean",
    "strings": "sc:Text",
}


def render(source: Source) -> Rendered:
    """The rows in `data/` and `croissant.json`; every row fits."""
    out = hold(source, lambda row: row.body, "data/")
    distribution, record_sets = [], [_splits(source)]
    undescribed: set[str] = set()
    sets = list(written(source, out, "data/"))
    for kind, files in sets:
        columns = columns_of(row.body for row in source.of(kind))
        keys, nested = _turn_keys(source, kind)
        objects = {name for name, of in columns.items() if of in {"json", "jsons"} and name not in TURN_SIDES}
        undescribed |= nested | objects
        for split, file in files.items():
            present = {key for row in source.of(kind) if row.split == split for key in row.body}
            used = {name: of for name, of in columns.items() if name in present - objects}
            name = split if len(sets) == 1 else f"{kind}-{split}"
            distribution.append(_file_object(file, out.files[file]))
            record_sets.append(_record_set(name, kind, file, used, keys))
    metadata = _metadata(source, out) | {"distribution": distribution, "recordSet": record_sets}
    out.files[METADATA_NAME] = (json.dumps(metadata, indent=2, ensure_ascii=False) + "\n").encode()
    out.notes += first_of_each_kind(source)
    if undescribed:
        listed = ", ".join(sorted(undescribed))
        out.notes.append(f"In the files but not described, Croissant has no type for objects of any shape: {listed}")
    out.next_step = f"mlcroissant validate --jsonld {{folder}}/{METADATA_NAME}"
    return out


def _metadata(source: Source, out: Rendered) -> dict[str, Any]:
    """What is said about the whole; what nobody said is left out and noted."""
    facts, manifest = source.facts, source.manifest
    licences = [facts.license] if facts.license else stated(manifest)
    counts = ", ".join(f"{rows:,} {split}" for split, rows in out.rows.items())
    kinds = " and ".join(KINDS[kind] for kind in source.kinds)
    said: dict[str, Any] = {
        "name": facts.name,
        "description": f"{kinds.capitalize()}: {counts} rows, split by tuneprep {manifest.tool_version} so that "
        "related rows stay in one split.",
        "license": licences[0] if len(licences) == 1 else licences or None,
        "creator": {"@type": "Person", "name": facts.creator} if facts.creator else None,
        "url": facts.url,
        "dateCreated": manifest.created_at,
    }
    for key, flag in (("name", "--name"), ("license", "--license"), ("creator", "--creator"), ("url", "--url")):
        if not said[key]:
            must = "; mlcroissant refuses metadata without it" if key == "name" else ""
            out.notes.append(f"No {key} is stated, so the metadata has none: add {flag}{must}")
    known = {key: value for key, value in said.items() if value}
    return {"@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.1"} | known


def _file_object(path: str, content: bytes) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "contentSize": f"{len(content)} B",
        "encodingFormat": JSON_LINES,
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _splits(source: Source) -> dict[str, Any]:
    """The splits by name, with the meaning Croissant gives them."""
    found = dict.fromkeys(row.split for row in source.rows)
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"},
            {"@type": "cr:Field", "@id": "splits/url", "name": "url", "dataType": "sc:URL"},
        ],
        "data": [{"splits/name": split, "splits/url": SPLIT_URLS[split]} for split in found],
    }


def _record_set(
    name: str, kind: Kind, file: str, columns: Mapping[str, Type], keys: Mapping[str, Iterable[str]]
) -> dict[str, Any]:
    fields = [_field(f"{name}/{column}", column, of, file, keys.get(column, ())) for column, of in columns.items()]
    about = {"@type": "cr:RecordSet", "@id": name, "name": name, "description": f"{KINDS[kind]}, one a row"}
    return about | {"key": {"@id": f"{name}/row_id"}, "field": fields}


def _field(uid: str, column: str, of: Type, file: str, keys: Iterable[str]) -> dict[str, Any]:
    """A column; the turns of a conversation are an array of role, content and what else they carry."""
    source = {"fileObject": {"@id": file}, "extract": {"column": column}}
    field: dict[str, Any] = {"@type": "cr:Field", "@id": uid, "name": column}
    if of in {"turns", "jsons", "strings"}:
        field |= {"isArray": True, "arrayShape": "-1"}
    if column in TURN_SIDES and of in {"turns", "jsons"}:
        part = {"@type": "cr:Field", "dataType": "sc:Text"}
        field["subField"] = [
            part | {"@id": f"{uid}/{key}", "name": key, "source": source | {"transform": {"jsonPath": key}}}
            for key in keys
        ]
        return field
    return field | {"dataType": DATA_TYPES[of], "source": source}


def _turn_keys(source: Source, kind: Kind) -> tuple[dict[str, list[str]], set[str]]:
    """The keys of turns that hold plain values, by column, role and content first; and those that hold objects."""
    found: dict[str, dict[str, None]] = {}
    nested: set[tuple[str, str]] = set()
    for row in source.of(kind):
        for side in TURN_SIDES & row.body.keys():
            keys = found.setdefault(side, {"role": None, "content": None})
            for turn in row.body[side] or ():
                keys |= dict.fromkeys(turn)
                nested |= {(side, key) for key, value in turn.items() if isinstance(value, dict | list)}
    plain = {side: [key for key in keys if (side, key) not in nested] for side, keys in found.items()}
    return plain, {f"{side}/{key}" for side, key in nested}


EXPORT = Export("croissant", TITLE, render)
