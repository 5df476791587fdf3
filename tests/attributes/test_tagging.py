"""Tagging sessions: pages that decisions alone make, answers that are remembered, honest numbers of what is left."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch.attributes.progress import PageRecord, remaining
from visualsearch.attributes.situation import Start
from visualsearch.attributes.target import Target
from visualsearch.catalog.decisions import BulkValues, Document, ValueChange
from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.filters.query import Example, Query, VisualFilter
from visualsearch.jobs import JobControl

CONTROL = JobControl()


@pytest.fixture
def shop(shop_of):
    return shop_of()


@pytest.fixture
def session(shop):
    """Two examples of an attribute that nobody ever tagged."""
    return shop.session("style=formal", *shop.of("shirt")[:2])


def confirmed(shop, session, page, **options):
    return session.confirm(page, CONTROL, no=shop.wrong(page.items, "shirt"), **options)


def test_a_confirm_is_one_operation_with_its_why(shop, session):
    page = session.page(12, "likely", CONTROL)
    wrong = shop.wrong(page.items, "shirt")
    done = confirmed(shop, session, page)
    assert not done.stale
    for item in page.items.tolist():
        assert shop.value(item, "style") == ([] if item in wrong else ["formal"])
    items, _, answers = shop.decisions.judgements("tag:style=formal")
    assert dict(zip(items.tolist(), answers, strict=True)) == {
        item: "no" if item in wrong else "yes" for item in page.items.tolist()
    }
    operation = shop.decisions.operation(done.applied.operation)
    assert operation.kind == "tag"
    assert operation.label.startswith("style “formal”: ")
    assert set(operation.why["scores"]) == {str(item) for item in page.items.tolist()}
    assert not set(done.page.items.tolist()) & set(page.items.tolist())
    assert done.page.number == 1


def test_undo_brings_the_page_back_and_redo_the_next_one_also_after_a_restart(shop, session):
    first = session.page(12, "likely", CONTROL)
    second = confirmed(shop, session, first).page
    third = confirmed(shop, session, second).page
    shop.decisions.undo()
    assert (session.page(12, "likely", CONTROL).items == second.items).all()
    shop.restart()
    again = shop.tagging.session(Target("style", "formal"), CONTROL)
    assert (again.page(12, "likely", CONTROL).items == second.items).all()
    shop.decisions.undo()
    assert (again.page(12, "likely", CONTROL).items == first.items).all()
    shop.decisions.redo()
    shop.decisions.redo()
    assert (again.page(12, "likely", CONTROL).items == third.items).all()
    assert again.state(CONTROL).pages == 2


@pytest.mark.parametrize("mode", ["likely", "useful", "random"])
def test_each_mode_gives_the_same_page_until_something_is_confirmed(shop, session, mode):
    page = session.page(10, mode, CONTROL)
    assert len(set(page.items.tolist())) == 10
    assert (session.page(10, mode, CONTROL).items == page.items).all()
    assert not set(confirmed(shop, session, page).page.items.tolist()) & set(page.items.tolist())


def test_random_pages_are_spread_and_likely_ones_are_not(shop, session):
    likely, random = (
        len(page.items) - len(shop.wrong(page.items, "shirt"))
        for page in (session.page(40, mode, CONTROL) for mode in ("likely", "random"))
    )
    assert likely > 2 * random


def test_a_mode_that_is_not_there_is_said(session):
    with pytest.raises(UsageError, match="no mode"):
        session.page(5, "best", CONTROL)


def test_rejections_sharpen_what_comes(shop_of):
    shop = shop_of(spread=2.2, seed=6)
    session = shop.session("style=formal", *shop.of("shirt")[:2])
    page = session.page(24, "likely", CONTROL)
    deaf = session.page(72, "likely", CONTROL).items
    hits = len(page.items) - len(shop.wrong(page.items, "shirt"))
    for _ in range(2):
        page = confirmed(shop, session, page).page
        hits += len(page.items) - len(shop.wrong(page.items, "shirt"))
    assert hits > len(deaf) - len(shop.wrong(deaf, "shirt"))


def test_unsure_is_an_answer_and_can_be_asked_again(session):
    page = session.page(6, "likely", CONTROL)
    unsure = page.items[:2].tolist()
    after = session.confirm(page, CONTROL, unsure=unsure).page
    assert sorted(unsure) == session.unsure_items().tolist()
    assert not set(unsure) & set(after.items.tolist())
    session.reopen(unsure)
    assert set(unsure) <= set(session.page(6, "likely", CONTROL).items.tolist())


def test_what_was_answered_elsewhere_meanwhile_is_left_alone(shop, session):
    page = session.page(6, "likely", CONTROL)
    other = int(page.items[3])
    shop.decisions.apply("set", "elsewhere", values=[ValueChange(other, "style", ("sporty",))])
    done = session.confirm(page, CONTROL)
    assert done.stale == (other,)
    assert shop.value(other, "style") == ["sporty"]


def test_confirming_the_same_page_twice_changes_nothing(shop, session):
    page = session.page(6, "likely", CONTROL)
    session.confirm(page, CONTROL)
    before = len(shop.decisions.history())
    done = session.confirm(page, CONTROL)
    assert done.applied.operation is None
    assert set(done.stale) == set(page.items.tolist())
    assert len(shop.decisions.history()) == before


def test_answers_about_other_items_or_two_for_one_are_refused(session):
    page = session.page(6, "likely", CONTROL)
    item = int(page.items[0])
    with pytest.raises(UsageError):
        session.confirm(page, CONTROL, no=[item], unsure=[item])
    with pytest.raises(UsageError):
        session.confirm(page, CONTROL, no=[max(set(range(1, 401)) - set(page.items.tolist()))])


def test_items_with_another_value_count_as_answered_unless_asked_for(shop):
    shop.label("kind", 0.5)
    filled = Target("kind", "shirt").filled(shop.engine.snapshot)
    session = shop.session("kind=shirt")
    assert not filled[session.situation(CONTROL).candidates].any()
    again = shop.session("kind=shirt", again=True)
    candidates = again.situation(CONTROL).candidates
    assert filled[candidates].any()
    assert not Target("kind", "shirt").having(shop.engine.snapshot)[candidates].any()


def test_of_a_multi_valued_attribute_only_exclusive_values_answer(shop):
    body = {"multi": True, "exclusive": [["formal", "casual"]]}
    shop.decisions.apply("vocabulary", "style", documents=[Document("attribute", "style", body)])
    casual, summer = shop.of("shirt")[2:4].tolist()
    changes = [ValueChange(casual, "style", ("casual",)), ValueChange(summer, "style", ("summer",))]
    shop.decisions.apply("set", "some", values=changes)
    session = shop.session("style=formal", *shop.of("shirt")[:2])
    open_ = session.situation(CONTROL).open
    assert not open_[casual]
    assert open_[summer]
    session.confirm(session.chosen([summer], CONTROL), CONTROL)
    assert sorted(shop.value(summer, "style")) == ["formal", "summer"]


def test_scope_and_conditions_limit_what_is_suggested(shop):
    shop.label("kind", 1.0)
    shop.decisions.apply(
        "vocabulary", "s", documents=[Document("attribute", "sleeve", {"scope": "kind=shirt"})]
    )
    session = shop.session("sleeve=long", *shop.of("shirt")[:2])
    assert set(session.situation(CONTROL).candidates.tolist()) == set(shop.of("shirt").tolist())
    narrow = shop.session("sleeve=long", *shop.of("shirt")[:2], where=("kind=dress",))
    assert not len(narrow.situation(CONTROL).candidates)
    assert not len(narrow.page(5, "likely", CONTROL).items)


def test_a_session_starts_from_a_saved_filter_and_remembers_it(shop):
    examples = tuple(Example(item=int(item)) for item in shop.of("bag")[:3])
    shop.saved["bags"] = Query(VisualFilter(examples))
    target = Target("style", "formal")
    first = shop.tagging.start(target, Start(filter="bags"), CONTROL).page(12, "likely", CONTROL)
    assert len(shop.wrong(first.items, "bag")) < 6
    shop.restart()
    assert shop.tagging.session(target, CONTROL).start.filter == "bags"
    assert shop.tagging.targets() == [target]


def test_without_anything_to_start_from_it_says_so(shop):
    with pytest.raises(VisualSearchError, match="nothing to start from"):
        shop.session("style=formal").page(5, "likely", CONTROL)


def test_the_state_counts_answers_and_knows_what_is_a_guess(shop, session):
    state = session.state(CONTROL)
    assert (state.having, state.yes, state.no, state.unsure, state.pages) == (0, 0, 0, 0, 0)
    assert state.remaining.guess
    page = session.page(60, "random", CONTROL)
    confirmed(shop, session, page)
    state = session.state(CONTROL)
    assert state.yes == len(page.items) - len(shop.wrong(page.items, "shirt"))
    left = len(shop.of("shirt")) - state.having
    assert not state.remaining.guess
    assert state.remaining.low <= left <= state.remaining.high
    assert state.learnt


def test_it_advises_to_stop_after_pages_without_a_hit(shop, session):
    page = session.page(24, "likely", CONTROL)
    for _ in range(20):
        page = confirmed(shop, session, page).page
        if session.state(CONTROL).advice:
            break
    state = session.state(CONTROL)
    assert state.having >= 0.9 * len(shop.of("shirt"))
    assert state.advice
    assert state.open


def test_the_interval_of_what_is_left_holds_as_often_as_it_says():
    """Random pages and likely ones in turn, over catalogs of all sorts; the ranking need not be good."""
    rng = np.random.default_rng(12)
    held = 0
    for _ in range(300):
        size = int(rng.integers(80, 600))
        deserving = rng.random(size) < rng.choice([0.02, 0.2, 0.5])
        open_, pages = list(range(size)), []
        for mode in ("likely", "random", "likely", "random", "likely"):
            order = rng.permutation(open_)
            if mode == "likely":
                order = order[np.argsort(~deserving[order] + rng.normal(size=len(order)), kind="stable")]
            picked = order[:20].tolist()
            answers = "".join("y" if deserving[item] else "n" for item in picked)
            pages.append(PageRecord(mode, len(open_), tuple(picked), (0.0,) * len(picked), answers))
            open_ = [item for item in open_ if item not in picked]
        left = remaining(pages, np.zeros(len(open_), np.float32))
        assert not left.guess
        held += left.low <= int(deserving[open_].sum()) <= left.high
    assert held >= 0.95 * 300


def test_random_pages_from_before_new_items_came_are_not_believed():
    page = PageRecord("random", 100, tuple(range(20)), (0.0,) * 20, "y" * 20)
    assert not remaining([page], np.zeros(80, np.float32)).guess
    assert remaining([page], np.zeros(5000, np.float32)).guess


def test_a_bulk_change_elsewhere_is_seen(shop, session):
    session.page(6, "likely", CONTROL)
    items = shop.of("shirt")
    shop.decisions.apply("set", "all", values=BulkValues(items, "style", "set", ("formal",)))
    assert session.state(CONTROL).having == len(items)
    assert not set(session.page(20, "likely", CONTROL).items.tolist()) & set(items.tolist())
