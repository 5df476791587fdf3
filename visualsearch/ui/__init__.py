"""The window: Qt, and nothing but Qt and the workspace."""

import builtins
import os

from visualsearch.ui import bytecode

# PySide6 wraps ``import`` to look for its optional ``__feature__`` in the source of every module that comes later.
# Nothing here uses that, and reading all those sources would make the start slower by a tenth: put it back.
_import = builtins.__import__
with bytecode.kept():
    import PySide6.QtCore  # noqa: F401

builtins.__import__ = _import

# Qt fills what is taller than 96 pixels (a scroll bar that moves) in several threads, and the GUI thread sleeps until
# all of them had their turn: late for the frame, beside an import. Alone it needs less than a millisecond.
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")

from visualsearch.ui import overrides  # noqa: E402

overrides.install()
