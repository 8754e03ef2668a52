"""A change of the key of personal data loses nothing: readings, sign-in, documents, codes and the seals of the log."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.core.management import CommandError, call_command

from guiyang_data.accounts import protection
from guiyang_data.accounts import services as accounts
from guiyang_data.accounts.models import Person
from guiyang_data.accounts.protection import blind_index, decrypt, encrypt, is_current
from guiyang_data.ledger import sealing
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.verification import verify
from guiyang_data.tables.query import Filter
from guiyang_data.web.renewing import encrypted_fields
from requests_app.codes import code_fits, code_hash
from sharing.edocuments.finding import Wanted, find_documents
from sharing.edocuments.verification import verify_document
from sharing.models import EDocument, ReadingTrace, TracedSubject
from sharing.reading import read_page
from sharing.tracing.examining import begin, examine
from sharing.tracing.telling import lines, traces_of
from tests.factories import edocuments, sharing
from tests.factories import persons as made
from tests.factories.accounts import citizen
from tests.factories.persons import ANNA, BO

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
OLD, NEW = "the-key-of-before-" * 3, "the-key-from-now-on-" * 3


@pytest.fixture(autouse=True)
def _old_key(settings: Any, tmp_path: Path) -> None:
    settings.PERSONAL_DATA_KEY, settings.PERSONAL_DATA_KEYS_BEFORE = OLD, []
    settings.SEAL_DIR = tmp_path / "seals"


def change(settings: Any) -> None:
    """The operator's step: another key, the one of before kept."""
    settings.PERSONAL_DATA_KEY, settings.PERSONAL_DATA_KEYS_BEFORE = NEW, [OLD]


def renew() -> str:
    said = io.StringIO()
    call_command("renew_personal_data", stdout=said)
    return said.getvalue()


def read(scene: sharing.Scene, grant: Any, number: str = ANNA) -> str:
    values: dict[str, Any] = {"by": scene.asker, "entry": scene.entry, "access": grant, "at": sharing.later(2)}
    return str(read_page(**values, filters=[Filter("id_number", "eq", number)]).number)


def told(person: Person) -> list[str]:
    fresh = Person.objects.get(pk=person.pk)
    examine(begin(fresh, at=sharing.later(2)).pk, at=sharing.later(2))
    return [line.number for line in lines(list(traces_of(fresh, on=sharing.later(3).date())), fresh)]


class TestReadings:
    @pytest.mark.parametrize("renewed", [False, True])
    def test_the_person_sees_those_of_before_and_those_since(self, settings: Any, renewed: bool) -> None:
        # given a reading by number and one of many, under the key of before
        scene = made.scene()
        grant = made.grant(scene)
        person = made.subject().person
        assert person is not None
        many = read_page(
            by=scene.asker,
            entry=scene.entry,
            access=grant,
            at=sharing.later(2),
            filters=[Filter("kind", "eq", "A类")],
        )
        before = {read(scene, grant), str(many.number)}
        sealing.seal(at=sharing.later(2))
        logged = list(Access.objects.order_by("pk").values())

        # when the key changes
        change(settings)
        if renewed:
            assert "written anew" in renew()
        since = read(scene, grant)

        # then all are seen, by this person alone
        assert set(told(person)) == before | {since}
        assert len(told(person)) == 3
        other = made.subject("柏示例", BO).person
        assert other is not None
        assert told(other) == []
        # and the log stands as it was sealed
        assert list(Access.objects.filter(pk__in=[row["id"] for row in logged]).order_by("pk").values()) == logged
        sealing.seal(at=sharing.later(2))
        assert verify() is None

    def test_whoever_proves_an_identity_later_sees_what_was_read_under_the_key_of_before(self, settings: Any) -> None:
        scene = made.scene()
        number = read(scene, made.grant(scene))
        change(settings)
        renew()
        person = made.subject().person
        assert person is not None
        assert told(person) == [number]

    def test_renewing_leaves_known_persons_under_the_new_key_alone(self, settings: Any) -> None:
        scene = made.scene()
        grant = made.grant(scene)
        person = made.subject().person
        assert person is not None
        number = read(scene, grant)
        read(scene, grant, BO)
        change(settings)
        renew()
        assert set(TracedSubject.objects.filter(trace__reading=number).values_list("index", flat=True)) == {
            blind_index(ANNA)
        }
        # nobody knows the other's number here: it stays under the key of before
        assert not TracedSubject.objects.filter(index=blind_index(BO)).exists()
        assert "0 of" in renew()


class TestEverythingElse:
    def test_a_person_is_known_again_and_not_made_twice(self, settings: Any) -> None:
        made.scene()
        first = made.subject()
        change(settings)
        second = citizen()
        accounts.verify_identity(by=second, name="安示例", id_number=ANNA, at=sharing.AT)
        assert second.person_id == first.person_id
        renew()
        third = made.subject()
        assert (third.person_id, Person.objects.count()) == (first.person_id, 1)

    @pytest.mark.parametrize("renewed", [False, True])
    def test_documents_are_found_verified_and_not_issued_twice(self, settings: Any, renewed: bool) -> None:
        scene = edocuments.scene()
        document, grant = edocuments.issued(scene), edocuments.grant(scene)
        code = decrypt(document.code_encrypted)
        change(settings)
        if renewed:
            renew()
        values = {"by": scene.asker, "access": grant, "at": sharing.later(2)}
        for holder in (edocuments.HOLDER, edocuments.HOLDER_ID):
            assert find_documents(**values, wanted=Wanted(holder=holder)) == [document]
        assert verify_document(code=code, sent=None, on=sharing.later(2).date()).number == document.number
        with pytest.raises(Exception, match="已有有效的"):
            edocuments.issued(scene, at=sharing.later(2))
        assert is_current(EDocument.objects.get().holder_encrypted) is renewed

    def test_tracking_codes_still_open_their_cases(self, settings: Any) -> None:
        stored = code_hash("SQ-1", "7K3M-9QXP-2HTW")
        change(settings)
        assert code_fits("SQ-1", "7k3m 9qxp 2htw", stored)
        assert not code_fits("SQ-2", "7k3m 9qxp 2htw", stored)

    def test_without_the_key_of_before_nothing_is_read(self, settings: Any) -> None:
        cipher = encrypt("安示例")
        settings.PERSONAL_DATA_KEY = NEW
        with pytest.raises(InvalidToken):
            decrypt(cipher)
        change(settings)
        assert decrypt(cipher) == "安示例"

    def test_every_encrypted_text_is_renewed(self, settings: Any) -> None:
        people = made.scene()
        made.subject()
        edocuments.issued(edocuments.scene_beside(people))
        grant = made.grant(people)
        read_page(
            by=people.asker,
            entry=people.entry,
            access=grant,
            at=sharing.later(2),
            filters=[Filter("kind", "eq", "A类")],
        )
        change(settings)
        renew()
        texts = [
            text
            for model, names in encrypted_fields().items()
            for row in model._default_manager.values_list(*names)
            for text in row
            if text
        ]
        assert len(texts) >= 6
        assert all(is_current(text) for text in texts)
        assert ReadingTrace in encrypted_fields()

    def test_the_command_says_where_there_is_nothing_to_do(self) -> None:
        with pytest.raises(CommandError, match="no earlier key"):
            renew()

    def test_the_key_that_is_looked_up_first_is_the_one_in_use(self, settings: Any) -> None:
        change(settings)
        assert protection.keys() == [NEW, OLD]
        assert protection.blind_indexes("甲")[0] == blind_index("甲")
