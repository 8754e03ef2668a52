"""An agency that is no more: ended by the municipal authority once nothing stands against it, and there again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client

from catalog.models import CatalogEntry
from catalog.services import approve
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import authority_over
from guiyang_data.accounts.services import assign_role
from guiyang_data.errors import DomainError, NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM, PUBLIC, subject_of
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from oversight import services
from oversight.agencies.selectors import stands_against
from requests_app.services import file_request
from sharing.models import SharingGrant
from sharing.services import agree, subscribe
from tests.factories import catalog, materials, sharing, systems
from tests.factories.accounts import City, bearer, city, make_agency, staff, system
from tests.factories.statute import plant_seed
from tests.sharing.test_at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = sharing.AT
DAY = AT.date()
WORDS: dict[str, Any] = {"ended_on": DAY, "reasons": "并入市交通委，筑编发〔2026〕12 号。"}


@pytest.fixture(autouse=True)
def _on_that_day() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def town() -> City:
    return city()


@pytest.fixture
def gone(town: City) -> Agency:
    """An agency that nothing rests on."""
    return make_agency("贵阳市旅游局", superiors=(town.government,))


@pytest.fixture
def officer(town: City) -> User:
    return staff(town.authority, Role.MUNICIPAL_AUTHORITY)


def end(agency: Agency, by: User, **changed: Any) -> Agency:
    return services.end_agency(agency_id=agency.pk, by=by, at=AT, on=DAY, **(WORDS | changed))


def revive(agency: Agency, by: User) -> Agency:
    return services.revive_agency(agency_id=agency.pk, by=by, at=AT, reasons="文件撤回。")


def may_sign_in(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_active


class TestEnding:
    def test_is_recorded_with_day_reasons_and_who_has_its_duties(self, gone: Agency, officer: User, town: City) -> None:
        end(gone, officer, successor=town.transport)
        event = Event.objects.get(subject=subject_of(gone), verb="end-agency")
        assert not Agency.objects.get(pk=gone.pk).is_active
        assert event.actor == officer.actor_key
        assert event.payload == {
            "ended_on": DAY.isoformat(),
            "reasons": WORDS["reasons"],
            "successor": town.transport.code,
            "accounts": [],
        }

    def test_is_refused_while_something_stands_against_it_and_says_what(self) -> None:
        # given a provider with an entry in force, a grant and a matter of who needs it
        scene = sharing.scene()
        officer = staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY)
        sharing.agreed_grant(scene)
        materials.matter(scene.requester)

        # when
        with pytest.raises(RuleBroken) as provider:
            end(scene.provider, officer)
        with pytest.raises(RuleBroken) as requester:
            end(scene.requester, officer)

        # then
        assert list(provider.value.fields) == ["entries"]
        assert list(requester.value.fields) == ["grants", "matters"]
        assert "没有终止的共享授权 1 项" in requester.value.message
        assert Agency.objects.filter(is_active=False).count() == 0
        assert all(address for one in stands_against(scene.provider) for _what, address in one.first)

    def test_is_refused_to_whoever_owes_a_case(self) -> None:
        scene = sharing.scene()
        officer = staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY)
        sharing.application(scene)
        standing = {one.code: one.number for one in stands_against(scene.provider)}
        assert standing == {"clocks": 1, "entries": 1}
        with pytest.raises(RuleBroken):
            end(scene.provider, officer)

    def test_is_refused_while_something_of_it_waits_for_others(self) -> None:
        # given who needs data applied for one, coordinates another and is told of the changes of a third
        scene = sharing.scene()
        sharing.application(scene)
        sharing.coordination(sharing.scene_of(scene, sharing_type="conditional"))
        taking = sharing.taking(sharing.scene_of(scene, sharing_type="unconditional"))
        subscribe(access=taking, by=scene.asker, at=AT)
        # and another agency has an entry under review, and a system
        other = make_agency("贵阳市旅游局", superiors=(scene.city.government,))
        catalog.entry_in_review(other)
        systems.system_in_use(other)
        officer = staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY)

        # then
        for agency, kinds in (
            (scene.requester, ["applications", "coordinations", "subscriptions"]),
            (other, ["revisions", "systems"]),
        ):
            standing = stands_against(agency)
            assert [one.code for one in standing] == kinds
            assert all(address for one in standing for _what, address in one.first)
            with pytest.raises(RuleBroken):
                end(agency, officer)

    @pytest.mark.parametrize(
        ("changed", "field"),
        [({"reasons": " "}, "reasons"), ({"ended_on": DAY + dt.timedelta(days=1)}, "ended_on")],
    )
    def test_needs_reasons_and_a_day_that_has_come(
        self, changed: dict[str, Any], field: str, gone: Agency, officer: User
    ) -> None:
        with pytest.raises(RuleBroken) as refused:
            end(gone, officer, **changed)
        assert list(refused.value.fields) == [field]
        assert Agency.objects.get(pk=gone.pk).is_active

    def test_nobody_has_the_duties_of_oneself(self, gone: Agency, officer: User) -> None:
        with pytest.raises(RuleBroken):
            end(gone, officer, successor=gone)

    def test_authority_and_government_of_the_city_stay(self, town: City) -> None:
        administrator = staff(town.authority, Role.SYSTEM_ADMIN)
        with pytest.raises(RuleBroken) as refused:
            end(town.government, administrator)
        assert list(refused.value.fields) == ["agency"]
        # nor does anybody end their own
        with pytest.raises(NotAllowed):
            end(town.authority, administrator)

    @pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.COORDINATOR, Role.AUDIT_ADMIN])
    def test_is_for_those_who_keep_the_list(self, role: Role, gone: Agency, town: City) -> None:
        with pytest.raises(NotAllowed):
            end(gone, staff(town.authority, role))
        assert Agency.objects.get(pk=gone.pk).is_active

    def test_of_another_agency_neither(self, gone: Agency, town: City) -> None:
        with pytest.raises(NotAllowed):
            end(gone, staff(town.county_authority, Role.COUNTY_AUTHORITY))

    def test_is_done_once(self, gone: Agency, officer: User) -> None:
        end(gone, officer)
        with pytest.raises(WrongState):
            end(gone, officer)
        assert Event.objects.filter(subject=subject_of(gone), verb="end-agency").count() == 1


class TestNothingBegins:
    """What began while it was being ended, and what had slipped through, comes to nothing."""

    def test_for_an_agency_that_owes_no_more(self, gone: Agency, officer: User) -> None:
        end(gone, officer)
        case = {"number": "GY-1", "title": "景区实时客流", "path": "/"}
        with pytest.raises(WrongState, match="已经停用"):
            clocks.start("open-reply", "requests:1", on=DAY, at=AT, by=PUBLIC, owed_by=gone, **case)
        assert not Clock.objects.filter(owed_by=gone).exists()

    def test_with_a_grant_to_it_or_its_catalogue_in_force(self) -> None:
        # given
        scene = sharing.scene()
        case = sharing.application(scene)
        waiting = catalog.entry_in_approval(scene.requester)
        government = catalog.government_approver_over(scene.requester)
        Agency.objects.filter(pk=scene.requester.pk).update(is_active=False)

        # when
        with pytest.raises(WrongState, match="已经停用"):
            agree(application_id=case.pk, by=scene.approver, at=AT)
        with pytest.raises(WrongState, match="已经停用"):
            approve(revision_id=waiting.pk, by=government, at=AT)

        # then
        assert not SharingGrant.objects.exists()
        assert CatalogEntry.objects.get(pk=waiting.entry_id).in_force is None

    @pytest.mark.django_db(transaction=True)
    def test_at_the_very_moment(self) -> None:
        """Whoever is first: no agency is ended that owes something."""
        plant_seed()
        town = city()
        officer = staff(town.authority, Role.MUNICIPAL_AUTHORITY)
        for number in range(6):
            agency = make_agency(f"贵阳市第{number}局")
            asked = {"agency": agency, "title": "景区实时客流", "by": PUBLIC, "on": DAY, "at": AT}
            results = at_once([partial(end, agency, officer), partial(file_request, **asked)])
            lost = [one for one in results if isinstance(one, DomainError)]
            assert len(lost) == 1
            assert Clock.objects.filter(owed_by=agency).exists() is Agency.objects.get(pk=agency.pk).is_active


class TestItsAccounts:
    def test_sign_in_no_longer_and_again_when_it_is_there_again(self, gone: Agency, officer: User) -> None:
        # given
        steward, machine = staff(gone, Role.DATA_STEWARD), system(gone)
        token = bearer(machine)
        browser = Client()
        browser.force_login(steward, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert browser.get("/desk/").status_code == 200
        assert Client().get("/api/v1/me/", **token).status_code == 200

        # when
        end(gone, officer)

        # then
        assert browser.get("/desk/").status_code == 302
        assert Client().get("/api/v1/me/", **token).status_code == 401
        assert not may_sign_in(steward)
        assert not may_sign_in(machine.user)

        # when
        revive(gone, officer)

        # then
        assert may_sign_in(steward)
        assert may_sign_in(ServiceAccount.objects.get(pk=machine.pk).user)
        assert User.objects.get(pk=steward.pk).agency == gone

    def test_whoever_acts_for_another_agency_too_goes_on_there_alone(
        self, gone: Agency, officer: User, town: City
    ) -> None:
        # given
        both = staff(gone, Role.DATA_STEWARD)
        assign_role(by=PLATFORM, user=both, agency=town.health, role=Role.DATA_STEWARD, on=DAY, at=AT)

        # when
        end(gone, officer)

        # then
        fresh = User.objects.get(pk=both.pk)
        assert fresh.is_active
        assert [role.agency for role in fresh.roles_in_force()] == [town.health]

        # when the other is no more either, and the first is there again
        other = make_agency("贵阳市体育局")
        assign_role(by=PLATFORM, user=staff(other), agency=other, role=Role.DATA_STEWARD, on=DAY, at=AT)
        end(town.health, officer)
        assert not may_sign_in(both)
        revive(gone, officer)
        assert may_sign_in(both)

    def test_who_was_stopped_for_another_reason_stays_so(self, gone: Agency, officer: User) -> None:
        left = staff(gone, Role.DATA_STEWARD)
        User.objects.filter(pk=left.pk).update(is_active=False)
        end(gone, officer)
        revive(gone, officer)
        assert not may_sign_in(left)

    def test_who_was_stopped_for_another_reason_between_two_endings_stays_so(self, gone: Agency, officer: User) -> None:
        # given
        left = staff(gone, Role.DATA_STEWARD)
        end(gone, officer)
        revive(gone, officer)
        User.objects.filter(pk=left.pk).update(is_active=False)

        # when
        end(gone, officer)
        revive(gone, officer)

        # then
        assert not may_sign_in(left)

    def test_a_county_without_its_authority_falls_to_the_city(self, town: City, officer: User) -> None:
        end(town.county_authority, officer)
        assert authority_over(town.county_department) == town.authority


class TestBeingThereAgain:
    def test_needs_reasons_and_an_agency_that_was_ended(self, gone: Agency, officer: User) -> None:
        with pytest.raises(WrongState):
            revive(gone, officer)
        end(gone, officer)
        with pytest.raises(RuleBroken):
            services.revive_agency(agency_id=gone.pk, by=officer, at=AT, reasons="")
        assert not Agency.objects.get(pk=gone.pk).is_active


class TestPages:
    def at(self, user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    def test_the_way_from_the_list_and_back(self, gone: Agency, officer: User) -> None:
        # given
        client = self.at(officer)
        address = f"/desk/agencies/{gone.code}/"
        assert address in client.get("/desk/agencies/?q=旅游").content.decode()

        # when
        form = {"ended_on": DAY.isoformat(), "reasons": WORDS["reasons"]}
        missing = client.post(f"{address}end/", {"ended_on": DAY.isoformat(), "reasons": ""})
        done = client.post(f"{address}end/", form)
        page = client.get(address).content.decode()

        # then
        assert (missing.status_code, done.status_code, done["Location"]) == (422, 302, address)
        assert "已停用" in page
        assert WORDS["reasons"] in page
        assert client.get(f"{address}end/").status_code == 409
        assert gone.name in client.get("/desk/agencies/?state=ended").content.decode()
        assert gone.name not in client.get("/desk/agencies/?state=active").content.decode()

        # when
        client.post(f"{address}revive/", {"reasons": "文件撤回。"})
        assert Agency.objects.get(pk=gone.pk).is_active

    def test_what_stands_against_it_is_listed_with_links_and_the_form_kept(self) -> None:
        scene = sharing.scene()
        officer = staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY)
        address = f"/desk/agencies/{scene.provider.code}/"
        client = self.at(officer)
        form = {"ended_on": DAY.isoformat(), "reasons": WORDS["reasons"]}
        refused = client.post(f"{address}end/", form)
        text = refused.content.decode()
        assert refused.status_code == 422
        assert scene.entry.get_absolute_url() in text
        assert WORDS["reasons"] in text
        assert scene.entry.get_absolute_url() in client.get(address).content.decode()

    def test_the_list_costs_the_same_for_many(self, officer: User, django_assert_max_num_queries: Any) -> None:
        client = self.at(officer)
        for number in range(12):
            make_agency(f"贵阳市示范局{number}")
        with django_assert_max_num_queries(30):
            assert client.get("/desk/agencies/").status_code == 200


class TestRest:
    def test_the_same_as_the_page(self, gone: Agency, officer: User, town: City) -> None:
        # given
        client = TestPages().at(officer)
        address = f"/api/v1/oversight/agencies/{gone.code}/"
        body = {"ended_on": DAY.isoformat(), "reasons": WORDS["reasons"], "successor": town.transport.code}

        # when
        seen = client.get(address).json()
        done = client.post(f"{address}end/", body, content_type="application/json")
        again = client.post(f"{address}end/", body, content_type="application/json")

        # then
        assert (seen["stands_against"], seen["actions"]) == ([], ["end-agency"])
        assert (done.status_code, done.json()["is_active"], done.json()["actions"]) == (200, False, ["revive-agency"])
        assert again.status_code == 409
        ended = client.get("/api/v1/oversight/agencies/?state=ended").json()["results"]
        assert [one["code"] for one in ended] == [gone.code]

    def test_what_stands_against_it_comes_with_the_refusal_and_before(self) -> None:
        scene = sharing.scene()
        officer = staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY)
        client = TestPages().at(officer)
        address = f"/api/v1/oversight/agencies/{scene.provider.code}/"
        body = {"ended_on": DAY.isoformat(), "reasons": WORDS["reasons"]}
        (standing,) = client.get(address).json()["stands_against"]
        refused = client.post(f"{address}end/", body, content_type="application/json")
        assert (standing["code"], standing["number"]) == ("entries", 1)
        assert standing["first"][0]["url"] == scene.entry.get_absolute_url()
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["entries"])

    def test_a_system_of_the_authority_is_not_among_those_who_keep_it(self, town: City) -> None:
        token = bearer(system(town.authority), "oversight:read")
        assert Client().get("/api/v1/oversight/agencies/", **token).status_code == 404
