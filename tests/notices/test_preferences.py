"""Reminders come as their reader chose; legal notices come at once and alone, whatever anyone chose."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from guiyang_data.accounts.models import GatewayMessage, User
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.models import Event
from guiyang_data.notices import services
from guiyang_data.notices.choosing import Choice, choose, chosen_by
from guiyang_data.notices.models import Delivery, Digest, Preference, Weight
from guiyang_data.notices.moments import after_quiet, at_or_after, is_quiet
from guiyang_data.notices.sending import send_waiting
from tests.factories.accounts import citizen, prove_phone
from tests.notices.conftest import Post

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SHANGHAI = ZoneInfo("Asia/Shanghai")
DIGEST = Choice(mail="digest", sms="digest")


def at(hour: int, minute: int = 0, day: int = 2) -> dt.datetime:
    """A moment of March 2026, Shanghai's time."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def reader(choice: Choice | None = None) -> User:
    user = citizen()
    prove_phone(user, f"138{user.pk:08d}", at(9))
    if choice is not None:
        choose(choice, by=user, at=at(9))
    return user


def remind(user: User, key: str, moment: dt.datetime, weight: Weight = Weight.REMINDER) -> None:
    services.tell(
        [user],
        key=key,
        about="requests_app.openrequest:12",
        kind="clock.reminder",
        title=f"还剩 3 天：{key}",
        body="请办理。",
        path="/desk/1/",
        weight=weight,
        at=moment,
    )


def sent_until(last: dt.datetime, first: dt.datetime) -> list[dt.datetime]:
    """When something went, asking every ten minutes."""
    moments, moment = [], first
    while moment <= last:
        moments += [moment] * send_waiting(at=moment)
        moment += dt.timedelta(minutes=10)
    return moments


class TestMoments:
    """Quiet hours and the hour of the digest, as plain times."""

    @pytest.mark.parametrize(
        ("hour", "minute", "quiet"),
        [(21, 59, False), (22, 0, True), (23, 59, True), (0, 0, True), (7, 59, True), (8, 0, False), (12, 0, False)],
    )
    def test_quiet_hours_go_over_midnight(self, hour: int, minute: int, quiet: bool) -> None:
        assert is_quiet(at(hour, minute), since=dt.time(22), until=dt.time(8)) is quiet

    def test_equal_times_mean_that_it_is_never_quiet(self) -> None:
        assert not any(is_quiet(at(hour), since=dt.time(8), until=dt.time(8)) for hour in range(24))

    @given(
        minutes=st.integers(0, 3 * 24 * 60),
        since=st.times().map(lambda time: time.replace(second=0, microsecond=0)),
        until=st.times().map(lambda time: time.replace(second=0, microsecond=0)),
    )
    def test_what_is_held_goes_in_less_than_a_day_and_never_when_it_is_quiet(
        self, minutes: int, since: dt.time, until: dt.time
    ) -> None:
        moment = at(0) + dt.timedelta(minutes=minutes)
        later = after_quiet(moment, since=since, until=until)
        assert dt.timedelta() <= later - moment < dt.timedelta(days=1)
        assert not is_quiet(later, since=since, until=until)

    def test_the_next_time_of_day_is_today_or_tomorrow(self) -> None:
        assert at_or_after(at(8, 29), dt.time(8, 30)) == at(8, 30)
        assert at_or_after(at(8, 30), dt.time(8, 30)) == at(8, 30)
        assert at_or_after(at(8, 31), dt.time(8, 30)) == at(8, 30, day=3)


class TestQuietHours:
    """Nobody is woken by a reminder; nobody waits for a legal notice."""

    def test_a_reminder_of_the_night_comes_at_eight(self, mailoutbox: list[EmailMessage]) -> None:
        remind(reader(), "night", at(23, 30))
        assert sent_until(at(12, day=3), at(23, 30)) == [at(8, day=3)]

    def test_a_legal_notice_of_the_night_comes_at_once(self, mailoutbox: list[EmailMessage]) -> None:
        remind(reader(), "night", at(23, 30), Weight.LEGAL)
        assert sent_until(at(12, day=3), at(23, 30)) == [at(23, 30)]

    def test_ones_own_quiet_hours_are_kept(self, mailoutbox: list[EmailMessage]) -> None:
        user = reader(Choice(quiet_since=dt.time(12), quiet_until=dt.time(14)))
        remind(user, "noon", at(12, 30))
        remind(user, "night", at(23, 30))
        assert sent_until(at(23, 50), at(12, 30)) == [at(14), at(23, 30)]

    def test_somebody_without_an_account_is_not_woken_either(self, mailoutbox: list[EmailMessage]) -> None:
        services.tell_address(
            mail="someone@mail.example",
            key="followed",
            about="x:1",
            kind="followed",
            title="有新版本",
            weight=Weight.REMINDER,
            at=at(3),
        )
        assert sent_until(at(12), at(3)) == [at(8)]


