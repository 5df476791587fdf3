"""Suspects: planted mistakes come first, verdicts are remembered and can be undone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import numpy as np
import pytest

from visualsearch.attributes.audit import Audit, Suspect
from visualsearch.attributes.suspects import rank
from visualsearch.catalog.decisions import BulkValues, Document, ValueChange
from visualsearch.errors import Cancelled, UsageError
from visualsearch.jobs import JobControl, Progress

from .conftest import KINDS, Shop

CONTROL = JobControl()
WAIT = 10.0  # seconds after which a test gives up


@pytest.fixture
def shop(shop_of: Callable[..., Shop]) -> Shop:
    """A shop with all its kinds, 8 of them wrong."""
    made = shop_of(items=300, spread=1.0)
    made.label("kind", 1.1)
    for item in planted(made):
        wrong = KINDS[(made.kind[item] + 1) % len(KINDS)]
        made.decisions.apply("set", "plant", values=[ValueChange(item, "kind", (wrong,))])
    return made


def planted(shop: Shop) -> list[int]:
    return np.arange(10, 90, 10).tolist()


def audit_of(shop: Shop) -> Audit:
    return Audit(shop.catalog, shop.use, shop.decisions)


def test_planted_mistakes_come_first_with_their_fix(shop: Shop) -> None:
    found = audit_of(shop).suspects("kind", CONTROL)
    assert len(found) == 300
    assert {one.item for one in found[:8]} == set(planted(shop))
    assert all(one.suggested == KINDS[shop.kind[one.item]] for one in found[:8])
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] < scores[0] <= 1
    assert f"neighbours are {found[0].suggested}" in found[0].reasons[0]


def test_reasons_count_as_people_do(shop: Shop) -> None:
    said = " ".join(reason for one in audit_of(shop).suspects("kind", CONTROL) for reason in one.reasons)
    assert re.search(r"\b1 is \w", said)
    assert not re.search(r"\b1 are|\b1 (of \d+ )?neighbours( are|,)", said)


def test_kept_leaves_until_the_value_changes(shop: Shop) -> None:
    audit, item = audit_of(shop), planted(shop)[0]
    before = shop.value(item, "kind")[0]
    audit.keep("kind", item)
    assert item not in {one.item for one in audit.suspects("kind", CONTROL)}
    assert item not in {one.item for one in audit_of(shop).suspects("kind", CONTROL)}  # also judged anew
    shop.decisions.undo()
    assert item in {one.item for one in audit.suspects("kind", CONTROL)}
    shop.decisions.redo()
    third = next(name for name in KINDS if name not in (before, KINDS[shop.kind[item]]))
    shop.decisions.apply("set", "another", values=[ValueChange(item, "kind", (third,))])
    assert item in {one.item for one in audit_of(shop).suspects("kind", CONTROL)}


def test_unsure_goes_to_the_end_and_changed_leaves(shop: Shop) -> None:
    audit, (first, second, *_) = audit_of(shop), planted(shop)
    audit.ranking("kind", CONTROL)
    audit.unsure("kind", first)
    audit.change("kind", second, KINDS[shop.kind[second]])
    found = audit.suspects("kind", CONTROL)
    assert found[-1].item == first
    assert found[-1].unsure
    assert [one.item for one in audit.suspects("kind", CONTROL, limit=1, unsure=True)] == [first]
    assert first not in {one.item for one in audit.suspects("kind", CONTROL, unsure=False)}
    assert audit.count("kind", CONTROL, unsure=False) == audit.count("kind", CONTROL) - 1
    assert second not in {one.item for one in found}
    assert shop.value(second, "kind") == [KINDS[shop.kind[second]]]
    shop.decisions.undo()
    assert second in {one.item for one in audit.suspects("kind", CONTROL)[:8]}


def test_verdicts_do_not_learn_anew(shop: Shop) -> None:
    audit = audit_of(shop)
    ranking = audit.ranking("kind", CONTROL)
    audit.change("kind", planted(shop)[0], KINDS[shop.kind[planted(shop)[0]]])
    audit.keep("kind", planted(shop)[1])
    assert audit.ranking("kind", CONTROL) is ranking
    shop.decisions.apply("set", "bulk", values=BulkValues(np.arange(100, 150), "kind", "set", ("bag",)))
    assert audit.ranking("kind", CONTROL) is not ranking


def test_the_items_are_compared_once_for_all_attributes(shop: Shop) -> None:
    shop.label("look", 0.9)
    audit = audit_of(shop)
    said: list[str] = []
    first = audit.ranking("kind", JobControl(lambda progress: said.append(progress.stage)))
    assert "Comparing the items" in said
    said.clear()
    second = audit.ranking("look", JobControl(lambda progress: said.append(progress.stage)))
    assert "Learning how the values look" in said
    assert "Comparing the items" not in said
    assert second.near is first.near
    alone = audit_of(shop).ranking("look", CONTROL)
    np.testing.assert_array_equal(second.item, alone.item)
    np.testing.assert_array_equal(second.score, alone.score)


def test_an_item_that_is_gone_is_nobodys_lookalike(shop: Shop) -> None:
    shop.label("look", 0.9)
    audit = audit_of(shop)
    assert 5 in audit.ranking("kind", CONTROL).items
    with shop.catalog.write() as connection:
        connection.execute("UPDATE item SET gone = 1 WHERE number = 5")
    shop.reload()
    assert 5 not in audit.ranking("look", CONTROL).items


def test_details(shop: Shop) -> None:
    audit, item = audit_of(shop), planted(shop)[0]
    told = audit.details("kind", item, CONTROL)
    assert told.suspect.given == shop.value(item, "kind")[0]
    assert item not in {other for other, _, _ in told.neighbours}
    assert all(values == tuple(shop.value(other, "kind")) for other, _, values in told.neighbours)
    assert 2 <= len(told.typical_given) <= 3
    assert all(shop.value(one, "kind") == [told.suspect.given] for one in told.typical_given)
    assert all(shop.value(one, "kind") == [told.suspect.suggested] for one in told.typical_suggested)
    with pytest.raises(UsageError, match="not judged"):
        audit.details("kind", 0, CONTROL)


def test_several_values(shop_of: Callable[..., Shop]) -> None:
    shop = shop_of(items=300, spread=0.8)
    several = Document("attribute", "kind", {"multi": True})
    shop.decisions.apply("vocabulary", "several", documents=[several])
    shop.label("kind", 1.1)
    shop.decisions.apply("set", "second", values=BulkValues(shop.of("shoe"), "kind", "add", ("leather",)))
    wrong = int(shop.of("dress")[0])
    shop.decisions.apply("set", "wrong", values=[ValueChange(wrong, "kind", ("dress", "leather"))])
    audit = audit_of(shop)
    first = audit.suspects("kind", CONTROL, limit=3)[0]
    assert (first.item, first.given) == (wrong, "leather")
    audit.keep("kind", wrong, "dress")
    assert any(one.item == wrong for one in audit.suspects("kind", CONTROL))  # only that value was kept
    audit.keep("kind", wrong, "leather")
    assert not any(one.item == wrong for one in audit.suspects("kind", CONTROL))


def test_a_value_of_one_item_is_not_accused(shop: Shop) -> None:
    shop.decisions.apply("set", "rare", values=[ValueChange(200, "kind", ("parasol",))])
    places = [one.item for one in audit_of(shop).suspects("kind", CONTROL)]
    assert places.index(200) >= 8


def test_conditions_and_limits(shop: Shop) -> None:
    audit = audit_of(shop)
    assert [one.item for one in audit.suspects("kind", CONTROL, limit=3)] == [
        one.item for one in audit.suspects("kind", CONTROL)[:3]
    ]
    only = audit.suspects("kind", CONTROL, where=["kind=bag"])
    assert only
    assert {one.given for one in only} == {"bag"}
    assert {one.item for one in audit.suspects("kind", CONTROL, items=np.array([10, 11]))} == {10, 11}


def test_clusters_and_pairs(shop: Shop) -> None:
    items = shop.of("shirt")[:6]
    shop.decisions.apply("set", "wrong", values=BulkValues(items, "kind", "set", ("bag",)))
    shop.decisions.apply("set", "brand", values=BulkValues(items, "brand", "set", ("Acme",)))
    found = audit_of(shop).clusters("kind", CONTROL)
    both = next(one for one in found if one.shared == "brand")
    assert (both.given, both.suggested, both.value, both.purity) == ("bag", "shirt", "Acme", 1.0)
    assert set(both.items) == set(items.tolist())
    sizes = [len(one.items) * one.purity for one in found]
    assert sizes == sorted(sizes, reverse=True)
    for pair in audit_of(shop).pairs("kind", CONTROL):
        assert 0 < pair.count <= pair.of


def test_what_cannot_be_audited(shop: Shop) -> None:
    shop.decisions.apply(
        "set", "few", values=[ValueChange(1, "rare", ("a",)), ValueChange(2, "rare", ("b",))]
    )
    audit = audit_of(shop)
    with pytest.raises(UsageError, match="too few"):
        audit.suspects("rare", CONTROL)
    with pytest.raises(UsageError, match="no attribute"):
        audit.suspects("nothing", CONTROL)
    assert dict(audit.attributes(CONTROL))["kind"] == ""


def test_cancel(shop: Shop) -> None:
    control = JobControl()
    control.cancel()
    with pytest.raises(Cancelled):
        rank(shop.engine, "kind", control)


def test_a_look_through_that_is_paused_keeps_nobody_else_waiting(shop: Shop) -> None:
    shop.label("sort", 1.1)
    audit, paused, found = audit_of(shop), threading.Event(), list[Suspect]()
    before = audit.suspects("kind", CONTROL)

    def pause(_: Progress) -> None:
        control.pause()
        paused.set()

    def look() -> None:
        with pytest.raises(Cancelled):
            audit.ranking("sort", control)

    control = JobControl(pause)
    job = threading.Thread(target=look)
    job.start()
    assert paused.wait(WAIT)
    other = threading.Thread(target=lambda: found.extend(audit.suspects("kind", CONTROL)))
    other.start()
    other.join(WAIT)
    there = list(found)
    control.cancel()
    job.join()
    other.join()
    assert there == before
