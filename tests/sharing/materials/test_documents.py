"""Materials supplied by electronic documents: kinds that the platform issues, and documents that are elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.sealing import seal
from sharing import reactions, services
from sharing.materials.checking import Answer, check_matter
from sharing.models import DocumentTemplate, MaterialSupply, ServiceMatter
from sharing.services import TemplateTerms
from tests.factories import materials as made
from tests.factories import sharing
from tests.factories.catalog import approver_of, entry_in_force, steward_of
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
LABEL, TITLE = "经营者资格材料", "线路经营证"
"""A material whose name says nothing of the document that there is of it."""


def kind(scene: made.Scene, *items: str, title: str = TITLE) -> DocumentTemplate:
    terms = TemplateTerms(kind="licence", title=title, items=items or ("route", "name"), holder_item="name")
    return services.set_document_template(entry_id=scene.entry.pk, by=scene.provider_steward, at=made.AT, terms=terms)


def with_documents() -> tuple[made.Scene, DocumentTemplate, ServiceMatter]:
    scene = made.scene()
    template = kind(scene)
    matter = services.add_matter(
        agency=scene.agency,
        by=scene.steward,
        at=made.AT,
        name="线路调整许可",
        materials=[services.Wanted(label=LABEL, document=TITLE), services.Wanted(label="股东会决议")],
    )
    return scene, template, matter


_kept, world = kept(with_documents, "world")
World = tuple[made.Scene, DocumentTemplate, ServiceMatter]


def answer(scene: made.Scene, matter: ServiceMatter) -> Answer:
    return check_matter(matter, scene.agency, on=made.AT.date())[0]


def proposed(scene: made.Scene, matter: ServiceMatter, **said: Any) -> MaterialSupply:
    name = matter.materials.order_by("pk")[0].name_id
    said = {"entry_id": scene.entry.pk, "way": "document"} | said
    return services.propose_supply(name_id=name, by=scene.provider_steward, at=made.AT, **said)


def confirmed(scene: made.Scene, matter: ServiceMatter, **said: Any) -> MaterialSupply:
    supply = proposed(scene, matter, **said)
    return services.confirm_supply(supply_id=supply.pk, by=scene.officer, at=made.AT)


def granted(scene: made.Scene, *items: str) -> Any:
    between = sharing.Scene(
        city=scene.city,
        entry=scene.entry,
        provider=scene.city.provider,
        requester=scene.agency,
        steward=scene.provider_steward,
        approver=approver_of(scene.city.provider),
        asker=scene.steward,
    )
    return sharing.standing_grant(between, items=list(items))


def test_what_a_matter_calls_its_document_suggests_the_kind_and_a_person_chooses_it(world: World) -> None:
    # given
    scene, template, matter = world
    suggested = MaterialSupply.objects.get(name__materials__label=LABEL)
    assert (suggested.way, suggested.template, suggested.likeness) == ("document", template, 100)
    assert (answer(scene, matter).outcome, answer(scene, matter).document) == ("not-available", TITLE)
    # when
    client, url = Client(), reverse("sharing:supply-propose", args=[suggested.name_id, scene.entry.pk])
    client.force_login(scene.provider_steward)
    page = client.get(url).content.decode()
    client.post(url, {"way": "document", "template": str(template.pk)})
    supply = services.confirm_supply(supply_id=suggested.pk, by=scene.officer, at=made.AT)
    # then
    assert f'<option value="{template.pk}" selected>{TITLE}（证照）</option>' in page
    assert (supply.status, supply.template, supply.document_name) == ("in-force", template, TITLE)
    assert TITLE in client.get(supply.get_absolute_url()).content.decode()


def test_the_check_tells_the_kind_and_how_it_is_had_as_the_right_covers_it(world: World) -> None:
    # given
    scene, template, matter = world
    confirmed(scene, matter, template_id=template.pk)
    steps = [answer(scene, matter).ways[0].step]
    # when
    granted(scene, "route")
    steps.append(answer(scene, matter).ways[0].step)
    grant = granted(scene, "route", "name")
    way = answer(scene, matter).ways[0]
    # then
    assert [*steps, way.step] == ["apply", "apply", "take-document"]
    assert (way.document_kind, way.items) == ("licence", ("线路编号", "线路名称"))
    assert way.path == f"/desk/sharing/edocuments/find/?through=grant-{grant.pk}"
    assert way.call == "POST /api/v1/sharing/edocuments/find/"
    own = check_matter(matter, scene.city.provider, on=made.AT.date())[0].ways[0]
    assert (own.step, own.call) == ("own", "GET /api/v1/sharing/edocuments/")


def test_a_kind_said_anew_goes_on_and_one_that_is_issued_no_more_supplies_nothing(world: World) -> None:
    # given
    scene, template, matter = world
    supply = confirmed(scene, matter, template_id=template.pk)
    # when: the same title, other items
    anew = kind(scene, "name")
    supply.refresh_from_db()
    assert (supply.template, answer(scene, matter).outcome) == (anew, "supplied")
    # when: it is issued no longer
    services.end_document_template(template_id=anew.pk, by=scene.provider_steward, at=made.later(1), reasons="改版。")
    assert answer(scene, matter).outcome == "not-available"  # at once
    seal(at=made.later(1))
    reactions.react(made.later(1), made.later(1).date())
    # then
    supply.refresh_from_db()
    assert supply.status == "ended"
    # when: it is issued again
    again = kind(scene)
    seal(at=made.later(2))
    reactions.react(made.later(2), made.later(2).date())
    # then
    assert MaterialSupply.objects.get(status="suggested", name=supply.name).template == again


def test_a_document_that_is_issued_elsewhere_stays_a_name(world: World) -> None:
    # when
    scene, template, matter = world
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "template"),
        ({"template_id": template.pk, "document": "省电子证照"}, "document"),
        ({"template_id": template.pk, "entry_id": other_entry(scene)}, "template"),
    )
    for said, field in wrong:
        with pytest.raises(RuleBroken) as refused:
            proposed(scene, matter, **said)
        assert set(refused.value.fields) == {field}
    supply = confirmed(scene, matter, document="省电子证照")
    # then
    assert (supply.template, supply.document_name) == (None, "省电子证照")
    way = answer(scene, matter).ways[0]
    assert (way.step, way.document_kind) == ("apply", "")
    assert "不由本平台签发" in page_of(scene, matter)


def other_entry(scene: made.Scene) -> int:
    return entry_in_force(scene.city.provider, title="客运站").pk


def page_of(scene: made.Scene, matter: ServiceMatter) -> str:
    client = Client()
    client.force_login(steward_of(scene.agency))
    return client.get(matter.get_absolute_url()).content.decode()
