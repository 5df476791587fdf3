"""Auto tagging: what a plan proposes, what it leaves alone, and that nothing is written without a certificate."""

from __future__ import annotations

import numpy as np
import pytest

from tests.attributes.conftest import CONTROL, KINDS
from visualsearch.attributes.autotag import AutoTag, Plan
from visualsearch.attributes.certificate import Certificate
from visualsearch.attributes.cutoffs import cutoff_of, measure
from visualsearch.catalog.decisions import BulkValues, Document, Judgement
from visualsearch.errors import Cancelled, UsageError, VisualSearchError
from visualsearch.jobs import JobControl, Progress


def auto(shop) -> AutoTag:
    return AutoTag(shop.catalog, shop.use, shop.decisions, shop.tagging.certificates)


def right(shop, plan: Plan) -> tuple[int, int]:
    """How many of the proposed values are right, and how many there are."""
    hits = count = 0
    for one in plan.values:
        count += len(one.items)
        hits += len(one.items) - len(shop.wrong(one.items, one.value))
    return hits, count


def judged(shop, certificate: Certificate) -> Certificate:
    """All of the sample, judged by who knows the truth."""
    while certificate.standing.state == "open":
        good, bad = [], []
        for item in certificate.next_items.tolist():
            ((value,),) = certificate.values_of([item])
            (bad if shop.wrong(np.array([item]), value) else good).append(item)
        certificate = shop.tagging.certificates.answer(certificate.name, CONTROL, right=good, wrong=bad)
    return certificate


def test_values_are_recovered_and_labelled_items_left_alone(shop_of):
    shop = shop_of(items=600)
    shop.label("kind", 0.4)
    plan = auto(shop).plan("kind", CONTROL)
    filled = shop.engine.snapshot.columns["kind"].present(shop.engine.snapshot.size)
    assert not any(filled[one.items].any() for one in plan.values)
    hits, count = right(shop, plan)
    assert hits >= 0.95 * count
    assert count >= 0.8 * plan.without
    assert plan.proposed == count
    assert plan.untouched == plan.without - count
    assert set(plan.trusted) == set(KINDS)
    for one in plan.values:
        assert one.precision.low <= one.precision.rate <= one.precision.high
        assert one.recall.judged == one.labelled
        assert (np.diff(one.chances) >= 0).all()  # the least sure first
    assert shop.decisions.history(kind="auto-tag") == []


def test_items_of_a_value_that_nobody_named_stay_untouched(shop_of):
    shop = shop_of(items=900, spread=0.9)
    rng = np.random.default_rng(2)
    for name in KINDS[:3]:  # no bag has a value, and there is no such value
        items = shop.of(name)
        shop.decisions.apply(
            "set", "label", values=BulkValues(items[rng.random(len(items)) < 0.5], "kind", "set", (name,))
        )
    plan = auto(shop).plan("kind", CONTROL)
    bags = set(shop.of("bag").tolist())
    taken = sum(len(bags & set(one.items.tolist())) for one in plan.values)
    assert taken <= 0.05 * len(bags)
    assert plan.proposed >= 0.8 * (plan.without - len(bags))
    assert plan.strangers.judged > 0
    assert plan.strangers.rate >= 0.9


def test_a_value_with_too_few_labels_is_left_out_and_said_so(shop_of):
    shop = shop_of()
    shop.label("kind", 0.5)
    few = shop.of("bag")[:4].tolist()
    bags = np.array([i for i in shop.of("bag") if i not in few], np.int32)
    shop.decisions.apply("clear", "bags", values=BulkValues(bags, "kind", "clear", ()))
    shop.decisions.apply("set", "bags", values=BulkValues(np.array(few), "kind", "set", ("bag",)))
    one = auto(shop).plan("kind", CONTROL).value("bag")
    assert (one.labelled, len(one.items)) == (4, 0)
    assert "at least 10" in one.reason


