"""Coordination of a refusal, of a part, of silence; deadlock; the grant on the opinion (第十五条第三款)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of
from sharing import services
from sharing.actions import application_acts
from sharing.models import Coordination, SharingApplication, SharingGrant
from sharing.reading import read_page
from sharing.workflow import COORDINATION_WORKFLOW, CoordinationStatus
from tests.factories import sharing as made
from tests.factories.accounts import give_role, staff, system
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

Call = Callable[[Coordination, Any], Any]

ACTS: dict[str, Call] = {
    "submit-statement": lambda case, by: services.submit_statement(
        coordination_id=case.pk, by=by, at=made.later(7), text="数据尚未核验。"
    ),
    "conclude-provide": lambda case, by: services.conclude_coordination(
        coordination_id=case.pk, by=by, at=made.later(7), opinion="provide", text="确属履职所需。", **made.HEARD
    ),
    "conclude-keep": lambda case, by: services.conclude_coordination(
        coordination_id=case.pk, by=by, at=made.later(7), opinion="keep", text="超出履职所需。", **made.HEARD
    ),
    "escalate": lambda case, by: services.escalate_deadlock(
        coordination_id=case.pk, by=by, at=made.later(7), reasons="双方分歧较大。"
    ),
    "decide-provide": lambda case, by: services.decide_deadlock(
        coordination_id=case.pk, by=by, at=made.later(8), opinion="provide", text="应当提供。"
    ),
    "decide-keep": lambda case, by: services.decide_deadlock(
        coordination_id=case.pk, by=by, at=made.later(8), opinion="keep", text="可以不提供。"
    ),
    "withdraw-coordination": lambda case, by: services.withdraw_coordination(
        coordination_id=case.pk, by=by, at=made.later(7)
    ),
}


_kept, scene = kept(made.scene)


def doer(scene: made.Scene, verb: str) -> Any:
    if verb.startswith("decide"):
        return made.government_approver()
    if verb in {"submit-statement", "withdraw-coordination"}:
        return scene.asker
    return scene.coordinator


def carried_out(scene: made.Scene) -> Coordination:
    case = made.opinion_to_provide(scene)
    services.grant_on_opinion(application_id=case.application_id, by=scene.approver, at=made.later(6))
    return made.fresh(case)


def resolved(scene: made.Scene) -> Coordination:
    waiting = made.application(scene)
    case = made.coordination(scene, of=waiting, at=made.later(11))
    services.agree(application_id=waiting.pk, by=scene.approver, at=made.later(12))
    return made.fresh(case)


IN_STATE: dict[str, Callable[[made.Scene], Coordination]] = {
    "open": made.coordination,
    "with-government": made.with_government,
    "awaiting-grant": made.opinion_to_provide,
    "carried-out": carried_out,
    "closed": lambda scene: ACTS["conclude-keep"](made.coordination(scene), scene.coordinator),
    "resolved": resolved,
    "withdrawn": lambda scene: ACTS["withdraw-coordination"](made.coordination(scene), scene.asker),
}


def snapshot(case: Coordination) -> tuple[Any, ...]:
    row = Coordination.objects.filter(pk=case.pk).values().get()
    clocks = list(Clock.objects.order_by("pk").values())
    return row, clocks, Event.objects.count(), Notice.objects.count(), SharingGrant.objects.count()


# --- asking for it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("application", "cause"), [(made.refused_application, "refused"), (made.agreed_in_part, "in-part")]
)
def test_a_refusal_whole_or_in_part_can_be_coordinated(
    scene: made.Scene, application: Callable[[made.Scene], SharingApplication], cause: str
) -> None:
    case = made.coordination(scene, of=application(scene))
    (clock,) = clocks_of(case)
    assert (case.number, case.cause, case.status) == ("XT-2026-00001", cause, "open")
    assert (clock.kind, clock.owed_by, clock.statutory) == ("coordination", scene.city.authority, False)
    assert clock.path == case.get_absolute_url()
    assert Notice.objects.filter(recipient=scene.steward, title__startswith="共享协调").exists()
    assert events_of(case.application).filter(verb="request-coordination").exists()


@pytest.mark.parametrize(("days", "may"), [(1, False), (10, False), (11, True)])
def test_silence_can_be_coordinated_only_past_the_due_day(scene: made.Scene, days: int, may: bool) -> None:
    waiting = made.application(scene)
    verbs = {act.verb for act in application_acts(scene.asker, waiting, on=made.later(days).date())}
    assert ("request-coordination" in verbs) is may
    if not may:
        with pytest.raises(RuleBroken, match="答复期限内"):
            made.coordination(scene, of=waiting, at=made.later(days))
        assert not Coordination.objects.exists()
        return
    case = made.coordination(scene, of=waiting, at=made.later(days))
    assert case.cause == "silence"
    assert "本平台增设" in case.get_cause_display()
    # the reply is still owed
    assert clocks_of(waiting)[0].is_running


def test_a_second_request_while_one_is_in_hand_is_refused(scene: made.Scene) -> None:
    first = made.coordination(scene)
    before = snapshot(first)
    with pytest.raises(WrongState, match=first.number):
        made.coordination(scene, of=first.application)
    assert snapshot(first) == before


def test_it_needs_its_reasons(scene: made.Scene) -> None:
    refused = made.refused_application(scene)
    with pytest.raises(RuleBroken) as told:
        services.request_coordination(application_id=refused.pk, by=scene.asker, at=made.later(2), reasons=" ")
    assert "reasons" in told.value.fields
    assert not Coordination.objects.exists()


# --- every transition --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [status.value for status in CoordinationStatus])
def test_each_act_starts_from_its_sources_and_from_nowhere_else(scene: made.Scene, status: str) -> None:
    case = IN_STATE[status](scene)
    assert case.status == status
    for verb, act in ACTS.items():
        transition = COORDINATION_WORKFLOW[verb]
        before = snapshot(case)
        if status not in transition.sources:
            with pytest.raises(WrongState):
                act(case, doer(scene, verb))
            assert snapshot(case) == before, verb
            continue
        with transaction.atomic():
            act(case, doer(scene, verb))
            assert made.fresh(case).status == (transition.target or status), verb
            assert events_of(case).filter(verb=verb, refused=False).exists()
            transaction.set_rollback(True)


MAY = {
    "submit-statement": {"asker", "asker-system", "steward", "approver"},
    "conclude-provide": {"coordinator"},
    "conclude-keep": {"coordinator"},
    "escalate": {"coordinator"},
    "decide-provide": {"government"},
    "decide-keep": {"government"},
    "withdraw-coordination": {"asker", "asker-system"},
}


def test_each_act_is_done_by_those_whose_it_is(scene: made.Scene) -> None:
    cases = {
        "decide-provide": made.with_government(scene),
        "decide-keep": None,
    }
    people = {
        "asker": scene.asker,
        "asker-system": system(scene.requester).user,
        "steward": scene.steward,
        "approver": scene.approver,
        "coordinator": scene.coordinator,
        "government": made.government_approver(),
        "officer": staff(scene.city.authority, "municipal-authority"),
        "outsider": scene.outsider,
        "county-coordinator": staff(scene.city.county_authority, "coordinator"),
    }
    in_hand = made.coordination(scene)
    for verb, act in ACTS.items():
        case = cases["decide-provide"] if verb.startswith("decide") else in_hand
        assert case is not None
        for name, by in people.items():
            before = snapshot(case)
            if name in MAY[verb]:
                with transaction.atomic():
                    act(case, by)
                    transaction.set_rollback(True)
                continue
            with pytest.raises(NotAllowed):
                act(case, by)
            assert snapshot(case) == before, (verb, name)


def test_whoever_refused_does_not_coordinate(scene: made.Scene) -> None:
    # the approver who refused is also a coordinator of the authority
    give_role(scene.approver, scene.city.authority, "coordinator")
    case = made.coordination(scene)
    with pytest.raises(NotAllowed, match="参与了这份申请的提出或者答复"):
        ACTS["conclude-keep"](case, scene.approver)
    assert made.fresh(case).status == "open"


@pytest.mark.parametrize("verb", [verb for verb in ACTS if verb != "withdraw-coordination"])
def test_statements_opinions_and_decisions_need_their_words(scene: made.Scene, verb: str) -> None:
    case = made.with_government(scene) if verb.startswith("decide") else made.coordination(scene)
    act, _dash, opinion = verb.partition("-")
    calls: dict[str, Callable[..., Any]] = {
        "submit": lambda: services.submit_statement(
            coordination_id=case.pk, by=scene.asker, at=made.later(7), text=" "
        ),
        "conclude": lambda: services.conclude_coordination(
            coordination_id=case.pk, by=scene.coordinator, at=made.later(7), opinion=opinion, text=""
        ),
        "decide": lambda: services.decide_deadlock(
            coordination_id=case.pk, by=made.government_approver(), at=made.later(7), opinion=opinion, text=""
        ),
        "escalate": lambda: services.escalate_deadlock(
            coordination_id=case.pk, by=scene.coordinator, at=made.later(7), reasons=""
        ),
    }
    before = snapshot(case)
    with pytest.raises(RuleBroken):
        calls[act]()
    assert snapshot(case) == before


# --- what comes of it --------------------------------------------------------------------------------


def test_both_sides_are_heard_side_by_side(scene: made.Scene) -> None:
    case = made.coordination(scene)
    services.submit_statement(coordination_id=case.pk, by=scene.asker, at=made.later(3), text="应急所需。")
    services.submit_statement(coordination_id=case.pk, by=scene.approver, at=made.later(3), text="尚未核验。")
    case = made.fresh(case)
    assert (case.requester_statement, case.provider_statement) == ("应急所需。", "尚未核验。")


def test_the_opinion_stops_the_clock_and_reaches_both_sides(scene: made.Scene) -> None:
    case = made.opinion_to_provide(scene)
    (clock,) = clocks_of(case)
    assert (clock.stopped_on, clock.stopped_by) == (made.later(5).date(), "done")
    assert case.opinion_items == ["route", "name", "length"]
    for person in (scene.asker, scene.approver):
        assert Notice.objects.filter(recipient=person, title__startswith="出具协调意见").exists()
    # nobody but the provider grants
    assert not SharingGrant.objects.exists()


def test_the_provider_grants_on_the_opinion_by_its_own_act(scene: made.Scene) -> None:
    case = made.opinion_to_provide(scene)
    grant = services.grant_on_opinion(application_id=case.application_id, by=scene.approver, at=made.later(6))
    application = made.fresh(case.application)
    assert (application.status, made.fresh(case).status) == ("granted-on-opinion", "carried-out")
    # the refusal stays on record as it was
    assert (application.outcome, application.reasons) == ("refuse", made.REASONS)
    page = read_page(by=scene.asker, entry=scene.entry, access=grant, at=made.later(6)).page
    assert page.codes == ("route", "name", "length")


def test_only_the_provider_grants_on_an_opinion(scene: made.Scene) -> None:
    case = made.opinion_to_provide(scene)
    for by in (scene.coordinator, scene.asker, scene.steward, scene.outsider):
        before = snapshot(case)
        with pytest.raises(NotAllowed):
            services.grant_on_opinion(application_id=case.application_id, by=by, at=made.later(6))
        assert snapshot(case) == before


def test_without_an_opinion_there_is_nothing_to_grant_on(scene: made.Scene) -> None:
    case = made.coordination(scene)
    before = snapshot(case)
    with pytest.raises(WrongState, match="协调意见"):
        services.grant_on_opinion(application_id=case.application_id, by=scene.approver, at=made.later(6))
    assert snapshot(case) == before


def test_an_opinion_on_a_part_adds_to_what_was_granted_in_one_grant(scene: made.Scene) -> None:
    # given two of three items granted, and an opinion that the third shall be provided
    case = made.coordination(scene, of=made.agreed_in_part(scene))
    services.conclude_coordination(
        coordination_id=case.pk,
        by=scene.coordinator,
        at=made.later(5),
        opinion="provide",
        text="长度属应急所需。",
        items=["length"],
        **made.HEARD,
    )

    # when
    grant = services.grant_on_opinion(application_id=case.application_id, by=scene.approver, at=made.later(6))

    # then
    earlier = SharingGrant.objects.exclude(pk=grant.pk).get()
    assert grant.items == ["route", "name", "length"]
    assert earlier.status == "ended"


def test_after_silence_the_grant_on_the_opinion_is_the_reply(scene: made.Scene) -> None:
    waiting = made.application(scene)
    case = made.coordination(scene, of=waiting, at=made.later(11))
    services.conclude_coordination(
        coordination_id=case.pk,
        by=scene.coordinator,
        at=made.later(13),
        opinion="provide",
        text="应当提供。",
        **made.HEARD,
    )
    services.grant_on_opinion(application_id=waiting.pk, by=scene.approver, at=made.later(15))
    waiting = made.fresh(waiting)
    assert (waiting.outcome, waiting.late_days) == ("agree", 5)
    assert clocks_of(waiting)[0].stopped_on == made.later(15).date()


def test_an_opinion_goes_no_further_than_what_was_asked(scene: made.Scene) -> None:
    case = made.coordination(scene)
    with pytest.raises(RuleBroken, match="申请中列明"):
        services.conclude_coordination(
            coordination_id=case.pk,
            by=scene.coordinator,
            at=made.later(5),
            opinion="provide",
            text="应当提供。",
            items=["opened"],
            **made.HEARD,
        )


def test_agreeing_in_the_meantime_ends_the_coordination(scene: made.Scene) -> None:
    case = resolved(scene)
    (clock,) = clocks_of(case)
    assert (case.status, clock.stopped_by) == ("resolved", "superseded")


def test_withdrawing_the_application_ends_the_coordination(scene: made.Scene) -> None:
    waiting = made.application(scene)
    case = made.coordination(scene, of=waiting, at=made.later(11))
    services.withdraw_application(application_id=waiting.pk, by=scene.asker, at=made.later(12))
    assert made.fresh(case).status == "withdrawn"
    assert clocks_of(case)[0].stopped_by == "withdrawn"


def test_a_deadlock_goes_to_the_municipal_government_which_decides_once(scene: made.Scene) -> None:
    case = made.with_government(scene)
    government = made.government_approver()
    assert clocks_of(case)[0].stopped_by == "superseded"
    assert Notice.objects.filter(recipient=government, title__startswith="共享协调报请决定").exists()

    ACTS["decide-provide"](case, government)

    case = made.fresh(case)
    assert (case.status, case.decided_by_government) == ("awaiting-grant", True)
    before = snapshot(case)
    with pytest.raises(WrongState, match="已经作出决定"):
        ACTS["escalate"](case, scene.coordinator)
    assert snapshot(case) == before


def test_after_a_withdrawal_it_can_be_asked_for_again(scene: made.Scene) -> None:
    first = made.coordination(scene)
    ACTS["withdraw-coordination"](first, scene.asker)
    again = made.coordination(scene, of=first.application, at=made.later(9))
    assert again.number == "XT-2026-00002"
