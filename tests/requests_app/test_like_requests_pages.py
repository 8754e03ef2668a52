"""The pages on which like requests are linked, and answered together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.attachments.models import Attachment
from guiyang_data.ledger.services import subject_of
from requests_app import services
from requests_app.models import OpenRequest, Reply, ReplyBatch, RequestLink
from requests_app.policies import CodeHolder
from requests_app.selectors import linked_to
from requests_app.views.parts import papers_path
from tests.factories.accounts import citizen
from tests.factories.requests import REFUSE, Cast, at, cast, waiting
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

NEW = "/desk/requests/batch/"
ON = dt.date(2026, 11, 10)
REPLY = {
    "outcome": "refuse",
    "ground": REFUSE.ground,
    "ground_basis": REFUSE.ground_basis,
    "why_still_closed": REFUSE.why_still_closed,
    "reasons": "【编号】：余位数据由合作企业采集，合同约定保密。",
}


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_tenth_of_november() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 10, 2, 0, tzinfo=dt.UTC), tick=False):
        yield


def _as(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def _chosen(*requests: OpenRequest) -> str:
    return f"{NEW}?{urlencode([('chosen', request.pk) for request in requests])}"


def _drafted(play: Cast, *requests: OpenRequest) -> ReplyBatch:
    ids = [request.pk for request in requests]
    return services.draft_together(request_ids=ids, by=play.steward, text=REFUSE, on=ON, at=at(ON)).batch


class TestList:
    def test_only_what_waits_for_a_reply_can_be_ticked(self, play: Cast) -> None:
        # given
        first, second = waiting(play), waiting(play)
        third = waiting(play)
        services.draft_reply(request_id=third.pk, by=play.steward, text=REFUSE, on=ON, at=at(ON))

        # when
        page = _as(play.steward).get("/desk/requests/").content.decode()

        # then
        assert "一并答复选中的申请" in page
        assert f'name="chosen" value="{first.pk}"' in page
        assert f'name="chosen" value="{second.pk}"' in page
        assert f'name="chosen" value="{third.pk}"' not in page

    def test_who_only_watches_is_offered_nothing_to_tick(self, play: Cast) -> None:
        for _number in range(2):
            waiting(play)
        assert 'name="chosen"' not in _as(play.authority_officer).get("/desk/requests/").content.decode()

    def test_an_approver_finds_what_waits_for_approval_on_top(self, play: Cast) -> None:
        # given
        batch = _drafted(play, waiting(play), waiting(play))

        # then
        assert batch.get_absolute_url() in _as(play.approver).get("/desk/requests/").content.decode()
        assert batch.get_absolute_url() not in _as(play.other_steward).get("/desk/requests/").content.decode()
        services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=at(ON))
        assert batch.get_absolute_url() not in _as(play.approver).get("/desk/requests/").content.decode()


class TestDraftingPage:
    def test_ticked_requests_are_drafted_in_one_go_and_delivered_by_a_second_person(self, play: Cast) -> None:
        # given
        first, second = waiting(play), waiting(play, title="停车场泊位数")
        client = _as(play.steward)
        page = client.get(_chosen(first, second)).content.decode()
        assert f'name="requests" value="{first.pk}" checked' in page

        # when
        sent = {
            **REPLY,
            "requests": [first.pk, second.pk],
            f"addition_{second.pk}": "泊位数见附件。",
            "file": SimpleUploadedFile("泊位.csv", "场,数\n甲,1\n".encode()),
            "submission": "a" * 32,
        }
        drafted = client.post(NEW, sent)

        # then
        batch = ReplyBatch.objects.get()
        assert drafted.url == batch.get_absolute_url()
        assert (
            second.replies.get().reasons == f"{second.number}：余位数据由合作企业采集，合同约定保密。\n泊位数见附件。"
        )
        shown = client.get(drafted.url).content.decode()
        assert "2 件已起草并报请审批" in shown
        assert "批准并一并送达" not in shown
        assert "由另一位审批人批准送达" in shown

        # when
        approver = _as(play.approver)
        assert "批准并一并送达" in approver.get(batch.get_absolute_url()).content.decode()
        delivered = approver.post(f"{batch.get_absolute_url()}deliver/", {"submission": "b" * 32}, follow=True)

        # then
        assert "2 件答复已分别送达申请人" in delivered.content.decode()
        assert Reply.objects.filter(delivered_on=ON).count() == 2

    def test_what_was_found_in_a_shared_file_is_seen_to_before_the_delivery(self, play: Cast) -> None:
        # given: a number of a person in the file
        first, second = waiting(play), waiting(play)
        client = _as(play.steward)
        file = SimpleUploadedFile("名单.csv", "姓名,手机\n某某,13900000000\n".encode())
        sent = {**REPLY, "requests": [first.pk, second.pk], "submission": "a" * 32, "file": file}

        # when
        page = client.post(NEW, sent, follow=True).content.decode()

        # then
        batch = ReplyBatch.objects.get()
        assert "附件里检出了需要处理的内容" in page
        assert papers_path(first) in page
        approver = _as(play.approver)
        assert "名单.csv" in approver.get(f"{batch.get_absolute_url()}deliver/").content.decode()
        refused = approver.post(f"{batch.get_absolute_url()}deliver/")
        assert refused.status_code == 422
        assert "附件检查" in refused.content.decode()
        assert not Reply.objects.filter(delivered_on__isnull=False).exists()

    def test_sent_twice_it_is_one_batch(self, play: Cast) -> None:
        first, second = waiting(play), waiting(play)
        client = _as(play.steward)
        sent = {**REPLY, "requests": [first.pk, second.pk], "submission": "a" * 32}
        assert client.post(NEW, sent).url == client.post(NEW, sent).url
        assert ReplyBatch.objects.count() == 1

    def test_like_requests_that_wait_here_are_offered_and_not_ticked(self, play: Cast) -> None:
        # given
        first = waiting(play, title="公共停车场实时余位")
        like = waiting(play, title="停车场实时余位数据")
        elsewhere = waiting(play, title="停车场实时余位数据", agency=play.city.health)
        other = waiting(play, title="急救车辆位置")

        # when
        page = _as(play.steward).get(_chosen(first)).content.decode()

        # then
        assert f'value="{like.pk}" >' in page or f'value="{like.pk}">' in page
        assert "相似，可以加选" in page
        assert f'name="requests" value="{elsewhere.pk}"' not in page
        assert f'name="requests" value="{other.pk}"' not in page

    def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(self, play: Cast) -> None:
        # given
        first, second = waiting(play), waiting(play)
        before = snapshot()

        # when
        sent = {"outcome": "refuse", "reasons": "短", "requests": [first.pk], f"addition_{first.pk}": "另见附件说明"}
        answer = _as(play.steward).post(_chosen(first, second), sent)

        # then
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "请至少选择 2 件申请" in page
        assert "另见附件说明" in page
        assert f'value="{second.pk}" checked' not in page
        assert snapshot() == before

    def test_who_withdrew_meanwhile_is_named_to_the_drafter(self, play: Cast) -> None:
        # given
        first, second, gone = waiting(play), waiting(play), waiting(play)
        client = _as(play.steward)
        client.get(_chosen(first, second, gone))
        services.withdraw_request(request_id=gone.pk, by=_holder(gone.number), on=ON, at=at(ON))

        # when
        sent = {**REPLY, "requests": [first.pk, second.pk, gone.pk], "submission": "a" * 32}
        page = client.post(NEW, sent, follow=True).content.decode()

        # then
        assert f"1 件没有办理：{gone.number} 状态为「已撤回」" in page
        assert Reply.objects.count() == 2

    def test_nothing_ticked_leads_back_to_the_list(self, play: Cast) -> None:
        client = _as(play.steward)
        for path in (NEW, f"{NEW}?chosen=0&chosen=x"):
            assert client.get(path).url == "/desk/requests/"
        assert client.post(NEW, REPLY).url == "/desk/requests/"

    def test_anothers_request_cannot_be_smuggled_in(self, play: Cast) -> None:
        elsewhere = waiting(play, agency=play.city.health)
        client = _as(play.steward)
        assert client.post(NEW, {**REPLY, "requests": [elsewhere.pk]}).url == "/desk/requests/"
        answer = client.post(NEW, {**REPLY, "requests": [waiting(play).pk, elsewhere.pk]})
        assert answer.status_code == 422
        assert not ReplyBatch.objects.exists()

    def test_is_not_there_for_the_public(self, play: Cast) -> None:
        assert Client().get(NEW).status_code == 302
        assert _as(citizen()).get(_chosen(waiting(play))).status_code == 404


class TestBatchPage:
    def test_shows_every_reply_and_who_was_left_out(self, play: Cast) -> None:
        # given
        first, gone = waiting(play), waiting(play, title="已经撤回的")
        batch = _drafted(play, first, gone)
        services.withdraw_request(request_id=gone.pk, by=_holder(gone.number), on=ON, at=at(ON))

        # when
        page = _as(play.approver).post(f"{batch.get_absolute_url()}deliver/", follow=True).content.decode()

        # then
        assert "1 件没有一并答复" in page
        assert page.count("状态为「已撤回」") == 2
        assert "已送达" in page

    def test_one_more_request_costs_no_query(self, play: Cast) -> None:
        def cost(number: int) -> int:
            batch = _drafted(play, *(waiting(play) for _number in range(number)))
            client = _as(play.steward)
            client.get(batch.get_absolute_url())
            with CaptureQueriesContext(connection) as captured:
                assert client.get(batch.get_absolute_url()).status_code == 200
            return len(captured)

        assert cost(2) == cost(7)

    def test_other_agencies_do_not_see_it(self, play: Cast) -> None:
        batch = _drafted(play, waiting(play), waiting(play))
        for person in (play.other_steward, play.authority_officer, play.reviewer):
            for path in ("", "deliver/", "return/"):
                assert _as(person).get(f"{batch.get_absolute_url()}{path}").status_code == 404

    def test_the_drafter_is_refused_the_delivery_and_may_take_all_back(self, play: Cast) -> None:
        batch = _drafted(play, waiting(play), waiting(play))
        client = _as(play.steward)
        assert client.get(f"{batch.get_absolute_url()}deliver/").status_code == 403
        page = client.post(f"{batch.get_absolute_url()}return/", {"reasons": "数字有误。"}, follow=True)
        assert "2 件草稿已退回起草人" in page.content.decode()
        assert client.get(f"{batch.get_absolute_url()}return/").status_code == 409

    def test_files_are_for_the_drafters_and_once_delivered_for_each_applicant(self, play: Cast) -> None:
        # given
        person = citizen()
        first, second = waiting(play, by=person), waiting(play)
        client = _as(play.steward)
        sent = {**REPLY, "requests": [first.pk, second.pk], "submission": "a" * 32}
        client.post(NEW, sent | {"file": SimpleUploadedFile("说明.txt", "甲".encode())})
        batch = ReplyBatch.objects.get()
        paper = Attachment.objects.get(subject=subject_of(batch))
        path = f"/requests/papers/{paper.pk}/"

        # then
        assert client.get(path).status_code == 200
        assert _as(person).get(path).status_code == 404
        services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=at(ON))
        assert _as(person).get(path).status_code == 200
        assert _as(citizen()).get(path).status_code == 404
        assert "说明.txt" in _as(person).get(first.get_absolute_url()).content.decode()


class TestLinkPages:
    def test_a_case_shows_what_is_like_it_and_links_it(self, play: Cast) -> None:
        # given
        first, like = waiting(play, title="公共停车场实时余位"), waiting(play, title="停车场实时余位数据")
        client = _as(play.steward)
        offer = f"{first.work_path}link/?other={like.number}"
        assert offer in client.get(first.work_path).content.decode()
        assert f'value="{like.number}"' in client.get(offer).content.decode()

        # when
        client.post(f"{first.work_path}link/", {"other": like.number, "reasons": "同一份数据。"})

        # then
        assert linked_to(first) == [like]
        page = client.get(like.work_path).content.decode()
        assert "已关联的相同申请" in page
        assert first.number in page
        assert f"{NEW}?chosen={like.pk}&amp;chosen={first.pk}" in page
        assert "关联相同申请（各自计时、各自答复）" in page

    def test_a_link_is_undone_on_its_page(self, play: Cast) -> None:
        first, like = waiting(play), waiting(play)
        client = _as(play.steward)
        assert "解除关联" not in client.get(first.work_path).content.decode()
        client.post(f"{first.work_path}link/", {"other": like.number})
        assert "解除关联" in client.get(first.work_path).content.decode()
        client.post(f"{like.work_path}unlink/", {"other": first.number})
        assert linked_to(first) == []

    @pytest.mark.parametrize("other", ["", "GY-2026-99999", "self", "elsewhere"])
    def test_a_wrong_number_is_said_at_its_field(self, play: Cast, other: str) -> None:
        first, elsewhere = waiting(play), waiting(play, agency=play.city.health)
        number = {"self": first.number, "elsewhere": elsewhere.number}.get(other, other)
        answer = _as(play.steward).post(f"{first.work_path}link/", {"other": number})
        assert answer.status_code == 422
        assert 'id="id_other_error"' in answer.content.decode()
        assert not RequestLink.objects.exists()

    def test_neither_link_nor_its_words_are_shown_to_the_public(self, play: Cast) -> None:
        # given
        first, like = waiting(play), waiting(play, title="不一样的名称")
        services.link_requests(
            request_id=first.pk, by=play.steward, other=like.number, at=at(ON), reasons="内部说明的话"
        )

        # then
        page = Client().get(first.get_absolute_url()).content.decode()
        assert "关联相同申请" not in page
        assert "内部说明的话" not in page


def _holder(number: str) -> CodeHolder:
    return CodeHolder(actor_key="public", number=number)
