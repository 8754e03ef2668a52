"""An authorisation for a kind of agency is changed as a whole: whom it touches is shown, and one act does it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from sharing import services
from sharing.kinds import KindOfAgency
from sharing.models import SharingGrant, StandingAuthorisation
from sharing.reading import read_page
from tests.factories import sharing as made
from tests.factories.accounts import make_agency
from tests.factories.catalog import approver_of, steward_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

WHY = "线路名称改由另一项数据提供。"


@pytest.fixture
def scene() -> made.Scene:
    return made.scene()


@pytest.fixture
def standing(scene: made.Scene) -> StandingAuthorisation:
    """For the departments of counties, of which there are at least two."""
    make_agency("南明区交通运输局", superiors=(scene.city.county_government,), short_name="南明交通", level="county")
    terms = services.StandingTerms(
        items=["route", "name"], duty="道路运输管理", purpose="核对线路", valid_from=made.AT.date()
    )
    to = KindOfAgency(kinds=["department"], levels=["county"])
    return services.authorise_kind(entry_id=scene.entry.pk, to=to, by=scene.steward, at=made.AT, terms=terms)


def terms(**changed: Any) -> services.GrantTerms:
    return services.GrantTerms(**({"items": ["route"], "purpose": "核对线路", "valid_until": None} | changed))


def change(standing: StandingAuthorisation, by: User, **changed: Any) -> StandingAuthorisation:
    given: dict[str, Any] = {"terms": terms(), "reasons": WHY, "at": made.later(2)} | changed
    return services.change_standing(standing_id=standing.pk, by=by, **given)


def set_apart(scene: made.Scene, grant: SharingGrant) -> SharingGrant:
    return services.change_grant(
        grant_id=grant.pk,
        by=scene.approver,
        at=made.later(1),
        terms=terms(items=["route", "name", "length"]),
        reasons="该机关另有职责。",
    )


def items_of(standing: StandingAuthorisation) -> set[tuple[str, ...]]:
    return {tuple(items) for items in standing.grants.exclude(status="ended").values_list("items", flat=True)}


class TestChanging:
    def test_every_agency_reads_by_the_new_terms_is_told_and_has_its_event(
        self, scene: made.Scene, standing: StandingAuthorisation
    ) -> None:
        # given a reader of one of them
        reader = steward_of(scene.city.county_department)

        # when
        change(standing, scene.approver)

        # then
        assert items_of(standing) == {("route",)}
        assert made.fresh(standing).items == ["route"]
        for grant in standing.grants.all():
            assert [event.verb for event in events_of(grant)][-1] == "change"
        mine = standing.grants.get(grantee=scene.city.county_department)
        (row,) = read_page(by=reader, entry=scene.entry, access=mine, at=made.later(3), limit=1).page.rows
        assert len(row) == 1
        assert Notice.objects.filter(recipient=reader, body__contains=WHY).count() == 1
        event = events_of(standing).get(verb="change")
        assert (event.payload["changed"], event.payload["agencies"]) == (["items"], standing.grants.count())

    def test_what_was_set_apart_stays_in_that_term_and_follows_in_the_others(
        self, scene: made.Scene, standing: StandingAuthorisation
    ) -> None:
        # given
        apart = set_apart(scene, standing.grants.order_by("pk")[0])

        # when
        change(standing, scene.approver, terms=terms(purpose="核对线路和站点"))

        # then
        assert made.fresh(apart).items == ["route", "name", "length"]
        assert made.fresh(apart).purpose == "核对线路和站点"
        assert items_of(standing) == {("route",), ("route", "name", "length")}

    def test_where_asked_it_is_set_to_the_new_terms_too(
        self, scene: made.Scene, standing: StandingAuthorisation
    ) -> None:
        set_apart(scene, standing.grants.order_by("pk")[0])
        change(standing, scene.approver, own_too=True)
        assert items_of(standing) == {("route",)}

    def test_who_joins_later_has_the_new_terms(self, scene: made.Scene, standing: StandingAuthorisation) -> None:
        change(standing, scene.approver)
        new = make_agency(
            "云岩区水务局", superiors=(scene.city.county_government,), short_name="云岩水务", level="county"
        )
        services.keep_up(standing_id=standing.pk, by=scene.steward, at=made.later(3))
        assert standing.grants.get(grantee=new).items == ["route"]

    def test_what_was_given_up_is_not_touched(self, scene: made.Scene, standing: StandingAuthorisation) -> None:
        gone = standing.grants.get(grantee=scene.city.county_department)
        services.end_grant(
            grant_id=gone.pk, by=steward_of(scene.city.county_department), at=made.later(1), reasons="不再需要"
        )
        change(standing, scene.approver)
        assert made.fresh(gone).items == ["route", "name"]

    def test_hundreds_take_as_many_queries_as_two(self, scene: made.Scene, standing: StandingAuthorisation) -> None:
        counts = []
        for number, items in ((0, ["route"]), (12, ["name"])):
            for turn in range(number):
                make_agency(
                    f"示例县第{turn}局",
                    superiors=(scene.city.county_government,),
                    short_name=f"第{turn}局",
                    level="county",
                )
            services.keep_up(standing_id=standing.pk, by=scene.steward, at=made.later(1))
            with CaptureQueriesContext(connection) as captured:
                change(standing, scene.approver, terms=terms(items=items))
            counts.append(len(captured))
        assert counts[1] <= counts[0] + 2


class TestRefusing:
    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"terms": terms(items=["route", "name"])}, "items"),
            ({"terms": terms(items=["nothing"])}, "items"),
            ({"terms": terms(purpose=" ")}, "purpose"),
            ({"terms": terms(valid_until=made.AT.date())}, "valid_until"),
            ({"reasons": " "}, "reasons"),
            ({"seen": "0" * 64}, "seen"),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_changes(
        self, scene: made.Scene, standing: StandingAuthorisation, given: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(RuleBroken) as refused:
            change(standing, scene.approver, **given)
        assert set(refused.value.fields) == {field}
        assert items_of(standing) == {("route", "name")}

    def test_what_came_between_has_to_be_looked_at_again(
        self, scene: made.Scene, standing: StandingAuthorisation
    ) -> None:
        # given a preview, and a grant that is changed by itself afterwards
        asked = {"terms": terms(), "own_too": False, "at": made.later(1)}
        seen = services.preview_standing_change(standing, user=scene.approver, **asked).seen
        with pytest.raises(NotAllowed):
            services.preview_standing_change(standing, user=scene.asker, **asked)
        set_apart(scene, standing.grants.order_by("pk")[0])

        # then
        with pytest.raises(RuleBroken, match="重新核对"):
            change(standing, scene.approver, seen=seen)

    def test_only_the_provider_and_only_while_it_runs(self, scene: made.Scene, standing: StandingAuthorisation) -> None:
        with pytest.raises((NotAllowed, NotSeen)):
            change(standing, approver_of(scene.requester))
        services.end_standing(standing_id=standing.pk, by=scene.approver, at=made.later(1), reasons="不再需要")
        with pytest.raises(WrongState):
            change(standing, scene.approver)


class TestFaces:
    def test_the_page_shows_whom_it_touches_before_it_is_confirmed(
        self, scene: made.Scene, standing: StandingAuthorisation
    ) -> None:
        # given
        apart = set_apart(scene, standing.grants.order_by("pk")[0])
        client, path = Client(), f"{standing.get_absolute_url()}change/"
        client.force_login(scene.approver)
        assert "核对所涉及的机关" in client.get(path).content.decode()
        sent: dict[str, Any] = {
            "submission": "b" * 32,
            "items": ["route"],
            "purpose": "核对线路",
            "calls_per_minute": "60",
            "reasons": WHY,
        }

        # when it is looked at
        looked = client.post(path, sent)
        page = looked.content.decode()

        # then nothing is changed yet
        assert (looked.status_code, items_of(standing)) == (200, {("route", "name"), ("route", "name", "length")})
        assert "将要调整的机关" in page
        assert f"{apart.grantee.name}" in page
        assert "1 个机关曾单独调整" in page

        # when it is confirmed
        seen = looked.context["form"]["seen"].value()
        done = client.post(path, sent | {"seen": seen}, follow=True).content.decode()

        # then
        assert "按类别的授权已调整" in done
        assert items_of(standing) == {("route",), ("route", "name", "length")}
        # and pressed once more it leads to what was done
        again = client.post(path, sent | {"seen": seen})
        assert (again.status_code, again["Location"]) == (302, standing.get_absolute_url())

    def test_over_rest_a_preview_changes_nothing_and_its_checksum_holds(
        self, scene: made.Scene, standing: StandingAuthorisation
    ) -> None:
        client, path = Client(), f"/api/v1/sharing/authorisations/{standing.pk}/"
        client.force_login(scene.approver)
        body: dict[str, Any] = {"items": ["route"], "purpose": "核对线路", "valid_until": None, "reasons": WHY}
        seen = client.post(f"{path}preview-change/", body, "application/json").json()
        counties = Agency.objects.filter(kind="department", level="county")
        assert {one["agency"] for one in seen["touched"]} == set(counties.values_list("code", flat=True))
        assert (seen["changed"], seen["kept"]) == (["items"], [])
        assert items_of(standing) == {("route", "name")}
        done = client.post(f"{path}change/", body | {"seen": seen["seen"]}, "application/json")
        assert (done.status_code, done.json()["items"]) == (200, ["route"])
