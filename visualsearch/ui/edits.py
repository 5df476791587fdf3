"""What a person does to a query: each a pure function from a query to the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from visualsearch.errors import PredicateError
from visualsearch.filters.query import (
    LEAST_WEIGHT,
    MOST_WEIGHT,
    Blocks,
    Example,
    Look,
    Query,
    Sort,
    VisualFilter,
)

Narrow = Literal["auto"] | float | None  # type: ignore[valid-type]

START = Query(visual=VisualFilter(narrow="auto"))
"""What the window asks first. A person who picks examples expects the grid to narrow: hence "auto"."""


def add_examples(query: Query, examples: list[Example], sign: int) -> Query:
    """Pick examples as positive (``sign`` > 0) or negative; one that was of the other sign changes sides, one that was
    muted counts again."""
    query = _unmuted(query, examples)
    positives = [example for example in query.visual.positives if example not in examples]
    negatives = [example for example in query.visual.negatives if example not in examples]
    side = positives if sign > 0 else negatives
    before = query.visual.positives if sign > 0 else query.visual.negatives
    kept = [example for example in before if example in examples]
    fresh = [example for example in dict.fromkeys(examples) if example not in kept]
    if kept and not fresh and len(side) + len(kept) == len(before):
        return query
    side.extend(kept + fresh)
    return _with_examples(query, positives, negatives)


def remove_example(query: Query, example: Example) -> Query:
    """Unpick an example, of whichever sign."""
    return _with_examples(
        query,
        [other for other in query.visual.positives if other != example],
        [other for other in query.visual.negatives if other != example],
    )


def place_example(query: Query, example: Example, sign: int, place: int) -> Query:
    """Put an example at a place among those of a sign. One of the other sign changes sides, and counts again if it
    was muted."""
    if example not in (query.visual.positives if sign > 0 else query.visual.negatives):
        query = _unmuted(query, [example])
    sides = {
        1: [one for one in query.visual.positives if one != example],
        -1: [one for one in query.visual.negatives if one != example],
    }
    sides[1 if sign > 0 else -1].insert(max(0, place), example)
    return _with_examples(query, sides[1], sides[-1])


def _unmuted(query: Query, examples: list[Example]) -> Query:
    """The query in which none of these examples is muted."""
    weights = tuple(pair for pair in query.visual.weights if pair[1] or pair[0] not in examples)
    return replace(query, visual=replace(query.visual, weights=weights))


def replace_example(query: Query, example: Example, other: Example) -> Query:
    """Let another example take an example's place, as when only a region of it shall count."""
    swapped = (
        [other if one == example else one for one in side]
        for side in (query.visual.positives, query.visual.negatives)
    )
    weights = tuple((other if one == example else one, weight) for one, weight in query.visual.weights)
    query = replace(query, visual=replace(query.visual, weights=weights))
    return _with_examples(query, *(list(dict.fromkeys(side)) for side in swapped))


def examples_of(query: Query, item: int) -> list[Example]:
    """The examples that are an item, or regions of it."""
    return [one for one in (*query.visual.positives, *query.visual.negatives) if one.item == item]


def clear_examples(query: Query) -> Query:
    """Unpick all the examples; the sliders go back to auto."""
    return replace(query, visual=START.visual, text_weight=0.0, look=START.look)


def _with_examples(query: Query, positives: list[Example], negatives: list[Example]) -> Query:
    visual = query.visual
    if not positives and not negatives:
        return clear_examples(query)
    there = {*positives, *negatives}
    weights = tuple(pair for pair in visual.weights if pair[0] in there)
    changed = replace(
        visual,
        positives=tuple(positives),
        negatives=tuple(negatives),
        weights=weights,
        picks=_picks(visual, positives, negatives),
        colours_differ=None,
    )
    return replace(query, visual=changed)


def _picks(before: VisualFilter, positives: list[Example], negatives: list[Example]) -> str:
    """The signs of the examples in the order in which they were picked: those that were there, then the new ones."""
    signs = dict.fromkeys(positives, "+") | dict.fromkeys(negatives, "-")
    known = before.picked()
    if not known and (before.positives or before.negatives):
        return ""  # the order of those that were there is not known
    kept = [(example, sign) for example, sign in known if signs.get(example) == sign]
    there = {example for example, _ in kept}
    fresh = [sign for example, sign in signs.items() if example not in there]
    return "".join([*(sign for _, sign in kept), *fresh])


