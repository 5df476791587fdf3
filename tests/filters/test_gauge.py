"""A threshold's slider: what it shows is what the engine does; what answers are about."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visualsearch.errors import UsageError
from visualsearch.filters.query import Example, Query, Results, VisualFilter
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace

CONTROL = JobControl()


@pytest.fixture
def shop(imported_products: Path, tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(shutil.copytree(imported_products, tmp_path / "catalog")) as workspace:
        yield workspace


@pytest.fixture
def discs(shop: Workspace) -> Query:
    liked = tuple(Example(item=shop.number_of(name)) for name in ("p000", "p009", "p018"))
    return Query(VisualFilter(liked, narrow="auto"))


def ask(shop: Workspace, query: Query) -> Results:
    found: list[Results] = []
    shop.search(query, found.append, CONTROL)
    return found[-1]


@pytest.mark.parametrize("where", [(), ("price>40",)])
def test_each_place_of_the_slider_keeps_what_it_says(shop, discs, where):
    discs = replace(discs, where=where)
    gauge = shop.filters.gauge(discs, {}, 20, CONTROL)
    assert gauge.narrow[0] == 0.0
    assert gauge.narrow[-1] == 1.0
    assert (np.diff(gauge.counts) <= 0).all()
    for row in (0, 20, 55, 80, len(gauge.narrow) - 1):
        query = replace(discs, visual=replace(discs.visual, narrow=float(gauge.narrow[row])))
        assert ask(shop, query).total == gauge.counts[row]
    auto = ask(shop, discs)
    assert auto.strictness is not None
    row = gauge.row_of(auto.strictness)
    assert gauge.narrow[row] == pytest.approx(auto.strictness)
    assert gauge.counts[row] == auto.total
    assert gauge.row_at(float(gauge.scores[55])) in range(len(gauge.narrow))
    assert gauge.histogram.counts.sum() == gauge.counts[0]


def test_answers_make_the_estimate_and_the_steps(shop, discs):
    guess = shop.filters.gauge(discs, {}, 20, CONTROL)
    assert guess.guess
    picked = shop.filters.next_to_judge(discs, 40, 1, CONTROL)
    meant = {int(item): "yes" if item % 3 == 1 else "no" for item in picked}  # every third product is a disc
    gauge = shop.filters.gauge(discs, {**meant, int(picked[0]): "unsure"}, 20, CONTROL)
    assert gauge.judged == 39
    assert sum(map(len, gauge.marks)) == 39
    row, strict = gauge.row_for(0.8), gauge.row_for(0.5)
    assert strict is not None
    assert row is None or row >= strict
    assert gauge.precision[strict, 0] >= 0.5
    assert (gauge.precision[:, 1] <= gauge.precision[:, 0]).all()
    one = shop.filters.estimate(discs, meant, CONTROL)
    whole = shop.filters.gauge(discs, meant, 20, CONTROL)
    assert whole.precision[whole.row_of(ask(shop, discs).strictness), 0] == pytest.approx(one.precision.value)


def test_unsure_is_not_asked_again(shop, discs):
    first = shop.filters.next_to_judge(discs, 60, 1, CONTROL)
    again = shop.filters.next_to_judge(discs, 60, 2, CONTROL, {int(item): "unsure" for item in first})
    assert not set(first.tolist()) & set(again.tolist())


def test_without_examples_there_is_nothing_to_gauge(shop):
    with pytest.raises(UsageError):
        shop.filters.gauge(Query(), {}, 20, CONTROL)


def test_a_query_is_a_saved_filter_by_its_examples_and_conditions(shop, discs):
    assert shop.filters.names_of(discs) == []
    shop.filters.save("discs", discs, CONTROL)
    red = replace(discs, choices=(("colour", ("red",)),))
    shop.filters.save("a red disc", red, CONTROL, conditions=True)
    assert shop.filters.names_of(discs) == ["discs"]
    assert shop.filters.names_of(red) == ["a red disc", "discs"]
    assert shop.filters.names_of(replace(red, text="linen")) == ["a red disc", "discs"]
    visual = discs.visual
    turned = replace(visual, positives=tuple(reversed(visual.positives)), narrow=0.2)
    assert shop.filters.names_of(replace(discs, visual=turned)) == ["discs"]
    assert shop.filters.names_of(replace(discs, visual=replace(visual, blocks=0.3))) == []
    assert shop.filters.names_of(replace(discs, visual=replace(visual, positives=visual.positives[:2]))) == []


def test_answers_are_saved_along_and_those_about_other_examples_go(shop, discs):
    three, four = shop.number_of("p003"), shop.number_of("p004")
    shop.filters.save("discs", discs, CONTROL, answers={three: "yes", four: "no"})
    assert shop.filters.judgements("discs") == {three: "yes", four: "no"}
    stricter = replace(discs, visual=replace(discs.visual, narrow=0.7))
    shop.filters.save("discs", stricter, CONTROL, overwrite=True, answers={three: "no"})
    assert shop.filters.judgements("discs") == {three: "no", four: "no"}
    other = replace(discs, visual=replace(discs.visual, positives=discs.visual.positives[:1]))
    shop.filters.save("discs", other, CONTROL, overwrite=True)
    assert shop.filters.judgements("discs") == {}
    shop.decisions.undo()
    assert shop.filters.judgements("discs") == {three: "no", four: "no"}
    operation = shop.filters.judge("discs", {three: "yes"})
    assert operation is not None
    assert shop.filters.judge("discs", {three: "yes"}) is None
    shop.decisions.undo(operation)
    assert shop.filters.judgements("discs")[three] == "no"
