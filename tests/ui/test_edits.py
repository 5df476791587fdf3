"""What a person does to a query."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from visualsearch.filters.query import Example, Query, Sort
from visualsearch.ui import edits, texts
from visualsearch.ui.edits import START

examples = st.integers(1, 6).map(lambda item: Example(item=item))
batches = st.lists(
    st.tuples(st.lists(examples, min_size=1, max_size=3), st.sampled_from([1, -1])), max_size=6
)


@given(batches)
def test_an_example_has_one_sign_and_is_there_once(picked: list[tuple[list[Example], int]]):
    query, signs = START, {}
    for some, sign in picked:
        query = edits.add_examples(query, some, sign)
        signs |= dict.fromkeys(some, sign)
    assert set(query.visual.positives) == {example for example, sign in signs.items() if sign > 0}
    assert set(query.visual.negatives) == {example for example, sign in signs.items() if sign < 0}
    both = (*query.visual.positives, *query.visual.negatives)
    assert len(both) == len(set(both))


@given(batches)
def test_removing_all_examples_comes_back_to_the_start(picked: list[tuple[list[Example], int]]):
    query = START
    for some, sign in picked:
        query = edits.add_examples(query, some, sign)
    for example in (*query.visual.positives, *query.visual.negatives):
        query = edits.remove_example(query, example)
    assert query == START


def test_picking_the_same_again_changes_nothing():
    query = edits.add_examples(START, [Example(item=1), Example(item=2)], 1)
    assert edits.add_examples(query, [Example(item=1)], 1) == query
    assert edits.add_examples(query, [Example(item=1), Example(item=2)], 1) == query


def test_several_values_of_an_attribute():
    query = edits.tick(edits.tick(START, "colour", "red", True), "colour", "", True)
    assert query.choices == (("colour", ("red", "")),)
    query = edits.tick(query, "colour", "red", False)
    assert query.choices == (("colour", ("",)),)
    assert edits.tick(query, "colour", "", False).choices == ()


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["x", "y", ""])), max_size=4),
    st.text("ab ", max_size=4),
    st.lists(st.sampled_from(["price < 5", "shape"]), max_size=2),
    batches,
)
def test_every_narrowing_can_be_taken_away(ticks, text, conditions, picked):
    query = edits.set_sort(START, Sort("id", True))
    for attribute, value in ticks:
        query = edits.tick(query, attribute, value, True)
    query = edits.set_text(query, text)
    for condition in conditions:
        query = edits.add_condition(query, condition)
    for some, sign in picked:
        query = edits.add_examples(query, some, sign)
    steps = 0
    while edits.narrowings(query):
        before = len(edits.narrowings(query))
        entry = edits.narrowings(query)[steps % before]
        assert texts.narrowing(entry)
        query = entry.without
        assert len(edits.narrowings(query)) == before - 1
        steps += 1
    assert query == edits.clear(query) == edits.set_sort(START, Sort("id", True))


@given(st.text(min_size=1, max_size=8), st.text(max_size=8))
def test_any_value_can_be_left_out_and_comes_back(attribute, value):
    query = edits.tick(START, attribute, value, True)
    query = edits.leave_out(query, attribute, value, True)
    assert query.choices == ()
    assert edits.left_out(query) == {attribute: (value,)}
    (narrowing,) = edits.narrowings(query)
    assert (narrowing.kind, narrowing.subject, narrowing.values) == ("without", attribute, (value,))
    assert edits.leave_out(query, attribute, value, False) == narrowing.without == START
    assert edits.tick(query, attribute, value, True).where == ()
    assert edits.only(query, attribute, "x").choices == ((attribute, ("x",)),)


def test_words_alone_have_no_weight():
    query = edits.set_text_weight(edits.set_text(START, "red"), 0.5)
    assert edits.set_text(query, "  ").text_weight == 0.0
    assert edits.set_text(query, " blue ").text == "blue"


def test_conditions_are_there_once():
    query = edits.add_condition(edits.add_condition(START, "price < 5 "), "price < 5")
    assert query.where == ("price < 5",)
    assert edits.remove_condition(query, "price < 5") == START
    assert edits.add_condition(START, "  ") == START


def test_the_window_narrows_by_itself():
    assert START.visual.narrow == "auto"
    assert Query().visual.narrow is None
