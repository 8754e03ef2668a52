"""Information items of a file that look personal: how they are marked is proposed where the file does not say it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog import services
from catalog.models import CatalogImport, EntryRevision, InformationItem
from guiyang_data.accounts.models import User
from guiyang_data.detection import proposed_sensitivity
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DEFAULTS = {
    "category": "203001",
    "sharing_type": "conditional",
    "update_cycle": "irregular",
    "field": "other",
    "is_open": False,
}
RECORDS: list[dict[str, str]] = [
    {"资源名称": "救助对象", "信息项名称": "姓名", "敏感性": "", "数据类型": "字符型"},
    {"资源名称": "", "信息项名称": "身份证号", "敏感性": "", "数据类型": "字符型"},
    {"资源名称": "", "信息项名称": "手机号", "敏感性": "非敏感", "数据类型": "字符型"},
    {"资源名称": "", "信息项名称": "出生日期", "敏感性": "", "数据类型": "日期型"},
    {"资源名称": "", "信息项名称": "病历", "敏感性": "", "数据类型": "备注型"},
    {"资源名称": "", "信息项名称": "所属街道", "敏感性": "", "数据类型": "字符型"},
]


def at(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


def start(city: accounts.City, records: list[dict[str, str]]) -> CatalogImport:
    uploaded = ContentFile(json.dumps(records, ensure_ascii=False).encode(), name="目录.json")
    return services.start_import(
        provider=city.provider, uploaded=uploaded, by=make.steward_of(city.provider), at=make.AT
    )


def imported(city: accounts.City, records: list[dict[str, str]], **defaults: Any) -> dict[str, str]:
    """The sensitivity of each item of the draft, by its name."""
    job = start(city, records)
    services.begin_import(
        import_id=job.pk,
        by=make.steward_of(city.provider),
        at=make.AT,
        mapping=job.mapping,
        defaults=DEFAULTS | defaults,
    )
    services.run_import(job.pk, at=make.AT)
    return dict(InformationItem.objects.values_list("name", "sensitivity"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("居民身份证号码", "direct"),
        ("监护人身份证号", "direct"),
        ("联系人手机号", "direct"),
        ("现住址", "direct"),
        ("银行卡号", "direct"),
        ("患者姓名", "direct"),
        ("性别", "quasi"),
        ("出生年月", "quasi"),
        ("病历", "sensitive"),
        ("诊断结果", "sensitive"),
        ("残疾类别", "sensitive"),
        ("月收入", "sensitive"),
        ("残疾人数", ""),
        ("出生率", ""),
        ("身份证签发机关", ""),
        ("是否有身份证", ""),
        ("财政收入", ""),
        ("单位地址", ""),
        ("统一社会信用代码", ""),
    ],
)
def test_a_name_tells_what_an_item_is_about(name: str, kind: str) -> None:
    assert proposed_sensitivity(name) == kind


def test_the_number_it_is_checked_as_tells_more_than_its_name() -> None:
    assert proposed_sensitivity("编号", check_digits="resident-id") == "direct"
    assert proposed_sensitivity("账户", check_digits="bank-card") == "direct"
    assert proposed_sensitivity("法定代表人代码", check_digits="credit-code") == ""
    assert proposed_sensitivity("手机已核验", is_logical=True) == ""


def test_items_are_marked_as_proposed_but_never_against_the_file(city: accounts.City) -> None:
    # when
    marked = imported(city, RECORDS)

    # then
    assert marked == {
        "姓名": "direct",
        "身份证号": "direct",
        "手机号": "none",
        "出生日期": "quasi",
        "病历": "sensitive",
        "所属街道": "none",
    }


def test_the_preview_lists_what_is_proposed_before_anything_is_imported(city: accounts.City) -> None:
    # given
    job = start(city, RECORDS)

    # when
    seen = services.preview(job, job.mapping, DEFAULTS)

    # then
    assert seen.proposed == (
        ("姓名", "direct", 1),
        ("身份证号", "direct", 1),
        ("出生日期", "quasi", 1),
        ("病历", "sensitive", 1),
    )
    assert seen.defaulted["item_sensitivity"] == 1
    assert not EntryRevision.objects.exists()


def test_whoever_imports_may_take_none_of_the_proposals(city: accounts.City) -> None:
    assert set(imported(city, RECORDS, item_sensitivity="none").values()) == {"none"}


def test_a_repeat_leaves_what_a_person_corrected_and_proposes_for_new_items_alone(city: accounts.City) -> None:
    # given
    imported(city, RECORDS)
    InformationItem.objects.filter(name="姓名").update(sensitivity="none")
    more = [*RECORDS, {"资源名称": "", "信息项名称": "住址", "敏感性": "", "数据类型": "字符型"}]
    job = start(city, more)

    # when
    proposed = services.preview(job, job.mapping, DEFAULTS).proposed
    marked = imported(city, more)

    # then
    assert proposed == (("住址", "direct", 1),)
    assert (marked["姓名"], marked["身份证号"], marked["住址"]) == ("none", "direct", "direct")


def test_the_page_lists_the_proposals_among_the_defaults_and_takes_the_other_choice(city: accounts.City) -> None:
    # given
    job = start(city, RECORDS)
    client = at(make.steward_of(city.provider))
    address = job.get_absolute_url()

    # when
    page = client.get(address)
    chosen = {f"column_{place}": job.mapping[column] for place, column in enumerate(job.columns)}
    given = chosen | {**DEFAULTS, "is_open": "0", "item_sensitivity": "none"}
    answer = client.post(address, given)
    services.run_import(job.pk, at=make.AT)

    # then
    text = page.content.decode()
    assert "姓名（直接标识）、身份证号（直接标识）、出生日期（准标识）、病历（敏感属性）（平台建议）" in text
    assert page.context["form"]["item_sensitivity"].value() == "proposed"
    assert answer.status_code == 302
    assert set(InformationItem.objects.values_list("sensitivity", flat=True)) == {"none"}
    assert "都按非敏感（1 个条目）" in client.get(address).content.decode()


def test_systems_read_the_proposals_and_choose_alike(city: accounts.City) -> None:
    # given
    token = accounts.bearer(accounts.system(city.provider), "catalog:read", "catalog:write")
    job = start(city, RECORDS)
    address = f"/api/v1/catalog/imports/{job.pk}/"
    decided = {"sharing_type": "conditional", "is_open": False}

    # when
    seen = Client().post(f"{address}preview/", {"defaults": decided}, content_type="application/json", **token)
    chosen = {"defaults": decided | {"item_sensitivity": "none"}}
    begun = Client().post(f"{address}begin/", chosen, content_type="application/json", **token)

    # then
    assert seen.json()["proposed"][0] == {"name": "姓名", "sensitivity": "direct", "items": 1}
    assert begun.status_code == 202
    assert begun.json()["defaults"]["item_sensitivity"] == "none"


def test_items_of_a_data_file_are_marked_by_name_and_content(city: accounts.City) -> None:
    # given
    content = "编号,姓名,是否残疾,站点\n11010519491231002X,王示一,是,大十字\n110105194912310011,李示二,否,会展\n"
    file = SimpleUploadedFile("登记.csv", content.encode())

    # when
    answer = at(make.steward_of(city.provider)).post("/desk/catalog/new/from-file/", {"file": file})

    # then
    marked = [row["sensitivity"].value() for row in answer.context["form"].items][:4]
    assert marked == ["direct", "direct", "none", "none"]
    assert "编号（直接标识）、姓名（直接标识）" in answer.content.decode()
