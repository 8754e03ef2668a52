"""What supplies a material: suggested by name, proposed by one, confirmed by another, ended with its entry."""

from __future__ import annotations

import pytest

from catalog import services as catalog_acts
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from sharing import reactions, services
from sharing.materials.selectors import overdemanded
from sharing.models import MaterialMending, MaterialSupply
from tests.factories import catalog
from tests.factories import materials as made
from tests.factories.accounts import staff
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


_kept, scene = kept(made.scene)


def state(supply: MaterialSupply) -> str:
    return MaterialSupply.objects.get(pk=supply.pk).status


class TestSuggesting:
    def test_an_entry_of_a_like_name_is_suggested_for_a_new_material(self, scene: made.Scene) -> None:
        found = MaterialSupply.objects.get(name=scene.material.name)
        assert (found.entry, found.status) == (scene.entry, "suggested")
        assert found.likeness >= 40
        assert not MaterialSupply.objects.filter(name=scene.other.name).exists()

    def test_a_suggestion_binds_nobody(self, scene: made.Scene) -> None:
        assert not overdemanded().exists()

    def test_a_new_entry_is_suggested_for_materials_that_were_there_before(self, scene: made.Scene) -> None:
        # when
        entry = catalog.entry_in_force(scene.city.provider, title="身份证签发信息", keywords="居民身份证")
        seal(at=made.AT)
        reactions.react(made.AT, made.AT.date())
        # then
        assert MaterialSupply.objects.filter(name=scene.other.name, entry=entry, status="suggested").exists()

    def test_looking_again_suggests_nothing_twice(self, scene: made.Scene) -> None:
        scene.material.name.__class__.objects.update(looked_at=None)
        reactions.react(made.AT, made.AT.date())
        assert MaterialSupply.objects.filter(name=scene.material.name).count() == 1


class TestConfirming:
    def test_what_one_proposed_another_confirms_and_the_agency_has_to_mend(self, scene: made.Scene) -> None:
        # when
        supply = made.confirmed(scene)
        # then
        assert supply.status == "in-force"
        assert [row.pk for row in overdemanded()] == [scene.material.pk]
        mending = MaterialMending.objects.get()
        assert mending.agency == scene.agency
        clock = Clock.objects.get(subject=subject_of(mending))
        assert (clock.kind, clock.statutory, clock.due_on) == ("material-mending", False, made.DUE_ON)

    def test_nobody_confirms_what_they_proposed(self, scene: made.Scene) -> None:
        supply = made.proposed(scene, by=scene.officer)
        with pytest.raises(NotAllowed):
            services.confirm_supply(supply_id=supply.pk, by=scene.officer, at=made.AT)
        second = staff(scene.city.authority, "municipal-authority")
        assert services.confirm_supply(supply_id=supply.pk, by=second, at=made.AT).status == "in-force"

    def test_only_the_municipal_authority_confirms(self, scene: made.Scene) -> None:
        supply = made.proposed(scene)
        for user in (scene.steward, scene.approver, staff(scene.city.county_authority, "county-authority")):
            with pytest.raises(NotAllowed):
                services.confirm_supply(supply_id=supply.pk, by=user, at=made.AT)
        assert state(supply) == "proposed"

    def test_who_has_no_part_in_it_proposes_nothing(self, scene: made.Scene) -> None:
        stranger: User = catalog.steward_of(scene.city.county_department)
        with pytest.raises(NotAllowed):
            made.proposed(scene, by=stranger)
        assert made.proposed(scene, by=scene.steward).status == "proposed"

    def test_without_items_it_says_which_are_missing(self, scene: made.Scene) -> None:
        with pytest.raises(RuleBroken) as refused:
            made.proposed(scene, items=())
        assert set(refused.value.fields) == {"items"}

    def test_each_act_starts_from_its_states_only(self, scene: made.Scene) -> None:
        supply = made.confirmed(scene)
        with pytest.raises(WrongState):
            services.confirm_supply(supply_id=supply.pk, by=scene.officer, at=made.AT)
        with pytest.raises(WrongState):
            services.reject_supply(supply_id=supply.pk, by=scene.officer, at=made.AT, reasons="不符。")
        with pytest.raises(WrongState):
            made.proposed(scene)
        services.withdraw_supply(supply_id=supply.pk, by=scene.officer, at=made.later(1), reasons="数据不全。")
        with pytest.raises(WrongState):
            services.withdraw_supply(supply_id=supply.pk, by=scene.officer, at=made.later(1), reasons="数据不全。")

    def test_what_is_rejected_needs_reasons_and_is_not_suggested_again(self, scene: made.Scene) -> None:
        supply = MaterialSupply.objects.get(name=scene.material.name)
        with pytest.raises(RuleBroken):
            services.reject_supply(supply_id=supply.pk, by=scene.officer, at=made.AT, reasons=" ")
        services.reject_supply(supply_id=supply.pk, by=scene.officer, at=made.AT, reasons="只有线路，没有证明效力。")
        scene.material.name.__class__.objects.update(looked_at=None)
        reactions.react(made.AT, made.AT.date())
        assert [row.status for row in MaterialSupply.objects.all()] == ["rejected"]
        assert Event.objects.filter(subject=subject_of(supply), verb="reject-supply").count() == 1


class TestEnding:
    def test_a_withdrawn_confirmation_ends_the_mending(self, scene: made.Scene) -> None:
        supply = made.confirmed(scene)
        services.withdraw_supply(supply_id=supply.pk, by=scene.officer, at=made.later(1), reasons="数据不全。")
        assert scene.mending is not None
        assert scene.mending.closed_on == made.later(1).date()
        assert Clock.objects.get(kind="material-mending").stopped_by == Clock.Stop.WITHDRAWN
        assert not overdemanded().exists()

    def test_it_dies_with_its_entry_and_another_is_suggested(self, scene: made.Scene) -> None:
        # given
        supply = made.confirmed(scene)
        second = catalog.entry_in_force(scene.city.provider, title="公交线路许可")
        # when
        catalog_acts.withdraw(
            entry_id=scene.entry.pk, by=catalog.approver_of(scene.city.provider), at=made.later(2), reasons="职能划转。"
        )
        assert not overdemanded().exists()  # at once, before anything followed
        seal(at=made.later(2))
        reactions.react(made.later(2), made.later(2).date())
        # then
        assert state(supply) == "ended"
        assert scene.mending is not None
        assert scene.mending.closed_on is not None
        assert MaterialSupply.objects.filter(entry=second, status="suggested").exists()
