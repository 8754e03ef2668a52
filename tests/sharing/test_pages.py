"""The pages of sharing: what each shows, to whom, and that a form is never lost and never carried out twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guiyang_data.accounts.models import User
from guiyang_data.ledger.models import Access
from sharing import services
from sharing.models import Coordination, SharingApplication, SharingGrant, Taking
from sharing.views import finding
from tests.factories import sharing as made
from tests.factories.catalog import entry_in_force
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    """Faces ask the portal's clock, which the test settings let a file shift."""
    shift = int((made.later(2) - timezone.now()).total_seconds())
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(shift), encoding="ascii")
    yield
    path.unlink()


_kept, scene = kept(made.scene)


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return response.content.decode()


def filled(scene: made.Scene, **changed: Any) -> dict[str, Any]:
    return {
        "submission": "one",
        "items": ["route", "name"],
        "duty": "应急处置",
        "duty_basis": "《突发公共卫生事件应急条例》",
        "purpose": "核对路线",
        "period_from": "2026-11-04",
        "period_until": "2027-11-03",
        "frequency": "on-demand",
        "terms_accepted": "on",
        "condition_1_0": "opened",
        "condition_1_1": "ge",
        "condition_1_2": "2018-01-01",
    } | changed


# --- finding and taking ------------------------------------------------------------------------------


def test_what_is_shared_is_found_by_words_and_by_type(scene: made.Scene) -> None:
    entry_in_force(scene.provider, title="公共停车场名录", abstract="停车场。", keywords="停车")
    entry_in_force(scene.provider, title="内部人事名册", sharing_type="withheld", abstract="名册。")
    client = at(scene.asker)
    page = text(client.get("/desk/sharing/"))
    assert "公交线路信息" in page
    assert "公共停车场名录" in page
    assert "内部人事名册" not in page
    assert "公交线路信息" not in text(client.get("/desk/sharing/?type=unconditional"))
    assert "公共停车场名录" in text(client.get("/desk/sharing/?q=停车"))
    assert "没有找到可共享的数据" in text(client.get("/desk/sharing/?q=不存在的词"))


def test_unconditional_data_is_taken_read_and_downloaded_at_once() -> None:
    scene = made.scene(sharing_type="unconditional")
    client = at(scene.asker)
    entry = f"/desk/sharing/entries/{scene.entry.pk}/"
    assert "登记职责并获取" in text(client.get(entry))

    # when the duty is declared
    form = {"submission": "one", "duty": "站点规划", "purpose": "计算距离", "terms_accepted": "on"}
    answer = client.post(f"{entry}take/", form)

    # then the data opens
    taking = Taking.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == taking.get_absolute_url()
    assert "火车站环线" in text(client.get(answer["Location"]))
    export = client.get(f"/desk/sharing/takings/{taking.pk}/export.csv")
    assert "开通日期" in b"".join(export.streaming_content).decode()
    assert quote("公交线路信息") in export["Content-Disposition"]
    assert Access.objects.filter(phase="closed").count() == 2


def test_a_taking_without_its_promise_keeps_what_was_typed() -> None:
    scene = made.scene(sharing_type="unconditional")
    answer = at(scene.asker).post(
        f"/desk/sharing/entries/{scene.entry.pk}/take/", {"duty": "站点规划", "purpose": "计算距离"}
    )
    assert answer.status_code == 422
    assert "站点规划" in text(answer)
    assert not Taking.objects.exists()


# --- applying and replying ---------------------------------------------------------------------------


def test_the_form_says_when_the_reply_is_due_before_it_is_sent(scene: made.Scene) -> None:
    page = text(at(scene.asker).get(f"/desk/sharing/entries/{scene.entry.pk}/apply/"))
    # sent on Wednesday 2026-11-04: ten days end on a Saturday and roll to the Monday
    assert "2026年11月16日" in page


def test_a_form_sent_twice_files_once(scene: made.Scene) -> None:
    client = at(scene.asker)
    url = f"/desk/sharing/entries/{scene.entry.pk}/apply/"
    first, second = client.post(url, filled(scene)), client.post(url, filled(scene))
    case = SharingApplication.objects.get()
    assert first["Location"] == second["Location"] == case.get_absolute_url()
    assert case.row_condition == [{"code": "opened", "operator": "ge", "value": "2018-01-01"}]
    assert case.items == ["route", "name"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"items": []}, "请至少选择一个信息项"),
        ({"duty": ""}, "所履行的法定职责"),
        ({"period_until": "2026-11-01"}, "截止日期不能早于"),
        ({"condition_1_2": ""}, "请填写比较的值"),
        ({"condition_1_0": "length", "condition_1_2": "很长"}, "数值型"),
    ],
)
def test_a_wrong_form_keeps_everything_and_files_nothing(
    scene: made.Scene, changed: dict[str, Any], words: str
) -> None:
    answer = at(scene.asker).post(f"/desk/sharing/entries/{scene.entry.pk}/apply/", filled(scene, **changed))
    assert answer.status_code == 422
    assert words in text(answer)
    assert "核对路线" in text(answer)
    assert not SharingApplication.objects.exists()


