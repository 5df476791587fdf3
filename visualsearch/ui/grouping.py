"""Groups in the gallery, and one of identical photos: arranged by a worker, chosen in the bar and the View menu."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSignalBlocker
from PySide6.QtWidgets import QComboBox, QLabel

from visualsearch.catalog.arranging import Arranged, Arrangement
from visualsearch.errors import Cancelled, UsageError
from visualsearch.ui import texts
from visualsearch.ui.actions import Entry

if TYPE_CHECKING:
    import numpy as np

    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_KEY = "arrange"


class Grouping(QObject):
    """Stands between a new result and the gallery's model: what is to be grouped goes through a worker first."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.wanted = Arrangement()
        self._last: tuple[np.ndarray, np.ndarray | None, int, Hashable] | None = None
        self._moved = False  # the arrangement is another than the one on screen
        self.choice = QComboBox(window.bar)
        self.choice.setAccessibleName(self.tr("Group by"))
        self.choice.setToolTip(self.tr("Group by (Ctrl+Shift+G)"))
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(11)
        self.choice.activated.connect(lambda: self.group_by(str(self.choice.currentData())))
        window.bar.add_control(self.choice)
        self.note = QLabel(window)
        self.note.hide()
        window.statusBar().addPermanentWidget(self.note)
        self._add_actions()
        window.area.model.arranger = self._take
        window.area.gallery.fold_wanted.connect(self._fold)
        window.catalog_changed.connect(self._begin)
        window.attributes_changed.connect(self._offer)
        self._begin(window.controller.workspace)

    def _add_actions(self) -> None:
        headers, gallery = self._window.area.gallery.headers, self._window.area.gallery
        entries = (
            Entry("group", self.tr("&Group by…"), ("Ctrl+Shift+G",), needs="browse", gap=True),
            Entry("fold_all", self.tr("F&old all groups"), ("Ctrl+[",), needs="browse"),
            Entry("unfold_all", self.tr("U&nfold all groups"), ("Ctrl+]",), needs="browse"),
            Entry(
                "hide_copies", self.tr("&Hide identical photos"), ("Ctrl+Shift+H",), "", True, needs="browse"
            ),
            Entry(
                "hide_near",
                self.tr("Hide nea&rly identical photos"),
                ("Ctrl+Shift+J",),
                "",
                True,
                needs="browse",
            ),
        )
        grouped = lambda: bool(self.wanted.group_by)  # noqa: E731
        self._window.actions_.add(
            "view",
            entries,
            {
                "group": self.choose,
                "fold_all": lambda: self.fold_all(True),
                "unfold_all": lambda: self.fold_all(False),
                "hide_copies": self.hide_copies,
                "hide_near": self.hide_near,
            },
            when={"fold_all": grouped, "unfold_all": grouped},
        )

        def step(lines: int) -> None:
            gallery.setFocus()
            headers.step(lines)

        self._window.actions_.add(
            "go",
            (
                Entry("next_group", self.tr("N&ext group"), ("Alt+Down",), needs="browse", gap=True),
                Entry("previous_group", self.tr("P&revious group"), ("Alt+Up",), needs="browse"),
            ),
            {"next_group": lambda: step(1), "previous_group": lambda: step(-1)},
            when={"next_group": grouped, "previous_group": grouped},
        )

    # --- what the person wants ------------------------------------------------------------------------------

    def group_by(self, attribute: str) -> None:
        """Group the results by an attribute, "" for no groups."""
        if attribute != self.wanted.group_by:
            self._want(replace(self.wanted, group_by=attribute, folded=frozenset(), all_but=False))
        self._window.area.gallery.setFocus()

    def take_up(self, attribute: str, folded: frozenset[str], all_but: bool, hide_copies: bool) -> None:
        """Arrange as it was when the catalog was left, unless the attribute has gone."""
        if self.choice.findData(attribute) >= 0:
            self._want(Arrangement(attribute, folded, all_but, hide_copies))

    def choose(self) -> None:
        """Drop the list of attributes."""
        self.choice.setFocus()
        self.choice.showPopup()

    def fold_all(self, folded: bool) -> None:
        """Fold or unfold all groups."""
        self._window.area.gallery.headers.hold()
        self._want(replace(self.wanted, folded=frozenset(), all_but=folded))

    def hide_copies(self, hide: bool) -> None:
        """Show only one of the items whose photos are the same."""
        self._want(replace(self.wanted, hide_copies=hide, near=self.wanted.near and hide))

    def hide_near(self, hide: bool) -> None:
        """Show only one of the items whose photos are nearly the same; looking for them is a job."""
        workspace = self._window.controller.workspace
        if hide == self.wanted.near or workspace is None:
            return
        if not hide:
            self._want(replace(self.wanted, hide_copies=False, near=False))
            return
        title = self.tr("Looking for nearly identical photos")

        def done(_count: object, error: BaseException | None) -> None:
            if workspace is not self._window.controller.workspace:
                return
            if error is None:
                self._want(replace(self.wanted, hide_copies=True, near=True))
            else:
                self._show_wanted()
                if not isinstance(error, Cancelled):
                    self._window.faults.show(error)

        self._show_wanted()  # until they are found
        self._window.jobs.start(
            title, workspace.browsing.find_near, done, lane="photos", again=lambda: self.hide_near(True)
        )

    def show_all(self) -> None:
        """Unfold all groups, and show identical photos again: somebody looks for one of them."""
        shown = replace(self.wanted, folded=frozenset(), all_but=False, hide_copies=False, near=False)
        self._want(shown)

    def _fold(self, name: str, folded: bool) -> None:
        listed = folded != self.wanted.all_but
        names = self.wanted.folded | {name} if listed else self.wanted.folded - {name}
        self._want(replace(self.wanted, folded=names))

    def _want(self, wanted: Arrangement) -> None:
        if wanted == self.wanted:
            return
        before, self.wanted = self.wanted, wanted
        self._moved = _kind(before) != _kind(wanted)
        self._show_wanted()
        self._window.enable_actions()
        if self._last is not None and not self._take(*self._last):
            items, scores, total, token = self._last
            self._window.area.model.show(items, scores, total, token)
            self._settle()

    def _show_wanted(self) -> None:
        """Let the controls say what is so."""
        self.choice.setCurrentIndex(max(0, self.choice.findData(self.wanted.group_by)))
        for name, on in (("hide_copies", self.wanted.hide_copies), ("hide_near", self.wanted.near)):
            with QSignalBlocker(self._window.actions_[name]):
                self._window.actions_[name].setChecked(on)

    # --- results --------------------------------------------------------------------------------------------

    def _begin(self, workspace: Workspace | None) -> None:
        """Another catalog: no groups, whatever the one before had."""
        kept = self.wanted.hide_copies and not self.wanted.near
        self.wanted, self._last = Arrangement(hide_copies=kept), None
        self._show_wanted()
        self.note.hide()
        if workspace is not None:
            self._window.area.model.set_images_source(workspace.browsing.image_counts)
            self._offer(self._window.attributes)

    def _offer(self, attributes: list[tuple[str, str]]) -> None:
        self.choice.clear()
        self.choice.addItem(self.tr("No groups"), "")
        for name, kind in attributes:
            if kind != "text":
                self.choice.addItem(self.tr("by {0}").format(name), name)
        if self.choice.findData(self.wanted.group_by) < 0:
            self._ungroup()
        self._show_wanted()

    def _ungroup(self) -> None:
        """What the results are grouped by is gone: its making was undone."""
        self._want(replace(self.wanted, group_by="", folded=frozenset(), all_but=False))

    def _take(self, items: np.ndarray, scores: np.ndarray | None, total: int, token: Hashable) -> bool:
        """A new result; whether it is shown by a worker's answer, later."""
        self._last = (items, scores, total, token) if token is not None else None
        workspace, wanted = self._window.controller.workspace, self.wanted
        if not wanted or token is None or workspace is None:
            self._window.background.forget(_KEY)
            self._say(0)
            return False
        if len(items) == total:  # else the rest of the order is on its way
            named = (token, *_kind(wanted))
            self._window.background.run(
                lambda: workspace.browsing.arrange(items, scores, wanted),
                lambda arranged: self._show(arranged, named),
                lambda error: self._fail(error, wanted),
                key=_KEY,
            )
        return True

    def _fail(self, error: BaseException, wanted: Arrangement) -> None:
        if wanted == self.wanted:
            self._ungroup()
        if not isinstance(error, UsageError):
            self._window.faults.show(error)

    def _show(self, arranged: Arranged, token: Hashable) -> None:
        self._window.area.model.show(
            arranged.items,
            arranged.scores,
            len(arranged.items),
            token,
            sections=arranged.sections,
            copies=arranged.copies,
        )
        self._settle()
        self._say(arranged.hidden)

    def _settle(self) -> None:
        """Other groups: what had the focus stays in sight."""
        gallery = self._window.area.gallery
        if self._moved and gallery.current_item() >= 0:
            gallery.set_current_item(gallery.current_item())
        self._moved = False

    def _say(self, hidden: int) -> None:
        if self.wanted.near:
            one, many = (
                self.tr("1 nearly identical photo hidden"),
                self.tr("{0} nearly identical photos hidden"),
            )
        else:
            one, many = self.tr("1 identical photo hidden"), self.tr("{0} identical photos hidden")
        self.note.setText(texts.counted(hidden, one, many))
        self.note.setVisible(hidden > 0)


def _kind(wanted: Arrangement) -> tuple[str, bool, bool]:
    """What makes the order another one; folding does not."""
    return wanted.group_by, wanted.hide_copies, wanted.near


def install(window: MainWindow) -> None:
    """Add groups to a window."""
    window.grouping = Grouping(window)  # type: ignore[attr-defined]
