"""Checks: one file per fault. A new check is a new module here with a `CHECK` constant, and its case file."""
