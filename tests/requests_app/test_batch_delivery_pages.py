"""Delivering many replies one by one: the page and the interface tell how far it is, and what it came to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import clocks_of
from requests_app import services, tasks
from requests_app.models import ReplyBatch
from requests_app.selectors import progress_of
from tests.factories.requests import REFUSE, Cast, cast, waiting
from tests.requests_app.batches import MANY, MINUTE, NOW, ON, Dying, Killed, approved, asked, drafted, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_tenth_of_november() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def _as(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


class TestPage:
    def test_shows_how_far_it_is_and_afterwards_what_became_of_each(self, play: Cast) -> None:
        # given
        batch, approver = drafted(play), _as(play.approver)
        page = approver.post(f"{batch.get_absolute_url()}deliver/", {"submission": "b" * 32}, follow=True)

        # then
        shown = page.content.decode()
        assert "答复正在逐件送达，离开本页不影响" in shown
        assert f'hx-get="{batch.get_absolute_url()}progress/"' in shown
        assert "排队中" in shown
        assert "这一批已经办结" not in shown

        # when it is half done
        withdraw(asked(batch)[1])
        with pytest.raises(Killed):
            services.run_delivery(batch.pk, at=NOW, clock=Dying(9))
        progress = progress_of(ReplyBatch.objects.get(pk=batch.pk))
        part = approver.get(f"{batch.get_absolute_url()}progress/").content.decode()

        # then
        assert f"已送达 {progress.delivered} 件。" in part
        assert "1 件没有送达" in part
        assert f'max="{MANY}" value="{progress.delivered + 1}"' in part
        assert "<html" not in part

        # when it is done
        services.requeue_stale_deliveries(NOW + 6 * MINUTE)
        assert tasks.run_delivery(batch.pk) == "delivered"

        # then
        part = approver.get(f"{batch.get_absolute_url()}progress/").content.decode()
        assert "hx-get" not in part
        assert "查看每件的结果" in part
        shown = approver.get(batch.get_absolute_url()).content.decode()
        assert "1 件没有一并答复" in shown
        assert "这一批已经办结" in shown
        assert f"批准人：{play.approver}" in shown.replace("\n", "")

    def test_an_ended_batch_sums_itself_up_with_who_was_late_and_who_was_left_out_and_why(self, play: Cast) -> None:
        # given: ten days old and a few days old, one gone before the draft, two since, one handed back
        old = [waiting(play, on=dt.date(2026, 10, 29)) for _place in range(2)]
        new = [waiting(play) for _place in range(MANY)]
        before, gone, gone_too, returned = waiting(play), *new[:3]
        withdraw(before)
        ids = [request.pk for request in [*old, *new, before]]
        batch = services.draft_together(request_ids=ids, by=play.steward, text=REFUSE, on=ON, at=NOW).batch
        services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)
        assert "办理结果" not in _as(play.approver).get(batch.get_absolute_url()).content.decode()
        withdraw(gone)
        withdraw(gone_too)
        services.return_draft(request_id=returned.pk, by=play.steward, reasons="单独答复。", on=ON, at=NOW)

        # when
        services.run_delivery(batch.pk, at=NOW)

        # then
        shown = _as(play.approver).get(batch.get_absolute_url()).content.decode()
        assert f"{MANY - 1} 件已送达，其中 2 件逾期；3 件没有送达。" in shown
        late = shown.split("逾期送达的")[1].split("</section>")[0]
        days = {clocks_of(request).get().due_on for request in old}
        assert days == {ON - dt.timedelta(days=1)}
        for request in old:
            assert f'<a href="{request.work_path}">{request.number}</a>' in late
        assert late.count("逾期 1 天") == 2
        assert "应于 11月9日（周一）24:00 前答复，11月10日（周二）送达" in late
        assert new[4].number not in late
        left_out = shown.split('id="left-out"')[1].split("</section>")[0]
        groups = left_out.split("<h3>")[1:]
        assert "4 件没有一并答复" in left_out
        assert [group.count("<li>") for group in groups] == [2, 1, 1]
        assert gone.number in groups[0]
        assert gone_too.number in groups[0]
        assert "状态为「已撤回」" in groups[0]
        assert "起草之后，2 件" in groups[0]
        assert returned.number in groups[1]
        assert "仍要答复" in groups[1]
        assert before.number in groups[2]
        assert "起草之前，1 件" in groups[2]
        assert "仍要答复" not in groups[0] + groups[2]
        assert Notice.objects.filter(
            subject=subject_of(batch), title=f"一并答复已送达 {MANY - 1} 件（其中 2 件逾期），3 件没有送达"
        ).exists()
        told = _as(play.approver).get(f"/api/v1/reply-batches/{batch.pk}/").json()["batch"]
        assert told["progress"] == {"total": MANY + 2, "delivered": MANY - 1, "late": 2, "left_out": 3, "waiting": 0}

    def test_a_batch_that_reached_all_or_none_or_was_sent_back_says_so(self, play: Cast) -> None:
        # given
        all_of_it, none_of_it, sent_back = approved(play, 3), approved(play), drafted(play, 2)
        play.approver.roles.update(ended_on=ON)
        services.run_delivery(none_of_it.pk, at=NOW)
        services.return_together(batch_id=sent_back.pk, by=play.steward, reasons="数字有误。", at=NOW)

        # then
        reader = _as(play.steward)
        for batch, words in (
            (all_of_it, "3 件都已按时送达。"),
            (none_of_it, f"{MANY} 件都没有送达。"),
            (sent_back, "2 件已退回修改。"),
        ):
            assert f"<strong>{words}</strong>" in reader.get(batch.get_absolute_url()).content.decode()

    def test_how_far_it_is_is_its_agencys_own_matter(self, play: Cast) -> None:
        path = f"{approved(play).get_absolute_url()}progress/"
        assert _as(play.steward).get(path).status_code == 200
        assert _as(play.other_steward).get(path).status_code == 404


class TestInterface:
    def test_many_are_accepted_and_their_address_tells_how_far_it_is(self, play: Cast) -> None:
        # given
        batch = drafted(play)
        path, approver = f"/api/v1/reply-batches/{batch.pk}/", _as(play.approver)
        headers = {"Idempotency-Key": "k1"}

        # when
        answers = [
            approver.post(f"{path}deliver/", {}, content_type="application/json", headers=headers) for _time in range(2)
        ]

        # then
        for answer in answers:
            assert (answer.status_code, answer["Location"]) == (202, path)
            assert answer.json() == {
                "id": batch.pk,
                "status": "delivering",
                "url": path,
                "done": [],
                "left_out": [],
            }
        told = approver.get(path).json()
        assert told["batch"]["progress"] == {"total": MANY, "delivered": 0, "late": 0, "left_out": 0, "waiting": MANY}
        assert told["actions"] == []

        # when
        services.run_delivery(batch.pk, at=NOW)

        # then
        told = approver.get(path).json()["batch"]
        assert (told["status"], told["progress"]["delivered"]) == ("delivered", MANY)
