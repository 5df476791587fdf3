"""The window: Qt, and nothing but Qt and the workspace."""

import builtins

from visualsearch.ui import bytecode

# PySide6 wraps ``import`` to look for its optional ``__feature__`` in the source of every module that comes later.
# Nothing here uses that, and reading all those sources would make the start slower by a tenth: put it back.
_import = builtins.__import__
with bytecode.kept():
    import PySide6.QtCore  # noqa: F401

builtins.__import__ = _import
