"""Takes the pictures of the user guide: drives the window through its tasks, on a copy of the drawn sample catalog.

``python -m visualsearch.ui.screenshots FOLDER`` (`make screenshots`) needs no display.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QTabWidget, QWidget

from visualsearch import console
from visualsearch.attributes.packet_format import read_packet
from visualsearch.attributes.packets import PacketRequest
from visualsearch.catalog.decisions import ValueChange
from visualsearch.jobs import JobControl
from visualsearch.replacing import replacing
from visualsearch.settings import Settings
from visualsearch.ui import style
from visualsearch.ui.app import application
from visualsearch.ui.auditing.mode import AuditMode
from visualsearch.ui.autotag.dialog import AutoTagDialog
from visualsearch.ui.demo import Person
from visualsearch.ui.editing.set_dialog import SetDialog
from visualsearch.ui.exporting.dialog import ExportDialog
from visualsearch.ui.main_window import MainWindow
from visualsearch.ui.operations.feature import Operations
from visualsearch.ui.packets.feature import WorkPackets
from visualsearch.ui.packets.sending import SHOWN, SendDialog
from visualsearch.ui.quality.dashboard import DashboardPage
from visualsearch.ui.quality.duplicates_page import DuplicatesPage
from visualsearch.ui.quality.estimates import EstimatesPage
from visualsearch.ui.tagging.mode import TagMode
from visualsearch.workspace import Workspace

_WIDE = 780  # pixels, so that a picture fits the guide's window
_CALM = 12  # looks in a row without anything going on
_Key = Qt.Key


class Photographer(Person):
    """A person who does the tasks of the guide and takes pictures."""

    def __init__(self, window: MainWindow, out: Path, log: Callable[[str], None]) -> None:
        super().__init__(window, out, log)
        self.window = window

    def take_all(self, path: Path) -> None:
        """Every picture of the guide. Raises VisualSearchError when a step does not come to an end."""
        window = self.window
        window.catalogs.open(path)
        self.until(lambda: window.controller.results is not None)
        for task in (
            self.browsing,
            self.filtering,
            self.leaving_out,
            self.editing,
            self.tagging,
            self.tagging_by_itself,
            self.sharing_work,
            self.auditing,
            self.estimating,
            self.finding_duplicates,
            self.reporting,
            self.looking_back,
        ):
            task()

    # --- tasks ----------------------------------------------------------------------------------------------

    def browsing(self) -> None:
        self.type("resort shirt")
        self.plus(0)
        self.plus(1)
        self.type("")
        self.picture("find")
        self.do("palette")
        QTest.keyClicks(self.focused(), "tag")
        self.picture("palette")
        self.press(_Key.Key_Escape)

    def filtering(self) -> None:
        self.picture("precision", self.window.tray)
        self.do("judge")
        dialog = self.dialog()
        for key in (_Key.Key_Y, _Key.Key_Y, _Key.Key_N, _Key.Key_Y):
            self.calm()
            QTest.keyClick(dialog.focusWidget() or dialog, key)
        self.picture("judge", dialog)
        dialog.reject()
        self.do("save_filter")
        dialog = self.dialog()
        QTest.keyClicks(dialog.focusWidget(), "resort shirts")
        QTest.keyClick(dialog.focusWidget(), _Key.Key_Return)
        self.calm()
        self.picture("filters", told=True)
        self.do("saved_filters")

    def leaving_out(self) -> None:
        facets = self.window.facets
        section = facets.sections()["colour"]
        facets.scroll_area.ensureWidgetVisible(section)
        section.values.setFocus()
        section.values.setCurrentIndex(section.model.index(0))
        QTest.keyClick(section.values, _Key.Key_Minus)
        self.picture("leave-out")
        self.do("clear")
        facets.scroll_area.verticalScrollBar().setValue(0)

    def editing(self) -> None:
        window = self.window
        gallery = window.area.gallery
        window.actions_["grid"].trigger()
        self.press(_Key.Key_Home)
        QTest.keyClick(gallery, _Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(gallery, _Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        self.do("set_attribute")
        dialog = self.dialog()
        assert isinstance(dialog, SetDialog)
        dialog.attribute.setCurrentText("usage")
        QTest.keyClicks(dialog.focusWidget(), "Travel")
        self.picture("set", dialog)
        dialog.reject()
        workspace, item = window.controller.workspace, window.area.model.item_at(0)
        assert workspace is not None
        assert item is not None

        label = workspace.ids_of([item])[0]
        applied = workspace.decisions.apply(
            "set", f"gender=Men: {label}", values=[ValueChange(item, "gender", ("Men",))]
        )
        window.undoing.note(applied.operation or 0)
        window.controller.refresh()
        gallery.clearSelection()
        gallery.set_current_item(item)
        self.calm()
        self.picture("edit")
        self.do("export")
        dialog = self.dialog()
        if isinstance(dialog, ExportDialog):
            dialog.file.setText(
                "/home/me/shop/sample-catalog.csv"
            )  # whose folder this is, is nobody's business
        self.picture("export", dialog)
        dialog.reject()

    def tagging(self) -> None:
        self.type("resort shirt")
        self.plus(0)
        self.plus(1)
        self.do("tag_like")
        mode = self.window.modes["tag"]
        assert isinstance(mode, TagMode)
        mode.chooser.attribute.setEditText("style")
        mode.chooser.value.setEditText("hawaiian")
        self.picture("tag-choose")
        mode.chooser.start.click()
        self.until(lambda: mode.bench.isVisible())
        self.calm()
        QTest.keyClick(self.focused(), _Key.Key_X)
        self.picture("tag-page")
        self.press(_Key.Key_Return)
        self.press(_Key.Key_Return)
        self.do("tag_rest")
        dialog = self.dialog()
        self.picture("certificate", dialog)
        dialog.reject()

    def tagging_by_itself(self) -> None:
        self.do("autotag")
        dialog = self.dialog()
        assert isinstance(dialog, AutoTagDialog)
        self.until(lambda: dialog.attribute.count() > 0)
        dialog.attribute.setCurrentText("pattern")
        dialog.learning.click()
        self.until(lambda: dialog.table.values.plan is not None)
        self.picture("autotag", dialog)
        dialog.reject()

    def sharing_work(self) -> None:
        self.do("mode_browse")
        self.do("clear")
        self.type("resort shirt")
        feature = self.window.findChild(WorkPackets)
        workspace = self.window.controller.workspace
        assert feature is not None
        assert workspace is not None
        self.do("packet_send")
        dialog = self.dialog()
        assert isinstance(dialog, SendDialog)
        dialog.queue.setCurrentIndex(dialog.queue.findData(SHOWN))
        dialog.attribute.setCurrentText("colour")
        dialog.value.clear()
        dialog.file.setText("/home/me/shop/colours.packet")
        self.picture("packet-send", dialog)
        dialog.reject()
        shown = tuple(self.window.area.model.items[:40].tolist())
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            control, page, colours = JobControl(), folder / "hawaiian.packet", folder / "colours.packet"
            workspace.packets.make(PacketRequest(suggest="style=hawaiian", items=shown), page, control)
            workspace.packets.make(PacketRequest(attribute="colour", items=shown), colours, control)
            feature.open_packet(page)
            self.calm()
            dialog = self.dialog()
            QTest.keyClick(dialog.focusWidget() or dialog, _Key.Key_X)
            self.picture("packet-judge", dialog)
            dialog.reject()
            self.calm()
            feature.open_answers([self._judged(folder, colours, name) for name in ("Anna", "Ben")])
            self.picture("packet-merge", self.dialog())
            self.dialog().reject()
        self.do("clear")

    def _judged(self, folder: Path, packet: Path, name: str) -> Path:
        """What somebody answers on a copy of the catalog."""
        workspace = self.window.controller.workspace
        assert workspace is not None
        read, control, file = read_packet(packet), JobControl(), folder / f"{name}.answers"
        others = {one.id: "pink" if name == "Anna" else "red" for one in read.items[:2]}
        answers = others | {one.id: "keep" for one in read.items[2:12]}
        with Workspace.open(Path(shutil.copytree(workspace.path, folder / name))) as copy:
            copy.packets.answer(read, answers, control, name)
            copy.packets.collect(read, name, file, control)
        return file

    def auditing(self) -> None:
        self.do("mode_audit")
        mode = self.window.modes["audit"]
        assert isinstance(mode, AuditMode)
        mode.choose("type")
        self.until(lambda: bool(mode.desk.suspects))
        self.picture("audit")
        mode.choose("category")
        self.calm()
        self.do("audit_alike")
        self.picture("alike")

    def estimating(self) -> None:
        self.do("mode_quality")
        page = self.tab("Estimate")
        assert isinstance(page, EstimatesPage)
        page.new.click()
        self.calm()
        page.wizard.attribute.setCurrentIndex(page.wizard.attribute.findData("type"))
        page.wizard.plain.setChecked(True)
        self.picture("estimate-plan")
        page.wizard.begin.click()
        self.until(lambda: page.judging.isVisible())
        for key in (_Key.Key_Y, _Key.Key_Y, _Key.Key_N, _Key.Key_Y, _Key.Key_Y, _Key.Key_Y):
            self.calm()
            QTest.keyClick(self.focused(), key)
        self.picture("estimate-judge")
        page.judging.back.click()

    def finding_duplicates(self) -> None:
        page = self.tab("Duplicates")
        assert isinstance(page, DuplicatesPage)
        page.look()
        self.until(lambda: page.review.isVisible())
        page.choose("near")
        self.picture("duplicates")

    def reporting(self) -> None:
        page = self.tab("Dashboard")
        assert isinstance(page, DashboardPage)
        self.calm()
        page.count.click()
        self.picture("dashboard")
        self.tab("Report")
        self.picture("report")

    def looking_back(self) -> None:
        self.do("mode_browse")
        self.do("clear")
        self.window.actions_["inspector"].setChecked(False)
        self.do("decisions")
        history = self.window.findChild(Operations)
        assert history is not None
        self.window.resizeDocks([history.dock], [380], Qt.Orientation.Vertical)
        history.panel.list.setFocus()
        self.press(_Key.Key_Home)
        for _ in range(2):
            self.press(_Key.Key_Down)
        self.picture("history")

    # --- what a person does ---------------------------------------------------------------------------------

    def do(self, name: str) -> None:
        """An action of the menus."""
        self.window.actions_[name].trigger()
        self.calm()

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.focused(), key)
        self.calm()

    def focused(self) -> QWidget:
        return self.window.focusWidget() or self.window

    def dialog(self) -> QDialog:
        """The dialog that is open."""
        found = [one for one in self.window.findChildren(QDialog) if one.isVisible()]
        return found[-1]

    def tab(self, title: str) -> QWidget:
        """A page of Quality, chosen by its tab."""
        tabs = self.window.modes["quality"].widget
        assert isinstance(tabs, QTabWidget)
        names = [tabs.tabText(place).replace("&", "") for place in range(tabs.count())]
        tabs.setCurrentIndex(names.index(title))
        self.calm()
        page = tabs.currentWidget()
        assert page is not None
        return page

    def calm(self) -> None:
        """Wait until nothing has been going on for a moment: no search, no small work, no job."""
        quiet = 0

        def is_calm() -> bool:
            nonlocal quiet
            quiet = quiet + 1 if self.is_quiet() and not self.window.jobs.is_running else 0
            return quiet >= _CALM

        self.until(is_calm)

    def picture(self, name: str, widget: QWidget | None = None, *, told: bool = False) -> None:
        """Take it when all is painted. ``told``: with what the banner says."""
        self.calm()
        self.window.banner.setVisible(told)
        self.calm()
        if self.window.modes.current == "browse":
            self.until(self.is_painted)
        write(widget or self.window, self._out / f"{name}.png")
        self._log(name)


def write(widget: QWidget, file: Path) -> None:
    """What a widget shows, as a picture of the guide."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")  # type: ignore[call-overload]
    save_small(Image.open(BytesIO(bytes(buffer.data().data()))), file, _WIDE)


