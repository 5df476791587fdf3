"""The look of the window in one place: colours for light and dark, sizes, fonts.

Widgets ask ``colors(palette)`` while painting, so a change of theme needs no bookkeeping of theirs. Text keeps
a contrast of at least 4.5 : 1 with what it stands on; marks, rings and the outlines of controls 3 : 1 (WCAG 2.2, 1.4.3
and 1.4.11).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QMenu, QWidget

Theme = Literal["system", "light", "dark"]


class Space(IntEnum):
    """Distances in device-independent pixels; nothing in the window uses others."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24


RADIUS = 8
"""Corner radius of tiles and cards; controls use half of it."""

HIT_TARGET = 28
"""Side of a small button in pixels; WCAG 2.5.8 asks for 24."""

_FUSION_DARKER = 140  # per cent, as in its source


@dataclass(frozen=True)
class Colors:
    """Colour tokens of one theme, each named for its task."""

    page: QColor
    surface: QColor  # panels, bars
    raised: QColor  # cards, fields, menus
    tile: QColor  # behind a photo
    tile_edge: QColor
    border: QColor  # between parts, nothing that is clicked
    outline: QColor  # around fields, buttons and boxes
    text: QColor
    text_muted: QColor
    accent: QColor  # selection, default button
    accent_soft: QColor  # background of what is selected
    on_accent: QColor
    focus: QColor  # keyboard ring
    positive: QColor
    negative: QColor
    on_mark: QColor  # text on positive and negative
    warning: QColor
    chip: QColor  # behind small text on photos
    on_chip: QColor


def _tokens(**values: str) -> Colors:
    return Colors(**{name: QColor(value) for name, value in values.items()})


LIGHT = _tokens(
    page="#ffffff",
    surface="#f6f7f9",
    raised="#ffffff",
    tile="#f1f3f5",
    tile_edge="#dfe3e8",
    border="#d5dae1",
    outline="#6f7781",
    text="#1b1f24",
    text_muted="#5b6570",
    accent="#1f6feb",
    accent_soft="#dbe9ff",
    on_accent="#ffffff",
    focus="#1b1f24",
    positive="#1a7f37",
    negative="#c8303a",
    on_mark="#ffffff",
    warning="#9a5b00",
    chip="#d8101418",
    on_chip="#ffffff",
)

DARK = _tokens(
    page="#17191c",
    surface="#1e2125",
    raised="#282c31",
    tile="#24272c",
    tile_edge="#363b42",
    border="#3a4048",
    outline="#7f8893",
    text="#e8eaed",
    text_muted="#a3abb5",
    accent="#5b9dff",
    accent_soft="#22375a",
    on_accent="#0b1526",
    focus="#f4f6f8",
    positive="#3fb45f",
    negative="#ff6b6e",
    on_mark="#101214",
    warning="#e0a23c",
    chip="#d8101418",
    on_chip="#ffffff",
)


LIGHT_CONTRAST = _tokens(
    page="#ffffff",
    surface="#fefefe",
    raised="#ffffff",
    tile="#ffffff",
    tile_edge="#000000",
    border="#000000",
    outline="#404040",
    text="#000000",
    text_muted="#2b2b2b",
    accent="#0038a8",
    accent_soft="#cfe0ff",
    on_accent="#ffffff",
    focus="#000000",
    positive="#00561b",
    negative="#96000c",
    on_mark="#ffffff",
    warning="#6a3a00",
    chip="#ff000000",
    on_chip="#ffffff",
)

DARK_CONTRAST = _tokens(
    page="#000000",
    surface="#010101",
    raised="#000000",
    tile="#000000",
    tile_edge="#ffffff",
    border="#ffffff",
    outline="#b6b6b6",
    text="#ffffff",
    text_muted="#dcdcdc",
    accent="#8ec2ff",
    accent_soft="#0b3a70",
    on_accent="#000000",
    focus="#ffffff",
    positive="#6be38c",
    negative="#ff9d9d",
    on_mark="#000000",
    warning="#ffc766",
    chip="#ff000000",
    on_chip="#ffffff",
)
_OUTLINED = (
    "QPushButton",
    "QToolButton",
    "QLineEdit",
    "QComboBox",
    "QAbstractSpinBox",
    "QCheckBox",
    "QRadioButton",
    "QSlider",
    "QScrollBar",
    "QProgressBar",
    "QTextEdit",
    "QPlainTextEdit",
    "QListView",
    "QTreeView",
    "QTableView",
    "Menu",
)
"""Classes that have an outline; none that holds a page, which would inherit what is set for them."""
_BY_SURFACE = {tokens.surface.rgb(): tokens for tokens in (LIGHT, DARK, LIGHT_CONTRAST, DARK_CONTRAST)}


