"""Mail that a server took and could not deliver comes back, and stands where a refused one does."""

from __future__ import annotations

import datetime as dt
import io
import re
import smtplib
from email.message import Message

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.models import Event
from guiyang_data.notices import services, undelivered
from guiyang_data.notices.models import Delivery, Digest, Preference, Weight
from guiyang_data.notices.returned.addresses import envelope_sender
from guiyang_data.notices.returned.reports import parsed, report_of
from guiyang_data.notices.returned.services import take_back
from guiyang_data.notices.sending import send_waiting
from tests.factories.accounts import citizen, make_agency, staff
from tests.notices import bounces
from tests.notices.conftest import Post
from tests.notices.mailed import ADDRESS, AT, LOST, SUBJECT, counted, sent, told

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
LATER = AT + dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _mail_comes_back(settings: LazySettings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS


@pytest.fixture
def agency() -> Agency:
    return make_agency("贵阳市交通委员会")


class TestTheWayOfAMail:
    def test_out_through_a_server_back_by_its_report_and_shown_as_a_refused_one(
        self, agency: Agency, post: Post
    ) -> None:
        # given a mail that a real server takes
        delivery = sent(agency)
        envelope, mail = post.envelopes[0], post.taken[0]
        assert re.fullmatch(r"bounces\+d\d+-1-[a-z2-7]{20}@data\.guiyang\.example", envelope.mail_from or "")
        assert len((envelope.mail_from or "").partition("@")[0]) <= 64
        assert mail["From"] == "no-reply@data.guiyang.example"
        assert mail["Auto-Submitted"] == "auto-generated"
        # when that server sends its report to the sender on the envelope, through a server again
        with smtplib.SMTP("127.0.0.1", post.port) as client:
            client.sendmail("", [envelope.mail_from or ""], bounces.postfix(envelope.mail_from or ""))
        back = post.envelopes[1]
        stdin = io.BytesIO(back.original_content or b"")
        call_command("take_bounce", recipient=back.rcpt_tos[0], stdin=stdin, stdout=io.StringIO())
        # then
        delivery.refresh_from_db()
        assert (delivery.state, delivery.reason) == ("failed", "refused")
        assert delivery.last_error.startswith("smtp; 550 5.1.1")
        assert "someone" not in delivery.last_error
        assert delivery.failed_at is not None
        steward = staff(agency, Role.DATA_STEWARD)
        assert list(undelivered.failures_about(steward, SUBJECT)) == [delivery]
        event = Event.objects.get(subject=SUBJECT)
        assert (event.verb, event.payload["reason"], event.actor) == ("notice.undelivered", "refused", "platform")
        assert counted() == {"undelivered": 1}
        # and nothing is sent by itself again
        assert send_waiting(at=AT + dt.timedelta(days=1)) == 0

    def test_where_no_address_is_set_mail_goes_from_the_sender_as_ever(
        self, agency: Agency, post: Post, settings: LazySettings
    ) -> None:
        settings.BOUNCE_ADDRESS = ""
        delivery = sent(agency)
        assert post.envelopes[0].mail_from == "no-reply@data.guiyang.example"
        assert envelope_sender(delivery) == ""
        with pytest.raises(CommandError) as refused:
            call_command("take_bounce", stdin=io.BytesIO(b""))
        assert refused.value.returncode == 75

    def test_a_mail_that_is_retried_names_the_same_sending(self, agency: Agency, post: Post) -> None:
        told(agency)
        post.at_the_end = "451 later"
        send_waiting(at=AT)
        post.at_the_end = "250 OK"
        send_waiting(at=LATER)
        assert post.envelopes[0].mail_from == post.envelopes[1].mail_from

    def test_a_digest_that_comes_back_is_every_notice_in_it(self, agency: Agency, post: Post) -> None:
        # given two reminders in one mail, and a third that went alone
        user = staff(agency, Role.DATA_STEWARD)
        Preference.objects.create(user=user, mail="digest")
        for number in range(2):
            _remind(user, agency, number)
        digest = Digest.objects.get()
        send_waiting(at=digest.due_at)
        alone = sent(agency, "other")
        # when
        digest.refresh_from_db()
        assert take_back(bounces.exim(envelope_sender(digest)), at=LATER) == "undelivered"
        # then
        gathered = digest.deliveries.all()
        assert [(one.state, one.reason) for one in gathered] == [("failed", "refused")] * 2
        assert Event.objects.filter(verb="notice.undelivered").count() == 2
        alone.refresh_from_db()
        assert alone.state == "sent"
        # and it is taken once
        assert take_back(bounces.exim(envelope_sender(digest)), at=LATER) == "known"
        assert Event.objects.filter(verb="notice.undelivered").count() == 2

    def test_sent_again_by_hand_it_is_judged_by_its_own_report_only(self, agency: Agency, post: Post) -> None:
        # given a mail that came back and was sent again
        first = sent(agency)
        before = envelope_sender(first)
        take_back(bounces.postfix(before), at=LATER)
        steward = staff(agency, Role.DATA_STEWARD)
        undelivered.send_again(delivery_id=first.pk, by=steward, at=LATER)
        send_waiting(at=LATER)
        # when the old report comes once more
        assert take_back(bounces.postfix(before), at=LATER) == "known"
        # then the new one stands as sent
        second = Delivery.objects.select_related("notice").get()
        assert second.state == "sent"
        assert envelope_sender(second) != before
        # until it comes back itself
        assert take_back(bounces.postfix(envelope_sender(second)), at=LATER) == "undelivered"
        assert undelivered.failures(steward).count() == 1

    def test_told_otherwise_meanwhile_it_stays_seen_to(self, agency: Agency, post: Post) -> None:
        delivery = sent(agency)
        take_back(bounces.postfix(envelope_sender(delivery)), at=LATER)
        undelivered.tell_otherwise(
            delivery_id=delivery.pk, by=staff(agency, Role.DATA_STEWARD), words="电话告知。", at=LATER
        )
        assert take_back(bounces.exim(envelope_sender(delivery)), at=LATER) == "known"
        delivery.refresh_from_db()
        assert delivery.state == "told"

    def test_a_report_that_is_quicker_than_our_own_note_is_not_lost(
        self, agency: Agency, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given a server that answers at once, before the sender could note that the mail went
        delivery = told(agency)

        def and_back(message: object, **_more: object) -> int:
            take_back(bounces.postfix(envelope_sender(delivery)), at=AT)
            return 1

        monkeypatch.setattr("guiyang_data.notices.sending.EmailMessage.send", and_back)
        # when
        send_waiting(at=AT)
        # then
        delivery.refresh_from_db()
        assert delivery.state == "failed"
        assert send_waiting(at=AT + dt.timedelta(days=1)) == 0


def _remind(user: User, agency: Agency, number: int) -> None:
    facts = {"about": f"x:{number}", "kind": "k", "agency": agency, "weight": Weight.REMINDER}
    services.tell([user], key=f"remind:{number}", title=f"还剩 {number} 天", at=AT, **facts)


class TestShapes:
    @pytest.mark.parametrize("shape", bounces.REFUSED, ids=lambda shape: shape.__name__)
    def test_a_mail_given_up_for_good_is_refused(self, agency: Agency, post: Post, shape: bounces.Bounce) -> None:
        delivery = sent(agency)
        assert take_back(shape(envelope_sender(delivery)), at=LATER) == "undelivered"
        delivery.refresh_from_db()
        assert (delivery.state, delivery.reason) == ("failed", "refused")
        assert "@" not in delivery.last_error

    def test_a_mail_given_up_after_days_of_trying_was_not_reached(self, agency: Agency, post: Post) -> None:
        delivery = sent(agency)
        take_back(bounces.postfix_expired(envelope_sender(delivery)), at=LATER)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.reason) == ("failed", "unreached")
        assert delivery.last_error.startswith("4.4.1 X-Postfix; connect to")

    @pytest.mark.parametrize("shape", bounces.NOT_FINAL, ids=lambda shape: shape.__name__)
    def test_a_mail_that_is_still_tried_or_arrived_stays_sent(
        self, agency: Agency, post: Post, shape: bounces.Bounce
    ) -> None:
        delivery = sent(agency)
        assert take_back(shape(envelope_sender(delivery)), at=LATER) == "not-final"
        delivery.refresh_from_db()
        assert delivery.state == "sent"

    @pytest.mark.parametrize("shape", bounces.NO_REPORT, ids=lambda shape: shape.__name__)
    def test_what_reports_nothing_changes_nothing(self, agency: Agency, post: Post, shape: bounces.Bounce) -> None:
        delivery = sent(agency)
        assert take_back(shape(envelope_sender(delivery)), at=LATER) == "unknown"
        delivery.refresh_from_db()
        assert delivery.state == "sent"
        assert not Event.objects.exists()

    @pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "To"])
    def test_the_address_is_found_where_servers_write_it_in_large_letters_too(
        self, agency: Agency, post: Post, header: str
    ) -> None:
        delivery = sent(agency)
        text = bounces.sendmail("<postmaster@mx.example>").replace(
            b"Return-Path: <>", f"{header}: {envelope_sender(delivery).upper()}".encode()
        )
        assert take_back(text, at=LATER) == "undelivered"


