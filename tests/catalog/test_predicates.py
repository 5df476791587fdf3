"""The language of conditions: parsing, mistakes, and evaluation against one by hand over dictionaries."""

from __future__ import annotations

import re
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from visualsearch.catalog.predicates import (
    And,
    Comparison,
    Has,
    InFigure,
    Not,
    OneOf,
    Or,
    Visual,
    Words,
    all_of,
    conjunction,
    evaluate,
    from_choices,
    parse,
    visual_names,
    warnings,
    with_visual_renamed,
)
from visualsearch.errors import PredicateError

TYPES = {"colour": "category", "tags": "category", "year": "number", "sizes": "number", "note": "text"}
ITEMS = {
    "1": {
        "colour": ["Blue"],
        "tags": ["a", "b"],
        "year": [2012.0],
        "sizes": [38.0, 40.0],
        "note": ["Long one"],
    },
    "2": {"colour": ["Navy Blue"], "tags": ["b"], "year": [2013.5], "note": ["long one"]},
    "3": {"colour": ["blue"], "sizes": [9.5]},
    "4": {"year": [-1.0], "tags": ["c"]},
    "5": {"colour": ["Blue"], "year": [2012.0]},
}


@pytest.fixture(scope="module")
def snapshot(make_snapshot):
    return make_snapshot(TYPES, ITEMS, gone=["5"])


def _ids(predicate, snapshot) -> str:
    if isinstance(predicate, str):
        predicate = parse(predicate)
    return "".join(str(number) for number in np.flatnonzero(evaluate(predicate, snapshot)))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("colour=Blue", "1"),
        ("colour=blue", "3"),
        ('colour="Navy Blue"', "2"),
        ("colour='Navy Blue'", "2"),
        ("colour != Blue", "234"),
        ("colour=Purple", ""),
        ("colour!=Purple", "1234"),
        ("colour", "123"),
        ("!colour", "4"),
        ("not colour", "4"),
        ('colour=""', "4"),
        ('colour!=""', "123"),
        ('colour in (Blue, "Navy Blue")', "12"),
        ('colour in (blue, "")', "34"),
        ("colour not in (Blue, blue)", "24"),
        ("tags=b", "12"),
        ("tags!=b", "34"),
        ("tags in (a, c)", "14"),
        ("!tags", "3"),
        ("year=2012", "1"),
        ("year=2012.0", "1"),
        ("year=2.012e+3", "1"),
        ("year==2012", "1"),
        ("year!=2012", "234"),
        ("year in (2012, 2013.50)", "12"),
        ("year<2013", "14"),
        ("year<=2013.5", "124"),
        ("year>-1", "12"),
        ("year>=-1", "124"),
        ("!year", "3"),
        ("sizes=38.0", "1"),
        ("sizes>39", "1"),
        ("sizes<10", "3"),
        ("sizes!=38", "234"),
        ("!sizes", "24"),
        ('note="Long one"', "1"),
        ("note=Long", ""),
        ("note", "12"),
        ('note in ("long one", "Long one")', "12"),
        ('note=""', "34"),
        ("id=3", "3"),
        ("id in (1, 4, 5, 99)", "14"),
        ("id!=3", "124"),
        ("id", "1234"),
        ("(colour=Blue or tags=c) and not year<0", "1"),
        ("colour=Blue or tags=c and year<0", "14"),
        ("NOT colour AND Tags = c Or id = 2".replace("Tags", "tags"), "24"),
        ("not not colour=Blue", "1"),
        ("((((colour=Blue))))", "1"),
    ],
)
def test_conditions_select_items(snapshot, text, ids):
    assert _ids(text, snapshot) == ids