class TestDigest:
    """The reminders of a day in one mail at its hour."""

    def test_reminders_come_together_at_the_hour_and_legal_notices_alone_at_once(self, post: Post) -> None:
        # given
        user = reader(DIGEST)
        for number, hour in enumerate((9, 14, 20)):
            remind(user, f"case-{number}", at(hour))
        remind(user, "legal", at(15), Weight.LEGAL)
        # when
        moments = sent_until(at(12, day=3), at(9))
        # then the legal mail; next morning one mail and one text message
        assert moments == [at(15), at(8, 30, day=3), at(8, 30, day=3)]
        assert [mail["Subject"] for mail in post.taken] == [
            "还剩 3 天：legal",
            "3 条提醒：还剩 3 天：case-0 等",
        ]
        text = post.taken[1].get_content()  # type: ignore[attr-defined]
        assert [text.count(f"case-{number}") for number in range(3)] == [1, 1, 1]
        assert "/me/notices/settings/" in text
        message = GatewayMessage.objects.get(channel="sms")
        assert message.body == "您有 3 条提醒，请登录查看。 http://127.0.0.1:8000/me/notices/?show=reminder"
        assert not Delivery.objects.exclude(state="sent").exists()

    def test_a_digest_refused_for_now_goes_again_under_the_same_id_with_everything(self, post: Post) -> None:
        user = reader(Choice(mail="digest"))
        remind(user, "a", at(9))
        remind(user, "b", at(10))
        post.answers[user.email] = "450 later"
        assert send_waiting(at=at(8, 30, day=3)) == 0
        post.answers.clear()
        assert send_waiting(at=at(8, 31, day=3)) == 1
        digest = Digest.objects.get()
        assert (digest.state, digest.attempts) == ("sent", 2)
        assert post.taken[0]["Message-ID"] == f"<{digest.message_id}>"
        assert not Delivery.objects.exclude(state="sent").exists()

    def test_a_digest_refused_for_good_fails_every_notice_in_it(self, post: Post) -> None:
        user = reader(Choice(mail="digest"))
        remind(user, "a", at(9))
        remind(user, "b", at(10))
        post.answers[user.email] = "550 no such user"
        send_waiting(at=at(8, 30, day=3))
        assert list(Delivery.objects.values_list("state", "reason")) == [("failed", "refused")] * 2
        assert Event.objects.filter(verb="notice.undelivered").count() == 2

    def test_what_comes_into_a_digest_that_is_already_gone_goes_alone(self, post: Post) -> None:
        # given
        user = reader(Choice(mail="digest"))
        remind(user, "early", at(9))
        send_waiting(at=at(8, 30, day=3))
        # when a transaction that began before ends only now
        remind(user, "late", at(10))
        assert Digest.objects.count() == 1
        # then
        assert send_waiting(at=at(8, 31, day=3)) == 1
        assert post.taken[1]["Subject"] == "还剩 3 天：late"

    def test_who_wants_none_sees_reminders_in_the_page_only(self, mailoutbox: list[EmailMessage]) -> None:
        user = reader(Choice(mail="none"))
        remind(user, "a", at(9))
        remind(user, "b", at(9), Weight.LEGAL)
        assert send_waiting(at=at(9)) == 1
        assert user.notices.count() == 2

    def test_legal_notices_come_as_text_messages_too_where_that_was_chosen(
        self, mailoutbox: list[EmailMessage]
    ) -> None:
        user = reader(Choice(texts_legal=True))
        remind(user, "legal", at(23), Weight.LEGAL)
        assert send_waiting(at=at(23)) == 2
        assert GatewayMessage.objects.filter(channel="sms").count() == 1


class TestChoosing:
    """What can be chosen."""

    def test_a_choice_is_kept_once_and_recorded(self) -> None:
        user = reader(Choice(mail="digest"))
        choose(Choice(mail="single", quiet_since=dt.time(21)), by=user, at=at(10))
        assert Preference.objects.count() == 1
        assert chosen_by(user).quiet_since == dt.time(21)
        assert list(Event.objects.values_list("verb", "actor")) == [("choose-notices", user.actor_key)] * 2

    @pytest.mark.parametrize(
        ("choice", "field"),
        [
            (Choice(sms="single"), "sms"),
            (Choice(texts_legal=True), "texts_legal"),
            (Choice(mail="sometimes"), "mail"),
            (Choice(mail="digest", digest_at=dt.time(7)), "digest_at"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_kept(self, choice: Choice, field: str) -> None:
        user = citizen()
        with pytest.raises(RuleBroken) as refused:
            choose(choice, by=user, at=at(9))
        assert set(refused.value.fields) == {field}
        assert not Preference.objects.exists()


def test_telling_many_costs_as_many_queries_as_telling_a_few() -> None:
    # given people of every kind
    def cost(number: int) -> int:
        people = [reader(DIGEST if n % 2 else None) for n in range(number)]
        tellings = [
            services.Telling(
                key=f"{number}:{n}",
                about="x:1",
                kind="clock.reminder",
                title="还剩 3 天",
                recipients=people,
                weight=Weight.REMINDER if n % 3 else Weight.LEGAL,
            )
            for n in range(number)
        ]
        with CaptureQueriesContext(connection) as captured:
            assert services.tell_all(tellings, at=at(9)) == number * number
        return len(captured)

    assert cost(3) == cost(7)  # SQLite takes more rows in further statements
