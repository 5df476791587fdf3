"""Errors in methods that Qt calls reach the report of faults, and do not end the program.

Before Python 3.12 an error that C code raises (``[][1]``, a missing key) waits as a type and a text, without an
instance, until some Python code handles it. PySide 6.10 and 6.11 take that text for an instance when a method that
Python called by way of Qt fails so (``endResetModel`` → ``reset``, ``adjustSize`` → ``sizeHint``): a segmentation
fault. A handler around each such method makes the instance.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

from PySide6.QtCore import QObject

_NEEDED = sys.version_info < (3, 12)


def install() -> None:
    """Guard the methods of all classes of Qt objects that are made from now on, in any thread."""
    if _NEEDED:
        QObject.__init_subclass__ = classmethod(_guard_all)  # type: ignore[assignment]


def _guard_all(made: type, **arguments: Any) -> None:
    object.__init_subclass__(**arguments)
    bases = [vars(base) for base in made.__mro__[1:] if base.__module__.startswith("PySide6.")]
    for name, method in list(vars(made).items()):
        if isinstance(method, FunctionType) and any(name in base for base in bases):
            setattr(made, name, _guarded(method))


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def guarded(*arguments: Any, **named: Any) -> Any:
        try:
            return method(*arguments, **named)
        except BaseException:  # to have caught it is all that is wanted
            raise

    return guarded
