"""One event for many entries, its day corrected by the authority, other days beside it (第十三条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from catalog import services
from catalog.models import CatalogAdjustment, CatalogEntry
from catalog.services import Event
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event as LedgerEvent
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of, running
from tests.factories import accounts
from tests.factories import catalog as make
from tests.factories.accounts import bearer, system

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.timedelta(days=1)
TODAY = make.AT.date()
LAW = Event(kind="law", event_on=TODAY, description="条例修改，线路编号规则变化。", document="市条例修正案")


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


@pytest.fixture(autouse=True)
def _on_that_tuesday() -> Iterator[None]:
    with time_machine.travel(make.AT, tick=False):
        yield


def two(city: accounts.City) -> list[CatalogEntry]:
    return [make.entry_in_force(city.provider, title=title) for title in ("站点", "线路")]


def text(answer: Any) -> str:
    return answer.content.decode()


class TestMany:
    def test_each_entry_has_a_record_and_a_clock_of_its_own(self, city: accounts.City) -> None:
        # given
        entries = two(city)

        # when
        made = services.declare_for_many(
            entry_ids=[entry.pk for entry in entries], event=LAW, by=make.steward_of(city.provider), at=make.AT
        )

        # then
        assert len({one.occasion for one in made}) == 1
        for entry, one in zip(entries, made, strict=True):
            clock = running(one, "catalog-update")
            assert clock is not None
            assert clock.started_on == TODAY
            assert LedgerEvent.objects.filter(subject=subject_of(entry), verb="adjust").count() == 1

    def test_all_or_none(self, city: accounts.City) -> None:
        entries = [*two(city), make.entry_in_force(city.requester, title="门诊时间")]
        with pytest.raises(NotAllowed):
            services.declare_for_many(
                entry_ids=[entry.pk for entry in entries], event=LAW, by=make.steward_of(city.provider), at=make.AT
            )
        assert not CatalogAdjustment.objects.exists()
        assert not Clock.objects.filter(kind="catalog-update").exists()

    def test_none_chosen_is_refused(self, city: accounts.City) -> None:
        with pytest.raises(RuleBroken) as refused:
            services.declare_for_many(entry_ids=[], event=LAW, by=make.steward_of(city.provider), at=make.AT)
        assert "entries" in refused.value.fields

    def test_on_its_page_what_is_late_already_says_so(self, client: Client, city: accounts.City) -> None:
        # given
        entries = two(city)
        client.force_login(make.steward_of(city.provider))
        assert "站点" in text(client.get("/desk/catalog/adjust/"))

        # when
        answer = client.post(
            "/desk/catalog/adjust/",
            {
                "entries": [entry.pk for entry in entries],
                "kind": "law",
                "event_on": "2026-07-01",
                "promulgated_on": "2026-06-01",
                "description": "条例修改，线路编号规则变化。",
                "other_on": "2026-10-01",
                "other_basis": "《某法》第九条",
            },
            follow=True,
        )

        # then
        assert "已登记 2 个条目" in text(answer)
        assert "逾期" in text(answer)
        page = text(client.get(entries[0].get_absolute_url()))
        assert "期限自施行之日起算" in page
        assert "《某法》第九条另行规定" in page
        assert "同一情形还涉及 1 个条目" in page

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"promulgated_on": TODAY + DAY}, "promulgated_on"),
            ({"other_on": TODAY + DAY}, "other_basis"),
            ({"description": " "}, "description"),
        ],
    )
    def test_days_that_do_not_fit_are_refused(self, city: accounts.City, given: dict[str, Any], field: str) -> None:
        [entry, _other] = two(city)
        with pytest.raises(RuleBroken) as refused:
            services.declare_for_many(
                entry_ids=[entry.pk],
                event=Event(**vars(LAW) | given),
                by=make.steward_of(city.provider),
                at=make.AT,
            )
        assert field in refused.value.fields

    def test_over_rest(self, client: Client, city: accounts.City) -> None:
        entries = two(city)
        caller = bearer(system(city.provider))
        body = {"entries": [entry.pk for entry in entries], "kind": "law", "event_on": "2026-08-31"}
        call = {"data": body | {"description": "编号规则变化。"}, "content_type": "application/json"}
        answer = client.post("/api/v1/catalog/adjustments/", **call, **caller)
        assert answer.status_code == 201
        assert {row["due_on"] for row in answer.json()["results"]} == {"2026-09-15"}
        assert client.get(f"/api/v1/catalog/entries/{entries[0].pk}/adjustments/", **caller).json()[0]["late_days"] == 0


class TestCorrectingTheDay:
    def correct(self, adjustment: CatalogAdjustment, by: Any, on: dt.date, reasons: str = "以公布文号为准。") -> Any:
        return services.correct_event_day(
            adjustment_id=adjustment.pk, event_on=on, reasons=reasons, by=by, at=make.AT + 5 * DAY
        )

    def test_the_clock_runs_from_the_corrected_day_and_keeps_who_held_it(self, city: accounts.City) -> None:
        # given
        entry = make.entry_in_force(city.provider)
        steward, officer = make.steward_of(city.provider), make.officer_over(city.provider)
        adjustment = make.adjustment_of(entry)
        draft = services.revise(entry_id=entry.pk, by=steward, at=make.AT)
        services.submit(revision_id=draft.pk, by=steward, at=make.AT + 2 * DAY)

        # when
        self.correct(adjustment, officer, dt.date(2026, 8, 10))

        # then
        old, new = clocks_of(adjustment).order_by("pk")
        assert (old.stopped_by, new.stopped_on) == ("superseded", None)
        assert (new.started_on, new.due_on, new.owed_by) == (
            dt.date(2026, 8, 10),
            dt.date(2026, 8, 25),
            city.provider,
        )
        held = [(one.agency, one.since_on, one.until_on) for one in new.holdings.order_by("pk")]
        assert held == [
            (city.provider, dt.date(2026, 8, 10), dt.date(2026, 9, 3)),
            (city.authority, dt.date(2026, 9, 3), None),
        ]
        assert "已经逾期 12 天" in Notice.objects.filter(recipient=steward).latest("pk").title
        event = LedgerEvent.objects.get(subject=subject_of(entry), verb="correct-event-day")
        assert (event.payload["from"], event.payload["event_on"]) == ("2026-09-01", "2026-08-10")

    def test_the_agency_itself_does_not(self, city: accounts.City) -> None:
        adjustment = make.adjustment_of(make.entry_in_force(city.provider))
        with pytest.raises(NotAllowed):
            self.correct(adjustment, make.steward_of(city.provider), dt.date(2026, 8, 10))
        adjustment.refresh_from_db()
        assert adjustment.event_on == TODAY

    def test_needs_reasons_and_another_day_and_an_event_that_is_open(self, city: accounts.City) -> None:
        entry = make.entry_in_force(city.provider)
        officer = make.officer_over(city.provider)
        adjustment = make.adjustment_of(entry)
        for on, reasons, field in ((TODAY, "以公布文号为准。", "event_on"), (TODAY - DAY, " ", "reasons")):
            with pytest.raises(RuleBroken) as refused:
                self.correct(adjustment, officer, on, reasons)
            assert field in refused.value.fields
        services.withdraw(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT, reasons="职能划转。")
        with pytest.raises(WrongState):
            self.correct(adjustment, officer, TODAY - DAY)

    def test_on_its_page_and_over_rest(self, client: Client, city: accounts.City) -> None:
        entry = make.entry_in_force(city.provider)
        adjustment = make.adjustment_of(entry)
        client.force_login(make.officer_over(city.provider))
        address = f"/desk/catalog/adjustments/{adjustment.pk}/correct/"
        assert address in text(client.get(entry.get_absolute_url()))
        values = {"event_on": "2026-08-01", "reasons": "以施行之日为准。"}
        assert client.post(address, values).url == entry.get_absolute_url()
        body = {"data": values | {"event_on": "2026-08-03"}, "content_type": "application/json"}
        answer = client.post(f"/api/v1/catalog/adjustments/{adjustment.pk}/correct/", **body)
        assert (answer.status_code, answer.json()["due_on"]) == (200, "2026-08-18")
