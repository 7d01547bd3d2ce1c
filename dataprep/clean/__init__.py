"""Findings and a policy to kept rows and removed rows."""

from __future__ import annotations

from dataprep.clean.conflicts import Question
from dataprep.clean.decisions import DECISIONS_NAME, decisions_csv, write_decisions
from dataprep.clean.policy import Cleaned, clean

__all__ = ["DECISIONS_NAME", "Cleaned", "Question", "clean", "decisions_csv", "write_decisions"]
