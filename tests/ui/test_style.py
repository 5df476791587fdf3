"""Colours are legible, themes switch, fonts follow the desktop's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QTableWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from visualsearch.ui import style
from visualsearch.ui.panels.attribute_rows import AttributeRow
from visualsearch.ui.panels.buttons import MainButton

THEMES = {
    "light": style.LIGHT,
    "dark": style.DARK,
    "light, high contrast": style.LIGHT_CONTRAST,
    "dark, high contrast": style.DARK_CONTRAST,
}
all_themes = pytest.mark.parametrize("tokens", THEMES.values(), ids=list(THEMES))


@pytest.fixture(autouse=True)
def light_again(qapp: QApplication) -> Iterator[None]:
    yield
    style.apply(qapp, "light")


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio 1 … 21 of two opaque colours (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: QColor) -> float:
    channels = (color.redF(), color.greenF(), color.blueF())
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@all_themes
def test_text_and_marks_have_the_contrast_that_wcag_asks_for(tokens: style.Colors) -> None:
    for ground in (tokens.page, tokens.surface, tokens.raised, tokens.tile):
        for text in (tokens.text, tokens.text_muted, tokens.positive, tokens.negative, tokens.warning):
            assert contrast(text, ground) >= 4.5
        for mark in (tokens.accent, tokens.focus):
            assert contrast(mark, ground) >= 3
    assert contrast(tokens.text, tokens.accent_soft) >= 4.5
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    assert contrast(tokens.on_mark, tokens.positive) >= 4.5
    assert contrast(tokens.on_mark, tokens.negative) >= 4.5


@all_themes
def test_scores_are_legible_on_the_lightest_photo(tokens: style.Colors) -> None:
    share = tokens.chip.alphaF()
    blended = [round(255 * (1 - share) + value * share) for value in tokens.chip.getRgb()[:3]]
    assert contrast(tokens.on_chip, QColor(*blended)) >= 4.5


@all_themes
def test_outlines_of_controls_have_the_contrast_that_wcag_asks_for(tokens: style.Colors) -> None:
    for ground in (tokens.page, tokens.surface, tokens.raised):
        assert contrast(tokens.outline, ground) >= 3


@pytest.mark.parametrize("theme", list(THEMES))
@pytest.mark.parametrize("kind", [QLineEdit, QComboBox, QSpinBox, QPushButton, QCheckBox, QRadioButton])
def test_the_outlines_that_are_painted_can_be_seen(
    qtbot: QtBot, qapp: QApplication, theme: str, kind: type[QWidget]
) -> None:
    dark, high = theme.startswith("dark"), "high" in theme
    style.apply(qapp, "dark" if dark else "light", contrast=high)
    parent = QWidget()
    qtbot.addWidget(parent)
    control = kind(parent)
    control.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    control.resize(90, 28)
    parent.resize(100, 40)
    parent.show()
    qapp.processEvents()
    picture = control.grab().toImage()
    row = picture.height() // 2
    ground, edge = THEMES[theme].surface, (QColor(picture.pixel(x, row)) for x in range(4))
    assert max(contrast(colour, ground) for colour in edge) >= 3


@pytest.mark.parametrize("theme", list(THEMES))
def test_the_list_that_drops_from_a_box_is_legible(qtbot: QtBot, qapp: QApplication, theme: str) -> None:
    style.apply(qapp, "dark" if theme.startswith("dark") else "light", contrast="high" in theme)
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["Relevance", "Name", "Newest"])
    box.show()
    box.showPopup()
    picture = box.view().window().grab().toImage()
    ground = QColor(picture.pixel(picture.width() - 6, picture.height() - 8))  # beside the last text
    assert contrast(THEMES[theme].text, ground) >= 4.5
    box.hidePopup()


@pytest.mark.parametrize("theme", list(THEMES))
def test_a_menu_has_an_outline(qtbot: QtBot, qapp: QApplication, theme: str) -> None:
    style.apply(qapp, "dark" if theme.startswith("dark") else "light", contrast="high" in theme)
    menu = style.Menu()
    qtbot.addWidget(menu)
    menu.addAction("Open")
    menu.popup(QPoint(0, 0))
    picture = menu.grab().toImage()
    assert contrast(QColor(picture.pixel(0, picture.height() // 2)), THEMES[theme].page) >= 3


def test_painters_find_their_theme_in_a_control_too(qtbot: QtBot, qapp: QApplication) -> None:
    for theme, tokens in (("light", style.LIGHT), ("dark", style.DARK)):
        style.apply(qapp, theme)
        for kind in (QPushButton, QLineEdit, QTableWidget):
            control = kind()
            qtbot.addWidget(control)
            assert style.colors(control.palette()) is tokens


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_holds_a_page_does_not_colour_it(qtbot: QtBot, qapp: QApplication, theme: str) -> None:
    """The classes with an outline have the outline's colour for their window, which their children inherit."""
    style.apply(qapp, theme)
    for holder in (QTabWidget(), QGroupBox()):
        qtbot.addWidget(holder)
        column = QVBoxLayout(holder) if isinstance(holder, QGroupBox) else None
        page = QScrollArea()
        page.setWidget(QLabel("text"))
        if column is not None:
            column.addWidget(page)
        elif isinstance(holder, QTabWidget):
            holder.addTab(page, "page")
        holder.show()
        for part in (page, page.viewport(), page.widget()):
            role = QPalette.ColorRole.Window
            assert part.palette().color(role) == qapp.palette().color(role)