def is_dark(palette: QPalette) -> bool:
    """Whether text on this palette is lighter than its background."""
    return (
        palette.color(QPalette.ColorRole.Text).lightness()
        > palette.color(QPalette.ColorRole.Base).lightness()
    )


def colors(palette: QPalette) -> Colors:
    """The tokens that go with a widget's palette. Cheap: made for calling in a paint event."""
    tokens = _BY_SURFACE.get(palette.color(QPalette.ColorRole.AlternateBase).rgb())
    return tokens or (DARK if is_dark(palette) else LIGHT)


def _tokens_of(dark: bool, contrast: bool) -> Colors:
    if contrast:
        return DARK_CONTRAST if dark else LIGHT_CONTRAST
    return DARK if dark else LIGHT


@lru_cache(maxsize=4)
def palette(dark: bool, contrast: bool = False) -> QPalette:
    """A Qt palette made from the tokens, so that stock widgets look like ours."""
    tokens = _tokens_of(dark, contrast)
    result = QPalette(tokens.raised if dark else tokens.surface, tokens.surface)
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    for target, color in (
        (role.Window, tokens.surface),
        (role.WindowText, tokens.text),
        (role.Base, tokens.page),
        (role.AlternateBase, tokens.surface),
        (role.Text, tokens.text),
        (role.Button, tokens.raised),
        (role.ButtonText, tokens.text),
        (role.BrightText, tokens.negative),
        (role.ToolTipBase, tokens.raised),
        (role.ToolTipText, tokens.text),
        (role.PlaceholderText, tokens.text_muted),
        (role.Highlight, tokens.accent),
        (role.HighlightedText, tokens.on_accent),
        (role.Accent, tokens.accent),
        (role.Link, tokens.accent),
        (role.LinkVisited, tokens.accent),
        (role.Mid, tokens.border),
    ):
        result.setColor(target, color)
    for target in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(
            group.Disabled, target, QColor.fromRgbF(*_mix(tokens.text_muted, tokens.surface, 0.35))
        )
    return result


class Menu(QMenu):
    """A menu with an outline. Qt's own class has none: boxes fill the list that drops with its window colour."""


def apply(application: QApplication, theme: Theme = "system", *, contrast: bool = False) -> None:
    """Give the application the theme. "system" follows the desktop, also when it changes while we run."""
    application.setProperty("visualsearchTheme", theme)
    application.setProperty("visualsearchContrast", contrast)
    if not application.property("visualsearchStyle"):
        application.setProperty("visualsearchStyle", "fusion")
        application.setStyle("fusion")  # the only style that honours a palette on every desktop
    hints = application.styleHints()
    if theme == "system":
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(Qt.ColorScheme.Dark if theme == "dark" else Qt.ColorScheme.Light)
    _repaint(application)
    if not application.property("visualsearchFollowsDesktop"):
        application.setProperty("visualsearchFollowsDesktop", True)
        hints.colorSchemeChanged.connect(lambda _scheme: _repaint(application))


def _repaint(application: QApplication) -> None:
    theme = application.property("visualsearchTheme")
    dark = (
        application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        if theme == "system"
        else theme == "dark"
    )
    contrast = bool(application.property("visualsearchContrast"))
    usual = palette(dark, contrast)
    application.setPalette(usual)
    outlined = QPalette(usual)  # Fusion darkens the window's colour: in the dark nobody would see that
    outlined.setColor(QPalette.ColorRole.Window, _tokens_of(dark, contrast).outline.lighter(_FUSION_DARKER))
    for name in _OUTLINED:
        application.setPalette(outlined, name)  # type: ignore[arg-type]  # the stub asks for bytes, PySide for a str
    header = QPalette(usual)  # fills what is free in the window's colour, and would inherit the table's
    header.setColor(QPalette.ColorRole.Window, header.color(QPalette.ColorRole.Window))
    application.setPalette(header, "QHeaderView")  # type: ignore[arg-type]


