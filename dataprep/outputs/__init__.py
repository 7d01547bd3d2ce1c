"""Renderings of an audit for the terminal and for machines: one file per format.

A new format is a new module here with an `OUTPUT` constant.
"""
