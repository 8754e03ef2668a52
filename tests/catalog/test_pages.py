"""The pages: who sees what, acts carried out once, refusals that keep what was typed, lists of constant cost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from catalog import services
from catalog.models import CatalogEntry, ConfidentialityReview, EntryRevision, Load
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.models import Event
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(make.AT + dt.timedelta(hours=1), tick=True):
        yield


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


@pytest.fixture
def sign_in() -> SignIn:
    def signed(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed


def entry_form(**changed: Any) -> dict[str, Any]:
    """The form of an entry as a browser sends it."""
    values = {name: value for name, value in make.elements().items() if name != "category"}
    rows = {
        "items-TOTAL_FORMS": "3",
        "items-INITIAL_FORMS": "0",
        "items-0-name": "线路编号",
        "items-0-data_type": "C",
        "items-0-length": "10",
        "items-0-required": "on",
        "items-1-name": "长度",
        "items-1-data_type": "N",
        "items-1-code_list": "",
        "items-2-name": "",
        "items-2-data_type": "C",
    }
    return {**values, "category": "203001", "is_open": "1", **rows, **changed}


def test_a_form_sent_twice_compiles_once(city: accounts.City, sign_in: SignIn) -> None:
    # given
    client = sign_in(make.steward_of(city.provider))
    form = entry_form(submission="one-token")

    # when
    answers = [client.post("/desk/catalog/new/", form) for _ in range(2)]

    # then
    revision = EntryRevision.objects.get()
    assert [answer.status_code for answer in answers] == [302, 302]
    assert [answer["Location"] for answer in answers] == [revision.get_absolute_url()] * 2
    assert [item.name for item in revision.items.all()] == ["线路编号", "长度"]


def test_what_was_typed_stays_when_a_title_is_missing(city: accounts.City, sign_in: SignIn) -> None:
    # when
    answer = sign_in(make.steward_of(city.provider)).post(
        "/desk/catalog/new/", entry_form(title="", abstract="只有摘要")
    )

    # then
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写资源名称" in page
    assert "只有摘要" in page
    assert "线路编号" in page
    assert not EntryRevision.objects.exists()


def test_more_rows_are_given_without_scripts_and_nothing_is_saved(city: accounts.City, sign_in: SignIn) -> None:
    # when
    answer = sign_in(make.steward_of(city.provider)).post("/desk/catalog/new/", entry_form(more="1"))

    # then
    assert answer.status_code == 200
    assert b'name="items-12-name"' in answer.content
    assert "线路编号" in answer.content.decode()
    assert not EntryRevision.objects.exists()


def test_two_items_of_one_name_are_refused_with_the_form_kept(city: accounts.City, sign_in: SignIn) -> None:
    # when
    form = entry_form(**{"items-1-name": "线路编号"})
    answer = sign_in(make.steward_of(city.provider)).post("/desk/catalog/new/", form)

    # then
    assert answer.status_code == 422
    assert "出现了两次" in answer.content.decode()
    assert not CatalogEntry.objects.exists()


def test_items_are_proposed_from_a_file_and_nothing_is_stored(city: accounts.City, sign_in: SignIn) -> None:
    # given
    content = "站点编号,名称,经度,启用日期\n0001,会展中心,106.63,2020-01-01\n0002,大十字,106.71,2021-05-06\n"
    file = SimpleUploadedFile("公共停车场.csv", content.encode("gb18030"))

    # when
    client = sign_in(make.steward_of(city.provider))
    answer = client.post("/desk/catalog/new/from-file/", {"file": file})

    # then
    form = answer.context["form"]
    proposed = [(row["name"].value(), row["data_type"].value()) for row in form.items][:4]
    assert answer.status_code == 200
    assert proposed == [("站点编号", "C"), ("名称", "C"), ("经度", "N"), ("启用日期", "D")]
    assert form["title"].value() == "公共停车场"
    assert not EntryRevision.objects.exists()
    assert not Load.objects.exists()


def test_a_file_that_is_no_table_is_refused_at_its_field(city: accounts.City, sign_in: SignIn) -> None:
    # when
    file = SimpleUploadedFile("说明.csv", b"%PDF-1.7 not a table")
    answer = sign_in(make.steward_of(city.provider)).post("/desk/catalog/new/from-file/", {"file": file})

    # then
    assert answer.status_code == 422
    assert "不是表格" in answer.content.decode()


def test_the_whole_way_through_the_pages(city: accounts.City, sign_in: SignIn) -> None:
    # given
    steward, approver = sign_in(make.steward_of(city.provider)), sign_in(make.approver_of(city.provider))
    officer = sign_in(make.officer_over(city.provider))
    government = sign_in(make.government_approver_over(city.provider))
    steward.post("/desk/catalog/new/", entry_form())
    revision = EntryRevision.objects.get()
    address = revision.get_absolute_url()

    # when
    assert "还没有由第二人作出的保密审查结论" in steward.get(address).content.decode()
    steward.post(f"{address}ask-confidentiality/", {})
    review = ConfidentialityReview.objects.get()
    assert "审查通过" in approver.get(review.get_absolute_url()).content.decode()
    approver.post(f"{review.get_absolute_url()}pass/", {"opinion": "不含秘密。"})
    steward.post(f"{address}submit/", {})
    officer.post(f"{address}send-back/", {"reasons": "请写明范围。"})
    assert "请写明范围" in steward.get(address).content.decode()
    edited = {**entry_form(abstract="全市范围。"), "items-INITIAL_FORMS": "2"}
    assert steward.post(f"{address}edit/", edited).status_code == 302
    steward.post(f"{address}submit/", {})
    officer.post(f"{address}pass-review/", {"opinion": ""})
    answer = government.post(f"{address}approve/", {"opinion": ""})

    # then
    assert answer.status_code == 302
    entry = CatalogEntry.objects.get()
    assert entry.in_force is not None
    assert entry.in_force.abstract == "全市范围。"
    page = steward.get(entry.get_absolute_url()).content.decode()
    assert "已公布 · 第1版" in page
    assert "审定目录并公布" in page


def test_a_missing_reason_is_asked_for_and_nothing_changes(city: accounts.City, sign_in: SignIn) -> None:
    # given
    revision = make.entry_in_review(city.provider)

    # when
    answer = sign_in(make.officer_over(city.provider)).post(
        f"{revision.get_absolute_url()}send-back/", {"reasons": " "}
    )

    # then
    revision.refresh_from_db()
    assert answer.status_code == 422
    assert "请写明理由" in answer.content.decode()
    assert revision.status == "in-review"


def test_a_draft_is_unseen_by_other_agencies_and_an_act_on_it_too(city: accounts.City, sign_in: SignIn) -> None:
    # given
    revision = make.draft_entry(city.provider)
    stranger = sign_in(make.steward_of(city.requester))

    # when, then
    for address in ("", "submit/", "edit/"):
        assert stranger.get(revision.get_absolute_url() + address).status_code == 404
    assert stranger.post(f"{revision.get_absolute_url()}submit/", {}).status_code == 404
    assert Event.objects.filter(refused=True).count() == 0


def test_an_entry_in_force_is_seen_by_all_staff_but_not_theirs_to_change(city: accounts.City, sign_in: SignIn) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    stranger = sign_in(make.steward_of(city.requester))

    # when, then
    assert stranger.get(entry.get_absolute_url()).status_code == 200
    assert stranger.get(f"{entry.get_absolute_url()}revise/").status_code == 403
    assert stranger.post(f"{entry.get_absolute_url()}withdraw/", {"reasons": "不是我的。"}).status_code == 403
    assert stranger.get(f"{entry.get_absolute_url()}gather/").status_code == 403
    assert stranger.get(f"{entry.get_absolute_url()}data/").status_code == 403
    entry.refresh_from_db()
    assert entry.in_force is not None
    assert Event.objects.filter(refused=True, verb="withdraw").count() == 1


def test_a_draft_beside_what_is_in_force_stays_inside(city: accounts.City, sign_in: SignIn) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    draft = services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)
    stranger = sign_in(make.steward_of(city.requester))

    # when
    page = stranger.get(entry.get_absolute_url()).content.decode()
    listed = stranger.get("/desk/catalog/?standing=draft").content.decode()

    # then
    assert "修订稿" not in page
    assert "保密审查通过" not in page
    assert entry.get_absolute_url() not in listed
    assert stranger.get(draft.get_absolute_url()).status_code == 404


def test_the_public_sees_none_of_the_staffs_pages(city: accounts.City, sign_in: SignIn) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    citizen = sign_in(accounts.citizen())

    # when, then
    assert citizen.get("/desk/catalog/").status_code == 404
    assert citizen.get(entry.get_absolute_url()).status_code == 404
    assert citizen.get("/desk/catalog/new/").status_code == 403
    assert Client().get(entry.get_absolute_url()).status_code == 302


def test_an_act_from_the_wrong_state_says_so(city: accounts.City, sign_in: SignIn) -> None:
    # given
    revision = make.entry_in_review(city.provider)
    client = sign_in(make.steward_of(city.provider))

    # when
    answers = [client.get(f"{revision.get_absolute_url()}submit/"), client.post(f"{revision.get_absolute_url()}drop/")]

    # then
    assert [answer.status_code for answer in answers] == [409, 409]
    assert "待审核" in answers[1].content.decode()
    revision.refresh_from_db()
    assert revision.status == "in-review"


def test_the_buttons_are_what_workflow_and_policy_allow(city: accounts.City, sign_in: SignIn) -> None:
    # given
    revision = make.entry_in_review(city.provider)
    people = {
        "steward": make.steward_of(city.provider),
        "officer": make.officer_over(city.provider),
        "government": make.government_approver_over(city.provider),
    }

    # when
    shown = {
        name: [act.verb for act in sign_in(user).get(revision.get_absolute_url()).context["acts"]]
        for name, user in people.items()
    }

    # then
    assert shown == {
        "steward": ["gather", "delegate"],
        "officer": ["pass-review", "send-back"],
        "government": [],
    }


@pytest.mark.parametrize("role", Role)
def test_only_its_holders_may_carry_a_revision_on(role: Role, city: accounts.City) -> None:
    # given
    revision = make.entry_in_review(city.provider)
    homes = {"provider": city.provider, "authority": city.authority, "government": city.government}
    allowed = {("authority", Role.MUNICIPAL_AUTHORITY), ("authority", Role.COUNTY_AUTHORITY)}

    # when, then
    for name, agency in homes.items():
        user = accounts.staff(agency, role)
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        status = client.get(f"{revision.get_absolute_url()}pass-review/").status_code
        assert (status == 200) == ((name, role) in allowed), (name, role, status)


def test_the_municipal_catalogues_are_open_to_everyone_and_hold_nothing_else(city: accounts.City) -> None:
    # given
    make.entry_in_force(city.provider, title="公交线路")
    make.entry_in_force(
        city.provider, title="救助对象", sharing_type="conditional", is_open=False, closed_ground=3, closed_basis="隐私"
    )
    make.entry_in_force(city.provider, title="保障安排", sharing_type="withheld")
    make.entry_in_force(city.county_department, title="区级站点")
    make.draft_entry(city.provider, title="未公布草稿")

    # when
    shared = Client().get("/catalog/sharing/")
    opened = Client().get("/catalog/open/")
    exported = json.loads(b"".join(Client().get("/catalog/sharing.json").streaming_content))
    table = b"".join(Client().get("/catalog/open.csv?field=transport").streaming_content).decode("utf-8-sig")

    # then
    titles = {entry.in_force.title for entry in shared.context["page"]}
    assert titles == {"公交线路", "救助对象"}
    assert {entry.in_force.title for entry in opened.context["page"]} == {"公交线路", "保障安排"}
    assert {record["资源名称"] for record in exported} == titles
    assert table.splitlines()[0].startswith("资源代码,资源名称")
    assert {row["资源名称"] for row in csv.DictReader(io.StringIO(table))} == {"公交线路", "保障安排"}


def test_lists_cost_the_same_however_long_they_are(city: accounts.City, sign_in: SignIn) -> None:
    # given
    client = sign_in(make.steward_of(city.provider))
    make.entry_in_force(city.provider, rows=make.ROWS)

    def cost(address: str) -> int:
        client.get(address)  # the first request of a session writes it
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    before = {address: cost(address) for address in ("/desk/catalog/", "/catalog/sharing/", "/catalog/open/")}

    # when
    for _ in range(6):
        make.entry_in_force(city.provider)
        make.draft_entry(city.provider)

    # then
    assert {address: cost(address) for address in before} == before


def test_every_address_that_rows_name_is_a_page(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider, rows=make.ROWS)
    revision = entry.in_force
    assert revision is not None
    rows = [entry, revision, revision.confidentiality_reviews.get(), entry.loads.get()]

    # when, then
    names = [resolve(row.get_absolute_url()).view_name for row in rows]
    assert names == ["catalog:entry", "catalog:revision", "catalog:confidentiality", "catalog:load"]