def weigh(query: Query, example: Example, weight: float) -> Query:
    """Say how much an example counts: 1 is once, at least and at most what `filters.query` names; 0 mutes it."""
    weight = weight and min(MOST_WEIGHT, max(LEAST_WEIGHT, weight))
    others = tuple(pair for pair in query.visual.weights if pair[0] != example)
    weights = others if weight == 1 else (*others, (example, weight))
    return replace(query, visual=replace(query.visual, weights=weights, colours_differ=None))


def set_blocks(query: Query, blocks: Blocks) -> Query:
    """Say whether style or colour counts ("auto" lets the examples say it)."""
    return replace(query, visual=replace(query.visual, blocks=blocks, colours_differ=None))


def set_narrow(query: Query, narrow: Narrow) -> Query:
    """Say how close to the examples the results must be."""
    return replace(query, visual=replace(query.visual, narrow=narrow))


def set_text(query: Query, text: str) -> Query:
    """Search for words; none end the text search."""
    text = text.strip()
    return replace(query, text=text, text_weight=query.text_weight if text else 0.0)


def set_text_weight(query: Query, weight: float) -> Query:
    """Set the words' share in the order, 0 to 1."""
    return replace(query, text_weight=weight)


def remove_examples(query: Query, examples: list[Example]) -> Query:
    """Unpick several examples."""
    for example in examples:
        query = remove_example(query, example)
    return query


def tick(query: Query, attribute: str, value: str, on: bool) -> Query:
    """Tick or untick a facet's value ("" is 'has none'). Ticked, it is no longer left out."""
    if on:
        query = _with_left_out(query, attribute, value, False)
    if on and not value:
        query = set_range(query, attribute, None, None)  # what has no value is in no range
    ticked = dict(query.choices)
    values = [other for other in ticked.get(attribute, ()) if other != value]
    if on:
        values.append(value)
    if values:
        ticked[attribute] = tuple(values)
    else:
        ticked.pop(attribute, None)
    return replace(query, choices=tuple(ticked.items()))


def only(query: Query, attribute: str, value: str) -> Query:
    """Tick this value of an attribute and no other."""
    for other in left_out(query).get(attribute, ()):
        query = _with_left_out(query, attribute, other, False)
    return tick(clear_attribute(query, attribute), attribute, value, True)


def leave_out(query: Query, attribute: str, value: str, on: bool) -> Query:
    """Leave out the items with a value, or no longer; "" leaves out those that have none. Unticks it."""
    return _with_left_out(tick(query, attribute, value, False) if on else query, attribute, value, on)


def left_out(query: Query) -> dict[str, tuple[str, ...]]:
    """The values that conditions leave out, by attribute."""
    found: dict[str, tuple[str, ...]] = {}
    for text in query.where:
        pair = what_is_left_out(text)
        if pair is not None:
            found[pair[0]] = (*found.get(pair[0], ()), pair[1])
    return found


def what_is_left_out(text: str) -> tuple[str, str] | None:
    """(attribute, value) of a condition that does nothing but leave out one value, else None."""
    from visualsearch.catalog.predicate_syntax import Comparison, Has, parse  # not needed by the first photos

    try:
        predicate = parse(text)
    except PredicateError:
        return None
    if isinstance(predicate, Has):
        return predicate.attribute, ""
    if isinstance(predicate, Comparison) and predicate.operator == "!=":
        return predicate.attribute, predicate.value
    return None


def _with_left_out(query: Query, attribute: str, value: str, on: bool) -> Query:
    where = tuple(text for text in query.where if what_is_left_out(text) != (attribute, value))
    if on:
        from visualsearch.catalog.predicate_syntax import Comparison, Has

        predicate = Comparison(attribute, "!=", value) if value else Has(attribute)
        where = (*where, str(predicate))
    return replace(query, where=where)