def save_small(image: Image.Image, file: Path, wide: int) -> None:
    """A PNG of at most ``wide`` pixels' width.

    Its 256 colours are chosen by octree: the median cut
    gives most of them to greys, and yellow shirts become brown.
    """
    image = image.convert("RGB")
    if image.width > wide:
        image = image.resize((wide, round(image.height * wide / image.width)), Image.Resampling.LANCZOS)
    with replacing(file) as stream:
        image.quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            stream, "PNG", optimize=True
        )


def take(catalog: Path, out: Path, log: Callable[[str], None]) -> None:
    """Take all pictures on a copy of a catalog, since what is done there is decided there."""
    app = application()
    style.apply(app, "light")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(catalog, Path(folder) / catalog.name))
        window = MainWindow(Settings())
        window.keeps_place = False  # the copy goes
        window.resize(1280, 800)
        window.show()
        window.activateWindow()
        window.features.install_all()
        try:
            Photographer(window, out, log).take_all(copy)
        finally:
            window.hide()
            window.shut_down()
            window.deleteLater()


def main(arguments: list[str]) -> None:
    from visualsearch.demo import prepare

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["LOGNAME"] = "anna"  # the history names who decided: in pictures that is nobody real
    with console.running_job() as control:
        catalog = prepare(control)
    take(catalog, Path(arguments[0]), console.say)


if __name__ == "__main__":
    main(sys.argv[1:])
