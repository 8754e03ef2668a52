"""What rules refer to: chosen from what is in force, and told to whoever relies on it when it is withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.selectors.referring import reference_targets
from catalog.services import ItemSpec
from guiyang_data.accounts.models import User
from guiyang_data.notices.models import Notice
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

COMPANIES = [ItemSpec(name="信用代码", code="credit", is_key=True, required=True), ItemSpec(name="名称", code="name")]
LATER = make.AT + dt.timedelta(hours=1)


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def labels(found: Any) -> list[str]:
    return [one.label for one in found]


class TestChoosing:
    def test_keys_of_ones_own_entries_are_offered_and_of_others_those_shared_without_conditions(
        self, city: accounts.City
    ) -> None:
        # given
        own = make.entry_in_force(city.provider, items=COMPANIES, title="企业名录", sharing_type="conditional")
        make.entry_in_force(city.requester, items=COMPANIES, title="企业年报")
        make.entry_in_force(city.requester, items=COMPANIES, title="企业处罚", sharing_type="conditional")
        make.draft_entry(city.provider, items=COMPANIES, title="企业草稿")

        # when
        usual, wanted = reference_targets({city.provider.pk}), reference_targets({city.provider.pk}, "企业")

        # then
        assert labels(usual) == ["《企业名录》信用代码（市交通委）"]
        assert (usual[0].resource_code, usual[0].item) == (own.resource_code, "credit")
        assert labels(wanted) == ["《企业名录》信用代码（市交通委）", "《企业年报》信用代码（市卫健局）"]
        assert labels(reference_targets({city.provider.pk}, own.resource_code)) == labels(usual)

    def test_they_stand_in_the_form_and_are_asked_for_while_one_types(self, city: accounts.City) -> None:
        # given
        own = make.entry_in_force(city.provider, items=COMPANIES, title="企业名录")
        client = signed_in(make.steward_of(city.provider))
        option = f'<option value="{own.resource_code}" data-item="credit">《企业名录》信用代码（市交通委）</option>'

        # then
        assert option in client.get("/desk/catalog/new/").content.decode()
        asked = client.get("/desk/catalog/references/", {"items-0-reference_code": "企业"})
        assert option in asked.content.decode()
        assert option not in client.get("/desk/catalog/references/", {"q": "没有的"}).content.decode()

    def test_it_takes_as_many_queries_for_many(self, city: accounts.City) -> None:
        make.entry_in_force(city.provider, items=COMPANIES, title="企业名录")
        with CaptureQueriesContext(connection) as one:
            reference_targets({city.provider.pk}, "企业")
        for number in range(4):
            make.entry_in_force(city.provider, items=COMPANIES, title=f"企业名录{number}")
        with CaptureQueriesContext(connection) as many:
            assert len(reference_targets({city.provider.pk}, "企业")) == 5
        assert len(many) == len(one)


def test_whoever_holds_rows_against_an_entry_is_told_that_it_is_withdrawn(city: accounts.City) -> None:
    # given
    referred = make.entry_in_force(city.requester, items=COMPANIES, title="企业名录")
    value = ItemSpec(name="企业", code="company", reference_code=referred.resource_code, reference_item="credit")
    make.entry_in_force(city.provider, items=[make.ITEMS[0], value], title="从业企业")
    make.entry_in_force(city.provider, items=[make.ITEMS[0], value], title="检测企业")
    steward = make.steward_of(city.provider)

    # when
    services.withdraw(entry_id=referred.pk, by=make.steward_of(city.requester), at=LATER, reasons="职能划转。")

    # then
    notice = Notice.objects.get(recipient=steward, title="引用的目录条目已撤销：企业名录")
    assert "《从业企业》的企业；《检测企业》的企业" in notice.body