def ranges(query: Query) -> dict[str, tuple[float | None, float | None]]:
    """The ranges of numbers that conditions ask for, by attribute; None where a range is open."""
    return {found[0]: found[1:] for text in query.where if (found := what_is_range(text)) is not None}


def what_is_range(text: str) -> tuple[str, float | None, float | None] | None:
    """(attribute, low, high) of a condition that is nothing but a range of one number, else None."""
    from visualsearch.catalog.predicate_syntax import And, Comparison, parse

    try:
        predicate = parse(text)
    except PredicateError:
        return None
    parts = predicate.operands if isinstance(predicate, And) else (predicate,)
    ends: dict[str, tuple[str, float]] = {}
    for part in parts:
        if not isinstance(part, Comparison) or part.operator not in (">=", "<=") or part.operator in ends:
            return None
        try:
            ends[part.operator] = part.attribute, float(part.value)
        except ValueError:
            return None
    names = {name for name, _ in ends.values()}
    if len(names) != 1:
        return None
    low, high = ends.get(">=", ("", None))[1], ends.get("<=", ("", None))[1]
    return names.pop(), low, high


def set_range(query: Query, attribute: str, low: float | None, high: float | None) -> Query:
    """Ask for a range of a number, open where None; both None ask for nothing. Its items have a value, so that a tick
    at "has none" goes."""
    from visualsearch.catalog.predicate_syntax import And, Comparison

    where = tuple(text for text in query.where if (what_is_range(text) or ("",))[0] != attribute)
    parts = ()
    if low is not None:
        parts += (Comparison(attribute, ">=", f"{low:.12g}"),)
    if high is not None:
        parts += (Comparison(attribute, "<=", f"{high:.12g}"),)
    if not parts:
        return replace(query, where=where)
    predicate = parts[0] if len(parts) == 1 else And(parts)
    return tick(replace(query, where=(*where, str(predicate))), attribute, "", False)


def clear_attribute(query: Query, attribute: str) -> Query:
    """Untick all the values of an attribute."""
    return replace(query, choices=tuple(pair for pair in query.choices if pair[0] != attribute))


def add_condition(query: Query, text: str) -> Query:
    """Add a predicate's text."""
    text = text.strip()
    return query if not text or text in query.where else replace(query, where=(*query.where, text))


def remove_condition(query: Query, text: str) -> Query:
    """Drop a predicate's text."""
    return replace(query, where=tuple(other for other in query.where if other != text))


def set_sort(query: Query, sort: Sort) -> Query:
    """Order by relevance, id or an attribute."""
    return replace(query, sort=sort)


def set_look(query: Query, look: Look) -> Query:
    """Say what of the results to look at first; that is an order by relevance."""
    return replace(query, sort=START.sort, look=look)


def clear(query: Query) -> Query:
    """Everything is shown again; the order stays."""
    return replace(START, sort=query.sort)


@dataclass(frozen=True)
class Narrowing:
    """One thing that narrows a query, and the query without it.

    ``kind`` examples: ``values`` are the numbers of positives and negatives; choice: ``subject`` is the attribute
    and ``values`` the ticked ones; without: ``values`` are those left out; condition and text: ``subject`` is the
    text.
    """

    kind: Literal["examples", "choice", "without", "condition", "text"]
    subject: str
    values: tuple[str, ...]
    without: Query


def narrowings(query: Query) -> tuple[Narrowing, ...]:
    """All that narrows a query, in the order in which the chips show it."""
    found: list[Narrowing] = []
    if query.visual:
        counting = query.visual.counting()
        counts = (str(len(counting.positives)), str(len(counting.negatives)))
        found.append(Narrowing("examples", "", counts, clear_examples(query)))
    for attribute, values in query.choices:
        found.append(Narrowing("choice", attribute, values, clear_attribute(query, attribute)))
    if query.text:
        found.append(Narrowing("text", query.text, (), set_text(query, "")))
    for text in query.where:
        pair, rest = what_is_left_out(text), remove_condition(query, text)
        if pair is not None:
            found.append(Narrowing("without", pair[0], (pair[1],), rest))
        else:
            found.append(Narrowing("condition", text, (), rest))
    return tuple(found)
