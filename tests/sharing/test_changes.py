"""What changed since a version, by grant or taking: the right, the log, the limits (第十五条、第十七条)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog import services as catalog
from catalog.models import CatalogEntry
from guiyang_data.errors import LimitReached, NotAllowed, NotSeen, RuleBroken
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import subject_of
from guiyang_data.tables import changes
from guiyang_data.tables.query import Filter
from sharing import services
from sharing.changes import ChangePage, ChangeReading, ReadChanges, TakeWholeAgain, open_changes, read_changes
from tests.factories import sharing as made
from tests.factories.accounts import bearer, system
from tests.factories.catalog import ITEMS, ROWS, gather, revised_entry, steward_of
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SECOND = (
    ROWS[0] | {"长度": "13"},
    ROWS[1] | {"开通日期": "2019-01-01"},
    {"线路编号": "011", "线路名称": "空港专线", "长度": "31", "开通日期": "2026-11-01"},
)
PURPOSE = {"HTTP_SHARING_PURPOSE": quote("核对应急转运路线")}


def read(scene: made.Scene, access: Any, since: str = "1", **arguments: Any) -> ChangePage:
    """Changes read by the requester's steward."""
    return asked(scene, access, since, **arguments).page


def asked(scene: made.Scene, access: Any, since: str = "1", **arguments: Any) -> ReadChanges:
    values = {"by": scene.asker, "access": access, "since": since, "at": made.later(5)}
    return read_changes(**(values | arguments))


def take(scene: made.Scene, access: Any, kind: str) -> ChangeReading:
    """All of them, as a file."""
    return open_changes(by=scene.asker, access=access, since="1", at=made.later(5), kind=kind)


def kinds(page: ChangePage) -> list[tuple[str, Any]]:
    return [(change.kind, change.row[0]) for change in page.changes]


def second_version(scene: made.Scene, mode: str = "replace") -> CatalogEntry:
    """Rows 001 (length) and 002 (day of opening) changed, 011 new; 010 gone where the whole is replaced."""
    gather(scene.entry, SECOND, at=made.later(4), mode=mode)
    scene.entry.refresh_from_db()
    return scene.entry


def logged() -> list[tuple[str, int | None, str]]:
    return list(Access.objects.order_by("pk").values_list("phase", "rows", "outcome"))


_kept, scene = kept(made.scene)


@pytest.fixture
def grant(scene: made.Scene) -> Any:
    """For route, name and length; not for the day of opening."""
    return made.agreed_grant(scene)


@pytest.mark.parametrize(("mode", "gone"), [("replace", [("delete", "010")]), ("upsert", [])])
def test_a_grant_tells_the_net_changes_of_its_items(scene: made.Scene, grant: Any, mode: str, gone: list[Any]) -> None:
    second_version(scene, mode)
    # the change of 002 lies in an item that the grant does not show
    assert kinds(read(scene, grant)) == [("update", "001"), *gone, ("insert", "011")]
    assert kinds(read(scene, grant, since="2")) == []


def test_a_taking_tells_every_item() -> None:
    scene = made.scene(sharing_type="unconditional")
    taking = made.taking(scene)
    second_version(scene)
    page = read(scene, taking, with_before=True)
    assert [change.kind for change in page.changes] == ["update", "update", "delete", "insert"]
    assert page.changes[1].before is not None
    assert (page.counts.inserted, page.counts.updated, page.counts.deleted) == (1, 2, 1)


def test_a_restored_version_gives_the_way_back(scene: made.Scene, grant: Any) -> None:
    second_version(scene)
    catalog.restore_data(
        entry_id=scene.entry.pk, number=1, by=steward_of(scene.provider), at=made.later(5), reasons="第2版有误"
    )
    assert kinds(read(scene, grant, since="2")) == [("update", "001"), ("insert", "010"), ("delete", "011")]
    assert kinds(read(scene, grant, since="1")) == []


def test_a_row_condition_on_a_hidden_item_makes_rows_enter_and_leave(scene: made.Scene) -> None:
    limited = {"code": "opened", "operator": "ge", "value": "2018-12-01"}
    grant = made.standing_grant(scene, row_condition=[limited])
    second_version(scene)
    # 002 enters by its day, 010 goes, 011 comes; 001 was never within
    assert kinds(read(scene, grant)) == [("insert", "002"), ("delete", "010"), ("insert", "011")]


def test_without_the_key_among_its_items_a_grant_tells_rows_that_go_and_come(scene: made.Scene) -> None:
    grant = made.standing_grant(scene, items=["name", "length"])
    second_version(scene)
    page = read(scene, grant)
    assert not page.is_keyed
    assert [change.kind for change in page.changes] == ["delete", "delete", "insert", "insert"]


