"""Versions of an entry's data: what each changed, the rows as of a day, an earlier one made current again."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog import reactions, services
from catalog.models import CatalogEntry, DataVersion, Load
from catalog.selectors import columns_of, version_as_of, version_on
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.tables.query import query
from guiyang_data.tables.storing import latest_version
from tests.factories import accounts
from tests.factories import catalog as make
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.timedelta(days=1)
CHANGED = [
    make.ROWS[0] | {"长度": "13"},
    make.ROWS[1],
    {"线路编号": "020", "线路名称": "新线", "长度": "5", "开通日期": ""},
]
REASONS = "第2版漏报了一条线路。"


def an_entry_of_two_versions() -> tuple[accounts.City, CatalogEntry]:
    """The second adds a row, drops one and changes one."""
    city = accounts.city()
    entry = make.entry_in_force(city.provider)
    make.gather(entry, make.ROWS)
    make.gather(entry, CHANGED, at=make.AT + DAY)
    return city, entry


_kept, begun = kept(an_entry_of_two_versions, "begun")


@pytest.fixture
def city(begun: tuple[accounts.City, CatalogEntry]) -> accounts.City:
    return begun[0]


@pytest.fixture
def entry(begun: tuple[accounts.City, CatalogEntry]) -> CatalogEntry:
    return begun[1]


def restored(entry: CatalogEntry, *, number: int = 1, reasons: str = REASONS, days: int = 2) -> DataVersion:
    """The first version restored by the provider's steward."""
    return services.restore_data(
        entry_id=entry.pk, number=number, by=make.steward_of(entry.provider), at=make.AT + days * DAY, reasons=reasons
    )


def rows_of(entry: CatalogEntry, version: DataVersion | None) -> list[tuple[object, ...]]:
    assert version is not None
    return query(entry.table, version.table_version, columns=columns_of(version.revision)).rows


def untouched(entry: CatalogEntry) -> bool:
    """Nothing was restored: not in the rows, nor in the list, nor on record."""
    entry.refresh_from_db()
    assert entry.current_data is not None
    at_rest = (entry.current_data.number, entry.data_versions.count(), latest_version(entry.table)) == (2, 2, 1)
    return at_rest and not events_of(entry).filter(verb="restore-data").exists()


def test_a_version_tells_what_it_changed_against_the_one_before(entry: CatalogEntry) -> None:
    first, second = entry.data_versions.order_by("number")

    assert (first.rows_added, first.rows_removed, first.rows_changed) == (None, None, None)
    assert (second.rows_added, second.rows_removed, second.rows_changed) == (1, 1, 1)


def test_a_comparison_that_was_cut_short_is_made_up_for(entry: CatalogEntry) -> None:
    # given
    entry.data_versions.update(rows_added=None, rows_removed=None, rows_changed=None)
    soon, later = make.AT + DAY + dt.timedelta(minutes=1), make.AT + DAY + dt.timedelta(minutes=11)
    second = entry.data_versions.get(number=2)

    # when, then
    assert services.left_uncompared(soon) == []
    assert services.left_uncompared(later) == [second.pk]
    services.note_difference(second)
    assert services.left_uncompared(later) == []
    assert reactions.react(later) == 0


def test_the_rows_of_a_day_are_those_of_the_version_current_then(entry: CatalogEntry) -> None:
    on = make.AT.date()

    assert [version_as_of(entry, day) for day in (on - DAY, on, on + DAY, on + 9 * DAY)] == [
        None,
        *entry.data_versions.order_by("number"),
        entry.data_versions.get(number=2),
    ]


@pytest.mark.parametrize(("day", "told"), [("2026-08-31", "还没有数据"), ("8月31日", "不是日期")])
def test_a_day_without_data_is_not_found(entry: CatalogEntry, day: str, told: str) -> None:
    with pytest.raises(NotSeen, match=told):
        version_on(entry, day)


