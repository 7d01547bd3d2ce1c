"""Audit, clean and split fine-tuning data.

The functions load on first use, so that `import dataprep` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep._version import __version__

if TYPE_CHECKING:
    from dataprep.api import audit, convert, explain, export, load, split

__all__ = ["__version__", "audit", "convert", "explain", "export", "load", "split"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from dataprep import api  # noqa: PLC0415 - polars and the checks load here

        return getattr(api, name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
