"""The provider's pages: the queue, a plan from draft to publication by two persons, and taking a data set back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.selectors import events_of
from opendata import services
from opendata.models import OpenDataset, OpeningPlan, PublishJob
from tests.factories import opendata as make
from tests.factories.accounts import City, citizen, city, staff
from tests.factories.catalog import AT, ROWS, approver_of, entry_in_force, steward_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def town() -> City:
    return city()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def choices(plan: OpeningPlan, **changed: str) -> dict[str, str]:
    """The edit form as the browser sends it."""
    fields = {f"t-{code}": values["technique"] for code, values in plan.techniques.items()}
    return fields | {"submission": "token-1"} | {key.replace("_", "-"): value for key, value in changed.items()}


def test_a_plan_goes_from_the_queue_to_the_public_by_two_persons(town: City) -> None:
    # given data about persons, a steward and an approver
    entry = make.people_entry(town.provider, title="志愿者名录")
    steward, approver = signed_in(steward_of(town.provider)), signed_in(approver_of(town.provider))
    assert "志愿者名录" in steward.get("/desk/opening/").content.decode()
    # when the steward draws up a plan, covers the names, and asks for the review
    response = steward.post(f"/desk/opening/entries/{entry.pk}/plan-opening/", {"submission": "a"})
    plan = OpeningPlan.objects.get()
    assert response.headers["Location"] == f"{plan.get_absolute_url()}edit-plan/"
    chosen = choices(plan, **{"t_name": "mask", "first_name": "1", "t_amount": "round", "step_amount": "100"})
    assert steward.post(f"{plan.get_absolute_url()}edit-plan/", chosen).status_code == 302
    plan.refresh_from_db()
    assert plan.techniques["name"] == {"technique": "mask", "keep_first": 1, "keep_last": 0}
    assert "王**" in steward.get(plan.get_absolute_url()).content.decode()
    steward.post(f"{plan.get_absolute_url()}submit-plan/", {"submission": "b"})
    # and the approver passes it on the page that shows the samples and the risk
    page = approver.get(f"{plan.get_absolute_url()}review/").content.decode()
    assert "重标识风险可接受" in page
    approver.post(f"{plan.get_absolute_url()}review/", {"submission": "c", "passed": "yes"})
    steward.post(f"{plan.get_absolute_url()}publish/", {"submission": "d"})
    # then a job waits, and once it has run the public finds the data
    job = PublishJob.objects.get()
    assert "排队中" in steward.get(plan.get_absolute_url()).content.decode()
    services.run_publish(job.pk, at=AT)
    assert Client().get(OpenDataset.objects.get().get_absolute_url()).status_code == 200
    part = steward.get(f"/desk/opening/jobs/{job.pk}/", HTTP_HX_REQUEST="true").content.decode()
    assert "已完成" in part


def test_keeping_a_name_is_refused_beside_the_item_and_nothing_is_lost(town: City) -> None:
    plan = make.drafted_plan(make.people_entry(town.provider))
    client = signed_in(steward_of(town.provider))
    response = client.post(f"{plan.get_absolute_url()}edit-plan/", choices(plan, t_name="keep", t_sex="suppress"))
    assert response.status_code == 422
    form = response.context["form"]
    assert "不能保留原值开放" in form.errors["t-name"][0]
    assert form["t-sex"].value() == "suppress"
    plan.refresh_from_db()
    assert plan.techniques["name"] == {"technique": "suppress"}


def test_a_form_sent_twice_acts_once(town: City) -> None:
    entry = entry_in_force(town.provider, rows=ROWS)
    client, url = signed_in(steward_of(town.provider)), f"/desk/opening/entries/{entry.pk}/plan-opening/"
    first = client.post(url, {"submission": "same"})
    second = client.post(url, {"submission": "same"})
    assert first.headers["Location"] == second.headers["Location"]
    assert OpeningPlan.objects.count() == 1


def test_a_second_plan_is_a_conflict(town: City) -> None:
    entry = entry_in_force(town.provider, rows=ROWS)
    make.drafted_plan(entry)
    client = signed_in(steward_of(town.provider))
    response = client.post(f"/desk/opening/entries/{entry.pk}/plan-opening/", {"submission": "x"})
    assert response.status_code == 409
    assert "已有一份正在办理的开放方案" in response.content.decode()


def test_a_refusal_without_reasons_keeps_the_form(town: City) -> None:
    plan = make.submitted_plan(entry_in_force(town.provider, rows=ROWS))
    client = signed_in(approver_of(town.provider))
    response = client.post(f"{plan.get_absolute_url()}review/", {"submission": "x", "passed": "no"})
    assert response.status_code == 422
    assert "写明理由" in response.content.decode()
    plan.refresh_from_db()
    assert plan.is_waiting


@pytest.mark.parametrize("page", ["", "edit-plan/", "submit-plan/", "review/", "drop-plan/", "publish/"])
def test_another_agencys_plan_is_not_found(town: City, page: str) -> None:
    plan = make.drafted_plan(entry_in_force(town.provider, rows=ROWS))
    url = f"{plan.get_absolute_url()}{page}"
    for somebody in (staff(town.requester, Role.DATA_STEWARD, Role.APPROVER), citizen()):
        assert signed_in(somebody).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_an_approver_does_not_edit_and_a_steward_does_not_judge(town: City) -> None:
    plan = make.drafted_plan(entry_in_force(town.provider, rows=ROWS))
    assert signed_in(approver_of(town.provider)).get(f"{plan.get_absolute_url()}edit-plan/").status_code == 403
    submitted = services.submit_plan(plan_id=plan.pk, by=steward_of(town.provider), at=AT)
    assert signed_in(steward_of(town.provider)).get(f"{submitted.get_absolute_url()}review/").status_code == 403


def test_the_buttons_are_what_may_be_done_now(town: City) -> None:
    def verbs(user: User, plan: OpeningPlan) -> set[str]:
        return {act.verb for act in signed_in(user).get(plan.get_absolute_url()).context["acts"]}

    steward, approver = steward_of(town.provider), approver_of(town.provider)
    plan = make.submitted_plan(entry_in_force(town.provider, rows=ROWS))
    assert verbs(steward, plan) == set()
    assert verbs(approver, plan) == {"decide-plan"}
    services.decide_plan(plan_id=plan.pk, passed=True, by=approver, at=AT)
    assert verbs(steward, plan) == {"publish", "edit-plan", "drop-plan"}
    services.publish(plan_id=plan.pk, by=steward, at=AT)
    assert "publish" not in verbs(steward, plan)


def test_taking_a_data_set_back_asks_for_reasons(town: City) -> None:
    dataset = make.dataset_open(town.provider)
    client, url = signed_in(approver_of(town.provider)), f"/desk/opening/datasets/{dataset.pk}/"
    events = events_of(dataset.entry).count()
    empty = client.post(f"{url}withdraw-dataset/", {"submission": "x", "reasons": ""})
    assert empty.status_code == 422
    assert events_of(dataset.entry).count() == events
    assert client.post(f"{url}withdraw-dataset/", {"submission": "x", "reasons": "数据有误。"}).status_code == 302
    assert client.get(f"{url}withdraw-dataset/").status_code == 409
    assert "数据有误。" in client.get(url).content.decode()
    assert client.post(f"{url}republish/", {"submission": "y"}).status_code == 302
    dataset.refresh_from_db()
    assert dataset.status == "published"


def test_another_agencys_data_set_is_not_found(town: City) -> None:
    dataset = make.dataset_open(town.provider)
    client = signed_in(staff(town.requester, Role.APPROVER))
    assert client.get(f"/desk/opening/datasets/{dataset.pk}/").status_code == 404
    assert client.post(f"/desk/opening/datasets/{dataset.pk}/withdraw-dataset/", {"reasons": "x"}).status_code == 404


def test_the_public_has_no_queue(town: City) -> None:
    assert signed_in(citizen()).get("/desk/opening/").status_code == 404


def test_the_queue_costs_the_same_number_of_queries_however_long(town: City) -> None:
    client = signed_in(steward_of(town.provider))
    entry_in_force(town.provider, rows=ROWS)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/desk/opening/?state=waiting").status_code == 200
        return len(queries)

    cost()
    before = cost()
    entry_in_force(town.provider, rows=ROWS, title="公交站点")
    entry_in_force(town.provider, rows=ROWS, title="公交换乘")
    assert cost() == before
