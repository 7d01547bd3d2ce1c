"""Shapes of training records. One file per format: how to recognise it, read it and write it.

A new format is a new module here with a `FORMAT` constant; nothing else needs to know.
"""

from __future__ import annotations
