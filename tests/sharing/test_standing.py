"""Entries opened in advance to kinds of agency, and grants that are changed while they run (第十五条第二款)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from catalog.services.locking import day_of
from guiyang_data.accounts import services as accounts
from guiyang_data.accounts.models import Agency, Region, User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.models import Notice
from sharing import services
from sharing.kinds import KindOfAgency, words_for
from sharing.models import SharingGrant, StandingAuthorisation
from sharing.reactions import react
from sharing.reading import open_reading, read_page
from tests.factories import sharing as made
from tests.factories.accounts import credit_code, staff
from tests.factories.catalog import steward_of
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

COUNTY_DEPARTMENTS = KindOfAgency(kinds=["department"], levels=["county"])


_kept, scene = kept(made.scene)


def authorise(scene: made.Scene, to: KindOfAgency = COUNTY_DEPARTMENTS, **changed: Any) -> StandingAuthorisation:
    values: dict[str, Any] = {
        "items": ["route", "name"],
        "duty": "道路运输管理",
        "purpose": "核对线路",
        "valid_from": made.AT.date(),
    }
    terms = services.StandingTerms(**(values | changed))
    return services.authorise_kind(entry_id=scene.entry.pk, to=to, by=scene.steward, at=made.AT, terms=terms)


def read(scene: made.Scene, by: User, grant: SharingGrant, day: int = 3) -> int:
    return len(read_page(by=by, entry=scene.entry, access=grant, at=made.later(day)).page.rows)


class TestKinds:
    def test_every_agency_of_the_kind_has_a_grant_and_is_told(self, scene: made.Scene) -> None:
        reader = steward_of(scene.city.county_department)
        standing = authorise(scene)
        agencies = set(standing.grants.values_list("grantee__name", flat=True))
        wanted = Agency.objects.filter(kind="department", level="county")
        assert agencies == set(wanted.values_list("name", flat=True))
        grant = standing.grants.get(grantee=scene.city.county_department)
        assert read(scene, reader, grant) == 3
        assert Notice.objects.filter(recipient=reader, title__contains="获得数据授权").count() == 1
        assert events_of(grant).get().verb == "grant"

    def test_an_agency_that_comes_later_has_it_and_one_that_gave_it_up_does_not_get_it_again(
        self, scene: made.Scene
    ) -> None:
        # given an agency that gave its grant up
        standing = authorise(scene)
        gone = standing.grants.get(grantee=scene.city.county_department)
        by = steward_of(scene.city.county_department)
        services.end_grant(grant_id=gone.pk, by=by, at=made.later(1), reasons="不再需要")

        # when another is entered
        new = accounts.create_agency(
            by=PLATFORM,
            code=credit_code(9001, "520103"),
            name="云岩区水务局",
            short_name="云岩区水务局",
            region=Region.objects.get(pk="520103"),
            level="county",
            kind="department",
            at=made.later(2),
        )
        for _turn in range(2):
            seal(at=made.later(3))
            react(made.later(3), day_of(made.later(3)))

        # then
        running = standing.grants.exclude(status="ended")
        assert running.filter(grantee=new).count() == 1
        assert not running.filter(grantee=scene.city.county_department).exists()

    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            (KindOfAgency(kinds=["authority"], levels=["county"]), "县级 · 大数据主管部门"),
            (KindOfAgency(regions=["520103"]), "云岩区"),
            (KindOfAgency(regions=["520100"], kinds=["department"]), "贵阳市 · 工作部门"),
        ],
    )
    def test_kinds_by_nature_level_and_region(self, scene: made.Scene, kind: KindOfAgency, words: str) -> None:
        assert words_for([kind]) == [words]
        names = set(kind.agencies().values_list("name", flat=True))
        assert "云岩区大数据发展管理局" in names
        assert ("云岩区交通运输局" in names) is (words != "县级 · 大数据主管部门")

    def test_enterprises_are_covered_only_where_they_are_named(self, scene: made.Scene) -> None:
        enterprise = Agency.objects.filter(pk=scene.city.county_department.pk)
        enterprise.update(kind="enterprise")
        assert not KindOfAgency(levels=["county"]).agencies().filter(pk__in=enterprise).exists()
        assert KindOfAgency(kinds=["enterprise"]).agencies().filter(pk__in=enterprise).exists()

    @pytest.mark.parametrize("kind", [KindOfAgency(), KindOfAgency(kinds=["nobody"]), KindOfAgency(regions=["999999"])])
    def test_a_kind_has_to_be_named_and_known(self, scene: made.Scene, kind: KindOfAgency) -> None:
        with pytest.raises(RuleBroken) as refused:
            authorise(scene, kind)
        assert "kinds" in refused.value.fields
        assert not StandingAuthorisation.objects.exists()

    def test_suspended_and_ended_it_stops_every_agency_at_the_next_reading(self, scene: made.Scene) -> None:
        reader = steward_of(scene.city.county_department)
        standing = authorise(scene)
        grant = standing.grants.get(grantee=scene.city.county_department)
        change: dict[str, Any] = {"standing_id": standing.pk, "by": scene.approver, "reasons": "核查使用情况"}

        services.suspend_standing(at=made.later(4), **change)
        with pytest.raises(NotAllowed, match="暂停"):
            read(scene, reader, grant, 4)
        assert made.fresh(grant).standing_on(day_of(made.later(4))) == "已暂停"
        services.resume_standing(at=made.later(5), **change)
        assert read(scene, reader, grant, 5) == 3
        services.end_standing(at=made.later(6), **change)
        with pytest.raises(NotAllowed, match="终止"):
            read(scene, reader, grant, 6)
        with pytest.raises(WrongState, match="已于11月8日"):
            services.resume_standing(at=made.later(7), **change)

    def test_only_the_provider_opens_and_stops_it(self, scene: made.Scene) -> None:
        standing = authorise(scene)
        for by in (scene.asker, scene.outsider, scene.coordinator, staff(scene.provider, "supervisor")):
            with pytest.raises(NotAllowed):
                services.suspend_standing(standing_id=standing.pk, by=by, at=made.later(1), reasons="无")
        assert made.fresh(standing).status == "active"

    def test_it_is_seen_by_those_it_covers_and_not_by_others(self, scene: made.Scene) -> None:
        standing = authorise(scene)
        client = Client()
        for user, status in ((scene.steward, 200), (scene.outsider, 200), (scene.asker, 404)):
            client.force_login(user)
            assert client.get(standing.get_absolute_url()).status_code == status

    def test_hundreds_of_agencies_cost_few_queries(self, scene: made.Scene, django_assert_max_num_queries: Any) -> None:
        region = Region.objects.get(pk="520103")
        Agency.objects.bulk_create(
            Agency(
                code=f"X{n:017}",
                name=f"机关{n}",
                short_name=f"机关{n}",
                region=region,
                level="county",
                kind="department",
            )
            for n in range(300)
        )
        with django_assert_max_num_queries(60):
            standing = authorise(scene)
        assert standing.grants.count() > 300


class TestChangingAGrant:
    def change(self, grant: SharingGrant, by: User, reasons: str = "职责调整", **changed: Any) -> SharingGrant:
        values: dict[str, Any] = {"items": grant.items, "purpose": grant.purpose, "valid_until": grant.valid_until}
        terms = services.GrantTerms(**(values | changed))
        return services.change_grant(grant_id=grant.pk, by=by, at=made.later(2), terms=terms, reasons=reasons)

    def test_what_was_cut_down_is_refused_at_the_next_reading_and_told(self, scene: made.Scene) -> None:
        grant = made.agreed_grant(scene)
        rows = [{"code": "length", "operator": "ge", "value": "10"}]
        self.change(grant, scene.steward, items=["route"], row_condition=rows)
        page = read_page(by=scene.asker, entry=scene.entry, access=grant, at=made.later(3)).page
        assert (page.codes, len(page.rows)) == (("route",), 2)
        event = events_of(grant).last()
        assert event is not None
        assert (event.verb, event.payload["changed"]) == ("change", ["items", "row_condition"])
        assert "10" not in str(event.payload["after"]["row_condition"])
        notice = Notice.objects.get(recipient=scene.asker, title__startswith="授权已调整")
        assert "职责调整" in notice.body

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"items": ["route"]}, "信息项已经变化"),
            ({"row_condition": [{"code": "length", "operator": "ge", "value": "10"}]}, "数据范围已经变化"),
            ({"ways": ["query"]}, "提供方式"),
        ],
    )
    def test_an_export_that_runs_stops_when_it_is_cut_down(
        self, scene: made.Scene, changed: dict[str, Any], message: str
    ) -> None:
        grant = made.agreed_grant(scene)
        reading = open_reading(by=scene.asker, entry=scene.entry, access=grant, at=made.later(1), kind="csv")
        stream = reading.stream()
        self.change(grant, scene.steward, **changed)
        with pytest.raises(NotAllowed, match=message):
            list(stream)

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({}, "items"),
            ({"items": ["nothing"]}, "items"),
            ({"valid_until": dt.date(2026, 11, 3)}, "valid_until"),
            ({"purpose": " "}, "purpose"),
            ({"limits": services.Limits(calls_per_minute=0)}, "calls_per_minute"),
            ({"items": ["route"], "reasons": " "}, "reasons"),
        ],
    )
    def test_what_does_not_hold_names_its_field(self, scene: made.Scene, changed: dict[str, Any], field: str) -> None:
        grant = made.agreed_grant(scene)
        with pytest.raises(RuleBroken) as refused:
            self.change(grant, scene.steward, **changed)
        assert field in refused.value.fields

    def test_only_the_provider_changes_it_and_never_one_that_ended(self, scene: made.Scene) -> None:
        grant = made.agreed_grant(scene)
        for by in (scene.asker, scene.coordinator):
            with pytest.raises(NotAllowed):
                self.change(grant, by, items=["route"])
        services.end_grant(grant_id=grant.pk, by=scene.approver, at=made.later(1), reasons="不再需要")
        with pytest.raises(WrongState):
            self.change(grant, scene.steward, items=["route"])

    def test_ways_of_supply_are_kept_to(self, scene: made.Scene) -> None:
        grant = made.agreed_grant(scene, ways=["query"])
        assert read(scene, scene.asker, grant) == 3
        with pytest.raises(NotAllowed, match="提供方式是在线查询"):
            open_reading(by=scene.asker, entry=scene.entry, access=grant, at=made.later(3), kind="csv")
