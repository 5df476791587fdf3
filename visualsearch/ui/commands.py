"""What the actions do, but for those of catalogs: each a short method that tells the parts of the window.

Dialogs are imported by the methods that show them, so that the window is on screen sooner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

import visualsearch
from visualsearch.filters.query import Example
from visualsearch.ui import edits, style, tab_order
from visualsearch.ui.actions import gestures
from visualsearch.ui.gallery.view import DEFAULT_TILE
from visualsearch.ui.modes import BROWSE
from visualsearch.ui.panels.chips import Chip
from visualsearch.ui.panels.thumbs import Thumb

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow


class Commands(QObject):
    """Connects the actions of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._wants_first = False  # the first photo found is to become the current one
        window.controller.settled.connect(self._choose_first)
        window.bar.results_wanted.connect(self.go_to_results)
        window.actions_.connect(
            {
                "quit": window.close,
                "positive": lambda: self.pick(1),
                "negative": lambda: self.pick(-1),
                "unpick": self.remove_focused,
                "picture": lambda: window.intake.ask(1),
                "unlike_picture": lambda: window.intake.ask(-1),
                "paste": self.paste,
                "copy": self.copy_ids,
                "select_all": window.area.gallery.selectAll,
                "condition": self.add_condition,
                "clear": self.clear,
                "facets": lambda shown: window.show_panel("facets", shown),
                "inspector": lambda shown: window.show_panel("inspector", shown),
                "scores": window.area.gallery.set_show_scores,
                "ids": window.area.gallery.set_show_captions,
                "zoom_in": lambda: window.area.gallery.zoom(1),
                "zoom_out": lambda: window.area.gallery.zoom(-1),
                "zoom_reset": lambda: window.area.gallery.set_tile_size(DEFAULT_TILE),
                "sort": self.choose_order,
                "reverse": window.bar.reverse,
                "full_screen": self.full_screen,
                "back": window.controller.back,
                "forward": window.controller.forward,
                "text": self.go_to_text,
                "grid": self.go_to_grid,
                "close_message": window.banner.hide,
                "next_pane": lambda: self.turn_pane(1),
                "previous_pane": lambda: self.turn_pane(-1),
                "pause": window.strip.toggle_pause,
                "cancel": window.jobs.cancel,
                "shortcuts": self.show_shortcuts,
                "about": self.about,
            }
        )
        window.actions_.when({"close_message": lambda: not window.banner.isHidden()})
        window.banner.appeared.connect(window.enable_actions)

    # --- examples and narrowing -----------------------------------------------------------------------------

    def pick(self, sign: int) -> None:
        """The selected photos, or the current one; from the inspector when that has the focus."""
        window = self._window
        gallery = window.area.gallery
        inside = window.inspector.isAncestorOf(window.focusWidget()) if window.focusWidget() else False
        if inside and window.inspector.item is not None:
            window.intake.items([window.inspector.item], sign)
            return
        current = gallery.current_item()
        if current >= 0 and gallery.is_selected(current):
            window.intake.items(gallery.selected_items().tolist(), sign)
        elif current >= 0:
            gallery.press_sign(current, sign)

    def unpick(self, example: Example) -> None:
        self._window.controller.edit(lambda query: edits.remove_example(query, example))

    def unpick_item(self, item: int) -> None:
        self._window.controller.edit(
            lambda query: edits.remove_examples(query, edits.examples_of(query, item))
        )

    def remove_focused(self) -> None:
        """Delete: the example or chip with the focus, else the example under the grid's focus."""
        focused = self._window.focusWidget()
        if isinstance(focused, Thumb) and focused.sign:
            focused.badge_clicked.emit()
        elif isinstance(focused, Chip):
            focused.click()
        elif self._window.area.gallery.current_item() >= 0:
            self.unpick_item(self._window.area.gallery.current_item())

    def paste(self) -> None:
        held = QGuiApplication.clipboard().mimeData()  # None where the clipboard is empty, on some platforms
        if held is None or not self._window.intake.mime(held, 1):
            self._window.banner.show_message(
                self.tr("The clipboard holds no picture."),
                self.tr("Copy a picture or a picture file, then paste again."),
            )

    def copy_ids(self) -> None:
        workspace, gallery = self._window.controller.workspace, self._window.area.gallery
        items = gallery.selected_items().tolist() or [gallery.current_item()]
        if workspace is not None and items[0] >= 0:
            self._window.background.run(
                lambda: workspace.ids_of(items),
                lambda ids: QGuiApplication.clipboard().setText("\n".join(ids)),
            )

    def clear(self) -> None:
        self._window.controller.edit(edits.clear)

    def add_condition(self) -> None:
        from visualsearch.ui.panels.condition import ConditionDialog

        window = self._window
        workspace = window.controller.workspace
        if workspace is None:
            return
        dialog = ConditionDialog(
            workspace, window.background, window.attributes, window.facets.values(), window
        )
        dialog.accepted_text.connect(
            lambda text: window.controller.edit(lambda query: edits.add_condition(query, text))
        )
        dialog.open()

    # --- looking --------------------------------------------------------------------------------------------

    def inspect(self, item: int) -> None:
        """Enter or a double click: look at it closely."""
        self._window.actions_["inspector"].setChecked(True)
        self._window.inspector.show_item(item)

    def go_to_item(self, item: int) -> None:
        """Show an item in the inspector, and in the grid where it is among the results."""
        self._window.area.gallery.set_current_item(item)
        self.inspect(item)

    def show_example(self, example: Example) -> None:
        if example.item is not None:
            self.go_to_item(example.item)

    def tile_menu(self, item: int, point: QPoint) -> None:
        window = self._window
        menu = style.Menu(window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("positive", "negative"):
            menu.addAction(window.actions_[name])
        if window.area.model.sign_of(item):
            menu.addAction(window.actions_["unpick"])
        if "region" in window.actions_:
            menu.addAction(window.actions_["region"])
        menu.addSeparator()
        for name in ("loupe", "compare"):
            if name in window.actions_ and (name == "loupe" or len(window.area.gallery.selected_items()) > 1):
                menu.addAction(window.actions_[name])
        menu.addAction(self.tr("Inspect"), lambda: self.inspect(item))
        if "set_attribute" in window.actions_:
            menu.addAction(window.actions_["set_attribute"])
        menu.addAction(window.actions_["copy"])
        menu.popup(point)

    def full_screen(self, wanted: bool) -> None:
        if wanted:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def choose_order(self) -> None:
        self._window.bar.sort.setFocus()
        self._window.bar.sort.showPopup()

    # --- where the keyboard is ------------------------------------------------------------------------------

    def go_to_text(self) -> None:
        field = self._window.bar.text
        if field.text():
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            field.selectAll()
        else:  # to select nothing moves the caret, of which screen readers speak instead of the field
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_to_grid(self) -> None:
        """Esc: from anywhere to the grid, there closes the message or else drops the selection."""
        gallery, banner = self._window.area.gallery, self._window.banner
        if gallery.hasFocus() and not banner.isHidden():
            banner.hide()
        elif gallery.hasFocus():
            gallery.clearSelection()
        else:
            gallery.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go_to_results(self) -> None:
        """To the first photo that is found, once the answer to what was typed is there."""
        self._window.area.gallery.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._wants_first = True
        if self._window.controller.is_settled:
            self._choose_first()

    def _choose_first(self) -> None:
        item = self._window.area.model.item_at(0)
        if self._wants_first and item is not None and self._window.area.gallery.hasFocus():
            self._window.area.gallery.set_current_item(item)
        self._wants_first = False

    def panes(self) -> list[tuple[QWidget, QWidget]]:
        """The panes on screen with the widget that gets the focus, in the order of F6."""
        window = self._window
        if window.modes.current != BROWSE:
            return [(window.bar, window.bar.catalog), *window.modes[window.modes.current].panes()]
        thumbs = [thumb for zone in window.tray.zones() for thumb in zone.thumbs()]
        tray = thumbs[0] if thumbs else window.tray.positive.add_button
        chips = window.area.chips
        found: list[tuple[QWidget, QWidget | None]] = [
            (window.bar, window.bar.text),
            (window.tray, tray),
            (window.facets, window.facets.first_focus()),
            (chips, chips.chips()[0] if chips.chips() else chips.condition),
            (window.area.gallery, window.area.gallery),
            (window.inspector, window.inspector.scroll_area),
        ]
        return [(pane, target) for pane, target in found if target is not None and target.isVisible()]

    def order_tabs(self) -> None:
        """Tab goes where F6 goes, step by step. Some milliseconds."""
        window, tray = self._window, self._window.tray
        zones = [part for zone in tray.zones() for part in (zone.add_button, *zone.thumbs())]
        examples = (*zones, tray.blocks, tray.narrow, *tray.below)
        tab_order.chain(
            (
                window.bar,
                *examples,
                window.facets,
                window.area.chips,
                *window.area.beside_chips,
                window.area.gallery,
                window.inspector,
            )
        )

    def turn_pane(self, step: int) -> None:
        panes, focused = self.panes(), self._window.focusWidget()
        if not panes:
            return
        here = [
            place
            for place, (pane, _) in enumerate(panes)
            if focused is not None and (pane is focused or pane.isAncestorOf(focused))
        ]
        place = (here[0] + step) % len(panes) if here else 0
        panes[place][1].setFocus(Qt.FocusReason.TabFocusReason)

    # --- help -----------------------------------------------------------------------------------------------

    def show_shortcuts(self) -> None:
        from visualsearch.ui.panels.sheets import TextSheet, shortcut_page

        page = [gestures(), *shortcut_page(self._window.actions_.sheet())]
        TextSheet(self.tr("Shortcuts"), page, self._window).open()

    def about(self) -> None:
        from PySide6.QtWidgets import QMessageBox  # not at the start: see docs/decisions/window.md

        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("About visualsearch"))
        box.setText(f"<b>visualsearch {visualsearch.__version__}</b>")
        box.setInformativeText(
            self.tr(
                "Finds, filters and checks the products of a catalog by how their photos look. MIT licence."
            )
        )
        box.open()
