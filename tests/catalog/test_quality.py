"""Freshness against the update cycle, and a quality score that explains itself (第十三条第一款; ours)."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import reactions, services
from catalog.deadlines import CYCLE_DAYS, QUALITY_PARTS
from catalog.models import CatalogEntry, UpdateCycle
from catalog.quality import freshness_filter, freshness_of, quality_of, rated, worst_first
from catalog.services import rate_missing
from tests.factories import catalog
from tests.factories.accounts import City, bearer, city, system

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

GATHERED = catalog.AT.date()
DUE = dt.date(2026, 10, 2)
"""A month of thirty-one days later."""
PAPER = Path(__file__).resolve().parents[2] / "docs" / "quality.md"


@pytest.fixture
def town() -> City:
    return city()


def text(answer: Any) -> str:
    return answer.content.decode()


def again(entry: CatalogEntry) -> CatalogEntry:
    return CatalogEntry.objects.select_related("in_force", "current_data__load").get(pk=entry.pk)


class TestThePaper:
    def test_says_the_numbers_of_the_code(self) -> None:
        rows = dict(re.findall(r"^\| `([\w-]+)` \| (\d+) \|", PAPER.read_text(encoding="utf-8"), re.MULTILINE))
        wanted = {code: str(days) for code, days in CYCLE_DAYS.items()}
        assert rows == wanted | {part.code: str(part.weight) for part in QUALITY_PARTS}

    def test_the_weights_together_are_a_hundred(self) -> None:
        assert sum(part.weight for part in QUALITY_PARTS) == 100

    def test_every_cycle_but_the_irregular_has_its_days(self) -> None:
        assert set(CYCLE_DAYS) == set(UpdateCycle.values) - {UpdateCycle.IRREGULAR}


class TestFreshness:
    def test_runs_from_the_day_the_data_was_gathered(self, town: City) -> None:
        entry = catalog.entry_in_force(town.provider, rows=catalog.ROWS)
        assert entry.fresh_until == DUE
        states = {
            DUE - dt.timedelta(days=8): ("on-time", 0),
            DUE - dt.timedelta(days=7): ("soon", 0),
            DUE: ("soon", 0),
            DUE + dt.timedelta(days=1): ("late", 1),
            DUE + dt.timedelta(days=12): ("late", 12),
        }
        for day, (state, late) in states.items():
            found = freshness_of(entry, day)
            assert (found.state, found.late_days) == (state, late)
            assert CatalogEntry.objects.filter(freshness_filter(state, day)).exists()

    def test_without_data_it_runs_from_publication_and_an_irregular_cycle_binds_nobody(self, town: City) -> None:
        empty = catalog.entry_in_force(town.provider)
        irregular = catalog.entry_in_force(town.provider, title="历次公告", update_cycle="irregular")
        assert empty.fresh_until == DUE
        assert irregular.fresh_until is None
        assert freshness_of(irregular, DUE + dt.timedelta(days=900)).state == "irregular"

    def test_new_data_and_another_cycle_move_the_day(self, town: City) -> None:
        entry = catalog.entry_in_force(town.provider, rows=catalog.ROWS)
        catalog.gather(entry, catalog.ROWS, at=catalog.AT + dt.timedelta(days=10))
        assert again(entry).fresh_until == DUE + dt.timedelta(days=10)
        catalog.revised_entry(entry, update_cycle="weekly", at=catalog.AT + dt.timedelta(days=11))
        assert again(entry).fresh_until == GATHERED + dt.timedelta(days=17)


class TestScore:
    def test_every_part_has_its_figure_and_what_would_raise_it(self, town: City) -> None:
        # given
        entry = catalog.entry_in_force(town.provider, keywords="")

        # when
        found = quality_of(again(entry), DUE + dt.timedelta(days=40))

        # then
        parts = {part.code: part for part in found.parts}
        assert list(parts) == [part.code for part in QUALITY_PARTS]
        assert found.score == sum(part.points for part in found.parts)
        assert "关键字" in parts["description"].advice
        assert (parts["items"].points, parts["items"].advice) == (20, "")
        assert (parts["rows"].points, parts["rows"].figure) == (0, "还没有汇聚数据")
        assert (parts["freshness"].points, parts["freshness"].figure) == (0, "逾期 40 天没有更新")
        assert parts["corrections"].points == 15

    def test_refused_rows_and_open_doubts_take_points(self, town: City) -> None:
        # given
        wrong = catalog.ROWS[0] | {"长度": "很长", "线路编号": "003"}
        entry = catalog.entry_in_force(town.provider, rows=[*catalog.ROWS, wrong])
        before = quality_of(again(entry), GATHERED)

        # when
        services.note_open_corrections(entry_id=entry.pk, number=1)
        after = quality_of(again(entry), GATHERED)

        # then
        points = [{part.code: part.points for part in found.parts} for found in (before, after)]
        assert points[0]["rows"] == 15
        assert points[1]["corrections"] == 10
        assert before.score - after.score == 5

    @pytest.mark.parametrize("late", [0, 1, 30, 31])
    def test_the_score_that_lists_sort_by_is_the_one_that_is_shown(self, town: City, late: int) -> None:
        entry = catalog.entry_in_force(town.provider, rows=catalog.ROWS, keywords="")
        day = DUE + dt.timedelta(days=late)
        [found] = rated(CatalogEntry.objects.filter(pk=entry.pk), day)
        assert found.rated_score == quality_of(found, day).score

    def test_the_worst_come_first(self, town: City) -> None:
        good = catalog.entry_in_force(town.provider, rows=catalog.ROWS)
        bad = catalog.entry_in_force(town.provider, title="票价")
        assert list(worst_first(CatalogEntry.objects.all(), GATHERED)) == [bad, good]

    def test_what_was_never_rated_is_rated_by_the_sweep(self, town: City) -> None:
        entry = catalog.entry_in_force(town.provider, rows=catalog.ROWS)
        points = entry.quality_points
        CatalogEntry.objects.update(quality_points=None, fresh_until=None)
        reactions.react(catalog.AT)
        assert (again(entry).quality_points, again(entry).fresh_until) == (points, DUE)

    def test_what_was_rated_by_other_weights_is_rated_again_once(self, town: City) -> None:
        entry = catalog.entry_in_force(town.provider, rows=catalog.ROWS)
        points = entry.quality_points
        CatalogEntry.objects.update(quality_points=1, quality_measure="before")
        assert (rate_missing(), rate_missing()) == (1, 0)
        assert again(entry).quality_points == points


class TestFaces:
    def test_the_entry_the_list_and_the_page_of_the_agency_say_so(self, client: Client, town: City) -> None:
        # given
        entry = catalog.entry_in_force(town.provider, rows=catalog.ROWS)
        catalog.entry_in_force(town.requester, title="门诊时间", update_cycle="irregular")
        client.force_login(catalog.steward_of(town.provider))

        # when
        with time_machine.travel(dt.datetime(2026, 10, 14, 2, tzinfo=dt.UTC), tick=False):
            page = text(client.get(entry.get_absolute_url()))
            late = text(client.get("/desk/catalog/?freshness=late"))
            own = text(client.get("/desk/catalog/quality/"))
            every = text(client.get("/desk/catalog/quality/?agency=all"))

        # then
        assert "逾期 12 天没有更新" in page
        assert "分数怎么来的" in page
        assert entry.in_force.title in late
        assert "门诊时间" not in late
        assert entry.in_force.title in own
        assert "门诊时间" not in own
        assert "门诊时间" in every

    def test_the_page_costs_the_same_for_many(self, client: Client, town: City) -> None:
        client.force_login(catalog.steward_of(town.provider))
        costs = []
        for number in (2, 5):
            for place in range(number):
                catalog.entry_in_force(town.provider, title=f"表{number}-{place}")
            client.get("/desk/catalog/quality/")
            with CaptureQueriesContext(connection) as captured:
                assert client.get("/desk/catalog/quality/").status_code == 200
            costs.append(len(captured))
        assert costs[0] == costs[1]

    def test_over_rest_of_one_and_of_all(self, client: Client, town: City) -> None:
        entry = catalog.entry_in_force(town.provider, rows=catalog.ROWS)
        draft = catalog.draft_entry(town.provider, title="票价")
        caller = bearer(system(town.provider), "catalog:read")
        one = client.get(f"/api/v1/catalog/entries/{entry.pk}/quality/", **caller).json()
        assert (one["due_on"], sum(part["points"] for part in one["parts"])) == (DUE.isoformat(), one["score"])
        found = client.get(f"/api/v1/catalog/quality/?agency={town.provider.code}", **caller).json()
        assert [row["resource_code"] for row in found["results"]] == [entry.resource_code]
        assert client.get(f"/api/v1/catalog/entries/{draft.entry_id}/quality/", **caller).status_code == 404
