"""Connects work packets to a window: three actions, their dialogs, and what they brought."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from visualsearch.errors import Cancelled
from visualsearch.ui import texts
from visualsearch.ui.actions import Entry
from visualsearch.ui.packets.sending import Offer, SendDialog
from visualsearch.ui.packets.wording import ANSWERS_SUFFIX, SUFFIX
from visualsearch.ui.panels.path_line import documents
from visualsearch.ui.tagging.mode import TagMode

if TYPE_CHECKING:
    from visualsearch.attributes.packet_format import Packet
    from visualsearch.attributes.packet_merge import Merged
    from visualsearch.attributes.packets import PacketRequest
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.ui.packets.judging import JudgeDialog
    from visualsearch.ui.packets.merging import MergeDialog
    from visualsearch.ui.tagging.desk import Desk
    from visualsearch.workspace import Workspace

LANE = "packets"
_MOST = 20_000  # photos of a search that are offered


class WorkPackets(QObject):
    """The packets of one window. ``dialog`` is the one that is open."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._folder: Path | None = None
        self.dialog: SendDialog | JudgeDialog | MergeDialog | None = None
        window.actions_.add(
            "tag",
            (
                Entry("packet_send", self.tr("Send &work to somebody…"), ("Ctrl+Alt+S",), gap=True),
                Entry("packet_judge", self.tr("&Judge a packet…"), ("Ctrl+Alt+J",)),
                Entry("packet_merge", self.tr("&Merge answers…"), ("Ctrl+Alt+M",)),
            ),
            {"packet_send": self.send, "packet_judge": self.judge, "packet_merge": self.merge},
            title=self.tr("&Tag"),
            when={"packet_judge": self._can_write, "packet_merge": self._can_write},
        )
        window.catalog_changed.connect(lambda _workspace: self._close())
        window.enable_actions()

    def _can_write(self) -> bool:
        workspace = self._window.controller.workspace
        return workspace is not None and not workspace.read_only

    # --- sending --------------------------------------------------------------------------------------------

    def send(self) -> None:
        """Ask what shall be judged, then write the packet."""
        window, workspace = self._window, self._window.controller.workspace
        if workspace is None or self.dialog is not None:
            return

        def read() -> tuple[list[str], list[str]]:
            return list(workspace.vocabulary.rules()), workspace.quality.estimates.names()

        def show(found: tuple[list[str], list[str]]) -> None:
            if window.controller.workspace is workspace and self.dialog is None:
                dialog = SendDialog(self._offer(*found), window)
                dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
                dialog.chosen.connect(lambda request, file: self._check(workspace, request, file))
                self._open(dialog)

        window.background.run(read, show, window.faults.show, key="packets")

    def _offer(self, attributes: list[str], estimates: list[str]) -> Offer:
        window, results = self._window, self._window.controller.results
        desk = self._desk()
        target = desk.target if desk is not None else None
        selected = window.area.gallery.selected_items()
        return Offer(
            shown=() if results is None else results.items[:_MOST].tolist(),
            total=0 if results is None else results.total,
            selected=() if selected is None else selected[:_MOST].tolist(),
            attributes=attributes,
            estimates=estimates,
            attribute=target.attribute if target is not None else "",
            value=target.value if target is not None else "",
            folder=self._start(),
        )

    def _check(self, workspace: Workspace, request: PacketRequest, file: Path) -> None:
        dialog = self.dialog
        if not isinstance(dialog, SendDialog):
            return
        if not file.absolute().parent.is_dir():
            dialog.refuse(self.tr("There is no folder {0}.").format(file.parent))
        elif file.exists() and dialog.place.replacing != file:
            dialog.ask_to_replace(file)
        else:
            self._folder = file.absolute().parent
            self._make(workspace, request, file)

    def _make(self, workspace: Workspace, request: PacketRequest, file: Path) -> None:
        self._close()
        actor = self._window.settings.actor
        self._window.jobs.start(
            self.tr("Make the packet {0}").format(file.name),
            lambda control: workspace.packets.make(request, file, control, actor),
            lambda packet, error: self._made(file, packet, error),
            lane=LANE,
            again=lambda: self._make(workspace, request, file),
        )

    def _made(self, file: Path, packet: Packet | None, error: BaseException | None) -> None:
        if packet is None:
            if error is not None and not isinstance(error, Cancelled):
                self._window.faults.show(error)
            return
        self._window.banner.show_message(
            self.tr("Photos in {1}: {0}.").format(texts.number(len(packet.items)), file.name),
            self.tr("Send the file to whoever shall judge it, with a copy of the catalog if they have none."),
            button=self.tr("Open the folder"),
            slot=lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.absolute().parent))),
        )

    # --- judging --------------------------------------------------------------------------------------------

    def judge(self) -> None:
        """Choose a packet, and judge it."""
        workspace = self._window.controller.workspace
        if workspace is None or self.dialog is not None:
            return
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Judge a packet"), str(self._start()), self._kinds(SUFFIX)
        )
        if chosen:
            self.open_packet(Path(chosen))

    def open_packet(self, file: Path) -> None:
        """Read a packet in a worker, and show it."""
        workspace = self._window.controller.workspace
        self._folder = file.parent

        def read() -> Packet:
            from visualsearch.attributes.packet_format import read_packet

            return read_packet(file)

        def show(packet: Packet) -> None:
            from visualsearch.ui.packets.judging import JudgeDialog

            if self._window.controller.workspace is workspace and self.dialog is None:
                dialog = JudgeDialog(self._window, file, packet)
                dialog.finished.connect(lambda _code: self._reload_page())
                self._open(dialog)

        self._window.background.run(read, show, self._window.faults.show, key="packets")

    # --- merging --------------------------------------------------------------------------------------------

    def merge(self) -> None:
        """Choose the files that came back, settle conflicts, apply."""
        if self._window.controller.workspace is None or self.dialog is not None:
            return
        chosen, _ = QFileDialog.getOpenFileNames(
            self._window, self.tr("Merge answers"), str(self._start()), self._kinds(ANSWERS_SUFFIX)
        )
        if chosen:
            self.open_answers([Path(one) for one in chosen])

    def open_answers(self, files: list[Path]) -> None:
        """Show what the files hold, and where they do not agree."""
        from visualsearch.ui.packets.merging import MergeDialog

        self._folder = files[0].parent
        self._open(MergeDialog(self._window, files, self._merged))

    def _merged(self, merged: Merged) -> None:
        left = self.tr("Conflicts still open: {0}. Merge the same files again to settle them.").format(
            texts.number(len(merged.conflicts))
        )
        for taken in merged.taken:
            text = self.tr("Answers of {1} that were applied: {0}.").format(
                texts.number(taken.items), taken.judge
            )
            self._window.undoing.note(
                taken.operation, texts.sentences(text, left if merged.conflicts else "")
            )
        self._window.controller.refresh()
        self._reload_page()

    # --- common ---------------------------------------------------------------------------------------------

    def _desk(self) -> Desk | None:
        tag = self._window.modes["tag"]
        return tag.desk if isinstance(tag, TagMode) else None

    def _reload_page(self) -> None:
        """What was answered in a packet is not to be asked again on the page that is open in Tag."""
        desk = self._desk()
        if desk is not None:
            desk.reload()

    def _start(self) -> Path:
        return self._folder or documents()

    def _kinds(self, suffix: str) -> str:
        return self.tr("{0} (*{1});;All files (*)").format(
            self.tr("Packets") if suffix == SUFFIX else self.tr("Answers"), suffix
        )

    def _open(self, dialog: SendDialog | JudgeDialog | MergeDialog) -> None:
        self.dialog = dialog
        dialog.destroyed.connect(self._forget)
        dialog.open()

    def _close(self) -> None:
        if self.dialog is not None:
            self.dialog.close()

    def _forget(self) -> None:
        self.dialog = None


def install(window: MainWindow) -> None:
    WorkPackets(window)
