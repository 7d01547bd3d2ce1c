"""Errors meant for the person at the keyboard: what was found, where, and what to do next."""

from __future__ import annotations


class UserError(Exception):
    """A problem the user can mend. Commands print it as one or two sentences and exit with 2.

    Args:
        problem: what was found and where, without a final full stop.
        remedy: the next thing to do, as an instruction; may be empty.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem.rstrip(".")
        self.remedy = remedy.rstrip(".")
        text = f"{self.problem}."
        if self.remedy:
            text += f" {self.remedy}."
        super().__init__(text)


class InputError(UserError):
    """An input cannot be used at all: missing, empty, unreadable, or without one usable row."""


class ConfigError(UserError):
    """A setting is unknown, malformed or out of range."""


class SplitError(UserError):
    """A split cannot be made, or a split folder is not what its manifest says."""


class PluginError(UserError):
    """Two plug-ins claim one name, or a plug-in breaks its contract."""
