"""The user guide: every page and picture is there, and what it names is in the window."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QKeySequence

import visualsearch.ui
from visualsearch.ui.actions import gestures
from visualsearch.ui.guide.feature import GuideOpener
from visualsearch.ui.guide.viewer import PAGES, START

NAMES = sorted(path.name for path in PAGES.glob("*.md"))
_MOST_BYTES = 100_000
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)]+)\)")
_KEYS_OF_ALL = {"Enter", "Delete", "Space", "Home", "End", "Page Up", "Page Down", "Backspace"}


def text_of(name: str) -> str:
    """A page as one line, so that what is broken over two lines is found."""
    return " ".join((PAGES / name).read_text("utf-8").split())


def plain(text: str) -> str:
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").strip().rstrip("…:")


@pytest.fixture(scope="module")
def source_texts() -> set[str]:
    """All texts in the window's source."""
    return {
        node.value
        for file in Path(visualsearch.ui.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.fixture(scope="module")
def said_in_the_window(source_texts: set[str]) -> list[re.Pattern[str]]:
    """The texts as patterns: what stands in braces may be anything."""
    found = {plain(text) for text in source_texts}
    literal = re.compile(r"\{[^}]*\}")
    return [
        re.compile(".+".join(re.escape(part) for part in literal.split(text)))
        for text in found
        if len(literal.sub("", text)) > 3
    ]


def test_the_contents_lead_to_every_page() -> None:
    led = {target for _, _, target in _LINK.findall(text_of(START))}
    assert {START, *led} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_links_and_pictures_are_there(name: str) -> None:
    for picture, words, target in _LINK.findall(text_of(name)):
        assert words
        assert (PAGES / target).is_file(), target
        if picture:
            assert (PAGES / target).stat().st_size <= _MOST_BYTES, target


def test_no_picture_is_left_over() -> None:
    shown = {target for name in NAMES for mark, _, target in _LINK.findall(text_of(name)) if mark}
    assert shown == {f"images/{path.name}" for path in (PAGES / "images").glob("*.png")}
    driving = (Path(visualsearch.ui.__file__).parent / "screenshots.py").read_text("utf-8")
    taken = re.findall(r'self\.picture\("([^"]+)"', driving)
    assert shown == {f"images/{name}.png" for name in taken}, "make screenshots takes others"


@pytest.mark.parametrize("name", NAMES)
def test_quoted_words_stand_in_the_window(name: str, said_in_the_window: list[re.Pattern[str]]) -> None:
    for quoted in re.findall("“([^”]+)”", text_of(name)):
        if quoted != "quoted":  # the contents say what quotation marks mean
            assert any(text.search(plain(quoted)) for text in said_in_the_window), quoted


def test_menus_and_keys_are_those_of_the_window(empty, source_texts: set[str]) -> None:
    actions = empty.window.actions_
    native = QKeySequence.SequenceFormat.NativeText
    sheet = actions.sheet()
    keys = {key.toString(native) for _, _, action in actions.listed() for key in action.shortcuts()}
    keys |= {key for _, row in gestures()[1] for key in re.split("[,;] ?", row)}
    keys |= _KEYS_OF_ALL
    keys |= {key for text in source_texts for key in re.findall(r"\((\w+\+[\w+]+)\)", text)}  # by tooltips
    named = {(menu, plain(text)) for menu, rows in sheet for text, _ in rows}
    for name in NAMES:
        page = text_of(name)
        for menu, text in re.findall(r"\*([A-Z]\w+) → ([^*]+)\*", page):
            assert (menu, text) in named or name == START, f"{name}: {menu} → {text}"
        for bold in re.findall(r"\*\*([^*]+)\*\*", page):
            assert bold in keys or bold[-1] in ":." or name == START, f"{name}: {bold}"
        for menu, text, key in re.findall(r"\*([A-Z]\w+) → ([^*]+)\* \(\*\*([^*]+)\*\*", page):
            action = next(
                act for _, title, act in actions.listed() if (title, plain(act.text())) == (menu, text)
            )
            assert key in [one.toString(native) for one in action.shortcuts()], f"{name}: {text} ({key})"


def test_help_opens_the_guide_and_links_lead_on(empty) -> None:
    opener = empty.window.findChild(GuideOpener)
    empty.key(Qt.Key.Key_F1, Qt.KeyboardModifier.ControlModifier)
    guide = opener.guide
    assert guide is not None
    assert guide.isVisible()
    assert "For taggers" in guide.page.toPlainText()
    guide.page.setSource(QUrl("tag.md"))
    assert "Tag with two examples" in guide.page.toPlainText()
    empty.qtbot.mouseClick(guide.back, Qt.MouseButton.LeftButton)
    assert "For taggers" in guide.page.toPlainText()
    empty.qtbot.mouseClick(guide.forward, Qt.MouseButton.LeftButton)
    assert "Tag with two examples" in guide.page.toPlainText()
    empty.qtbot.mouseClick(guide.contents, Qt.MouseButton.LeftButton)
    assert guide.page.source().fileName() == START
    empty.window.actions_["guide"].trigger()
    assert opener.guide is guide
    guide.close()
    empty.until(lambda: opener.guide is None)


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_shown(name: str, empty) -> None:
    empty.window.actions_["guide"].trigger()
    guide = empty.window.findChild(GuideOpener).guide
    guide.open_page(name)
    for mark, _, target in _LINK.findall(text_of(name)):
        if mark:
            shown = guide.page.loadResource(2, QUrl(target))
            assert not QImage.fromData(shown).isNull()
    guide.close()
