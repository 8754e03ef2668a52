"""The pages about materials: what each shows, to whom, and that a form is never lost."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from guiyang_data.accounts.models import User
from sharing import services
from sharing.models import MaterialSupply, MatterImport, MatterMaterial, ServiceMatter
from sharing.services.materials.importing import run_matter_import
from tests.caching import forget
from tests.factories import materials as made
from tests.factories.accounts import staff
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def with_a_confirmed_material() -> made.Scene:
    found = made.scene()
    made.confirmed(found)
    return found


_kept, scene = kept(with_a_confirmed_material)


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return response.content.decode()


def test_a_matter_shows_which_of_its_materials_are_supplied_and_how(scene: made.Scene) -> None:
    page = text(at(scene.steward).get(scene.matter.get_absolute_url()))
    assert "有 1 份材料平台能够提供" in page
    assert "公交线路信息" in page
    assert "向提供机关申请" in page


def test_a_matter_is_entered_by_hand_with_its_materials(scene: made.Scene) -> None:
    form = {"name": "网约车许可", "kind": "licence", "labels": f"{made.ROUTE}\n\n营业执照\n{made.ROUTE}"}
    answer = at(scene.steward).post(reverse("sharing:matter-new"), form)
    assert answer.status_code == 302
    matter = ServiceMatter.objects.get(name="网约车许可")
    assert [row.label for row in matter.materials.all()] == [made.ROUTE, "营业执照"]


def test_a_form_without_what_it_needs_keeps_everything(scene: made.Scene) -> None:
    url = reverse("sharing:material-exception", args=[scene.material.pk])
    answer = at(scene.approver).post(url, {"instrument": "通知", "article": "第三条"})
    assert answer.status_code == 422
    assert "法律或者法规的全称" in text(answer)
    assert 'value="第三条"' in text(answer)


def test_the_list_to_mend_has_the_due_day_and_drops_all_at_once(scene: made.Scene) -> None:
    made.matter(scene.agency, made.ROUTE, name="包车客运许可")
    client = at(scene.steward)
    page = text(client.get(reverse("sharing:mendings")))
    assert "服务目标，非法定期限" in page
    assert "2 份申请材料要求提交" in page
    assert scene.mending is not None
    client.post(reverse("sharing:mending-drop-all", args=[scene.mending.pk]))
    assert not MatterMaterial.objects.filter(status="asked", name=scene.material.name).exists()
    assert "清理完毕" in text(client.get(reverse("sharing:mendings")))


def test_another_agencys_mending_is_not_there_and_its_superior_sees_it(scene: made.Scene) -> None:
    assert scene.mending is not None
    url = scene.mending.get_absolute_url()
    assert at(scene.provider_steward).get(url).status_code == 404
    assert at(staff(scene.city.government, "government-approver")).get(url).status_code == 200
    assert at(staff(scene.city.authority, "supervisor")).get(url).status_code == 200


def test_an_entry_is_proposed_and_confirmed_on_its_pages() -> None:
    scene = made.scene()
    name, entry = scene.material.name_id, scene.entry.pk
    propose = reverse("sharing:supply-propose", args=[name, entry])
    at(scene.provider_steward).post(propose, {"way": "verify", "items": ["route"]})
    supply = MaterialSupply.objects.get(status="proposed")
    page = text(at(scene.officer).get(supply.get_absolute_url()))
    assert "确认由这项数据提供" in page
    at(scene.officer).post(reverse("sharing:supply-confirm", args=[supply.pk]))
    assert MaterialSupply.objects.get().status == "in-force"


def test_a_pasted_list_is_checked_and_comes_back_with_what_was_typed(scene: made.Scene) -> None:
    client, url = at(scene.steward), reverse("sharing:check-materials")
    page = text(client.post(url, {"names": f"{made.ROUTE}\n户口簿"}))
    assert "2 份材料，1 份平台能够提供" in page
    assert f"{made.ROUTE}\n户口簿" in page
    assert client.post(url, {"names": " "}).status_code == 422
    too_many = "\n".join(f"材料{number}" for number in range(201))
    assert client.post(url, {"names": too_many}).status_code == 422
    assert "材料核对单" in text(client.get(f"{url}?matter={scene.matter.pk}"))


def test_everyone_reads_what_need_not_be_brought_and_how_agencies_stand(scene: made.Scene) -> None:
    client = Client()
    assert scene.matter.name in text(client.get("/matters/?q=客运"))
    page = text(client.get(reverse("sharing:public-matter", args=[scene.matter.pk])))
    assert "不用提交" in page
    assert scene.entry.resource_code not in page
    assert "公交线路信息" not in page  # who supplies it is told, not which entry
    figures = text(client.get(reverse("sharing:material-figures")))
    assert scene.agency.name in figures
    assert scene.agency.name in b"".join(client.get("/matters/figures.csv")).decode()  # type: ignore[arg-type]


def test_a_file_is_imported_with_its_columns_confirmed(scene: made.Scene) -> None:
    # given
    book = Workbook()
    assert book.active is not None
    for row in (["编号", "事项名称", "申请材料"], ["B-0000000001", "新事项", "营业执照"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    out.name = "新.xlsx"
    client = at(scene.steward)
    # when
    answer = client.post(reverse("sharing:matter-import-new"), {"file": out})
    page = text(client.get(answer["Location"]))
    assert "可以导入" in page
    job = MatterImport.objects.get()
    form = {f"column_{place}": job.mapping[column] for place, column in enumerate(job.columns)}
    wrong = client.post(job.get_absolute_url(), form | {"column_0": "name"})
    assert wrong.status_code == 422
    client.post(job.get_absolute_url(), form)
    # then
    run_matter_import(job.pk, at=made.AT)
    assert "导入已完成" in text(client.get(job.get_absolute_url()))
    assert at(scene.provider_steward).get(job.get_absolute_url()).status_code == 404


def test_lists_cost_the_same_however_long(scene: made.Scene) -> None:
    client = at(scene.officer)
    paths = ["/desk/materials/?agency=", "/desk/materials/mending/", "/desk/materials/supplies/", "/matters/"]
    paths += ["/matters/figures/", scene.matter.get_absolute_url()]

    def cost(path: str) -> int:
        client.get(path)
        forget()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    few = [cost(path) for path in paths]
    for number in range(8):
        made.matter(scene.agency, made.ROUTE, name=f"事项{number}")
        services.add_material(
            matter_id=scene.matter.pk, by=scene.steward, at=made.AT, wanted=services.Wanted(label=f"材料{number}")
        )
    made.matter(scene.city.transport, made.ROUTE, name="另一机关的事项")
    assert [cost(path) for path in paths] == few
