"""Like requests: linked, each on its own way; and answered together, each with its own record."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.files.base import ContentFile

from guiyang_data.accounts.models import User
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
from requests_app.models import BatchItem, OpenRequest, Reply, ReplyBatch, RequestLink
from requests_app.selectors import holder_of, linked_to
from requests_app.services import Party, ReplyText, Together
from requests_app.services.batches import LONGEST_ADDITION, LONGEST_REASONS, MOST_TOGETHER
from requests_app.views.parts import papers_of
from tests.factories.accounts import citizen, staff
from tests.factories.catalog import entry_in_force
from tests.factories.requests import AGREE, IN_PART, REFUSE, Cast, at, cast, drafted, filed, replied, waiting
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = dt.date(2026, 11, 10)
NOW = at(ON)
WHY = "两件申请要的是同一份数据。"


@pytest.fixture
def play() -> Cast:
    return cast()


def three(play: Cast) -> list[OpenRequest]:
    """Three requests that wait, each filed a day later and with an address of its own."""
    return [
        waiting(
            play,
            title=f"停车场余位（{number}）",
            on=dt.date(2026, 11, 3 + number),
            party=Party(mail=f"a{number}@mail.example"),
        )
        for number in range(3)
    ]


def together(
    play: Cast, requests: list[OpenRequest], text: ReplyText = REFUSE, by: User | None = None, **given: object
) -> Together:
    """Drafted together by the steward."""
    ids = [request.pk for request in requests]
    return services.draft_together(request_ids=ids, by=by or play.steward, text=text, on=ON, at=NOW, **given)


def fresh(requests: list[OpenRequest]) -> list[OpenRequest]:
    return list(OpenRequest.objects.filter(pk__in=[request.pk for request in requests]).order_by("pk"))


# --- linking -----------------------------------------------------------------------------------------


class TestLinking:
    def test_a_link_shows_from_both_sides_and_touches_nothing_else(self, play: Cast) -> None:
        # given
        first, second, third = three(play)
        clocks = list(Clock.objects.order_by("pk").values())

        # when
        services.link_requests(request_id=second.pk, by=play.steward, other=first.number, at=NOW, reasons=WHY)
        services.link_requests(request_id=second.pk, by=play.approver, other=third.number.lower(), at=NOW)

        # then
        assert linked_to(first) == [second, third]
        assert linked_to(second) == [first, third]
        assert linked_to(third) == [first, second]
        assert list(Clock.objects.order_by("pk").values()) == clocks
        assert {request.status for request in fresh([first, second, third])} == {"waiting"}
        for one, other in ((first, second), (second, third), (third, second)):
            event = events_of(one).last()
            assert event is not None
            assert (event.verb, event.payload) == ("link", {"other": other.number})

    def test_each_keeps_its_own_reply_and_review(self, play: Cast) -> None:
        # given
        first, second, _third = three(play)
        services.link_requests(request_id=first.pk, by=play.steward, other=second.number, at=NOW)

        # when
        services.draft_reply(request_id=first.pk, by=play.steward, text=REFUSE, on=ON, at=NOW)
        services.deliver_reply(request_id=first.pk, by=play.approver, on=ON, at=NOW)

        # then
        answered, other = fresh([first, second])
        assert (answered.status, other.status) == ("refused", "waiting")
        assert not clocks_of(answered).get().is_running
        assert clocks_of(other).get().is_running
        assert not other.replies.exists()

    def test_undone_from_either_side_it_is_kept_who_and_why_and_may_be_made_again(self, play: Cast) -> None:
        # given
        first, second, _third = three(play)
        services.link_requests(request_id=first.pk, by=play.steward, other=second.number, at=NOW)

        # when
        link = services.unlink_requests(
            request_id=second.pk, by=play.approver, other=first.number, at=NOW, reasons="年份不同。"
        )

        # then
        assert linked_to(first) == linked_to(second) == []
        assert (link.undone_by, link.undone_reasons) == (play.approver, "年份不同。")
        assert [event.verb for event in events_of(first)][-2:] == ["link", "unlink"]
        services.link_requests(request_id=second.pk, by=play.steward, other=first.number, at=NOW)
        assert RequestLink.objects.filter(undone_at=None).count() == 1
        assert RequestLink.objects.count() == 2

    @pytest.mark.parametrize("fault", ["itself", "unknown", "unseen", "twice", "long"])
    def test_what_cannot_be_linked_is_named_at_its_field(self, play: Cast, fault: str) -> None:
        # given
        first, second, _third = three(play)
        elsewhere = waiting(play, agency=play.city.health)
        if fault == "twice":
            services.link_requests(request_id=second.pk, by=play.steward, other=first.number, at=NOW)
        other = {"itself": first.number, "unknown": "GY-2026-99999", "unseen": elsewhere.number}
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refused:
            services.link_requests(
                request_id=first.pk,
                by=play.steward,
                other=other.get(fault, second.number),
                at=NOW,
                reasons="长" * 501 if fault == "long" else "",
            )

        # then
        assert set(refused.value.fields) == {"reasons" if fault == "long" else "other"}
        assert snapshot() == before

    def test_what_is_not_linked_cannot_be_unlinked(self, play: Cast) -> None:
        first, second, _third = three(play)
        with pytest.raises(RuleBroken) as refused:
            services.unlink_requests(request_id=first.pk, by=play.steward, other=second.number, at=NOW)
        assert "没有关联" in refused.value.fields["other"]

    def test_nobody_links_with_a_withdrawn_request(self, play: Cast) -> None:
        first, second, _third = three(play)
        _withdraw(second)
        with pytest.raises(WrongState):
            services.link_requests(request_id=first.pk, by=play.steward, other=second.number, at=NOW)
        assert not RequestLink.objects.exists()

    def test_only_those_who_answer_link(self, play: Cast) -> None:
        # given
        first, second, _third = three(play)
        before = snapshot()

        # when
        with pytest.raises(NotAllowed):
            services.link_requests(request_id=first.pk, by=play.authority_officer, other=second.number, at=NOW)

        # then
        assert snapshot() == before


# --- drafting together -------------------------------------------------------------------------------


class TestDrafting:
    def test_every_request_gets_a_draft_and_an_event_of_its_own_and_the_approver_one_notice(self, play: Cast) -> None:
        # given
        requests = three(play)

        # when
        result = together(play, requests)

        # then
        assert list(result.done) == requests
        assert result.left_out == ()
        for request in fresh(requests):
            assert request.status == "in-approval"
            reply = request.replies.get()
            assert (reply.batch, reply.drafted_by, reply.delivered_on) == (result.batch, play.steward, None)
            assert reply.reasons == REFUSE.reasons
            assert clocks_of(request).get().is_running
            event = events_of(request).last()
            assert event is not None
            assert (event.verb, event.payload["batch"]) == ("draft-reply", result.batch.pk)
        told = Notice.objects.get(title__startswith="请审批")
        assert told.recipient == play.approver
        assert "3 件" in told.title
        assert told.path == f"/desk/requests/batch/{result.batch.pk}/"

    def test_number_data_and_added_words_differ_from_reply_to_reply(self, play: Cast) -> None:
        # given
        requests = three(play)
        text = ReplyText(
            outcome="agree-in-part",
            agreed_to="open",
            agreed_part="【数据】的名称和位置",
            ground="2",
            ground_basis=IN_PART.ground_basis,
            why_still_closed="【数据】里保密的部分处理后没有可以开放的内容。",
            reasons="您申请的【数据】（【编号】）由合作企业采集，合同约定保密。",
        )

        # when
        together(play, requests, text, additions={requests[1].pk: " 您问到的收费标准见市发展改革委网站。 "})

        # then
        first, second, _third = (request.replies.get() for request in requests)
        assert first.reasons == f"您申请的停车场余位（0）（{requests[0].number}）由合作企业采集，合同约定保密。"
        assert first.agreed_part == "停车场余位（0）的名称和位置"
        assert first.why_still_closed.startswith("停车场余位（0）里")
        assert second.reasons.startswith(f"您申请的停车场余位（1）（{requests[1].number}）")
        assert second.reasons.endswith("\n您问到的收费标准见市发展改革委网站。")
        assert BatchItem.objects.get(request=requests[1]).addition == "您问到的收费标准见市发展改革委网站。"

    def test_what_is_not_waiting_or_anothers_is_left_out_and_named(self, play: Cast) -> None:
        # given
        requests = three(play)
        gone, elsewhere, answered = waiting(play), waiting(play, agency=play.city.health), replied(play)
        services.draft_reply(request_id=requests[0].pk, by=play.steward, text=AGREE, on=ON, at=NOW)
        _withdraw(gone)

        # when
        result = together(play, [*requests, gone, elsewhere, answered])

        # then
        assert list(result.done) == requests[1:]
        assert {one.request.pk: one.why for one in result.left_out} == {
            requests[0].pk: "状态为「答复待审批」",
            gone.pk: "状态为「已撤回」",
            elsewhere.pk: f"由{play.city.health.name}答复",
            answered.pk: "状态为「不同意」",
        }
        assert requests[0].replies.get().outcome == "agree"
        assert BatchItem.objects.filter(result="left-out").count() == 4

    @pytest.mark.parametrize("fault", ["none", "one", "many", "text", "entry", "addition", "long", "all-out"])
    def test_a_wrong_batch_drafts_nothing(self, play: Cast, fault: str) -> None:
        # given
        requests = three(play)
        given: dict[str, object] = {}
        text = REFUSE
        if fault == "many":
            copies = [_copy_of(requests[0], number) for number in range(MOST_TOGETHER)]
            requests = OpenRequest.objects.bulk_create(copies) + requests[:1]
        if fault == "text":
            text = ReplyText(outcome="refuse", ground="2", ground_basis="", reasons="短")
        if fault == "addition":
            given["additions"] = {requests[0].pk: "长" * (LONGEST_ADDITION + 1)}
        if fault == "long":
            text = replace(REFUSE, reasons="长" * (LONGEST_REASONS - 5))
            given["additions"] = {requests[0].pk: "再补充几个字。"}
        if fault == "entry":
            given["entry"] = entry_in_force(play.city.health)
        if fault == "all-out":
            for request in requests:
                _withdraw(request)
        chosen = {"none": [], "one": requests[:1]}.get(fault, requests)
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refused:
            together(play, chosen, text, **given)

        # then
        wanted = {
            "text": {"ground_basis", "why_still_closed", "reasons"},
            "addition": {"additions"},
            "long": {"reasons"},
            "entry": {"entry"},
        }
        assert set(refused.value.fields) == wanted.get(fault, {"requests"})
        assert snapshot() == before
        assert not ReplyBatch.objects.exists()

    def test_nobody_drafts_together_for_another_agency(self, play: Cast) -> None:
        # given
        requests = three(play)
        before = snapshot()

        # when
        with pytest.raises(NotAllowed):
            together(play, requests, by=play.other_steward)

        # then
        assert snapshot() == before

    def test_files_belong_to_the_batch_and_are_shown_with_each_reply(self, play: Cast) -> None:
        # given
        requests = three(play)
        paper = take_in(ContentFile("甲".encode(), name="说明.txt"), subject="draft:1", by=play.steward, at=NOW)

        # when
        result = together(play, requests, papers=[paper])

        # then
        paper.refresh_from_db()
        assert paper.subject == subject_of(result.batch)
        for request in requests:
            assert [row["name"] for row in papers_of(request.replies.get())] == ["说明.txt"]

    def test_a_draft_written_anew_leaves_the_batch_and_keeps_its_file(self, play: Cast) -> None:
        # given
        requests = three(play)
        paper = take_in(ContentFile("甲".encode(), name="说明.txt"), subject="draft:1", by=play.steward, at=NOW)
        batch = together(play, requests, papers=[paper]).batch
        services.inspect_papers(request_id=requests[1].pk, by=play.steward, at=NOW)
        services.return_draft(request_id=requests[0].pk, by=play.approver, reasons="单独答复。", on=ON, at=NOW)

        # when
        services.draft_reply(request_id=requests[0].pk, by=play.steward, text=AGREE, on=ON, at=NOW)

        # then
        reply = requests[0].replies.get()
        assert (reply.batch, reply.outcome) == (None, "agree")
        assert [row["name"] for row in papers_of(reply)] == ["说明.txt"]
        result = services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)
        assert [one.why for one in result.left_out] == ["已经另行起草答复"]
        assert fresh(requests)[0].status == "in-approval"


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


def _copy_of(request: OpenRequest, number: int) -> OpenRequest:
    names = ("title", "agency", "submitted_at", "submitted_on", "code_hash")
    return OpenRequest(number=f"GY-2026-7{number:04}", **{name: getattr(request, name) for name in names})


def test_drafted_alone_has_no_batch(play: Cast) -> None:
    assert drafted(play).replies.get().batch is None
