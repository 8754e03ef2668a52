"""What changes while a file is on its way: rows are those of the items and rules that they were checked by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog import services
from catalog.models import CatalogEntry, DataVersion, Load
from catalog.selectors import require_readable
from catalog.services import ItemSpec
from guiyang_data.errors import WrongState
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


@pytest.fixture
def entry(city: accounts.City) -> CatalogEntry:
    return make.entry_in_force(city.provider)


def test_rows_of_items_that_the_draft_had_before_never_reach_readers_of_those_it_has_now(city: accounts.City) -> None:
    # given rows loaded for a draft, whose items are changed afterwards
    revision = make.draft_entry(city.provider)
    entry, steward = revision.entry, make.steward_of(city.provider)
    load = make.gather(entry, make.ROWS)
    items = [ItemSpec(name="线路编号", code="route", data_type="I", is_key=True), ItemSpec(name="票价", code="fare")]
    services.edit_revision(revision_id=revision.pk, by=steward, at=make.AT, elements={}, items=items)

    # when
    make.publish(make.pass_confidentiality(revision))

    # then
    entry.refresh_from_db()
    version = entry.data_versions.select_related("revision").get(load=load)
    assert (entry.current_data, version.is_outdated) == (None, True)
    with pytest.raises(WrongState, match="已经修改"):
        require_readable(version)
    with pytest.raises(WrongState, match="不能恢复"):
        services.restore_data(entry_id=entry.pk, number=1, by=steward, at=make.AT, reasons="恢复")


def test_items_changed_between_the_commit_and_the_end_of_a_load_are_not_those_of_its_rows(city: accounts.City) -> None:
    # given a worker killed after the commit, and a draft changed before the next takes the load over
    revision = make.draft_entry(city.provider)
    entry, steward = revision.entry, make.steward_of(city.provider)
    load = make.gather(entry, make.ROWS)
    before = DataVersion.objects.get(load=load).layout
    DataVersion.objects.filter(load=load).delete()
    Load.objects.filter(pk=load.pk).update(state="waiting", version=None)
    items = [ItemSpec(name="线路编号", code="route", data_type="I", is_key=True)]
    services.edit_revision(revision_id=revision.pk, by=steward, at=make.AT, elements={}, items=items)

    # when
    services.run_load(load.pk, at=make.AT)

    # then
    made = DataVersion.objects.select_related("revision").get(load=load)
    assert (made.layout, made.is_outdated) == (before, True)


def test_a_file_received_before_a_revision_is_checked_by_the_rules_that_came_into_force(entry: CatalogEntry) -> None:
    # given
    load = make.land_csv(entry, make.ROWS)
    items = [ItemSpec.of(item) for item in entry.revision_in_force.items.all()]
    stricter = [replace(item, code_list=("火车站环线",)) if item.code == "name" else item for item in items]
    make.revised_entry(entry, items=stricter)

    # when
    done = services.run_load(load.pk, at=make.AT)

    # then
    entry.refresh_from_db()
    assert (done.rows_accepted, done.rows_refused) == (1, 2)
    assert (done.revision, entry.current_data) == (entry.in_force, done.made)


@pytest.mark.parametrize("case", ["withdrawn", "other items"])
def test_a_file_whose_catalogue_is_no_more_when_its_turn_comes_is_refused(entry: CatalogEntry, case: str) -> None:
    # given
    load = make.land_csv(entry, make.ROWS)
    if case == "withdrawn":
        services.withdraw(entry_id=entry.pk, by=make.steward_of(entry.provider), at=make.AT, reasons="职能划转")
    else:
        make.revised_entry(entry, items=(ItemSpec(name="线路编号", code="route", data_type="I"),))

    # when
    done = services.run_load(load.pk, at=make.AT)

    # then
    assert (done.state, "修订或者撤销" in done.message) == ("refused", True)
    assert not DataVersion.objects.exists()