@pytest.mark.parametrize(
    ("text", "position", "message", "hint"),
    [
        ("", 0, "empty", "season=Summer"),
        ("   ", 3, "empty", ""),
        ("colour=", 7, "value after", '""'),
        ("colour=Navy Blue", 12, "missing before", "quotation marks"),
        ("colour=Blue tags=b", 12, '"and" or "or" is missing', ""),
        ("colour=Blue and", 15, "name of an attribute is missing at the end", ""),
        ("and colour=Blue", 0, 'A condition is missing before "and"', "quotation marks"),
        ("colour=Blue && tags", 12, "no meaning", '"and"'),
        ("colour:Blue", 6, "no meaning", "Write ="),
        ("colour=“Blue”", 7, "no meaning", "straight"),
        ('colour="Blue', 7, "not closed", ""),
        ("(colour=Blue", 0, "not closed", ""),
        ("colour=Blue)", 11, "closes nothing", ""),
        ("(colour=Blue tags=b)", 13, "missing before", ""),
        ("()", 1, 'missing before ")"', ""),
        ("=Blue", 0, 'missing before "="', ""),
        ("!colour=Blue", 7, "takes no value", "colour!="),
        ("!(colour)", 1, "missing before", ""),
        ("!visual:polo", 1, "not turned round", "not visual:polo"),
        ("!suspected:colour", 1, "not turned round", "not suspected:colour"),
        ('""=x', 0, "cannot be empty", ""),
        ("colour in Blue", 10, "list in parentheses", ""),
        ("colour in (Blue", 10, "not closed", ""),
        ("colour in (Blue tags)", 16, "comma is missing", ""),
        ("colour in ()", 11, "value is missing", ""),
        ("colour in (a,,b)", 13, "value is missing", ""),
        ("visual:", 7, "name of a saved filter is missing", "visual:hawaiian"),
        ('visual:"" and a', 7, "name of a saved filter is missing", ""),
        ("judged:", 7, "name of an attribute is missing", "judged:colour"),
        ("!!!a", 2, "missing before", ""),
        ("(" * 10_000 + "a" + ")" * 10_000, 50, "parentheses", ""),
        ("not " * 10_000 + "a", 200, "parentheses or nots", ""),
    ],
)
def test_mistakes_are_pointed_at(text, position, message, hint):
    with pytest.raises(PredicateError, match=re.escape(message)) as caught:
        parse(text)
    assert (caught.value.position, caught.value.text) == (position, text)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "position", "message", "hint"),
    [
        ("tags=b and color=Blue", 11, "no attribute 'color'", "Did you mean colour?"),
        ("COLOUR=Blue", 0, "no attribute 'COLOUR'", "Did you mean colour?"),
        ("!xyzzy", 1, "no attribute 'xyzzy'", "There are: colour, tags"),
        ("tags=b and year=soon", 16, "'soon' is not a number", "2012"),
        ("year in (2012, soon)", 15, "'soon' is not a number", ""),
        ("sizes = nan", 8, "'nan' is not a number", ""),
        ("year < 1_000", 7, "'1_000' is not a number", ""),
        ("tags=b and colour<3", 11, "does not hold numbers", "= or !="),
        ("note>3", 0, "does not hold numbers", ""),
        ("id>3", 0, "does not hold numbers", ""),
    ],
)
def test_conditions_that_do_not_fit_the_catalog_are_pointed_at(snapshot, text, position, message, hint):
    predicate = parse(text)
    with pytest.raises(PredicateError, match=re.escape(message)) as caught:
        evaluate(predicate, snapshot)
    assert (caught.value.position, caught.value.text) == (position, text)
    assert hint in caught.value.hint


def test_a_predicate_made_without_text_is_pointed_at_in_its_own(snapshot):
    with pytest.raises(PredicateError) as caught:
        evaluate(And((Has("colour"), Comparison("shade", "=", "dark blue"))), snapshot)
    assert (caught.value.text, caught.value.position) == ('shade="dark blue"', 0)


def test_unknown_values_are_told_with_the_nearest(snapshot):
    text = 'colour=BLUES or tags=zzz or year in (2011, "") or id=77 or sizes!=39 or note=x or colour!=Blue or year<9'
    assert warnings(parse(text), snapshot) == [
        "colour has no value 'BLUES'; nearest: 'Blue'.",
        "tags has no value 'zzz'.",
        "year has no value '2011'; nearest: '2012'.",
        "No item has the id '77'.",
        "sizes has no value '39'; nearest: '38'.",
    ]
    assert warnings(parse("not (colour=Blue and colour=Blue)"), snapshot) == []


def test_a_column_named_id_is_the_customers(make_snapshot):
    snapshot = make_snapshot({"id": "number"}, {"a": {"id": [5.0]}, "5": {}})
    assert _ids("id=5", snapshot) == "1"
    assert _ids("id>4", snapshot) == "1"


def test_names_and_values_of_any_script_need_no_quotes(make_snapshot):
    items = {"a": {"Größe-2.b": ["XL"], "रंग": ["नीला"], "颜色": ["蓝"]}, "b": {"not": ['a "b" \\ c']}}
    snapshot = make_snapshot({name: "category" for own in items.values() for name in own}, items)
    assert _ids("Größe-2.b=XL and रंग=नीला and 颜色=蓝", snapshot) == "1"
    assert str(parse("रंग=नीला")) == "रंग=नीला"
    assert _ids(r'"not"="a \"b\" \\ c"', snapshot) == "2"


