"""Licences: what the manifest says about them, and their identifiers on the Hugging Face Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dataprep.contract import SplitManifest

HUB_IDS: Final = frozenset(
    """
    apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m
    afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5
    cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0
    cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0
    cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl
    lgpl-2.1 lgpl-3.0 isc lppl-1.3c ms-pl mpl-2.0 odc-by odbl openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib
    pddl lgpl-lr deepfloyd-if-license llama2 gemma unknown other
    """.split()
)
"""From https://huggingface.co/docs/hub/repositories-licenses."""


def stated(manifest: SplitManifest) -> list[str]:
    """The licences of the inputs, without repetition; empty unless every input has one."""
    found = [getattr(file, "license", None) for file in manifest.inputs]
    return list(dict.fromkeys(map(str, found))) if all(found) else []


def hub_metadata(licences: list[str]) -> dict[str, Any]:
    """The licence lines of a card's metadata: identifiers the Hub knows, or `other` with the name."""
    ids = [licence.strip().lower() for licence in licences]
    if not ids:
        return {}
    if all(one in HUB_IDS for one in ids):
        return {"license": ids[0] if len(ids) == 1 else ids}
    return {"license": "other", "license_name": " and ".join(licences)}
