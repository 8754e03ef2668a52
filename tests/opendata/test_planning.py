"""Drawing up a plan, having it judged, giving it up: who may, from which state, and what stands against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from catalog import services as catalog
from catalog.models import CatalogEntry
from catalog.services import ItemSpec
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import DomainError, NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.models import Clock
from opendata import services
from opendata.models import OpeningPlan
from tests.factories import opendata as make
from tests.factories.accounts import City, city, staff
from tests.factories.catalog import AT, ROWS, approver_of, entry_in_force, revised_entry, steward_of
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATER = AT + dt.timedelta(hours=2)
Act = Callable[[OpeningPlan], object]


def a_town_with_an_entry() -> tuple[City, CatalogEntry]:
    town = city()
    return town, entry_in_force(town.provider, rows=ROWS)


_kept, begun = kept(a_town_with_an_entry, "begun")


@pytest.fixture
def town(begun: tuple[City, CatalogEntry]) -> City:
    return begun[0]


@pytest.fixture
def entry(begun: tuple[City, CatalogEntry]) -> CatalogEntry:
    return begun[1]


def last_verb(entry: CatalogEntry) -> str:
    return events_of(entry).last().verb  # type: ignore[union-attr]


def by_steward(plan: OpeningPlan) -> dict[str, Any]:
    return {"plan_id": plan.pk, "by": steward_of(plan.entry.provider), "at": LATER}


ACTS: dict[str, Act] = {
    "edit-plan": lambda plan: services.edit_plan(**by_steward(plan), techniques={}),
    "submit-plan": lambda plan: services.submit_plan(**by_steward(plan)),
    "drop-plan": lambda plan: services.drop_plan(**by_steward(plan)),
    "publish": lambda plan: services.publish(**by_steward(plan)),
    "decide-plan": lambda plan: services.decide_plan(
        plan_id=plan.pk, passed=True, by=approver_of(plan.entry.provider), at=LATER
    ),
}


def dropped(entry: CatalogEntry) -> OpeningPlan:
    plan = make.drafted_plan(entry)
    return services.drop_plan(plan_id=plan.pk, by=steward_of(entry.provider), at=AT)


def carried(entry: CatalogEntry) -> OpeningPlan:
    make.carried_out(entry)
    return OpeningPlan.objects.select_related("entry__provider").get(entry=entry)


STATES: dict[str, Callable[[CatalogEntry], OpeningPlan]] = {
    "draft": make.drafted_plan,
    "waiting": make.submitted_plan,
    "refused": make.refused_plan,
    "cleared": make.cleared_plan,
    "published": carried,
    "dropped": dropped,
}
ALLOWED = {
    ("draft", "edit-plan"),
    ("draft", "submit-plan"),
    ("draft", "drop-plan"),
    ("waiting", "decide-plan"),
    ("refused", "edit-plan"),
    ("refused", "drop-plan"),
    ("cleared", "edit-plan"),
    ("cleared", "drop-plan"),
    ("cleared", "publish"),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", ACTS)
def test_each_act_starts_from_its_states_and_from_no_other(entry: CatalogEntry, state: str, verb: str) -> None:
    # given a plan in the state
    plan = STATES[state](entry)
    plan.refresh_from_db()
    before, events = (plan.status, plan.techniques, plan.review_id), events_of(entry).count()
    # when the act is tried
    if (state, verb) in ALLOWED:
        ACTS[verb](plan)
        assert verb == "publish" or last_verb(entry) == verb
        return
    with pytest.raises(WrongState):
        ACTS[verb](plan)
    # then nothing has changed
    plan.refresh_from_db()
    assert (plan.status, plan.techniques, plan.review_id) == before
    assert events_of(entry).count() == events


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        ("edit-plan", {"steward"}),
        ("submit-plan", {"steward"}),
        ("drop-plan", {"steward"}),
        ("publish", {"steward", "approver"}),
        ("decide-plan", {"approver"}),
    ],
)
@pytest.mark.parametrize("who", ["steward", "approver", "other steward", "officer", "supervisor"])
def test_only_the_provider_acts_on_its_plan(
    town: City, entry: CatalogEntry, verb: str, allowed: set[str], who: str
) -> None:
    # given a plan from which the act starts, and somebody
    starts = {"publish": "cleared", "decide-plan": "waiting"}
    plan = STATES[starts.get(verb, "draft")](entry)
    people = {
        "steward": lambda: steward_of(town.provider),
        "approver": lambda: staff(town.provider, Role.APPROVER),
        "other steward": lambda: staff(town.requester, Role.DATA_STEWARD, Role.APPROVER),
        "officer": lambda: staff(town.authority, Role.MUNICIPAL_AUTHORITY),
        "supervisor": lambda: staff(town.government, Role.SUPERVISOR),
    }
    somebody, events = people[who](), events_of(entry).count()
    arguments: dict[str, Any] = {"plan_id": plan.pk, "by": somebody, "at": LATER}
    arguments |= {"edit-plan": {"techniques": {}}, "decide-plan": {"passed": True}}.get(verb, {})
    act = getattr(services, verb.replace("-", "_"))
    # when they act, then only the allowed succeed, and a refusal leaves nothing
    if who in allowed:
        act(**arguments)
        return
    with pytest.raises(NotAllowed):
        act(**arguments)
    assert events_of(entry).count() == events


def test_a_new_plan_leaves_direct_identifiers_out_and_keeps_the_rest(town: City) -> None:
    # given data about persons
    entry = make.people_entry(town.provider)
    # when a plan is drawn up without a choice
    plan = make.drafted_plan(entry)
    # then names and telephones are left out, and the risk was measured on the rows
    assert plan.techniques["name"] == {"technique": "suppress"}
    assert plan.techniques["phone"] == {"technique": "suppress"}
    assert plan.techniques["sex"] == {"technique": "keep"}
    assert plan.detected["phone"]["by"] == "内容"
    assert plan.risk["level"] == 3
    assert plan.risk["smallest_class"] == 25


def test_a_direct_identifier_cannot_be_kept(town: City) -> None:
    entry = make.people_entry(town.provider)
    with pytest.raises(RuleBroken) as broken:
        make.drafted_plan(entry, techniques={"name": {"technique": "keep"}})
    assert set(broken.value.fields) == {"name"}
    assert "第十八条第二款" in broken.value.basis
    assert not OpeningPlan.objects.exists()


def test_a_truncation_that_leaves_names_whole_is_not_submitted(town: City) -> None:
    # given a plan that truncates names to more characters than they have
    entry = make.people_entry(town.provider)
    plan = make.drafted_plan(entry, techniques={"name": {"technique": "truncate", "keep_first": 10}})
    # when it is submitted
    with pytest.raises(RuleBroken) as broken:
        services.submit_plan(plan_id=plan.pk, by=steward_of(town.provider), at=LATER)
    # then the item is named, and the plan is a draft still
    assert set(broken.value.fields) == {"name"}
    plan.refresh_from_db()
    assert (plan.status, plan.review) == ("draft", None)


def test_small_groups_of_persons_are_not_submitted(town: City) -> None:
    # given eight persons: each sex has four
    entry = make.people_entry(town.provider, count=8)
    plan = make.drafted_plan(entry)
    assert plan.risk["level"] == 2
    with pytest.raises(RuleBroken, match="性别"):
        services.submit_plan(plan_id=plan.pk, by=steward_of(town.provider), at=LATER)
    assert not Clock.objects.filter(subject__startswith="catalog.confidentialityreview", stopped_on=None).exists()
    # when the item is left out, then it can be submitted
    services.edit_plan(
        **by_steward(plan), techniques={"sex": {"technique": "suppress"}, "number": {"technique": "suppress"}}
    )
    services.submit_plan(**by_steward(plan))


def test_what_the_catalogue_does_not_list_as_open_has_no_plan(town: City) -> None:
    entry = entry_in_force(
        town.provider, rows=ROWS, is_open=False, closed_ground=2, closed_basis="《中华人民共和国反不正当竞争法》第九条"
    )
    with pytest.raises(RuleBroken, match="先修订目录"):
        make.drafted_plan(entry)


def test_an_entry_has_one_plan_on_its_way(entry: CatalogEntry) -> None:
    make.drafted_plan(entry)
    with pytest.raises(WrongState):
        make.drafted_plan(entry)
    assert OpeningPlan.objects.count() == 1


def test_a_plan_without_data_is_not_submitted(town: City) -> None:
    plan = make.drafted_plan(entry_in_force(town.provider))
    with pytest.raises(RuleBroken, match="还没有汇聚数据"):
        services.submit_plan(**by_steward(plan))


def test_submitting_starts_the_reviewers_clock_at_the_plans_own_page(entry: CatalogEntry) -> None:
    plan = make.submitted_plan(entry)
    clock = Clock.objects.get(kind="confidentiality-review", stopped_on=None)
    assert clock.path == f"/desk/opening/plans/{plan.pk}/review/"
    services.decide_plan(plan_id=plan.pk, passed=True, by=approver_of(entry.provider), at=LATER)
    clock.refresh_from_db()
    assert clock.stopped_on is not None


def test_the_compiler_does_not_judge_even_as_an_approver(town: City, entry: CatalogEntry) -> None:
    # given a steward who is an approver as well
    both = staff(town.provider, Role.DATA_STEWARD, Role.APPROVER)
    plan = services.plan_opening(entry_id=entry.pk, by=both, at=AT)
    services.submit_plan(plan_id=plan.pk, by=steward_of(town.provider), at=AT)
    # when they judge their own plan
    with pytest.raises(NotAllowed):
        services.decide_plan(plan_id=plan.pk, passed=True, by=both, at=LATER)
    # then it still waits
    plan.refresh_from_db()
    assert plan.is_waiting


def test_a_compiler_who_judged_on_the_catalogues_page_cannot_open_by_it(town: City, entry: CatalogEntry) -> None:
    both = staff(town.provider, Role.DATA_STEWARD, Role.APPROVER)
    plan = services.plan_opening(entry_id=entry.pk, by=both, at=AT)
    plan = services.submit_plan(plan_id=plan.pk, by=steward_of(town.provider), at=AT)
    assert plan.review_id is not None
    catalog.decide_confidentiality_review(review_id=plan.review_id, passed=True, by=both, at=LATER)
    with pytest.raises(RuleBroken, match="第二人"):
        services.publish(plan_id=plan.pk, by=both, at=LATER)


def test_deciding_on_the_catalogues_page_counts(entry: CatalogEntry) -> None:
    plan = make.submitted_plan(entry)
    assert plan.review_id is not None
    catalog.decide_confidentiality_review(
        review_id=plan.review_id, passed=True, by=approver_of(entry.provider), at=LATER
    )
    plan.refresh_from_db()
    assert plan.is_cleared
    services.publish(**by_steward(plan))


def test_a_refusal_needs_its_reasons(entry: CatalogEntry) -> None:
    plan = make.submitted_plan(entry)
    with pytest.raises(RuleBroken) as broken:
        services.decide_plan(plan_id=plan.pk, passed=False, by=approver_of(entry.provider), at=LATER)
    assert "opinion" in broken.value.fields
    plan.refresh_from_db()
    assert plan.is_waiting


def test_a_revised_catalogue_sends_a_draft_back_to_be_looked_at(entry: CatalogEntry) -> None:
    # given a draft, and a catalogue revised after it
    plan = make.drafted_plan(entry)
    revised_entry(entry, title="公交线路基本信息")
    with pytest.raises(RuleBroken, match="目录已经修订"):
        services.submit_plan(**by_steward(plan))
    # when it is saved again, then it follows the revision in force
    services.edit_plan(**by_steward(plan), techniques={})
    assert services.submit_plan(**by_steward(plan)).revision.title == "公交线路基本信息"


def test_an_unknown_item_or_technique_is_refused(entry: CatalogEntry) -> None:
    for techniques in ({"ghost": {"technique": "keep"}}, {"name": {"technique": "invent"}}):
        with pytest.raises(DomainError):
            make.drafted_plan(entry, techniques=techniques)
    assert not OpeningPlan.objects.exists()


def test_an_item_marked_by_its_steward_counts_as_an_identifier(town: City) -> None:
    items = (ItemSpec(name="代号", code="alias", data_type="C", sensitivity="direct"), *make.PEOPLE_ITEMS[:1])
    entry = entry_in_force(town.provider, items=items, rows=[{"代号": "阿贵", "编号": "P1"}])
    with pytest.raises(RuleBroken):
        make.drafted_plan(entry, techniques={"alias": {"technique": "keep"}})
