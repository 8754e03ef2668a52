"""Checks against a real server: what answers, what breaks its document, who is told when, and told again."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from catalog import checking, services, tasks
from catalog.checking import check_interfaces
from catalog.deadlines import CHECKING
from catalog.models import Interface, InterfaceCheck, InterfaceDay
from catalog.services.interfaces import JOB
from guiyang_data.accounts.models import Agency
from guiyang_data.outbound.errors import OutboundFailed, OutboundRefused
from tests.catalog.systems.conftest import Served
from tests.factories import systems
from tests.factories.accounts import city
from tests.factories.catalog import AT, steward_of
from tests.ledger.test_at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

HOUR = dt.timedelta(hours=1)
SECURED = systems.openapi(
    security=[{"key": []}],
    components={
        "schemas": {"Stop": systems.STOP},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
)


def offered(agency: Agency, served: Served, said: Any = None, path: str = "", **changed: Any) -> Interface:
    """An interface of a system in use, at the server, with its document."""
    return systems.documented(systems.system_in_use(agency), said=said, url=served.url(path), **changed)


def checked(one: Interface, at: dt.datetime = AT) -> Interface:
    assert check_interfaces(at=at) == 1
    one.refresh_from_db()
    return one


def rules(one: Interface) -> list[tuple[str, str, str]]:
    return [(found["rule"], found["where"], found["what"]) for found in one.checks.get().findings]


def at_path(path: str, **answer: Any) -> dict[str, Any]:
    """A document with one operation at this path."""
    document = systems.openapi()
    operation = document["paths"]["/stops"]["get"] | answer
    return document | {"paths": {path: {"get": operation}}}


class TestWhatIsFound:
    """One check, by what the other side does."""

    def test_an_answer_that_keeps_to_the_document_is_good(self, agency: Agency, served: Served) -> None:
        # given
        one = offered(agency, served, header_name="X-Key", header_value="abc")

        # when
        checked(one)

        # then
        assert (one.outcome, one.failures, one.finding) == ("conforming", 0, "")
        assert (one.checked_at, one.outcome_since, one.next_check_at) == (AT, AT, AT + HOUR)
        assert one.milliseconds is not None
        assert one.checks.get().asked == 1
        path, headers = served.asked[0]
        assert (path, headers["x-key"], headers["accept"]) == ("/stops", "abc", "application/json, */*;q=0.5")

    @pytest.mark.parametrize(
        ("body", "more", "wanted"),
        [
            ([{"id": "x", "name": "a"}], {}, ("schema", "[].id", "应当是整数。")),
            (
                b"<p>",
                {"kind": "text/html"},
                ("content-type", "", "答复的内容类型是 text/html，文档写的是 application/json。"),
            ),
            (b"{", {}, ("json", "", "答复说是 JSON，但是读不出来。")),
            ([], {"status": 404}, ("status", "", "答复的状态码是 404，文档没有说明这种答复。")),
        ],
    )
    def test_an_answer_that_breaks_it_says_which_rule(
        self, agency: Agency, served: Served, body: object, more: dict[str, Any], wanted: tuple[str, str, str]
    ) -> None:
        # given
        served.give("/stops", body, **more)
        one = offered(agency, served)

        # then
        checked(one)
        assert one.outcome == "deviating"
        assert rules(one) == [wanted]
        assert one.finding == wanted[2]

    def test_nothing_of_an_answer_is_kept(self, agency: Agency, served: Served) -> None:
        served.give("/stops", [{"id": "张三 520102199001010011", "name": "a"}])
        checked(offered(agency, served))
        assert "张三" not in json.dumps(list(InterfaceCheck.objects.values("findings")), ensure_ascii=False)

    def test_a_system_that_is_out_of_order_is_unavailable(self, agency: Agency, served: Served) -> None:
        served.give("/stops", [], status=503)
        one = checked(offered(agency, served))
        assert (one.outcome, one.finding) == ("unavailable", "系统自身出错（503）。")

    def test_nobody_at_the_address_is_unavailable(self, agency: Agency, settings: Settings, served: Served) -> None:
        one = systems.documented(systems.system_in_use(agency), url="http://127.0.0.1:9/")
        checked(one)
        assert one.outcome == "unavailable"
        assert rules(one)[0][0] == "connection"
        assert one.milliseconds is None

    def test_a_name_that_nobody_knows_is_unavailable(self, agency: Agency) -> None:
        one = checked(systems.documented(systems.system_in_use(agency), url="http://no-such-name.invalid/"))
        assert (one.outcome, one.finding) == (
            "unavailable",
            "没有连上：找不到主机 no-such-name.invalid。请核对地址。",
        )

    def test_a_private_address_is_not_connected_to(self, agency: Agency, served: Served, settings: Settings) -> None:
        # given: the operator permits nothing
        settings.OUTBOUND_ALLOWED_NETWORKS = []
        one = checked(offered(agency, served))

        # then
        assert one.outcome == "unavailable"
        assert rules(one)[0][0] == "address"
        assert "内部或保留地址" in one.finding
        assert served.asked == []

    def test_a_redirect_is_not_followed(self, agency: Agency, served: Served) -> None:
        one = checked(offered(agency, served, at_path("/moved")))
        assert one.outcome == "deviating"
        assert rules(one)[0][:1] == ("redirect",)
        assert served.paths == ["/moved"]

    def test_a_slow_answer_is_not_waited_for(
        self, agency: Agency, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(checking, "TIMEOUT_SECONDS", 0.5)
        one = checked(offered(agency, served, at_path("/slow")))
        assert one.outcome == "unavailable"
        assert rules(one) == [("time", "", "对方没有在规定时间内答复，已停止等待。请稍后再试。")]

    @pytest.mark.parametrize(
        ("path", "rule", "words"), [("/endless", "size", "1,000,000 字节"), ("/packed", "packed", "压缩")]
    )
    def test_an_answer_that_cannot_be_taken_shows_only_that_somebody_answers(
        self, agency: Agency, served: Served, path: str, rule: str, words: str
    ) -> None:
        one = checked(offered(agency, served, at_path(path)))
        assert (one.outcome, one.failures) == ("reachable", 0)
        assert rules(one)[0][0] == rule
        assert words in one.finding

    def test_after_one_that_nobody_answers_no_other_operation_is_asked(
        self, agency: Agency, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given
        monkeypatch.setattr(checking, "TIMEOUT_SECONDS", 0.5)
        document = at_path("/slow")
        document["paths"]["/stops"] = document["paths"]["/slow"]

        # then
        checked(offered(agency, served, document))
        assert served.paths == ["/slow"]

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            (None, "还没有报送接口文档"),
            (at_path("/stops", **{"x-portal-sample": False}), "没有可以直接抽查的查询操作"),
            (SECURED, "都需要凭据"),
        ],
    )
    def test_where_nothing_can_be_sampled_it_is_asked_whether_anybody_answers(
        self, agency: Agency, served: Served, said: Any, words: str
    ) -> None:
        # given
        one = systems.interface(systems.system_in_use(agency), url=served.url("/v1"))
        if said:
            systems.file(one, said)

        # then
        checked(one)
        assert (one.outcome, one.failures) == ("reachable", 0)
        assert words in one.finding
        assert served.paths == ["/v1"]

    def test_with_credentials_what_is_secured_is_sampled_too(self, agency: Agency, served: Served) -> None:
        one = checked(offered(agency, served, SECURED, header_name="X-Key", header_value="abc"))
        assert one.outcome == "conforming"

    def test_an_address_alone_that_is_out_of_order_is_unavailable(self, agency: Agency, served: Served) -> None:
        served.give("/v1", b"", status=500)
        one = checked(systems.interface(systems.system_in_use(agency), url=served.url("/v1")))
        assert (one.outcome, rules(one)[0][0]) == ("unavailable", "server-error")

    def test_a_document_that_cannot_be_held_against_it_in_time_harms_nobody(
        self, agency: Agency, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given
        monkeypatch.setattr("catalog.contracts.apart.ANSWER_SECONDS", 2.0)
        document = systems.openapi()
        document["components"]["schemas"]["Stop"]["properties"]["name"]["pattern"] = "^(a+)+$"
        served.give("/stops", [{"id": 1, "name": "a" * 40 + "!"}])

        # then
        one = checked(offered(agency, served, document))
        assert one.outcome == "reachable"
        assert rules(one)[0][0] == "not-compared"


class TestWhen:
    """The database says what is due."""

    def test_each_at_its_own_interval_and_not_before(self, agency: Agency, served: Served) -> None:
        # given
        one = offered(agency, served, every=360)

        # then
        checked(one)
        assert check_interfaces(at=AT + 6 * HOUR - dt.timedelta(seconds=1)) == 0
        assert check_interfaces(at=AT + 6 * HOUR) == 1

    def test_days_without_a_check_are_made_up_by_one(self, agency: Agency, served: Served) -> None:
        one = checked(offered(agency, served))
        checked(one, AT + dt.timedelta(days=9))
        assert one.next_check_at == AT + dt.timedelta(days=9) + HOUR

    def test_only_interfaces_that_are_checked_of_systems_in_use_are_due(self, agency: Agency, served: Served) -> None:
        # given
        systems.paused(systems.system_in_use(agency), url=served.url())
        systems.interface(systems.planned_system(agency), url=served.url())
        stopped = systems.system_in_use(agency)
        systems.interface(stopped, url=served.url())
        services.stop_system(system_id=stopped.pk, by=steward_of(agency), on=AT.date(), at=AT, reasons="不用了")

        # then
        assert check_interfaces(at=AT + HOUR) == 0
        assert served.asked == []

    def test_a_check_whose_worker_was_killed_is_made_again_when_its_lease_has_run_out(
        self, agency: Agency, served: Served
    ) -> None:
        # given
        one = offered(agency, served)
        assert checking.take(one.pk, at=AT) is not None

        # then
        assert checking.take(one.pk, at=AT) is None
        assert check_interfaces(at=AT + CHECKING.lease - dt.timedelta(seconds=1)) == 0
        assert check_interfaces(at=AT + CHECKING.lease) == 1

    def test_a_document_filed_during_a_check_has_it_checked_again(self, agency: Agency, served: Served) -> None:
        # given
        one = offered(agency, served)
        job = checking.take(one.pk, at=AT)
        assert job is not None
        found = checking.examine(job)
        systems.file(one, systems.openapi("3.1.0"), at=AT)

        # when
        noted = services.note_check(interface_id=one.pk, document_id=job.document_id, found=found, at=AT)

        # then
        one.refresh_from_db()
        assert (noted, one.outcome, one.next_check_at, one.checks.count()) == (None, "unchecked", AT, 0)

    def test_an_end_during_a_check_stays_an_end(self, agency: Agency) -> None:
        one = systems.interface(systems.system_in_use(agency))
        services.end_interface(interface_id=one.pk, by=steward_of(agency), at=AT, reasons="不再提供")
        assert systems.noted(one, systems.GOOD).checks.count() == 0

    def test_a_pause_during_a_check_keeps_what_was_found_and_asks_no_more(self, agency: Agency) -> None:
        one = systems.noted(systems.paused(systems.system_in_use(agency)), systems.GOOD)
        assert (one.outcome, one.next_check_at) == ("conforming", None)

    def test_one_host_is_asked_by_one_check_at_a_time(self, agency: Agency, served: Served) -> None:
        # given
        one = systems.system_in_use(agency)
        for _number in range(3):
            systems.documented(one, url=served.url())
        waves: list[int] = []
        wave = checking._wave
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                checking, "_wave", lambda queues, at: waves.append(len(w := list(wave(queues, at)))) or iter(w)
            )

            # then
            assert check_interfaces(at=AT) == 3
        assert waves == [1, 1, 1]

    def test_a_run_ends_when_its_patience_does(
        self, agency: Agency, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(checking, "PATIENCE_SECONDS", 0.0)
        offered(agency, served)
        assert check_interfaces(at=AT) == 0

    def test_the_worker_is_woken_by_the_name_that_beat_knows(self, settings: Settings) -> None:
        named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
        assert tasks.check_interfaces.name in named
        assert tasks.check_interfaces.name == JOB

    def test_old_checks_and_days_are_forgotten(self, agency: Agency) -> None:
        # given
        one = systems.noted(systems.interface(systems.system_in_use(agency)), systems.GOOD)

        # then
        assert services.forget_old_checks(at=AT + CHECKING.checks_kept) == 0
        assert services.forget_old_checks(at=AT + CHECKING.checks_kept + HOUR) == 1
        assert services.forget_old_checks(at=AT + CHECKING.days_kept) == 0
        assert services.forget_old_checks(at=AT + CHECKING.days_kept + dt.timedelta(days=1)) == 1
        assert not one.days.exists()


class TestFetching:
    """The document that the system serves itself."""

    def test_it_comes_as_it_is(self, agency: Agency, served: Served) -> None:
        one = systems.interface(
            systems.system_in_use(agency), url=served.url(), document_url=served.url("/openapi.json")
        )
        assert json.loads(checking.fetch_document(one)) == systems.openapi()

    @pytest.mark.parametrize(
        ("path", "words"),
        [("/missing", "答复是 404"), ("/moved", "答复是 302"), ("/endless", "2,000,000"), ("/slow", "规定时间")],
    )
    def test_what_is_no_document_is_refused_in_words(
        self, agency: Agency, served: Served, monkeypatch: pytest.MonkeyPatch, path: str, words: str
    ) -> None:
        monkeypatch.setattr(checking, "TIMEOUT_SECONDS", 0.5)
        one = systems.interface(systems.system_in_use(agency), document_url=served.url(path))
        with pytest.raises(OutboundRefused, match=words):
            checking.fetch_document(one)

    def test_a_private_address_is_refused(self, agency: Agency, served: Served, settings: Settings) -> None:
        settings.OUTBOUND_ALLOWED_NETWORKS = []
        one = systems.interface(systems.system_in_use(agency), document_url=served.url("/openapi.json"))
        with pytest.raises(OutboundRefused, match="内部或保留地址") as refused:
            checking.fetch_document(one)
        assert not isinstance(refused.value, OutboundFailed)
        assert served.asked == []


def test_a_check_costs_the_same_number_of_queries_however_long_the_history_is(agency: Agency) -> None:
    # given
    one = systems.noted(systems.interface(systems.system_in_use(agency)), systems.GOOD, systems.GOOD)

    def cost(at: dt.datetime) -> int:
        with CaptureQueriesContext(connection) as captured:
            systems.noted(one, systems.GOOD, at=at)
        return len(captured)

    # then
    few = cost(AT + 2 * HOUR)
    systems.noted(one, *[systems.GOOD] * 12, at=AT + 3 * HOUR)
    assert cost(AT + 4 * HOUR) == few


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_check_an_interface_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: nothing stays in a broker that other tests read
    monkeypatch.setattr("catalog.services.interfaces.wake", lambda job: None)
    one = offered(city().transport, served)

    # when
    at_once(lambda number: check_interfaces(at=AT))

    # then
    assert one.checks.count() == 1
    assert InterfaceDay.objects.get().total == 1
