"""The way of a revision: every act from every state, who may, what it leaves behind when denied."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from catalog import services
from catalog.models import CatalogEntry, EntryRevision
from catalog.workflow import WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import running
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATER = make.AT + dt.timedelta(days=2)


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


def in_state(state: RevisionStatus, city: accounts.City) -> EntryRevision:
    """A revision in the state, brought there by the acts."""
    provider = city.provider
    if state == RevisionStatus.DRAFT:
        return make.reviewed_draft(provider)
    if state == RevisionStatus.IN_REVIEW:
        return make.entry_in_review(provider)
    if state == RevisionStatus.IN_APPROVAL:
        return make.entry_in_approval(provider)
    if state == RevisionStatus.SENT_BACK:
        return make.sent_back_entry(provider)
    if state == RevisionStatus.DROPPED:
        revision = make.draft_entry(provider)
        return services.drop(revision_id=revision.pk, by=make.steward_of(provider), at=make.AT)
    entry = make.entry_in_force(provider)
    revision = entry.in_force
    assert revision is not None
    if state == RevisionStatus.SUPERSEDED:
        make.revised_entry(entry, abstract="新的摘要。")
    if state == RevisionStatus.WITHDRAWN:
        services.withdraw(entry_id=entry.pk, by=make.steward_of(provider), at=make.AT, reasons="职能划转。")
    return EntryRevision.objects.get(pk=revision.pk)


ACTS: dict[str, tuple[Callable[..., Any], Callable[[accounts.City], User], dict[str, Any]]] = {
    "edit": (services.edit_revision, lambda city: make.steward_of(city.provider), {"elements": {"abstract": "改。"}}),
    "submit": (services.submit, lambda city: make.steward_of(city.provider), {}),
    "pass-review": (services.pass_review, lambda city: make.officer_over(city.provider), {}),
    "approve": (services.approve, lambda city: make.government_approver_over(city.provider), {}),
    "send-back": (services.send_back, lambda city: make.officer_over(city.provider), {"reasons": "请补充。"}),
    "drop": (services.drop, lambda city: make.steward_of(city.provider), {}),
}


def act(verb: str, revision: EntryRevision, city: accounts.City, by: User | None = None) -> EntryRevision:
    service, who, arguments = ACTS[verb]
    return service(revision_id=revision.pk, by=by or who(city), at=LATER, **arguments)


def everything(revision: EntryRevision) -> tuple[Any, ...]:
    """What must be unchanged by an act that was denied."""
    now = EntryRevision.objects.values().get(pk=revision.pk)
    entry = CatalogEntry.objects.values().get(pk=revision.entry_id)
    clocks = list(Clock.objects.order_by("pk").values_list("pk", "stopped_on"))
    return now, entry, clocks, Event.objects.count(), Notice.objects.count()


@pytest.mark.parametrize("verb", ACTS)
@pytest.mark.parametrize("state", RevisionStatus)
def test_an_act_starts_from_its_states_and_from_no_other(verb: str, state: RevisionStatus, city: accounts.City) -> None:
    # given
    revision = in_state(state, city)
    by = make.government_approver_over(city.provider) if (verb, state) == ("send-back", "in-approval") else None
    before = everything(revision)
    allowed = state in WORKFLOW[verb].sources

    # when
    if allowed:
        act(verb, revision, city, by)
    else:
        with pytest.raises((WrongState, NotAllowed)) as refused:
            act(verb, revision, city, make.government_approver_over(city.provider) if verb == "send-back" else None)
        assert refused.type is WrongState

    # then
    revision.refresh_from_db()
    if allowed:
        assert revision.status == (WORKFLOW[verb].target or state)
        event = events_of(revision.entry).last()
        assert event is not None
        assert (event.verb, event.basis) == (verb, str(WORKFLOW[verb].basis))
        assert event.payload["revision"] == revision.number
    else:
        assert everything(revision) == before


@pytest.mark.parametrize("verb", ACTS)
def test_an_act_is_not_for_people_of_another_agency(verb: str, city: accounts.City) -> None:
    # given
    state = next(state for state in RevisionStatus if state in WORKFLOW[verb].sources)
    revision = in_state(state, city)
    stranger = accounts.staff(city.requester, Role.DATA_STEWARD, Role.APPROVER)
    before = everything(revision)

    # when
    with pytest.raises(NotAllowed):
        act(verb, revision, city, stranger)

    # then
    assert everything(revision) == before


def test_submitting_starts_the_authoritys_clock_and_tells_it(city: accounts.City) -> None:
    # given
    officer = make.officer_over(city.provider)
    revision = make.reviewed_draft(city.provider)

    # when
    services.submit(revision_id=revision.pk, by=make.steward_of(city.provider), at=make.AT)

    # then
    clock = running(revision, "catalog-review")
    assert clock is not None
    assert (clock.owed_by, clock.statutory) == (city.authority, False)
    assert clock.path == revision.get_absolute_url()
    assert Notice.objects.filter(recipient=officer, path=revision.get_absolute_url()).count() == 1


def test_passing_the_review_hands_the_case_to_the_government_of_the_same_level(city: accounts.City) -> None:
    # given
    revision = make.entry_in_review(city.county_department)

    # when
    officer = make.officer_over(city.county_department)
    services.pass_review(revision_id=revision.pk, by=officer, at=LATER)

    # then
    assert officer.roles.get().agency == city.county_authority
    assert running(revision, "catalog-review") is None
    clock = running(revision, "catalog-approval")
    assert clock is not None
    assert clock.owed_by == city.county_government


def test_a_township_is_reviewed_by_its_countys_authority(city: accounts.City) -> None:
    # given, when
    revision = make.entry_in_review(city.township)

    # then
    clock = running(revision, "catalog-review")
    assert clock is not None
    assert clock.owed_by == city.county_authority


def test_what_a_county_approves_is_reported_up_to_the_municipal_authority(city: accounts.City) -> None:
    # given
    municipal = accounts.staff(city.authority, Role.MUNICIPAL_AUTHORITY)
    revision = make.entry_in_approval(city.county_department)

    # when
    by = make.government_approver_over(city.county_department)
    services.approve(revision_id=revision.pk, by=by, at=LATER)

    # then
    assert Notice.objects.filter(recipient=municipal, title__startswith="县级目录已上报汇总").count() == 1


def test_approval_publishes_on_its_day_and_stops_the_clock(city: accounts.City) -> None:
    # given
    revision = make.entry_in_approval(city.provider)

    # when
    approver = make.government_approver_over(city.provider)
    services.approve(revision_id=revision.pk, by=approver, at=LATER)

    # then
    entry = CatalogEntry.objects.get(pk=revision.entry_id)
    assert entry.in_force_id == revision.pk
    assert entry.in_force is not None
    assert entry.in_force.in_force_on == dt.date(2026, 9, 3)
    assert running(revision, "catalog-approval") is None


def test_a_new_revision_supersedes_the_one_in_force(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    first = entry.in_force
    assert first is not None

    # when
    second = make.revised_entry(entry, abstract="新的摘要。")

    # then
    first.refresh_from_db()
    entry.refresh_from_db()
    assert (first.status, entry.in_force_id, second.number) == ("superseded", second.pk, 2)


def test_only_one_revision_is_under_way_at_a_time(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)

    # when
    with pytest.raises(WrongState):
        services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)

    # then
    assert entry.revisions.count() == 2


def test_the_reviewer_does_not_approve_too_even_under_another_account(city: accounts.City) -> None:
    # given
    person = accounts.staff(city.authority, Role.MUNICIPAL_AUTHORITY)
    accounts.give_role(person, city.government, Role.GOVERNMENT_APPROVER)
    revision = make.entry_in_review(city.provider)
    services.pass_review(revision_id=revision.pk, by=person, at=LATER)
    before = everything(revision)

    # when
    with pytest.raises(NotAllowed, match="同一人"):
        services.approve(revision_id=revision.pk, by=person, at=LATER)

    # then
    assert everything(revision) == before


def test_whoever_compiled_does_not_review(city: accounts.City) -> None:
    # given
    person = accounts.staff(city.authority, Role.DATA_STEWARD, Role.MUNICIPAL_AUTHORITY)
    revision = make.draft_entry(city.authority, by=person)
    make.pass_confidentiality(revision)
    services.submit(revision_id=revision.pk, by=person, at=make.AT)

    # when, then
    with pytest.raises(NotAllowed, match="编制人"):
        services.pass_review(revision_id=revision.pk, by=person, at=LATER)
    revision.refresh_from_db()
    assert revision.status == RevisionStatus.IN_REVIEW


@pytest.mark.parametrize("reasons", ["", "   "])
def test_sending_back_without_reasons_is_refused(reasons: str, city: accounts.City) -> None:
    # given
    revision = make.entry_in_review(city.provider)
    before = everything(revision)

    # when
    with pytest.raises(RuleBroken) as refused:
        services.send_back(revision_id=revision.pk, by=make.officer_over(city.provider), at=LATER, reasons=reasons)

    # then
    assert "reasons" in refused.value.fields
    assert "第十一条" in refused.value.basis
    assert everything(revision) == before


def test_withdrawing_needs_reasons_and_ends_the_entry(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider, rows=make.ROWS)
    steward = make.steward_of(city.provider)

    # when
    with pytest.raises(RuleBroken):
        services.withdraw(entry_id=entry.pk, by=steward, at=LATER, reasons=" ")
    entry.refresh_from_db()
    assert entry.in_force is not None
    services.withdraw(entry_id=entry.pk, by=steward, at=LATER, reasons="职能已划转市城管局。")

    # then
    entry.refresh_from_db()
    assert (entry.in_force, entry.current_data) == (None, None)
    event = events_of(entry).last()
    assert event is not None
    assert (event.verb, event.payload["reasons"]) == ("withdraw", "职能已划转市城管局。")


def test_a_withdrawal_waits_for_the_revision_under_way(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)

    # when, then
    with pytest.raises(WrongState):
        services.withdraw(entry_id=entry.pk, by=make.steward_of(city.provider), at=LATER, reasons="职能划转。")
    entry.refresh_from_db()
    assert entry.in_force is not None