def test_a_reading_of_changes_is_logged_before_and_after(scene: made.Scene, grant: Any) -> None:
    second_version(scene)
    read(scene, grant, purpose="核对路线", filters=[Filter("route", "ge", "005")])
    start, end = Access.objects.order_by("pk")
    assert (start.grant, start.version, start.purpose) == (subject_of(grant), 2, "核对路线")
    assert (start.query["kind"], start.query["since"]) == ("diff-page", 1)
    assert (end.reading, end.rows, end.outcome) == (start.reading, 2, "完成")


@pytest.mark.parametrize("wish", [{"items": ["{}"]}, {"filters": [Filter("{}", "eq", "2020-01-02")]}])
def test_a_hidden_item_is_answered_like_one_that_does_not_exist(
    scene: made.Scene, grant: Any, wish: dict[str, Any]
) -> None:
    second_version(scene)

    def answer(code: str) -> tuple[type, str]:
        asked = {
            name: [Filter(code, one.operator, one.value) if isinstance(one, Filter) else code for one in values]
            for name, values in wish.items()
        }
        with pytest.raises(RuleBroken) as refused:
            read(scene, grant, **asked)
        return type(refused.value), refused.value.message.replace(code, "?")

    assert answer("opened") == answer("nothing")
    assert {rows for phase, rows, _outcome in logged() if phase == "closed"} == {0}


# --- from which version ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "since",
    [
        "",
        " ",
        "-1",
        "0",
        "3",
        "99999999999999999999",
        "1" * 5000,
        "\uff11",
        "²",
        "1.0",
        "1;DROP TABLE x",
        "' OR 1=1",
        "abc",
    ],
)
def test_a_number_of_no_version_is_refused_before_anything_is_logged(scene: made.Scene, grant: Any, since: str) -> None:
    second_version(scene)
    with pytest.raises(RuleBroken) as refused:
        read(scene, grant, since=since)
    assert set(refused.value.fields) == {"since"}
    assert len(refused.value.message) < 120
    assert logged() == []


def test_what_the_agency_never_had_is_not_told(scene: made.Scene) -> None:
    # given two versions before the grant
    gather(scene.entry, SECOND, at=made.AT)
    grant = made.standing_grant(scene, at=made.later(1))
    gather(scene.entry, ROWS, at=made.later(4))

    # then what was removed before the grant stays unseen
    with pytest.raises(TakeWholeAgain, match="早于本机关取得这项数据的时间"):
        read(scene, grant, since="1")
    assert kinds(read(scene, grant, since="2")) == [("insert", "010"), ("delete", "011")]


def test_where_items_changed_the_whole_is_to_be_taken_again(scene: made.Scene) -> None:
    wide = made.agreed_grant(scene)
    narrow = made.standing_grant(scene)
    # when the length becomes text
    text = [item if item.code != "length" else replace(item, data_type="C") for item in ITEMS]
    revised_entry(scene.entry, at=made.later(2), items=text)
    second_version(scene)
    with pytest.raises(TakeWholeAgain, match="信息项有调整"):
        read(scene, wide)
    # then a grant that does not show it is not touched by it
    assert kinds(read(scene, narrow)) == [("delete", "010"), ("insert", "011")]


def test_where_rows_are_not_kept_the_whole_is_to_be_taken_again(scene: made.Scene, grant: Any) -> None:
    old = set(scene.entry.table.glob("*.parquet"))
    second_version(scene)
    for file in old:
        file.unlink()
    with pytest.raises(TakeWholeAgain, match="不再完整保存"):
        read(scene, grant)
    assert logged()[-1] == ("closed", 0, "未读取：take_whole_again")


# --- whose right, and how much -----------------------------------------------------------------------


def test_another_agencys_grant_is_not_there_and_supervision_reads_no_rows(scene: made.Scene, grant: Any) -> None:
    second_version(scene)
    with pytest.raises(NotSeen):
        read(scene, grant, by=scene.outsider)
    with pytest.raises(NotAllowed):
        read(scene, grant, by=scene.coordinator)


def test_the_limits_of_the_grant_hold(scene: made.Scene) -> None:
    few = made.agreed_grant(scene, limits=services.Limits(rows_per_day=4, calls_per_minute=3))
    second_version(scene)
    read(scene, few)
    with pytest.raises(LimitReached, match="每天"):
        read(scene, few)
    with pytest.raises(RuleBroken, match="超过这一授权今天还可读取的"):
        take(scene, few, "csv").stream()
    with pytest.raises(LimitReached, match="每分钟"):
        read(scene, few)
    assert [rows for phase, rows, _outcome in logged() if phase == "closed"] == [3, 0, 0, 0]


