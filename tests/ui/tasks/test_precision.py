"""Judge how precise a filter is, and move its cut."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from tests.ui.tasks.people import Keyboard, Mouse, name_of, on_top
from visualsearch.ui.certifying.judge import Judge


def judged(person: Keyboard | Mouse) -> bool:
    return any(name_of(one).startswith("Thank you") for one in person.shown(Judge)) or person.sees(
        "Thank you"
    )


def test_judge_a_few_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.go_to("p000")
    keyboard.press("+")
    keyboard.rest()
    keyboard.press("J")
    keyboard.until(lambda: keyboard.sees("Is this what you mean?   1 of 10"))
    keyboard.press("N")
    keyboard.until(lambda: keyboard.sees("2 of 10"))
    keyboard.press("Backspace")
    keyboard.until(lambda: keyboard.sees("1 of 10"))
    for number in range(2, 11):
        keyboard.press("Y")
        keyboard.until(lambda number=number: keyboard.sees(f"{number} of 10"))
    keyboard.press("U")
    keyboard.until(lambda: judged(keyboard))
    keyboard.rest()
    keyboard.press("Esc")
    keyboard.until(lambda: on_top() is keyboard.window)
    keyboard.rest()
    before = keyboard.driver.total
    keyboard.press("Ctrl+F")
    keyboard.tab_to("Scores of all photos")
    keyboard.press("Left", "Left")
    keyboard.rest()
    assert keyboard.driver.total != before
    likely = keyboard.driver.ids()
    keyboard.press("Alt+2")
    keyboard.rest()
    assert keyboard.driver.ids() != likely
    keyboard.press("Alt+1")
    keyboard.rest()
    assert keyboard.driver.ids() == likely


def test_judge_a_few_by_mouse(mouse: Mouse) -> None:
    mouse.sign("p000", 1)
    mouse.click("Judge a few")
    mouse.until(lambda: mouse.sees("Is this what you mean?   1 of 10"))
    mouse.click("No")
    mouse.until(lambda: mouse.sees("2 of 10"))
    mouse.click("Take back")
    mouse.until(lambda: mouse.sees("1 of 10"))
    for number in range(2, 11):
        mouse.click("Yes")
        mouse.until(lambda number=number: mouse.sees(f"{number} of 10"))
    mouse.click("Not sure")
    mouse.until(lambda: judged(mouse))
    mouse.click("Done")
    mouse.until(lambda: on_top() is mouse.window)
    mouse.rest()
    before, scores = mouse.driver.total, mouse.find("Scores of all photos")
    middle = scores.height() // 2
    mouse.drag(scores, QPoint(scores.width() - 30, middle), QPoint(scores.width() // 3, middle))
    mouse.rest()
    assert mouse.driver.total != before
    likely = mouse.driver.ids()
    mouse.click("First: most useful to judge")
    mouse.rest()
    assert mouse.driver.ids() != likely
    mouse.click("At least 80 % right")
    mouse.rest()
