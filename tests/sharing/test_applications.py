"""Applying, replying, withdrawing: every transition, the clock, the notices, the record (第十五条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from guiyang_data.errors import NotAllowed, RuleBroken
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of
from sharing import services
from sharing.models import SharingApplication, SharingGrant
from tests.factories import sharing as made
from tests.factories.accounts import system
from tests.factories.catalog import ITEMS, revised_entry
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


_kept, scene = kept(made.scene)


def snapshot(case: SharingApplication) -> tuple[Any, ...]:
    """Everything an act could have changed."""
    row = SharingApplication.objects.filter(pk=case.pk).values().get()
    clocks = list(Clock.objects.order_by("pk").values())
    return row, clocks, SharingGrant.objects.count(), Event.objects.count(), Notice.objects.count()


# --- applying ----------------------------------------------------------------------------------------


def test_an_application_starts_the_providers_ten_days(scene: made.Scene) -> None:
    # when
    case = made.application(scene)

    # then
    (clock,) = clocks_of(case)
    assert (clock.kind, clock.owed_by, clock.due_on) == ("sharing-reply", scene.provider, made.DUE_ON)
    assert clock.path == case.get_absolute_url()
    assert clock.statutory
    assert case.number == "GX-2026-00001"
    assert (case.status, case.submitted_on) == ("submitted", made.AT.date())


def test_an_application_is_recorded_and_told_to_the_provider(scene: made.Scene) -> None:
    case = made.application(scene)
    (event,) = events_of(case)
    assert (event.verb, event.actor, event.agency) == ("apply", scene.asker.actor_key, scene.requester.code)
    assert event.payload["items"] == ["route", "name", "length"]
    told = set(
        Notice.objects.filter(subject=f"sharing.sharingapplication:{case.pk}").values_list("recipient", flat=True)
    )
    assert told == {scene.steward.pk, scene.approver.pk}


def test_items_are_kept_in_the_order_of_the_catalogue(scene: made.Scene) -> None:
    assert made.application(scene, items=["length", "route"]).items == ["route", "length"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"duty": "  "}, "duty"),
        ({"duty_basis": ""}, "duty_basis"),
        ({"purpose": "\n"}, "purpose"),
        ({"items": []}, "items"),
        ({"items": ["route", "nothing"]}, "items"),
        ({"period_until": made.AT.date() - dt.timedelta(days=1)}, "period_until"),
        ({"period_from": dt.date(2026, 12, 1), "period_until": dt.date(2026, 11, 30)}, "period_until"),
        ({"row_condition": [{"code": "nothing", "operator": "eq", "value": "1"}]}, "row_condition"),
        ({"row_condition": [{"code": "length", "operator": "eq", "value": "很长"}]}, "row_condition"),
        ({"row_condition": [{"code": "length", "operator": "; DROP TABLE", "value": "1"}]}, "row_condition"),
        ({"duty": "职" * 301}, "duty"),
        ({"frequency": "每秒"}, "frequency"),
    ],
)
def test_an_incomplete_application_names_its_field_and_files_nothing(
    scene: made.Scene, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        made.application(scene, **changed)
    assert field in refused.value.fields
    assert refused.value.basis
    assert not SharingApplication.objects.exists()
    assert not Clock.objects.filter(kind="sharing-reply").exists()


def test_a_system_of_another_agency_cannot_be_named(scene: made.Scene) -> None:
    with pytest.raises(RuleBroken) as refused:
        made.application(scene, system=system(scene.city.authority))
    assert "system" in refused.value.fields


@pytest.mark.parametrize(("sharing_type", "words"), [("unconditional", "直接获取"), ("withheld", "不予共享")])
def test_only_conditional_data_is_applied_for(sharing_type: str, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        made.application(made.scene(sharing_type=sharing_type, rows=()))


def test_an_agency_does_not_apply_for_its_own_data(scene: made.Scene) -> None:
    with pytest.raises(RuleBroken, match="本机关自己的数据"):
        services.apply(
            entry_id=scene.entry.pk, requester=scene.provider, by=scene.steward, at=made.AT, wish=made.wish()
        )


def test_nobody_applies_for_an_agency_that_is_not_theirs(scene: made.Scene) -> None:
    with pytest.raises(NotAllowed):
        made.application(scene, by=scene.outsider)
    assert not SharingApplication.objects.exists()


# --- replying ----------------------------------------------------------------------------------------


def test_agreeing_opens_a_grant_of_what_was_asked_and_stops_the_clock(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    case = made.fresh(grant.source)
    assert (case.status, case.outcome, case.replied_on, case.due_on) == (
        "agreed",
        "agree",
        made.later(1).date(),
        made.DUE_ON,
    )
    assert (grant.items, grant.grantee, grant.purpose, grant.case_number) == (
        case.items,
        scene.requester,
        case.purpose,
        case.number,
    )
    assert (grant.valid_from, grant.valid_until) == (case.period_from, case.period_until)
    assert [clock.stopped_on for clock in clocks_of(case)] == [made.later(1).date()]


def test_data_that_is_there_is_supplied_at_once(scene: made.Scene) -> None:
    grant = made.fresh(made.agreed_grant(scene))
    (clock,) = clocks_of(grant)
    assert grant.supplied_on == made.later(1).date()
    assert (clock.kind, clock.stopped_on, clock.stopped_by) == ("sharing-supply", made.later(1).date(), "done")


def test_data_that_is_not_there_yet_is_owed_by_the_steward_until_it_is() -> None:
    scene = made.scene(rows=())
    grant = made.agreed_grant(scene)
    (clock,) = clocks_of(grant)
    assert grant.supplied_on is None
    assert clock.is_running
    assert clock.path == scene.entry.get_absolute_url()


def test_agreeing_in_part_grants_the_part_and_says_why_not_the_rest(scene: made.Scene) -> None:
    case = made.agreed_in_part(scene)
    (grant,) = case.grants.all()
    assert (case.status, case.granted_items, case.refused_items) == ("agreed-in-part", ["route", "name"], ["length"])
    assert case.reasons == made.REASONS
    assert grant.items == ["route", "name"]


def test_fewer_rows_or_a_shorter_period_are_agreement_in_part_too(scene: made.Scene) -> None:
    case = made.application(scene)
    condition = {"code": "opened", "operator": "ge", "value": "2018-01-01"}
    grant = services.agree_in_part(
        application_id=case.pk,
        by=scene.approver,
        at=made.later(1),
        items=case.items,
        reasons="较早线路的数据尚未核验。",
        row_condition=[condition],
        valid_until=dt.date(2026, 12, 31),
    )
    assert grant.row_condition == [condition]
    assert grant.valid_until == dt.date(2026, 12, 31)


def test_agreeing_in_part_to_everything_is_told_to_be_an_agreement(scene: made.Scene) -> None:
    case = made.application(scene)
    with pytest.raises(RuleBroken, match="完全相同"):
        services.agree_in_part(
            application_id=case.pk, by=scene.approver, at=made.later(1), items=case.items, reasons="无"
        )


def test_a_part_cannot_be_more_than_was_asked(scene: made.Scene) -> None:
    case = made.application(scene)
    with pytest.raises(RuleBroken, match="申请中列明"):
        services.agree_in_part(
            application_id=case.pk, by=scene.approver, at=made.later(1), items=["opened"], reasons="无"
        )


@pytest.mark.parametrize("reasons", ["", "  \n"])
def test_a_refusal_without_reasons_is_not_a_reply(scene: made.Scene, reasons: str) -> None:
    case = made.application(scene)
    before = snapshot(case)
    with pytest.raises(RuleBroken) as refused:
        services.refuse(application_id=case.pk, by=scene.approver, at=made.later(1), reasons=reasons)
    assert "第十五条第二款" in refused.value.basis
    assert "reasons" in refused.value.fields
    with pytest.raises(RuleBroken):
        services.agree_in_part(
            application_id=case.pk, by=scene.approver, at=made.later(1), items=["route"], reasons=reasons
        )
    assert snapshot(case) == before


def test_the_database_refuses_a_refusal_without_reasons(scene: made.Scene) -> None:
    case = made.application(scene)
    with pytest.raises(IntegrityError), transaction.atomic():
        SharingApplication.objects.filter(pk=case.pk).update(outcome="refuse", replied_on=made.AT.date(), reasons="")


def test_a_refusal_tells_the_way_to_coordination(scene: made.Scene) -> None:
    case = made.refused_application(scene)
    notice = Notice.objects.get(recipient=scene.asker, title__startswith="共享申请不同意")
    assert made.REASONS in notice.body
    assert "第十五条第三款" in notice.body
    assert case.status == "refused"


@pytest.mark.parametrize(("days", "late"), [(10, 0), (11, 1), (17, 7)])
def test_a_reply_after_the_due_day_is_accepted_and_recorded_as_late(scene: made.Scene, days: int, late: int) -> None:
    case = made.application(scene)
    services.refuse(application_id=case.pk, by=scene.approver, at=made.later(days), reasons=made.REASONS)
    event = events_of(case).filter(verb="refuse").get()
    assert made.fresh(case).late_days == late
    assert event.payload["late_days"] == late


def test_a_draft_is_not_a_reply(scene: made.Scene) -> None:
    case = made.application(scene)
    services.draft_reply(
        application_id=case.pk, by=scene.steward, at=made.later(1), outcome="refuse", reasons=made.REASONS
    )
    (clock,) = clocks_of(case)
    assert clock.is_running
    assert made.fresh(case).status == "submitted"
    assert Notice.objects.filter(recipient=scene.approver, title__contains="已拟写").exists()
    assert not Notice.objects.filter(recipient=scene.asker, title__contains="拟写").exists()


def test_an_item_that_left_the_catalogue_can_no_longer_be_agreed_to(scene: made.Scene) -> None:
    case = made.application(scene)
    revised_entry(scene.entry, items=[ITEMS[0], ITEMS[1]], at=made.later(1))
    before = snapshot(case)
    with pytest.raises(RuleBroken, match="目录有调整"):
        ACTS["agree"](scene, case)
    assert snapshot(case) == before


def test_agreeing_after_the_asked_period_is_over_is_pointed_out(scene: made.Scene) -> None:
    case = made.application(scene, period_until=made.later(2).date())
    with pytest.raises(RuleBroken, match="已经届满"):
        ACTS["agree"](scene, case)
    assert not SharingGrant.objects.exists()


def test_limits_that_let_nothing_through_are_refused(scene: made.Scene) -> None:
    case = made.application(scene)
    for limits in (services.Limits(rows_per_day=0), services.Limits(calls_per_minute=0)):
        with pytest.raises(RuleBroken):
            services.agree(application_id=case.pk, by=scene.approver, at=made.later(1), limits=limits)
    assert made.fresh(case).status == "submitted"


# --- withdrawing -------------------------------------------------------------------------------------


def test_withdrawing_stops_the_clock_and_filing_again_starts_a_new_one(scene: made.Scene) -> None:
    case = withdrawn(scene)
    (clock,) = clocks_of(case)
    assert clock.stopped_by == "withdrawn"
    again = made.application(scene, at=made.later(4))
    assert again.number == "GX-2026-00002"
    assert clocks_of(again)[0].started_on == made.later(4).date()
