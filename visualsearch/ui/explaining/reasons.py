"""The inspector's reasons: the nearest examples, and what would be without each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from visualsearch.filters.query import Example
from visualsearch.ui import texts
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.photos import Photos

if TYPE_CHECKING:
    from visualsearch.filters.explain import Counterfactual, Explanation, NearExample

_SIDE = 40
_MOST = 8  # examples that are told about: those that change most


class Reasons(QWidget):
    """One line for each example, with its photo; and a button that shows where in the photo the match is."""

    where_wanted = Signal(bool)
    removal_wanted = Signal(object)
    """Example."""
    example_shown = Signal(object)
    """Example: its photo was clicked."""

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self.where = QPushButton(self.tr("Show where in the photo"), self)
        self.where.setCheckable(True)
        self.where.setToolTip(self.tr("Red speaks for the match, blue against it (W)"))
        self.where.toggled.connect(self.where_wanted)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.outside = QLabel(self.tr("It is not among the results."), self)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.outside)
        column.addWidget(self.where)
        column.addWidget(self.note)
        column.addLayout(self._lines)
        self.hide()

    def wait(self) -> None:
        """Reasons are on their way."""
        self._empty()
        self.note.hide()
        self.outside.hide()
        self.show()

    def show_note(self, text: str) -> None:
        """Something in place of, or besides, the veil that was asked for."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def show_explanation(self, found: Explanation) -> None:
        self._empty()
        self.outside.setVisible(found.place is None)
        thumbs: dict[Example, list[Thumb]] = {}
        lines = [
            (near.example, sign, self._near_text(near, sign))
            for near, sign in ((found.nearest_positive, 1), (found.nearest_negative, -1))
            if near is not None
        ]
        told = sorted(found.counterfactuals, key=lambda one: -(one.gained + one.lost))[:_MOST]
        lines += [(one.example, one.sign, self._without_text(one, found.place)) for one in told]
        for example, sign, text in lines:
            thumb = self._line(example, sign, text)
            thumbs.setdefault(example, []).append(thumb)

        def take(images: dict[Example, QImage]) -> None:
            for example, image in images.items():
                for thumb in thumbs.get(example, []):
                    thumb.set_image(image)

        if thumbs:
            self._photos.thumbnails(list(thumbs), take)

    def _line(self, example: Example, sign: int, text: str) -> Thumb:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        thumb = Thumb(example, sign, _SIDE, line)
        thumb.setAccessibleName(text)
        thumb.setToolTip(self.tr("Click shows it; × or Delete removes it from the examples"))
        thumb.clicked.connect(lambda: self.example_shown.emit(example))
        thumb.badge_clicked.connect(lambda: self.removal_wanted.emit(example))
        label = QLabel(text, line)
        label.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)  # or its lines are cut
        label.setSizePolicy(policy)
        row.addWidget(thumb)
        row.addWidget(label, 1)
        self._lines.addWidget(line)
        return thumb

    def _near_text(self, near: NearExample, sign: int) -> str:
        share = max(0, round(100 * near.similarity))
        if sign > 0:
            return self.tr("Most like this of your examples: {0}\u00a0% alike").format(share)
        return self.tr("Of those it should not be like, nearest to this: {0}\u00a0% alike").format(share)

    def _without_text(self, one: Counterfactual, place: int | None) -> str:
        parts = []
        if one.place is None and place is not None:
            parts.append(self.tr("this photo would not be found: it is in because of that example"))
        elif one.place is not None and place is not None and one.place != place:
            parts.append(
                self.tr("this photo would be at place {0} instead of {1}").format(
                    texts.number(one.place), texts.number(place)
                )
            )
        if one.gained:
            if one.sign < 0:
                back = texts.counted(one.gained, self.tr("1 comes back"), self.tr("{0} come back"))
            else:
                back = texts.counted(one.gained, self.tr("1 other comes in"), self.tr("{0} others come in"))
            parts.append(back)
        if one.lost:
            parts.append(texts.counted(one.lost, self.tr("1 falls out"), self.tr("{0} fall out")))
        if not parts:
            return self.tr("Without it nothing would change.")
        return self.tr("Without it {0}.").format(", ".join(parts))

    def _empty(self) -> None:
        while self._lines.count():
            item = self._lines.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
