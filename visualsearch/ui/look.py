"""What the settings change in how the program looks and speaks, put into effect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QApplication

from visualsearch.ui import style

if TYPE_CHECKING:
    from visualsearch.settings import Settings

TRANSLATIONS = Path(__file__).parent / "resources" / "translations"


def apply(application: QApplication, settings: Settings | None = None) -> None:
    """Theme, contrast and size of the texts; the language, too, before there is any window."""
    if settings is None:
        style.apply(application)
        return
    style.apply(application, cast("style.Theme", settings.theme), contrast=settings.high_contrast)
    style.scale_fonts(application, settings.font_percent)
    if application.property("visualsearchLanguage") is None:
        application.setProperty("visualsearchLanguage", settings.language)
        if settings.language or TRANSLATIONS.is_dir():
            from visualsearch.ui import translation

            translation.install(application, settings.language or translation.desktop_language())
