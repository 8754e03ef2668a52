"""Interfaces: what the register must say of them, their documents, and who may do what in which state."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from catalog import services
from catalog.models import Interface, InterfaceDocument
from catalog.services.interfaces import MOST
from catalog.workflow import INTERFACE_WORKFLOW, InterfaceStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from tests.factories import systems
from tests.factories.accounts import City, citizen, staff, system
from tests.factories.catalog import AT, steward_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATER = AT + dt.timedelta(hours=1)
Act = Callable[[Interface, User], object]


def ended(agency_system: Any) -> Interface:
    made = systems.interface(agency_system)
    by = steward_of(agency_system.agency)
    return services.end_interface(interface_id=made.pk, by=by, at=AT, reasons="不再提供")


STATES: dict[str, Callable[[Any], Interface]] = {
    InterfaceStatus.CHECKED: systems.interface,
    InterfaceStatus.PAUSED: systems.paused,
    InterfaceStatus.ENDED: ended,
}
ACTS: dict[str, Act] = {
    "change-interface": lambda one, by: services.change_interface(
        interface_id=one.pk, by=by, at=LATER, facts=systems.interface_facts("https://other.transport.example/v2")
    ),
    "replace-document": lambda one, by: services.replace_document(
        interface_id=one.pk, by=by, at=LATER, document=services.read_document(json.dumps(systems.openapi()).encode())
    ),
    "pause-checking": lambda one, by: services.pause_checking(interface_id=one.pk, by=by, at=LATER, reasons="检修"),
    "resume-checking": lambda one, by: services.resume_checking(interface_id=one.pk, by=by, at=LATER),
    "check-now": lambda one, by: services.check_now(interface_id=one.pk, by=by, at=LATER),
    "end-interface": lambda one, by: services.end_interface(interface_id=one.pk, by=by, at=LATER, reasons="不再提供"),
}


def events(obj: Any) -> list[str]:
    return list(Event.objects.filter(subject=subject_of(obj), refused=False).values_list("verb", flat=True))


class TestAdding:
    """What the register must say of an interface."""

    def test_it_is_due_at_once_where_its_system_is_in_use(self, agency: Agency) -> None:
        # when
        made = systems.interface(systems.system_in_use(agency), url="https://api.transport.example:8443/v1/")

        # then
        made.refresh_from_db()
        assert (made.host, made.next_check_at, made.outcome) == ("api.transport.example:8443", AT, "unchecked")
        assert events(made) == ["add-interface"]
        assert events(made.system) == ["register-system", "add-interface"]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "接" * 121}, "name"),
            ({"purpose": "说" * 1001}, "purpose"),
            ({"url": ""}, "url"),
            ({"url": "ftp://api.transport.example"}, "url"),
            ({"url": "api.transport.example/v1"}, "url"),
            ({"url": "https://user:secret@api.transport.example/"}, "url"),
            ({"url": "https://api.transport.example/v1?key=1"}, "url"),
            ({"url": "https://api.transport.example/v1#a"}, "url"),
            ({"url": "https://api.transport.example/" + "a" * 500}, "url"),
            ({"document_url": "file:///etc/passwd"}, "document_url"),
            ({"every": 1}, "every"),
            ({"header_name": "X Key", "header_value": "a"}, "header_name"),
            ({"header_name": "Host", "header_value": "a"}, "header_name"),
            ({"header_name": "X-Key"}, "header_value"),
            ({"header_name": "X-Key", "header_value": "a\r\nb"}, "header_value"),
            ({"header_name": "X-Key", "header_value": "密"}, "header_value"),
            ({"header_value": "abc"}, "header_name"),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_is_added(
        self, agency: Agency, changed: dict[str, Any], field: str
    ) -> None:
        one = systems.system_in_use(agency)
        with pytest.raises(RuleBroken) as broken:
            systems.interface(one, **changed)
        assert list(broken.value.fields) == [field]
        assert not Interface.objects.exists()

    def test_names_stand_once_in_a_system(self, agency: Agency) -> None:
        one = systems.system_in_use(agency)
        first = systems.interface(one, name="站点")
        with pytest.raises(RuleBroken) as broken:
            systems.interface(one, name="站点")
        assert "同名" in str(broken.value.fields["name"])
        ACTS["end-interface"](first, steward_of(agency))
        assert systems.interface(one, name="站点").pk != first.pk

    def test_a_system_offers_so_many_and_no_more(self, agency: Agency) -> None:
        # given
        one = systems.system_in_use(agency)
        Interface.objects.bulk_create(
            Interface(system=one, name=f"{number}", url="https://a.example", host="a.example:443", added_at=AT)
            for number in range(MOST)
        )

        # then
        with pytest.raises(RuleBroken, match=str(MOST)):
            systems.interface(one)

    def test_what_lets_the_portal_in_is_kept_encrypted_and_stays_until_its_header_goes(self, agency: Agency) -> None:
        # given
        made = systems.interface(
            systems.system_in_use(agency), header_name="Authorization", header_value="Bearer open-sesame"
        )
        kept = {"name": made.name, "url": made.url}

        # then
        assert "sesame" not in made.header_encrypted
        assert made.credentials() == {"Authorization": "Bearer open-sesame"}
        assert "sesame" not in json.dumps([event.payload for event in Event.objects.all()])

        def change(**changed: Any) -> Interface:
            facts = systems.interface_facts(**kept | changed)
            return services.change_interface(interface_id=made.pk, by=steward_of(agency), at=LATER, facts=facts)

        assert change(header_name="Authorization").credentials() == {"Authorization": "Bearer open-sesame"}
        with pytest.raises(RuleBroken, match="登记"):
            change(header_name="X-Key")
        assert change().credentials() == {}


class TestStates:
    """Each act from each state."""

    @pytest.mark.parametrize("verb", ACTS)
    @pytest.mark.parametrize("state", STATES)
    def test_an_act_starts_from_its_sources_and_from_nowhere_else(self, agency: Agency, verb: str, state: str) -> None:
        # given
        one = STATES[state](systems.system_in_use(agency))
        before = events(one)

        # then
        if state in INTERFACE_WORKFLOW[verb].sources:
            ACTS[verb](one, steward_of(agency))
            one.refresh_from_db()
            assert one.status == INTERFACE_WORKFLOW.target(verb, state)
            assert events(one) == [*before, verb]
        else:
            with pytest.raises(WrongState):
                ACTS[verb](one, steward_of(agency))
            one.refresh_from_db()
            assert (one.status, events(one)) == (state, before)

    @pytest.mark.parametrize("verb", ["change-interface", "replace-document", "check-now", "resume-checking"])
    def test_what_changes_an_interface_has_it_checked_at_once(self, agency: Agency, verb: str) -> None:
        # given
        made = systems.interface if verb != "resume-checking" else systems.paused
        one = made(systems.system_in_use(agency))

        # when
        ACTS[verb](one, steward_of(agency))

        # then
        one.refresh_from_db()
        assert one.next_check_at == LATER

    @pytest.mark.parametrize("verb", ["change-interface", "replace-document"])
    def test_a_paused_interface_stays_unchecked_whatever_is_changed(self, agency: Agency, verb: str) -> None:
        one = systems.paused(systems.system_in_use(agency))
        ACTS[verb](one, steward_of(agency))
        one.refresh_from_db()
        assert (one.status, one.next_check_at) == ("paused", None)

    def test_nothing_is_checked_before_its_system_is_in_use(self, agency: Agency) -> None:
        one = systems.interface(systems.planned_system(agency))
        with pytest.raises(WrongState, match="投入使用"):
            ACTS["check-now"](one, steward_of(agency))
        one.refresh_from_db()
        assert one.next_check_at is None

    def test_a_pause_mends_nothing_and_an_end_does(self, agency: Agency) -> None:
        # given
        broken = systems.broken(systems.system_in_use(agency))
        running = Clock.objects.filter(subject=subject_of(broken), stopped_on=None)

        # then
        ACTS["pause-checking"](broken, steward_of(agency))
        assert running.count() == 1
        ACTS["end-interface"](broken, steward_of(agency))
        assert running.count() == 0

    @pytest.mark.parametrize("act", [services.pause_checking, services.end_interface])
    def test_reasons_are_needed(self, agency: Agency, act: Any) -> None:
        one = systems.interface(systems.system_in_use(agency))
        with pytest.raises(RuleBroken) as broken:
            act(interface_id=one.pk, by=steward_of(agency), at=LATER, reasons=" ")
        one.refresh_from_db()
        assert (list(broken.value.fields), one.status) == (["reasons"], "checked")

    def test_an_interface_that_is_not_there_is_not_seen(self, agency: Agency) -> None:
        for act in ACTS.values():
            with pytest.raises(NotSeen):
                act(Interface(pk=987654), steward_of(agency))


class TestDocuments:
    """A document is held against OpenAPI before it is filed, and kept whole."""

    @pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
    def test_one_that_holds_becomes_the_current_version(self, agency: Agency, version: str) -> None:
        # when
        content = json.dumps(systems.openapi(version), ensure_ascii=False, indent=1).encode()
        made = systems.documented(systems.system_in_use(agency), said=content)

        # then
        kept = made.contract
        assert kept is not None
        assert (kept.number, kept.version, kept.title, kept.own_version) == (1, version, "公交站点接口", "1.2")
        assert (kept.operations, [sample["target"] for sample in kept.samples]) == (1, ["/stops"])
        assert kept.content.encode() == content
        assert kept.file_name == f"{made.number}-v1.json"
        event = Event.objects.get(subject=subject_of(made), verb="replace-document")
        assert event.payload["sha256"] == kept.sha256

    def test_a_new_version_takes_the_place_of_the_last_which_stays(self, agency: Agency) -> None:
        # given
        made = systems.documented(systems.system_in_use(agency))

        # when
        systems.file(made, b"openapi: 3.1.0\ninfo: {title: a, version: '2'}\npaths: {/b: {get: {}}}\n", at=LATER)

        # then
        made.refresh_from_db()
        assert made.contract is not None
        assert (made.contract.number, made.contract.file_name) == (2, f"{made.number}-v2.yaml")
        assert list(made.documents.values_list("number", flat=True)) == [2, 1]

    def test_the_same_again_is_not_filed(self, agency: Agency) -> None:
        made = systems.documented(systems.system_in_use(agency))
        with pytest.raises(RuleBroken, match="第 1 版完全相同"):
            systems.file(made)
        assert made.documents.count() == 1

    def test_one_that_does_not_hold_is_refused_with_each_fault_numbered(self) -> None:
        # given
        document = systems.openapi()
        del document["info"]["version"], document["info"]["title"]

        # when
        with pytest.raises(RuleBroken) as broken:
            services.read_document(json.dumps(document).encode())

        # then
        message = broken.value.fields["document"]
        assert "1. info：缺少「title」。" in message
        assert "2. info：缺少「version」。" in message
        assert not InterfaceDocument.objects.exists()

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"x" * 20_000_000, "20.0 MB"),
            (b"a: &a [*a]", "别名"),
            (b"swagger: '2.0'", "Swagger 2.0"),
            (
                json.dumps(systems.openapi(components={"schemas": {"Stop": {"$ref": "https://a.example/x"}}})).encode(),
                "外部",
            ),
            (b"<html>", "最外层"),
        ],
    )
    def test_what_cannot_be_read_is_refused_in_words(self, content: bytes, words: str) -> None:
        with pytest.raises(RuleBroken, match=words) as broken:
            services.read_document(content)
        assert "第十条" in broken.value.basis


class TestWho:
    """Who may do what with an interface."""

    @pytest.mark.parametrize("verb", ACTS)
    def test_nobody_else_may_and_nothing_changes(self, town: City, agency: Agency, verb: str) -> None:
        # given
        state = next(iter(sorted(INTERFACE_WORKFLOW[verb].sources)))
        one = STATES[state](systems.system_in_use(agency))
        before = Interface.objects.filter(pk=one.pk).values().get()
        others = [staff(agency), staff(agency, Role.APPROVER), staff(town.health, Role.DATA_STEWARD), citizen()]
        others += [] if verb == "check-now" else [staff(town.authority, Role.MUNICIPAL_AUTHORITY)]

        # then
        for user in others:
            with pytest.raises(NotAllowed):
                ACTS[verb](one, user)
        assert Interface.objects.filter(pk=one.pk).values().get() == before

    def test_the_authority_over_the_agency_may_have_it_checked(self, town: City) -> None:
        # given
        one = systems.interface(systems.system_in_use(town.county_department))

        # then
        ACTS["check-now"](one, staff(town.county_authority, Role.COUNTY_AUTHORITY))
        with pytest.raises(NotAllowed):
            ACTS["check-now"](
                systems.interface(systems.system_in_use(town.transport)),
                staff(town.county_authority, Role.COUNTY_AUTHORITY),
            )

    def test_a_system_files_its_own_document(self, agency: Agency) -> None:
        one = systems.interface(systems.system_in_use(agency))
        ACTS["replace-document"](one, system(agency).user)
        assert one.documents.count() == 1
