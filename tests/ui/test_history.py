"""The history's laws, against a plain list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from visualsearch.ui.history import History


def test_back_and_forward():
    history = History("a")
    assert history.push("b")
    assert history.push("c")
    assert history.back() == "b"
    assert history.can_forward
    assert history.forward() == "c"
    assert not history.can_forward


def test_a_new_step_forgets_what_lay_ahead():
    history = History(1)
    history.push(2)
    history.back()
    history.push(3)
    assert not history.can_forward
    assert history.back() == 1


def test_steps_of_one_kind_are_one_step():
    history = History("")
    for text in ("s", "sh", "shi"):
        history.push(text, "text")
    assert history.back() == ""
    assert history.forward() == "shi"


def test_sealing_ends_a_step():
    history = History("")
    history.push("shirt", "text")
    history.seal()
    history.push("shoes", "text")
    assert history.back() == "shirt"


def test_the_same_value_is_no_step():
    history = History(5)
    assert not history.push(5)
    assert not history.can_back


def test_the_oldest_steps_are_forgotten():
    history = History(0, limit=3)
    for value in range(1, 10):
        history.push(value)
    seen = [history.current]
    while history.can_back:
        seen.append(history.back())
    assert seen == [9, 8, 7]


@given(st.lists(st.one_of(st.integers(0, 3), st.sampled_from(["back", "forward"])), max_size=40))
def test_it_behaves_like_a_browser(steps: list[int | str]):
    history, values, place = History(0), [0], 0
    for step in steps:
        if step == "back":
            place = max(0, place - 1)
            assert history.back() == values[place]
        elif step == "forward":
            place = min(len(values) - 1, place + 1)
            assert history.forward() == values[place]
        elif step != values[place]:
            values = [*values[: place + 1], step]
            place += 1
            assert history.push(step)
        else:
            assert not history.push(step)
        assert history.current == values[place]
        assert history.can_back == (place > 0)
        assert history.can_forward == (place < len(values) - 1)
