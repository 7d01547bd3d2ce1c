"""Licences of data: their identifiers under the many ways people write them, and what they ask for. No legal advice.

Identifiers and families after https://spdx.org/licenses and https://creativecommons.org/licenses.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Term = Literal["attribution", "share-alike", "non-commercial", "no-derivatives", "use-restrictions", "unknown"]

_CC: Final = re.compile(r"cc-by(-nc)?(-sa|-nd)?(?:-(\d\.\d))?(?:-[a-z]{2,4})?")
_CC_URL: Final = re.compile(r"creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/?(\d\.\d)?")
_PERMISSIVE: Final = re.compile(
    r"mit|apache-2\.0|bsd(-[23]-clause)?|isc|zlib|afl-3\.0|artistic-2\.0|bsl-1\.0|ncsa|postgresql|ecl-2\.0"
    r"|odc-by(-1\.0)?|cdla-permissive-[12]\.0|etalab-2\.0|c-uda(-1\.0)?"
)
_FREE: Final = re.compile(r"cc0(-1\.0)?|unlicense|wtfpl|pddl(-1\.0)?|0bsd|public-domain")
_SHARE_ALIKE: Final = re.compile(
    r"(a|l)?gpl(-\d\.\d)?(-only|-or-later)?|odbl(-1\.0)?|cdla-sharing-1\.0|mpl-2\.0|epl-[12]\.0|eupl-1\.[12]|osl-3\.0"
    r"|gfdl(-1\.\d)?"
)
_RESTRICTED: Final = re.compile(r".*openrail.*|.*rail-.*|llama.*|gemma.*|deepfloyd.*")
_ALIASES: Final = {
    "apache": "apache-2.0",
    "apache2": "apache-2.0",
    "apache-2": "apache-2.0",
    "apache-license-2.0": "apache-2.0",
    "mit-license": "mit",
    "cc0": "cc0-1.0",
    "cc-0": "cc0-1.0",
    "cc-zero": "cc0-1.0",
    "bsd-3": "bsd-3-clause",
    "bsd-2": "bsd-2-clause",
    "gplv3": "gpl-3.0",
    "gplv2": "gpl-2.0",
    "agplv3": "agpl-3.0",
    "lgplv3": "lgpl-3.0",
    "publicdomain": "public-domain",
    "cdla-sharing": "cdla-sharing-1.0",
}
DEMANDS: Final[dict[Term, str]] = {
    "attribution": "credit to the authors",
    "share-alike": "the same licence for what is derived from it",
    "non-commercial": "no commercial use",
    "no-derivatives": "no sharing of changed or mixed versions",
    "use-restrictions": "limits on what it may be used for",
    "unknown": "terms that are not known here",
}


def identifier(name: str) -> str:
    """A licence's identifier in lower case: "CC BY-NC 4.0" and its address both give "cc-by-nc-4.0"."""
    text = name.strip().lower()
    address = _CC_URL.search(text)
    if address:
        kind, version = address[1], address[2]
        base = {"zero": "cc0", "mark": "public-domain"}.get(kind, f"cc-{kind}")
        return f"{base}-{version}" if version and base != "public-domain" else base
    text = re.sub(r"[\s_]+", "-", text).removeprefix("the-").removesuffix("-license").removesuffix("-licence")
    text = re.sub(r"creative-commons-", "cc-", text)
    text = re.sub(r"^(?=by-)", "cc-", text)
    text = re.sub(r"-v(?=\d)", "-", text).replace(",", "").replace("-international", "")
    text = re.sub(r"^(cc-by[a-z-]*?|apache|gpl|agpl|lgpl|mpl)-?(\d)(?:\.(\d))?$", _with_version, text)
    return _ALIASES.get(text, text)


def _with_version(match: re.Match[str]) -> str:
    return f"{match[1]}-{match[2]}.{match[3] or 0}"


def terms(name: str) -> frozenset[Term]:
    """What a licence asks for; empty for those that ask for nothing."""
    known = identifier(name)
    creative = _CC.fullmatch(known)
    if creative:
        found: set[Term] = {"attribution"}
        found |= {"non-commercial"} if creative[1] else set()
        found |= {"share-alike"} if creative[2] == "-sa" else set()
        found |= {"no-derivatives"} if creative[2] == "-nd" else set()
        return frozenset(found)
    if _FREE.fullmatch(known):
        return frozenset()
    if _PERMISSIVE.fullmatch(known):
        return frozenset({"attribution"})
    if _SHARE_ALIKE.fullmatch(known):
        return frozenset({"attribution", "share-alike"})
    return frozenset({"use-restrictions"}) if _RESTRICTED.fullmatch(known) else frozenset({"unknown"})


def family(name: str) -> str:
    """A licence without its version, since later versions of one licence take over what earlier ones share."""
    return re.sub(r"-\d+(\.\d+)*(-only|-or-later)?$", "", identifier(name))


def conflict(left: str, right: str) -> str | None:
    """Why two licences do not go together, in words, or None."""
    a, b = terms(left), terms(right)
    if family(left) == family(right):
        return None
    for one, other, name in ((a, b, left), (b, a, right)):
        if "no-derivatives" in one:
            return f"{name} allows no mixing with other data"
        if "share-alike" in one and "non-commercial" in other and "non-commercial" not in one:
            return f"{name} wants the whole under its own terms, which do not forbid commercial use"
    if "share-alike" in a and "share-alike" in b:
        return "each wants the whole under itself"
    if ("non-commercial" in a) != ("non-commercial" in b):
        return "the mix allows no commercial use"
    return None
