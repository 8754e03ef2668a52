"""Keeping the addresses that notices are pushed to: the secret, who may, pausing, testing, ending."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest

from guiyang_data.accounts.models import Agency, ServiceAccount
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.notices.models import Push
from guiyang_data.notices.models import Receiver as Address
from guiyang_data.notices.webhooks import services
from guiyang_data.notices.webhooks.policies import visible_to
from guiyang_data.notices.webhooks.sending import send_pushes
from tests.factories.accounts import citizen, make_agency, staff, system
from tests.notices.conftest import Receiver
from tests.notices.pushed import AT, holds, register, tell

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def agency() -> Agency:
    return make_agency("贵阳市交通委员会")


@pytest.fixture
def machine(agency: Agency) -> ServiceAccount:
    return system(agency, "公交调度系统")


class TestKeeping:
    """Registering, pausing, renewing, ending."""

    def test_the_secret_is_handed_over_once_and_kept_encrypted(
        self, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        made = register(machine.user, receiver.url())
        assert made.secret.startswith("whsec_")
        assert made.secret not in json.dumps(list(Address.objects.values()), default=str)
        assert len(base64.b64decode(made.secret.removeprefix("whsec_"))) == 32

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("http://data.example.cn/hook", "https://"),
            ("https://127.0.0.1/hook", "内部或保留地址"),
            ("https://user:word@data.example.cn/", "用户名或密码"),
            ("https://no-such-host.invalid/", "找不到主机"),
            ("nonsense", "https://"),
        ],
    )
    def test_an_address_of_the_public_must_be_public_and_encrypted(
        self, receiver: Receiver, url: str, said: str
    ) -> None:
        with pytest.raises(RuleBroken) as refused:
            register(citizen(), url)
        assert said in refused.value.fields["url"]
        assert not Address.objects.exists()

    def test_what_is_missing_is_said_at_its_field(self, machine: ServiceAccount, receiver: Receiver) -> None:
        with pytest.raises(RuleBroken) as refused:
            register(machine.user, receiver.url(), name=" ", wants="some")
        assert set(refused.value.fields) == {"name", "wants"}

    def test_an_owner_has_ten_at_most_and_an_ended_one_makes_room(
        self, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        made = [register(machine.user, receiver.url()) for _ in range(services.MOST)]
        with pytest.raises(RuleBroken, match="最多登记"):
            register(machine.user, receiver.url())
        services.end(receiver_id=made[0].receiver.pk, by=machine.user, at=AT)
        register(machine.user, receiver.url())

    def test_a_renewed_secret_signs_beside_the_last_one_for_a_day(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        first = register(machine.user, receiver.url())
        second = services.renew_secret(receiver_id=first.receiver.pk, by=machine.user, at=AT)
        tell(agency, "a")
        send_pushes(at=AT)
        tell(agency, "b")
        send_pushes(at=AT + dt.timedelta(hours=25))
        at_first, a_day_later = receiver.asked
        assert [holds(at_first, secret) for secret in (first.secret, second.secret)] == [True, True]
        assert [holds(a_day_later, secret) for secret in (first.secret, second.secret)] == [False, True]

    def test_nothing_is_pushed_while_paused_and_what_waits_is_given_up_at_the_end(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        made = register(machine.user, receiver.url())
        tell(agency)
        services.pause(receiver_id=made.receiver.pk, by=machine.user, at=AT)
        assert send_pushes(at=AT) == 0
        services.end(receiver_id=made.receiver.pk, by=machine.user, at=AT)
        assert Push.objects.get().state == "failed"
        with pytest.raises(WrongState):
            services.resume(receiver_id=made.receiver.pk, by=machine.user, at=AT)
        verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs == ["register-webhook", "pause-webhook", "end-webhook"]

    def test_a_test_event_goes_like_any_other_and_is_not_doubled_while_it_waits(
        self, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        made = register(machine.user, receiver.url())
        for _ in range(2):
            services.push_test(receiver_id=made.receiver.pk, by=machine.user, at=AT)
        assert send_pushes(at=AT) == 1
        assert receiver.asked[0].json()["type"] == "webhook.test"
        assert holds(receiver.asked[0], made.secret)

    def test_only_its_owner_or_the_agencys_system_administrator_keeps_an_address(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        # given
        made = register(machine.user, receiver.url())
        administrator, steward = staff(agency, Role.SYSTEM_ADMIN), staff(agency, Role.DATA_STEWARD)
        elsewhere = staff(make_agency(), Role.SYSTEM_ADMIN)
        # then
        for stranger in (steward, elsewhere, citizen()):
            assert not visible_to(stranger, Address.objects.all()).exists()
            with pytest.raises(NotAllowed):
                services.pause(receiver_id=made.receiver.pk, by=stranger, at=AT)
            with pytest.raises(NotAllowed):
                register(machine.user, receiver.url(), by=stranger)
        assert Address.objects.get().state == "active"
        services.pause(receiver_id=made.receiver.pk, by=administrator, at=AT)
        assert visible_to(administrator, Address.objects.all()).get().state == "paused"

    def test_what_did_not_fail_is_not_pushed_again(
        self, agency: Agency, machine: ServiceAccount, receiver: Receiver
    ) -> None:
        register(machine.user, receiver.url())
        tell(agency)
        send_pushes(at=AT)
        with pytest.raises(WrongState):
            services.push_again(push_id=Push.objects.get().pk, by=machine.user, at=AT)
