"""The languages of the program: what Qt's translators are there for, and one made up to try the window with.

A translation is a file ``resources/translations/visualsearch_CODE.qm``, made by Qt's own tools from the source
(``pyside6-lupdate``, ``pyside6-lrelease``). The pseudo-language writes every text with accents and a third longer: what
it leaves in plain English was forgotten, what it cuts off has too little room.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from visualsearch.ui.look import TRANSLATIONS

PSEUDO = "pseudo"
_KEPT = re.compile(r"(\{[^}]*\}|<[^>]*>|&[a-z]+;|\n|%n)")
_ACCENTS = str.maketrans("aceinouyACEINOUYsSzZlL", "áçéíñöüýÁÇÉÍÑÖÜÝšŠžŽłŁ")
_LONGER = 0.3


class PseudoTranslator(QTranslator):
    """Accents every text, and makes it longer by ``~``; placeholders and markup stay."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, number: int = -1) -> str:
        if not text or text.startswith("⟦"):
            return text  # translated before
        parts = [part if _KEPT.fullmatch(part) else part.translate(_ACCENTS) for part in _KEPT.split(text)]
        return f"⟦{''.join(parts)}{'~' * round(_LONGER * len(text))}⟧"


def languages() -> list[tuple[str, str]]:
    """The codes that can be chosen, each with its name in that language; English comes with the program."""
    found = [("en", "English")]
    for file in sorted(TRANSLATIONS.glob("visualsearch_*.qm")):
        code = file.stem.removeprefix("visualsearch_")
        found.append((code, QLocale(code).nativeLanguageName() or code))
    return [*found, (PSEUDO, "⟦Ëñgłíšh~~⟧")]


def desktop_language() -> str:
    """The desktop's language as a code such as "de"."""
    return QLocale.system().name().partition("_")[0]


def install(application: QApplication, language: str) -> None:
    """Let the application speak a language. Windows made before keep theirs."""
    if language == PSEUDO:
        translators: list[QTranslator] = [PseudoTranslator(application)]
    else:
        own, qt = QTranslator(application), QTranslator(application)
        own.load(f"visualsearch_{language}", str(TRANSLATIONS))
        qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
        translators = [qt, own]
        QLocale.setDefault(QLocale(language))
        application.setLayoutDirection(QLocale(language).textDirection())
    for translator in translators:
        application.installTranslator(translator)