def test_restoring_makes_a_new_version_of_the_old_rows_and_readers_follow(entry: CatalogEntry) -> None:
    # when
    made = restored(entry)

    # then
    entry.refresh_from_db()
    assert entry.current_data == made
    assert (made.number, made.rows, made.restored, made.load, made.reasons) == (
        3,
        3,
        DataVersion.objects.get(entry=entry, number=1),
        None,
        REASONS,
    )
    assert rows_of(entry, made) == rows_of(entry, entry.data_versions.get(number=1))
    assert len(rows_of(entry, entry.data_versions.get(number=2))) == 3
    event = events_of(entry).last()
    assert event is not None
    assert (event.verb, event.payload["data_version"], event.payload["restored"]) == ("restore-data", 3, 1)
    services.note_difference(made)
    assert (made.rows_added, made.rows_removed, made.rows_changed) == (1, 1, 1)


def test_data_goes_on_being_gathered_after_a_restoration(entry: CatalogEntry) -> None:
    # given
    restored(entry)
    more = [{"线路编号": "030", "线路名称": "更新的线", "长度": "1", "开通日期": ""}]

    # when
    load = make.gather(entry, more, mode=Load.Mode.APPEND, at=make.AT + 3 * DAY)

    # then
    assert load.state == Load.State.DONE
    entry.refresh_from_db()
    assert [row[0] for row in rows_of(entry, entry.current_data)] == ["001", "002", "010", "030"]
    assert (load.made.number, load.made.rows_added) == (4, 1)


def test_a_restoration_that_was_cut_off_after_the_table_is_seen_by_nobody_and_done_again(
    entry: CatalogEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    def dies(*arguments: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("catalog.services.restoring.record", dies)
        with pytest.raises(KeyboardInterrupt):
            restored(entry)
    assert (latest_version(entry.table), entry.data_versions.count()) == (2, 2)
    entry.refresh_from_db()
    assert entry.current_data is not None
    assert entry.current_data.number == 2

    # when
    made = restored(entry)

    # then
    assert (made.table_version, latest_version(entry.table)) == (3, 3)
    assert rows_of(entry, made) == rows_of(entry, entry.data_versions.get(number=1))


@pytest.mark.parametrize("role", ["approver", "stranger"])
def test_only_who_gathers_restores(entry: CatalogEntry, city: accounts.City, role: str) -> None:
    by = make.approver_of(city.provider) if role == "approver" else make.steward_of(city.requester)

    with pytest.raises(NotAllowed):
        services.restore_data(entry_id=entry.pk, number=1, by=by, at=make.AT + 2 * DAY, reasons=REASONS)

    assert untouched(entry)


@pytest.mark.parametrize(
    ("number", "reasons", "error", "told"),
    [
        (2, REASONS, WrongState, "已经是现行数据"),
        (7, REASONS, NotSeen, "没有找到这一版数据"),
        (1, "  ", RuleBroken, "请写明恢复旧版数据的理由"),
    ],
)
def test_what_cannot_be_restored_changes_nothing(
    entry: CatalogEntry, number: int, reasons: str, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        restored(entry, number=number, reasons=reasons)

    assert untouched(entry)


def test_nothing_is_restored_while_a_file_is_on_its_way(entry: CatalogEntry) -> None:
    make.land_csv(entry, make.ROWS)

    with pytest.raises(WrongState, match="正在入库"):
        restored(entry)

    assert untouched(entry)


def test_nothing_is_restored_twice_in_a_row(entry: CatalogEntry) -> None:
    restored(entry)

    with pytest.raises(WrongState, match="不需要再次恢复"):
        restored(entry, days=3)

    assert entry.data_versions.count() == 3


def test_a_version_with_other_items_than_the_catalogue_is_not_restored(entry: CatalogEntry) -> None:
    # given
    make.revised_entry(entry, items=make.ITEMS[:3])

    # when, then
    with pytest.raises(WrongState, match="信息项与现行目录不同"):
        restored(entry)
    assert not events_of(entry).filter(verb="restore-data").exists()


def test_a_withdrawn_entry_restores_nothing(entry: CatalogEntry) -> None:
    # given
    approver = make.approver_of(entry.provider)
    services.withdraw(entry_id=entry.pk, by=approver, at=make.AT + DAY, reasons="不再采集。")

    # when, then
    with pytest.raises(WrongState, match="没有现行目录"):
        restored(entry)
    assert latest_version(entry.table) == 1
