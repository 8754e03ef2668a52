"""Who is told that a notice did not arrive, and what they do about it."""

from __future__ import annotations

import datetime as dt

import pytest

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.notices import undelivered
from guiyang_data.notices.models import Delivery
from guiyang_data.notices.sending import send_waiting
from tests.factories import notices
from tests.factories.accounts import citizen, city, make_agency, staff
from tests.notices.conftest import Post

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 3, 1, 30, tzinfo=dt.UTC)
SUBJECT = "requests_app.openrequest:12"


@pytest.fixture
def agency() -> Agency:
    return make_agency("贵阳市交通委员会")


def test_it_is_shown_to_those_on_whose_behalf_it_was_said_and_to_nobody_else(agency: Agency) -> None:
    # given
    delivery = notices.undelivered(agency, about=SUBJECT)
    notices.undelivered(make_agency(), number=2)
    # then
    for role in (Role.DATA_STEWARD, Role.APPROVER, Role.SYSTEM_ADMIN):
        assert list(undelivered.failures(staff(agency, role))) == [delivery]
    assert list(undelivered.failures_about(staff(agency, Role.DATA_STEWARD), SUBJECT)) == [delivery]
    for user in (citizen(), staff(agency), staff(agency, Role.AUDIT_ADMIN), staff(make_agency(), Role.DATA_STEWARD)):
        assert not undelivered.failures(user).exists()


def test_the_system_administrator_of_the_authority_is_shown_all() -> None:
    town = city()
    notices.undelivered(town.provider)
    notices.undelivered(town.requester, number=2)
    assert undelivered.failures(staff(town.authority, Role.SYSTEM_ADMIN)).count() == 2


def test_the_address_is_shown_by_its_ends_only(agency: Agency) -> None:
    delivery = notices.undelivered(agency)
    assert undelivered.masked_address(delivery) == "s***@mail.example"
    delivery.address_encrypted = "gAAAA-of-another-key"
    assert undelivered.masked_address(delivery) == ""


def test_sent_again_by_hand_it_goes_under_the_id_it_had_and_that_is_recorded(agency: Agency, post: Post) -> None:
    # given
    delivery, steward = notices.undelivered(agency, about=SUBJECT), staff(agency, Role.DATA_STEWARD)
    # when
    undelivered.send_again(delivery_id=delivery.pk, by=steward, at=AT)
    assert send_waiting(at=AT) == 1
    # then
    assert [mail["Message-ID"] for mail in post.taken] == [f"<{delivery.message_id}>"]
    assert not undelivered.failures(steward).exists()
    event = Event.objects.get(verb="notice.send-again")
    assert (event.subject, event.actor) == (SUBJECT, steward.actor_key)


def test_refused_again_it_is_listed_again(agency: Agency, post: Post) -> None:
    delivery, steward = notices.undelivered(agency), staff(agency, Role.DATA_STEWARD)
    post.answers["someone@mail.example"] = "550 still not"
    undelivered.send_again(delivery_id=delivery.pk, by=steward, at=AT)
    send_waiting(at=AT)
    again = undelivered.failures(steward).get()
    assert (again.failed_at, again.last_error) == (AT, "550 still not")


def test_told_by_other_means_it_is_off_the_list_with_the_words_kept(agency: Agency) -> None:
    delivery, steward = notices.undelivered(agency, about=SUBJECT), staff(agency, Role.DATA_STEWARD)
    undelivered.tell_otherwise(delivery_id=delivery.pk, by=steward, words=" 3月3日电话告知。", at=AT)
    assert not undelivered.failures(steward).exists()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.told) == ("told", "3月3日电话告知。")
    event = Event.objects.get(verb="notice.tell-otherwise")
    assert "电话" not in str(event.payload)
    with pytest.raises(WrongState):
        undelivered.send_again(delivery_id=delivery.pk, by=steward, at=AT)


@pytest.mark.parametrize("words", ["", "  ", "长" * 301])
def test_without_words_it_is_not_told(agency: Agency, words: str) -> None:
    delivery, steward = notices.undelivered(agency), staff(agency, Role.DATA_STEWARD)
    with pytest.raises(RuleBroken) as refused:
        undelivered.tell_otherwise(delivery_id=delivery.pk, by=steward, words=words, at=AT)
    assert set(refused.value.fields) == {"words"}
    assert Delivery.objects.get().state == "failed"


def test_nobody_else_sees_to_it(agency: Agency) -> None:
    delivery = notices.undelivered(agency)
    for user in (citizen(), staff(make_agency(), Role.DATA_STEWARD)):
        with pytest.raises(NotAllowed):
            undelivered.send_again(delivery_id=delivery.pk, by=user, at=AT)
        with pytest.raises(NotAllowed):
            undelivered.tell_otherwise(delivery_id=delivery.pk, by=user, words="已告知", at=AT)
    assert Delivery.objects.get().state == "failed"
    assert not Event.objects.exists()