def test_a_running_export_of_changes_stops_when_the_grant_is_suspended(
    scene: made.Scene, grant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "BATCH", 20_000)
    many = [{"线路编号": f"{n:06d}", "线路名称": f"线路{n}", "长度": "1", "开通日期": ""} for n in range(45_000)]
    gather(scene.entry, many, at=made.later(4))
    stream = take(scene, grant, "csv").stream()
    next(stream)
    services.suspend_grant(grant_id=grant.pk, by=scene.approver, at=made.later(5), reasons="疑似超范围使用")
    with pytest.raises(NotAllowed, match="暂停"):
        list(stream)
    assert logged()[-1][2].startswith("中止：这一授权已经暂停")


def test_an_export_that_is_never_begun_gives_everything_up(scene: made.Scene, grant: Any) -> None:
    second_version(scene)
    reading = take(scene, grant, "json")
    reading.stream().close()
    assert logged()[-1] == ("closed", 0, "没有传完：接收方中断")
    assert reading.changes is not None
    assert not Path(reading.changes.folder).exists()


# --- over REST ---------------------------------------------------------------------------------------


@pytest.fixture
def _on_the_fifth_day() -> Iterator[None]:
    shift = int((made.later(5) - timezone.now()).total_seconds())
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(shift), encoding="ascii")
    yield
    path.unlink()


