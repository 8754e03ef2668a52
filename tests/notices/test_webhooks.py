"""Notices pushed to systems and developers: one event for a receiver, signed, retried, through the guarded client."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guiyang_data import timekeeping
from guiyang_data.accounts.models import Agency, ServiceAccount
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.notices import services as notices
from guiyang_data.notices import tasks
from guiyang_data.notices.models import Push, Weight
from guiyang_data.notices.models import Receiver as Address
from guiyang_data.notices.webhooks import sending, services
from guiyang_data.notices.webhooks.sending import PAUSES, send_pushes
from tests.factories.accounts import make_agency, staff, system
from tests.ledger.test_at_once import at_once
from tests.notices.conftest import Receiver
from tests.notices.pushed import AT, holds, register, tell

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def agency() -> Agency:
    return make_agency("贵阳市交通委员会")


@pytest.fixture
def machine(agency: Agency) -> ServiceAccount:
    return system(agency, "公交调度系统")


class TestWhatIsPushed:
    """Who hears of what, and how often."""

    def test_a_system_hears_once_of_what_its_agency_is_told_with_a_signature_that_holds(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        # given three stewards who are told one by one
        for _ in range(3):
            staff(agency, Role.DATA_STEWARD)
        made = register(machine.user, receiver.url("/hook?from=portal"))
        # when
        for _ in range(2):
            tell(agency)
        # then
        assert send_pushes(at=AT) == 1
        asked = receiver.asked[0]
        assert (asked.method, asked.path) == ("POST", "/hook?from=portal")
        assert holds(asked, made.secret)
        assert not holds(asked, services.new_secret())
        assert asked.headers["webhook-timestamp"] == str(int(AT.timestamp()))
        assert asked.json() == {
            "type": "open-request",
            "timestamp": AT.isoformat(),
            "data": {
                "subject": "requests_app.openrequest:12",
                "weight": "legal",
                "title": "新的开放申请",
                "body": "请答复。",
                "basis": "第二十一条第一款",
                "url": "http://127.0.0.1:8000/desk/requests/1/",
            },
        }
        push = Push.objects.get()
        assert (push.state, push.answer_status, push.answer) == ("sent", 200, "thank you")
        assert send_pushes(at=AT + dt.timedelta(days=1)) == 0

    def test_a_system_hears_even_where_nobody_holds_the_role(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        register(machine.user, receiver.url())
        tell(agency)
        assert send_pushes(at=AT) == 1

    def test_a_person_hears_of_their_own_notices_and_another_agency_of_nothing(
        self, agency: Agency, receiver: Receiver
    ) -> None:
        person, stranger = staff(agency, Role.DATA_STEWARD), system(make_agency())
        register(person, receiver.url("/mine"))
        register(stranger.user, receiver.url("/other"))
        tell(agency)
        notices.tell([person], key="mine", about="x:1", kind="k", title="只给本人", at=AT)
        assert send_pushes(at=AT) == 2
        assert {asked.path for asked in receiver.asked} == {"/mine"}

    def test_who_wants_legal_notices_only_is_spared_reminders(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        register(machine.user, receiver.url(), wants="legal")
        tell(agency, "a", Weight.REMINDER)
        tell(agency, "b", Weight.LEGAL)
        assert send_pushes(at=AT) == 1

    def test_an_act_that_is_rolled_back_pushes_nothing(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        register(machine.user, receiver.url())

        @transaction.atomic
        def act() -> None:
            tell(agency)
            raise WrongState("已经答复。")

        with pytest.raises(WrongState):
            act()
        assert not Push.objects.exists()

    def test_many_events_for_many_receivers_cost_as_many_queries_as_few(
        self, agency: Agency, receiver: Receiver
    ) -> None:
        def cost(number: int) -> int:
            for _ in range(2):
                register(system(agency).user, receiver.url())
            said = [
                notices.Telling(key=f"{number}:{n}", about="x:1", kind="k", title="t", to_agency=agency)
                for n in range(number)
            ]
            with CaptureQueriesContext(connection) as captured:
                notices.tell_all(said, at=AT)
            return len(captured)

        assert cost(2) == cost(9)


def test_the_recipe_of_the_papers_tells_a_genuine_push_from_others(
    agency: Agency, machine: ServiceAccount, receiver: Receiver
) -> None:
    # given the lines that docs/api.md gives to receivers
    paper = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    recipe = next(part for part in re.findall(r"```python\n(.*?)```", paper, re.DOTALL) if "def is_genuine" in part)
    written: dict[str, Any] = {}
    exec(recipe, written)  # noqa: S102  our own paper
    is_genuine = written["is_genuine"]
    # when
    made = register(machine.user, receiver.url())
    tell(agency)
    moment = timekeeping.now()
    Push.objects.update(next_attempt_at=moment)
    send_pushes(at=moment)
    # then
    asked = receiver.asked[0]
    late = asked.headers | {"webhook-timestamp": str(int(moment.timestamp()) - 3600)}
    assert is_genuine(asked.headers, asked.body, made.secret)
    assert not is_genuine(asked.headers, asked.body + b" ", made.secret)
    assert not is_genuine(asked.headers, asked.body, services.new_secret())
    assert not is_genuine(late, asked.body, made.secret)


class TestTroubles:
    """A receiver that does not take it, and what that costs the others."""

    @pytest.mark.parametrize("status", [301, 302, 400, 404, 500, 503])
    def test_what_was_not_taken_comes_again_under_the_same_id_and_a_new_time(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver, status: int
    ) -> None:
        made = register(machine.user, receiver.url())
        tell(agency)
        receiver.answers = [status]
        assert send_pushes(at=AT) == 0
        push = Push.objects.get()
        assert (push.state, push.answer_status, push.next_attempt_at - AT) == ("waiting", status, PAUSES[0])
        assert send_pushes(at=AT + PAUSES[0] - SECOND) == 0
        assert send_pushes(at=AT + PAUSES[0]) == 1
        first, second = receiver.asked
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == push.message_id
        assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
        assert first.body == second.body
        assert first.path == second.path == "/"
        assert holds(second, made.secret)

    def test_the_pauses_grow_and_after_the_last_it_is_shown_as_failed(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        register(machine.user, receiver.url())
        tell(agency)
        receiver.answers = [500] * 20
        moment, pauses = AT, []
        while (push := Push.objects.get()).state == "waiting":
            moment = max(moment, push.next_attempt_at)
            send_pushes(at=moment)
            push = Push.objects.get()
            pauses.append(push.next_attempt_at - moment)
        assert pauses[:-1] == list(PAUSES) == sorted(PAUSES)
        assert (push.state, push.reason, push.last_error) == ("failed", "unreached", "HTTP 500")
        assert len(receiver.asked) == len(PAUSES) + 1

    def test_one_that_says_nothing_is_left_after_its_time_and_the_others_are_served(
        self, agency: Agency, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given a receiver that hangs on its first event, and one that takes everything
        monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.3)
        register(system(agency).user, receiver.url("/hangs"))
        tell(agency, "a")
        receiver.answers = [0]
        assert send_pushes(at=AT) == 0
        register(system(agency).user, receiver.url("/fine"))
        tell(agency, "b")
        receiver.answers = []
        # when
        assert send_pushes(at=AT + SECOND) == 2
        # then
        waiting = Push.objects.get(state="waiting")
        assert waiting.answer_status is None
        assert "没有在规定时间内答复" in waiting.answer

    def test_a_receiver_that_fails_is_not_asked_again_in_the_same_run(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        register(machine.user, receiver.url())
        for key in "abcd":
            tell(agency, key)
        receiver.answers = [500] * 9
        send_pushes(at=AT)
        assert len(receiver.asked) == 1

    def test_a_receiver_that_says_it_is_gone_is_paused(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        made = register(machine.user, receiver.url())
        tell(agency)
        receiver.answers = [410]
        send_pushes(at=AT)
        assert Address.objects.get().state == "paused"
        assert Push.objects.get().state == "failed"
        assert Event.objects.filter(verb="pause-webhook", actor="platform").count() == 1
        tell(agency, "later")
        assert Push.objects.count() == 1
        services.resume(receiver_id=made.receiver.pk, by=machine.user, at=AT)
        services.push_again(push_id=Push.objects.get().pk, by=machine.user, at=AT)
        assert send_pushes(at=AT) == 1

    def test_an_address_that_has_come_to_lead_inside_is_not_connected_to(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver, settings: LazySettings
    ) -> None:
        register(machine.user, receiver.url())
        tell(agency)
        settings.OUTBOUND_ALLOWED_NETWORKS = []
        assert send_pushes(at=AT) == 0
        assert receiver.asked == []
        assert "内部或保留地址" in Push.objects.get().last_error

    def test_pushes_are_dropped_after_thirty_days(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        register(machine.user, receiver.url())
        tell(agency)
        Push.objects.update(made_at=AT - dt.timedelta(days=400))
        assert tasks.push() == 0
        assert not Push.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_several_senders_at_once_push_each_event_once(
    agency: Agency, machine: ServiceAccount, receiver: Receiver
) -> None:
    register(machine.user, receiver.url())
    for key in "abcdef":
        tell(agency, key)
    taken = at_once(lambda _n: send_pushes(at=AT))
    assert sum(map(int, taken)) == 6  # type: ignore[call-overload]
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == len(receiver.asked) == 6