def test_the_free_end_of_a_header_looks_like_the_window(qtbot: QtBot, qapp: QApplication) -> None:
    style.apply(qapp, "dark")
    table = QTableWidget(1, 1)
    qtbot.addWidget(table)
    assert table.verticalHeader().palette().window().color() == style.DARK.surface


@pytest.mark.parametrize("is_down", [False, True])
@pytest.mark.parametrize("contrasty", [False, True])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_main_button_is_filled_and_legible(
    qtbot: QtBot, qapp: QApplication, theme: str, contrasty: bool, is_down: bool
) -> None:
    style.apply(qapp, theme, contrast=contrasty)  # type: ignore[arg-type]
    page = QWidget()
    qtbot.addWidget(page)
    main, other = MainButton("Go", page), QPushButton("Wait", page)
    row = QVBoxLayout(page)
    row.addWidget(main)
    row.addWidget(other)
    page.show()
    main.setDown(is_down)
    tokens = style.colors(page.palette())
    fill, plain = (button.grab().toImage().pixelColor(10, 8) for button in (main, other))
    assert contrast(tokens.on_accent, fill) >= 4.5
    assert contrast(fill, tokens.surface) >= 3
    assert contrast(plain, fill) >= 3
    main.setEnabled(False)
    assert contrast(main.grab().toImage().pixelColor(10, 8), tokens.surface) < 1.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast(QColor("white"), QColor("black")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


def test_themes_switch_while_the_program_runs(qapp: QApplication) -> None:
    for theme, tokens in (("dark", style.DARK), ("light", style.LIGHT), ("system", style.LIGHT)):
        style.apply(qapp, theme)
        assert style.colors(qapp.palette()) is tokens
        assert qapp.palette().window().color() == tokens.surface


def test_fonts_keep_their_proportion_to_the_desktops(qapp: QApplication) -> None:
    before = QFont(qapp.font())
    try:
        larger = QFont(before)
        larger.setPointSizeF(20)
        qapp.setFont(larger)
        assert style.font("caption").pointSizeF() == pytest.approx(17.6)
        assert style.font("title").pointSizeF() == pytest.approx(30)
        assert style.fixed_font().pointSizeF() == pytest.approx(20)
        larger.setPixelSize(20)
        qapp.setFont(larger)
        assert style.font("title").pixelSize() == 30
        assert style.fixed_font().pixelSize() == 20
    finally:
        qapp.setFont(before)


def test_values_take_the_colour_of_links_from_another_theme(qtbot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    parent = QWidget()
    qtbot.addWidget(parent)
    row = AttributeRow(parent)
    row.resize(260, 30)
    row.show_values("gender", ("Men",), links=True)
    parent.show()
    for theme, tokens in (("light", style.LIGHT), ("dark", style.DARK), ("light", style.LIGHT)):
        style.apply(app, theme)
        QApplication.processEvents()
        picture = row.value.grab().toImage()
        drawn = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
        assert tokens.accent.rgb() in drawn
