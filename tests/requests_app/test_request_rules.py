"""What the law and the form ask of each act on a request."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from guiyang_data.accounts.models import Person, User
from guiyang_data.accounts.protection import blind_index, decrypt, encrypt
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import DomainError, NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PUBLIC, subject_of
from guiyang_data.notices.models import Delivery, Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of
from requests_app import services
from requests_app.models import OpenRequest
from requests_app.policies import CodeHolder
from requests_app.services import Party, ReplyText
from requests_app.workflow import RequestStatus
from tests.factories.accounts import citizen, give_role, prove_phone, staff
from tests.factories.requests import AGREE, FILED_ON, IN_PART, REFUSE, Cast, at, cast, drafted, filed, replied, waiting
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = dt.date(2026, 11, 10)
NOW = at(ON)
WHY = "经核对，这项数据不由本机关管理。"


@pytest.fixture
def play() -> Cast:
    return cast()


def _applicant(request: OpenRequest) -> CodeHolder:
    return CodeHolder(actor_key="public", number=request.number)


class TestFiling:
    def test_files_without_an_account_and_gives_a_code_of_which_only_a_hash_is_kept(self, play: Cast) -> None:
        # when
        made = filed(play)

        # then
        assert made.request.number == "GY-2026-00001"
        assert made.request.applicant is None
        assert made.code.replace("-", "") not in str(OpenRequest.objects.values().get())
        assert len(made.request.code_hash) == 64

    def test_encrypts_who_somebody_is_and_keeps_it_out_of_the_ledger(self, play: Cast) -> None:
        # when
        party = Party(name="张某某", mail="zhang@mail.example", phone="13900000000")
        request = waiting(play, party=party)

        # then
        row = str(OpenRequest.objects.filter(pk=request.pk).values().get())
        events = str(list(Event.objects.values()))
        for secret in ("张某某", "zhang@mail.example", "13900000000"):
            assert secret not in row
            assert secret not in events
        assert (request.name, request.mail, request.phone) == ("张某某", "zhang@mail.example", "13900000000")
        assert request.public_name == "某公民"

    def test_shows_a_name_only_where_its_owner_wants_it(self, play: Cast) -> None:
        assert waiting(play, party=Party(name="某协会", kind="other", show_name=True)).public_name == "某协会"

    def test_tells_the_agency_and_the_address_that_was_left(self, play: Cast) -> None:
        # when
        request = waiting(play, party=Party(mail="zhang@mail.example"))

        # then
        told = Notice.objects.filter(subject=subject_of(request))
        assert set(told.values_list("recipient", flat=True)) == {play.steward.pk, play.approver.pk, None}
        assert Delivery.objects.filter(notice__recipient=None, channel="mail").count() == 1

    def test_tells_an_account_once_where_it_left_the_same_address(self, play: Cast) -> None:
        # when
        person = citizen(email="zhang@mail.example")
        request = waiting(play, by=person, party=Party(mail="zhang@mail.example"))

        # then
        assert request.applicant == person
        assert Notice.objects.filter(key__contains=f"{request.number}:filed", recipient=None).count() == 0

    def test_an_account_by_telephone_is_told_of_its_request_by_one_text_message(self, play: Cast) -> None:
        # given
        user = prove_phone(User.objects.create(username="phone-1"), "13800000001", at(FILED_ON))
        # when
        waiting(play, by=user, party=Party(phone="138 0000 0001"))
        # then
        sent = Delivery.objects.filter(notice__recipient=user)
        assert [(one.channel, decrypt(one.address_encrypted)) for one in sent] == [("sms", "13800000001")]
        assert not Delivery.objects.filter(notice__recipient=None).exists()

    def test_a_clerk_who_files_for_somebody_does_not_become_the_applicant(self, play: Cast) -> None:
        assert waiting(play, by=play.steward).applicant is None

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"title": " "}, "title"),
            ({"title": "数" * 121}, "title"),
            ({"case": "else"}, "case"),
            ({"party": Party(mail="zhang")}, "mail"),
            ({"party": Party(phone="abc")}, "phone"),
            ({"party": Party(show_name=True)}, "name"),
            ({"party": Party(kind="robot")}, "kind"),
            ({"title": "13800138000 的通话记录"}, "title"),
            ({"description": "我的身份证是１１０１０５１９４９１２３１００２Ｘ。"}, "description"),
        ],
    )
    def test_refuses_what_is_incomplete_with_the_field_and_changes_nothing(
        self, play: Cast, given: dict[str, Any], field: str
    ) -> None:
        # given
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refusal:
            filed(play, **given)

        # then
        assert set(refusal.value.fields) == {field}
        assert snapshot() == before

    def test_says_which_number_of_a_person_would_become_public_and_shows_it_masked(self, play: Cast) -> None:
        # when
        with pytest.raises(RuleBroken) as refusal:
            filed(play, description="我的电话 13800138000，身份证 11010519491231002X。")

        # then
        said = refusal.value.fields["description"]
        assert "手机号码 138******00" in said
        assert "居民身份证号 110*************2X" in said

    def test_what_only_the_agency_reads_may_hold_a_number(self, play: Cast) -> None:
        assert filed(play, purpose="请打 13800138000 告诉我。").request.purpose

    def test_numbers_have_no_gap_after_a_refused_filing(self, play: Cast) -> None:
        with pytest.raises(RuleBroken):
            filed(play, title="")
        assert filed(play).request.number == "GY-2026-00001"
        assert filed(play).request.number == "GY-2026-00002"


class TestTransfer:
    def _send(self, request: OpenRequest, by: Any, to: Any) -> OpenRequest:
        return services.transfer(request_id=request.pk, by=by, to=to, reasons=WHY, on=ON, at=NOW)

    def test_does_not_bounce_back_but_goes_to_the_authority_whose_assignment_stands(self, play: Cast) -> None:
        # given: transferred once
        request = waiting(play)
        self._send(request, play.steward, play.city.health)

        # when the second agency sends it back
        before = snapshot()
        with pytest.raises(RuleBroken) as refusal:
            self._send(request, play.other_steward, play.city.provider)

        # then it may not, and is told to whom to turn
        assert "指定" in refusal.value.fields["to"]
        assert snapshot() == before

        # when the authority assigns it
        self._send(request, play.other_steward, play.city.authority)
        self._send(request, play.authority_officer, play.city.provider)

        # then it stays there
        assert request.transfers.last().assigned
        with pytest.raises(RuleBroken):
            self._send(request, play.steward, play.city.health)
        request.refresh_from_db()
        assert request.agency == play.city.provider
        assert clocks_of(request).get().due_on == dt.date(2026, 11, 13)

    def test_takes_the_case_out_of_the_hands_of_its_handler(self, play: Cast) -> None:
        # given
        clerk = staff(play.city.provider, Role.SUPERVISOR)
        request = waiting(play)
        services.assign_handler(request_id=request.pk, by=play.approver, handler=clerk, at=NOW)

        # when
        self._send(request, play.steward, play.city.health)

        # then
        request.refresh_from_db()
        assert request.handler is None
        assert not clerk.has_perm("requests_app.handle_request", request)


class TestReply:
    def test_the_drafter_cannot_deliver_even_as_an_approver(self, play: Cast) -> None:
        # given
        give_role(play.steward, play.city.provider, Role.APPROVER)
        request = drafted(play)
        before = snapshot()

        # when
        with pytest.raises(NotAllowed) as refusal:
            services.deliver_reply(request_id=request.pk, by=play.steward, on=ON, at=NOW)

        # then
        assert "另一位" in refusal.value.message
        assert snapshot() == before

    def test_nor_under_another_account_of_the_same_person(self, play: Cast) -> None:
        # given
        person = Person.objects.create(
            name_encrypted=encrypt("某"), id_number_encrypted=encrypt("x"), id_number_index=blind_index("x")
        )
        other_account = staff(play.city.provider)
        for account in (play.steward, other_account):
            account.person = person
            account.save()
        give_role(other_account, play.city.provider, Role.APPROVER)
        request = drafted(play)

        # when / then
        with pytest.raises(NotAllowed):
            services.deliver_reply(request_id=request.pk, by=other_account, on=ON, at=NOW)

    def test_a_second_person_delivers_and_the_applicant_learns_of_the_review(self, play: Cast) -> None:
        # given
        person = citizen()

        # when
        request = replied(play, REFUSE, by=person)

        # then
        notice = Notice.objects.get(recipient=person, key__contains=":reply:1")
        assert REFUSE.reasons in notice.body
        assert "申请复核" in notice.body
        assert events_of(request).last().payload["outcome"] == "refuse"

    @pytest.mark.parametrize(
        ("text", "field"),
        [
            (ReplyText(outcome=""), "outcome"),
            (ReplyText(outcome="agree"), "agreed_to"),
            (ReplyText(outcome="refuse", ground="2", ground_basis="《反不正当竞争法》"), "reasons"),
            (ReplyText(outcome="refuse", ground="2", ground_basis="《反不正当竞争法》", reasons="保密。"), "reasons"),
            (ReplyText(outcome="refuse", ground="2", reasons=REFUSE.reasons), "ground_basis"),
            (replace(REFUSE, why_still_closed=""), "why_still_closed"),
            (replace(REFUSE, why_still_closed="不能脱敏。"), "why_still_closed"),
            (replace(REFUSE, ground="3", why_still_closed=" "), "why_still_closed"),
            (replace(REFUSE, ground="1", why_still_closed=" "), "why_still_closed"),
            (replace(IN_PART, why_still_closed=""), "why_still_closed"),
            (ReplyText(outcome="refuse", ground="9", ground_basis="无", reasons=REFUSE.reasons), "ground"),
            (ReplyText(outcome="refuse", ground="4", ground_basis="内部通知第3号", reasons=WHY), "ground_basis"),
            (ReplyText(outcome="refuse", ground="4", ground_basis="《某某管理办法》", reasons=WHY), "ground_basis"),
            (ReplyText(outcome="refuse", ground="not-held", reasons=WHY), "searched_where"),
            (ReplyText(outcome="refuse", ground="not-held", searched_where="档案室", reasons=WHY), "searched_on"),
            (ReplyText(outcome="refuse", ground="elsewhere", ground_basis="机构改革方案", reasons=WHY), "holder"),
            (ReplyText(outcome="refuse", ground="already-open", ground_basis="见门户", reasons=WHY), "dataset"),
            (ReplyText(outcome="refuse", ground="other", reasons=WHY), "ground_basis"),
            (replace(REFUSE, reasons=f"{WHY}联系人电话 139-0013-9000。"), "reasons"),
            (replace(REFUSE, ground_basis="《反不正当竞争法》，见 6222021234567890128"), "ground_basis"),
            (replace(AGREE, reasons="请联系身份证 11010519491231002X 的经办人。"), "reasons"),
            (ReplyText(outcome="refer", reasons=WHY), "answered_by"),
            (ReplyText(outcome="refer", answered_by="GY-2026-00001"), "reasons"),
            (
                ReplyText(outcome="agree-in-part", agreed_to="open", ground="2", ground_basis="《法》", reasons=WHY),
                "agreed_part",
            ),
        ],
    )
    def test_a_refusal_without_reasons_or_ground_cannot_be_drafted(
        self, play: Cast, text: ReplyText, field: str
    ) -> None:
        # given
        request = waiting(play)
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refusal:
            services.draft_reply(request_id=request.pk, by=play.steward, text=text, on=ON, at=NOW)

        # then
        assert field in refusal.value.fields
        assert snapshot() == before

    def test_forbidden_by_law_is_accepted_where_a_law_is_named(self, play: Cast) -> None:
        text = ReplyText(outcome="refuse", ground="4", ground_basis="《中华人民共和国测绘法》第三十四条", reasons=WHY)
        assert drafted(play, text).status == RequestStatus.IN_APPROVAL

    def test_what_belongs_to_another_outcome_is_not_kept(self, play: Cast) -> None:
        # when
        text = ReplyText(outcome="agree", agreed_to="list", ground="2", ground_basis="x", agreed_part="y")
        reply = drafted(play, text).replies.get()

        # then
        assert (reply.ground, reply.ground_basis, reply.agreed_part) == ("", "", "")

    def test_a_returned_draft_is_improved_and_not_doubled(self, play: Cast) -> None:
        # given
        request = drafted(play)
        services.return_draft(request_id=request.pk, by=play.approver, reasons="请补充依据。", on=ON, at=NOW)

        # when
        services.draft_reply(request_id=request.pk, by=play.steward, text=AGREE, on=ON, at=NOW)

        # then
        reply = request.replies.get()
        assert (reply.outcome, reply.return_reasons) == ("agree", "")

    def test_an_agreement_that_fails_is_replied_anew_and_its_target_runs_until_then(self, play: Cast) -> None:
        # given
        request = replied(play, AGREE)
        services.reply_anew(request_id=request.pk, by=play.steward, reasons=WHY, on=ON, at=NOW)
        assert clocks_of(request).get(kind="open-fulfilment").is_running

        # when
        services.draft_reply(request_id=request.pk, by=play.steward, text=REFUSE, on=ON, at=NOW)
        services.deliver_reply(request_id=request.pk, by=play.approver, on=ON, at=NOW)

        # then
        request.refresh_from_db()
        assert (request.status, request.round) == (RequestStatus.REFUSED, 2)
        assert clocks_of(request).get(kind="open-fulfilment").stopped_by == Clock.Stop.SUPERSEDED
        assert list(request.replies.values_list("outcome", flat=True)) == ["agree", "refuse"]

    @pytest.mark.parametrize("link", ["", "javascript:alert(1)", "//evil.example", "data.gz"])
    def test_fulfilment_names_a_place_that_can_be_opened(self, play: Cast, link: str) -> None:
        request = replied(play, AGREE)
        before = snapshot()
        with pytest.raises(RuleBroken):
            services.fulfil(request_id=request.pk, by=play.steward, link=link, on=ON, at=NOW)
        assert snapshot() == before

    def test_what_says_where_it_is_holds_no_number_of_a_person(self, play: Cast) -> None:
        request = replied(play, AGREE)
        before = snapshot()
        with pytest.raises(RuleBroken) as refusal:
            services.fulfil(
                request_id=request.pk, by=play.steward, link="/data/x/", note="请打 13900139000", on=ON, at=NOW
            )
        assert set(refusal.value.fields) == {"note"}
        assert snapshot() == before

    def test_fulfilment_stops_its_target_and_tells_the_applicant_where(self, play: Cast) -> None:
        # given
        person = citizen()
        request = replied(play, AGREE, by=person)

        # when
        services.fulfil(request_id=request.pk, by=play.steward, link="/data/parking/", on=ON, at=NOW)

        # then
        assert clocks_of(request).get(kind="open-fulfilment").stopped_on == ON
        assert "/data/parking/" in Notice.objects.get(recipient=person, key__contains="fulfilled").body


class TestWithdrawal:
    def test_stops_the_clock_and_keeps_who_withdrew(self, play: Cast) -> None:
        # given
        request = waiting(play)

        # when
        services.withdraw_request(request_id=request.pk, by=_applicant(request), on=ON, at=NOW)

        # then
        assert clocks_of(request).get().stopped_by == Clock.Stop.WITHDRAWN
        assert events_of(request).last().actor == "public"

    @pytest.mark.parametrize("somebody", ["stranger", "public", "steward", "wrong-code"])
    def test_is_the_applicants_alone(self, play: Cast, somebody: str) -> None:
        # given
        request = waiting(play)
        others = {
            "stranger": citizen(),
            "public": PUBLIC,
            "steward": play.steward,
            "wrong-code": CodeHolder(actor_key="public", number="GY-2026-09999"),
        }
        before = snapshot()

        # when
        with pytest.raises(DomainError) as refusal:
            services.withdraw_request(request_id=request.pk, by=others[somebody], on=ON, at=NOW)

        # then
        assert refusal.value.status == 403
        assert snapshot() == before


def test_the_applicant_is_told_once_of_an_overdue_reply_and_of_article_29(play: Cast) -> None:
    # given
    person = citizen()
    request = waiting(play, by=person)

    # when
    late = at(dt.date(2026, 11, 14))
    assert services.tell_applicants_overdue([request.number], late) == 1
    assert services.tell_applicants_overdue([request.number], late) == 1

    # then
    notice = Notice.objects.get(recipient=person, key__contains="overdue")
    assert "第二十九条" in notice.basis
    assert services.tell_applicants_overdue(["GY-2026-99999"], late) == 0


def test_a_question_is_answered_once(play: Cast) -> None:
    # given
    request = waiting(play)
    question = services.ask_question(request_id=request.pk, by=play.steward, text="哪一年？", on=ON, at=NOW)
    services.answer_question(question_id=question.pk, by=_applicant(request), text="2025 年。", at=NOW)
    before = snapshot()

    # when / then
    with pytest.raises(WrongState):
        services.answer_question(question_id=question.pk, by=_applicant(request), text="2026 年。", at=NOW)
    assert snapshot() == before
