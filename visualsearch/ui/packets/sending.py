"""*Send work to somebody*: which photos, what is asked about them, and the file that goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox, QWidget

from visualsearch.ui import texts
from visualsearch.ui.packets.wording import SUFFIX
from visualsearch.ui.panels.output_dialog import OutputDialog

if TYPE_CHECKING:
    from visualsearch.attributes.packets import PacketRequest

SUGGESTED, SHOWN, SELECTED, SUSPECTS, ESTIMATE = "suggested", "shown", "selected", "suspects", "estimate"
_USUAL, _MOST = 200, 20_000


@dataclass(frozen=True)
class Offer:
    """What can be asked: item numbers that are ``shown`` (the first ones; ``total`` of them) and ``selected``, names of
    ``attributes`` and ``estimates``, and what is being tagged."""

    shown: Sequence[int] = ()
    total: int = 0
    selected: Sequence[int] = ()
    attributes: Sequence[str] = ()
    estimates: Sequence[str] = ()
    attribute: str = ""
    value: str = ""
    folder: Path = field(default_factory=Path)


class SendDialog(OutputDialog):
    """``chosen`` gives the PacketRequest and the file (Path)."""

    chosen = Signal(object, object)

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Send work to somebody"), parent)
        self._offer = offer
        self._make()
        rows = (
            (self.tr("&Photos"), self.queue),
            (self.tr("&Attribute"), self.attribute),
            (self.tr("&Value"), self.value),
            (self.tr("&Estimate"), self.estimate),
            (self.tr("At &most"), self.limit),
            (self.tr("F&ile"), self.place),
        )
        self.lay_out(rows, self.tr("Ma&ke the packet"))
        self.queue.currentIndexChanged.connect(self._show)
        self.attribute.currentTextChanged.connect(self._show)
        self.value.textChanged.connect(self._show)
        self.file.textChanged.connect(self._show)
        self.buttons.accepted.connect(self._accept)
        self._show()

    def _make(self) -> None:
        offer = self._offer
        self.queue = self.box(self.tr("Which photos"))
        self.queue.addItem(self.tr("The best suggestions for a value"), SUGGESTED)
        if len(offer.selected):
            count = texts.number(len(offer.selected))
            self.queue.addItem(self.tr("What is selected ({0})").format(count), SELECTED)
        if len(offer.shown):
            self.queue.addItem(
                self.tr("What is shown now, from the top ({0})").format(texts.number(offer.total)), SHOWN
            )
        self.queue.addItem(self.tr("Where a value looks wrong"), SUSPECTS)
        if offer.estimates:
            self.queue.addItem(self.tr("The next photos of an estimate"), ESTIMATE)
        self.attribute = self.box(self.tr("Attribute"))
        self.attribute.addItems(list(offer.attributes))
        self.attribute.setEditable(True)
        self.attribute.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        if offer.attribute:
            self.attribute.setCurrentText(offer.attribute)
        self.value = QLineEdit(offer.value, self)
        self.value.setAccessibleName(self.tr("Value"))
        self.estimate = self.box(self.tr("Estimate"))
        self.estimate.addItems(list(offer.estimates))
        self.limit = QSpinBox(self)
        self.limit.setRange(1, _MOST)
        self.limit.setValue(_USUAL)
        self.limit.setAccessibleName(self.tr("At most so many photos"))
        self.limit.setToolTip(self.tr("At most so many photos"))
        self.make_place()
        self.file.setText(str(offer.folder / f"work{SUFFIX}"))

    # --- what the person says -------------------------------------------------------------------------------

    def request(self) -> PacketRequest:
        """What the packet shall ask."""
        from visualsearch.attributes.packets import PacketRequest

        queue, limit = self.queue.currentData(), self.limit.value()
        attribute, value = self.attribute.currentText().strip(), self.value.text().strip()
        if queue == ESTIMATE:
            return PacketRequest(estimate=self.estimate.currentText(), limit=limit)
        if queue == SUSPECTS:
            return PacketRequest(suspects=attribute, limit=limit)
        given = {SHOWN: self._offer.shown, SELECTED: self._offer.selected}.get(queue)
        items = None if given is None else tuple(map(int, given[:limit]))
        if value:
            return PacketRequest(suggest=f"{attribute}={value}", items=items, limit=limit)
        return PacketRequest(attribute=attribute, items=items, limit=limit)

    def _show(self) -> None:
        queue = self.queue.currentData()
        self.form.setRowVisible(self.attribute, queue != ESTIMATE)
        self.form.setRowVisible(self.value, queue in (SUGGESTED, SHOWN, SELECTED))
        self.form.setRowVisible(self.estimate, queue == ESTIMATE)
        attribute, value = self.attribute.currentText().strip(), self.value.text().strip()
        needed = queue == ESTIMATE or bool(attribute and (value or queue != SUGGESTED))
        self.ok.setEnabled(needed and self.place.path is not None)
        self.value.setPlaceholderText(
            self.tr("for example floral")
            if queue == SUGGESTED
            else self.tr("Left empty: they choose the right value")
        )
        self.said.say(self._explained(queue, attribute, value))

    def _explained(self, queue: str, attribute: str, value: str) -> str:
        sent = self.tr(
            "Send the file to somebody who has this catalog or a copy of it: Tag → Judge a packet."
        )
        if queue == SUGGESTED and not value:
            return self.tr("Write the value that photos may deserve: the likeliest ones are sent.")
        if queue == ESTIMATE:
            asked = self.tr("Each photo is right, wrong, or not sure.")
        elif queue != SUSPECTS and value:
            asked = self.tr("Each photo is asked: is it {0}?").format(f"{attribute} = {value}")
        else:
            asked = self.tr("Each photo is asked: which {0} is right?").format(attribute)
        return texts.sentences(asked, sent)

    def _accept(self) -> None:
        file = self.place.path
        assert file is not None, "the button is off without one"
        if not file.suffix:
            file = file.with_suffix(SUFFIX)
        self.chosen.emit(self.request(), file)
