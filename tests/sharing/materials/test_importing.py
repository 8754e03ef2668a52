"""Importing matters: columns by name and content, problems by row and column, repeats update, files are hostile."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.base import ContentFile
from openpyxl import Workbook, load_workbook

from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from sharing import services
from sharing.materials import files
from sharing.models import MatterImport, MatterMaterial, ServiceMatter
from sharing.services.materials.importing import preview_matters, run_matter_import
from tests.factories import materials as made
from tests.factories.accounts import City, city
from tests.factories.catalog import approver_of, steward_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
HEADER = ["实施编码", "事项名称", "申请材料名称", "材料类型", "来源渠道", "必要性"]
ROWS: list[list[Any]] = [
    ["A-0000000001", "道路客运经营许可", "公交线路证明", "复印件", "交通部门", "必要"],
    ["", "", "居民身份证", "原件和复印件", "公安机关", "非必要"],
    ["A-0000000002", "包车客运许可", "居民身份证", "电子", "", "是"],
]
FORMULAS = ContentFile("事项名称,材料名称,材料形式\n=1+1 事项,@材料,原件\n".encode(), name="公式.csv")


@pytest.fixture
def town() -> City:
    return city()


def xlsx(*rows: list[Any], above: tuple[str, ...] = ()) -> ContentFile:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in above:
        sheet.append([line])
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return ContentFile(out.getvalue(), name="事项.xlsx")


def landed(town: City, file: ContentFile, *, approver: bool = False) -> MatterImport:
    by = approver_of(town.health) if approver else steward_of(town.health)
    return services.start_matter_import(agency=town.health, uploaded=file, by=by, at=made.AT)


def imported(town: City, file: ContentFile, *, approver: bool = False, good_only: bool = False) -> MatterImport:
    job = landed(town, file, approver=approver)
    services.begin_matter_import(import_id=job.pk, by=job.by, at=made.AT, mapping=job.mapping, take_good_rows=good_only)
    return run_matter_import(job.pk, at=made.AT)


def labels(code: str) -> list[tuple[str, str, bool]]:
    rows = MatterMaterial.objects.filter(matter__code=code, status="asked").order_by("position")
    return [(row.label, row.form, row.required) for row in rows]


def test_columns_are_understood_by_name_and_merged_cells_belong_to_the_matter_above(town: City) -> None:
    # when
    job = imported(town, xlsx(HEADER, *ROWS, above=("贵阳市卫生健康局事项清单",)))
    # then
    assert job.mapping["实施编码"] == "code"
    assert (job.state, job.created, job.refused) == ("done", 2, 0)
    assert labels("A-0000000001") == [("公交线路证明", "copy", True), ("居民身份证", "both", False)]
    assert labels("A-0000000002") == [("居民身份证", "electronic", True)]


def test_columns_without_a_known_name_are_understood_by_content(town: City) -> None:
    job = landed(town, xlsx(["甲", "乙", "丙", "丁"], *[[row[0], row[1], row[2], row[3]] for row in ROWS]))
    assert list(job.mapping.values()) == ["code", "name", "material", "material_form"]


def test_a_repeat_updates_instead_of_doubling_and_drops_what_the_list_has_no_longer(town: City) -> None:
    # given
    imported(town, xlsx(HEADER, *ROWS))
    # when
    same = imported(town, xlsx(HEADER, *ROWS))
    changed = imported(
        town, xlsx(HEADER, ROWS[0], [*ROWS[2][:1], "包车客运许可（新）", "营业执照", "复印件", "", "是"])
    )
    # then
    assert (same.created, same.updated, same.unchanged) == (0, 0, 2)
    assert (changed.created, changed.updated) == (0, 2)
    assert ServiceMatter.objects.count() == 2
    assert ServiceMatter.objects.get(code="A-0000000002").name == "包车客运许可（新）"
    assert labels("A-0000000002") == [("营业执照", "copy", True)]
    assert MatterMaterial.objects.filter(status="dropped").count() == 2


def test_bad_rows_stand_against_it_by_row_and_column_unless_they_may_be_left_out(town: City) -> None:
    rows = [*ROWS, ["A-0000000003", "", "证明", "原件", "", ""], ["A-0000000001", "重复", "证明", "原件", "", ""]]
    job = landed(town, xlsx(HEADER, *rows))
    seen = preview_matters(job, job.mapping, by=job.by)
    assert [(one.line, one.column, one.fatal) for one in seen.problems] == [
        (5, "事项名称", True),
        (6, "实施编码", True),
    ]
    with pytest.raises(RuleBroken):
        services.begin_matter_import(import_id=job.pk, by=job.by, at=made.AT, mapping=job.mapping)
    assert not ServiceMatter.objects.exists()
    done = imported(town, xlsx(HEADER, *rows), good_only=True)
    assert (done.created, done.refused, len(done.refusals)) == (2, 2, 2)


def test_another_agencys_matters_are_refused(town: City) -> None:
    header, row = [*HEADER, "实施主体"], [*ROWS[0], town.transport.name]
    seen = preview_matters(job := landed(town, xlsx(header, row)), job.mapping, by=job.by)
    assert seen.refused == 1


def test_an_exception_in_a_file_is_the_approvers_word(town: City) -> None:
    header, row = [*HEADER, "不适用电子文书的依据"], [*ROWS[0], "《中华人民共和国电子签名法》第三条第三款"]
    imported(town, xlsx(header, row))
    assert MatterMaterial.objects.get().status == "asked"
    imported(town, xlsx(header, row), approver=True)
    assert MatterMaterial.objects.get().exception == "《中华人民共和国电子签名法》第三条第三款"


def test_the_electronic_document_is_taken_from_its_column_and_its_material_looked_for_again(town: City) -> None:
    # given
    header, rows = [*HEADER, "电子证照名称"], [[*ROWS[0], "道路运输证"], [*ROWS[1], "否"]]
    # when
    first = imported(town, xlsx(header, *rows))
    same = imported(town, xlsx(header, *rows))
    other = imported(town, xlsx(header, [*ROWS[0], "道路运输经营许可证"], rows[1]))
    # then
    assert first.mapping["电子证照名称"] == "material_document"
    assert [(job.names_found, job.names_looked) for job in (first, same, other)] == [(2, 2), (0, 0), (1, 1)]
    documents = MatterMaterial.objects.order_by("position").values_list("document", flat=True)
    assert list(documents) == ["道路运输经营许可证", ""]


def test_what_is_supplied_already_is_to_be_mended_when_it_is_imported() -> None:
    scene = made.scene()
    made.confirmed(scene)
    services.drop_material(material_id=scene.material.pk, by=scene.steward, at=made.AT)
    job = services.start_matter_import(
        agency=scene.agency, uploaded=xlsx(HEADER, ROWS[0]), by=scene.steward, at=made.later(1)
    )
    services.begin_matter_import(import_id=job.pk, by=scene.steward, at=made.later(1), mapping=job.mapping)
    run_matter_import(job.pk, at=made.later(1))
    assert scene.mending is not None
    assert scene.mending.closed_on is None


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_what_is_exported_is_imported_again_as_it_was(town: City, kind: str) -> None:
    # given
    imported(town, xlsx(HEADER, *ROWS))
    imported(town, FORMULAS)
    # when
    content = b"".join(files.EXPORTS[kind](ServiceMatter.objects.all()))
    again = imported(town, ContentFile(content, name=f"导出.{kind}"))
    # then
    assert (again.unchanged, again.created, again.updated, again.refused) == (3, 0, 0, 0)
    assert ServiceMatter.objects.filter(name="=1+1 事项").exists()


def test_no_cell_of_an_export_is_a_formula(town: City) -> None:
    imported(town, FORMULAS)
    sheet = load_workbook(io.BytesIO(b"".join(files.as_xlsx(ServiceMatter.objects.all()))))["事项材料"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_blank_form_is_imported_when_it_is_filled_in(town: City) -> None:
    book = load_workbook(io.BytesIO(files.blank_xlsx()))
    book["事项材料"].append(["A-0000000009", "示例事项", "", "行政许可", "", "证明", "复印件", "", "", "是", ""])
    out = io.BytesIO()
    book.save(out)
    assert imported(town, ContentFile(out.getvalue(), name="模板.xlsx")).created == 1


def test_it_begins_once_and_by_whoever_keeps_the_list(town: City) -> None:
    job = landed(town, xlsx(HEADER, *ROWS))
    with pytest.raises(NotAllowed):
        services.begin_matter_import(import_id=job.pk, by=steward_of(town.transport), at=made.AT, mapping=job.mapping)
    services.begin_matter_import(import_id=job.pk, by=job.by, at=made.AT, mapping=job.mapping)
    with pytest.raises(WrongState):
        services.begin_matter_import(import_id=job.pk, by=job.by, at=made.AT, mapping=job.mapping)
    run_matter_import(job.pk, at=made.AT)
    assert run_matter_import(job.pk, at=made.AT).created == 2  # a message that came twice


class TestHostileFiles:
    """What the readers refuse is refused here too, and leaves nothing."""

    def test_twenty_thousand_columns(self, town: City) -> None:
        header = ",".join(["事项名称", *(f"列{number}" for number in range(20_000))])
        with pytest.raises(RuleBroken):
            landed(town, ContentFile(f"{header}\n甲\n".encode(), name="宽.csv"))
        assert not MatterImport.objects.exists()

    def test_headers_that_stand_twice_are_told_apart(self, town: City) -> None:
        job = landed(town, ContentFile("事项名称,事项名称,,材料名称\n甲,乙,,丙\n".encode(), name="重.csv"))
        assert len(set(job.columns)) == 4
        assert list(job.mapping.values()).count("name") == 1

    def test_a_bomb_is_refused(self, town: City) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 * 1024**2))
        with pytest.raises(RuleBroken):
            landed(town, ContentFile(out.getvalue(), name="弹.xlsx"))
        assert not MatterImport.objects.exists()

    @pytest.mark.parametrize(
        "content", [b"", b"\xef\xbb\xbf", "事项名称,材料名称\n".encode(), b"[]", b'{"a": 1}', b"%PDF-1.7 x"]
    )
    def test_what_is_no_list_is_refused(self, town: City, content: bytes) -> None:
        with pytest.raises(RuleBroken):
            landed(town, ContentFile(content, name="x.csv"))

    def test_long_and_strange_cells_are_told_by_row_and_column(self, town: City) -> None:
        rows = [{"事项名称": "甲" * 5000, "申请材料": [{"材料名称": "\u202e反"}]}, {"事项名称": "乙", "申请材料": []}]
        job = landed(town, ContentFile(json.dumps(rows).encode(), name="x.json"))
        seen = preview_matters(job, job.mapping, by=job.by)
        assert (seen.refused, seen.created) == (1, 1)
