"""Files of other cities as they really are, gathered."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from catalog import services
from catalog.models import CatalogEntry
from catalog.selectors import columns_of
from catalog.services import ItemSpec
from guiyang_data.tables.query import query
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


@pytest.fixture
def entry(city: accounts.City) -> CatalogEntry:
    return make.entry_in_force(city.provider)


def rows_of(entry: CatalogEntry) -> list[tuple[object, ...]]:
    """The rows that readers are pinned to."""
    entry.refresh_from_db()
    assert entry.current_data is not None
    assert entry.in_force is not None
    return query(entry.table, entry.current_data.table_version, columns=columns_of(entry.in_force)).rows


@pytest.mark.real_input
def test_the_list_of_universities_loads_as_it_is(city: accounts.City, real_input: Path) -> None:
    # given
    items = (
        ItemSpec(name="序号", code="number", data_type="I"),
        ItemSpec(name="学校名称", code="name", required=True),
        ItemSpec(name="学校标识码", code="code", length=10, is_key=True),
        ItemSpec(name="主管部门", code="above"),
        ItemSpec(name="所在地", code="place"),
        ItemSpec(name="办学层次", code="degree"),
        ItemSpec(name="备注", code="note"),
    )
    entry = make.entry_in_force(city.provider, items=items, title="全国高等学校名单")
    path = real_input / "files" / "全国高等学校名单.xls"

    # when
    load = services.land_file(
        entry_id=entry.pk,
        uploaded=ContentFile(path.read_bytes(), name=path.name),
        by=make.steward_of(city.provider),
        at=make.AT,
        header_row=3,
    )
    load = services.run_load(load.pk, at=make.AT)

    # then
    assert load.state == "done"
    assert load.rows_accepted > 2800
    assert load.rows_accepted + load.rows_refused == load.rows_read
    found = {row[1]: row[2] for row in rows_of(entry)}
    assert found["北京大学"] == "4111010001"


@pytest.mark.real_input
def test_people_in_gb18030_load_with_their_broken_rows_aside(city: accounts.City, real_input: Path) -> None:
    # given
    names = (
        "序号",
        "姓名",
        "性别",
        "身份证号",
        "手机号",
        "出生日期",
        "户籍地址",
        "现住址",
        "银行卡号",
        "邮箱",
        "车牌号",
        "单位",
        "病情说明",
    )
    items = tuple(
        ItemSpec(name=name, data_type="D" if name == "出生日期" else "C", is_key=name == "序号", length=None)
        for name in names
    )
    entry = make.entry_in_force(city.provider, items=items, title="人员核验（虚构）")
    path = real_input / "people" / "synthetic_persons_gb18030.csv"

    # when
    load = services.land_file(
        entry_id=entry.pk,
        uploaded=ContentFile(path.read_bytes(), name=path.name),
        by=make.steward_of(city.provider),
        at=make.AT,
    )
    load = services.run_load(load.pk, at=make.AT)

    # then
    assert (load.state, load.rows_read) == ("done", 20_000)
    assert load.encoding in {"GBK", "GB18030"}
    assert rows_of(entry)[0][0] == "000001"
