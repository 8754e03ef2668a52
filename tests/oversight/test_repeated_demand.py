"""A citizen reports that a material was asked for although it is supplied (第十六条第二款、第三十条第七项)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import PUBLIC
from oversight import services
from oversight.models import Complaint, ComplaintReceipt, Finding
from tests.factories import materials as made
from tests.factories.accounts import staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def scene() -> made.Scene:
    found = made.scene()
    made.confirmed(found)
    return found


def reported(scene: made.Scene, **changed: Any) -> Complaint:
    values = {"matter": scene.matter, "materials": [scene.material.pk], "text": "", "anonymous": True} | changed
    return services.report_repeated_demand(by=PUBLIC, on=made.AT.date(), at=made.AT, **values).complaint


def test_it_goes_to_the_superior_and_the_authority_and_counts_on_the_matter(scene: made.Scene) -> None:
    # when
    complaint = reported(scene)
    # then
    receivers = set(ComplaintReceipt.objects.filter(complaint=complaint).values_list("agency", flat=True))
    assert receivers == {scene.city.government.pk, scene.city.authority.pk}
    assert complaint.concern == "repeated-demand"
    assert scene.material.label in complaint.matter
    scene.matter.refresh_from_db()
    assert (scene.matter.reported, scene.material.reported, scene.other.reported) == (1, 1, 0)


@pytest.mark.parametrize("materials", [[], [10**9]])
def test_without_a_material_of_the_matter_nothing_is_filed(scene: made.Scene, materials: list[int]) -> None:
    with pytest.raises(RuleBroken):
        reported(scene, materials=materials)
    assert not Complaint.objects.exists()


def test_a_founded_one_drafts_the_finding_of_item_seven(scene: made.Scene) -> None:
    complaint = reported(scene)
    receipt = ComplaintReceipt.objects.get(complaint=complaint, agency=scene.city.authority)
    supervisor = staff(scene.city.authority, "supervisor")
    services.receive_complaint(receipt_id=receipt.pk, by=supervisor, at=made.later(1))
    client = Client()
    client.force_login(supervisor)
    form = client.get(reverse("oversight:receipt-answer", args=[receipt.pk])).content.decode()
    assert '<option value="7" selected' in form
    services.answer_complaint(
        receipt_id=receipt.pk,
        by=supervisor,
        outcome="founded",
        result="查明窗口要求提交，责成清理。",
        item=7,
        on=made.later(2).date(),
        at=made.later(2),
    )
    assert Finding.objects.get().item == 7
    page = client.get(receipt.get_absolute_url()).content.decode()
    assert scene.matter.name in page


def test_without_an_account_in_three_steps(scene: made.Scene) -> None:
    # given
    client = Client()
    url = reverse("oversight:repeated-demand", args=[scene.matter.pk])
    page = client.get(url).content.decode()
    assert f'value="{scene.material.pk}"' in page
    assert page.count("checked") == 1  # what the platform supplies is chosen beforehand
    assert client.post(url, {"told": "窗口要求提交"}).status_code == 422
    # when
    first = client.post(url, {"materials": [scene.material.pk], "told": "11月2日在窗口。"})
    assert first["Location"] == reverse("oversight:complaint-new-you")
    second = client.post(first["Location"], {"anonymous": "on", "kind": "natural"})
    check = client.get(second["Location"]).content.decode()
    assert scene.material.label in check
    client.post(second["Location"], {"submission": "once"})
    # then
    complaint = Complaint.objects.get()
    assert "11月2日在窗口。" in complaint.matter
    assert complaint.demand.materials == [scene.material.label]
    scene.matter.refresh_from_db()
    assert scene.matter.reported == 1


def test_over_rest_it_names_matter_and_materials(scene: made.Scene) -> None:
    body = {
        "agency": scene.agency.code,
        "concern": "repeated-demand",
        "matter": "窗口要求提交公交线路证明，不交不受理。",
        "service_matter": scene.matter.pk,
        "materials": [scene.material.pk],
        "anonymous": True,
    }
    answer = Client().post("/api/v1/complaints/", body, content_type="application/json")
    assert answer.status_code == 201
    assert Complaint.objects.get().demand.matter == scene.matter
    other = Client().post("/api/v1/complaints/", body | {"concern": "other"}, content_type="application/json")
    assert (other.status_code, Complaint.objects.count()) == (422, 1)
