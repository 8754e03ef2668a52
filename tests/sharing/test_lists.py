"""The public lists of demand, duty and withheld data: what stands in them, and above all what does not (第八条)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from catalog import services as catalog
from catalog.models import CatalogEntry
from catalog.publishing import made_public, makes_public
from guiyang_data.accounts.models import Agency, Region
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from sharing import services
from sharing.lists.counties import LetOut, level_of
from sharing.lists.exporting import export
from sharing.lists.rows import LISTS, cited
from tests.factories import publishing
from tests.factories import sharing as made
from tests.factories.catalog import ROWS, entry_in_force
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

BASIS = "《中华人民共和国反恐怖主义法》第三十条规定，本处另有内部安排不宜公开"


_kept, scene = kept(made.scene)


def lines(which: str, **asked: Any) -> list[dict[str, Any]]:
    return list(Client().get(f"/api/v1/sharing/lists/{which}/", asked).json()["results"])


def hidden(scene: made.Scene, **changed: Any) -> Any:
    return entry_in_force(scene.provider, sharing_type="withheld", sharing_basis=BASIS, **changed)


def test_demand_names_agencies_items_and_progress_and_nothing_that_was_typed(scene: made.Scene) -> None:
    made.application(scene, use_case="某专案")
    made.refused_application(scene)
    made.agreed_grant(scene)
    found = lines("demand")
    assert [line["state"] for line in found] == ["已提供", "尚未满足", "待答复"]
    assert found[2]["items"] == "线路编号、线路名称、长度"
    assert (found[2]["requester"], found[2]["due_on"]) == ("贵阳市卫生健康局", made.DUE_ON.isoformat())
    page = Client().get("/sharing/lists/demand/").content.decode()
    for typed in ("突发公共卫生事件应急处置", "核对应急转运路线", "某专案", made.REASONS, scene.asker.display_name):
        assert typed not in page
        assert typed not in str(found)


def test_duty_says_who_supplies_what_to_whom_and_by_when(scene: made.Scene) -> None:
    made.standing_grant(scene)
    made.application(scene)
    (line,) = lines("duty")
    assert (line["provider"], line["to"]) == ("贵阳市交通委员会", "贵阳市卫生健康局")
    assert (line["replies_owed"], line["reply_by"]) == (1, made.DUE_ON.isoformat())


def test_an_agreed_application_without_data_is_owed_until_rows_can_be_read() -> None:
    scene = made.scene(rows=())
    made.agreed_grant(scene)
    (line,) = lines("duty")
    assert (line["supplies_owed"], line["supply_by"]) == (1, "2026-11-06")
    assert lines("demand")[0]["state"] == "已同意，待提供"


def test_the_negative_list_tells_the_laws_and_not_the_rest_of_the_basis(scene: made.Scene) -> None:
    hidden(scene, title="反恐重点单位")
    (line,) = lines("negative")
    assert (line["title"], line["basis"]) == ("反恐重点单位", "《中华人民共和国反恐怖主义法》第三十条")
    assert "内部安排" not in Client().get("/sharing/lists/negative.csv").getvalue().decode()
    assert cited("领导批示") == "没有引用法律、法规"


def test_a_refusal_stands_there_once_it_is_confirmed_without_the_requester(scene: made.Scene) -> None:
    case = made.coordination(scene)
    assert lines("refused") == []
    services.conclude_coordination(
        coordination_id=case.pk,
        by=scene.coordinator,
        at=made.later(5),
        opinion="keep",
        text="可以不提供。",
        **made.HEARD,
    )
    (line,) = lines("refused")
    assert (line["items"], line["confirmed_by"]) == ("线路编号、线路名称、长度", "市大数据主管部门")
    assert scene.requester.name not in str(line)


@pytest.mark.parametrize(
    "secret",
    [
        {"is_open": False, "closed_ground": 1, "closed_basis": "《中华人民共和国保守国家秘密法》第九条"},
        {"grade": 5},
    ],
    ids=["state secrets", "important data"],
)
def test_what_may_not_be_known_to_exist_is_in_no_list_and_in_no_count(
    scene: made.Scene, secret: dict[str, Any]
) -> None:
    entry = hidden(scene, title="绝不能出现")
    _make_secret(entry, secret)
    assert_nowhere("绝不能出现")


def test_what_the_provider_keeps_out_is_in_no_list_until_it_is_released(scene: made.Scene) -> None:
    made.application(scene)
    with pytest.raises(NotAllowed):
        services.reserve_from_lists(entry_id=scene.entry.pk, by=scene.steward, at=made.AT, reasons="涉密")
    with pytest.raises(RuleBroken):
        services.reserve_from_lists(entry_id=scene.entry.pk, by=scene.approver, at=made.AT, reasons=" ")
    services.reserve_from_lists(entry_id=scene.entry.pk, by=scene.approver, at=made.AT, reasons="专项工作未公开")
    assert_nowhere("公交线路信息")
    with pytest.raises(WrongState):
        services.reserve_from_lists(entry_id=scene.entry.pk, by=scene.approver, at=made.AT, reasons="再次")
    services.release_to_lists(entry_id=scene.entry.pk, by=scene.approver, at=made.later(1), reasons="已公开")
    assert len(lines("duty")) == len(lines("demand")) == 1


def test_an_application_marked_so_and_the_supervisory_organs_are_not_told_of(scene: made.Scene) -> None:
    made.application(scene, is_unlisted=True)
    assert lines("demand") == []
    assert lines("duty")[0]["replies_owed"] == 0
    made.application(scene)
    Agency.objects.filter(pk=scene.requester.pk).update(kind="supervisory")
    assert lines("demand") == []
    assert "卫生健康局" not in Client().get("/sharing/lists/demand/").content.decode()


def test_county_entries_are_told_only_where_a_decision_makes_their_catalogue_public(scene: made.Scene) -> None:
    department = scene.city.county_department
    entry_in_force(department, title="区县条目", sharing_type="conditional", rows=ROWS)
    assert_nowhere("区县条目")
    publishing.in_force(agency=department, catalogue="open")
    assert_nowhere("区县条目")


def test_a_published_county_stands_by_its_own_level_with_the_elements_that_were_let_out(scene: made.Scene) -> None:
    # given a county that lets out its sharing catalogue without condition and cycle, and an application for it
    department = scene.city.county_department
    entry = entry_in_force(department, title="区县条目", sharing_type="conditional", rows=ROWS)
    county = scene.city.county_authority.region
    decision = publishing.in_force(region=county, catalogue="sharing", elements=["sharing_type"])
    services.apply(entry_id=entry.pk, requester=scene.requester, by=scene.asker, at=made.AT, wish=made.wish())

    # then
    (line,) = lines("duty", level=county.code)
    assert (line["level"], line["title"], line["sharing"]) == (county.name, "区县条目", "有条件共享")
    assert (line["condition"], line["cycle"], line["update_by"]) == ("", "", "")
    assert {one["level"] for one in lines("duty")} == {"市级", county.name}
    township = Region(code=f"{county.code}100", name="某乡", level=Region.Level.TOWNSHIP, parent=county)
    assert level_of(Agency(level=Agency.Level.TOWNSHIP, region=township)) == county.name
    assert [one["title"] for one in lines("duty", level="municipal")] == ["公交线路信息"]
    assert lines("demand", level=county.code)[0]["items"] == "线路编号、线路名称、长度"
    page = Client().get("/sharing/lists/duty/").content.decode()
    assert f'<option value="{county.code}">{county.name}</option>' in page

    # when it is revoked
    _proposer, second = publishing.officers(decision.authority)
    catalog.revoke_decision(decision_id=decision.pk, by=second, at=made.AT, reasons="重新审查。")

    # then
    assert_nowhere("区县条目")


def test_what_a_county_withholds_is_told_where_it_decided_so_with_its_basis_or_without(scene: made.Scene) -> None:
    department = scene.city.county_department
    entry_in_force(department, title="区县不予共享", sharing_type="withheld", sharing_basis=BASIS)
    publishing.in_force(agency=department, catalogue="resource", includes_withheld=True)
    (line,) = lines("negative")
    assert (line["title"], line["basis"]) == ("区县不予共享", "")


def test_what_counties_let_out_is_asked_once_whatever_the_number_of_decisions(scene: made.Scene) -> None:
    # given entries of two agencies of a county, one of them withheld, one open
    first, second = scene.city.county_department, scene.city.county_authority
    entry_in_force(first, title="区县条目", sharing_type="conditional", is_open=True)
    entry_in_force(first, title="区县不予共享", sharing_type="withheld", sharing_basis=BASIS)
    entry_in_force(second, title="区县另一机关", sharing_type="unconditional")

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert Client().get("/sharing/lists/duty/").status_code == 200
        return [one["sql"] for one in captured]

    # when
    decisions = [publishing.in_force(agency=first, catalogue="sharing")]
    few = asked()
    decisions += [
        publishing.in_force(agency=first, catalogue="resource", includes_withheld=True),
        publishing.in_force(agency=second, catalogue="open"),
        publishing.in_force(region=second.region, catalogue="sharing"),
        publishing.in_force(region=second.region, catalogue="resource"),
    ]
    many = asked()

    # then
    assert len(many) == len(few)
    assert sum('FROM "catalog_publicationdecision"' in sql for sql in many) == 1
    read = list(CatalogEntry.objects.select_related("provider", "in_force").filter(in_force__isnull=False))
    for some in [[one] for one in decisions] + [decisions]:
        found = set(CatalogEntry.objects.filter(made_public(some), in_force__isnull=False))
        assert found == {entry for entry in read if any(makes_public(one, entry) for one in some)}


def test_withdrawn_applications_are_gone_and_filters_narrow(scene: made.Scene) -> None:
    case = made.application(scene)
    assert len(lines("demand", state="waiting")) == 1
    assert lines("demand", state="met") == []
    assert len(lines("duty", agency=scene.provider.pk)) == 1
    services.withdraw_application(application_id=case.pk, by=scene.asker, at=made.later(1))
    assert lines("demand") == []


@pytest.mark.parametrize("which", list(LISTS))
def test_each_list_is_had_as_a_file_and_says_so_when_it_is_empty(which: str) -> None:
    client = Client()
    assert "清单现在没有内容" in client.get(f"/sharing/lists/{which}/").content.decode()
    assert client.get(f"/sharing/lists/{which}.json").getvalue() == b"[]"


def test_files_hold_the_lines_of_the_page_and_no_formula(scene: made.Scene) -> None:
    entry_in_force(scene.provider, title="=1+1", sharing_type="withheld", sharing_basis=BASIS)
    shown, let_out = LISTS["negative"], LetOut.now()
    text = b"".join(export(shown, shown.found(let_out), "csv", let_out)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["数据"] == "'=1+1"
    sheet = load_workbook(io.BytesIO(b"".join(export(shown, shown.found(let_out), "xlsx", let_out)))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == list(shown.columns.values())
    assert sheet["C2"].value == "'=1+1"


def test_pages_and_the_api_cost_as_much_for_twelve_as_for_three(scene: made.Scene) -> None:
    addresses = [f"/sharing/lists/{which}/" for which in LISTS] + [f"/api/v1/sharing/lists/{which}/" for which in LISTS]

    def cost() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert Client().get(address).status_code == 200
            found.append(len(captured))
        return found

    def more(first: int, last: int) -> None:
        for number in range(first, last):
            hidden(scene, title=f"不予共享{number}")
            made.application(scene, purpose=f"用途{number}")
            case = made.coordination(scene, of=made.refused_application(scene, purpose=f"不同意{number}"))
            services.conclude_coordination(
                coordination_id=case.pk,
                by=scene.coordinator,
                at=made.later(5),
                opinion="keep",
                text="可以不提供。",
                **made.HEARD,
            )

    more(0, 3)
    cost()
    few = cost()
    more(3, 12)
    assert cost() == few


def test_staff_see_which_of_their_entries_are_listed_and_why_not(scene: made.Scene) -> None:
    hidden(scene, title="反恐重点单位")
    client = Client()
    client.force_login(scene.approver)
    page = client.get("/desk/sharing/listing/").content.decode()
    assert "列入负面清单" in page
    assert "列入责任清单" in page
    done = client.post(f"/desk/sharing/entries/{scene.entry.pk}/reserve-from-lists/", {"reasons": "专项工作"})
    assert done.status_code == 302
    assert "由本机关决定不列入" in client.get("/desk/sharing/listing/").content.decode()
    client.force_login(scene.asker)
    assert client.get(f"/desk/sharing/entries/{scene.entry.pk}/reserve-from-lists/").status_code == 404


def _make_secret(entry: Any, changed: dict[str, Any]) -> None:
    type(entry.in_force).objects.filter(pk=entry.in_force_id).update(**changed)


def assert_nowhere(words: str) -> None:
    client = Client()
    for which in LISTS:
        assert lines(which) == [] or words not in str(lines(which))
        assert words not in client.get(f"/sharing/lists/{which}/").content.decode()
        for kind in ("csv", "json"):
            assert words not in client.get(f"/sharing/lists/{which}.{kind}").getvalue().decode()
