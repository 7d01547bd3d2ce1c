"""Reading: bytes to records, records to the canonical frame."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataprep.ingest.inputs import input_files
    from dataprep.ingest.read import Ingested, InputReader, read_inputs
    from dataprep.ingest.recognise import all_formats
    from dataprep.ingest.shape import Format, ShapeError

__all__ = ["Format", "Ingested", "InputReader", "ShapeError", "all_formats", "input_files", "read_inputs"]

_HOMES = {"all_formats": "recognise", "input_files": "inputs", "Format": "shape", "ShapeError": "shape"}


def __getattr__(name: str) -> Any:
    # On first use, because the reader processes need a few of the modules only, and start twice as fast.
    if name in __all__:
        return getattr(import_module(f"dataprep.ingest.{_HOMES.get(name, 'read')}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
