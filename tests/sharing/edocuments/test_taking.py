"""Taking through a right: what it must cover, what is on record, what ends it (第十六条第一款、第十七条)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guiyang_data.documents.certificate import signing_certificate
from guiyang_data.errors import LimitReached, NotAllowed, NotSeen, RuleBroken, Unavailable, WrongState
from guiyang_data.ledger.models import Access, Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from sharing import services
from sharing.edocuments import finding
from sharing.edocuments.finding import Wanted, find_documents
from sharing.edocuments.papers import delivery_certificate
from sharing.edocuments.selectors import rights_to
from sharing.edocuments.signing import record_holds
from sharing.models import EDocument, EDocumentDelivery
from sharing.services import Limits, Matter
from sharing.services.edocuments.reading import log_file_reading
from tests.documents.test_documents import text_of
from tests.documents.test_pdf_signing import is_good
from tests.factories import edocuments as made
from tests.factories import sharing
from tests.factories.sharing import Scene
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


_kept, scene = kept(made.scene)


def test_a_taking_records_who_when_through_what_and_for_what_and_signs_it(scene: Scene) -> None:
    # when
    grant = made.grant(scene)
    delivery = EDocumentDelivery.objects.get(pk=made.taken(scene, access=grant).pk)

    # then
    assert (delivery.agency, delivery.grant, delivery.case_number) == (scene.requester, grant, made.MATTER)
    assert (delivery.purpose, delivery.taken_on) == (grant.purpose, sharing.later(1).date())
    assert record_holds(delivery)
    delivery.case_number = "别的事项"
    assert not record_holds(delivery)
    event = events_of(delivery.document).get(verb="take-document")
    assert (event.payload["through"], event.payload["delivery"]) == (subject_of(grant), delivery.number)
    opened = Access.objects.get(phase="opened", grant=subject_of(grant))
    assert (opened.reading, opened.case_number) == (delivery.reading, made.MATTER)
    assert Access.objects.get(phase="closed", reading=delivery.reading).rows == 1
    assert made.HOLDER not in json.dumps([event.payload, opened.query], ensure_ascii=False)


def test_the_certificate_says_the_provenance_and_is_signed(scene: Scene) -> None:
    delivery = made.taken(scene)
    content = delivery_certificate(delivery, signing_certificate(at=sharing.AT))
    text = text_of(content)
    for part in (delivery.number, delivery.document.number, made.HOLDER, made.MATTER.replace(" ", ""), "取用证明"):
        assert part in text, part
    assert str(delivery.reading) in text
    assert "没有签名的电子文书，不因此无效" in text
    assert is_good(content)


# --- what a right must cover -------------------------------------------------------------------------


def refused(scene: Scene, document: EDocument, access: Any, error: type[Exception], **changed: Any) -> None:
    before = (EDocumentDelivery.objects.count(), Event.objects.count(), Access.objects.count())
    values = {"by": scene.asker, "at": sharing.later(2), "matter": Matter(case_number=made.MATTER)} | changed
    with pytest.raises(error):
        services.take_document(document_id=document.pk, access=access, **values)
    assert (EDocumentDelivery.objects.count(), Event.objects.count(), Access.objects.count()) == before


def test_a_right_that_shows_less_than_the_document_says_is_as_none(scene: Scene) -> None:
    document = made.issued(scene)
    refused(scene, document, made.grant(scene, ("licence", "name", "until")), NotSeen)
    assert rights_to(scene.asker, document, at=sharing.later(2)) == []


def test_a_right_to_other_rows_is_as_none(scene: Scene) -> None:
    inside, outside = made.issued(scene, "YX-001"), made.issued(scene, "YX-002")
    grant = made.grant(scene, row_condition=[{"code": "county", "operator": "eq", "value": "南明区"}])
    refused(scene, outside, grant, NotSeen)
    made.taken(scene, inside, access=grant)


def test_a_file_that_names_no_row_is_not_had_through_a_right_to_some_rows(scene: Scene) -> None:
    grant = made.grant(scene, row_condition=[{"code": "county", "operator": "eq", "value": "南明区"}])
    refused(scene, made.registered(scene), grant, NotSeen)
    made.taken(scene, made.registered(scene, key={"licence": "YX-001"}), access=grant)


def test_a_file_of_an_entry_without_rows_is_found_and_taken() -> None:
    scene = made.scene(rows=())
    document, grant = made.registered(scene), made.grant(scene)
    assert found(scene, grant, holder=made.HOLDER) == [document.number]
    assert made.taken(scene, document, access=grant).document == document


def test_unconditional_licences_are_taken_under_a_declared_duty() -> None:
    scene = made.scene(sharing_type="unconditional")
    delivery = made.taken(scene, access=sharing.taking(scene))
    assert (delivery.grant, delivery.agency) == (None, scene.requester)


def test_the_right_of_another_and_a_right_to_another_entry_are_none(scene: Scene) -> None:
    document = made.issued(scene)
    grant = made.grant(scene)
    refused(scene, document, grant, NotSeen, by=scene.outsider)
    other = made.scene_beside(scene)
    refused(scene, document, made.grant(other), NotSeen)
    refused(scene, document, grant, NotAllowed, by=scene.steward)


def test_a_suspended_right_takes_nothing_and_reads_nothing_again(scene: Scene) -> None:
    grant = made.grant(scene)
    delivery = made.taken(scene, access=grant)
    services.suspend_grant(grant_id=grant.pk, by=scene.steward, at=sharing.later(2), reasons="核查用途")
    refused(scene, delivery.document, grant, NotAllowed)
    readings = Access.objects.count()
    with pytest.raises(NotAllowed):
        log_file_reading(delivery=delivery, by=scene.asker, at=sharing.later(2))
    assert Access.objects.count() == readings


def test_revoked_and_expired_documents_are_taken_no_more(scene: Scene) -> None:
    grant = made.grant(scene)
    refused(scene, made.revoked(scene), grant, WrongState, at=sharing.later(4))
    document = made.issued(scene, "YX-004")
    made.taken(scene, document, access=grant, at=sharing.later(8))
    refused(scene, document, grant, WrongState, at=sharing.later(9))


def test_a_taking_without_its_matter_is_none(scene: Scene) -> None:
    refused(scene, made.issued(scene), made.grant(scene), RuleBroken, matter=Matter(case_number=" "))


def test_a_document_counts_as_a_row_of_the_day(scene: Scene) -> None:
    grant = made.grant(scene, limits=Limits(rows_per_day=1))
    made.taken(scene, access=grant, at=sharing.later(2))
    refused(scene, made.issued(scene, "YX-002"), grant, LimitReached)


def test_a_file_that_was_changed_in_the_store_is_not_handed_out(scene: Scene) -> None:
    document = made.issued(scene)
    assert document.file is not None
    path = document.file.file.path
    content = made.file_of(document)
    with open(path, "wb") as file:
        file.write(content[:-1] + b"\n\n")
    refused(scene, document, made.grant(scene), Unavailable)


# --- finding -----------------------------------------------------------------------------------------


def found(scene: Scene, access: Any, by: Any = None, **wanted: str) -> list[str]:
    rows = find_documents(by=by or scene.asker, access=access, at=sharing.later(2), wanted=Wanted(**wanted))
    return [row.number for row in rows]


def test_documents_are_found_by_holder_number_and_matter_exactly(scene: Scene) -> None:
    first, second = made.issued(scene, case_number="JY-1"), made.issued(scene, "YX-002")
    grant = made.grant(scene)
    assert found(scene, grant, holder=f" {made.HOLDER} ") == [first.number]
    assert found(scene, grant, holder=made.HOLDER_ID.lower()) == [first.number]
    assert found(scene, grant, number=second.number) == [second.number]
    assert found(scene, grant, case_number="JY-1") == [first.number]
    assert found(scene, grant, holder="贵阳黔味") == []
    assert found(scene, grant, holder=made.HOLDER, number=second.number) == []


def test_finding_shows_only_what_the_right_covers_and_is_logged_without_the_words(scene: Scene) -> None:
    made.issued(scene, "YX-002")
    grant = made.grant(scene, row_condition=[{"code": "county", "operator": "eq", "value": "南明区"}])
    assert found(scene, grant, holder="王示三") == []
    opened = Access.objects.get(phase="opened", grant=subject_of(grant))
    assert opened.query["kind"] == "edocument"
    assert "王示三" not in json.dumps(opened.query, ensure_ascii=False)
    assert Access.objects.get(phase="closed", reading=opened.reading).rows == 0


def test_a_matter_of_too_many_documents_is_to_be_narrowed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # given two documents of one matter, where one may be held against the right
    monkeypatch.setattr(finding, "MOST_EXAMINED", 1)
    first = made.issued(scene, case_number="JY-1")
    made.issued(scene, "YX-002", case_number="JY-1")
    grant = made.grant(scene)
    # when
    with pytest.raises(RuleBroken, match="没有查找") as refused:
        found(scene, grant, case_number="JY-1")
    # then the log says that nothing was shown, and what is narrowed is found
    assert "holder" in refused.value.fields
    assert Access.objects.get(phase="closed", grant=subject_of(grant)).outcome == "未读取：rule_broken"
    assert found(scene, grant, case_number="JY-1", number=first.number) == [first.number]


def test_nobody_leafs_through_the_documents_of_persons(scene: Scene) -> None:
    grant = made.grant(scene)
    with pytest.raises(RuleBroken) as bare:
        found(scene, grant)
    assert "holder" in bare.value.fields
    with pytest.raises(NotSeen):
        found(scene, grant, by=scene.outsider, holder=made.HOLDER)
