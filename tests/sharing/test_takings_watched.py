"""What is taken without condition is watched as grants are, and told later on the same terms (第十七条)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.utils import timezone

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, WrongState
from guiyang_data.ledger import sealing
from guiyang_data.ledger.models import Access, Event
from guiyang_data.notices.models import Notice
from guiyang_data.tables.query import Filter
from sharing.models import Deferral, Taking, UsageFlag
from sharing.reading import read_page
from sharing.tracing.telling import kept_back, lines, traces_of
from sharing.watching.services import question_on_flag, suspend_on_flag, watch
from tests.factories import persons
from tests.factories import sharing as made
from tests.factories.accounts import bearer, staff, system
from tests.factories.persons import ANNA

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MANY = tuple(
    {"线路编号": f"{number:05}", "线路名称": f"线路{number}", "长度": "1", "开通日期": "2020-01-02"}
    for number in range(600)
)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _seals(settings: Any, tmp_path: Path) -> None:
    settings.SEAL_DIR = tmp_path


@pytest.fixture
def scene() -> made.Scene:
    return made.scene(rows=MANY, sharing_type="unconditional")


@pytest.fixture
def taking(scene: made.Scene) -> Taking:
    return made.taking(scene)


def at(day: int, hour: int = 10, minute: int = 0) -> dt.datetime:
    return made.later(day, hour=hour).replace(minute=minute)


def read(scene: made.Scene, taking: Taking, moment: dt.datetime, *, key: str = "", limit: int = 1) -> None:
    filters = [Filter("route", "eq", key)] if key else []
    read_page(by=scene.asker, entry=scene.entry, access=taking, at=moment, filters=filters, limit=limit)


def watched(moment: dt.datetime) -> list[UsageFlag]:
    sealing.seal(at=moment)
    watch(at=moment)
    return list(UsageFlag.objects.order_by("day", "kind"))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestFlags:
    def test_reading_at_night_is_flagged_once_and_told_to_provider_and_authority(
        self, scene: made.Scene, taking: Taking
    ) -> None:
        supervisor = staff(scene.city.authority, Role.SUPERVISOR)
        for minute in range(30):
            read(scene, taking, at(2, hour=23, minute=minute))
        (flag,) = watched(at(2, hour=23, minute=50))
        read(scene, taking, at(2, hour=23, minute=55))
        assert watched(at(2, hour=23, minute=58)) == [flag]
        assert (flag.kind, flag.taking, flag.grant, flag.seen["calls_outside"]) == ("hour", taking, None, 30)
        told = Notice.objects.filter(title__startswith="数据使用异常（时段异常）")
        assert {scene.steward.pk, scene.approver.pk, supervisor.pk} <= set(told.values_list("recipient", flat=True))
        assert not told.filter(recipient__in=[scene.asker, scene.outsider]).exists()
        assert "请需求机关纠正" in told[0].body

    def test_many_times_the_rows_of_before_are_flagged(self, scene: made.Scene, taking: Taking) -> None:
        for day in (2, 3, 4, 7, 8):
            read(scene, taking, at(day), limit=100)
        assert watched(at(8, hour=12)) == []
        for hour in (10, 11):
            read(scene, taking, at(9, hour=hour), limit=600)
        (flag,) = watched(at(9, hour=14))
        assert (flag.kind, flag.seen["rows"], flag.seen["near_limit"]) == ("volume", 1200, False)

    def test_walking_key_by_key_is_flagged(self, scene: made.Scene, taking: Taking) -> None:
        for number in range(0, 600, 3):
            read(scene, taking, at(2) + number * SECOND, key=f"{number:05}")
        (flag,) = watched(at(2, hour=13))
        assert (flag.kind, flag.seen["lookups"], flag.seen["climbs"]) == ("walking", 200, True)

    def test_a_grant_and_a_taking_with_the_same_number_are_counted_apart(self, scene: made.Scene) -> None:
        # given a grant and a taking of the same number, of two entries
        other = made.scene_of(scene, sharing_type="conditional", title="另一项数据")
        grant = made.standing_grant(other)
        Taking.objects.filter(pk=made.taking(scene).pk).update(id=grant.pk)
        taking = Taking.objects.get()
        for minute in range(20):
            read(scene, taking, at(2, hour=23, minute=minute))
            read_page(by=other.asker, entry=other.entry, access=grant, at=at(2, hour=23, minute=minute))
        # then neither reaches what both together would
        assert watched(at(2, hour=23, minute=50)) == []


@pytest.fixture
def flag(scene: made.Scene, taking: Taking) -> UsageFlag:
    for minute in range(30):
        read(scene, taking, at(2, hour=23, minute=minute))
    return watched(at(2, hour=23, minute=50))[0]


class TestDeciding:
    def test_what_all_may_have_is_not_suspended_and_a_grant_is_not_questioned(
        self, flag: UsageFlag, scene: made.Scene
    ) -> None:
        with pytest.raises(NotAllowed):
            suspend_on_flag(flag_id=flag.pk, by=scene.steward, at=at(3), reasons="核查")
        of_grant = made.written_flag(made.scene_of(scene, sharing_type="conditional", title="另一项数据"))
        with pytest.raises(NotAllowed):
            question_on_flag(flag_id=of_grant.pk, by=scene.steward, at=at(3), reasons="核查")
        assert set(UsageFlag.objects.values_list("status", flat=True)) == {"open"}

    def test_the_provider_puts_it_to_the_agency_on_its_page(self, flag: UsageFlag, scene: made.Scene) -> None:
        client = client_of(scene.steward)
        shown = client.get(flag.get_absolute_url())
        assert [act.verb for act in shown.context["acts"]] == ["explain-flag", "question-on-flag"]
        page = shown.content.decode()
        assert scene.requester.name in page
        assert client.get(shown.context["log"]).context["page"].paginator.count == 30
        address = f"{flag.get_absolute_url()}question/"
        assert client.post(address, {"reasons": " "}).status_code == 422
        assert client.post(address, {"reasons": "夜间抓取，用途不明。"}).status_code == 302
        # then it is settled, on record, and both sides know
        flag.refresh_from_db()
        assert (flag.status, flag.decided_by) == ("questioned", scene.steward)
        assert Event.objects.filter(verb="question-on-flag").count() == 1
        told = Notice.objects.get(title__startswith="请核实并纠正数据使用", recipient=scene.asker)
        assert "夜间抓取，用途不明。" in told.body
        # and the agency reads there what it is asked about, which is no reading of the data
        readings = Access.objects.count()
        asked = client_of(scene.asker).get(told.path)
        assert (told.path, asked.status_code, asked.context["acts"]) == (flag.get_absolute_url(), 200, [])
        assert "夜间抓取，用途不明。" in asked.content.decode()
        assert asked.context["log"] == ""
        assert Access.objects.count() == readings
        assert client_of(scene.outsider).get(told.path).status_code == 404
        assert Notice.objects.filter(title__startswith="数据使用异常已要求", recipient=scene.approver).exists()
        with pytest.raises(WrongState):
            question_on_flag(flag_id=flag.pk, by=scene.approver, at=at(3), reasons="再次")

    def test_the_authority_does_over_rest(self, flag: UsageFlag, scene: made.Scene) -> None:
        client = client_of(staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY))
        detail = client.get(f"/api/v1/sharing/flags/{flag.pk}/").json()
        assert (detail["grant"], detail["taking"]) == (None, flag.taking_id)
        assert {act["verb"] for act in detail["actions"]} == {"explain-flag", "question-on-flag"}
        body = json.dumps({"reasons": "用途不明。"})
        done = client.post(f"/api/v1/sharing/flags/{flag.pk}/question/", body, content_type="application/json")
        assert (done.status_code, done.json()["status"]) == (200, "questioned")

    def test_the_flagged_agency_and_strangers_do_not_see_it(self, flag: UsageFlag, scene: made.Scene) -> None:
        for user in (scene.asker, scene.outsider):
            assert client_of(user).get(flag.get_absolute_url()).status_code == 404
            with pytest.raises(NotAllowed):
                question_on_flag(flag_id=flag.pk, by=user, at=at(3), reasons="理由")


class TestDeferring:
    @pytest.fixture
    def people(self) -> made.Scene:
        return persons.scene(sharing_type="unconditional")

    @pytest.fixture(autouse=True)
    def _on_the_third_day(self) -> Any:
        path = Path(project.TIME_SHIFT_FILE)
        path.write_text(str(int((made.later(2) - timezone.now()).total_seconds())), encoding="ascii")
        yield
        path.unlink()

    def by_number(self, people: made.Scene, taking: Taking, **more: Any) -> None:
        values: dict[str, Any] = {"by": people.asker, "entry": people.entry, "access": taking, "at": made.later(2)}
        read_page(**values, filters=[Filter("id_number", "eq", ANNA)], **more)

    def told(self, on: dt.date) -> list[str]:
        person = persons.subject().person
        assert person is not None
        return [line.told_later for line in lines(list(traces_of(person, on=on)), person)]

    def test_keeps_readings_back_until_its_day(self, people: made.Scene) -> None:
        taking, other = made.taking(people), made.taking(people)
        deferral = persons.deferred(taking, people.asker, staff(people.requester, "approver"))
        self.by_number(people, taking)
        assert kept_back(deferral).count() == 1
        assert self.told(deferral.until) == []
        assert self.told(deferral.until + dt.timedelta(1)) == [deferral.basis]
        # what was read under another taking is told at once
        self.by_number(people, other)
        assert self.told(deferral.until) == [""]

    def test_of_one_case_keeps_back_no_other(self, people: made.Scene) -> None:
        taking = made.taking(people)
        persons.deferred(taking, people.steward, people.approver, case_number="A-1")
        for case in ("A-1", "A-2"):
            self.by_number(people, taking, case_number=case)
        assert self.told(made.later(3).date()) == [""]

    @pytest.mark.parametrize("side", ["requester", "provider"])
    def test_is_proposed_on_a_page_and_confirmed_by_a_second_person(self, people: made.Scene, side: str) -> None:
        taking = made.taking(people)
        self.by_number(people, taking)
        own = side == "requester"
        first, second = (
            (people.asker, staff(people.requester, "approver")) if own else (people.steward, people.approver)
        )
        proposing = client_of(first)
        shown = proposing.get(taking.get_absolute_url() if own else f"/desk/sharing/entries/{people.entry.pk}/")
        address = f"/desk/sharing/takings/{taking.pk}/propose-deferral/"
        assert address in shown.content.decode()
        assert proposing.get(address).status_code == 200
        sent = {"submission": "1", "basis": "办案", "reasons": "妨碍调查。", "until": "2026-12-01"}
        assert proposing.post(address, sent).status_code == 422
        sent |= {"basis": "《中华人民共和国刑事诉讼法》第五十四条", "submission": "2"}
        assert proposing.post(address, sent).status_code == 302
        deferral = Deferral.objects.get()
        page = deferral.get_absolute_url()
        assert client_of(second).post(f"{page}confirm-deferral/", {"submission": "3"}).status_code == 302
        assert self.told(made.later(3).date()) == []
        supervisor = client_of(staff(people.city.authority, "supervisor"))
        assert "刑事诉讼法" in supervisor.get("/desk/sharing/deferrals/").content.decode()
        assert client_of(people.outsider).get(page).status_code == 404
        assert client_of(people.outsider).get(address).status_code == 404

    def test_over_rest(self, people: made.Scene) -> None:
        taking = made.taking(people)
        client = client_of(people.asker)
        body = {"basis": "《中华人民共和国刑事诉讼法》第五十四条", "reasons": "妨碍调查。", "until": "2026-12-01"}
        address = f"/api/v1/sharing/takings/{taking.pk}/propose-deferral/"
        done = client.post(address, json.dumps(body), content_type="application/json")
        assert (done.status_code, done.json()["taking"], done.json()["grant"]) == (201, taking.pk, None)
        listed = client.get("/api/v1/sharing/deferrals/").json()["results"]
        assert [one["taking"] for one in listed] == [taking.pk]
        # a system proposes none
        token = bearer(system(people.requester))
        assert Client().post(address, json.dumps(body), content_type="application/json", **token).status_code == 403

    def test_is_not_the_main_button_of_a_grants_page(self) -> None:
        people = persons.scene()
        grant = persons.grant(people)
        for user in (people.steward, people.asker):
            acts = client_of(user).get(grant.get_absolute_url()).context["acts"]
            assert {act.verb: act.main for act in acts}["propose-deferral"] is False

    def test_is_not_offered_where_no_person_can_be_found(self, scene: made.Scene, taking: Taking) -> None:
        page = client_of(scene.asker).get(taking.get_absolute_url()).content.decode()
        assert "延后告知本人" not in page