def test_keywords_are_values_after_an_operator(make_snapshot):
    snapshot = make_snapshot({"state": "category"}, {"a": {"state": ["OR"]}, "b": {"state": ["in"]}})
    assert _ids("state=OR or state=in", snapshot) == "12"
    assert str(parse("state=OR")) == 'state="OR"'


def test_texts_are_joined(snapshot):
    assert conjunction([]) is None
    assert str(conjunction(["colour=Blue"])) == "colour=Blue"
    joined = conjunction(["colour=Blue or colour=blue", "tags"])
    assert str(joined) == "(colour=Blue or colour=blue) and tags"
    assert _ids(joined, snapshot) == "1"
    with pytest.raises(PredicateError) as caught:
        conjunction(["tags", "(tags"])
    assert (caught.value.text, caught.value.position) == ("(tags", 0)
    assert all_of([None, None]) is None
    assert all_of([None, Has("tags")]) == Has("tags")


def test_choices_are_any_of_the_values(snapshot):
    assert from_choices("colour", []) is None
    assert _ids(from_choices("colour", ["Blue", "Navy Blue"]), snapshot) == "12"
    assert _ids(from_choices("colour", ["Blue", ""]), snapshot) == "14"
    assert _ids(from_choices("year", ["2013.5"]), snapshot) == "2"


def test_thousands_of_conditions_are_one_predicate(snapshot):
    many = " or ".join(f"colour=c{n}" for n in range(5000)) + " or colour=Blue"
    assert _ids(f"({many}) and {' and '.join(['tags=a'] * 5000)}", snapshot) == "1"
    assert str(parse(many)) == many


def test_and_needs_operands():
    with pytest.raises(ValueError, match="two operands"):
        And((Has("a"),))
    with pytest.raises(ValueError, match="one value"):
        OneOf("a", ())


_names = st.text(min_size=1, max_size=5)
_values = st.text(max_size=5)
_trees = st.recursive(
    st.builds(Has, _names)
    | st.builds(Visual, _names)
    | st.builds(InFigure, st.sampled_from(["suggested", "suspected", "certified", "judged"]), _names)
    | st.builds(Words, _names)
    | st.builds(Comparison, _names, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), _values)
    | st.builds(OneOf, _names, st.lists(_values, min_size=1, max_size=3).map(tuple)),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(_trees)
@example(Has("and"))
@example(Not(Not(Has("IN"))))
@example(Comparison("a b", "=", '\\"'))
@example(Or((Visual("and"), Not(Words("visual:x")), Not(Has("a b")))))
def test_the_text_of_a_tree_parses_to_the_same_tree(tree):
    assert parse(str(tree)) == tree


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from([*"()!=<>\"',ab \\", "visual:", " and ", " or ", " not ", " in "]), max_size=30
    ).map("".join)
)
def test_any_text_parses_or_is_a_known_mistake(text):
    mistake = None
    try:
        tree = parse(text)
    except PredicateError as error:
        mistake = error
    if mistake is None:
        assert parse(str(tree)) == tree
    else:
        assert 0 <= mistake.position <= len(text)
        assert mistake.pointed().startswith(text)


