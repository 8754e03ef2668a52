"""Grants given in advance, suspended, resumed, ended; takings; what follows from the catalogue (第十五条、第十七条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from catalog import services as catalog
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import clocks_of
from sharing import services
from sharing.models import SharingGrant, Taking
from sharing.reactions import react
from sharing.workflow import GRANT_WORKFLOW, GrantStatus
from tests.factories import sharing as made
from tests.factories.accounts import staff, system
from tests.factories.catalog import ROWS, gather
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ACTS: dict[str, Callable[..., Any]] = {
    "suspend": services.suspend_grant,
    "resume": services.resume_grant,
    "end": services.end_grant,
}


_kept, scene = kept(made.scene)


def do(verb: str, grant: SharingGrant, by: Any, reasons: str = "核查使用情况") -> SharingGrant:
    return ACTS[verb](grant_id=grant.pk, by=by, at=made.later(5), reasons=reasons)


def in_state(scene: made.Scene, status: str) -> SharingGrant:
    grant = made.standing_grant(scene)
    if status == GrantStatus.SUSPENDED:
        return do("suspend", grant, scene.approver)
    if status == GrantStatus.ENDED:
        return do("end", grant, scene.approver)
    return grant


def snapshot(grant: SharingGrant) -> tuple[Any, ...]:
    row = SharingGrant.objects.filter(pk=grant.pk).values().get()
    return row, Event.objects.count(), Notice.objects.count()


# --- in advance --------------------------------------------------------------------------------------


def test_a_standing_grant_needs_no_application(scene: made.Scene) -> None:
    grant = made.standing_grant(scene)
    assert grant.source is None
    assert grant.valid_until is None
    assert grant.supplied_on == made.AT.date()
    assert events_of(grant).get().verb == "grant"
    assert Notice.objects.filter(recipient=scene.asker, title__contains="获得数据授权").exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"duty": ""}, "duty"),
        ({"purpose": " "}, "purpose"),
        ({"items": []}, "items"),
        ({"items": ["nothing"]}, "items"),
        ({"valid_until": dt.date(2026, 11, 1)}, "valid_until"),
        ({"row_condition": [{"code": "length", "operator": "ge", "value": "很长"}]}, "row_condition"),
        ({"limits": services.Limits(rows_per_day=0)}, "rows_per_day"),
    ],
)
def test_incomplete_terms_name_their_field(scene: made.Scene, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        made.standing_grant(scene, **changed)
    assert field in refused.value.fields
    assert not SharingGrant.objects.exists()


def test_unconditional_data_needs_no_grant() -> None:
    with pytest.raises(RuleBroken, match="无条件共享"):
        made.standing_grant(made.scene(sharing_type="unconditional"))


def test_only_the_provider_grants(scene: made.Scene) -> None:
    terms = services.StandingTerms(items=["route"], duty="职责", purpose="用途", valid_from=made.AT.date())
    others = [scene.asker, scene.outsider, scene.coordinator, staff(scene.provider, "supervisor")]
    for by in others:
        with pytest.raises(NotAllowed):
            services.grant_standing(entry_id=scene.entry.pk, grantee=scene.requester, by=by, at=made.AT, terms=terms)
    assert not SharingGrant.objects.exists()


def test_an_agency_grants_nothing_to_itself_and_names_no_foreign_system(scene: made.Scene) -> None:
    terms = services.StandingTerms(items=["route"], duty="职责", purpose="用途", valid_from=made.AT.date())
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("grantee", {"grantee": scene.provider}),
        ("system", {"grantee": scene.requester, "system": system(scene.city.authority)}),
    ]
    for field, arguments in wrong:
        with pytest.raises(RuleBroken) as refused:
            services.grant_standing(entry_id=scene.entry.pk, by=scene.steward, at=made.AT, terms=terms, **arguments)
        assert field in refused.value.fields


# --- suspended, resumed, ended -----------------------------------------------------------------------


@pytest.mark.parametrize("verb", list(ACTS))
@pytest.mark.parametrize("status", [status.value for status in GrantStatus])
def test_each_act_starts_only_from_its_sources(scene: made.Scene, verb: str, status: str) -> None:
    grant = in_state(scene, status)
    if status in GRANT_WORKFLOW[verb].sources:
        do(verb, grant, scene.approver)
        assert made.fresh(grant).status == GRANT_WORKFLOW[verb].target
        event = events_of(grant).filter(verb=verb).last()
        assert event is not None
        assert event.payload["reasons"] == "核查使用情况"
        return
    before = snapshot(grant)
    with pytest.raises(WrongState):
        do(verb, grant, scene.approver)
    assert snapshot(grant) == before


@pytest.mark.parametrize("verb", list(ACTS))
def test_no_change_without_reasons(scene: made.Scene, verb: str) -> None:
    grant = in_state(scene, "suspended" if verb == "resume" else "active")
    before = snapshot(grant)
    with pytest.raises(RuleBroken) as refused:
        do(verb, grant, scene.approver, reasons=" ")
    assert "reasons" in refused.value.fields
    assert snapshot(grant) == before


@pytest.mark.parametrize(
    ("verb", "who"),
    [
        ("suspend", {"steward", "approver"}),
        ("resume", {"steward", "approver"}),
        ("end", {"steward", "approver", "asker", "platform"}),
    ],
)
def test_each_act_is_done_by_those_whose_it_is(scene: made.Scene, verb: str, who: set[str]) -> None:
    grant = in_state(scene, "suspended" if verb == "resume" else "active")
    people: dict[str, Any] = {
        "steward": scene.steward,
        "approver": scene.approver,
        "asker": scene.asker,
        "platform": PLATFORM,
        "outsider": scene.outsider,
        "coordinator": scene.coordinator,
        "system": system(scene.requester).user,
        "admin": staff(scene.provider, "security-admin"),
    }
    for name, by in people.items():
        if name in who:
            with transaction.atomic():
                do(verb, grant, by)
                transaction.set_rollback(True)
            continue
        before = snapshot(grant)
        with pytest.raises(NotAllowed):
            do(verb, grant, by)
        assert snapshot(grant) == before, name


def test_both_agencies_are_told(scene: made.Scene) -> None:
    grant = made.standing_grant(scene)
    do("suspend", grant, scene.approver)
    told = set(Notice.objects.filter(title__startswith="暂停授权").values_list("recipient", flat=True))
    assert {scene.asker.pk, scene.steward.pk, scene.approver.pk} <= told


def test_ending_an_unsupplied_grant_ends_the_wait_for_data() -> None:
    scene = made.scene(rows=())
    grant = made.agreed_grant(scene)
    do("end", grant, scene.asker)
    (clock,) = clocks_of(grant)
    assert clock.stopped_by == "superseded"


# --- takings -----------------------------------------------------------------------------------------


def test_a_taking_records_its_duty_and_is_an_event() -> None:
    scene = made.scene(sharing_type="unconditional")
    taking = made.taking(scene, case_number="JZ-7")
    assert (taking.agency, taking.duty, taking.case_number) == (scene.requester, "急救站点规划", "JZ-7")
    assert events_of(taking).get().verb == "declare-taking"


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"duty": ""}, "duty"), ({"purpose": ""}, "purpose"), ({"terms_accepted": False}, "terms_accepted")],
)
def test_a_taking_without_duty_purpose_or_promise_is_none(changed: dict[str, Any], field: str) -> None:
    scene = made.scene(sharing_type="unconditional")
    with pytest.raises(RuleBroken) as refused:
        made.taking(scene, **changed)
    assert field in refused.value.fields
    assert not Taking.objects.exists()


def test_conditional_data_is_not_taken(scene: made.Scene) -> None:
    with pytest.raises(RuleBroken, match="有条件共享"):
        made.taking(scene)
    assert not Taking.objects.exists()


def test_any_member_or_system_takes_but_no_mere_administrator() -> None:
    scene = made.scene(sharing_type="unconditional")
    for by in (staff(scene.requester, "supervisor"), system(scene.requester).user):
        made.taking(scene, by=by)
    refused: list[User] = [staff(scene.requester, "system-admin"), scene.outsider]
    for by in refused:
        with pytest.raises(NotAllowed):
            made.taking(scene, by=by)
    assert Taking.objects.count() == 2


# --- following the catalogue -------------------------------------------------------------------------


def follow() -> None:
    seal(at=made.later(20))
    react(made.later(20), made.later(20).date())


def test_gathered_data_meets_the_target_and_is_told() -> None:
    scene = made.scene(rows=())
    grant = made.agreed_grant(scene)
    gather(scene.entry, ROWS, at=made.later(2))

    # when the sweep follows the ledger, twice
    follow()
    follow()

    # then the target is met on the day of gathering, not of the sweep
    (clock,) = clocks_of(grant)
    assert made.fresh(grant).supplied_on == made.later(2).date()
    assert (clock.stopped_on, clock.stopped_by) == (made.later(2).date(), "done")
    assert Notice.objects.filter(recipient=scene.asker, title__startswith="数据已可读取").count() == 1


def test_a_withdrawn_entry_ends_its_grants_and_tells_the_grantees(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    catalog.withdraw(entry_id=scene.entry.pk, by=scene.steward, at=made.later(4), reasons="职能划转")

    follow()
    follow()

    grant = made.fresh(grant)
    assert (grant.status, grant.ended_on) == ("ended", made.later(4).date())
    assert "目录条目已经撤销" in grant.status_reasons
    assert events_of(grant).filter(verb="end").count() == 1
    assert Notice.objects.filter(recipient=scene.asker, title__startswith="终止授权").count() == 1


def test_a_withdrawn_entry_is_told_to_those_who_took_it() -> None:
    scene = made.scene(sharing_type="unconditional")
    made.taking(scene)
    catalog.withdraw(entry_id=scene.entry.pk, by=scene.steward, at=made.later(4), reasons="职能划转")
    follow()
    assert Notice.objects.filter(recipient=scene.asker, title__contains="已撤销目录").count() == 1


def test_other_entries_grants_are_left_alone(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    follow()
    assert made.fresh(grant).status == "active"