def test_scope_vocabulary_and_refusals_are_respected(shop_of):
    shop = shop_of()
    shop.label("kind", 0.4)
    tops = np.arange(1, 200, dtype=np.int32)
    shop.decisions.apply("set", "tops", values=BulkValues(tops, "category", "set", ("Tops",)))
    shop.decisions.apply(
        "vocabulary", "scope", documents=[Document("attribute", "kind", {"scope": "category=Tops"})]
    )
    plan = auto(shop).plan("kind", CONTROL)
    assert plan.outside > 0
    proposed = np.concatenate([one.items for one in plan.values])
    assert set(proposed.tolist()) <= set(tops.tolist())
    first = next(one for one in plan.values if len(one.items))
    item = int(first.items[0])
    shop.decisions.apply("reject", "no", judgements=[Judgement(f"tag:kind={first.value}", item, "no")])
    assert item not in auto(shop).plan("kind", CONTROL).value(first.value).items
    allowed = [name for name in KINDS if name != first.value]
    shop.decisions.apply(
        "vocabulary", "allowed", documents=[Document("attribute", "kind", {"values": [*allowed]})]
    )
    again = auto(shop).plan("kind", CONTROL).value(first.value)
    assert len(again.items) == 0
    assert "vocabulary" in again.reason


def test_an_item_may_get_several_values_unless_they_exclude_each_other(shop_of):
    shop = shop_of(items=600)
    shop.decisions.apply(
        "vocabulary",
        "several",
        documents=[Document("attribute", "tags", {"multi": True, "exclusive": [["dress", "shirt"]]})],
    )
    rng = np.random.default_rng(4)
    for name in KINDS:
        chosen = rng.permutation(shop.of(name))[:70]
        values = (name, "leather") if name in ("shoe", "bag") else (name,)
        shop.decisions.apply("add", "label", values=BulkValues(chosen, "tags", "add", values))
    plan = auto(shop).plan("tags", CONTROL, 0.9)
    leather = plan.value("leather")
    assert len(leather.items) > 20
    assert np.isin(shop.kind[leather.items], [KINDS.index("shoe"), KINDS.index("bag")]).mean() >= 0.9
    assert not set(plan.value("dress").items.tolist()) & set(plan.value("shirt").items.tolist())
    both = set(leather.items.tolist()) & set(plan.value("shoe").items.tolist())
    assert both
    certificate = auto(shop).start(plan, ["shoe", "leather"], 0.9, count=40)
    item = next(i for i in certificate.candidates.tolist() if i in both)
    assert certificate.values_of([item]) == [("shoe", "leather")]


def test_applying_takes_a_certificate_and_one_undo_takes_it_back(shop_of):
    shop = shop_of(items=800, spread=1.0)
    shop.label("kind", 0.3)
    tagger = auto(shop)
    plan = tagger.plan("kind", CONTROL)
    certificate = tagger.start(plan, ["shoe", "bag"], 0.9, seed=1)
    assert set(certificate.sample.tolist()) <= set(certificate.candidates.tolist())
    found = tagger.unfinished("kind")
    assert found is not None
    assert found.name == certificate.name
    with pytest.raises(VisualSearchError, match="not complete"):
        tagger.apply(certificate.name, CONTROL)
    certificate = judged(shop, certificate)
    assert certificate.standing.state == "certified"
    before = {item: shop.value(item, "kind") for item in certificate.candidates.tolist()}
    applied = tagger.apply(certificate.name, CONTROL)
    assert applied.operation is not None
    operation = shop.decisions.operation(applied.operation)
    assert operation is not None
    assert operation.kind == "auto-tag"
    assert (operation.why or {})["certificate"] == certificate.name
    for item, values in zip(
        certificate.candidates.tolist(), certificate.values_of(certificate.candidates), strict=True
    ):
        if item not in certificate.sample[: certificate.standing.judged]:
            assert shop.value(item, "kind") == list(values)
    with pytest.raises(VisualSearchError, match="used already"):
        tagger.apply(certificate.name, CONTROL)
    shop.decisions.undo()
    assert {item: shop.value(item, "kind") for item in certificate.candidates.tolist()} == before
    assert shop.decisions.verify(CONTROL) == []
    shop.restart()
    assert auto(shop).certificates.get(certificate.name).standing.state == "certified"


