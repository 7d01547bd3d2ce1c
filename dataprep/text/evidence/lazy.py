"""A property that is computed once, without the lock of `functools.cached_property`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

Owner = TypeVar("Owner")
Value = TypeVar("Value")


class lazy(Generic[Owner, Value]):  # noqa: N801
    """Decorates a method whose result is kept in the instance; a hundred thousand texts are read a minute.

    Args:
        function: the method.
    """

    def __init__(self, function: Callable[[Owner], Value]) -> None:
        self._function = function
        self.__doc__ = function.__doc__
        self._name = function.__name__

    @overload
    def __get__(self, instance: None, owner: type[Owner]) -> Self: ...
    @overload
    def __get__(self, instance: Owner, owner: type[Owner]) -> Value: ...
    def __get__(self, instance: Owner | None, owner: type[Owner]) -> Self | Value:
        """The value, computed where it is first asked for."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._function(instance)
        return value
