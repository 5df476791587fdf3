"""The line at the foot of the window: how many photos the search has found, how sure that is, how many are selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from visualsearch.ui import texts

if TYPE_CHECKING:
    from visualsearch.ui.controller import Controller
    from visualsearch.ui.gallery.view import GalleryView
    from visualsearch.workspace import CatalogInfo


def status_line(
    controller: Controller, info: CatalogInfo | None, total: int, gallery: GalleryView
) -> str | None:
    """The line, or None while there is no answer to speak of. ``total``: items of the catalog."""
    translate, results = QCoreApplication.translate, controller.results
    if controller.failure is not None:
        return translate("MainWindow", "This search has no answer")
    if results is None:
        return None
    parts = [texts.results_line(results, total)]
    if controller.query.visual and info is not None and info.to_embed:
        waiting = translate("MainWindow", "{0} photos not searchable by look yet")
        parts.append(waiting.format(texts.number(info.to_embed)))
    if selected := len(gallery.selected_items()):
        parts.append(translate("MainWindow", "{0} selected").format(texts.number(selected)))
    return " · ".join(parts)
