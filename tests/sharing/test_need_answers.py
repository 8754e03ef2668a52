"""Answers to data needs: their papers, drafts that an approver signs, and silence (第四条第二款、第十一条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from guiyang_data.accounts.models import User
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of
from oversight.models import Escalation
from sharing import services
from sharing.models import DataNeed, NeedAssignment
from sharing.needs.policies import NEED_POLICY
from sharing.needs.workflow import NEED_WORKFLOW, NeedStatus
from sharing.papers import find_paper, take_in_for
from tests.factories import catalog
from tests.factories import needs as made
from tests.factories import oversight as late
from tests.factories.accounts import staff, system
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

_kept, play = kept(made.scene, "play")

DUE = dt.date(2026, 11, 10)
"""Of the answer of an agency that was asked on 2026-11-03."""
SAID = "站点设施由公交企业登记，本机关没有这项数据。"
WHY = "职责已经划转，逾期没有答复。"
ACTS: dict[str, Callable[[made.Scene, int], Any]] = {
    "draft-need-answer": lambda play, pk: services.draft_need_answer(
        need_id=pk, by=play.steward, at=made.later(2), answer="catalogue"
    ),
    "reassign-need": lambda play, pk: reassigned(play, pk, at=made.later(9)),
}


def reassigned(play: made.Scene, pk: int, **changed: Any) -> NeedAssignment:
    values = {"by": play.officer, "at": made.later(9), "agency": play.city.county_department, "reasons": WHY}
    return services.reassign_need(need_id=pk, **(values | changed))


def drafted(play: made.Scene, need: DataNeed, **changed: Any) -> NeedAssignment:
    values = {"by": play.steward, "at": made.later(2), "answer": "denied", "reasons": SAID}
    return services.draft_need_answer(need_id=need.pk, **(values | changed))


def sent(user: User, *names: str) -> list[Attachment]:
    return take_in_for(user, [ContentFile(name.encode(), name=f"{name}.txt") for name in names], at=made.AT)


def readers(play: made.Scene, paper: Attachment, *more: User) -> set[str]:
    people = {"asker": play.asker, "steward": play.steward, "approver": play.approver, "officer": play.officer}
    people |= {f"other-{number}": user for number, user in enumerate(more)}
    return {name for name, user in people.items() if _reads(user, paper)}


def _reads(user: User, paper: Attachment) -> bool:
    try:
        return find_paper(user, paper.pk) == paper
    except NotSeen:
        return False


def at(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def state() -> tuple[Any, ...]:
    needs = list(DataNeed.objects.order_by("pk").values_list("status", "provider", "reasons"))
    asked = list(NeedAssignment.objects.order_by("pk").values_list("agency", "draft_answer", "taken_back_on"))
    return needs, asked, Clock.objects.filter(stopped_on=None).count(), Event.objects.count(), Notice.objects.count()


# --- papers ------------------------------------------------------------------------------------------


def test_papers_of_a_need_are_for_both_agencies_and_for_who_confirms(play: made.Scene) -> None:
    # given
    stranger = staff(play.city.county_department, "data-steward")
    need = services.file_need(
        requester=play.requester, by=play.asker, at=made.AT, wish=made.wish(), papers=sent(play.asker, "依据")
    )
    [paper] = attachments.of(subject_of(need))
    assert readers(play, paper, stranger) == {"asker", "officer"}

    # when it is put to an agency, that reads them; when that denies, no more
    need = made.put_to(play, need, play.provider)
    assert readers(play, paper, stranger) == {"asker", "officer", "steward", "approver"}
    services.deny_need(need_id=need.pk, by=play.approver, at=made.later(2), reasons=SAID)
    assert readers(play, paper, stranger) == {"asker", "officer"}

    # and files of somebody else are not taken
    own = sent(play.asker, "另一份")
    need = made.put_to(play, need, play.provider, day=3, reasons=WHY)
    with pytest.raises(RuleBroken, match="最多 5 份"):
        services.undertake_need(
            need_id=need.pk, by=play.approver, at=made.later(3), papers=sent(play.approver, *"一二三四五六")
        )
    services.undertake_need(need_id=need.pk, by=play.approver, at=made.later(3), papers=own)
    assert readers(play, own[0], stranger) == {"asker", "officer", "steward", "approver"}


# --- drafts ------------------------------------------------------------------------------------------


def test_a_drafted_answer_is_its_agencys_own_until_the_approver_gives_it(play: made.Scene) -> None:
    # given
    need = made.assigned(play)
    running = [clock.pk for clock in clocks_of(need) if clock.is_running]

    # when
    drafted(play, need, papers=sent(play.steward, "职责划分"))

    # then the approver is told, no clock stops, and no other agency sees anything of it
    [asked] = need.assignments.all()
    [paper] = attachments.of(subject_of(asked))
    assert [clock.pk for clock in clocks_of(need) if clock.is_running] == running
    told = Notice.objects.filter(title__startswith="数据需求的答复已拟写")
    assert list(told.values_list("recipient", flat=True)) == [play.approver.pk]
    assert readers(play, paper) == {"steward", "approver"}
    for person in (play.asker, play.officer):
        page = at(person).get(need.get_absolute_url()).content.decode()
        assert [word for word in (SAID, "职责划分", "拟写") if word in page] == []
        assert at(person).get(f"/api/v1/sharing/needs/{need.number}/").json()["draft"] is None
    page = at(play.steward).get(need.get_absolute_url()).content.decode()
    assert [word for word in (SAID, "职责划分.txt", "拟写答复，报审批人") if word not in page] == []

    # when the approver gives it, it stands in the form already
    there = f"{need.get_absolute_url()}deny-need/"
    form = at(play.approver).get(there)
    assert form.context["form"].initial["reasons"] == SAID
    assert "职责划分.txt" in form.content.decode()
    assert "reasons" not in at(play.approver).get(f"{need.get_absolute_url()}undertake-need/").context["form"].initial
    assert at(play.approver).post(there, {"reasons": SAID}).status_code == 302

    # then its papers go with it
    assert readers(play, paper) == {"asker", "officer", "steward", "approver"}
    assert "职责划分.txt" in at(play.asker).get(need.get_absolute_url()).content.decode()
    assert made.fresh(need).status == "submitted"


def test_a_draft_is_kept_again_and_what_is_wrong_in_it_is_named(play: made.Scene) -> None:
    entry = catalog.entry_in_force(play.provider, sharing_type="conditional")
    other = catalog.entry_in_force(play.requester, title="救护车辆")
    need = made.assigned(play)
    first = drafted(play, need, papers=sent(play.steward, "一", "二"))
    one, two = attachments.of(subject_of(first))

    # when it is changed, and a file leaves it
    again = drafted(play, need, answer="covered", entry_id=entry.pk, reasons="", without=[one.pk])

    # then only the last stands
    assert (again.pk, again.draft_answer, again.draft_entry, again.draft_reasons) == (first.pk, "covered", entry, "")
    assert list(attachments.of(subject_of(first))) == [two]

    # and what does not do is named and changes nothing
    held = state()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"answer": "later"}, "answer"),
        ({"answer": "denied", "reasons": " "}, "reasons"),
        ({"answer": "covered"}, "entry"),
        ({"answer": "covered", "entry_id": other.pk}, "entry"),
        ({"answer": "catalogue", "without": [one.pk]}, "without"),
    ]
    for values, field in wrong:
        with pytest.raises(RuleBroken) as refused, transaction.atomic():
            drafted(play, need, **values)
        assert set(refused.value.fields) == {field}
        assert state() == held
    services.deny_need(need_id=need.pk, by=play.approver, at=made.later(2), reasons=SAID)
    final = made.put_to(play, need, play.provider, day=3, reasons=WHY)
    with pytest.raises(WrongState, match="不能再退回"):
        drafted(play, final)
    form = at(play.steward).get(f"{final.get_absolute_url()}draft-need-answer/").content.decode()
    assert 'value="catalogue"' in form
    assert 'value="denied"' not in form


# --- silence -----------------------------------------------------------------------------------------


def test_a_silent_agency_loses_the_need_to_another_with_reasons(play: made.Scene) -> None:
    # given an agency that lets its day pass
    need = made.assigned(play)
    department = play.city.county_department
    drafted(play, need)
    [clock] = [one for one in clocks_of(need) if one.is_running]
    assert clock.due_on == DUE
    with pytest.raises(WrongState, match="还没有届满"):
        reassigned(play, need.pk, at=made.later(8))
    late.swept(made.later(9).date())
    escalated = Escalation.objects.filter(clock=clock).count()
    assert escalated

    # when
    for wrong, field in (({"reasons": " "}, "reasons"), ({"agency": play.provider}, "agency")):
        with pytest.raises(RuleBroken) as refused, transaction.atomic():
            reassigned(play, need.pk, **wrong)
        assert set(refused.value.fields) == {field}
    with pytest.raises(RuleBroken, match="需求机关自己"), transaction.atomic():
        reassigned(play, need.pk, agency=play.requester)
    reassigned(play, need.pk)

    # then another owes the answer, with the whole target, and the first one's clock stays late
    need = made.fresh(need)
    assert (need.status, need.provider, need.reasons) == ("assigned", department, WHY)
    [running] = [one for one in clocks_of(need) if one.is_running]
    assert (running.kind, running.owed_by, running.started_on) == ("need-answer", department, made.later(9).date())
    clock.refresh_from_db()
    assert (clock.stopped_by, clock.stopped_on, clock.due_on) == ("superseded", made.later(9).date(), DUE)
    assert Escalation.objects.filter(clock=clock).count() == escalated
    silent, asked = need.assignments.all()
    assert (silent.answer, silent.taken_back_on, silent.taken_back_reasons) == ("", made.later(9).date(), WHY)
    assert (asked.agency, asked.is_final) == (department, False)
    titles = dict(Notice.objects.filter(created_at=made.later(9)).values_list("recipient__username", "title"))
    assert titles[play.approver.username].startswith("数据需求已经收回")
    assert titles[play.asker.username].startswith("数据需求已确认由")

    # and the silent agency answers no more, nor is its draft the other's to see
    with pytest.raises(NotAllowed):
        services.undertake_need(need_id=need.pk, by=play.approver, at=made.later(10))
    page = at(staff(department, "approver")).get(need.get_absolute_url()).content.decode()
    assert "逾期没有答复，已收回" in page
    assert [word for word in (SAID, "拟写答复，报审批人") if word in page] == []
    assert WHY in at(play.approver).get(need.get_absolute_url()).content.decode()


def test_the_page_offers_to_take_it_back_once_the_day_has_passed(play: made.Scene) -> None:
    need = made.assigned(play)
    there = f"{need.get_absolute_url()}reassign-need/"
    chosen = {"agency": play.city.county_department.pk, "reasons": WHY}
    with time_machine.travel(made.later(8), tick=False):
        client = at(play.officer)
        assert "reassign-need/" not in client.get(need.get_absolute_url()).content.decode()
        assert client.get(there).status_code == 409
        assert client.post(there, chosen).status_code == 409
    with time_machine.travel(made.later(9), tick=False):
        client = at(play.officer)
        assert "reassign-need/" in client.get(need.get_absolute_url()).content.decode()
        form = client.get(there).content.decode()
        assert f'value="{play.provider.pk}"' not in form
        assert client.post(there, chosen | {"reasons": ""}).status_code == 422
        assert client.post(there, chosen).status_code == 302
        assert made.fresh(need).provider == play.city.county_department
        assert client.post(there, chosen | {"agency": play.city.authority.pk}).status_code == 409


# --- who may, from where, over both faces ------------------------------------------------------------


@pytest.mark.parametrize("verb", sorted(ACTS))
def test_an_act_from_any_other_state_or_hand_is_refused_and_changes_nothing(verb: str, play: made.Scene) -> None:
    entry = catalog.entry_in_force(play.provider)
    need = made.assigned(play)
    machine = system(play.provider, "公交调度系统").user
    parties = {"asker": play.asker, "steward": play.steward, "approver": play.approver, "officer": play.officer}
    parties |= {"system": machine, "stranger": staff(play.city.county_department, "approver")}
    may = {name for name, person in parties.items() if NEED_POLICY.may(person, verb, need)}
    assert may == {"draft-need-answer": {"steward", "approver", "system"}, "reassign-need": {"officer"}}[verb]
    outsider = made.Scene(**{**play.__dict__, "steward": parties["stranger"], "officer": parties["stranger"]})
    held = state()
    with pytest.raises(NotAllowed), transaction.atomic():
        ACTS[verb](outsider, need.pk)
    assert state() == held
    for status in set(NeedStatus.values) - NEED_WORKFLOW[verb].sources:
        DataNeed.objects.filter(pk=need.pk).update(status=status, entry=entry, provider=play.provider, reasons="无")
        held = state()
        with pytest.raises(WrongState), transaction.atomic():
            ACTS[verb](play, need.pk)
        assert state() == held, status


def test_over_pages_and_rest_a_draft_and_its_papers_come_to_the_agency_that_needs(play: made.Scene) -> None:
    # given a need with a paper, filed by its page
    data = {
        "title": "公交站点无障碍设施",
        "items": "站点名称",
        "duty": "残疾人就医交通保障",
        "duty_basis": "《中华人民共和国残疾人保障法》第五十四条",
        "purpose": "规划转运路线",
        "update_cycle": "monthly",
        "file": SimpleUploadedFile("表样.txt", "站点\n".encode()),
    }
    assert at(play.asker).post("/desk/sharing/needs/new/", data).status_code == 302
    need = DataNeed.objects.get()
    made.put_to(play, need, play.provider)
    page = at(play.steward).get(need.get_absolute_url()).content.decode()
    assert "表样.txt" in page

    # when the steward drafts by the page, and a system of the agency adds a paper and drafts anew
    draft = f"{need.get_absolute_url()}draft-need-answer/"
    steward = at(play.steward)
    assert steward.post(draft, {"answer": "covered"}).status_code == 422
    given = {"answer": "catalogue", "reasons": "年内公布。", "file": SimpleUploadedFile("计划.txt", "甲".encode())}
    assert steward.post(draft, given).status_code == 302
    api, approver = f"/api/v1/sharing/needs/{need.number}/", at(play.approver)
    paper = approver.post("/api/v1/sharing/papers/", {"file": SimpleUploadedFile("分工.txt", "乙".encode())}).json()
    kept = approver.get(api).json()["draft"]
    body = {"answer": "catalogue", "reasons": "明年公布。", "papers": [paper["id"]]}
    body["without"] = [one["id"] for one in kept["papers"]]
    changed = approver.post(f"{api}draft/", body, content_type="application/json")
    assert changed.status_code == 200
    assert [one["name"] for one in changed.json()["draft"]["papers"]] == ["分工.txt"]
    assert (kept["answer"], kept["reasons"], kept["entry"]) == ("catalogue", "年内公布。", "")

    # then the answer takes them along
    done = approver.post(f"{api}undertake/", {"reasons": "明年公布。"}, content_type="application/json").json()
    assert (done["status"], done["draft"]) == ("cataloguing", None)
    read = at(play.asker).get(api).json()
    assert [one["name"] for one in read["papers"]] == ["表样.txt"]
    [answer] = read["assignments"]
    assert [one["name"] for one in answer["papers"]] == ["分工.txt"]
    assert at(play.asker).get(answer["papers"][0]["url"]).status_code == 200


def test_over_rest_the_authority_takes_back_what_nobody_answered(play: made.Scene) -> None:
    need = made.assigned(play)
    api = f"/api/v1/sharing/needs/{need.number}/"
    body = {"agency": play.city.county_department.code, "reasons": WHY}
    with time_machine.travel(made.later(9), tick=False):
        client = at(play.officer)
        assert "reassign-need" in {one["verb"] for one in client.get(api).json()["actions"]}
        done = client.post(f"{api}reassign/", body, content_type="application/json").json()
        assert (done["provider"], done["status"]) == (play.city.county_department.code, "assigned")
        assert [one["taken_back_on"] for one in done["assignments"]] == ["2026-11-11", None]
        again = client.post(f"{api}reassign/", body, content_type="application/json")
        assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
