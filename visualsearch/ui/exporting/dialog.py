"""Asks what is exported, in which form, and where to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QLineEdit, QWidget

from visualsearch.ui import texts
from visualsearch.ui.panels.output_dialog import OutputDialog
from visualsearch.ui.panels.path_line import fill_row

if TYPE_CHECKING:
    import numpy as np

    from visualsearch.attributes.exports import Exported, ExportRequest

ALL, SHOWN, SELECTED, CHANGED = "all", "shown", "selected", "changed"
LAST, DAY, EVER = "last", "day", "ever"
_SUFFIXES = {
    "csv": ".csv",
    "tsv": ".tsv",
    "jsonl": ".jsonl",
    "parquet": ".parquet",
    "shopify": ".shopify.csv",
    "solr": ".solr.json",
}


@dataclass(frozen=True, eq=False)
class Offer:
    """What there is to export: how many items; item numbers of what is ``shown`` (None: everything is) and
    ``selected``; the exports that were made; the people who changed something."""

    total: int
    shown: np.ndarray | None
    selected: np.ndarray | None
    made: Sequence[Exported]
    people: Sequence[str]


class ExportDialog(OutputDialog):
    """Few choices with good defaults; ``chosen`` gives the ExportRequest."""

    chosen = Signal(object)

    def __init__(self, offer: Offer, folder: Path, name: str, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Export"), parent)
        self._offer = offer
        self._make_what()
        self._make_form()
        self._since_row = QWidget(self)
        fill_row(self._since_row, self.since, self.day)
        rows = (
            (self.tr("&What"), self.what),
            (self.tr("&Since"), self._since_row),
            (self.tr("&By"), self.by),
            (self.tr("&Format"), self.format),
            (self.tr("F&ile"), self.place),
            (self.tr("&Photos at"), self.image_url),
        )
        self.lay_out(rows, self.tr("&Export"))
        self.file.setText(str(folder / f"{name}{_SUFFIXES['csv']}"))
        self.what.currentIndexChanged.connect(self._show)
        self.since.currentIndexChanged.connect(self._show)
        self.format.currentIndexChanged.connect(self._take_format)
        self.file.textChanged.connect(self._show)
        self.buttons.accepted.connect(self._accept)
        self._show()

    # --- making ---------------------------------------------------------------------------------------------

    def _make_what(self) -> None:
        offer = self._offer
        self.what = self.box(self.tr("What to export"))
        self.what.addItem(self.tr("All items ({0})").format(texts.number(offer.total)), ALL)
        if offer.shown is not None:
            self.what.addItem(
                self.tr("What is shown now ({0})").format(texts.number(len(offer.shown))), SHOWN
            )
        if offer.selected is not None and len(offer.selected):
            count = texts.number(len(offer.selected))
            self.what.addItem(self.tr("What is selected ({0})").format(count), SELECTED)
        self.what.addItem(self.tr("Only what people changed"), CHANGED)
        self.since = self.box(self.tr("Changes since"))
        self.since.addItem(self.tr("the last export in this format"), LAST)
        self.since.addItem(self.tr("a day"), DAY)
        self.since.addItem(self.tr("ever"), EVER)
        self.day = QDateEdit(QDate.currentDate().addDays(-7), self)
        self.day.setCalendarPopup(True)
        self.day.setAccessibleName(self.tr("Changes since this day"))
        self.day.setToolTip(self.tr("Changes since the beginning of this day"))
        self.by = self.box(self.tr("Changes by"))
        self.by.addItem(self.tr("everybody"), "")
        for person in offer.people:
            self.by.addItem(person, person)

    def _make_form(self) -> None:
        self.format = self.box(self.tr("Format"))
        for code, title in (
            ("csv", self.tr("CSV: for spreadsheets and most programs")),
            ("tsv", self.tr("TSV: the same with tabs")),
            ("jsonl", self.tr("JSON Lines: for programmers")),
            ("parquet", self.tr("Parquet: for analysis")),
            ("shopify", self.tr("Shopify products, attributes as metafields")),
            ("solr", self.tr("Solr update in JSON")),
        ):
            self.format.addItem(title, code)
        self.make_place()
        self.image_url = QLineEdit(self)
        self.image_url.setAccessibleName(self.tr("Where the photos are on the web"))
        self.image_url.setToolTip(self.tr("Shopify fetches photos from the web; left empty, it gets none"))
        self.image_url.setPlaceholderText("https://…")

    # --- what the person says -------------------------------------------------------------------------------

    def _code(self) -> str:
        return str(self.format.currentData())

    def _take_format(self) -> None:
        """The file's name follows the format."""
        file = Path(self.file.text())
        for suffix in sorted(_SUFFIXES.values(), key=len, reverse=True):
            if file.name.endswith(suffix):
                self.file.setText(str(file.with_name(file.name[: -len(suffix)] + _SUFFIXES[self._code()])))
                break
        self._show()

    def _show(self) -> None:
        changed = self.what.currentData() == CHANGED
        self.form.setRowVisible(self._since_row, changed)
        self.form.setRowVisible(self.by, changed and len(self._offer.people) > 1)
        self.day.setVisible(self.since.currentData() == DAY)
        self.form.setRowVisible(self.image_url, self._code() == "shopify")
        possible = self.place.path is not None
        text = self._explained()
        if changed and self.since.currentData() == LAST and self._last() is None:
            possible = False
            text = self.tr(
                "Nothing was exported in this format yet: export all items first, or choose a day."
            )
        self.ok.setEnabled(possible)
        self.said.say(text, warning=not possible and changed)

    def _last(self) -> Exported | None:
        found = [one for one in self._offer.made if one.format == self._code() and one.complete]
        return found[-1] if found else None

    def _explained(self) -> str:
        changed, last = self.what.currentData() == CHANGED, self._last()
        if changed and self.since.currentData() == LAST and last is not None:
            when = datetime.fromisoformat(last.at).astimezone().strftime("%Y-%m-%d %H:%M")
            text = self.tr("The last one was made on {0}: {1}").format(when, Path(last.file).name)
            return text + "\n" + self.tr("What was undone since does not count.")
        if self._code() == "shopify":
            return self.tr(
                "Define the metafields in the shop (namespace “custom”) before you import the file there."
            )
        if self._code() == "solr" and changed:
            return self.tr("Changes are written as updates of single fields.")
        return self.tr("The file imports again without loss, with the small file .import.json beside it.")

    def _request(self) -> ExportRequest:
        from visualsearch.attributes.exports import ExportRequest

        file = self.place.path
        assert file is not None, "the button is off without one"
        what = self.what.currentData()
        rest: dict[str, Any] = {}
        if what == CHANGED:
            since = self.since.currentData()
            rest = {"changes": True, "actor": self.by.currentData() or None}
            rest["since"] = LAST if since == LAST else self._moment() if since == DAY else None
        elif what != ALL:
            rest = {"items": self._offer.shown if what == SHOWN else self._offer.selected}
        url = self.image_url.text().strip() if self._code() == "shopify" else ""
        return ExportRequest(file, self._code(), image_url=url, **rest)

    def _moment(self) -> str:
        """The beginning of the day, where the person is, in UTC."""
        day = self.day.date()
        local = datetime.combine(date(day.year(), day.month(), day.day()), time()).astimezone()
        return local.astimezone(timezone.utc).isoformat(timespec="seconds")

    def _accept(self) -> None:
        self.chosen.emit(self._request())