class _LetterWidth(QObject):
    """Sets a width anew whenever the font of a widget changes."""

    def __init__(self, widget: QWidget, letters: int, set_width: Callable[[int], object], least: int) -> None:
        super().__init__(widget)
        self._widget, self._letters, self._set_width, self._least = widget, letters, set_width, least
        widget.installEventFilter(self)
        self._apply()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FontChange:
            self._apply()
        return False

    def _apply(self) -> None:
        self._set_width(max(self._least, self._letters * self._widget.fontMetrics().averageCharWidth()))


def width_in_letters(
    widget: QWidget, letters: int, set_width: Callable[[int], object], least: int = 0
) -> None:
    """Keep a width (such as ``widget.setFixedWidth`` sets) at so many letters, also when texts become larger, and at
    no less than ``least`` pixels."""
    _LetterWidth(widget, letters, set_width, least)


def scale_fonts(application: QApplication, percent: int) -> None:
    """Make all texts larger or smaller than the desktop's, also those that are on screen."""
    now = application.property("visualsearchFontPercent") or 100
    if percent == now:
        return
    application.setProperty("visualsearchFontPercent", percent)
    factor = percent / now
    own = [
        widget for widget in application.allWidgets() if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont)
    ]
    fonts = [(widget, _scaled(widget.font(), factor)) for widget in own]
    application.setFont(_scaled(application.font(), factor))
    for widget, larger in fonts:
        widget.setFont(larger)


def _scaled(font: QFont, factor: float) -> QFont:
    result = QFont(font)
    if font.pointSizeF() > 0:
        result.setPointSizeF(font.pointSizeF() * factor)
    else:
        result.setPixelSize(max(1, round(font.pixelSize() * factor)))
    return result


def font(kind: Literal["title", "heading", "body", "caption", "number"] = "body") -> QFont:
    """A font relative to the desktop's, so that a person's larger text stays larger.

    "number" has digits of equal width, so that counts do not dance while they change.
    """
    scale = {"title": 1.5, "heading": 1.15, "body": 1.0, "caption": 0.88, "number": 1.0}[kind]
    result = _scaled(QApplication.font(), scale)
    if kind in ("title", "heading"):
        result.setWeight(QFont.Weight.DemiBold)
    if kind == "number":
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def fixed_font() -> QFont:
    """The desktop's letters of equal width, as large as all other texts are now."""
    from PySide6.QtGui import QFontDatabase  # for dialogs: not at the start

    usual = QApplication.font()
    result = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    if usual.pointSizeF() > 0:
        result.setPointSizeF(usual.pointSizeF())
    else:
        result.setPixelSize(usual.pixelSize())
    return result


def visual_rect(direction: Qt.LayoutDirection, outer: QRect, inner: QRect) -> QRect:
    """Where a rectangle is inside another in the direction of reading. As QStyle.visualRect, but QStyle takes long to
    load, and the first paint needs nothing else of it."""
    if direction != Qt.LayoutDirection.RightToLeft:
        return inner
    return inner.translated(outer.left() + outer.right() - inner.left() - inner.right(), 0)


def visual_alignment(direction: Qt.LayoutDirection, alignment: Qt.AlignmentFlag) -> Qt.AlignmentFlag:
    """Left and right in the direction of reading, for a painter that knows none. As QStyle.visualAlignment."""
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    if direction == Qt.LayoutDirection.RightToLeft and alignment & (left | right):
        alignment ^= left | right
    return alignment | Qt.AlignmentFlag.AlignAbsolute


def _mix(first: QColor, second: QColor, share: float) -> tuple[float, float, float]:
    """The colour ``share`` of the way from first to second, channels 0 … 1."""
    a, b = first.getRgbF(), second.getRgbF()
    return tuple(x + (y - x) * share for x, y in zip(a[:3], b[:3], strict=True))  # type: ignore[return-value]
