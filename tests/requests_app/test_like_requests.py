"""Like requests answered together: delivered or sent back at once, each with its own record."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.base import ContentFile

from guiyang_data.accounts.protection import decrypt
from guiyang_data.accounts.roles import Role
from guiyang_data.attachments.services import take_in
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Delivery, Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of
from requests_app import policies, services
from requests_app.models import OpenRequest, Reply, ReplyBatch
from requests_app.selectors import holder_of
from requests_app.services import Together
from tests.factories.accounts import citizen, staff
from tests.factories.requests import AGREE, REFUSE, Cast, cast, filed, waiting
from tests.requests_app.alike import NOW, ON, fresh, three, together
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def play() -> Cast:
    return cast()


# --- delivering together -----------------------------------------------------------------------------


class TestDelivering:
    def test_each_clock_stops_each_applicant_is_told_and_each_reply_is_a_record(self, play: Cast) -> None:
        # given
        requests = three(play)
        batch = together(play, requests).batch

        # when
        result = services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)

        # then
        assert list(result.done) == requests
        for number, request in enumerate(fresh(requests)):
            reply = request.replies.get()
            assert request.status == "refused"
            assert (reply.approved_by, reply.delivered_on) == (play.approver, ON)
            clock = clocks_of(request).get()
            assert (clock.stopped_on, clock.stopped_by, reply.due_on) == (ON, "done", clock.due_on)
            event = events_of(request).last()
            assert event is not None
            assert event.verb == "refuse"
            sent = Delivery.objects.get(notice__subject=subject_of(request), notice__title__contains="已答复")
            assert decrypt(sent.address_encrypted) == f"a{number}@mail.example"
        batch.refresh_from_db()
        assert (batch.status, batch.ended_by) == ("delivered", play.approver)
        event = events_of(batch).last()
        assert event is not None
        assert event.payload == {"done": [request.number for request in requests], "left_out": []}

    def test_one_late_and_one_on_time_are_each_marked_by_their_own_day(self, play: Cast) -> None:
        # given
        late, in_time = waiting(play, on=dt.date(2026, 10, 20)), waiting(play, on=dt.date(2026, 11, 5))
        batch = together(play, [late, in_time]).batch

        # when
        services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)

        # then
        assert late.replies.get().is_late
        assert not in_time.replies.get().is_late

    def test_who_changed_meanwhile_is_left_out_and_named_and_the_others_go_on(self, play: Cast) -> None:
        # given
        requests = [filed(play) for _number in range(5)]
        gone, returned, handed_on, answered, stays = (made.request for made in requests)
        batch = together(play, [made.request for made in requests]).batch
        holder = holder_of(gone.number, requests[0].code)
        services.withdraw_request(request_id=gone.pk, by=holder, on=ON, at=NOW)
        for request in (returned, handed_on):
            services.return_draft(request_id=request.pk, by=play.approver, reasons="单独处理。", on=ON, at=NOW)
        services.transfer(
            request_id=handed_on.pk,
            by=play.steward,
            to=play.city.health,
            reasons="数据由对方管理和公开。",
            on=ON,
            at=NOW,
        )
        services.deliver_reply(request_id=answered.pk, by=play.approver, on=ON, at=NOW)

        # when
        result = services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)

        # then
        assert list(result.done) == [stays]
        assert {one.request: one.why for one in result.left_out} == {
            gone: "状态为「已撤回」",
            returned: "状态为「待答复」",
            handed_on: f"已转给{play.city.health.name}",
            answered: "状态为「不同意」",
        }
        results = dict(batch.items.values_list("request", "result"))
        assert results == {stays.pk: "delivered"} | dict.fromkeys(
            (gone.pk, returned.pk, handed_on.pk, answered.pk), "left-out"
        )
        assert Reply.objects.filter(delivered_on__isnull=False).count() == 2
        assert clocks_of(returned).get().is_running

    def test_a_reply_with_a_file_of_its_own_that_nobody_looked_into_is_left_out(self, play: Cast) -> None:
        # given: drafted alone with a file, sent back, then drafted together
        requests = three(play)
        paper = take_in(ContentFile("甲".encode(), name="说明.txt"), subject="draft:1", by=play.steward, at=NOW)
        alone = requests[0].pk
        services.draft_reply(request_id=alone, by=play.steward, text=REFUSE, papers=[paper], on=ON, at=NOW)
        services.return_draft(request_id=alone, by=play.approver, reasons="一并答复。", on=ON, at=NOW)
        batch = together(play, requests).batch

        # when
        result = _deliver(play, batch)

        # then
        assert list(result.done) == requests[1:]
        assert "还没有检查" in result.left_out[0].why
        assert fresh(requests)[0].status == "in-approval"

    def test_who_drafted_does_not_deliver_under_any_account(self, play: Cast) -> None:
        # given
        both = staff(play.city.provider, Role.DATA_STEWARD, Role.APPROVER)
        requests = three(play)
        batch = together(play, requests, by=both).batch
        before = snapshot()

        # when
        with pytest.raises(NotAllowed) as refused:
            services.deliver_together(batch_id=batch.pk, by=both, on=ON, at=NOW)

        # then
        assert "另一位审批人" in refused.value.message
        assert snapshot() == before

    def test_only_an_approver_of_the_agency_delivers(self, play: Cast) -> None:
        # given
        batch = together(play, three(play)).batch
        others = [
            staff(play.city.provider, Role.DATA_STEWARD),
            staff(play.city.health, Role.APPROVER),
            play.authority_officer,
            citizen(),
        ]
        before = snapshot()

        # then
        for person in others:
            with pytest.raises(NotAllowed):
                services.deliver_together(batch_id=batch.pk, by=person, on=ON, at=NOW)
        assert snapshot() == before

    @pytest.mark.parametrize("ended", ["delivered", "returned"])
    def test_an_ended_batch_is_neither_delivered_nor_returned_again(self, play: Cast, ended: str) -> None:
        # given
        batch = together(play, three(play)).batch
        _deliver(play, batch) if ended == "delivered" else _return(play, batch)
        before = snapshot()

        # then
        for act in (_deliver, _return):
            with pytest.raises(WrongState):
                act(play, batch)
        assert snapshot() == before

    def test_a_batch_of_which_nothing_waits_says_so_and_changes_nothing(self, play: Cast) -> None:
        # given
        requests = three(play)
        batch = together(play, requests).batch
        for request in requests:
            _withdraw(request)
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refused:
            _deliver(play, batch)

        # then
        assert requests[0].number in refused.value.message
        assert snapshot() == before

    def test_an_agreement_runs_the_target_of_each(self, play: Cast) -> None:
        # given
        requests = three(play)
        batch = together(play, requests, AGREE).batch

        # when
        _deliver(play, batch)

        # then
        running = Clock.objects.filter(kind="open-fulfilment", stopped_on=None)
        assert {clock.number for clock in running} == {request.number for request in requests}

    def test_each_reply_can_be_reviewed_on_its_own(self, play: Cast) -> None:
        # given
        requests = three(play)
        _deliver(play, together(play, requests).batch)

        # when
        review = services.apply_review(
            request_id=requests[1].pk, by=citizen(), parts="余位", reasons="同一数据已经公开展示。", on=ON, at=NOW
        ).review

        # then
        assert review.reply == requests[1].replies.get()
        assert [request.status for request in fresh(requests)] == ["refused"] * 3
        assert policies.took_part(play.steward, review.reply)
        assert policies.took_part(play.approver, review.reply)


class TestReturning:
    def test_all_that_wait_go_back_with_the_reasons_and_the_drafter_hears_once(self, play: Cast) -> None:
        # given
        requests = three(play)
        batch = together(play, requests).batch
        _withdraw(requests[0])

        # when
        result = _return(play, batch)

        # then
        assert list(result.done) == requests[1:]
        assert [request.status for request in fresh(requests)] == ["withdrawn", "waiting", "waiting"]
        assert {reply.return_reasons for reply in Reply.objects.filter(request__in=requests[1:])} == {"请补充依据。"}
        told = Notice.objects.get(title__contains="被退回")
        assert (told.recipient, told.body) == (play.steward, "请补充依据。")
        batch.refresh_from_db()
        assert batch.status == "returned"

    def test_what_was_returned_can_be_drafted_together_again(self, play: Cast) -> None:
        # given
        requests = three(play)
        first = together(play, requests).batch
        _return(play, first)

        # when
        second = together(play, requests, AGREE).batch
        _deliver(play, second)

        # then
        assert {reply.batch for reply in Reply.objects.all()} == {second}
        assert {request.status for request in fresh(requests)} == {"agreed"}

    def test_without_reasons_nothing_goes_back(self, play: Cast) -> None:
        batch = together(play, three(play)).batch
        before = snapshot()
        with pytest.raises(RuleBroken) as refused:
            services.return_together(batch_id=batch.pk, by=play.approver, reasons=" ", at=NOW)
        assert set(refused.value.fields) == {"reasons"}
        assert snapshot() == before


def _deliver(play: Cast, batch: ReplyBatch) -> Together:
    return services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)


def _return(play: Cast, batch: ReplyBatch) -> Together:
    return services.return_together(batch_id=batch.pk, by=play.approver, reasons="请补充依据。", at=NOW)


def _withdraw(request: OpenRequest) -> None:
    holder = policies.CodeHolder(actor_key="public", number=request.number)
    services.withdraw_request(request_id=request.pk, by=holder, on=ON, at=NOW)
