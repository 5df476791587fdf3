"""How the person left the window: put back at the start, kept in the settings at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow


def restore(window: MainWindow) -> None:
    """Give the window the size, the panels and the tiles that it had."""
    settings = window.settings
    if settings.window_geometry:
        window.restoreGeometry(QByteArray.fromBase64(settings.window_geometry.encode()))
    if settings.window_state:
        window.restoreState(QByteArray.fromBase64(settings.window_state.encode()))
    window.facets.set_folded(settings.folded)
    window.area.gallery.set_tile_size(settings.tile_size)
    window.bar.zoom.setValue(window.area.gallery.tile_size())
    window.actions_["scores"].setChecked(settings.show_scores)
    window.area.gallery.set_show_scores(settings.show_scores)
    window.actions_["ids"].setChecked(settings.show_ids)
    window.area.gallery.set_show_captions(settings.show_ids)
    window.docks.wanted.update(settings.panels)
    window.area.start.show_recent(settings.recent)


def collect(window: MainWindow) -> None:
    """Put all that into the settings, which somebody else writes."""
    settings = window.settings
    settings.window_geometry = window.saveGeometry().toBase64().toStdString()
    settings.window_state = window.saveState().toBase64().toStdString()
    settings.tile_size = window.area.gallery.tile_size()
    settings.show_scores = window.actions_["scores"].isChecked()
    settings.show_ids = window.actions_["ids"].isChecked()
    settings.folded = window.facets.folded()
    settings.panels = dict(window.docks.wanted)


def remember(window: MainWindow) -> None:
    """Save all that in the settings."""
    collect(window)
    try:
        window.settings.save()
    except OSError as error:  # a full disk must not keep the window open
        print(f"visualsearch: the settings could not be saved: {error}")
