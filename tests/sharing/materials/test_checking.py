"""The check: which materials are supplied, how, and what the asking agency does next."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sharing import services
from sharing.kinds import KindOfAgency
from sharing.materials.checking import check_matter, check_names
from sharing.models import VerificationTerms
from tests.factories import materials as made
from tests.factories import sharing
from tests.factories.catalog import approver_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
ON = made.AT.date()


def scene_of_sharing(scene: made.Scene) -> sharing.Scene:
    return sharing.Scene(
        city=scene.city,
        entry=scene.entry,
        provider=scene.city.provider,
        requester=scene.agency,
        steward=scene.provider_steward,
        approver=approver_of(scene.city.provider),
        asker=scene.steward,
    )


def test_a_list_is_answered_in_its_order_with_the_way_to_each() -> None:
    # given
    scene = made.scene()
    made.confirmed(scene)
    # when
    known, unknown, like = check_names(["公交线路证明 复印件", "户口簿", "公交线路许可证明"], scene.agency, on=ON)
    # then
    assert known.outcome == "supplied"
    [way] = known.ways
    assert (way.title, way.step, way.items) == ("公交线路信息", "apply", ("线路编号", "线路名称"))
    assert (unknown.outcome, unknown.ways, unknown.alike) == ("not-available", (), ())
    assert like.alike == (scene.material.name.name,)


def test_conditional_data_is_applied_for_waited_for_and_read() -> None:
    scene = made.scene()
    made.confirmed(scene)
    steps = [check_matter(scene.matter, scene.agency, on=ON)[0].ways[0].step]
    waiting = sharing.application(scene_of_sharing(scene))
    steps.append(check_matter(scene.matter, scene.agency, on=ON)[0].ways[0].step)
    grant = services.agree(application_id=waiting.pk, by=approver_of(scene.city.provider), at=made.later(1))
    way = check_matter(scene.matter, scene.agency, on=ON + dt.timedelta(1))[0].ways[0]
    assert [*steps, way.step] == ["apply", "wait", "read"]
    assert way.path == grant.get_absolute_url()
    assert way.right
    late = check_matter(scene.matter, scene.agency, on=dt.date(2030, 1, 1))[0].ways[0]
    assert late.step == "apply"


def test_what_a_grant_does_not_let_through_now_is_not_called_readable() -> None:
    # given a grant under an authorisation for a kind of agency
    scene = made.scene()
    made.confirmed(scene)
    terms = services.StandingTerms(
        items=["route", "name"], duty="公共卫生管理", purpose="核对线路", valid_from=sharing.AT.date()
    )
    to = KindOfAgency(kinds=("department",), levels=("municipal",))
    provider = scene.provider_steward
    standing = services.authorise_kind(entry_id=scene.entry.pk, to=to, by=provider, at=made.AT, terms=terms)

    def step() -> str:
        return check_matter(scene.matter, scene.agency, on=ON)[0].ways[0].step

    assert step() == "read"

    # when the authorisation is suspended, its grants are; resumed, they are not
    services.suspend_standing(standing_id=standing.pk, by=provider, at=made.later(1), reasons="核查用途。")
    assert step() == "apply"
    services.resume_standing(standing_id=standing.pk, by=provider, at=made.later(2), reasons="已经核实。")
    assert step() == "read"

    # when the grant is for verifying alone
    grant = standing.grants.get(grantee=scene.agency)
    VerificationTerms.objects.create(
        grant=grant, key_items=["route"], permitted_by=scene.provider_steward, permitted_at=made.AT
    )
    assert step() == "apply"


def test_unconditional_data_is_taken_at_once() -> None:
    scene = made.scene(sharing_type="unconditional")
    made.confirmed(scene)
    assert check_matter(scene.matter, scene.agency, on=ON)[0].ways[0].step == "declare-taking"
    sharing.taking(scene_of_sharing(scene))
    assert check_matter(scene.matter, scene.agency, on=ON)[0].ways[0].step == "read"
    assert check_matter(scene.matter, scene.city.provider, on=ON)[0].ways[0].step == "own"


def test_an_exception_is_told_with_its_basis_and_what_is_kept_too() -> None:
    scene = made.scene()
    made.confirmed(scene)
    made.exempt(scene)
    first, second = check_matter(scene.matter, scene.agency, on=ON)
    assert (first.outcome, first.exception) == ("exempt", "《中华人民共和国电子签名法》第三条第三款")
    assert not first.is_against
    assert second.outcome == "not-available"


def test_a_long_list_costs_as_many_queries_as_a_short_one() -> None:
    scene = made.scene()
    made.confirmed(scene)

    def cost(names: list[str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            check_names(names, scene.agency, on=ON)
        return len(captured)

    assert cost([made.ROUTE, "户口簿"]) == cost([made.ROUTE, *(f"材料{number}号" for number in range(150))])
