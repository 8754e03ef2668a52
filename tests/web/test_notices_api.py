"""One's own notices and what did not arrive, over REST: what the pages show, by the same selectors."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.models import Event
from guiyang_data.notices import services
from guiyang_data.notices.models import Delivery, Notice, Weight
from tests.caching import forget
from tests.factories import notices
from tests.factories.accounts import bearer, citizen, city, make_agency, staff, system

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
OWN, READ, FAILED = "/api/v1/notices/", "/api/v1/notices/read/", "/api/v1/notices/undelivered/"


def told(user: User, title: str, weight: Weight = Weight.LEGAL, *, at: dt.datetime = AT) -> Notice:
    services.tell([user], about="x:1", kind="k", key=title, title=title, path="/requests/1/", weight=weight, at=at)
    return Notice.objects.get(title=title)


def titles(client: Client, **query: str) -> list[str]:
    return [row["title"] for row in client.get(OWN, query).json()["results"]]


def post(client: Client, path: str, body: object = None, **more: str) -> tuple[int, dict]:  # type: ignore[type-arg]
    answer = client.post(path, body or {}, content_type="application/json", **more)
    return answer.status_code, answer.json()


class TestOnesOwn:
    def test_the_list_has_ones_own_newest_first_by_what_is_asked(self, client: Client) -> None:
        # given
        user = citizen()
        told(user, "已答复")
        told(user, "还剩三天", Weight.REMINDER, at=AT + DAY)
        told(citizen(), "别人的")
        Notice.objects.filter(title="已答复").update(read_at=AT)
        client.force_login(user)
        # then
        assert titles(client) == ["还剩三天", "已答复"]
        assert titles(client, show="unread") == ["还剩三天"]
        assert titles(client, show="legal") == ["已答复"]
        assert titles(client, show="reminder") == ["还剩三天"]
        assert titles(client, since="2026-03-03T00:00:00Z") == ["还剩三天"]
        assert titles(client, since="2026-03-03T00:00:00Z", show="legal") == []
        row = client.get(OWN, {"show": "legal"}).json()["results"][0]
        assert (row["type"], row["subject"], row["weight"], row["body"]) == ("k", "x:1", "legal", "")
        assert row["url"].endswith("/requests/1/")
        assert row["url"].startswith("http")

    @pytest.mark.parametrize("query", [{"show": "all"}, {"since": "yesterday"}])
    def test_what_cannot_be_asked_is_told(self, client: Client, query: dict[str, str]) -> None:
        client.force_login(citizen())
        answer = client.get(OWN, query)
        assert (answer.status_code, set(answer.json()["fields"])) == (422, set(query))

    def test_only_ones_own_are_marked_as_read(self, client: Client) -> None:
        # given
        user = citizen()
        mine, other = told(user, "已答复"), told(citizen(), "别人的")
        told(user, "第二件")
        client.force_login(user)
        # when
        first = post(client, READ, {"ids": [mine.pk, other.pk, 2**62]})
        # then
        assert first == (200, {"read": 1, "unread": 1})
        assert post(client, READ, {"ids": [mine.pk]}) == (200, {"read": 0, "unread": 1})
        other.refresh_from_db()
        assert other.read_at is None

    @pytest.mark.parametrize("ids", [None, "1", ["x"], [0], [2**70], list(range(1, 502))])
    def test_ids_that_are_none_are_refused(self, client: Client, ids: object) -> None:
        client.force_login(citizen())
        assert post(client, READ, {"ids": ids})[0] == 422

    def test_a_system_has_none_and_needs_the_scope(self, client: Client) -> None:
        machine = system(make_agency())
        assert client.get(OWN, **bearer(machine, "notices:receive")).json()["count"] == 0
        assert client.get(OWN, **bearer(machine, "catalog:read")).status_code == 403


@pytest.fixture
def agency() -> Agency:
    return make_agency("贵阳市交通委员会")


class TestWhatDidNotArrive:
    def test_it_is_shown_to_those_on_whose_behalf_it_was_said(self, client: Client, agency: Agency) -> None:
        # given
        failed = notices.undelivered(agency)
        notices.undelivered(make_agency(), number=2)
        client.force_login(staff(agency, Role.DATA_STEWARD))
        # then
        listed = client.get(FAILED).json()["results"]
        assert [row["id"] for row in listed] == [failed.pk]
        row = listed[0]
        assert (row["address"], row["reason"], row["agency"]) == ("s***@mail.example", "refused", agency.code)
        assert row["error"] == "550 5.1.1 no such user"
        assert client.get(FAILED, {"subject": failed.notice.subject}).json()["count"] == 1
        assert client.get(FAILED, {"subject": "requests_app.openrequest:13"}).json()["count"] == 0

    def test_nobody_else_is_shown_anything(self, client: Client, agency: Agency) -> None:
        failed = notices.undelivered(agency)
        client.force_login(citizen())
        assert client.get(FAILED).status_code == 404
        for user in (staff(make_agency(), Role.DATA_STEWARD), staff(agency, Role.AUDIT_ADMIN)):
            client.force_login(user)
            assert client.get(FAILED).json()["count"] == 0
            assert post(client, f"{FAILED}{failed.pk}/send-again/")[0] == 404
            assert post(client, f"{FAILED}{failed.pk}/tell-otherwise/", {"words": "已告知"})[0] == 404
        assert Delivery.objects.get().state == "failed"
        assert not Event.objects.exists()

    def test_the_administrator_of_the_authority_is_shown_all(self, client: Client) -> None:
        town = city()
        notices.undelivered(town.provider)
        notices.undelivered(town.requester, number=2)
        client.force_login(staff(town.authority, Role.SYSTEM_ADMIN))
        assert client.get(FAILED).json()["count"] == 2

    def test_it_is_sent_again_once_under_its_key(self, client: Client, agency: Agency) -> None:
        # given
        failed = notices.undelivered(agency)
        client.force_login(staff(agency, Role.DATA_STEWARD))
        path = f"{FAILED}{failed.pk}/send-again/"
        # when
        first = post(client, path, HTTP_IDEMPOTENCY_KEY="k")
        # then
        assert (first[0], first[1]["state"]) == (200, "waiting")
        assert post(client, path, HTTP_IDEMPOTENCY_KEY="k") == first
        assert post(client, path)[0] == 409
        assert Event.objects.filter(verb="notice.send-again", refused=False).count() == 1

    def test_it_is_recorded_as_told_otherwise_with_words(self, client: Client, agency: Agency) -> None:
        failed = notices.undelivered(agency)
        client.force_login(staff(agency, Role.DATA_STEWARD))
        path = f"{FAILED}{failed.pk}/tell-otherwise/"
        assert post(client, path, {"words": " "})[0] == 422
        done = post(client, path, {"words": "3月3日电话告知。"})
        assert (done[0], done[1]["state"], done[1]["told"]) == (200, "told", "3月3日电话告知。")
        assert client.get(FAILED).json()["count"] == 0


def test_both_lists_cost_the_same_however_long(client: Client, agency: Agency) -> None:
    user = staff(agency, Role.DATA_STEWARD)
    client.force_login(user)

    def cost(path: str) -> int:
        forget()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    def grow(numbers: range) -> None:
        for number in numbers:
            told(user, f"第{number}件")
            notices.undelivered(agency, number=number)

    grow(range(2))
    client.get(OWN)
    few = [cost(path) for path in (OWN, FAILED)]
    grow(range(2, 12))
    assert [cost(path) for path in (OWN, FAILED)] == few
