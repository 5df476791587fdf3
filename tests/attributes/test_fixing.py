"""Suspects that share a mistake, mended together: what is looked at, what may be changed unseen, and undo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from visualsearch.attributes.audit import Audit
from visualsearch.attributes.certificate import Answer
from visualsearch.attributes.clusters import Cluster
from visualsearch.attributes.fixing import KIND, Review
from visualsearch.attributes.target import Target
from visualsearch.catalog.decisions import BulkValues, Document
from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.jobs import JobControl

from .conftest import Shop

CONTROL = JobControl()


@pytest.fixture
def shop(shop_of: Callable[..., Shop]) -> Shop:
    """200 items are called shirt."""
    made = shop_of(items=300, spread=1.0)
    items = np.arange(1, 201, dtype=np.int32)
    made.decisions.apply("set", "plant", values=BulkValues(items, "kind", "set", ("shirt",)))
    return made


def audit_of(shop: Shop) -> Audit:
    return Audit(shop.catalog, shop.use, shop.decisions)


def cluster(count: int) -> Cluster:
    return Cluster("kind", "shirt", "dress", "", "", tuple(range(1, count + 1)), 1.0)


def right(review: Review, count: int) -> dict[int, Answer]:
    return dict.fromkeys(review.order[:count].tolist(), "right")


def test_all_looked_at_is_one_operation(shop: Shop) -> None:
    fixes = audit_of(shop).fixes
    review = fixes.review(cluster(8), CONTROL)
    answers: dict[int, Answer] = {**right(review, 8), 3: "wrong", 5: "unsure"}
    applied = fixes.apply(review, answers, CONTROL)
    assert [shop.value(item, "kind") for item in (1, 3, 5, 8)] == [["dress"], ["shirt"], ["shirt"], ["dress"]]
    name, body = next(iter(shop.decisions.documents(KIND).items()))
    assert name == "kind: shirt → dress #1"
    assert (body["judged"], body["wrong"], body["unseen"], body["state"]) == (8, 2, 0, "judged")
    shop.decisions.undo(applied.operation)
    assert shop.value(1, "kind") == ["shirt"]
    assert shop.decisions.documents(KIND) == {}
    assert shop.decisions.verify(CONTROL) == []


def test_the_rest_is_changed_when_the_sample_allows_it(shop: Shop) -> None:
    fixes = audit_of(shop).fixes
    review = fixes.review(cluster(200), CONTROL)
    needed = review.standing({}).until
    assert 30 < needed < 120
    answers = right(review, needed)
    assert review.standing(answers).state == "certified"
    fixes.apply(review, answers, CONTROL, rest=True)
    assert all(shop.value(item, "kind") == ["dress"] for item in range(1, 201))
    body = shop.decisions.document(KIND, "kind: shirt → dress #1")
    assert body is not None
    assert body["state"] == "certified"
    assert body["bound"] >= 0.95
    assert body["unseen"] == 200 - needed


def test_all_certificates_are_in_one_list_and_one_undo_revokes_one(shop: Shop) -> None:
    fixes, register = audit_of(shop).fixes, shop.tagging.register
    review = fixes.review(cluster(150), CONTROL)
    fixes.apply(review, right(review, review.standing({}).until), CONTROL, rest=True)
    small = fixes.review(Cluster("kind", "shirt", "bag", "", "", tuple(range(160, 170)), 1.0), CONTROL)
    fixes.apply(small, {**right(small, 10), 165: "wrong"}, CONTROL)
    shop.decisions.apply("set", "shoes", values=BulkValues(shop.of("shoe")[-8:], "kind", "set", ("shoe",)))
    shop.tagging.certificates.start(Target("kind", "shoe"), 0.9, CONTROL, count=20)
    entries = register.entries()
    assert [entry.name for entry in entries] == [
        "kind=shoe #1",
        "kind: shirt → bag #1",
        "kind: shirt → dress #1",
    ]
    mended = entries[2].certificate
    assert mended is not None
    assert mended.accepted == {"written": 150 - mended.standing.judged, "bound": mended.standing.bound}
    assert mended.candidates.tolist() == list(range(1, 151))
    looked_at = entries[1].certificate
    assert looked_at is not None
    assert looked_at.accepted is None
    assert sorted(looked_at.sample.tolist()) == list(range(160, 170))
    register.revoke("kind: shirt → dress #1")
    assert {*map(tuple, (shop.value(item, "kind") for item in range(1, 151)))} == {("shirt",)}
    assert [entry.name for entry in register.entries()] == ["kind=shoe #1", "kind: shirt → bag #1"]
    with pytest.raises(UsageError, match="nothing to revoke"):
        register.revoke("kind=shoe #1")
    with pytest.raises(VisualSearchError, match="no certificate"):
        register.revoke("kind: shirt → dress #1")


def test_a_group_whose_record_was_changed_does_not_hide_the_others(shop: Shop) -> None:
    fixes = audit_of(shop).fixes
    review = fixes.review(cluster(8), CONTROL)
    fixes.apply(review, right(review, 8), CONTROL)
    (name, body) = next(iter(shop.decisions.documents(KIND).items()))
    shop.decisions.apply("test", "", documents=[Document(KIND, "another", {**body, "digest": "0"})])
    entries = {entry.name: entry for entry in shop.tagging.register.entries()}
    assert entries[name].problem is None
    assert "not those" in str(entries["another"].problem)


def test_the_rest_is_refused_without_a_certificate(shop: Shop) -> None:
    fixes = audit_of(shop).fixes
    review = fixes.review(cluster(200), CONTROL)
    with pytest.raises(VisualSearchError, match="more must be looked at"):
        fixes.apply(review, right(review, 5), CONTROL, rest=True)
    wrong: dict[int, Answer] = dict.fromkeys(review.order[:60].tolist(), "wrong")
    with pytest.raises(VisualSearchError, match="too many"):
        fixes.apply(review, wrong, CONTROL, rest=True)
    assert shop.value(1, "kind") == ["shirt"]


def test_asking_again_shows_the_same_until_something_was_decided(shop: Shop) -> None:
    fixes = audit_of(shop).fixes
    first, again = fixes.review(cluster(50), CONTROL), fixes.review(cluster(50), CONTROL)
    assert first.order.tolist() == again.order.tolist()
    assert again.attempt == 1
    wrong: dict[int, Answer] = dict.fromkeys(first.order[:2].tolist(), "wrong")
    fixes.apply(first, wrong, CONTROL)
    later = fixes.review(cluster(50), CONTROL)
    assert later.attempt == 2
    assert later.order.tolist() != first.order.tolist()
    shop.decisions.undo()
    assert fixes.review(cluster(50), CONTROL).attempt == 2  # undoing is no new chance


def test_what_was_changed_meanwhile_is_not_certified(shop: Shop) -> None:
    fixes = audit_of(shop).fixes
    review = fixes.review(cluster(200), CONTROL)
    answers = right(review, review.standing({}).until)
    unseen = review.order[-1:]
    shop.decisions.apply("set", "else", values=BulkValues(unseen, "kind", "set", ("bag",)))
    with pytest.raises(VisualSearchError, match="changed meanwhile"):
        fixes.apply(review, answers, CONTROL, rest=True)
    assert len(fixes.review(cluster(200), CONTROL).order) == 199


def test_answers_about_something_else_are_refused(shop: Shop) -> None:
    fixes = audit_of(shop).fixes
    review = fixes.review(cluster(8), CONTROL)
    with pytest.raises(UsageError):
        fixes.apply(review, {}, CONTROL)
    with pytest.raises(UsageError):
        fixes.apply(review, {250: "right"}, CONTROL)
    shop.decisions.apply("set", "else", values=BulkValues(np.arange(1, 9), "kind", "set", ("bag",)))
    with pytest.raises(UsageError, match="None of these"):
        fixes.review(cluster(8), CONTROL)


def test_other_values_of_an_item_stay(shop: Shop) -> None:
    shop.decisions.apply("vocabulary", "several", documents=[Document("attribute", "kind", {"multi": True})])
    shop.decisions.apply("set", "two", values=BulkValues(np.array([1, 2]), "kind", "set", ("shirt", "bag")))
    fixes = audit_of(shop).fixes
    review = fixes.review(cluster(3), CONTROL)
    fixes.apply(review, right(review, 3), CONTROL)
    assert set(shop.value(1, "kind")) == {"dress", "bag"}
    assert shop.value(3, "kind") == ["dress"]
