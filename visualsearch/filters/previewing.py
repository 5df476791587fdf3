"""What a click on a facet value would leave, before the click."""

from __future__ import annotations

from dataclasses import replace

from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl


def toggled(query: Query, attribute: str, value: str) -> Query:
    """The query with a facet value ticked, or no longer ticked where it was."""
    ticked = next((values for name, values in query.choices if name == attribute), ())
    values = tuple(v for v in ticked if v != value) if value in ticked else (*ticked, value)
    others = tuple((name, own) for name, own in query.choices if name != attribute)
    return replace(query, choices=(*others, (attribute, values)) if values else others)


def preview_count(engine: Engine, query: Query, attribute: str, value: str, control: JobControl) -> int:
    """The exact total that the query would have with a facet value ticked, or no longer ticked where it was.

    Scores, conditions and text are those that the engine remembers from the query itself, so that this costs a few
    milliseconds. Raises what `Engine.run` raises.
    """
    totals: list[int] = []
    changed = replace(toggled(query, attribute, value), facets=False)
    engine.run(changed, lambda results: totals.append(results.total), control, mode="exact")
    return totals[-1]