_leaves = (
    st.builds(Has, st.sampled_from([*TYPES, "id"]))
    | st.builds(
        Comparison,
        st.sampled_from(["colour", "tags", "note", "id"]),
        st.sampled_from(["=", "!="]),
        st.sampled_from(["Blue", "blue", "a", "b", "Long one", "1", "5", "nothing", ""]),
    )
    | st.builds(
        Comparison,
        st.sampled_from(["year", "sizes"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from(["2012", "2012.0", "38", "9.50", "-1", "1e9"]),
    )
    | st.builds(OneOf, st.just("tags"), st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1).map(tuple))
    | st.builds(OneOf, st.just("year"), st.lists(st.sampled_from(["2012", "-1", ""]), min_size=1).map(tuple))
)
_fitting = st.recursive(
    _leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


def _holds(tree, id, item) -> bool:
    """The meaning of a predicate, said the slow way."""
    if isinstance(tree, And):
        return all(_holds(operand, id, item) for operand in tree.operands)
    if isinstance(tree, Or):
        return any(_holds(operand, id, item) for operand in tree.operands)
    if isinstance(tree, Not):
        return not _holds(tree.operand, id, item)
    own = [id] if tree.attribute == "id" else item.get(tree.attribute, [])
    if isinstance(tree, Has):
        return bool(own)
    if isinstance(tree, OneOf):
        return any(_holds(Comparison(tree.attribute, "=", value), id, item) for value in tree.values)
    if tree.operator == "!=":
        return not _holds(Comparison(tree.attribute, "=", tree.value), id, item)
    if tree.value == "":
        return not own
    value = float(tree.value) if TYPES.get(tree.attribute) == "number" else tree.value
    compare = {"=": "__eq__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}[tree.operator]
    return any(getattr(one, compare)(value) for one in own)


@settings(max_examples=150, deadline=None)
@given(_fitting)
def test_evaluation_equals_one_by_hand(snapshot, tree):
    expected = "".join(id for id, item in ITEMS.items() if id != "5" and _holds(tree, id, item))
    assert _ids(tree, snapshot) == expected


@settings(max_examples=150, deadline=None)
@given(_fitting, _fitting, _fitting)
def test_laws_of_sets(snapshot, a, b, c):
    def same(left, right) -> bool:
        return np.array_equal(evaluate(left, snapshot), evaluate(right, snapshot))

    assert same(Not(And((a, b))), Or((Not(a), Not(b))))
    assert same(Not(Or((a, b))), And((Not(a), Not(b))))
    assert same(And((a, Or((b, c)))), Or((And((a, b)), And((a, c)))))
    assert same(Or((a, And((a, b)))), a)
    assert same(Not(Not(a)), a)
    assert not evaluate(And((a, Not(a))), snapshot).any()
    assert np.array_equal(evaluate(Or((a, Not(a))), snapshot), snapshot.alive)


class _Answers:
    """Terms as a test knows them."""

    sets: ClassVar = {"mine": [1, 3], "long name": [2]}

    def filter_names(self):
        return list(self.sets)

    def members(self, name):
        return np.isin(np.arange(6), self.sets[name])

    def counted(self, figure, attribute):
        return np.isin(np.arange(6), [1, 4] if (figure, attribute) == ("judged", "colour") else [3])

    def with_words(self, words):
        return np.isin(np.arange(6), [2, 5]) if words.strip() else None


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("visual:mine", "13"),
        ("VISUAL:mine and colour=Blue", "1"),
        ('visual:"long name" or tags=c', "24"),
        ("not visual:mine", "24"),
        ('visual:mine and not "linen"', "13"),
        ('"linen"', "2"),
        ("'linen shirt' or colour=blue", "23"),
        ('!!"colour"', "123"),
        ('!"colour"', "4"),
        ("judged:colour", "14"),
        ("Suspected:'colour' or not judged:colour", "23"),
        ("visual:mine and !!colour and not (year<0 or visual:'long name')", "13"),
    ],
)
def test_saved_filters_and_words_are_terms(snapshot, text, ids):
    found = evaluate(parse(text), snapshot, _Answers())
    assert "".join(map(str, np.flatnonzero(found))) == ids


@pytest.mark.parametrize(
    ("text", "position", "message", "hint"),
    [
        ("colour and visual:Mine", 18, "no saved filter 'Mine'", "Did you mean visual:mine?"),
        ('visual:"longname"', 7, "no saved filter 'longname'", 'Did you mean visual:"long name"?'),
        ("visual:xyzzy", 7, "no saved filter 'xyzzy'", "There are: mine, long name."),
        ("judged:color", 7, "no attribute 'color'", "Did you mean colour?"),
        ("judged:id", 7, "no attribute 'id'", ""),
        ('colour and " "', 11, "no word", "looks for words"),
    ],
)
def test_terms_that_nobody_knows_are_pointed_at(snapshot, text, position, message, hint):
    with pytest.raises(PredicateError, match=re.escape(message)) as caught:
        evaluate(parse(text), snapshot, _Answers())
    assert (caught.value.position, caught.value.text) == (position, text)
    assert hint in caught.value.hint


def test_without_terms_only_columns_can_be_asked(snapshot):
    for text in ("visual:mine", '"linen"', "judged:colour"):
        with pytest.raises(PredicateError, match="cannot be used here"):
            evaluate(parse(text), snapshot)


def test_words_that_are_an_attributes_name_are_told(snapshot):
    assert warnings(parse('"colour" and visual:mine'), snapshot) == [
        '"colour" in quotation marks looks for these words; the items that have the attribute are colour.'
    ]


def test_the_filters_in_a_predicate_can_be_named_and_renamed():
    predicate = parse("visual:a or not (visual:b and visual:a) and colour=a")
    assert visual_names(predicate) == ["a", "b"]
    renamed = with_visual_renamed(predicate, "a", "a new")
    assert str(renamed) == 'visual:"a new" or not (visual:b and visual:"a new") and colour=a'
