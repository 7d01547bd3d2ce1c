"""Put the page together: sections, style, script and the policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dataprep.discovery import discover
from dataprep.errors import PluginError
from dataprep.report import sections
from dataprep.report.signs import plain
from dataprep.text.wording import counted

if TYPE_CHECKING:
    from types import ModuleType

    from dataprep.report.views import Page, Section

HERE: Final = Path(__file__).parent
STYLES: Final = ("report.css", "findings.css", "media.css")
"""Later files override earlier ones: the page, the findings, then phones and paper."""


def to_html(page: Page) -> str:
    """The page as one HTML text."""
    env = environment()
    parts = []
    for section in find_sections():
        values = section.view(page)
        if values is not None:
            template = env.get_template(f"sections/{section.name}.html.j2")
            parts.append((section, Markup(template.render(page=page, section=section, **values))))  # noqa: S704
    style, script = "\n".join(_asset(name) for name in STYLES), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{csp_hash(style)}'; script-src '{csp_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    html = env.get_template("template.html.j2").render(
        page=page,
        parts=parts,
        policy=policy,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
    )
    return html if html.endswith("\n") else html + "\n"


def find_sections(package: ModuleType = sections, folder: Path = HERE / "sections") -> list[Section]:
    """The sections in page order.

    Raises:
        PluginError: two sections share a name, or one has no template next to it.
    """
    found: list[Section] = list(discover(package, "SECTION", lambda section: section.name).values())
    for section in found:
        template = folder / f"{section.name}.html.j2"
        if not template.is_file():
            raise PluginError(f"The report section {section.name} has no template", f"Add {template}")
    return sorted(found, key=lambda section: section.order)


@cache
def environment() -> Environment:
    """Jinja with everything escaped, and every invisible character spelled out."""
    env = Environment(
        loader=FileSystemLoader(HERE),
        bytecode_cache=_bytecode(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["num"] = number
    env.filters["share"] = share
    env.filters["size"] = size
    env.filters["count"] = counted
    return env


def _bytecode() -> FileSystemBytecodeCache | None:
    """Templates compiled once, beside Python's own bytecode of this module, if that may be written."""
    folder = Path(cache_from_source(__file__)).parent
    may_write = not sys.dont_write_bytecode and os.access(folder, os.W_OK)
    return FileSystemBytecodeCache(str(folder)) if may_write else None


def csp_hash(content: str) -> str:
    """The source expression that allows exactly this inline content."""
    digest = hashlib.sha256(content.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


def number(value: int) -> str:
    """12345 as 12,345."""
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """A percentage that never rounds something to nothing or nearly all to all."""
    if not whole or not part:
        return "0%"
    percent = 100 * part / whole
    if percent < 0.1:
        return "<0.1%"
    if percent > 99.9 and part < whole:
        return ">99.9%"
    return f"{percent:.1f}%".replace(".0%", "%")


def size(count: int) -> str:
    """Bytes in the unit a reader expects."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{count:,} bytes" if unit == "bytes" else f"{amount:,.1f} {unit}"


def _asset(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _finalize(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return plain(value)
    return value
