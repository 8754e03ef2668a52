"""What an agency does about a material that it asks for although it is supplied, and how that is judged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from sharing import services
from sharing.materials.selectors import figures, overdemanded
from sharing.models import MatterMaterial
from tests.factories import materials as made
from tests.factories.accounts import staff
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def with_a_confirmed_material() -> made.Scene:
    found = made.scene()
    made.confirmed(found)
    return found


_kept, scene = kept(with_a_confirmed_material)


def running() -> bool:
    return Clock.objects.filter(kind="material-mending", stopped_on=None).exists()


def test_dropping_it_ends_the_mending_with_its_event(scene: made.Scene) -> None:
    services.drop_material(material_id=scene.material.pk, by=scene.steward, at=made.later(1))
    assert scene.material.status == "dropped"
    assert not running()
    assert not overdemanded().exists()
    event = Event.objects.get(subject=subject_of(scene.material), verb="drop-material")
    assert event.basis.endswith("第十六条第二款")


def test_a_second_matter_keeps_the_mending_open(scene: made.Scene) -> None:
    other = made.matter(scene.agency, made.ROUTE, name="包车客运许可", at=made.later(1))
    services.drop_material(material_id=scene.material.pk, by=scene.steward, at=made.later(1))
    assert running()
    services.drop_material(material_id=other.materials.get().pk, by=scene.steward, at=made.later(2))
    assert not running()


def test_asking_again_begins_another(scene: made.Scene) -> None:
    services.drop_material(material_id=scene.material.pk, by=scene.steward, at=made.later(1))
    services.ask_again(material_id=scene.material.pk, by=scene.steward, at=made.later(2))
    assert running()
    assert Clock.objects.filter(kind="material-mending").count() == 2


def test_an_exception_is_the_approvers_word_with_law_and_article(scene: made.Scene) -> None:
    with pytest.raises(NotAllowed):
        services.record_exception(
            material_id=scene.material.pk, by=scene.steward, at=made.AT, instrument="公证法", article="第三条"
        )
    with pytest.raises(RuleBroken) as refused:
        services.record_exception(
            material_id=scene.material.pk, by=scene.approver, at=made.AT, instrument="通知", article="见附件"
        )
    assert set(refused.value.fields) == {"instrument", "article"}
    assert made.exempt(scene).exception == "《中华人民共和国电子签名法》第三条第三款"
    assert not running()


def test_an_exception_may_be_struck_by_the_authority(scene: made.Scene) -> None:
    made.exempt(scene)
    with pytest.raises(NotAllowed):
        services.strike_exception(material_id=scene.material.pk, by=scene.approver, at=made.AT, reasons="撤销。")
    services.strike_exception(
        material_id=scene.material.pk, by=scene.officer, at=made.later(2), reasons="该条没有规定不适用电子文书。"
    )
    assert (scene.material.status, scene.material.exception) == ("asked", "")
    assert running()


def test_reasons_leave_it_on_the_list_until_they_are_accepted(scene: made.Scene) -> None:
    made.explained(scene)
    assert overdemanded().exists()
    assert running()
    services.accept_reasons(material_id=scene.material.pk, by=scene.officer, at=made.later(2), reasons="属实。")
    assert scene.material.status == "kept"
    assert not overdemanded().exists()
    assert not running()


def test_reasons_that_are_declined_give_it_back(scene: made.Scene) -> None:
    made.explained(scene)
    services.decline_reasons(
        material_id=scene.material.pk, by=scene.officer, at=made.later(2), reasons="已有全省数据。"
    )
    assert scene.material.status == "asked"
    assert running()


def test_reasons_that_say_nothing_are_refused(scene: made.Scene) -> None:
    with pytest.raises(RuleBroken):
        services.state_reasons(material_id=scene.material.pk, by=scene.steward, at=made.AT, reasons="需要。")
    assert scene.material.status == "asked"


@pytest.mark.parametrize(
    ("act", "start"),
    [
        (lambda pk, by: services.accept_reasons(material_id=pk, by=by, at=made.AT), "asked"),
        (lambda pk, by: services.decline_reasons(material_id=pk, by=by, at=made.AT, reasons="不成立。"), "asked"),
        (lambda pk, by: services.strike_exception(material_id=pk, by=by, at=made.AT, reasons="不成立。"), "asked"),
    ],
)
def test_what_was_not_said_is_not_judged(scene: made.Scene, act: Callable[[int, User], object], start: str) -> None:
    with pytest.raises(WrongState):
        act(scene.material.pk, scene.officer)
    assert scene.material.status == start


def test_another_agency_touches_nothing(scene: made.Scene) -> None:
    for user in (scene.provider_steward, staff(scene.city.authority, "supervisor"), staff(scene.agency, "reviewer")):
        with pytest.raises(NotAllowed):
            services.drop_material(material_id=scene.material.pk, by=user, at=made.AT)
    assert scene.material.status == "asked"


def test_a_matter_that_is_handled_no_longer_is_not_counted(scene: made.Scene) -> None:
    services.change_matter(
        matter_id=scene.matter.pk, by=scene.steward, at=made.later(1), name=scene.matter.name, is_active=False
    )
    assert not overdemanded().exists()
    assert not running()
    assert figures() == []


def test_the_same_matter_is_entered_once(scene: made.Scene) -> None:
    with pytest.raises(RuleBroken):
        made.matter(scene.agency)
    assert MatterMaterial.objects.count() == 2


def test_figures_say_what_is_supplied_and_what_became_of_it(scene: made.Scene) -> None:
    [row] = figures()
    assert (row.matters, row.materials, row.supplied, row.against, row.freed) == (1, 2, 1, 1, 0)
    services.drop_material(material_id=scene.material.pk, by=scene.steward, at=made.later(1))
    [row] = figures()
    assert (row.materials, row.supplied, row.against, row.freed, row.freed_percent) == (1, 1, 0, 1, 100)
