"""The pages of systems and interfaces: acts done once, refusals that keep what was typed, lists of constant cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import InformationSystem, Interface
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from tests.caching import forget
from tests.factories import systems
from tests.factories.accounts import City, staff
from tests.factories.catalog import AT, draft_entry, entry_in_force, steward_of
from tests.look.reading import Page

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

NOW = AT + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    def signed(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed


@pytest.fixture
def steward(agency: Agency, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(steward_of(agency))


def system_form(**changed: Any) -> dict[str, Any]:
    return {
        "name": "公交调度系统",
        "purpose": "调度公交车辆。",
        "operator": "信息中心",
        "network": "extranet",
        "protection": "3",
        "status": "in-use",
        "in_use_on": "2026-01-05",
    } | changed


def text_of(response: Any) -> str:
    return response.content.decode()


class TestRegistering:
    """A steward brings a system under management and adds its interface."""

    def test_a_form_sent_twice_registers_once(self, steward: Client, agency: Agency) -> None:
        # given
        entry = draft_entry(agency).entry
        form = system_form(entries=[entry.pk], submission="one-token")

        # when
        answers = [steward.post("/desk/systems/new/", form) for _turn in range(2)]

        # then
        made = InformationSystem.objects.get()
        assert [answer["Location"] for answer in answers] == [made.get_absolute_url()] * 2
        page = text_of(steward.get(made.get_absolute_url()))
        assert "公交线路信息" in page
        assert entry.resource_code in page
        assert "第三级" in page

    def test_the_page_of_a_resource_leads_to_the_system_that_holds_it(
        self, town: City, agency: Agency, steward: Client, sign_in: Callable[[User], Client]
    ) -> None:
        # given
        entry = entry_in_force(agency)
        one = systems.system_in_use(agency, entries=(entry.pk,))

        # then
        assert one.get_absolute_url() in text_of(steward.get(entry.get_absolute_url()))
        outside = sign_in(steward_of(town.health)).get(entry.get_absolute_url())
        assert outside.status_code == 200
        assert one.name not in text_of(outside)

    def test_what_is_missing_is_named_and_what_was_typed_is_kept(self, steward: Client) -> None:
        answer = steward.post("/desk/systems/new/", system_form(operator="", purpose="调度公交车辆，含夜班。"))
        assert answer.status_code == 422
        assert "请填写负责运行维护的单位。" in text_of(answer)
        assert "含夜班" in text_of(answer)
        assert not InformationSystem.objects.exists()

    def test_a_rule_that_the_register_has_is_told_at_its_field(self, steward: Client) -> None:
        answer = steward.post("/desk/systems/new/", system_form(in_use_on=""))
        assert answer.status_code == 422
        assert "在用的系统，请填写投入使用的日期。" in text_of(answer)

    def test_an_interface_is_added_and_its_page_says_what_comes_next(self, steward: Client, agency: Agency) -> None:
        # given
        one = systems.system_in_use(agency)

        # when
        form = {"name": "站点查询", "url": "https://api.transport.invalid/v1", "every": "60"}
        answer = steward.post(f"{one.get_absolute_url()}add-interface/", form, follow=True)

        # then
        assert answer.redirect_chain[0][0] == Interface.objects.get().get_absolute_url()
        assert "还没有报送接口文档" in text_of(answer)

    @pytest.mark.parametrize("field", ["url", "document_url"])
    def test_an_address_inside_is_refused_where_the_operator_does_not_permit_it(
        self, steward: Client, agency: Agency, field: str
    ) -> None:
        one = systems.system_in_use(agency)
        form = {"name": "站点查询", "url": "https://api.transport.invalid/v1", "every": "60"}
        answer = steward.post(f"{one.get_absolute_url()}add-interface/", form | {field: "http://10.0.0.8/v1"})
        assert answer.status_code == 422
        assert "内部或保留地址 10.0.0.8" in text_of(answer)
        assert not Interface.objects.exists()

    def test_what_lets_the_portal_in_is_shown_to_nobody(self, steward: Client, agency: Agency) -> None:
        # given
        made = systems.interface(systems.system_in_use(agency), header_name="X-Key", header_value="open-sesame")

        # then
        for path in ("", "change-interface/"):
            page = text_of(steward.get(f"{made.get_absolute_url()}{path}"))
            assert "sesame" not in page
            assert "X-Key" in page
        form = {"name": made.name, "url": made.url, "every": "60", "header_name": "X-Key", "header_value": ""}
        assert steward.post(f"{made.get_absolute_url()}change-interface/", form).status_code == 302
        made.refresh_from_db()
        assert made.credentials() == {"X-Key": "open-sesame"}


class TestActs:
    """Acts without and with questions, through their pages."""

    def test_the_way_of_a_system(self, steward: Client, agency: Agency) -> None:
        # given
        one = systems.planned_system(agency)
        address = one.get_absolute_url()

        # then
        assert steward.post(f"{address}put-in-use/", {"in_use_on": "2026-08-31"}).status_code == 302
        assert steward.post(f"{address}stop-system/", {"reasons": ""}).status_code == 422
        assert steward.post(f"{address}stop-system/", {"reasons": "由新系统接替"}).status_code == 302
        assert "2026年8月31日" in text_of(steward.get(address))
        assert steward.get(f"{address}stop-system/").status_code == 409
        assert steward.post(f"{address}resume-system/").status_code == 302
        one.refresh_from_db()
        assert one.status == "in-use"
        steps = text_of(steward.get(address))
        for words in ("登记信息系统", "系统投入使用", "系统停用", "系统恢复使用"):
            assert words in steps

    def test_a_check_is_asked_for_by_one_press(self, steward: Client, agency: Agency) -> None:
        # given
        made = systems.noted(systems.interface(systems.system_in_use(agency)), systems.GOOD)

        # then
        assert 'action="' + made.get_absolute_url() + 'check-now/"' in text_of(steward.get(made.get_absolute_url()))
        assert steward.post(f"{made.get_absolute_url()}check-now/").status_code == 302
        made.refresh_from_db()
        assert made.next_check_at == NOW

    def test_a_pause_shows_its_reasons(self, steward: Client, agency: Agency) -> None:
        made = systems.interface(systems.system_in_use(agency))
        answer = steward.post(f"{made.get_absolute_url()}pause-checking/", {"reasons": "机房搬迁"}, follow=True)
        assert "机房搬迁" in text_of(answer)
        assert "暂停检查" in text_of(answer)

    def test_of_another_agency_there_is_nothing(
        self, town: City, agency: Agency, sign_in: Callable[[User], Client]
    ) -> None:
        # given
        made = systems.documented(systems.system_in_use(agency))
        stranger = sign_in(steward_of(town.health))

        # then
        for path in (made.system.get_absolute_url(), made.get_absolute_url(), f"{made.get_absolute_url()}documents/1/"):
            assert stranger.get(path).status_code == 404
        assert made.name not in text_of(stranger.get("/desk/systems/status/"))
        assert made.system.name not in text_of(stranger.get("/desk/systems/"))


class TestStatus:
    """What answers, since when, and which rule was broken."""

    def test_the_page_of_an_interface_says_it_all(self, steward: Client, agency: Agency) -> None:
        # given
        made = systems.noted(systems.documented(systems.system_in_use(agency)), systems.WRONG)

        # when
        page = text_of(steward.get(made.get_absolute_url()))

        # then
        assert "与文档不符，自 9月1日 09:00 起。" in page
        assert "应当是整数。" in page
        assert "共 3 处" in page
        assert "用时 51 毫秒" in page
        assert "近 30 天：0 天正常，1 天有与文档不符，0 天有不可用，29 天没有检查" in page

    def test_one_that_stays_broken_shows_its_clock_and_stands_among_what_the_steward_owes(
        self, steward: Client, agency: Agency
    ) -> None:
        # given
        made = systems.broken(systems.system_in_use(agency))

        # then
        page = text_of(steward.get(made.get_absolute_url()))
        assert "服务目标，非法定期限" in page
        assert "9月4日（周五）24:00 前恢复" in page
        assert f"接口异常：{made.system.name}·{made.name}" in text_of(steward.get("/desk/"))

    def test_the_broken_stand_on_top_and_the_numbers_are_those_of_the_list(
        self, town: City, sign_in: Callable[[User], Client]
    ) -> None:
        # given
        good = systems.noted(systems.interface(systems.system_in_use(town.transport)), systems.GOOD)
        wrong = systems.noted(systems.interface(systems.system_in_use(town.health)), systems.WRONG)
        dead = systems.noted(systems.interface(systems.system_in_use(town.county_department)), systems.DEAD)
        paused = systems.paused(systems.system_in_use(town.health))
        unseen = systems.interface(systems.planned_system(town.health))

        # when
        officer = sign_in(staff(town.authority, Role.MUNICIPAL_AUTHORITY))
        page = text_of(officer.get("/desk/systems/status/"))

        # then
        places = [page.index(f">{one.name}</a>") for one in (dead, wrong, paused, good)]
        assert places == sorted(places)
        assert unseen.name not in page
        assert "共 4 个接口" in page
        assert "暂停检查 1" in page
        narrowed = text_of(officer.get(f"/desk/systems/status/?agency={town.health.pk}&state=broken"))
        assert wrong.name in narrowed
        assert not any(one.name in narrowed for one in (good, dead, paused))

    def test_a_stewards_page_has_only_its_own(self, town: City, agency: Agency, steward: Client) -> None:
        mine = systems.interface(systems.system_in_use(agency))
        other = systems.interface(systems.system_in_use(town.health))
        page = text_of(steward.get("/desk/systems/status/"))
        assert mine.name in page
        assert other.name not in page

    @pytest.mark.parametrize("query", ["agency=x", "agency=999999999999", "state=none", "page=x", "page=99"])
    def test_an_address_made_up_is_no_error(self, steward: Client, agency: Agency, query: str) -> None:
        systems.interface(systems.system_in_use(agency))
        assert steward.get(f"/desk/systems/status/?{query}").status_code == 200
        assert steward.get(f"/desk/systems/?{query}").status_code == 200

    def test_the_register_is_filtered(self, steward: Client, agency: Agency) -> None:
        systems.system_in_use(agency, name="调度系统", network="internet")
        systems.planned_system(agency, name="票务系统")
        assert "票务系统" not in text_of(steward.get("/desk/systems/?network=internet"))
        assert "调度系统" not in text_of(steward.get("/desk/systems/?q=票务"))
        assert "没有符合条件的信息系统" in text_of(steward.get("/desk/systems/?status=stopped"))


@pytest.mark.parametrize("path", ["/desk/systems/", "/desk/systems/status/", "a system", "an interface"])
def test_a_page_costs_as_many_queries_for_many_rows_as_for_few(steward: Client, agency: Agency, path: str) -> None:
    # given
    one = systems.system_in_use(agency, entries=(draft_entry(agency).entry.pk,))
    made = systems.documented(one)
    address = {"a system": one.get_absolute_url(), "an interface": made.get_absolute_url()}.get(path, path)

    def grow(number: int) -> None:
        for _turn in range(number):
            systems.noted(systems.documented(one), systems.WRONG)
            systems.interface(systems.system_in_use(agency))
            systems.noted(made, systems.WRONG)

    def cost() -> int:
        steward.get(address)
        forget()
        with CaptureQueriesContext(connection) as captured:
            assert steward.get(address).status_code == 200
        return len(captured)

    # then
    grow(3)
    few = cost()
    grow(9)
    assert cost() == few


@pytest.mark.parametrize("look", ["systems", "status", "system", "interface", "register", "add", "document"])
def test_a_page_has_nothing_in_the_way_of_a_screen_reader(steward: Client, agency: Agency, look: str) -> None:
    # given
    one = systems.system_in_use(agency, entries=(draft_entry(agency).entry.pk,))
    made = systems.noted(
        systems.documented(one, document_url="https://api.transport.invalid/o.json"), *[systems.DEAD] * 3
    )
    systems.paused(one)

    # then
    address = {
        "systems": "/desk/systems/",
        "status": "/desk/systems/status/",
        "system": one.get_absolute_url(),
        "interface": made.get_absolute_url(),
        "register": "/desk/systems/new/",
        "add": f"{one.get_absolute_url()}add-interface/",
        "document": f"{made.get_absolute_url()}replace-document/",
    }[look]
    assert Page(text_of(steward.get(address))).faults() == []
