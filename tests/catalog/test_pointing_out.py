"""What the pages of the catalogue point out, and where they lead next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog import services
from guiyang_data.accounts.models import User
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SignIn = Callable[[User], Client]


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


def test_a_file_without_a_header_is_pointed_out(city: accounts.City, sign_in: SignIn) -> None:
    client = sign_in(make.steward_of(city.provider))
    for content, said in (("贵阳,2013-12-02,147\n贵阳,2013-12-03,99\n", True), ("城市,PM2.5,3月\n贵阳,1,2\n", False)):
        file = SimpleUploadedFile("空气.csv", content.encode())
        page = client.post("/desk/catalog/new/from-file/", {"file": file}).content.decode()
        assert ("「2013-12-02、147」像是数据，不像列名" in page, "像是数据" in page) == (said, said)


def test_columns_of_numbers_with_check_digits_are_proposed_to_be_checked(city: accounts.City, sign_in: SignIn) -> None:
    # given
    good = ["11010519491231002X", "440524188001010014", "53010219200508011X", "520102197901010014"]
    numbers = [*good, "520102198001010011"]
    content = "身份证号,编号\n" + "".join(f"{number},{number[:17]}\n" for number in numbers)
    client = sign_in(make.steward_of(city.provider))

    # when
    answer = client.post("/desk/catalog/new/from-file/", {"file": SimpleUploadedFile("名册.csv", content.encode())})

    # then
    rows = answer.context["form"].items.forms[:2]
    assert [row["check_digits"].value() for row in rows] == ["resident-id", None]
    assert rows[0]["length"].value() == 18
    assert "建议核对校验码：身份证号。" in answer.content.decode()


def test_an_entry_leads_others_to_its_data_and_its_provider_to_who_has_it(city: accounts.City, sign_in: SignIn) -> None:
    # given
    shared = make.entry_in_force(city.provider)
    withheld = make.entry_in_force(city.provider, sharing_type="withheld", sharing_basis="《中华人民共和国数据安全法》")
    own, other = sign_in(make.approver_of(city.provider)), sign_in(make.steward_of(city.requester))

    # when
    pages = [client.get(shared.get_absolute_url()).content.decode() for client in (own, other)]
    closed = other.get(withheld.get_absolute_url()).content.decode()

    # then
    address = f"/desk/sharing/entries/{shared.pk}/"
    assert [address in page for page in pages] == [True, True]
    assert ["获取这项数据" in page for page in pages] == [False, True]
    assert f"/desk/sharing/entries/{withheld.pk}/" not in closed


def test_personal_items_that_every_agency_would_have_are_pointed_out(city: accounts.City, sign_in: SignIn) -> None:
    # given
    items = [replace(make.ITEMS[0], sensitivity="direct"), make.ITEMS[1]]
    drafts = [
        make.draft_entry(city.provider, title=f"名册{kind}", items=items, sharing_type=kind, sharing_condition="限核对")
        for kind in ("unconditional", "conditional")
    ]
    steward, approver = make.steward_of(city.provider), make.approver_of(city.provider)

    # when
    told = []
    for draft in drafts:
        review = services.ask_confidentiality_review(revision_id=draft.pk, scope="sharing", by=steward, at=make.AT)
        told.append(sign_in(steward).get(draft.get_absolute_url()).content.decode())
        told.append(sign_in(approver).get(review.get_absolute_url()).content.decode())

    # then
    said = "任何机关都可以直接获取，其中有涉及个人的信息项：线路编号。"
    assert [said in page for page in told] == [True, True, False, False]