@pytest.mark.usefixtures("_on_the_fifth_day")
class TestOverRest:
    """Systems with tokens."""

    def get(self, scene: made.Scene, path: str, **headers: str) -> Any:
        token = bearer(system(scene.requester))
        return Client().get(f"/api/v1/sharing/{path}", **token, **(PURPOSE | headers))

    def test_pages_say_from_where_to_where_and_what_to_ask_from_next(self, scene: made.Scene, grant: Any) -> None:
        second_version(scene)
        answer = self.get(scene, f"grants/{grant.pk}/changes/?since=1&before=true&page_size=2").json()
        assert (answer["since"], answer["version"], answer["count"]) == (1, 2, 3)
        assert (answer["inserted"], answer["updated"], answer["deleted"], answer["keyed"]) == (1, 1, 1, True)
        assert answer["results"][0] == {
            "change": "update",
            "row": {"route": "001", "name": "火车站环线", "length": 13},
            "before": {"route": "001", "name": "火车站环线", "length": 12.5},
        }
        assert answer["results"][1]["before"] is None
        last = self.get(scene, f"grants/{grant.pk}/changes/?since=1&until=2&page_size=2&page=2").json()
        assert [(one["change"], one["row"]["route"]) for one in last["results"]] == [("insert", "011")]
        nothing = self.get(scene, f"grants/{grant.pk}/changes/?since={answer['version']}").json()
        assert (nothing["count"], nothing["results"]) == (0, [])

    def test_a_newer_version_between_two_pages_is_said(self, scene: made.Scene, grant: Any) -> None:
        second_version(scene)
        gather(scene.entry, ROWS, at=made.later(4))
        answer = self.get(scene, f"grants/{grant.pk}/changes/?since=1&until=2&page=2")
        assert (answer.status_code, answer.json()["code"]) == (409, "moved_on")
        assert self.get(scene, f"grants/{grant.pk}/changes/?since=1&until=9").status_code == 422

    def test_files_carry_the_versions_in_their_headers(self, scene: made.Scene, grant: Any) -> None:
        second_version(scene)
        answer = self.get(scene, f"grants/{grant.pk}/changes.csv?since=1&fields=route,length")
        lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
        assert lines == [
            ["变化", "线路编号", "长度"],
            ["update", "001", "13"],
            ["delete", "010", "21.3"],
            ["insert", "011", "31"],
        ]
        assert (answer["Sharing-Since"], answer["Sharing-Version"]) == ("1", "2")
        answer = self.get(scene, f"grants/{grant.pk}/changes.json?since=1&filter=route:eq:010")
        rows = json.loads(b"".join(answer.streaming_content))
        assert rows == [{"change": "delete", "row": {"route": "010", "name": "观山湖快线", "length": 21.3}}]

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ("", 422, "rule_broken"),
            ("?since=99", 422, "rule_broken"),
            ("?since=1&fields=opened", 422, "unknown_column"),
            ("?since=1&filter=opened:eq:1", 422, "unknown_column"),
            ("?since=1&filter=route", 422, "rule_broken"),
            ("?since=1&filter=length:eq:1 OR 1=1", 422, "bad_filter"),
        ],
    )
    def test_refusals(self, scene: made.Scene, grant: Any, query: str, status: int, code: str) -> None:
        second_version(scene)
        answer = self.get(scene, f"grants/{grant.pk}/changes/{query}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_an_entry_is_read_only_through_a_right_to_it(self, scene: made.Scene, grant: Any) -> None:
        other = made.scene_of(scene, title="公交站点", sharing_type="unconditional")
        second_version(scene)
        path = f"entries/{other.entry.resource_code}"
        for what in ("changes/?since=1", "changes.csv?since=1", "rows/"):
            answer = self.get(scene, f"{path}/{what}", HTTP_SHARING_GRANT=str(grant.pk))
            assert answer.status_code == 422
        made.taking(other)
        second_version(other)
        answer = self.get(scene, f"{path}/changes/?since=1").json()
        assert answer["count"] == 4
        assert self.get(scene, f"grants/{10**30}/changes/?since=1").status_code == 404


@pytest.mark.usefixtures("_on_the_fifth_day")
class TestPages:
    """The same on a page."""

    def get(self, scene: made.Scene, path: str) -> Any:
        client = Client()
        client.force_login(scene.asker)
        return client.get(f"/desk/sharing/{path}")

    def test_the_page_shows_what_changed_since_the_version_before(self, scene: made.Scene, grant: Any) -> None:
        second_version(scene)
        answer = self.get(scene, f"grants/{grant.pk}/changes/")
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "第 1 版至第 2 版" in page
        assert "13（原：12.5）" in page
        assert "订阅变化" in page
        assert "2019-01-01" not in page
        name = f"grants/{grant.pk}/changes.excel.csv?since=1"
        sheet = b"".join(self.get(scene, name).streaming_content).decode("utf-8-sig")
        assert sheet.splitlines()[1].startswith('"修改后","001"')

    def test_before_there_is_a_second_version_the_page_says_so_and_logs_nothing(
        self, scene: made.Scene, grant: Any
    ) -> None:
        answer = self.get(scene, f"grants/{grant.pk}/changes/")
        assert "还没有更新的版本" in answer.content.decode()
        assert logged() == []

    @pytest.mark.parametrize(("since", "status"), [("7", 422), ("<script>", 422), ("-1", 422)])
    def test_a_wrong_version_is_said_on_the_page(self, scene: made.Scene, grant: Any, since: str, status: int) -> None:
        second_version(scene)
        answer = self.get(scene, f"grants/{grant.pk}/changes/?since={quote(since)}")
        assert answer.status_code == status
        assert 'role="alert"' in answer.content.decode()

    def test_where_the_whole_is_to_be_taken_again_the_page_leads_there(self, scene: made.Scene) -> None:
        gather(scene.entry, SECOND, at=made.AT)
        grant = made.standing_grant(scene, at=made.later(1))
        answer = self.get(scene, f"grants/{grant.pk}/changes/?since=1")
        assert answer.status_code == 409
        assert 'href="../data/"' in answer.content.decode()


@pytest.mark.parametrize(
    ("ways", "page", "file"),
    [
        ([], True, True),
        (["query"], True, False),
        (["download"], False, True),
        (["subscribe"], True, True),
        (["verify"], False, False),
    ],
)
def test_changes_come_by_the_ways_of_the_grant_alone(
    scene: made.Scene, ways: list[str], page: bool, file: bool
) -> None:
    grant = made.agreed_grant(scene, ways=ways)
    second_version(scene)
    asks: list[tuple[Callable[[], ReadChanges | ChangeReading], bool]] = [
        (lambda: asked(scene, grant), page),
        (lambda: take(scene, grant, "csv"), file),
    ]
    for ask, given in asks:
        if given:
            assert ask().right.grant == grant
        else:
            with pytest.raises(NotAllowed):
                ask()


def test_pages_offer_no_file_that_the_grant_does_not_give(scene: made.Scene) -> None:
    second_version(scene)
    member = Client()
    member.force_login(scene.asker, backend="allauth.account.auth_backends.AuthenticationBackend")
    for ways, offered in (["query"], False), (["query", "download"], True):
        grant = made.agreed_grant(scene, ways=ways)
        for page in ("data", "changes"):
            address = reverse(f"sharing:grant-{page}", args=[grant.pk])
            assert (".csv" in member.get(address, {"since": 1}).content.decode()) is offered, (ways, page)