def test_too_many_wrong_answers_write_nothing(shop_of):
    shop = shop_of()
    shop.label("kind", 0.4)
    tagger = auto(shop)
    plan = tagger.plan("kind", CONTROL)
    certificate = tagger.start(plan, plan.trusted, 0.95)
    while certificate.standing.state == "open":
        certificate = tagger.certificates.answer(
            certificate.name, CONTROL, wrong=certificate.next_items[:5].tolist()
        )
    assert certificate.standing.state == "failed"
    with pytest.raises(VisualSearchError, match="too many"):
        tagger.apply(certificate.name, CONTROL)
    assert tagger.unfinished("kind") is None
    refused = [i for i, a in zip(certificate.sample.tolist(), certificate.answers, strict=True) if a]
    again = tagger.plan("kind", CONTROL)
    values = dict(zip(refused, certificate.values_of(refused), strict=True))
    assert not any(item in again.value(value).items for item in refused for value in values[item])
    assert tagger.start(again, again.trusted, 0.95).attempt == 2


def test_what_changed_since_the_sample_stops_it(shop_of):
    shop = shop_of(items=800, spread=1.0)
    shop.label("kind", 0.3)
    tagger = auto(shop)
    plan = tagger.plan("kind", CONTROL)
    certificate = judged(shop, tagger.start(plan, plan.trusted, 0.9))
    rest = [i for i in certificate.candidates.tolist() if i not in certificate.sample]
    shop.decisions.apply("set", "other", values=BulkValues(np.array(rest[:1]), "kind", "set", ("bag",)))
    with pytest.raises(VisualSearchError, match="changed since"):
        tagger.apply(certificate.name, CONTROL)


def test_what_cannot_be_planned_is_said(shop_of):
    shop = shop_of(items=60)
    with pytest.raises(UsageError, match="no attribute"):
        auto(shop).plan("kind", CONTROL)
    shop.label("kind", 0.1)
    with pytest.raises(UsageError, match="too few"):
        auto(shop).plan("kind", CONTROL)
    shop.label("kind", 1.0)
    with pytest.raises(UsageError, match="precision"):
        auto(shop).plan("kind", CONTROL, 1.0)
    plan = auto(shop).plan("kind", CONTROL)
    assert plan.without == plan.proposed == 0
    with pytest.raises(UsageError, match="sure enough"):
        auto(shop).start(plan, list(KINDS), 0.95)
    with pytest.raises(UsageError, match="no value"):
        auto(shop).start(plan, ["hat"], 0.95)


def test_a_plan_can_be_cancelled(shop_of):
    shop = shop_of()
    shop.label("kind", 0.4)
    stages: list[str] = []

    def report(progress: Progress) -> None:
        stages.append(progress.stage)
        if len(stages) > 3:
            control.cancel()

    control = JobControl(report)
    with pytest.raises(Cancelled):
        auto(shop).plan("kind", control)
    assert len(stages) == 4


def test_a_cutoff_is_judged_by_pairs_that_did_not_choose_it():
    rng = np.random.default_rng(1)
    rates = []
    for _ in range(60):
        chance = rng.beta(4, 1, 200)
        found = measure(chance, rng.random(200) < chance, np.arange(200) % 5, 200, 0.9)
        rates.append((found.precision.rate, found.precision.judged))
    rate, count = np.array(rates).T
    assert 0.9 < (rate * count).sum() / count.sum() < 0.97
    assert cutoff_of(np.array([0.4, 0.3]), np.array([True, True]), 0.9) == np.inf
    assert cutoff_of(np.empty(0), np.empty(0, bool), 0.9) == np.inf
