"""Agreeing, refusing and withdrawing at one instant; coordinations and grants alike: one outcome, the others are told.

The losers are told who was faster, when and with what; one reply leaves, one clock stops, and one grant or none opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.ledger.verification import verify
from guiyang_data.statute.models import Clock
from sharing import services
from sharing.models import Coordination, SharingApplication, SharingGrant
from tests.factories import sharing as made
from tests.faults.amount import TIMES
from tests.faults.machines import copy_of, standing_in
from tests.faults.racing import Race, race

pytestmark = pytest.mark.faults(long=True)

ROUNDS, FEWER = 500 * TIMES, 50 * TIMES
"""``make faults`` plays more."""
OUTCOMES = {"agreed": "agree", "refused": "refuse", "withdrawn": "withdraw"}
PAST = {"agree": "答复：同意", "refuse": "答复：不同意", "withdraw": "撤回申请"}
WHO = {"agree": "市交通委·审批人", "refuse": "市交通委·审批人", "withdraw": "市卫健局·数据管理员"}


@pytest.fixture
def scene(empty: str) -> Iterator[made.Scene]:
    """A provider with an entry and an agency that needs it, in a database of their own."""
    with copy_of(empty) as name, standing_in(name):
        yield made.scene()


def told_of(held: Race, number: int, *, winner: str) -> None:
    """Everybody but the winner was refused, with who won, when and with what."""
    told = held.told(number)
    assert set(told) == set(PAST) - {winner}
    for words in told.values():
        assert words.startswith(f"{WHO[winner]}已于11月3日 10:30办理「{PAST[winner]}」")


def test_agreeing_refusing_and_withdrawing_at_one_instant_end_in_one_outcome(scene: made.Scene) -> None:
    # given
    pks = [made.application(scene, use_case=f"第 {number} 次").pk for number in range(ROUNDS)]
    at = made.later(1)

    # when
    held = race(
        ROUNDS,
        agree=lambda n: services.agree(application_id=pks[n], by=scene.approver, at=at),
        refuse=lambda n: services.refuse(application_id=pks[n], by=scene.approver, at=at, reasons=made.REASONS),
        withdraw=lambda n: services.withdraw_application(application_id=pks[n], by=scene.asker, at=at),
    )

    # then
    won = dict.fromkeys(PAST, 0)
    for number, pk in enumerate(pks):
        case = SharingApplication.objects.get(pk=pk)
        winner = OUTCOMES[case.status]
        won[winner] += 1
        told_of(held, number, winner=winner)
        assert list(events_of(case).values_list("verb", flat=True)) == ["apply", winner]
        (clock,) = Clock.objects.filter(subject=subject_of(case))
        assert clock.stopped_by == ("withdrawn" if winner == "withdraw" else "done")
        assert SharingGrant.objects.filter(source=case).count() == (winner == "agree")
        assert bool(case.outcome) is (winner != "withdraw")
    assert sum(won.values()) == ROUNDS
    assert verify() is None


def test_an_opinion_an_escalation_and_a_withdrawal_at_one_instant_end_in_one_outcome(scene: made.Scene) -> None:
    cases = [
        made.coordination(scene, of=made.refused_application(scene, use_case=f"第 {number} 次")).pk
        for number in range(FEWER)
    ]
    at, coordinator = made.later(5), scene.coordinator

    def opinion(number: int) -> object:
        return services.conclude_coordination(
            coordination_id=cases[number], by=coordinator, at=at, opinion="keep", text="可以不提供。", **made.HEARD
        )

    held = race(
        FEWER,
        opinion=opinion,
        escalation=lambda n: services.escalate_deadlock(
            coordination_id=cases[n], by=coordinator, at=at, reasons="分歧较大。"
        ),
        withdrawal=lambda n: services.withdraw_coordination(coordination_id=cases[n], by=scene.asker, at=at),
    )

    ends = {"closed", "with-government", "withdrawn"}
    for number, pk in enumerate(cases):
        case = Coordination.objects.get(pk=pk)
        assert case.status in ends
        # a deadlock with the government may still be withdrawn by the requester who came a moment later
        verbs = list(events_of(case).values_list("verb", flat=True))
        assert len(verbs) + len(held.told(number)) == 3
        assert all("已于11月7日" in words for words in held.told(number).values())
        assert Clock.objects.filter(subject=subject_of(case), stopped_on=None).count() == 0
    assert verify() is None


def test_suspending_ending_and_changing_a_grant_at_one_instant_leave_one_state(scene: made.Scene) -> None:
    grants = [made.standing_grant(scene).pk for _number in range(FEWER)]
    at = made.later(1)
    terms = services.GrantTerms(items=["route"], purpose="规划转运路线", valid_until=None)
    acts: dict[str, Callable[[int], object]] = {
        "suspend": lambda n: services.suspend_grant(grant_id=grants[n], by=scene.steward, at=at, reasons="核查"),
        "end": lambda n: services.end_grant(grant_id=grants[n], by=scene.asker, at=at, reasons="不再需要"),
        "change": lambda n: services.change_grant(
            grant_id=grants[n], by=scene.approver, at=at, terms=terms, reasons="缩小范围"
        ),
    }

    held = race(FEWER, **acts)

    for number, pk in enumerate(grants):
        grant = SharingGrant.objects.get(pk=pk)
        done = set(events_of(grant).values_list("verb", flat=True)) - {"grant"}
        assert grant.status == "ended"
        assert done | set(held.told(number)) == set(acts)
        assert grant.items == (["route"] if "change" in done else ["route", "name"])
        assert all("已终止" in words for words in held.told(number).values())
    assert not Event.objects.filter(refused=True).exists()
    assert verify() is None
