"""Every act on an application: from where, by whom, and all or nothing (第十五条第二款)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from guiyang_data.errors import DomainError, NotAllowed, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from sharing import services
from sharing.models import SharingApplication, SharingGrant
from sharing.workflow import APPLICATION_WORKFLOW, ApplicationStatus
from tests.factories import sharing as made
from tests.factories.accounts import staff, system
from tests.factories.catalog import steward_of
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

Act = Callable[[made.Scene, SharingApplication], Any]

ACTS: dict[str, Act] = {
    "agree": lambda scene, case: services.agree(application_id=case.pk, by=scene.approver, at=made.later(3)),
    "agree-in-part": lambda scene, case: services.agree_in_part(
        application_id=case.pk, by=scene.approver, at=made.later(3), items=["route"], reasons=made.REASONS
    ),
    "refuse": lambda scene, case: services.refuse(
        application_id=case.pk, by=scene.approver, at=made.later(3), reasons=made.REASONS
    ),
    "draft-reply": lambda scene, case: services.draft_reply(
        application_id=case.pk, by=scene.steward, at=made.later(3), outcome="agree"
    ),
    "withdraw": lambda scene, case: services.withdraw_application(
        application_id=case.pk, by=scene.asker, at=made.later(3)
    ),
    "request-coordination": lambda scene, case: services.request_coordination(
        application_id=case.pk, by=scene.asker, at=made.later(3), reasons="确需使用"
    ),
    "grant-on-opinion": lambda scene, case: services.grant_on_opinion(
        application_id=case.pk, by=scene.approver, at=made.later(6)
    ),
}


def withdrawn(scene: made.Scene) -> SharingApplication:
    return ACTS["withdraw"](scene, made.application(scene))


def granted_on_opinion(scene: made.Scene) -> SharingApplication:
    case = made.opinion_to_provide(scene)
    ACTS["grant-on-opinion"](scene, case.application)
    return made.fresh(case.application)


IN_STATE: dict[str, Callable[[made.Scene], SharingApplication]] = {
    "submitted": made.application,
    "agreed": lambda scene: made.agreed_grant(scene).source,
    "agreed-in-part": made.agreed_in_part,
    "refused": made.refused_application,
    "withdrawn": withdrawn,
    "granted-on-opinion": granted_on_opinion,
}


_kept, scene = kept(made.scene)


def snapshot(case: SharingApplication) -> tuple[Any, ...]:
    """Everything an act could have changed."""
    row = SharingApplication.objects.filter(pk=case.pk).values().get()
    clocks = list(Clock.objects.order_by("pk").values())
    return row, clocks, SharingGrant.objects.count(), Event.objects.count(), Notice.objects.count()


def test_each_act_leads_from_each_of_its_sources_where_the_table_says() -> None:
    walked = set()
    for verb in ("agree", "agree-in-part", "refuse", "draft-reply", "withdraw"):
        with transaction.atomic():
            scene = made.scene()
            case = made.application(scene)
            ACTS[verb](scene, case)
            target = APPLICATION_WORKFLOW[verb].target
            assert made.fresh(case).status == (target or "submitted")
            assert events_of(case).filter(verb=verb, refused=False).exists()
            walked.add(verb)
            transaction.set_rollback(True)
    assert walked == {v for v in ACTS if APPLICATION_WORKFLOW[v].sources == {"submitted"}}


@pytest.mark.parametrize("status", [status.value for status in ApplicationStatus])
def test_no_act_starts_from_a_state_that_is_not_its_source(scene: made.Scene, status: str) -> None:
    case = IN_STATE[status](scene)
    assert case.status == status
    for verb, act in ACTS.items():
        if status in APPLICATION_WORKFLOW[verb].sources:
            continue
        before = snapshot(case)
        with pytest.raises(WrongState):
            act(scene, case)
        assert snapshot(case) == before, verb


MAY = {
    "agree": {"approver", "provider-system"},
    "agree-in-part": {"approver", "provider-system"},
    "refuse": {"approver", "provider-system"},
    "draft-reply": {"approver", "steward", "provider-system"},
    "withdraw": {"asker", "asker-approver", "asker-system"},
}


def test_each_act_is_done_by_those_whose_it_is_and_by_nobody_else(scene: made.Scene) -> None:
    case = made.application(scene)
    people = {
        "approver": scene.approver,
        "steward": scene.steward,
        "provider-system": system(scene.provider).user,
        "provider-supervisor": staff(scene.provider, "supervisor"),
        "provider-admin": staff(scene.provider, "system-admin"),
        "asker": scene.asker,
        "asker-approver": staff(scene.requester, "approver"),
        "asker-system": system(scene.requester).user,
        "outsider": scene.outsider,
        "coordinator": scene.coordinator,
        "officer": staff(scene.city.authority, "municipal-authority"),
        "government": made.government_approver(),
    }
    calls: dict[str, Callable[[Any], Any]] = {
        "agree": lambda by: services.agree(application_id=case.pk, by=by, at=made.later(3)),
        "agree-in-part": lambda by: services.agree_in_part(
            application_id=case.pk, by=by, at=made.later(3), items=["route"], reasons=made.REASONS
        ),
        "refuse": lambda by: services.refuse(application_id=case.pk, by=by, at=made.later(3), reasons=made.REASONS),
        "draft-reply": lambda by: services.draft_reply(
            application_id=case.pk, by=by, at=made.later(3), outcome="agree"
        ),
        "withdraw": lambda by: services.withdraw_application(application_id=case.pk, by=by, at=made.later(3)),
    }
    for verb, call in calls.items():
        for name, by in people.items():
            before = snapshot(case)
            if name in MAY[verb]:
                with transaction.atomic():
                    call(by)
                    transaction.set_rollback(True)
                continue
            with pytest.raises(NotAllowed):
                call(by)
            assert snapshot(case) == before, (verb, name)


def test_an_act_that_fails_in_the_middle_changes_nothing(scene: made.Scene) -> None:
    # given limits that are only looked at when the grant is opened, after reply and clock
    case = made.application(scene)
    before = snapshot(case)
    with pytest.raises(DomainError):
        services.agree(
            application_id=case.pk, by=scene.approver, at=made.later(3), limits=services.Limits(calls_per_minute=0)
        )
    assert snapshot(case) == before


def test_the_second_of_two_replies_comes_too_late(scene: made.Scene) -> None:
    case = made.application(scene)
    ACTS["refuse"](scene, case)
    with pytest.raises(WrongState, match="不同意"):
        ACTS["agree"](scene, case)
    assert not SharingGrant.objects.exists()


def test_who_asks_and_who_answers_may_be_any_two_agencies() -> None:
    # a county department applies to a municipal one
    scene = made.scene()
    asker = steward_of(scene.city.county_department)
    case = services.apply(
        entry_id=scene.entry.pk,
        requester=scene.city.county_department,
        by=asker,
        at=made.AT,
        wish=made.wish(),
    )
    assert case.requester == scene.city.county_department
