"""The pages of pulls: set up after a look at the first rows, followed, changed and stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog import services
from catalog.models import CatalogEntry, Interface, Load, Pull
from guiyang_data.accounts.models import User
from tests.catalog.pulls.conftest import Served, bus
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(steward: User) -> Client:
    made = Client()
    made.force_login(steward)
    return made


def filled(interface: Interface, **changed: Any) -> dict[str, Any]:
    return {
        "interface": interface.pk,
        "path": "/routes",
        "query": "kind = a",
        "mapping": "no = 线路编号\n/names/full = 线路名称",
        "paging": "none",
        "page_size": 500,
        "first_page": 1,
        "mode": "replace",
        "every": 1440,
        "at_time": "02:30",
    } | changed


def test_the_first_rows_are_shown_and_nothing_is_kept(
    client: Client, entry: CatalogEntry, interface: Interface, served: Served
) -> None:
    # given
    served.give("/v1/routes?kind=a", [bus("001", "观山湖快线"), bus("002")])

    # when
    page = client.post(f"{entry.get_absolute_url()}pulls/new/", filled(interface, **{"try": "1"}))

    # then
    text = page.content.decode()
    assert (page.status_code, "观山湖快线" in text, "第一页取到 2 行" in text) == (200, True, True)
    assert not Pull.objects.exists()
    assert not Load.objects.exists()


def test_why_nothing_came_is_told_and_what_was_filled_in_stays(
    client: Client, entry: CatalogEntry, interface: Interface, served: Served
) -> None:
    served.give("/v1/routes?kind=a", b"no", status=401)
    text = client.post(f"{entry.get_absolute_url()}pulls/new/", filled(interface, **{"try": "1"})).content.decode()
    assert "接口的答复是 401" in text
    assert "/names/full = 线路名称" in text


def test_a_pull_is_set_up_and_its_page_tells_how_it_goes(
    client: Client, entry: CatalogEntry, interface: Interface, served: Served
) -> None:
    # given
    served.give("/v1/routes?kind=a", [bus("001")])

    # when
    page = client.post(
        f"{entry.get_absolute_url()}pulls/new/",
        filled(interface, header_name="X-Key", header_value="very-secret"),
        follow=True,
    )

    # then
    pull = Pull.objects.get()
    assert page.redirect_chain[-1][0] == pull.get_absolute_url()
    services.run_pulls(at=make.AT.replace(year=2099))
    text = client.get(pull.get_absolute_url()).content.decode()
    assert "已收到" in text
    assert "very-secret" not in text
    listed = client.get(f"{entry.get_absolute_url()}loads/").content.decode()
    assert (pull.number in listed, "定时拉取" in listed) == (True, True)


def test_what_is_wrong_is_told_beside_its_field(client: Client, entry: CatalogEntry, interface: Interface) -> None:
    page = client.post(f"{entry.get_absolute_url()}pulls/new/", filled(interface, mapping="no"))
    assert (page.status_code, "每行写成 字段 = 信息项" in page.content.decode()) == (422, True)
    page = client.post(f"{entry.get_absolute_url()}pulls/new/", filled(interface, paging="link"))
    assert (page.status_code, "下一个游标或者地址的位置" in page.content.decode()) == (422, True)


def test_a_pull_is_changed_paused_taken_up_and_ended(client: Client, add: Callable[..., Pull], interface: Any) -> None:
    # given
    pull = add()
    address = pull.get_absolute_url()
    assert "/names/full = 线路名称" in client.get(f"{address}change-pull/").content.decode()

    # when
    client.post(f"{address}change-pull/", filled(interface, every=60, at_time=""))
    client.post(f"{address}pause-pull/", {"reasons": "检修。"})
    client.post(f"{address}resume-pull/", {})
    client.post(f"{address}run-pull/", {})
    client.post(f"{address}end-pull/", {"reasons": "停用。"})

    # then
    pull.refresh_from_db()
    assert (pull.every, pull.status, pull.status_reasons) == (60, "ended", "停用。")
