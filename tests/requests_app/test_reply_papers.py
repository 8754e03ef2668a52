"""What leaves with a reply: looked into, cleared, and only then delivered."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.attachments import selectors
from guiyang_data.attachments.models import Attachment, InspectionFinding
from guiyang_data.attachments.services import cleaned_content, copy, take_in
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from requests_app import policies, services
from requests_app.checks import paper_checks
from requests_app.models import OpenRequest
from requests_app.selectors import draft_of
from requests_app.workflow import RequestStatus
from tests.factories import papers
from tests.factories.accounts import bearer, staff, system
from tests.factories.requests import REFUSE, Cast, at, cast, drafted_with_paper, waiting
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = dt.date(2026, 11, 9)
NOW = at(ON)
WHY = "底表只有区划代码对照，可以公开。"


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_ninth_of_november() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def _as(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def deliver(play: Cast, request: OpenRequest) -> Any:
    return services.deliver_reply(request_id=request.pk, by=play.approver, on=ON, at=NOW)


def findings(paper: Attachment, *codes: str) -> list[int]:
    rows = InspectionFinding.objects.filter(inspection__attachment=paper)
    rows = rows.filter(code__in=codes) if codes else rows
    return [row.pk for row in rows if not row.must_go]


def confirm(play: Cast, request: OpenRequest, paper: Attachment, chosen: list[int], **given: Any) -> Any:
    values = {"by": play.steward, "reasons": WHY, **given}
    return services.confirm_findings(request_id=request.pk, paper_id=paper.pk, findings=chosen, at=NOW, **values)


class TestDelivery:
    def test_papers_that_nobody_looked_into_do_not_leave(self, play: Cast) -> None:
        # given
        request, _paper = drafted_with_paper(play, inspected=False)
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refused:
            deliver(play, request)

        # then
        assert "「名单.xlsx」还没有检查" in refused.value.message
        assert snapshot() == before

    def test_papers_with_findings_do_not_leave_before_each_is_cleared(self, play: Cast) -> None:
        # given
        request, paper = drafted_with_paper(play, name="说明.docx", content=papers.word_with_template())

        # then
        with pytest.raises(RuleBroken, match="1 项待处理"):
            deliver(play, request)

        # when
        confirm(play, request, paper, findings(paper))
        deliver(play, request)

        # then
        request.refresh_from_db()
        assert request.status == RequestStatus.REFUSED

    def test_a_number_in_a_hidden_sheet_is_answered_for_by_nobody(self, play: Cast) -> None:
        # given
        request, paper = drafted_with_paper(play)
        confirm(play, request, paper, findings(paper))
        hidden = InspectionFinding.objects.filter(inspection__attachment=paper, confirmed_by=None)
        before = snapshot()

        # then
        with pytest.raises(RuleBroken, match="看不到的位置里有个人号码"):
            deliver(play, request)
        with pytest.raises(RuleBroken):
            confirm(play, request, paper, [row.pk for row in hidden])
        assert snapshot() == before

        # when
        made = services.clean_paper(
            request_id=request.pk, paper_id=paper.pk, by=play.steward, content=cleaned_content(paper), at=NOW
        )
        services.inspect_papers(request_id=request.pk, by=play.steward, at=NOW)
        confirm(play, request, made, findings(made))
        deliver(play, request)

        # then
        request.refresh_from_db()
        assert request.status == RequestStatus.REFUSED
        assert [row.name for row in selectors.of(subject_of(request.replies.get()))] == ["名单（清理后）.xlsx"]

    def test_a_removed_paper_stays_behind(self, play: Cast) -> None:
        # given
        request, paper = drafted_with_paper(play)

        # when
        services.remove_paper(request_id=request.pk, paper_id=paper.pk, by=play.steward, at=NOW)
        deliver(play, request)

        # then
        assert not Attachment.objects.filter(pk=paper.pk).exists()
        event = events_of(request).get(verb="remove-paper")
        assert event.payload["sha256"] == paper.sha256

    def test_a_plain_paper_leaves_at_once(self, play: Cast) -> None:
        request, paper = drafted_with_paper(play, name="说明.docx", content=papers.plain_word())
        assert [check.words for check in paper_checks(draft_of(request))] == ["没有检出"]  # type: ignore[arg-type]
        deliver(play, request)
        assert Attachment.objects.get(pk=paper.pk).subject == subject_of(request.replies.get())


class TestTogether:
    def test_a_file_shared_by_many_replies_is_cleared_once_for_all(self, play: Cast) -> None:
        # given
        requests = [waiting(play, title=title) for title in ("公共停车场余位", "停车场泊位")]
        file = ContentFile(papers.word_with_template(), name="说明.docx")
        paper = take_in(file, subject="draft:many", by=play.steward, at=NOW)
        batch = services.draft_together(
            request_ids=[one.pk for one in requests], by=play.steward, text=REFUSE, papers=[paper], on=ON, at=NOW
        ).batch

        def deliver_all() -> Any:
            return services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)

        # then
        with pytest.raises(RuleBroken, match="还没有检查"):
            deliver_all()

        # when
        services.inspect_papers(request_id=requests[0].pk, by=play.steward, at=NOW)
        with pytest.raises(RuleBroken, match="1 项待处理"):
            deliver_all()
        confirm(play, requests[1], paper, findings(paper))

        # then
        assert len(deliver_all().done) == 2


class TestRecord:
    def test_who_answered_for_what_and_why_is_in_the_record_without_names_of_files(self, play: Cast) -> None:
        # given
        request, paper = drafted_with_paper(play, name="张某某的名单.xlsx")

        # when
        confirm(play, request, paper, findings(paper, "hidden-sheet"), reasons=f"值班电话 {papers.MOBILE} 已公开")

        # then
        events = {event.verb: event for event in events_of(request)}
        inspected, confirmed = events["inspect-papers"], events["confirm-findings"]
        assert inspected.payload["papers"][0]["sha256"] == paper.sha256
        assert inspected.payload["papers"][0]["findings"] == 13
        assert confirmed.payload["confirmed"] == ["hidden-sheet"]
        assert confirmed.payload["reasons"] == "值班电话 139******45 已公开"
        assert confirmed.actor == play.steward.actor_key
        assert "张某某" not in str([event.payload for event in events.values()])

    def test_who_answered_for_findings_took_part_in_the_reply(self, play: Cast) -> None:
        request, paper = drafted_with_paper(play, name="说明.docx", content=papers.word_with_template())
        other = staff(play.city.provider, "data-steward")
        confirm(play, request, paper, findings(paper), by=other)
        deliver(play, request)
        assert policies.took_part(other, request.replies.get())

    def test_looking_again_at_what_is_known_writes_nothing(self, play: Cast) -> None:
        request, _paper = drafted_with_paper(play)
        before = snapshot()
        services.inspect_papers(request_id=request.pk, by=play.steward, at=NOW)
        assert snapshot() == before


class TestWhoMay:
    def test_another_agency_neither_looks_nor_answers(self, play: Cast) -> None:
        request, paper = drafted_with_paper(play)
        before = snapshot()
        for act in (
            lambda: services.inspect_papers(request_id=request.pk, by=play.other_steward, at=NOW),
            lambda: confirm(play, request, paper, findings(paper), by=play.other_steward),
            lambda: services.remove_paper(request_id=request.pk, paper_id=paper.pk, by=play.other_steward, at=NOW),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert snapshot() == before

    def test_a_paper_of_another_case_is_not_there(self, play: Cast) -> None:
        request, _paper = drafted_with_paper(play)
        _other, foreign = drafted_with_paper(play)
        for key in (foreign.pk, uuid.uuid4()):
            with pytest.raises(NotSeen):
                services.remove_paper(request_id=request.pk, paper_id=key, by=play.steward, at=NOW)


class TestPages:
    def _draft(self, play: Cast, request: OpenRequest, name: str, content: bytes) -> Any:
        values = {
            "outcome": "refuse",
            "ground": REFUSE.ground,
            "ground_basis": REFUSE.ground_basis,
            "why_still_closed": REFUSE.why_still_closed,
            "reasons": REFUSE.reasons,
            "submission": "t" * 32,
            "file": SimpleUploadedFile(name, content),
        }
        return _as(play.steward).post(f"{request.work_path}draft-reply/", values)

    def test_drafting_leads_to_what_was_found(self, play: Cast) -> None:
        # given
        request = waiting(play)

        # when
        answer = self._draft(play, request, "名单.xlsx", papers.hiding_sheet())

        # then
        assert answer.status_code == 302
        assert answer["Location"] == f"{request.work_path}papers/"
        page = _as(play.steward).get(answer["Location"]).content.decode()
        assert "看不到的位置里有个人号码，须换文件" in page
        assert "工作表「底表」B 列" in page
        assert "520*************3X" in page
        assert papers.RESIDENT not in page
        assert "换成清理后的副本" in page

    def test_drafting_with_a_plain_paper_leads_back_to_the_case(self, play: Cast) -> None:
        request = waiting(play)
        answer = self._draft(play, request, "说明.docx", papers.plain_word())
        assert answer["Location"] == request.work_path
        assert "没有检出" in _as(play.steward).get(request.work_path).content.decode()

    def test_one_press_makes_a_cleaned_copy_which_is_looked_into_again(self, play: Cast) -> None:
        # given
        request, paper = drafted_with_paper(play)
        client, path = _as(play.steward), f"{request.work_path}papers/{paper.pk}/"
        assert "看得到的保留" in client.get(f"{path}clean/").content.decode()

        # when
        answer = client.post(f"{path}clean/", {"submission": "c" * 32}, follow=True)

        # then
        page = answer.content.decode()
        assert "名单（清理后）.xlsx" in page
        assert "1 项待处理" in page
        assert "139******45" in page

    def test_what_cannot_be_cleaned_is_said_and_stays(self, play: Cast) -> None:
        request, paper = drafted_with_paper(play, name="图层.pdf", content=papers.pdf_with_layer_off())
        answer = _as(play.steward).post(f"{request.work_path}papers/{paper.pk}/clean/", {"submission": "c" * 32})
        assert answer.status_code == 422
        assert "关闭的图层" in answer.content.decode()
        assert Attachment.objects.filter(pk=paper.pk).exists()

    def test_confirming_needs_a_choice_and_a_reason_and_is_shown_to_the_approver(self, play: Cast) -> None:
        # given
        request, paper = drafted_with_paper(play, name="说明.docx", content=papers.word_with_template())
        client, path = _as(play.steward), f"{request.work_path}papers/{paper.pk}/confirm/"
        chosen = [str(key) for key in findings(paper)]

        # when nothing is given
        refused = client.post(path, {"submission": "a" * 32})

        # then
        assert refused.status_code == 422
        assert "没有理由不能确认" in refused.content.decode()

        # when
        answer = client.post(path, {"submission": "b" * 32, "findings": chosen, "reasons": WHY})

        # then
        assert answer.status_code == 302
        approving = _as(play.approver).get(f"{request.work_path}deliver/").content.decode()
        assert WHY in approving
        assert "检出的内容已确认" in approving

    def test_delivering_too_early_is_refused_with_the_way_on(self, play: Cast) -> None:
        request, _paper = drafted_with_paper(play)
        client = _as(play.approver)
        shown = client.get(f"{request.work_path}deliver/").content.decode()
        assert f"{request.work_path}papers/" in shown
        answer = client.post(f"{request.work_path}deliver/", {"submission": "d" * 32})
        assert answer.status_code == 422
        assert "看不到的位置里有个人号码" in answer.content.decode()

    def test_removing_asks_first_and_leaves_an_empty_list(self, play: Cast) -> None:
        request, paper = drafted_with_paper(play)
        client, path = _as(play.steward), f"{request.work_path}papers/{paper.pk}/remove/"
        assert "data-confirm" in client.get(path).content.decode()
        answer = client.post(path, {"submission": "e" * 32}, follow=True)
        assert "这份答复没有附件" in answer.content.decode()

    def test_looking_can_be_asked_for(self, play: Cast) -> None:
        request, _paper = drafted_with_paper(play, inspected=False)
        client = _as(play.approver)
        assert "还没有检查" in client.get(f"{request.work_path}papers/").content.decode()
        answer = client.post(f"{request.work_path}inspect-papers/", follow=True)
        assert "须换文件" in answer.content.decode()

    def test_the_public_page_says_nothing_of_it(self, play: Cast) -> None:
        request, paper = drafted_with_paper(play, name="说明.docx", content=papers.word_with_template())
        confirm(play, request, paper, findings(paper))
        deliver(play, request)
        page = Client().get(request.get_absolute_url()).content.decode()
        assert "检出" not in page
        assert WHY not in page

    def test_more_papers_cost_no_more_queries(self, play: Cast) -> None:
        def cost(number: int) -> int:
            request, paper = drafted_with_paper(play)
            copy([paper] * number, paper.subject)
            client = _as(play.steward)
            client.get(f"{request.work_path}papers/")
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"{request.work_path}papers/").status_code == 200
            return len(captured)

        assert cost(4) == cost(0)


class TestRest:
    def test_a_system_drafts_with_papers_clears_them_and_a_person_delivers(self, play: Cast) -> None:
        # given
        request = waiting(play)
        client, headers = Client(), bearer(system(play.city.provider))
        path = f"/api/v1/requests/{request.number}/"
        names = ("outcome", "ground", "ground_basis", "why_still_closed", "reasons")
        text = {name: getattr(REFUSE, name) for name in names}

        # when
        files = [SimpleUploadedFile("名单.xlsx", papers.hiding_sheet()), SimpleUploadedFile("甲.txt", b"abc")]
        drafting = client.post(f"{path}draft-reply/", text | {"file": files}, **headers)

        # then
        assert drafting.status_code == 200
        shown = sorted(client.get(f"{path}reply-papers/", **headers).json(), key=lambda row: -row["size"])
        assert [(row["name"], row["inspected"], row["clear"]) for row in shown] == [
            ("名单.xlsx", True, False),
            ("甲.txt", True, True),
        ]
        first = shown[0]
        assert {one["code"] for one in first["findings"] if one["must_go"]} == {"resident-id", "bank-card"}

        # when cleaned, what is left confirmed, and the other removed
        cleaned = client.post(f"{path}reply-papers/{first['id']}/clean/", **headers).json()
        made = next(row for row in cleaned if row["name"] == "名单（清理后）.xlsx")
        body = {"findings": [one["id"] for one in made["findings"]], "reasons": "值班电话已经公开"}
        confirmed = client.post(
            f"{path}reply-papers/{made['id']}/confirm/", body, content_type="application/json", **headers
        )
        removed = client.delete(f"{path}reply-papers/{shown[1]['id']}/", **headers)

        # then
        assert next(row for row in confirmed.json() if row["id"] == made["id"])["clear"]
        assert removed.status_code == 204
        deliver(play, request)

    def test_delivery_over_rest_is_refused_as_on_the_page(self, play: Cast) -> None:
        request, _paper = drafted_with_paper(play)
        answer = _as(play.approver).post(f"/api/v1/requests/{request.number}/deliver/")
        assert answer.status_code == 422
        assert "看不到的位置里有个人号码" in answer.json()["message"]
