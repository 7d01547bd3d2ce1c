"""Reading: bytes to records, records to the canonical frame."""

from __future__ import annotations

from dataprep.ingest.read import Ingested, all_formats, read_inputs
from dataprep.ingest.shape import ShapeError

__all__ = ["Ingested", "ShapeError", "all_formats", "read_inputs"]
