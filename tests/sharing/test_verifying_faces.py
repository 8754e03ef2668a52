"""Verifying on the page and over REST: one or a list, kept where it is refused, printed with the log's number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from guiyang_data.ledger.models import Access
from guiyang_data.tables.columns import Column, DataType
from sharing.models import SharingGrant, VerificationTerms
from sharing.verifying.forms import listed
from tests.factories import persons as made
from tests.factories import sharing
from tests.factories.accounts import bearer, system
from tests.factories.persons import ANNA, BO, NOBODY
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
CASE = {"HTTP_SHARING_CASE": "JZ-2026-7"}


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(int((sharing.later(2) - timezone.now()).total_seconds())), encoding="ascii")
    yield
    path.unlink()


_kept, scene = kept(made.scene)


@pytest.fixture
def grant(scene: sharing.Scene) -> SharingGrant:
    return made.permitted(scene)


@pytest.fixture
def counter(scene: sharing.Scene) -> Client:
    client = Client()
    client.force_login(scene.asker)
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


ONE = {"key_name": "安示例", "key_id_number": ANNA, "claim_amount": "735.5", "items": ["kind"], "case_number": "JZ-7"}


class TestPage:
    def test_one_person_is_answered_with_the_number_of_the_log(self, counter: Client, grant: SharingGrant) -> None:
        answer = counter.post(f"/desk/sharing/grants/{grant.pk}/verify/", ONE)
        assert answer.status_code == 200
        assert str(Access.objects.get(phase="opened").reading) in text(answer)
        assert all(words in text(answer) for words in ("有记录", "相符", "A类", "JZ-7"))
        # of the number only its two ends are printed, and nothing is kept by the browser
        assert ANNA not in text(answer)
        assert "520*************02" in text(answer)
        assert answer["Cache-Control"] == "no-store"

    def test_a_list_is_pasted_or_uploaded(self, counter: Client, grant: SharingGrant) -> None:
        address = f"/desk/sharing/grants/{grant.pk}/verify/?way=list"
        pasted = counter.post(address, {"list_text": f"安示例\t{ANNA}\tA类\n无示例\t{NOBODY}\n", "items": ["kind"]})
        assert [text(pasted).count(f">{words}<") for words in ("有记录", "没有记录")] == [1, 1]
        rows = f"身份证号,姓名\n{BO},柏示例\n".encode("gb18030")
        uploaded = counter.post(address, {"list_file": ContentFile(rows, name="名单.csv"), "items": ["kind"]})
        assert "B类" in text(uploaded)

    @pytest.mark.parametrize(
        ("typed", "words"),
        [("", "没有核验对象"), ("姓名,身份证号", "只有栏目名称"), (f"安示例,{ANNA},A类,1,2024-01-01,多", "栏数太多")],
    )
    def test_a_list_that_is_none_says_why(self, counter: Client, grant: SharingGrant, typed: str, words: str) -> None:
        answer = counter.post(f"/desk/sharing/grants/{grant.pk}/verify/?way=list", {"list_text": typed})
        assert answer.status_code == 422
        assert words in text(answer)

    def test_a_refusal_keeps_what_was_typed(self, counter: Client, grant: SharingGrant) -> None:
        answer = counter.post(f"/desk/sharing/grants/{grant.pk}/verify/", ONE | {"claim_since": "去年"})
        assert answer.status_code == 422
        assert ANNA in text(answer)
        assert "不符合" in text(answer)

    def test_the_provider_permits_on_its_page(self, scene: sharing.Scene) -> None:
        grant = made.grant(scene)
        client = Client()
        client.force_login(scene.steward)
        address = f"/desk/sharing/grants/{grant.pk}/permit-verification/"
        assert "用以查找的信息项" in text(client.get(address))
        sent = {"submission": "1", "key_items": ["id_number"], "compared_items": ["amount"], "most_subjects": 5}
        assert client.post(address, sent | {"most_misses": 10}).status_code == 302
        assert VerificationTerms.objects.get().rows_too is False
        page = text(client.get(f"/desk/sharing/grants/{grant.pk}/"))
        assert "核验：只核对不显示" in page

    def test_the_grants_page_offers_what_it_is_for(self, counter: Client, grant: SharingGrant) -> None:
        page = text(counter.get(f"/desk/sharing/grants/{grant.pk}/"))
        assert f"/desk/sharing/grants/{grant.pk}/verify/" in page
        assert "查询与下载" not in page


class TestRest:
    def call(self, scene: sharing.Scene, path: str, body: dict[str, Any], **headers: str) -> Any:
        token = bearer(system(scene.requester))
        return Client().post(f"/api/v1/sharing/{path}", body, content_type="application/json", **token, **headers)

    def test_a_system_verifies_and_names_its_case(self, scene: sharing.Scene, grant: SharingGrant) -> None:
        subject = {"keys": {"name": "安示例", "id_number": ANNA}, "claims": {"amount": "735.50", "kind": "B类"}}
        body = {"subjects": [subject], "items": []}
        answer = self.call(scene, f"grants/{grant.pk}/verify/", body, **CASE)
        assert answer.status_code == 200
        assert answer.json()["results"] == [
            {"place": 1, "on_record": "yes", "claims": {"amount": "match", "kind": "no-match"}, "items": {}}
        ]
        assert answer["Cache-Control"] == "no-store"
        assert self.call(scene, f"grants/{grant.pk}/verify/", body).status_code == 422

    def test_the_address_of_the_entry_goes_through_the_grant_it_names(
        self, scene: sharing.Scene, grant: SharingGrant
    ) -> None:
        body = {"subjects": [{"keys": {"name": "安示例", "id_number": ANNA}}]}
        path = f"entries/{scene.entry.resource_code}/verify/"
        answer = self.call(scene, path, body, HTTP_SHARING_GRANT=str(grant.pk), **CASE)
        assert answer.json()["results"][0]["items"] == {"kind": "A类"}

    def test_guessing_is_told_when_to_come_again(self, scene: sharing.Scene) -> None:
        grant = made.permitted(scene, most_subjects=1, most_misses=1)
        body = {"subjects": [{"keys": {"name": "猜", "id_number": NOBODY}}]}
        assert self.call(scene, f"grants/{grant.pk}/verify/", body, **CASE).status_code == 200
        answer = self.call(scene, f"grants/{grant.pk}/verify/", body, **CASE)
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) <= 3600

    def test_the_provider_permits_over_rest(self, scene: sharing.Scene) -> None:
        grant = made.grant(scene)
        address = f"/api/v1/sharing/grants/{grant.pk}/permit-verification/"
        client = Client()
        client.force_login(scene.steward, backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = client.post(address, {"key_items": ["name"]}, content_type="application/json")
        assert answer.status_code == 422
        assert answer.json()["fields"]["key_items"]
        body = {"key_items": ["id_number"], "answered_items": ["kind"]}
        assert client.post(address, body, content_type="application/json").status_code == 200


def test_a_list_is_read_whichever_line_ends_it_has() -> None:
    columns = [
        Column(name=name, code=code, data_type=DataType.TEXT) for name, code in (("姓名", "name"), ("证号", "id"))
    ]
    for ends in ("\r", "\n", "\r\n"):
        questions = listed(ends.join(["姓名,证号", "安示例,1", "柏示例,2", ""]), columns, {"name", "id"})
        assert [question.keys["id"] for question in questions] == ["1", "2"]