def test_the_case_shows_its_clock_and_only_the_acts_of_the_reader(scene: made.Scene) -> None:
    case = made.application(scene)
    url = case.get_absolute_url()
    provider, requester = text(at(scene.approver).get(url)), text(at(scene.asker).get(url))
    assert "还剩 8 天" in provider
    for verb in ("agree", "agree-in-part", "refuse"):
        assert f"{url}{verb}/" in provider
        assert f"{url}{verb}/" not in requester
    assert f"{url}withdraw/" in requester
    assert f"{url}withdraw/" not in provider


def test_a_draft_is_seen_in_the_provider_only(scene: made.Scene) -> None:
    case = made.application(scene)
    at(scene.steward).post(
        f"{case.get_absolute_url()}draft-reply/", {"outcome": "refuse", "reasons": "拟以超范围为由不同意。"}
    )
    assert "拟以超范围为由" in text(at(scene.approver).get(case.get_absolute_url()))
    for other in (scene.asker, scene.coordinator):
        page = text(at(other).get(case.get_absolute_url()))
        assert "拟以超范围为由" not in page
        assert "拟写答复" not in page


def test_refusing_without_reasons_is_422_and_the_case_stays_open(scene: made.Scene) -> None:
    case = made.application(scene)
    answer = at(scene.approver).post(f"{case.get_absolute_url()}refuse/", {"reasons": "  "})
    assert answer.status_code == 422
    assert "请写明理由" in text(answer)
    assert made.fresh(case).status == "submitted"


def test_agreeing_leads_to_data_the_requester_can_query(scene: made.Scene) -> None:
    case = made.application(scene)
    answer = at(scene.approver).post(f"{case.get_absolute_url()}agree/", {"submission": "x", "rows_per_day": "100"})
    grant = SharingGrant.objects.get()
    assert answer.status_code == 302
    client = at(scene.asker)
    assert f"/desk/sharing/grants/{grant.pk}/data/" in text(client.get(grant.get_absolute_url()))
    page = text(client.get(f"/desk/sharing/grants/{grant.pk}/data/?f_name=快线&sort=-length"))
    assert "观山湖快线" in page
    assert "火车站环线" not in page
    assert "开通日期" not in page
    assert "100 行，今天还可读取 99 行" in text(client.get(grant.get_absolute_url()))


def test_agreeing_in_part_through_the_page(scene: made.Scene) -> None:
    case = made.application(scene)
    form = {"items": ["route"], "reasons": made.REASONS, "calls_per_minute": "5"}
    at(scene.approver).post(f"{case.get_absolute_url()}agree-in-part/", form)
    grant = SharingGrant.objects.get()
    assert (grant.items, grant.calls_per_minute) == (["route"], 5)
    assert made.REASONS in text(at(scene.asker).get(case.get_absolute_url()))


def test_a_second_reply_is_409_and_says_what_happened(scene: made.Scene) -> None:
    case = made.refused_application(scene)
    answer = at(scene.approver).post(f"{case.get_absolute_url()}agree/", {})
    assert answer.status_code == 409
    assert "不同意" in text(answer)
    assert at(scene.approver).get(f"{case.get_absolute_url()}agree/").status_code == 409


def test_lists_show_own_applications_and_those_to_answer(scene: made.Scene) -> None:
    case = made.application(scene)
    assert case.number in text(at(scene.asker).get("/desk/sharing/applications/?box=own"))
    assert case.number not in text(at(scene.asker).get("/desk/sharing/applications/?box=answer"))
    assert case.number in text(at(scene.steward).get("/desk/sharing/applications/?box=answer"))
    assert case.number not in text(at(scene.outsider).get("/desk/sharing/applications/?box=all"))
    assert case.number in text(at(scene.coordinator).get("/desk/sharing/applications/?box=all"))


# --- granting in advance, coordination ---------------------------------------------------------------


def test_several_agencies_are_authorised_at_once_or_none_is(scene: made.Scene) -> None:
    url = f"/desk/sharing/entries/{scene.entry.pk}/grant/"
    agencies = [scene.requester.pk, scene.city.county_department.pk]
    form = {"grantees": agencies, "items": ["route"], "duty": "调度", "purpose": "规划", "valid_from": "2026-11-04"}
    wrong = at(scene.steward).post(url, form | {"valid_until": "2026-11-01"})
    assert wrong.status_code == 422
    assert not SharingGrant.objects.exists()
    assert at(scene.steward).post(url, form).status_code == 302
    assert set(SharingGrant.objects.values_list("grantee", flat=True)) == set(agencies)


