"""Finding plug-ins: every module of a package that defines a given constant, in sorted order."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from dataprep.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def discover(package: ModuleType, constant: str, key: Callable[[Any], str]) -> dict[str, Any]:
    """Import the package's modules in sorted order and collect their `constant` under `key(constant)`.

    Args:
        package: the package to look in; modules without the constant are passed over.
        constant: name of the module-level object that makes a module a plug-in.
        key: the name a plug-in goes by.

    Raises:
        PluginError: two modules claim one name.
    """
    found: dict[str, Any] = {}
    owner: dict[str, str] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        module = importlib.import_module(f"{package.__name__}.{name}")
        plugin = getattr(module, constant, None)
        if plugin is None:
            continue
        plugin_name = key(plugin)
        if plugin_name in found:
            raise PluginError(
                f"{owner[plugin_name]} and {module.__file__} both define {plugin_name}", "Rename one of them"
            )
        found[plugin_name] = plugin
        owner[plugin_name] = str(module.__file__)
    return found
