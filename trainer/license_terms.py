"""Licences that base models come with, and what they ask of those who train on them.

A reminder of the main terms in a few words, not legal advice: the licence itself is what counts. An id that is
not listed here is unknown, and unknown is refused until the user has read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["permissive", "conditions", "restricted"]

_NOTICES: Final = "keep its copyright and licence notices when you pass the model on"
_ACCEPTABLE: Final = "uses it forbids stay forbidden for the tuned model: pass its list on with it"
_RESEARCH: Final = "research and other non-commercial use only"


@dataclass(frozen=True)
class Terms:
    """What a licence asks for.

    Attributes:
        name: in full.
        kind: `permissive`, any use; `conditions`, commercial use under conditions; `restricted`, none or only on
            request.
        duties: in words, most important first.
    """

    name: str
    kind: Kind
    duties: tuple[str, ...] = (_NOTICES,)


def _llama(version: str, built: str, name: str, outputs: str) -> Terms:
    return Terms(
        f"Llama {version} Community License",
        "conditions",
        (
            "commercial use below 700 million monthly users",
            f"name: a model you share begins with '{name}'" if name else "attribution in a notice file",
            *((f"show '{built}' with it",) if built else ()),
            outputs,
            _ACCEPTABLE,
        ),
    )


_OWN_ONLY: Final = "its answers may not be used to improve other models than Llama"
_NAMED: Final = "a model improved with its answers carries 'Llama' in its name, too"

TERMS: Final[dict[str, Terms]] = {
    "apache-2.0": Terms("Apache License 2.0", "permissive", (_NOTICES, "say that the weights were changed")),
    "mit": Terms("MIT License", "permissive"),
    "mit-0": Terms("MIT No Attribution", "permissive", ()),
    "bsd": Terms("BSD License", "permissive"),
    "bsd-2-clause": Terms("BSD 2-Clause License", "permissive"),
    "bsd-3-clause": Terms("BSD 3-Clause License", "permissive"),
    "isc": Terms("ISC License", "permissive"),
    "unlicense": Terms("The Unlicense", "permissive", ()),
    "cc0-1.0": Terms("Creative Commons Zero 1.0", "permissive", ()),
    "cc-by-4.0": Terms("Creative Commons Attribution 4.0", "permissive", ("name its authors and what was changed",)),
    "cdla-permissive-2.0": Terms("Community Data License Agreement - Permissive 2.0", "permissive"),
    "apple-ascl": Terms("Apple Sample Code License", "permissive"),
    "llama2": _llama("2", "", "", _OWN_ONLY),
    "llama3": _llama("3", "Built with Meta Llama 3", "Llama 3", _OWN_ONLY),
    "llama3.1": _llama("3.1", "Built with Llama", "Llama", _NAMED),
    "llama3.2": _llama("3.2", "Built with Llama", "Llama", _NAMED),
    "llama3.3": _llama("3.3", "Built with Llama", "Llama", _NAMED),
    "llama4": _llama("4", "Built with Llama", "Llama", _NAMED),
    "gemma": Terms(
        "Gemma Terms of Use",
        "conditions",
        (
            "a model trained on its answers counts as derived from it, too",
            "pass its terms and a notice on with the tuned model",
            _ACCEPTABLE,
        ),
    ),
    "qwen": Terms(
        "Qwen License Agreement",
        "conditions",
        (
            "commercial use below 100 million monthly users",
            "show 'Built with Qwen' or 'Improved using Qwen' with a model it was used for",
            _NOTICES,
        ),
    ),
    "qwen-research": Terms("Qwen Research License Agreement", "restricted", (_RESEARCH, "show 'Built with Qwen'")),
    "mrl": Terms("Mistral AI Research License", "restricted", (_RESEARCH, "pass the same licence on")),
    "mnpl": Terms("Mistral AI Non-Production License", "restricted", ("no use in production", "pass it on")),
    "deepseek": Terms("DeepSeek License Agreement", "conditions", (_ACCEPTABLE, _NOTICES)),
    "openrail": Terms("Open Responsible AI License", "conditions", (_ACCEPTABLE, _NOTICES)),
    "falcon-llm-license": Terms("Falcon LLM License", "conditions", (_ACCEPTABLE, "name TII as its source")),
    "nvidia-open-model-license": Terms("NVIDIA Open Model License", "conditions", (_ACCEPTABLE, _NOTICES)),
    "stabilityai-ai-community": Terms(
        "Stability AI Community License",
        "conditions",
        ("commercial use below 1 million dollars of yearly revenue", "show 'Powered by Stability AI' with it"),
    ),
    "lfm1.0": Terms(
        "LFM Open License 1.0", "conditions", ("commercial use below 10 million dollars of yearly revenue", _NOTICES)
    ),
    "modified-mit": Terms("Modified MIT License", "conditions", (_NOTICES, "very large services must show its name")),
    "cc-by-sa-4.0": Terms("Creative Commons Attribution-ShareAlike 4.0", "conditions", ("share the result alike",)),
    "cc-by-nd-4.0": Terms("Creative Commons NoDerivatives 4.0", "restricted", ("the tuned model may not be shared",)),
    "cc-by-nc": Terms("Creative Commons NonCommercial", "restricted", ("no commercial use", "name its authors")),
    "gpl": Terms("GNU General Public License", "conditions", ("what you share stands under the same licence",)),
    "exaone": Terms("EXAONE AI Model License", "restricted", (_RESEARCH, "name: begins with 'EXAONE'")),
    "apple-amlr": Terms("Apple Machine Learning Research License", "restricted", (_RESEARCH,)),
    "microsoft-research-license": Terms("Microsoft Research License", "restricted", (_RESEARCH,)),
}
"""By id, in lower case, as the hub and SPDX write it."""

_ALIKE: Final = (
    (re.compile(r"apache(-license)?(-?v?-?2(\.0)?)?"), "apache-2.0"),
    (re.compile(r"cc-by-nc(-(sa|nd))?(-[\d.]+)?"), "cc-by-nc"),
    (re.compile(r"cc-by-sa-[\d.]+"), "cc-by-sa-4.0"),
    (re.compile(r"cc-by-nd-[\d.]+"), "cc-by-nd-4.0"),
    (re.compile(r"cc-by-[\d.]+"), "cc-by-4.0"),
    (re.compile(r"(a|l)?gpl-[\d.]+(-only|-or-later)?"), "gpl"),
    (re.compile(r"(bigscience-|bigcode-|creativeml-)?(bloom-)?(open)?rail(\+\+)?(-m)?(-?[\d.]+)?"), "openrail"),
    (re.compile(r"llama-?([234](\.\d)?)(-community(-license)?)?(-license)?"), "llama{}"),
    (re.compile(r"gemma-?[\d.]*(-terms.*)?"), "gemma"),
    (re.compile(r"(tongyi-)?qianwen(-license)?(-agreement)?|qwen-license(-agreement)?"), "qwen"),
    (re.compile(r"(tongyi-)?(qwen|qianwen)-research(-license)?"), "qwen-research"),
    (re.compile(r"mrl-[\d.]+|mistral(-ai)?-research(-license)?"), "mrl"),
    (re.compile(r"mnpl-[\d.]+|mistral(-ai)?-non-production(-license)?"), "mnpl"),
    (re.compile(r"deepseek(-ai)?(-license)?(-agreement)?|deepseek-model-license"), "deepseek"),
    (re.compile(r"falcon.*license.*"), "falcon-llm-license"),
    (re.compile(r"nvidia-open-model(-license)?(-agreement)?|nvidia-oml"), "nvidia-open-model-license"),
    (re.compile(r"exaone.*"), "exaone"),
    (re.compile(r"(stability|stable).*community.*"), "stabilityai-ai-community"),
)
"""Spellings that mean the same; `{}` is the version found."""


def terms_of(license_id: str | None) -> Terms | None:
    """The terms of a licence as a model states it; None where it is not known."""
    if license_id is None:
        return None
    plain = re.sub(r"[\s_]+", "-", license_id.strip().lower())
    if plain in TERMS:
        return TERMS[plain]
    for pattern, known in _ALIKE:
        found = pattern.fullmatch(plain)
        if found:
            return TERMS.get(known.format(*found.groups()[:1]))
    return None
