"""The pages by which documents of interfaces are filed and taken away again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from catalog import checking
from catalog.models import Interface
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from tests.catalog.systems.conftest import Served
from tests.factories import systems
from tests.factories.accounts import City, staff
from tests.factories.catalog import AT, steward_of
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


def text_of(response: Any) -> str:
    return response.content.decode()


def post_document(client: Client, made: Interface, content: bytes, **form: Any) -> Any:
    sent = {"document": SimpleUploadedFile("接口.json", content)} if content else {}
    return client.post(f"{made.get_absolute_url()}replace-document/", sent | form)


class TestDocuments:
    """A document from a file, or from the system itself."""

    def test_one_that_holds_is_filed_and_can_be_taken_away_as_it_came(self, steward: Client, agency: Agency) -> None:
        # given
        made = systems.interface(systems.system_in_use(agency))
        content = json.dumps(systems.openapi(), ensure_ascii=False).encode()

        # when
        answer = post_document(steward, made, content)

        # then
        assert answer.status_code == 302
        page = text_of(steward.get(made.get_absolute_url()))
        assert "GET /stops" in page
        taken = steward.get(f"{made.get_absolute_url()}documents/1/")
        assert b"".join(taken.streaming_content) == content
        assert taken["X-Content-Type-Options"] == "nosniff"
        assert "attachment" in taken["Content-Disposition"]
        assert steward.get(f"{made.get_absolute_url()}documents/2/").status_code == 404

    def test_each_fault_stands_at_the_file(self, steward: Client, agency: Agency) -> None:
        # given
        made = systems.interface(systems.system_in_use(agency))
        document = systems.openapi()
        del document["info"]["version"], document["info"]["title"]

        # when
        answer = post_document(steward, made, json.dumps(document).encode())

        # then
        assert answer.status_code == 422
        messages = [one.text for one in Page(text_of(answer)).all("li") if "info：缺少" in one.text]
        assert any("缺少「title」" in message for message in messages)
        assert any("缺少「version」" in message for message in messages)
        assert not made.documents.exists()

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "请选择文件"),
            (b"x" * 20_000_000, "20.0 MB，超过 2 MB 的上限"),
            (b"a: &a [*a]", "指回它自己"),
            (
                json.dumps(systems.openapi(components={"schemas": {"Stop": {"$ref": "file:///etc/passwd"}}})).encode(),
                "文档以外",
            ),
            (
                json.dumps(
                    systems.openapi(components={"schemas": {"Stop": {"$ref": "#/components/schemas/Stop"}}})
                ).encode(),
                "绕成了一圈",
            ),
            ("，".encode("gb18030"), "UTF-8"),
        ],
    )
    def test_what_cannot_be_taken_is_refused_in_words(
        self, steward: Client, agency: Agency, content: bytes, words: str
    ) -> None:
        made = systems.interface(systems.system_in_use(agency))
        answer = post_document(steward, made, content)
        assert answer.status_code == 422
        assert words in text_of(answer)
        assert not made.documents.exists()

    def test_it_is_fetched_where_the_system_serves_it(self, steward: Client, agency: Agency, served: Served) -> None:
        # given
        one = systems.system_in_use(agency)
        made = systems.interface(one, url=served.url(), document_url=served.url("/openapi.json"))

        # then
        assert post_document(steward, made, b"", way="fetch").status_code == 302
        assert made.documents.get().source == "fetched"

    @pytest.mark.parametrize(
        ("path", "words"), [("/moved", "答复是 302"), ("/slow", "规定时间"), ("/endless", "2,000,000 字节")]
    )
    def test_what_is_served_instead_is_refused_in_words(
        self, steward: Client, agency: Agency, served: Served, monkeypatch: pytest.MonkeyPatch, path: str, words: str
    ) -> None:
        monkeypatch.setattr(checking, "TIMEOUT_SECONDS", 0.5)
        one = systems.system_in_use(agency)
        made = systems.interface(one, url=served.url(), document_url=served.url(path))
        answer = post_document(steward, made, b"", way="fetch")
        assert answer.status_code == 422
        assert words in text_of(answer)

    def test_an_address_that_leads_inside_since_is_refused(
        self, steward: Client, agency: Agency, served: Served, settings: Settings
    ) -> None:
        # given
        one = systems.system_in_use(agency)
        made = systems.interface(one, url=served.url(), document_url=served.url("/openapi.json"))
        settings.OUTBOUND_ALLOWED_NETWORKS = []

        # then
        answer = post_document(steward, made, b"", way="fetch")
        assert answer.status_code == 422
        assert "内部或保留地址" in text_of(answer)
        assert served.asked == []

    def test_nothing_is_fetched_for_somebody_who_may_not_file(
        self, town: City, agency: Agency, served: Served, sign_in: Callable[[User], Client]
    ) -> None:
        # given
        one = systems.system_in_use(agency)
        made = systems.interface(one, url=served.url(), document_url=served.url("/openapi.json"))
        officer = sign_in(staff(town.authority, Role.MUNICIPAL_AUTHORITY))

        # then
        assert post_document(officer, made, b"", way="fetch").status_code == 403
        assert served.asked == []
