"""What an agency needs and finds in no catalogue: filed, confirmed, answered, catalogued (第四条、第十一条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import Agency
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger import sealing
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM, subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of, owed_by
from oversight.models import Escalation, Finding
from sharing import services
from sharing.models import DataNeed
from sharing.needs.policies import NEED_POLICY
from sharing.needs.reacting import react
from sharing.needs.workflow import NEED_WORKFLOW, NeedStatus
from tests.factories import catalog, publishing
from tests.factories import needs as made
from tests.factories import oversight as late
from tests.factories.accounts import staff, system
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

_kept, play = kept(made.scene, "play")

REASONS = "缺少无障碍设施的类型，不能满足转运的需要。"
ACTS: dict[str, Callable[[made.Scene, int], Any]] = {
    "assign-need": lambda play, pk: services.assign_need(
        need_id=pk, by=play.officer, at=made.later(9), agency=play.provider, reasons=REASONS
    ),
    "reject-need": lambda play, pk: services.reject_need(
        need_id=pk, by=play.officer, at=made.later(9), reasons=REASONS
    ),
    "undertake-need": lambda play, pk: services.undertake_need(need_id=pk, by=play.approver, at=made.later(9)),
    "deny-need": lambda play, pk: services.deny_need(need_id=pk, by=play.approver, at=made.later(9), reasons=REASONS),
    "link-need": lambda play, pk: services.link_need(need_id=pk, by=play.steward, at=made.later(9), entry_id=0),
    "contest-need": lambda play, pk: services.contest_need(
        need_id=pk, by=play.asker, at=made.later(9), reasons=REASONS
    ),
    "withdraw-need": lambda play, pk: services.withdraw_need(need_id=pk, by=play.asker, at=made.later(9)),
}


def running(need: DataNeed) -> list[tuple[str, Agency]]:
    return [(clock.kind, clock.owed_by) for clock in clocks_of(need) if clock.is_running]


def told(need: DataNeed, person: Any) -> list[str]:
    rows = Notice.objects.filter(subject=subject_of(need), recipient=person).order_by("pk")
    return [row.title.partition("：")[0] for row in rows]


# --- the way -----------------------------------------------------------------------------------------


def test_a_need_goes_from_filing_to_an_entry_that_can_be_had(play: made.Scene) -> None:
    # given what is filed waits for the authority, by a target
    need = made.need(play, suspected=play.provider, items=["站点名称", " 站点名称 ", "", "无障碍设施"])
    assert need.items == ["站点名称", "无障碍设施"]
    [clock] = clocks_of(need)
    assert (clock.kind, clock.due_on, clock.statutory) == ("need-confirmation", made.CONFIRM_DUE, False)
    assert clock in owed_by(play.officer)
    assert told(need, play.officer) == ["市卫健局提出数据需求，请确认责任机关"]

    # when it is confirmed and undertaken
    need = made.put_to(play, need, play.provider, reasons="站点设施由交通部门管理。")
    assert running(need) == [("need-answer", play.provider)]
    assert told(need, play.approver) == ["数据需求由本机关负责，请答复"]
    need = services.undertake_need(need_id=need.pk, by=play.approver, at=made.later(2), reasons="年内公布。")
    assert (need.status, running(need)) == ("cataloguing", [("need-cataloguing", play.provider)])

    # and the entry is compiled, named as a draft, and published
    draft = catalog.reviewed_draft(play.provider, title="公交站点无障碍设施", at=made.later(3))
    need = services.link_need(need_id=need.pk, by=play.steward, at=made.later(3), entry_id=draft.entry_id)
    assert need.status == "cataloguing"
    catalog.publish(draft, at=made.later(6))
    sealing.seal(at=made.later(7))
    react(made.later(7))
    react(made.later(7))

    # then it ends with the day on which the entry took effect, and the agency reads on
    need = made.fresh(need)
    assert (need.status, need.ended_on, running(need)) == ("met", made.later(6).date(), [])
    assert {clock.stopped_by for clock in clocks_of(need)} == {Clock.Stop.DONE}
    assert told(need, play.asker) == [
        "数据需求已确认由市交通委负责",
        "市交通委答复将编制目录",
        "所需数据的目录已经公布，可以申请或者获取",
    ]
    verbs = ["file-need", "assign-need", "undertake-need", "link-need", "meet-need"]
    assert [event.verb for event in events_of(need)] == verbs
    page = at(play.asker).get(need.get_absolute_url()).content.decode()
    assert f"/desk/sharing/entries/{draft.entry_id}/take/" in page
    assert "目录公布，数据需求办结" in page


def test_an_agency_denies_once_and_no_more_when_it_is_confirmed_again(play: made.Scene) -> None:
    # given
    need = made.assigned(play)
    deny = {"need_id": need.pk, "by": play.approver, "at": made.later(2)}
    with pytest.raises(RuleBroken, match="请写明理由"):
        services.deny_need(**deny, reasons=" ")
    need = services.deny_need(**deny, reasons=made.NOT_OURS)
    assert (need.provider, running(need)) == (None, [("need-confirmation", play.city.authority)])
    assert told(need, play.asker)[-1] == "市交通委答复不属于其职责，已退回重新确认"

    # when the authority insists, it says why
    with pytest.raises(RuleBroken, match="已经答复过"):
        made.put_to(play, need, play.provider, day=3)
    need = made.put_to(play, need, play.provider, day=3, reasons="站点由交通部门审批设置。")

    # then it cannot be sent back again, and the button is gone
    with pytest.raises(WrongState, match="不能再退回"):
        services.deny_need(need_id=need.pk, by=play.approver, at=made.later(4), reasons=made.NOT_OURS)
    page = at(play.approver).get(need.get_absolute_url()).content.decode()
    assert "undertake-need/" in page
    assert "deny-need/" not in page
    assert made.NOT_OURS in page


def test_an_entry_that_holds_it_already_is_named_and_may_be_contested(play: made.Scene) -> None:
    # given an entry of the provider, one that is withheld, and one of the requester's own
    entry = catalog.entry_in_force(play.provider, sharing_type="conditional")
    hidden = catalog.entry_in_force(play.provider, sharing_type="withheld", title="公交安防")
    own = catalog.entry_in_force(play.requester, title="救护车辆")
    need = made.need(play)
    for wrong in (hidden, own):
        with pytest.raises(RuleBroken) as refused:
            services.cover_need(need_id=need.pk, by=play.officer, at=made.later(1), entry_id=wrong.pk)
        assert set(refused.value.fields) == {"entry"}
    assert made.fresh(need).status == "submitted"

    # when the authority names it, the agency applies at once or says why it does not do
    need = services.cover_need(need_id=need.pk, by=play.officer, at=made.later(1), entry_id=entry.pk)
    assert (need.status, need.provider, running(need)) == ("covered", play.provider, [])
    assert f"/entries/{entry.pk}/apply/" in at(play.asker).get(need.get_absolute_url()).content.decode()
    need = services.contest_need(need_id=need.pk, by=play.asker, at=made.later(2), reasons=REASONS)
    assert running(need) == [("need-confirmation", play.city.authority)]
    assert need.ended_on is None
    page = at(play.officer).get(need.get_absolute_url()).content.decode()
    assert REASONS in page
    assert "此前指明的条目" in page

    # and an agency names its own alone
    need = made.put_to(play, need, play.provider, day=3)
    answer = {"need_id": need.pk, "by": play.approver, "at": made.later(4)}
    with pytest.raises(RuleBroken, match="本机关的条目"):
        services.cover_need(**answer, entry_id=own.pk)
    need = services.cover_need(**answer, entry_id=entry.pk, reasons="新增了信息项。")
    assert need.assignments.get().answer == "covered"


def test_an_entry_in_force_is_changed_within_the_fifteen_days_of_the_law(play: made.Scene) -> None:
    # given
    entry = catalog.entry_in_force(play.provider)
    need = made.undertaken(play)

    # when
    need = services.link_need(need_id=need.pk, by=play.steward, at=made.later(3), entry_id=entry.pk, is_changed=True)

    # then the event's period runs in place of the target, and the need waits for it
    assert need.adjustment is not None
    [clock] = clocks_of(need.adjustment)
    assert (clock.kind, clock.statutory, clock.due_on) == ("catalog-update", True, dt.date(2026, 11, 20))
    assert (need.status, running(need)) == ("cataloguing", [])
    assert need.number in need.adjustment.description
    with pytest.raises(WrongState, match="已经登记"):
        services.link_need(need_id=need.pk, by=play.steward, at=made.later(3), entry_id=entry.pk)
    assert not services.meet_need(need_id=need.pk, by=PLATFORM, at=made.later(3))
    catalog.revised_entry(entry, at=made.later(8), abstract="增加了无障碍设施。")
    sealing.seal(at=made.later(9))
    react(made.later(9))
    assert (made.fresh(need).status, made.fresh(need).ended_on) == ("met", made.later(8).date())


def test_what_is_catalogued_as_withheld_ends_without_its_title_and_a_withdrawn_entry_sets_free(
    play: made.Scene,
) -> None:
    # given
    hidden = catalog.entry_in_force(play.provider, sharing_type="withheld", title="公交安防布点")
    need = services.link_need(need_id=made.undertaken(play).pk, by=play.steward, at=made.later(3), entry_id=hidden.pk)

    # then the agency reads on which law it rests, not what the entry is called
    assert (need.status, running(need)) == ("withheld", [])
    page = at(play.asker).get(need.get_absolute_url()).content.decode()
    assert "《中华人民共和国保守国家秘密法》第九条" in page
    assert "公交安防布点" not in page

    # given another whose adjusted entry is withdrawn
    entry = catalog.entry_in_force(play.provider)
    second = made.undertaken(play, title="公交站点照片")
    services.link_need(need_id=second.pk, by=play.steward, at=made.later(3), entry_id=entry.pk, is_changed=True)
    catalog.services.withdraw(entry_id=entry.pk, by=play.approver, at=made.later(4), reasons="线路取消。")
    sealing.seal(at=made.later(5))
    react(made.later(5))

    # then it is catalogued on, within a target
    second = made.fresh(second)
    assert (second.status, second.entry, second.adjustment) == ("cataloguing", None, None)
    assert running(second) == [("need-cataloguing", play.provider)]
    assert told(second, play.steward)[-1].startswith("指明的条目已撤销")


def test_targets_that_run_out_are_brought_up_and_are_no_breach(play: made.Scene) -> None:
    waiting, answered = made.need(play), made.assigned(play, title="公交站点照片")
    late.swept(dt.date(2026, 12, 1))
    brought = {
        clock.kind: sorted(clock.escalations.values_list("to_agency__short_name", flat=True))
        for need in (waiting, answered)
        for clock in clocks_of(need)
    }
    assert brought["need-answer"] == ["市大数据局", "市政府"]
    to = Escalation.objects.filter(clock__subject=subject_of(waiting)).values_list("to_agency__short_name", flat=True)
    assert list(to) == ["市政府"]
    assert not Finding.objects.exists()


# --- who may, from where, all or nothing -------------------------------------------------------------


@pytest.mark.parametrize("verb", sorted(ACTS))
def test_an_act_from_any_other_state_is_refused_and_changes_nothing(verb: str, play: made.Scene) -> None:
    entry = catalog.entry_in_force(play.provider)
    need = made.assigned(play)
    for status in NeedStatus.values:
        if status in NEED_WORKFLOW[verb].sources:
            continue
        DataNeed.objects.filter(pk=need.pk).update(status=status, entry=entry, provider=play.provider, reasons="无")
        before = state()
        with pytest.raises(WrongState), transaction.atomic():
            ACTS[verb](play, need.pk)
        assert state() == before, status


def state() -> tuple[Any, ...]:
    needs = list(DataNeed.objects.order_by("pk").values_list("status", "provider", "entry", "ended_on"))
    return needs, Clock.objects.filter(stopped_on=None).count(), Event.objects.count(), Notice.objects.count()


def test_each_act_is_for_those_whose_part_it_is_and_never_for_who_filed_it(play: made.Scene) -> None:
    need = made.assigned(play)
    machine = system(play.provider, "公交调度系统").user
    parties = {
        "asker": play.asker,
        "steward": play.steward,
        "approver": play.approver,
        "officer": play.officer,
        "stranger": staff(play.city.county_department, "approver"),
        "supervisor": staff(play.city.authority, "supervisor"),
        "system": machine,
    }
    may = {
        verb: {name for name, person in parties.items() if NEED_POLICY.may(person, verb, need)}
        for verb in NEED_POLICY.verbs()
        if verb != "file-need"
    }
    assert may["assign-need"] == may["reject-need"] == {"officer"}
    assert may["undertake-need"] == may["deny-need"] == may["cover-need"] == {"approver", "system"}
    assert may["link-need"] == {"steward", "system"}
    assert may["contest-need"] == may["withdraw-need"] == {"asker"}
    assert may["meet-need"] == may["find-withheld"] == may["loosen-need"] == set()
    held = state()
    for verb, act in ACTS.items():
        people = dict.fromkeys(("asker", "steward", "approver", "officer"), parties["stranger"])
        outsider = made.Scene(**{**play.__dict__, **people})
        with pytest.raises(NotAllowed), transaction.atomic():
            act(outsider, need.pk)
        assert state() == held, verb


def test_whose_the_authoritys_own_need_is_the_municipal_government_confirms(play: made.Scene) -> None:
    authority, government = play.city.authority, play.city.government
    filer = staff(authority, "data-steward", "municipal-authority")
    need = services.file_need(requester=authority, by=filer, at=made.AT, wish=made.wish())
    assert running(need) == [("need-confirmation", government)]
    assert not NEED_POLICY.may(play.officer, "assign-need", need)
    assert NEED_POLICY.may(staff(government, "government-approver"), "assign-need", need)
    other = made.need(play, title="公交站点照片", by=staff(play.requester, "approver"))
    assert NEED_POLICY.may(play.officer, "assign-need", other)


def test_what_is_missing_is_named_and_the_same_waits_once(play: made.Scene) -> None:
    with pytest.raises(RuleBroken) as refused:
        made.need(play, title=" ", items=[" "], duty="", duty_basis="", purpose="", suspected=play.requester)
    assert set(refused.value.fields) == {"title", "items", "duty", "duty_basis", "purpose", "suspected"}
    with pytest.raises(RuleBroken, match="最多 60 个"):
        made.need(play, items=[f"信息项{number}" for number in range(61)])
    first = made.need(play)
    with pytest.raises(WrongState, match=first.number):
        made.need(play)
    services.withdraw_need(need_id=first.pk, by=play.asker, at=made.later(1))
    assert running(first) == []
    again = made.need(play)
    services.reject_need(need_id=again.pk, by=play.officer, at=made.later(1), reasons="不属于政府数据。")
    assert told(again, play.asker) == ["数据需求不予确认"]
    assert made.fresh(again).ended_on == made.later(1).date()
    with pytest.raises(RuleBroken, match="需求机关自己"):
        made.put_to(play, made.need(play), play.requester)


# --- the public list ---------------------------------------------------------------------------------


def listed(**asked: Any) -> list[dict[str, Any]]:
    return list(Client().get("/api/v1/sharing/lists/needs/", asked).json()["results"])


def test_the_list_tells_what_was_confirmed_and_nothing_else_that_was_typed(play: made.Scene) -> None:
    # given one that nobody looked at, one that is confirmed, one kept out by each side, one of the supervisory organ
    made.need(play, title="未经确认的名称")
    made.assigned(play)
    made.assigned(play, title="专案所需", is_unlisted=True)
    made.put_to(play, made.need(play, title="名称不宜公开"), play.provider, is_unlisted=True)
    organ = Agency.objects.create(
        code="11520100MB00000019",
        name="贵阳市监察委员会",
        short_name="市监委",
        kind="supervisory",
        region_id="520100",
        level="municipal",
    )
    DataNeed.objects.filter(pk=made.assigned(play, title="线索核查").pk).update(requester=organ)

    # then
    [line] = listed()
    assert (line["title"], line["provider"], line["state"]) == (
        "公交站点无障碍设施",
        "贵阳市交通委员会",
        "待责任机关答复",
    )
    assert (line["submitted_on"], line["due_on"], line["level"]) == ("2026-11-02", "2026-11-10", "市级")
    page = Client().get("/sharing/lists/needs/").content.decode()
    for typed in (
        "站点名称",
        "残疾人就医交通保障",
        "规划转运路线",
        "专案所需",
        "名称不宜公开",
        "未经确认的名称",
        "线索核查",
    ):
        assert typed not in page
    assert "公交站点无障碍设施" in Client().get("/sharing/lists/needs.csv").getvalue().decode()
    assert "/sharing/lists/needs/" in Client().get("/sharing/lists/demand/").content.decode()
    assert listed(state="met") == []
    assert listed(q="无障碍")


def test_needs_of_counties_and_of_entries_kept_out_are_told_as_their_catalogue_is(play: made.Scene) -> None:
    # given a need that a county's agency is responsible for
    department = play.city.county_department
    made.put_to(play, made.need(play), department)
    assert listed() == []
    county = play.city.county_authority.region
    publishing.in_force(region=county, catalogue="sharing")
    [line] = listed(level=county.code)
    assert line["level"] == county.name
    assert listed(level="municipal") == []

    # and one whose entry its provider keeps out of the lists
    entry = catalog.entry_in_force(play.provider, sharing_type="conditional")
    made.covered(play, entry.pk, title="公交线路")
    [line] = listed(level="municipal")
    assert (line["resource_code"], line["state"]) == (entry.resource_code, "目录中已有")
    services.reserve_from_lists(entry_id=entry.pk, by=play.approver, at=made.later(2), reasons="专项工作。")
    assert listed(level="municipal") == []


# --- pages and calls ---------------------------------------------------------------------------------


def at(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_pages_carry_a_need_from_filing_to_the_answer(play: made.Scene) -> None:
    # given the list of what can be had, where nothing was found
    entry = catalog.entry_in_force(play.provider, title="公交站点设施")
    client = at(play.asker)
    found = client.get("/desk/sharing/", {"q": "没有的数据"}).content.decode()
    assert "/desk/sharing/needs/new/?title=" in found
    form = client.get("/desk/sharing/needs/new/", {"title": "公交站点设施"})
    assert f"/desk/sharing/entries/{entry.pk}/" in form.content.decode()
    assert "服务目标，非法定期限" in form.content.decode()

    # when something is missing nothing is lost; sent twice it is filed once
    data = {
        "title": "公交站点无障碍设施",
        "items": "站点名称\n无障碍设施",
        "duty": "残疾人就医交通保障",
        "duty_basis": "《中华人民共和国残疾人保障法》第五十四条",
        "purpose": "规划转运路线",
        "update_cycle": "monthly",
        "submission": "once",
    }
    wrong = client.post("/desk/sharing/needs/new/", data | {"items": ""})
    assert wrong.status_code == 422
    assert "残疾人就医交通保障" in wrong.content.decode()
    assert not DataNeed.objects.exists()
    for _time in range(2):
        assert client.post("/desk/sharing/needs/new/", data).status_code == 302
    need = DataNeed.objects.get()
    there = need.get_absolute_url()

    # then each finds it where it waits, and nobody else sees it
    assert need.number in at(play.officer).get("/desk/").content.decode()
    assert need.title in at(play.officer).get("/desk/sharing/needs/").content.decode()
    assert need.title in client.get("/desk/sharing/needs/?box=own").content.decode()
    assert at(play.approver).get(there).status_code == 404
    assert at(play.officer).post(f"{there}assign-need/", {"agency": play.provider.pk}).status_code == 302
    assert need.title in at(play.steward).get("/desk/sharing/needs/?box=answer").content.decode()
    assert at(play.officer).get(f"{there}assign-need/").status_code == 409
    for person in (play.approver, play.officer):
        assert at(person).get(there).status_code == 200
    wrong = at(play.approver).post(f"{there}cover-need/", {"entry": "000000/00000"})
    assert (wrong.status_code, "没有找到这个资源代码" in wrong.content.decode()) == (422, True)
    offered = at(play.approver).get(f"{there}cover-need/").content.decode()
    assert f'<option value="{entry.resource_code}">公交站点设施</option>' in offered
    assert at(play.approver).post(f"{there}undertake-need/", {"reasons": "年内公布。"}).status_code == 302
    linked = at(play.steward).post(f"{there}link-need/", {"entry": entry.resource_code})
    assert linked.status_code == 302
    assert made.fresh(need).status == "met"

    # and the figures by agency stand above the list of who sees several
    made.put_to(play, made.need(play, title="公交站点照片"), play.city.county_department)
    assert "各责任机关情况" in at(play.officer).get("/desk/sharing/needs/?box=all").content.decode()


def test_the_list_of_needs_costs_as_much_for_twelve_as_for_three(play: made.Scene) -> None:
    def cost() -> list[int]:
        found = []
        for person in (play.officer, play.asker):
            client = at(person)
            for address in ("/desk/sharing/needs/?box=all", "/desk/sharing/needs/?box=own", "/api/v1/sharing/needs/"):
                client.get(address)
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(address).status_code == 200
                found.append(len(captured))
        return found

    for number in range(3):
        made.assigned(play, title=f"数据{number}")
    few = cost()
    for number in range(3, 12):
        made.assigned(play, title=f"数据{number}")
    assert cost() == few


def test_over_rest_a_system_answers_for_its_agency_with_the_same_acts(play: made.Scene) -> None:
    need = made.assigned(play)
    client = at(play.approver)
    there = f"/api/v1/sharing/needs/{need.number}/"
    found = client.get(there).json()
    assert {one["verb"] for one in found["actions"]} == {
        "undertake-need",
        "cover-need",
        "deny-need",
        "draft-need-answer",
    }
    assert (found["clocks"][0]["kind"], found["clocks"][0]["statutory"]) == ("need-answer", False)
    refused = client.post(f"{there}deny/", {"reasons": ""}, content_type="application/json")
    assert refused.status_code == 422
    done = client.post(f"{there}undertake/", {"reasons": "年内公布。"}, content_type="application/json").json()
    assert (done["status"], done["assignments"][0]["answer"]) == ("cataloguing", "catalogue")
    again = client.post(f"{there}undertake/", {}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    body = {
        "title": "公交站点照片",
        "items": ["照片"],
        "duty": "就医保障",
        "duty_basis": "职能配置规定",
        "purpose": "核对",
        "update_cycle": "yearly",
        "suspected": play.provider.code,
    }
    filed = at(play.asker).post("/api/v1/sharing/needs/", body, content_type="application/json")
    assert (filed.status_code, filed.json()["suspected"]) == (201, play.provider.code)
