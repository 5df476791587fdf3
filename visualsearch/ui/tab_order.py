"""The order in which Tab goes through the window, chained anew when widgets have come or gone."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

_SAME_LINE = 8  # pixels between the middles of widgets that stand beside one another


def chain(panes: Iterable[QWidget]) -> None:
    """Let Tab go through the panes one after the other, in each of them line by line."""
    stops = [widget for pane in panes for widget in _stops(pane)]
    for first, second in pairwise(stops):
        QWidget.setTabOrder(first, second)


def _stops(pane: QWidget) -> list[QWidget]:
    """What takes the focus by Tab in a pane, as one reads."""
    middles: list[tuple[QWidget, QPoint]] = [
        (widget, widget.mapTo(pane, widget.rect().center()))
        for widget in [pane, *pane.findChildren(QWidget)]
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.window() is pane.window()  # not in the list that a combo box drops
    ]
    middles.sort(key=lambda pair: pair[1].y())
    lines: list[list[tuple[QWidget, QPoint]]] = []
    for widget, middle in middles:
        if lines and middle.y() - lines[-1][0][1].y() <= _SAME_LINE:
            lines[-1].append((widget, middle))
        else:
            lines.append([(widget, middle)])
    leftwards = pane.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return [
        widget
        for line in lines
        for widget, _ in sorted(line, key=lambda pair: pair[1].x(), reverse=leftwards)
    ]
