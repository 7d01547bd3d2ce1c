"""Splits: rows to groups, groups to train, validation and test, and the certificate that nothing crosses.

A new strategy is a new module here with a `STRATEGY` constant.
"""
