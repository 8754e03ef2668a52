"""Like requests drafted together: each with a draft and a record of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.files.base import ContentFile

from guiyang_data.attachments.services import take_in
from guiyang_data.errors import NotAllowed, RuleBroken
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import clocks_of
from requests_app import policies, services
from requests_app.models import BatchItem, OpenRequest, ReplyBatch
from requests_app.services import ReplyText
from requests_app.services.batches import LONGEST_ADDITION, LONGEST_REASONS, MOST_TOGETHER
from requests_app.views.parts import papers_of
from tests.factories.catalog import entry_in_force
from tests.factories.requests import AGREE, IN_PART, REFUSE, Cast, cast, drafted, replied, waiting
from tests.requests_app.alike import NOW, ON, fresh, three, together
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def play() -> Cast:
    return cast()


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

    def test_a_number_of_a_person_in_what_is_added_to_one_is_pointed_out(self, play: Cast) -> None:
        # given
        requests = three(play)
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refused:
            together(play, requests, REFUSE, additions={requests[0].pk: "详情请打 13900139000。"})

        # then
        assert requests[0].number in refused.value.fields["additions"]
        assert "手机号码 139******00" in refused.value.fields["additions"]
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


def _withdraw(request: OpenRequest) -> None:
    holder = policies.CodeHolder(actor_key="public", number=request.number)
    services.withdraw_request(request_id=request.pk, by=holder, on=ON, at=NOW)


def _copy_of(request: OpenRequest, number: int) -> OpenRequest:
    names = ("title", "agency", "submitted_at", "submitted_on", "code_hash")
    return OpenRequest(number=f"GY-2026-7{number:04}", **{name: getattr(request, name) for name in names})


def test_drafted_alone_has_no_batch(play: Cast) -> None:
    assert drafted(play).replies.get().batch is None
