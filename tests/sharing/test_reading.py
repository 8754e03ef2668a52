"""The one way to read: the right each time, the log before the rows, hidden items like none (第十五条、第十七条)."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import services as catalog
from catalog.models import CatalogEntry
from guiyang_data.errors import LimitReached, NotAllowed, NotSeen, RuleBroken, Unavailable, WrongState
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import subject_of
from guiyang_data.tables.query import Filter, Page
from sharing import services
from sharing.models import ReadingUse
from sharing.reading import RowStream, open_reading, read_page
from tests.factories import sharing as made
from tests.factories.accounts import staff, system
from tests.factories.catalog import ITEMS, ROWS, gather, revised_entry
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def read(scene: made.Scene, access: Any, **arguments: Any) -> Page:
    """A page read by the requester's steward."""
    values = {"by": scene.asker, "entry": scene.entry, "access": access, "at": made.later(3)}
    return read_page(**(values | arguments)).page


def take(scene: made.Scene, access: Any, kind: str, **arguments: Any) -> RowStream:
    """All rows, by the same."""
    values = {"by": scene.asker, "entry": scene.entry, "access": access, "at": made.later(3), "kind": kind}
    return open_reading(**(values | arguments)).stream()


def opened() -> list[Access]:
    return list(Access.objects.filter(phase="opened"))


def closed() -> list[Access]:
    return list(Access.objects.filter(phase="closed"))


_kept, scene = kept(made.scene)


def test_a_grant_shows_its_items_and_nothing_else(scene: made.Scene) -> None:
    # given a grant for three of four items
    grant = made.agreed_grant(scene)

    # when
    page = read(scene, grant)

    # then
    assert page.codes == ("route", "name", "length")
    assert page.rows[0] == ("001", "火车站环线", 12.5)
    assert page.total == 3


def test_a_reading_is_logged_with_grant_purpose_items_version_and_rows(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)

    # when
    read(scene, grant, purpose="核对转运路线", case_number="JZ-1", items=["name"], sort=["-route"], limit=2)

    # then
    (start,), (end,) = opened(), closed()
    assert (start.grant, start.resource) == (subject_of(grant), subject_of(scene.entry))
    assert (start.purpose, start.case_number, start.items, start.version) == ("核对转运路线", "JZ-1", ["name"], 1)
    assert start.query["sort"] == ["-route"]
    assert start.agency == scene.requester.code
    assert (end.reading, end.rows, end.outcome) == (start.reading, 2, "完成")


