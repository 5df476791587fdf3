"""The settings: few, good choices, in effect at once; to take along as a file, and to put back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from visualsearch.replacing import replace_file
from visualsearch.settings import Settings
from visualsearch.ui import style, translation
from visualsearch.ui.gallery.view import MAX_TILE, MIN_TILE
from visualsearch.ui.panels.notice import Notice


class SettingsDialog(QDialog):
    """Shows a window's settings and changes them while one looks."""

    changed = Signal()
    """The settings are other ones now."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._showing = False
        self.setWindowTitle(self.tr("Settings"))
        self.setMinimumWidth(460)
        self.person = QLineEdit(self)
        self.person.setPlaceholderText(self.tr("The name you are logged in with"))
        self.theme = QComboBox(self)
        for code, name in (
            ("system", self.tr("As the desktop")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            self.theme.addItem(name, code)
        self.contrast = QCheckBox(self.tr("&High contrast"), self)
        self.font_percent = self._number(80, 200, 10, self.tr(" %"))
        self.tile_size = self._number(MIN_TILE, MAX_TILE, 10, self.tr(" pixels"))
        self.language = QComboBox(self)
        self.language.addItem(self.tr("As the desktop"), "")
        for code, name in translation.languages():
            self.language.addItem(name, code)
        self.said = Notice(self)
        self._lay_out()
        self._connect()
        self.show_settings()

    def _number(self, least: int, most: int, step: int, unit: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(least, most)
        box.setSingleStep(step)
        box.setSuffix(unit)
        return box

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(style.Space.S)
        for text, field in (
            (self.tr("&Your name"), self.person),
            (self.tr("&Theme"), self.theme),
            ("", self.contrast),
            (self.tr("&Size of texts"), self.font_percent),
            (self.tr("Size of &photos"), self.tile_size),
            (self.tr("&Language"), self.language),
        ):
            form.addRow(text, field)
            if text:
                field.setAccessibleName(text.replace("&", ""))
        self.person.setToolTip(self.tr("The history names it for what you decide"))
        note = QLabel(self.tr("Another language comes with the next start."), self)
        note.setWordWrap(True)
        form.addRow("", note)
        role = QDialogButtonBox.ButtonRole
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.reset = self.buttons.addButton(self.tr("&Reset"), role.ResetRole)
        self.export = self.buttons.addButton(self.tr("&Export…"), role.ActionRole)
        self.load = self.buttons.addButton(self.tr("&Import…"), role.ActionRole)
        for button in (self.reset, self.export, self.load):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.said)
        layout.addStretch(1)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.person.textEdited.connect(self._take)
        self.theme.activated.connect(self._take)
        self.contrast.clicked.connect(self._take)
        self.font_percent.valueChanged.connect(self._take)
        self.tile_size.valueChanged.connect(self._take)
        self.language.activated.connect(self._take)
        self.buttons.rejected.connect(self.reject)
        self.reset.clicked.connect(lambda: self._replace({}))
        self.export.clicked.connect(self._ask_export)
        self.load.clicked.connect(self._ask_import)

    def show_settings(self) -> None:
        """Show what is chosen."""
        chosen = self._settings
        self._showing = True
        self.person.setText(chosen.actor)
        self.theme.setCurrentIndex(max(0, self.theme.findData(chosen.theme)))
        self.contrast.setChecked(chosen.high_contrast)
        self.font_percent.setValue(chosen.font_percent)
        self.tile_size.setValue(chosen.tile_size)
        self.language.setCurrentIndex(max(0, self.language.findData(chosen.language)))
        self._showing = False

    def _take(self) -> None:
        if self._showing:
            return
        chosen = self._settings
        chosen.actor = self.person.text().strip()
        chosen.theme = cast("str", self.theme.currentData())
        chosen.high_contrast = self.contrast.isChecked()
        chosen.font_percent = self.font_percent.value()
        chosen.tile_size = self.tile_size.value()
        chosen.language = cast("str", self.language.currentData())
        self.changed.emit()

    def _replace(self, stored: object) -> None:
        self._settings.take_choices(stored)
        self.show_settings()
        self.said.say("")
        self.changed.emit()

    def _ask_export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export the settings"), "visualsearch-settings.json", "JSON (*.json)"
        )
        if chosen:
            self.export_to(Path(chosen))

    def _ask_import(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Import settings"), "", "JSON (*.json)")
        if chosen:
            self.import_from(Path(chosen))

    def export_to(self, file: Path) -> None:
        """Write the choices to a file."""
        try:
            replace_file(file, json.dumps(self._settings.choices(), indent=1).encode())
        except OSError as error:
            self.said.say(self.tr("{0}: {1}.").format(file, error.strerror), warning=True)
        else:
            self.said.say(self.tr("Exported to {0}.").format(file))

    def import_from(self, file: Path) -> None:
        """Take over the choices of a file; one that is no such file changes nothing."""
        try:
            stored = json.loads(file.read_text("utf-8"))
            if not isinstance(stored, dict) or "theme" not in stored:
                raise ValueError("something else")
        except (OSError, ValueError, RecursionError):
            self.said.say(self.tr("{0} holds no settings of this program.").format(file), warning=True)
        else:
            self._replace(stored)