def test_a_refusal_goes_through_coordination_to_a_grant_on_the_pages(scene: made.Scene) -> None:
    case = made.refused_application(scene)
    url = case.get_absolute_url()

    # the requester asks, the provider states its view, the coordinator gives the opinion, the provider grants
    assert at(scene.asker).post(f"{url}request-coordination/", {"reasons": "应急所需"}).status_code == 302
    coordination = Coordination.objects.get()
    there = coordination.get_absolute_url()
    at(scene.approver).post(f"{there}submit-statement/", {"text": "尚未核验。"})
    page = text(at(scene.coordinator).get(there))
    assert "尚未核验。" in page
    assert "服务目标，非法定期限" in page
    form = {"items": ["route", "length"], "text": "应当提供。"}
    assert at(scene.coordinator).post(f"{there}conclude-provide/", form).status_code == 302
    assert f"{url}grant-on-opinion/" in text(at(scene.approver).get(there))
    assert at(scene.approver).post(f"{url}grant-on-opinion/", {}).status_code == 302
    assert SharingGrant.objects.get().items == ["route", "length"]
    assert made.fresh(case).status == "granted-on-opinion"


def test_coordinations_in_hand_stand_by_their_due_day_before_those_that_ended(scene: made.Scene) -> None:
    # given
    ended, first, second = (made.coordination(scene) for _ in range(3))
    Coordination.objects.filter(pk=second.pk).update(requested_at=made.later(3))
    services.withdraw_coordination(coordination_id=ended.pk, by=scene.asker, at=made.later(4))

    # when
    shown = at(scene.coordinator).get("/desk/sharing/coordinations/").context["items"]

    # then
    assert [item["pk"] for item in shown] == [first.pk, second.pk, ended.pk]


def test_every_act_page_opens_for_whoever_does_it(scene: made.Scene) -> None:
    waiting = made.application(scene)
    grant = made.standing_grant(scene)
    paused = made.standing_grant(scene)
    services.suspend_grant(grant_id=paused.pk, by=scene.approver, at=made.later(1), reasons="核查")
    coordination, deadlock = made.coordination(scene), made.with_government(scene)
    expected = [
        (scene.approver, waiting, ["agree", "agree-in-part", "refuse", "draft-reply"]),
        (scene.asker, waiting, ["withdraw"]),
        (scene.asker, made.refused_application(scene), ["request-coordination"]),
        (scene.approver, grant, ["suspend", "end"]),
        (scene.approver, paused, ["resume", "end"]),
        (scene.coordinator, coordination, ["conclude-provide", "conclude-keep", "escalate"]),
        (scene.asker, coordination, ["submit-statement", "withdraw-coordination"]),
        (made.government_approver(), deadlock, ["decide-provide", "decide-keep"]),
    ]
    for user, case, verbs in expected:
        for verb in verbs:
            response = at(user).get(f"{case.get_absolute_url()}{verb}/")
            assert response.status_code == 200, verb
            assert "<form" in text(response)


# --- lists -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "/desk/sharing/",
        "/desk/sharing/applications/?box=answer",
        "/desk/sharing/grants/?box=given",
        "/desk/sharing/coordinations/",
        "/desk/sharing/access/?box=given",
    ],
)
def test_lists_ask_the_same_number_of_queries_however_long(scene: made.Scene, url: str) -> None:
    def more() -> None:
        entry_in_force(scene.provider, sharing_type="conditional")
        grant = made.agreed_grant(scene)
        made.coordination(scene)
        made.application(scene)
        at(scene.asker).get(f"/desk/sharing/grants/{grant.pk}/data/")

    def queries() -> int:
        client = at(scene.steward)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    more()
    before = queries()
    for _round in range(3):
        more()
    assert queries() == before


def test_dates_on_the_case_are_those_of_guiyang(scene: made.Scene) -> None:
    # filed half an hour after midnight in Guiyang, the evening before in UTC
    late = dt.datetime(2026, 11, 3, 0, 30, tzinfo=made.SHANGHAI).astimezone(dt.UTC)
    case = made.application(scene, at=late)
    assert case.submitted_on == dt.date(2026, 11, 3)
    assert "2026年11月3日" in text(at(scene.asker).get(case.get_absolute_url()))


def test_of_many_agencies_that_take_data_every_one_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    # given two declared duties, and a page that shows one at a time
    monkeypatch.setattr(finding, "A_PART", 1)
    scene = made.scene(sharing_type="unconditional")
    made.taking(scene, duty="急救站点规划")
    made.taking(scene, duty="学校选址")
    address = f"/desk/sharing/entries/{scene.entry.pk}/"
    # when
    newest = at(scene.approver).get(address)
    # then
    assert "学校选址" in text(newest)
    assert "急救站点规划" not in text(newest)
    assert "第 1 至 1 个，共 2 个" in text(newest)
    following = newest.context["taken_pager"]["next_url"]
    assert following == "?taken=2#taken"
    assert "急救站点规划" in text(at(scene.approver).get(address + following.partition("#")[0]))