def test_without_a_purpose_of_its_own_a_reading_carries_the_grants(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    read(scene, grant)
    assert (opened()[0].purpose, opened()[0].case_number) == (grant.purpose, grant.case_number)


@pytest.mark.parametrize(
    "wish",
    [
        {"items": ["route", "{}"]},
        {"filters": [Filter("{}", "eq", "2020-01-02")]},
        {"filters": [Filter("{}", "isnull", "true")]},
        {"sort": ["{}"]},
        {"sort": ["-{}"]},
    ],
    ids=["fields", "filter", "isnull", "sort", "descending"],
)
def test_a_hidden_item_is_answered_exactly_like_one_that_does_not_exist(
    scene: made.Scene, wish: dict[str, Any]
) -> None:
    grant = made.agreed_grant(scene)

    def answer(code: str) -> tuple[type, str, str, dict[str, str]]:
        asked = {
            name: [
                Filter(code, item.operator, item.value) if isinstance(item, Filter) else item.format(code)
                for item in values
            ]
            for name, values in wish.items()
        }
        with pytest.raises(RuleBroken) as refused:
            read(scene, grant, **asked)
        error = refused.value
        return type(error), error.message.replace(code, "?"), error.basis, error.fields

    # when asked for the item that the grant leaves out, and for one that no entry has
    hidden, missing = answer("opened"), answer("nothing")

    # then the answers differ in nothing but the word that was asked for, and both were logged without a row
    assert hidden == missing
    assert [row.rows for row in closed()] == [0, 0]


def test_a_hidden_item_is_refused_in_exports_before_the_first_byte(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    with pytest.raises(RuleBroken, match="没有名为“opened”的信息项"):
        take(scene, grant, "csv", items=["opened"])
    assert closed()[0].rows == 0


def test_the_rows_of_a_grant_are_cut_by_a_condition_on_an_item_it_does_not_show(scene: made.Scene) -> None:
    # given rows limited by the opening date, which the grant does not show
    condition = {"code": "opened", "operator": "ge", "value": "2018-01-01"}
    grant = made.agreed_grant(scene, row_condition=[condition])

    # when
    page = read(scene, grant)

    # then
    assert [row[0] for row in page.rows] == ["002", "010"]
    assert page.total == 2


@pytest.mark.parametrize(("change", "message"), [("suspend", "已经暂停"), ("end", "已经终止")])
def test_a_grant_that_is_suspended_or_ended_refuses_the_next_reading(
    scene: made.Scene, change: str, message: str
) -> None:
    grant = made.agreed_grant(scene)
    act = {"suspend": services.suspend_grant, "end": services.end_grant}[change]
    act(grant_id=grant.pk, by=scene.approver, at=made.later(2), reasons="疑似超范围使用")

    with pytest.raises(NotAllowed, match=message):
        read(scene, grant)
    assert not opened()


def test_a_resumed_grant_reads_again(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    services.suspend_grant(grant_id=grant.pk, by=scene.approver, at=made.later(2), reasons="核查使用情况")
    services.resume_grant(grant_id=grant.pk, by=scene.approver, at=made.later(2, hour=11), reasons="核查完毕")
    assert read(scene, grant).total == 3


@pytest.mark.parametrize(("days", "may"), [(-1, False), (0, True), (363, True), (364, False)])
def test_a_grant_reads_from_its_first_day_to_its_last(scene: made.Scene, days: int, may: bool) -> None:
    # given a standing grant from the day of AT to 363 days later
    grant = made.standing_grant(scene, valid_until=made.later(363).date())
    if may:
        assert read(scene, grant, at=made.later(days)).total == 3
        return
    with pytest.raises(NotAllowed, match="有效期"):
        read(scene, grant, at=made.later(days))


def test_only_members_and_systems_of_the_grantee_read(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)

    # another agency does not see it, the provider and its authority see it and may not read through it
    with pytest.raises(NotSeen):
        read(scene, grant, by=scene.outsider)
    for other in (scene.approver, scene.coordinator):
        with pytest.raises(NotAllowed):
            read(scene, grant, by=other)
    # any other member and any system of the grantee reads
    assert read(scene, grant, by=staff(scene.requester, "approver")).total == 3
    assert read(scene, grant, by=system(scene.requester).user).total == 3
    assert len(opened()) == 2


def test_whoever_only_administers_the_system_reads_no_rows(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    for role in ("system-admin", "security-admin", "audit-admin"):
        with pytest.raises(NotAllowed):
            read(scene, grant, by=staff(scene.requester, role))


def test_a_grant_that_names_a_system_lets_no_other_system_read(scene: made.Scene) -> None:
    named, other = system(scene.requester), system(scene.requester)
    grant = made.agreed_grant(scene, system=named)

    assert read(scene, grant, by=named.user).total == 3
    with pytest.raises(NotAllowed):
        read(scene, grant, by=other.user)


def test_a_frozen_entry_reads_nothing(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    CatalogEntry.objects.filter(pk=scene.entry.pk).update(frozen_at=made.later(2))
    with pytest.raises(WrongState, match="冻结"):
        read(scene, grant)


def test_a_withdrawn_entry_reads_nothing_even_before_its_grants_are_ended(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    catalog.withdraw(entry_id=scene.entry.pk, by=scene.steward, at=made.later(2), reasons="职能划转")
    with pytest.raises(WrongState, match="撤销"):
        read(scene, grant)


def test_an_entry_without_data_says_so() -> None:
    scene = made.scene(rows=())
    grant = made.agreed_grant(scene)
    with pytest.raises(WrongState, match="还没有汇聚"):
        read(scene, grant)


def test_a_grant_on_another_entry_does_not_read_this_one(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    with pytest.raises(RuleBroken, match="不一致"):
        read(scene, grant, entry=CatalogEntry(pk=scene.entry.pk + 999))


def test_a_condition_whose_item_is_gone_refuses_without_naming_it(scene: made.Scene) -> None:
    # given a grant cut by the opening date, and a new revision of the catalogue without that item
    condition = {"code": "opened", "operator": "ge", "value": "2018-01-01"}
    grant = made.agreed_grant(scene, row_condition=[condition])
    revised_entry(scene.entry, items=ITEMS[:3], at=made.later(2))
    gather(scene.entry, [{name: row[name] for name in ("线路编号", "线路名称", "长度")} for row in ROWS])

    # then nothing is read, rather than every row, and the hidden item is not named
    with pytest.raises(WrongState, match="不适用") as refused:
        read(scene, grant)
    assert "opened" not in refused.value.message
    assert "开通日期" not in refused.value.message


# --- taking ------------------------------------------------------------------------------------------


def test_unconditional_data_is_read_whole_under_a_declared_duty() -> None:
    scene = made.scene(sharing_type="unconditional")
    taking = made.taking(scene)
    page = read(scene, taking)
    assert page.codes == ("route", "name", "length", "opened")
    assert opened()[0].purpose == taking.purpose


def test_a_taking_ends_when_the_entry_becomes_conditional() -> None:
    scene = made.scene(sharing_type="unconditional")
    taking = made.taking(scene)
    revised_entry(scene.entry, sharing_type="conditional", sharing_condition="限应急使用。", at=made.later(2))
    with pytest.raises(NotAllowed, match="不再无条件共享"):
        read(scene, taking)


def test_another_agencys_taking_reads_nothing() -> None:
    scene = made.scene(sharing_type="unconditional")
    taking = made.taking(scene)
    with pytest.raises(NotSeen):
        read(scene, taking, by=scene.outsider)


# --- limits ------------------------------------------------------------------------------------------


def test_the_call_beyond_the_minutes_limit_waits_for_the_next_minute(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=services.Limits(calls_per_minute=2))
    for _call in range(2):
        read(scene, grant)

    # when a third call comes within the minute
    with pytest.raises(LimitReached) as refused:
        read(scene, grant, at=made.later(3).replace(second=40))

    # then it is told when to come again, and the next minute lets it in
    assert refused.value.retry_after == 20
    assert read(scene, grant, at=made.later(3).replace(minute=1)).total == 3


def test_a_full_minute_stands_in_the_log_once_however_many_calls_it_refuses(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=services.Limits(calls_per_minute=2))
    for minute in (0, 1):
        for second in range(5):
            with suppress(LimitReached):
                read(scene, grant, at=made.later(3).replace(minute=minute, second=second))
    ends = [row for row in Access.objects.order_by("pk") if row.phase == "closed"]
    full = "未读取：每分钟最多读取 2 次，本分钟已经用完"
    assert [(row.rows, row.outcome) for row in ends] == [(3, "完成"), (3, "完成"), (0, full)] * 2
    # and it counts for nothing
    assert ReadingUse.objects.get().calls == 2


def test_an_export_that_a_full_minute_refuses_stands_in_the_log_too(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=services.Limits(calls_per_minute=1))
    read(scene, grant)
    for _call in range(2):
        with pytest.raises(LimitReached):
            take(scene, grant, "csv")
    kinds = [row.query["kind"] for row in Access.objects.order_by("pk") if row.phase == "opened"]
    assert kinds == ["page", "csv"]


def test_what_a_minute_refuses_asks_nothing_more_once_it_stands_in_the_log(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=services.Limits(calls_per_minute=1))
    read(scene, grant)
    costs = []
    for _call in range(3):
        with CaptureQueriesContext(connection) as asked, pytest.raises(LimitReached):
            read(scene, grant)
        costs.append(len(asked))
    assert costs[1] == costs[2] < costs[0]


def test_rows_beyond_the_days_limit_do_not_leave(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=services.Limits(rows_per_day=4))
    read(scene, grant)

    with pytest.raises(LimitReached, match="每天最多读取 4 行"):
        read(scene, grant)

    assert [row.rows for row in closed()] == [3, 0]
    # what still fits is read, and the next day begins anew
    assert len(read(scene, grant, limit=1).rows) == 1
    assert len(read(scene, grant, at=made.later(4)).rows) == 3


def test_an_export_that_the_day_cannot_finish_is_not_begun(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=services.Limits(rows_per_day=2))
    with pytest.raises(RuleBroken, match="本次导出的行数超过这一授权今天还可读取的 2 行"):
        take(scene, grant, "csv")
    # a narrower one is
    narrowed = take(scene, grant, "csv", filters=[Filter("route", "eq", "001")])
    assert b"".join(narrowed).decode().count("\n") == 2


def test_rows_are_not_counted_out_where_none_leaves(scene: made.Scene) -> None:
    # given a grant of two rows a day, and a question that one row answers
    grant = made.agreed_grant(scene, limits=services.Limits(rows_per_day=2))
    mine = {"filters": [Filter("route", "eq", "001")]}

    # when somebody asks for a page behind the last
    refusals = []
    for filters in (mine, {"filters": [Filter("route", "eq", "none")]}):
        with pytest.raises(RuleBroken, match="没有这一页") as refused:
            read(scene, grant, offset=1, **filters)
        refusals.append(refused.value.message)

    # then it is not told whether there are rows, and the log has it
    assert refusals[0] == refusals[1]
    assert [row.outcome for row in closed()] == ["未读取：rule_broken"] * 2
    assert read(scene, grant, limit=1, **mine).total == 1

    # and once the day is used up, nobody learns of further rows by what is refused
    read(scene, grant, limit=1)
    for filters in (mine, {"filters": [Filter("route", "eq", "none")]}):
        with pytest.raises(LimitReached):
            read(scene, grant, **filters)
        with pytest.raises(RuleBroken, match="超过这一授权今天还可读取的 0 行"):
            take(scene, grant, "csv", **filters)
    assert {row.rows for row in closed()[-4:]} == {0}


# --- the log -----------------------------------------------------------------------------------------


def forbid_logging(phase: str) -> None:
    """The database refuses new rows of the log, as a full disk does."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION no_log() RETURNS trigger AS "
                "$$ BEGIN RAISE EXCEPTION 'disk full'; END $$ LANGUAGE plpgsql"
            )
            cursor.execute(
                "CREATE TRIGGER no_log BEFORE INSERT ON ledger_access FOR EACH ROW "
                f"WHEN (NEW.phase = '{phase}') EXECUTE FUNCTION no_log()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER no_log BEFORE INSERT ON ledger_access "
                f"WHEN NEW.phase = '{phase}' BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )


@pytest.mark.parametrize("phase", ["opened", "closed"])
def test_where_the_log_cannot_be_written_nothing_is_read(scene: made.Scene, phase: str) -> None:
    grant = made.agreed_grant(scene)
    forbid_logging(phase)
    with pytest.raises(Unavailable, match="没有提供任何一行") as refused:
        read(scene, grant)
    assert refused.value.status == 503
    # and neither is counted
    assert not Access.objects.exists()
    assert not ReadingUse.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_where_its_beginning_cannot_be_written_no_file_is_begun(scene: made.Scene, kind: str) -> None:
    grant = made.agreed_grant(scene)
    forbid_logging("opened")
    with pytest.raises(Unavailable, match="没有提供任何一行"):
        take(scene, grant, kind)


def test_a_page_that_fails_on_the_way_stands_in_the_log_without_a_row(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    for file in scene.entry.table.glob("*.parquet"):
        file.write_bytes(b"")
    shutil.rmtree(scene.entry.table.parent / "views", ignore_errors=True)
    with pytest.raises(Exception, match="parquet"):
        read(scene, grant)
    assert [(row.rows, row.outcome) for row in closed()] == [(0, "未读取：failed")]


def test_the_log_keeps_identifying_filter_values_only_as_a_keyed_hash(scene: made.Scene) -> None:
    # given an item that identifies
    items = [item if item.code != "name" else type(item)(**(vars(item) | {"sensitivity": "direct"})) for item in ITEMS]
    revised_entry(scene.entry, items=items, at=made.later(1))
    grant = made.agreed_grant(scene)

    # when
    asked = [Filter("name", "eq", "花果园专线"), Filter("route", "eq", "002")]
    assert read(scene, grant, filters=asked).total == 1

    # then
    name, route = opened()[0].query["filters"]
    assert "value" not in name
    assert len(name["value_index"][0]) == 64
    assert route["value"] == "002"
