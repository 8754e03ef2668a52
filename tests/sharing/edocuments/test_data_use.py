"""Whoever a document names is told of every reading of it, by page and over REST, and nobody else is (第十七条)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from guiyang_data.ledger import sealing
from guiyang_data.ledger.models import Access
from sharing import services
from sharing.edocuments.finding import Wanted, find_documents
from sharing.models import DocumentTemplate, EDocument, EDocumentDelivery, ReadingTrace, SharingGrant
from sharing.services import Matter, TemplateTerms
from sharing.services.edocuments.reading import log_file_reading, log_own_reading
from sharing.tracing.catching_up import trace_untraced
from sharing.tracing.examining import begin, examine
from sharing.tracing.telling import DataUse, lines, traces_of
from tests.factories import edocuments, sharing
from tests.factories import persons as made
from tests.factories.accounts import bearer, system
from tests.factories.persons import ANNA, BO, CAI

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
ITEMS = ["case", "name", "id_number", "kind"]
HOME = "/desk/sharing/edocuments/"


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(int((sharing.later(2) - timezone.now()).total_seconds())), encoding="ascii")
    yield
    path.unlink()


@pytest.fixture
def scene() -> sharing.Scene:
    return made.scene()


def template(scene: sharing.Scene, **changed: Any) -> DocumentTemplate:
    values: dict[str, Any] = {
        "kind": "licence",
        "title": "最低生活保障证",
        "items": ITEMS,
        "holder_item": "name",
        "holder_id_item": "id_number",
        "valid_until_item": "",
    }
    by = {"by": scene.steward, "at": sharing.AT}
    return services.set_document_template(entry_id=scene.entry.pk, terms=TemplateTerms(**(values | changed)), **by)


def issued(scene: sharing.Scene, case: str = "DB1", **changed: Any) -> EDocument:
    key = {"case": case}
    values = {"by": scene.steward, "at": sharing.later(2)}
    return services.issue_document(template_id=template(scene, **changed).pk, key=key, **values)


def use_all(scene: sharing.Scene, document: EDocument, grant: SharingGrant) -> None:
    """The document read in every way there is, after it was issued."""
    at = sharing.later(2)
    log_own_reading(document=document, by=scene.steward, at=at)
    find_documents(by=scene.asker, access=grant, at=at, wanted=Wanted(number=document.number))
    matter = Matter(case_number="JZ-7")
    delivery = services.take_document(document_id=document.pk, by=scene.asker, at=at, access=grant, matter=matter)
    log_file_reading(delivery=delivery, by=scene.asker, at=at)


def told(number: str) -> list[DataUse]:
    """What the person is told, after the log was sealed and followed."""
    sealing.seal(at=sharing.later(2))
    trace_untraced()
    person = made.subject(number=number).person
    assert person is not None
    examine(begin(person, at=sharing.later(2)).pk, at=sharing.later(2))
    return lines(list(traces_of(person, on=sharing.later(3).date())), person)


class TestWhoIsTold:
    def test_the_holder_is_told_each_way_plainly_and_nobody_else_is(self, scene: sharing.Scene) -> None:
        use_all(scene, issued(scene), made.grant(scene))
        found = told(ANNA)
        assert [(line.way, line.outcome) for line in reversed(found)] == [
            ("签发您的电子文书", "提供了数据"),
            ("查看本机关签发的您的电子文书", "提供了数据"),
            ("查找您的电子文书", "提供了数据"),
            ("取用您的电子文书", "提供了数据"),
            ("取用您的电子文书", "提供了数据"),
        ]
        assert found[0].items == ["保障证号", "姓名", "身份证号", "保障类别"]
        assert (found[-1].duty, found[-1].purpose) == ("提供机关管理本机关的数据", "")
        assert told(BO) == []
        assert ReadingTrace.objects.count() == Access.objects.filter(phase="opened").count() == 5

    def test_a_second_person_in_the_row_is_told_too(self) -> None:
        other = type(made.ITEMS[2])(**(vars(made.ITEMS[2]) | {"name": "配偶身份证号", "code": "spouse"}))
        scene = sharing.scene(items=(*made.ITEMS, other), rows=[made.ROWS[0] | {"配偶身份证号": BO}], title="婚姻登记")
        use_all(scene, issued(scene), made.grant(scene))
        # a list shows the holder alone
        assert (len(told(ANNA)), len(told(BO)), len(told(CAI))) == (5, 4, 0)

    def test_where_the_document_does_not_say_its_holders_number_the_row_does(self, scene: sharing.Scene) -> None:
        use_all(scene, issued(scene, holder_id_item=""), made.grant(scene))
        assert (len(told(ANNA)), len(told(BO))) == (5, 0)

    def test_whoever_is_looked_for_by_number_is_told_although_there_is_no_document(self, scene: sharing.Scene) -> None:
        values = {"by": scene.asker, "access": made.grant(scene), "at": sharing.later(2)}
        assert find_documents(**values, wanted=Wanted(holder=BO)) == []
        (line,) = told(BO)
        assert (line.way, line.outcome) == ("查找您的电子文书", "没有提供数据")
        assert told(ANNA) == []

    def test_the_holder_of_a_file_that_names_no_row_is_told(self, scene: sharing.Scene) -> None:
        template(scene)
        document = edocuments.registered(scene, holder="柏示例", holder_id=BO, at=sharing.later(2))
        use_all(scene, document, made.grant(scene))
        assert (len(told(BO)), len(told(ANNA))) == (5, 0)

    def test_a_row_that_can_no_longer_be_found_leaves_the_holder(self, scene: sharing.Scene) -> None:
        document = issued(scene)
        EDocument.objects.filter(pk=document.pk).update(row_key_encrypted="")
        log_own_reading(document=EDocument.objects.get(), by=scene.steward, at=sharing.later(2))
        assert len(told(ANNA)) == 2

    def test_a_deferral_keeps_readings_of_documents_back_as_well(self, scene: sharing.Scene) -> None:
        document, grant = issued(scene), made.grant(scene)
        use_all(scene, document, grant)
        made.deferred(grant, scene.steward, scene.approver)
        assert [line.way for line in told(ANNA)] == ["查看本机关签发的您的电子文书", "签发您的电子文书"]


def client(user: Any) -> Client:
    found = Client()
    found.force_login(user)
    return found


def text(response: Any) -> str:
    return str(response.content.decode())


def ways_shown() -> list[int]:
    page = text(client(made.subject()).get("/me/data-use/"))
    assert "可能包括您" not in page
    ways = ("签发您的电子文书", "查看本机关签发的", "查找您的电子文书", "取用您的电子文书")
    return [page.count(way) for way in ways]


def test_by_pages(scene: sharing.Scene) -> None:
    # given
    grant, form = made.grant(scene), template(scene)
    desk, other = client(scene.steward), client(scene.asker)

    # when issued, looked at, found, taken and downloaded again
    sent = {"key_case": "DB1", "submission": "one"}
    page = desk.post(f"{HOME}templates/{form.pk}/issue/", sent)["Location"]
    b"".join(desk.get(f"{page}file/").streaming_content)
    through = f"grant-{grant.pk}"
    assert other.post(f"{HOME}find/", {"through": through, "holder": ANNA}).status_code == 200
    taking = {"through": through, "case_number": "JZ-7", "submission": "two"}
    taken = other.post(f"{page}take-document/", taking)["Location"]
    b"".join(other.get(f"{taken}file/").streaming_content)

    # then
    assert ways_shown() == [1, 1, 1, 2]


def test_over_rest(scene: sharing.Scene) -> None:
    # given
    grant, form = made.grant(scene), template(scene)
    base = "/api/v1/sharing/"
    desk, other = (bearer(system(agency)) for agency in (scene.provider, scene.requester))

    def post(path: str, values: dict[str, Any], token: Any) -> Any:
        return Client().post(f"{base}{path}", values, content_type="application/json", **token).json()

    # when
    number = post("edocuments/", {"template": form.pk, "key": {"case": "DB1"}}, desk)["number"]
    b"".join(Client().get(f"{base}edocuments/{number}/file/", **desk).streaming_content)
    through = f"grant-{grant.pk}"
    assert post("edocuments/find/", {"through": through, "holder": ANNA}, other)["results"]
    post(f"edocuments/{number}/take/", {"through": through, "case_number": "JZ-7"}, other)
    delivery = EDocumentDelivery.objects.get()
    b"".join(Client().get(f"{base}edocument-deliveries/{delivery.number}/file/", **other).streaming_content)

    # then
    assert ways_shown() == [1, 1, 1, 2]