class TestForgery:
    @pytest.mark.parametrize(
        "change",
        [
            lambda said: said.replace("-1-", "-2-"),
            lambda said: re.sub(r"\+d(\d+)", lambda found: f"+d{int(found[1]) + 1}", said),
            lambda said: said.replace("+d", "+g"),
            lambda said: re.sub(r"-[a-z2-7]{20}@", "-aaaaaaaaaaaaaaaaaaaa@", said),
        ],
        ids=["another turn", "another sending", "another kind", "made up"],
    )
    def test_an_address_that_was_changed_is_counted_and_changes_nothing(
        self, agency: Agency, post: Post, change: object
    ) -> None:
        delivery, other = sent(agency), sent(agency, "other")
        said = envelope_sender(delivery)
        assert change(said) != said  # type: ignore[operator]
        assert take_back(bounces.postfix(change(said)), at=LATER) == "forged"  # type: ignore[operator]
        for row in (delivery, other):
            row.refresh_from_db()
            assert row.state == "sent"
        assert counted() == {"forged": 1}

    def test_another_installations_signature_is_none(self, agency: Agency, post: Post, settings: LazySettings) -> None:
        delivery = sent(agency)
        said = envelope_sender(delivery)
        settings.SECRET_KEY = "the key of somebody else"
        assert take_back(bounces.postfix(said), at=LATER) == "forged"

    def test_an_address_of_before_a_restored_backup_names_no_newer_sending(self, agency: Agency, post: Post) -> None:
        # given a number that was given anew
        delivery = sent(agency)
        said = envelope_sender(delivery)
        delivery.notice.created_at = AT + dt.timedelta(days=3)
        delivery.notice.save(update_fields=["created_at"])
        assert take_back(bounces.postfix(said), at=LATER) == "forged"

    def test_ones_own_mail_reports_on_itself_only(self, agency: Agency, post: Post) -> None:
        """Who got a mail knows its address and can say that it came back: that is theirs to say."""
        mine, other = sent(agency), sent(agency, "other")
        take_back(bounces.postfix(envelope_sender(mine)), at=LATER)
        other.refresh_from_db()
        assert other.state == "sent"

    def test_many_addresses_in_one_message_are_not_all_looked_at(
        self, agency: Agency, post: Post, django_assert_max_num_queries: object
    ) -> None:
        delivery = sent(agency)
        made_up = ", ".join(f"bounces+d{number}-1-{'a' * 20}@data.guiyang.example" for number in range(1, 500))
        with django_assert_max_num_queries(14):  # type: ignore[operator]
            assert take_back(bounces.postfix(f"{made_up}, {envelope_sender(delivery)}"), at=LATER) == "forged"


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=2000),
        st.tuples(st.sampled_from(bounces.REFUSED), st.integers(0, 3000), st.binary(max_size=40)).map(
            lambda drawn: (text := drawn[0](ADDRESS))[: drawn[1]] + drawn[2] + text[drawn[1] + len(drawn[2]) // 2 :]
        ),
    )
)
def test_nothing_that_anybody_writes_breaks_the_reading(raw: bytes) -> None:
    message = parsed(raw)
    assert message is None or isinstance(message, Message)
    if message is not None:
        report_of(message)


def test_a_message_of_a_thousand_boxes_in_boxes_is_no_report() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) for number in range(3000)
    )
    message = parsed(deep)
    assert message is None or report_of(message) is None


def test_a_report_of_thousands_of_receivers_is_read_in_its_first_part() -> None:
    fields = "\n".join(f"\nFinal-Recipient: rfc822; {number}@x.example\nAction: delayed\n" for number in range(5000))
    raw = f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n{fields}".encode()
    message = parsed(raw)
    assert message is not None
    report = report_of(message)
    assert report is not None
    assert report.verdict == "not-final"


def test_the_address_of_a_person_does_not_get_into_what_is_kept(agency: Agency, post: Post) -> None:
    user = citizen(email=LOST)
    services.tell([user], key="k", about=SUBJECT, kind="k", title="已答复", agency=agency, at=AT)
    send_waiting(at=AT)
    delivery = Delivery.objects.select_related("notice").get()
    take_back(bounces.chinese_provider(envelope_sender(delivery)), at=LATER)
    delivery.refresh_from_db()
    assert delivery.last_error == "5.0.0 SMTP; 550 User not found: …"
    assert LOST not in str(list(Event.objects.values()))
