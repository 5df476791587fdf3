"""An error in a method that Qt calls is an error, and does not end the program."""

from __future__ import annotations

import os
import subprocess
import sys

_PROGRAM = """
import visualsearch.ui
from PySide6.QtCore import QAbstractListModel, QSize
from PySide6.QtWidgets import QApplication, QListView, QWidget

class View(QListView):
    def reset(self):
        [][1]

class Sized(QWidget):
    def sizeHint(self) -> QSize:
        return {}["size"]

class Model(QAbstractListModel):
    def rowCount(self, parent=None):
        return 1

    def show(self):
        self.beginResetModel()
        self.endResetModel()

def told(act):
    try:
        act()
    except Exception as error:
        print(type(error).__name__)

app = QApplication([])
model, view, sized = Model(), View(), Sized()
told(lambda: view.setModel(model))
told(model.show)
told(sized.adjustSize)
print("still here")
"""


def test_the_error_of_an_override_can_be_caught():
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-5:] == ["IndexError", "IndexError", "KeyError", "still here", ""]
