"""Terms of verification: asked for by the application, cut by the reply, set by the grant, amended by changing it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from guiyang_data.accounts.models import User
from guiyang_data.errors import LimitReached, NotAllowed, RuleBroken
from guiyang_data.ledger.selectors import events_of
from sharing import services
from sharing.models import SharingApplication, SharingGrant, VerificationTerms
from sharing.reading import read_page
from sharing.services import Permitted
from sharing.services.verification import SAID
from tests.factories import persons as people
from tests.factories import sharing as made
from tests.factories.catalog import revised_entry
from tests.factories.persons import asked, person

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

WANTED = Permitted(key_items=["name", "id_number"], compared_items=["amount"], answered_items=["kind"], most_subjects=5)
ITEMS = ["name", "id_number", "kind", "amount"]


@pytest.fixture
def scene() -> made.Scene:
    return people.scene()


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def filed(scene: made.Scene, wanted: Permitted | None = WANTED, **changed: Any) -> SharingApplication:
    return made.application(scene, items=ITEMS, ways=["verify"], verification=wanted, **changed)


def agreed(scene: made.Scene, case: SharingApplication) -> SharingGrant:
    return services.agree(application_id=case.pk, by=scene.approver, at=made.later(1))


def in_part(scene: made.Scene, case: SharingApplication, **changed: Any) -> SharingGrant:
    values: dict[str, Any] = {"items": case.items, "reasons": made.REASONS} | changed
    return services.agree_in_part(application_id=case.pk, by=scene.approver, at=made.later(1), **values)


def terms_of(grant: SharingGrant) -> dict[str, Any]:
    return VerificationTerms.objects.values(*SAID, "rows_too").get(grant=grant)


class TestAsking:
    def test_what_was_asked_for_is_permitted_with_the_reply_and_no_later_act(self, scene: made.Scene) -> None:
        # when
        grant = agreed(scene, filed(scene))

        # then
        assert terms_of(grant) == {
            "key_items": ["name", "id_number"],
            "compared_items": ["amount"],
            "answered_items": ["kind"],
            "most_subjects": 5,
            "rows_too": False,
        }
        (result,) = asked(scene, grant).results
        assert (result.on_record, result.items) == ("yes", {"kind": "A类"})
        with pytest.raises(NotAllowed):
            read_page(by=scene.asker, entry=scene.entry, access=grant, at=made.later(2), limit=1)
        with pytest.raises(RuleBroken):
            asked(scene, grant, *[person() for _turn in range(6)])
        assert events_of(grant)[0].payload["verification"]["key_items"] == ["name", "id_number"]

    def test_without_a_word_it_is_the_least(self, scene: made.Scene) -> None:
        case = filed(scene, None)
        assert case.verification["key_items"] == ["id_number"]
        assert case.verification["answered_items"] == []
        assert set(case.verification["compared_items"]) == {"name", "kind", "amount"}

    def test_other_ways_beside_it_read_rows_too(self, scene: made.Scene) -> None:
        case = made.application(scene, items=ITEMS, ways=["query", "verify"], verification=WANTED)
        assert terms_of(agreed(scene, case))["rows_too"]

    def test_where_the_ways_do_not_name_it_nothing_is_asked(self, scene: made.Scene) -> None:
        case = made.application(scene, items=ITEMS, ways=["query"], verification=WANTED)
        assert case.verification == {}
        assert not VerificationTerms.objects.filter(grant=agreed(scene, case)).exists()

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"key_items": ["kind"]}, "key_items"),
            ({"key_items": ["id_number"], "answered_items": ["since"]}, "answered_items"),
            ({"key_items": ["id_number"], "compared_items": ["nothing"]}, "compared_items"),
            ({"key_items": ["id_number"], "most_subjects": 101}, "most_subjects"),
        ],
    )
    def test_terms_that_cannot_be_are_refused_at_their_field(
        self, scene: made.Scene, wrong: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(RuleBroken) as refused:
            filed(scene, Permitted(**wrong))
        assert set(refused.value.fields) == {field}
        assert not SharingApplication.objects.exists()


class TestReplying:
    def test_a_reply_cuts_it_with_reasons_and_the_rest_stays_refused(self, scene: made.Scene) -> None:
        # when nothing is told any more, and fewer are asked at once
        case = filed(scene)
        less = Permitted(key_items=["id_number"], compared_items=["kind", "amount"], most_subjects=2)
        grant = in_part(scene, case, verification=less)

        # then
        assert made.fresh(case).cuts == ["verification"]
        assert (terms_of(grant)["answered_items"], terms_of(grant)["most_subjects"]) == ([], 2)
        assert terms_of(grant)["compared_items"] == ["kind", "amount"]

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"compared_items": ["since"]}, "compared_items"),
            ({"answered_items": ["amount"]}, "answered_items"),
            ({"most_subjects": 6}, "most_subjects"),
        ],
    )
    def test_a_reply_gives_no_more_than_was_asked_for(
        self, scene: made.Scene, more: dict[str, Any], field: str
    ) -> None:
        values: dict[str, Any] = {"key_items": ["id_number"], "most_subjects": 5} | more
        with pytest.raises(RuleBroken) as refused:
            in_part(scene, filed(scene), verification=Permitted(**values))
        assert set(refused.value.fields) == {field}

    def test_items_that_are_refused_are_not_told_either(self, scene: made.Scene) -> None:
        grant = in_part(scene, filed(scene), items=["name", "id_number"])
        assert terms_of(grant)["answered_items"] == []

    def test_the_same_terms_are_no_cut(self, scene: made.Scene) -> None:
        with pytest.raises(RuleBroken, match="完全相同"):
            in_part(scene, filed(scene), verification=WANTED)

    def test_what_is_cut_may_be_kept_by_an_opinion_and_without_a_word_is_not(self, scene: made.Scene) -> None:
        # given
        case = filed(scene)
        in_part(scene, case, verification=Permitted(key_items=["id_number"], most_subjects=2))
        coordination = made.coordination(scene, of=case)

        # when
        services.conclude_coordination(
            coordination_id=coordination.pk,
            by=made.coordinator(),
            at=made.later(5),
            opinion="provide",
            text="应当提供。",
            **made.HEARD,
        )
        grant = services.grant_on_opinion(application_id=case.pk, by=scene.approver, at=made.later(6))

        # then
        assert terms_of(grant)["most_subjects"] == 5

    def test_a_key_that_the_catalogue_has_lost_is_said_before_the_reply(self, scene: made.Scene) -> None:
        case = filed(scene)
        revised_entry(scene.entry, items=[one for one in people.ITEMS if one.code != "id_number"], in_force=True)
        with pytest.raises(RuleBroken):
            agreed(scene, case)


class TestChanging:
    def changed(self, scene: made.Scene, grant: SharingGrant, **given: Any) -> SharingGrant:
        kept = {"items": grant.items, "purpose": grant.purpose, "valid_until": grant.valid_until, "ways": grant.ways}
        terms = services.GrantTerms(**(kept | given))
        return services.change_grant(
            grant_id=grant.pk, by=scene.approver, at=made.later(3), terms=terms, reasons="职责有调整。"
        )

    def test_the_terms_are_amended_by_changing_the_grant(self, scene: made.Scene) -> None:
        grant = agreed(scene, filed(scene))
        self.changed(scene, grant, verification=Permitted(key_items=["id_number"], most_subjects=1, most_misses=1))
        assert terms_of(grant)["key_items"] == ["id_number"]
        with pytest.raises(RuleBroken):
            asked(scene, grant)  # the name is no key any more
        event = events_of(grant).filter(verb="change").get()
        assert event.payload["changed"] == ["verification"]

    def test_an_item_that_is_taken_away_is_not_told_from_then_on(self, scene: made.Scene) -> None:
        grant = agreed(scene, filed(scene))
        self.changed(scene, grant, items=["name", "id_number"])
        (result,) = asked(scene, grant).results
        assert result.items == {}
        assert terms_of(grant)["answered_items"] == []


class TestPages:
    def test_the_form_asks_for_it_and_the_case_shows_it(self, scene: made.Scene) -> None:
        client, path = at(scene.asker), f"/desk/sharing/entries/{scene.entry.pk}/apply/"
        page = client.get(path).content.decode()
        assert 'data-when="ways=verify"' in page
        sent = {
            "submission": "a" * 32,
            "items": ITEMS,
            "duty": "救助核对",
            "duty_basis": "《社会救助暂行办法》第五十七条",
            "purpose": "核对申请人所述",
            "period_from": "2026-11-02",
            "period_until": "2099-11-01",
            "ways": ["verify"],
            "frequency": "on-demand",
            "terms_accepted": "on",
            "key_items": ["name", "id_number"],
            "answered_items": ["kind"],
            "most_subjects": "3",
        }
        wrong = client.post(path, sent | {"key_items": ["kind"]})
        assert wrong.status_code == 422
        assert "至少有一项能够确定单个对象" in wrong.content.decode()
        case_page = client.post(path, sent, follow=True).content.decode()
        assert "核验：可以答复" in case_page
        case = SharingApplication.objects.get()
        assert case.verification["most_subjects"] == 3

        # and the approver finds it filled in, to be made less
        reply = at(scene.approver).get(f"{case.get_absolute_url()}agree-in-part/").content.decode()
        assert "核验：每次最多几个对象" in reply

    def test_over_rest_it_is_asked_for_and_cut_in_the_same_shape(self, scene: made.Scene) -> None:
        # when
        sent = {
            "entry": scene.entry.resource_code,
            "items": ITEMS,
            "duty": "救助核对",
            "duty_basis": "《社会救助暂行办法》",
            "purpose": "核对",
            "period_from": "2026-11-02",
            "period_until": "2099-11-01",
            "ways": ["verify"],
            "verification": {"key_items": ["id_number"], "answered_items": ["kind"], "most_subjects": 9},
        }
        case = at(scene.asker).post("/api/v1/sharing/applications/", sent, "application/json").json()
        cut = {"key_items": ["id_number"], "compared_items": ["kind"], "most_subjects": 4}
        body = {"outcome": "agree-in-part", "items": ITEMS, "reasons": made.REASONS, "verification": cut}
        path = f"/api/v1/sharing/applications/{case['number']}/reply/"
        replied = at(scene.approver).post(path, body, "application/json").json()

        # then
        assert case["verification"] == {**sent["verification"], "compared_items": []}
        assert replied["granted_verification"] == {**cut, "answered_items": []}
        assert terms_of(SharingGrant.objects.get())["most_subjects"] == 4

    def test_a_page_with_too_many_noes_still_closes_the_hour(self, scene: made.Scene) -> None:
        grant = agreed(scene, filed(scene))
        VerificationTerms.objects.filter(grant=grant).update(most_misses=5)
        asked(scene, grant, *[person("无示例") for _turn in range(5)])
        with pytest.raises(LimitReached):
            asked(scene, grant, person("无示例"))
