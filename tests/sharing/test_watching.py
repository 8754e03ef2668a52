"""Unusual use is flagged from real readings, once; ordinary use is not (第十七条)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger import sealing
from guiyang_data.ledger.models import Access, Event
from guiyang_data.notices.models import Notice
from guiyang_data.tables.query import Filter
from sharing import services
from sharing.models import LookupDay, SharingGrant, UsageDay, UsageFlag
from sharing.reading import open_reading, read_page
from sharing.watching import bitmap
from sharing.watching.counting import keys_of
from sharing.watching.services import explain_flag, set_watch_rule, suspend_on_flag, watch
from tests.factories import sharing as made
from tests.factories.accounts import staff, system
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MANY = tuple(
    {"线路编号": f"{number:05}", "线路名称": f"线路{number}", "长度": "1", "开通日期": "2020-01-02"}
    for number in range(600)
)
SECOND = dt.timedelta(seconds=1)
LIMITS = services.Limits(calls_per_minute=10_000)


@pytest.fixture(autouse=True)
def _seals(settings: Any, tmp_path: Path) -> None:
    settings.SEAL_DIR = tmp_path


_kept, scene = kept(lambda: made.scene(rows=MANY))


def at(day: int, hour: int = 10, minute: int = 0) -> dt.datetime:
    return made.later(day, hour=hour).replace(minute=minute)


def read(scene: made.Scene, grant: SharingGrant, moment: dt.datetime, *, key: str = "", limit: int = 1) -> None:
    filters = [Filter("route", "eq", key)] if key else []
    read_page(by=scene.asker, entry=scene.entry, access=grant, at=moment, filters=filters, limit=limit)


def watched(moment: dt.datetime) -> list[UsageFlag]:
    sealing.seal(at=moment)
    watch(at=moment)
    return list(UsageFlag.objects.order_by("kind"))


def test_ordinary_use_raises_no_flag(scene: made.Scene) -> None:
    # given a week of paging through the data by day, and a few lookups for cases
    grant = made.agreed_grant(scene, limits=LIMITS)
    for day in (2, 3, 4, 7, 8, 9):
        for page in range(12):
            read(scene, grant, at(day, minute=page), limit=50)
        for key in ("00003", "00411", "00002"):
            read(scene, grant, at(day, hour=11), key=key)
    # then
    assert watched(at(9, hour=12)) == []
    assert sum(day.calls for day in UsageDay.objects.all()) == 6 * 15
    assert {day.rows for day in UsageDay.objects.all()} == {603}


def test_reading_at_night_unlike_before_is_flagged_once_and_told_to_provider_and_authority(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=LIMITS)
    supervisor = staff(scene.city.authority, Role.SUPERVISOR)
    for minute in range(30):
        read(scene, grant, at(2, hour=23, minute=minute))
    # when swept twice, and after more of the same
    (flag,) = watched(at(2, hour=23, minute=50))
    watched(at(2, hour=23, minute=51))
    read(scene, grant, at(2, hour=23, minute=55))
    watched(at(2, hour=23, minute=58))
    # then
    assert UsageFlag.objects.count() == 1
    assert (flag.kind, flag.day, flag.seen["calls_outside"]) == ("hour", at(2).date(), 30)
    assert flag.seen["series"][23] == 30
    told = Notice.objects.filter(title__startswith="数据使用异常（时段异常）")
    assert {scene.steward.pk, scene.approver.pk, supervisor.pk} <= {notice.recipient_id for notice in told}
    assert not told.filter(recipient__in=[scene.asker, scene.outsider]).exists()
    # and what it always does at night is usual from then on
    for minute in range(30):
        read(scene, grant, at(3, hour=23, minute=minute))
    watched(at(3, hour=23, minute=40))
    assert UsageFlag.objects.count() == 1


def test_a_weekend_counts_as_outside_hours(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=LIMITS)
    for minute in range(30):
        read(scene, grant, at(5, minute=minute))  # a Saturday
    (flag,) = watched(at(5, hour=12))
    assert flag.seen["resting"] is True


def test_many_times_the_rows_of_before_and_nearly_the_days_limit_are_flagged(scene: made.Scene) -> None:
    limits = services.Limits(rows_per_day=2000, calls_per_minute=10_000)
    grant = made.agreed_grant(scene, limits=limits)
    for day in (2, 3, 4, 7, 8):
        read(scene, grant, at(day), limit=100)
    assert watched(at(8, hour=12)) == []
    # when ten times as much is read, in two sweeps
    read(scene, grant, at(9), limit=600)
    assert watched(at(9, hour=11)) == []
    read(scene, grant, at(9, hour=13), limit=600)
    (flag,) = watched(at(9, hour=14))
    # then
    assert (flag.kind, flag.seen["rows"], flag.seen["average_before"]) == ("volume", 1200, 100.0)
    assert flag.seen["series"] == [100, 100, 100, 100, 100, 1200]
    assert flag.seen["near_limit"] is False
    # nearly all of the limit on another day
    for hour in (8, 9, 10, 11):
        read(scene, grant, at(10, hour=hour), limit=450)
    watched(at(10, hour=12))
    assert UsageFlag.objects.get(day=at(10).date()).seen["near_limit"] is True


def test_walking_key_by_key_is_flagged_by_its_rising_keys(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=LIMITS)
    for number in range(0, 600, 3):
        read(scene, grant, at(2) + number * SECOND, key=f"{number:05}")
    (flag,) = watched(at(2, hour=13))
    assert flag.kind == "walking"
    assert (flag.seen["lookups"], flag.seen["climbs"]) == (200, True)
    assert flag.seen["rising"] > 85
    assert LookupDay.objects.get().lookups == 200


def test_walking_in_any_order_over_much_of_the_data_is_flagged_too(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=LIMITS)
    for number in range(240):
        # by whichever way a single row is taken
        key, moment = f"{number * 37 % 600:05}", at(2) + number * SECOND
        values: dict[str, Any] = {"by": scene.asker, "entry": scene.entry, "access": grant, "at": moment}
        if number % 3:
            read_page(**values, filters=[Filter("route", "in", [key])])
        else:
            b"".join(open_reading(**values, kind="csv", filters=[Filter("route", "eq", key)]).stream())
    (flag,) = watched(at(2, hour=13))
    assert (flag.kind, flag.seen["covers"]) == ("walking", True)
    assert flag.seen["share"] == pytest.approx(40, abs=1)
    # and a list of subjects that are verified is as many of them
    listed = Access(phase=Access.Phase.OPENED, query={"kind": "verify", "subject_index": ["one", "other"]})
    assert keys_of(listed) == [("one", False), ("other", False)]


def test_the_same_few_subjects_again_and_again_are_no_walk(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=LIMITS)
    for number in range(220):
        read(scene, grant, at(2) + number * SECOND, key=f"{number % 7 * 5:05}")
    # seven keys that come round rise six times of seven
    assert watched(at(2, hour=13)) == []


def test_the_log_is_read_once_and_a_sweep_costs_the_same_however_long_it_is(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene, limits=LIMITS)

    def cost(day: int, calls: int) -> tuple[int, int]:
        for minute in range(calls):
            read(scene, grant, at(day, minute=minute % 60))
        sealing.seal(at=at(day, hour=12))
        with CaptureQueriesContext(connection) as captured:
            counted = watch(at=at(day, hour=12))
        return len(captured), counted

    first, few = cost(3, 4)
    later, many = cost(4, 25)
    assert (few, many) == (8, 50)
    assert later <= first + 1
    assert watch(at=at(4, hour=13)) == 0
    assert sum(UsageDay.objects.values_list("calls", flat=True)) == Access.objects.count() // 2


# --- deciding ----------------------------------------------------------------------------------------


@pytest.fixture
def flag(scene: made.Scene) -> UsageFlag:
    grant = made.agreed_grant(scene, limits=LIMITS)
    for minute in range(30):
        read(scene, grant, at(2, hour=23, minute=minute))
    return watched(at(2, hour=23, minute=50))[0]


def test_the_provider_settles_a_flag_with_what_it_found_out(flag: UsageFlag, scene: made.Scene) -> None:
    with pytest.raises(RuleBroken):
        explain_flag(flag_id=flag.pk, by=scene.steward, at=at(3), reasons=" ")
    settled = explain_flag(flag_id=flag.pk, by=scene.steward, at=at(3), reasons="需求机关当晚应急演练，已电话核实。")
    assert (settled.status, settled.decided_by) == ("explained", scene.steward)
    assert Event.objects.filter(verb="explain-flag", subject=f"sharing.usageflag:{flag.pk}").count() == 1
    with pytest.raises(WrongState):
        explain_flag(flag_id=flag.pk, by=scene.approver, at=at(3), reasons="再次")


@pytest.mark.parametrize("who", ["provider", "authority"])
def test_provider_and_authority_may_suspend_on_it_and_then_nothing_is_read(
    flag: UsageFlag, scene: made.Scene, who: str
) -> None:
    by = scene.steward if who == "provider" else staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY)
    suspend_on_flag(flag_id=flag.pk, by=by, at=at(3), reasons="夜间大量读取，用途不明，先行暂停核查。")
    assert UsageFlag.objects.get().status == "suspended"
    assert SharingGrant.objects.get(pk=flag.grant_id).status == "suspended"
    with pytest.raises(NotAllowed, match="已经暂停"):
        read(scene, flag.grant, at(3, hour=11))


def test_without_an_open_flag_the_authority_does_not_stop_a_providers_grant(flag: UsageFlag, scene: made.Scene) -> None:
    officer = staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY)
    explain_flag(flag_id=flag.pk, by=officer, at=at(3), reasons="已核实。")
    with pytest.raises(NotAllowed):
        services.suspend_grant(grant_id=flag.grant_id, by=officer, at=at(3), reasons="再看看")


def test_nobody_else_decides(flag: UsageFlag, scene: made.Scene) -> None:
    for by in (scene.asker, scene.outsider, staff(scene.provider, Role.AUDIT_ADMIN), system(scene.provider).user):
        for act in (explain_flag, suspend_on_flag):
            with pytest.raises(NotAllowed):
                act(flag_id=flag.pk, by=by, at=at(3), reasons="理由")
    assert UsageFlag.objects.get().status == "open"


def test_the_authority_sets_the_thresholds_and_the_next_sweep_uses_them(scene: made.Scene) -> None:
    officer = staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY)
    values = {"night_from": 22, "night_until": 6, "least_calls": 2, "times_before": 3}
    for by in (scene.steward, scene.coordinator):
        with pytest.raises(NotAllowed):
            set_watch_rule(kind="hour", by=by, at=at(1), thresholds=values, reasons="试运行")
    with pytest.raises(RuleBroken) as refused:
        set_watch_rule(kind="hour", by=officer, at=at(1), thresholds=values | {"night_from": 3}, reasons="试运行")
    assert set(refused.value.fields) == {"night_from"}
    set_watch_rule(kind="hour", by=officer, at=at(1), thresholds=values, reasons="近期有夜间爬取，从严。")
    # when
    grant = made.agreed_grant(scene, limits=LIMITS)
    for minute in range(2):
        read(scene, grant, at(2, hour=23, minute=minute))
    (flag,) = watched(at(2, hour=23, minute=50))
    assert flag.seen["thresholds"] == values


@pytest.mark.parametrize("number", [1, 200, 5000, 200_000])
def test_the_bitmap_knows_how_many_different_keys_there_were(number: int) -> None:
    keys = [f"{key:07}" for key in range(number)]
    seen = bitmap.with_keys(bitmap.with_keys(b"", keys), keys[: number // 2])
    assert bitmap.different(seen) == pytest.approx(number, rel=0.02, abs=1)
