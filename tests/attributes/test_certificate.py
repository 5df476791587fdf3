"""Certificates: the plan keeps its risk, exactly and in simulation; nothing is written without one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from visualsearch.attributes.certificate import (
    RISK,
    WANTED,
    Certificate,
    Look,
    bounds,
    looks,
    risk_of,
    standing,
)
from visualsearch.attributes.target import Target
from visualsearch.catalog.decisions import Judgement, ValueChange
from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.jobs import JobControl


def chance_to_pass(plan: tuple[Look, ...], population: int, bad: int) -> float:
    """Exactly, from look to look by the hypergeometric distribution (the plan is made answer by answer)."""
    going, passed, drawn = {0: 1.0}, 0.0, 0
    for look in plan:
        after: dict[int, float] = {}
        for wrong, chance in going.items():
            more = np.arange(look.answers - drawn + 1)
            chances = hypergeom.pmf(more, population - drawn, bad - wrong, look.answers - drawn)
            for extra, part in zip(more.tolist(), chances.tolist(), strict=True):
                after[wrong + extra] = after.get(wrong + extra, 0.0) + chance * part
        passed += sum(chance for wrong, chance in after.items() if wrong <= look.allowed)
        going = {wrong: chance for wrong, chance in after.items() if wrong > look.allowed and chance > 0}
        drawn = look.answers
    return passed


def least_bad(population: int, wanted: float) -> int:
    return next(bad for bad in range(population + 1) if (population - bad) < round(wanted * population, 9))


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("population", [12, 45, 130, 1500])
def test_a_set_just_under_the_wanted_precision_passes_no_more_often_than_it_may(
    population: int, wanted: float
):
    for attempt in (1, 2, 3):
        plan = looks(population, wanted, risk_of(attempt))
        assert [look.allowed for look in plan] == list(range(len(plan)))
        assert all(a.answers <= b.answers for a, b in itertools.pairwise(plan))
        bad = least_bad(population, wanted)
        assert chance_to_pass(plan, population, bad) <= risk_of(attempt) + 1e-9
        assert chance_to_pass(plan, population, min(population, 2 * bad)) <= risk_of(attempt)


def test_all_attempts_together_keep_the_risk():
    assert sum(risk_of(attempt) for attempt in range(1, 60)) <= RISK + 1e-12


def bound_at(plan: tuple[Look, ...], look: Look, population: int, attempt: int) -> float:
    """The bound of a set that passes at a look, and at none before: what is wrong came first."""
    answers = ["wrong"] * look.allowed + ["right"] * (look.answers - look.allowed)
    found = standing(plan, answers, population, attempt)  # type: ignore[arg-type]
    assert (found.state, found.judged) == ("certified", look.answers)
    return found.bound


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3000), st.sampled_from(WANTED), st.integers(1, 4))
def test_what_passes_has_a_bound_of_at_least_what_was_wanted(population: int, wanted: float, attempt: int):
    plan = looks(population, wanted, risk_of(attempt))
    for look in plan:
        finite, infinite = bounds(look.allowed, look.answers, population)
        assert finite >= infinite - 1e-9
        assert finite >= bound_at(plan, look, population, attempt) >= wanted - 1e-9


@pytest.mark.parametrize("population", [50, 300])
@pytest.mark.parametrize("wanted", WANTED)
def test_the_bound_of_what_passed_is_seldom_too_high_over_all_looks_and_attempts(
    population: int, wanted: float
):
    """Exactly, of a person who tries four times, where it is likeliest: one wrong item more than a bound allows."""
    plans = [looks(population, wanted, risk_of(attempt)) for attempt in (1, 2, 3, 4)]
    claims = [
        [(look, bound_at(plan, look, population, attempt)) for look in plan]
        for attempt, plan in enumerate(plans, 1)
    ]
    worst = {round((1 - bound) * population) + 1 for found in claims for _, bound in found}
    for bad in worst:
        risk = 0.0
        for plan, found in zip(plans, claims, strict=True):
            overstated = [look for look, bound in found if bound > 1 - bad / population + 1e-9]
            assert overstated == list(plan[: len(overstated)]), "an earlier pass proves more"
            risk += chance_to_pass(tuple(overstated), population, bad) if overstated else 0.0
        assert risk <= RISK


def test_a_large_set_needs_about_as_many_answers_as_one_look_would():
    plan = looks(1_000_000, 0.95, risk_of(1))
    assert 59 <= plan[0].answers <= 75  # 59 of 59 would do with one look and one attempt
    assert bounds(0, 59, 1_000_000)[1] == pytest.approx(0.9505, abs=1e-4)


def test_simulated_people_who_look_after_every_answer_are_rarely_misled():
    rng = np.random.default_rng(8)
    misled = 0
    for number in range(1000):
        wanted = WANTED[number % 3]
        population = int(rng.choice([60, 300, 2000]))
        bad = least_bad(population, wanted)
        for attempt in (1, 2, 3):
            plan = looks(population, wanted, risk_of(attempt))
            answers = np.where(
                rng.permutation(population)[: plan[-1].answers] < bad, "wrong", "right"
            ).tolist()
            if standing(plan, answers, population).state == "certified":
                misled += 1
                break
    assert misled <= 50


def test_only_the_unbroken_beginning_of_the_sample_counts():
    plan = (Look(3, 0), Look(5, 1))
    assert standing(plan, [None, "right", "right", "right", "right"], 100).until == 3
    found = standing(plan, ["right", "right", None, "right", "right"], 100)
    assert (found.state, found.judged, found.until) == ("open", 2, 1)
    assert standing(plan, ["right"] * 3 + [None] * 2, 100).state == "certified"


def test_unsure_counts_as_wrong_and_too_many_wrong_answers_fail_at_once():
    plan = (Look(3, 0), Look(5, 1))
    assert standing(plan, ["right", "unsure", "right", None, None], 100).until == 2
    assert standing(plan, ["right", "unsure", "right", "right", "right"], 100).state == "certified"
    assert standing(plan, ["wrong", "wrong", None, None, None], 100).state == "failed"
    assert standing(plan, ["right", "wrong", "right", "wrong", "right"], 100).state == "failed"


@pytest.mark.parametrize(("population", "wanted"), [(0, 0.95), (100, 1.0), (100, 0.2)])
def test_what_cannot_be_certified_is_said(population: int, wanted: float):
    with pytest.raises(UsageError):
        looks(population, wanted, RISK)


# With a catalog


TARGET = Target("kind", "shoe")
CONTROL = JobControl()


@pytest.fixture
def shop(shop_of):
    made = shop_of(spread=0.6)
    made.label("kind", 0.3)
    return made


def judged(shop, certificate: Certificate) -> Certificate:
    """Answer truly until it is decided."""
    while certificate.standing.state == "open":
        items = certificate.next_items
        wrong = shop.wrong(items, "shoe")
        right = [int(item) for item in items if item not in wrong]
        certificate = shop.tagging.certificates.answer(certificate.name, CONTROL, right=right, wrong=wrong)
    return certificate


def shoes(shop) -> set[int]:
    return set(np.flatnonzero(TARGET.having(shop.engine.snapshot)).tolist())


def test_accepting_writes_exactly_the_rest_and_one_undo_takes_it_back(shop):
    certificates = shop.tagging.certificates
    before = shoes(shop)
    certificate = certificates.start(TARGET, 0.9, CONTROL, count=60, seed=4)
    assert len(certificate.candidates) == 60
    assert set(certificate.sample.tolist()) <= set(certificate.candidates.tolist())
    assert not before & set(certificate.candidates.tolist())
    assert shoes(shop) == before
    certificate = judged(shop, certificate)
    assert certificate.standing.state == "certified"
    between = shoes(shop)
    applied = certificates.accept(certificate.name, CONTROL)
    wrong = {int(i) for i, a in zip(certificate.sample, certificate.answers, strict=True) if a == "wrong"}
    assert shoes(shop) == before | set(certificate.candidates.tolist()) - wrong
    operation = shop.decisions.operation(applied.operation or 0)
    assert operation is not None
    assert operation.kind == "accept-rest"
    assert (operation.why or {})["certificate"] == certificate.name
    kept = certificates.get(certificate.name)
    assert kept.accepted is not None
    assert kept.accepted["bound"] >= 0.9
    shop.decisions.undo()
    assert shoes(shop) == between
    assert certificates.get(certificate.name).accepted is None


def test_nothing_is_accepted_before_the_sample_is_judged(shop):
    certificates = shop.tagging.certificates
    certificate = certificates.start(TARGET, 0.9, CONTROL, count=60)
    before = shoes(shop)
    with pytest.raises(VisualSearchError, match="not complete"):
        certificates.accept(certificate.name, CONTROL)
    certificates.answer(certificate.name, CONTROL, right=certificate.next_items[:-1].tolist())
    with pytest.raises(VisualSearchError, match="1 more"):
        certificates.accept(certificate.name, CONTROL)
    assert shoes(shop) == before | set(certificate.next_items[:-1].tolist())


def test_a_bad_set_fails_and_its_wrong_items_are_rejections(shop):
    certificates = shop.tagging.certificates
    open_ = len(shop.session("kind=shoe").situation(CONTROL).candidates)
    certificate = judged(shop, certificates.start(TARGET, 0.9, CONTROL, count=open_))
    assert certificate.standing.state == "failed"
    assert certificates.latest(TARGET) is None
    with pytest.raises(VisualSearchError, match="too many"):
        certificates.accept(certificate.name, CONTROL)
    items, _, answers = shop.decisions.judgements(TARGET.subject)
    assert set(shop.wrong(certificate.sample[: certificate.standing.judged], "shoe")) == {
        int(item) for item, answer in zip(items, answers, strict=True) if answer == "no"
    }


@pytest.mark.parametrize("change", ["other value", "rejected"])
def test_changed_candidates_are_not_accepted(shop, change: str):
    certificates = shop.tagging.certificates
    certificate = judged(shop, certificates.start(TARGET, 0.9, CONTROL, count=60, seed=4))
    rest = [
        i
        for i in certificate.candidates.tolist()
        if i not in certificate.sample[: certificate.standing.judged]
    ]
    if change == "rejected":
        shop.decisions.apply("reject", "no", judgements=[Judgement(TARGET.subject, rest[0], "no")])
    else:
        shop.decisions.apply("set", "bag", values=[ValueChange(rest[0], "kind", ("bag",))])
    before = shoes(shop)
    with pytest.raises(VisualSearchError, match="1 of the candidates"):
        certificates.accept(certificate.name, CONTROL)
    assert shoes(shop) == before
    shop.decisions.undo()
    assert certificates.accept(certificate.name, CONTROL).changed > 0


def test_each_answer_counts_once_and_only_of_the_sample(shop):
    certificates = shop.tagging.certificates
    certificate = certificates.start(TARGET, 0.9, CONTROL, count=60)
    item = int(certificate.sample[0])
    outside = int(shop.of("bag")[0])
    for right, wrong in (([item], [item]), ([outside], [])):
        with pytest.raises(UsageError):
            certificates.answer(certificate.name, CONTROL, right=right, wrong=wrong)
    certificates.answer(certificate.name, CONTROL, wrong=[item])
    with pytest.raises(UsageError):
        certificates.answer(certificate.name, CONTROL, right=[item])
    shop.decisions.undo()
    assert certificates.get(certificate.name).answers[0] is None


def test_trying_again_costs_more_answers_even_when_the_first_try_was_undone(shop):
    certificates = shop.tagging.certificates
    first = certificates.start(TARGET, 0.9, CONTROL, count=60)
    again = certificates.start(TARGET, 0.9, CONTROL, count=60)
    assert (first.attempt, again.attempt) == (1, 1)  # nobody has looked yet
    assert first.name != again.name
    certificates.answer(first.name, CONTROL, wrong=first.sample[:1].tolist())
    shop.decisions.undo()
    later = certificates.start(TARGET, 0.9, CONTROL, count=60)
    assert later.attempt == 2
    assert later.plan[0].answers > first.plan[0].answers


def test_a_certificate_outlives_a_restart(shop):
    certificate = shop.tagging.certificates.start(TARGET, 0.9, CONTROL, count=60)
    shop.tagging.certificates.answer(certificate.name, CONTROL, right=certificate.sample[:5].tolist())
    shop.restart()
    kept = shop.tagging.certificates.latest(TARGET)
    assert kept is not None
    assert kept.standing.judged == 5
    assert (kept.candidates == certificate.candidates).all()


def test_an_unknown_certificate_is_said(shop):
    with pytest.raises(VisualSearchError, match="no certificate"):
        shop.tagging.certificates.get("none")
