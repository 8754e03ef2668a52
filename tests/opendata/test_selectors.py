"""The numbers of the home page, search and facets, and the order in which entries are to open."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import CatalogEntry
from guiyang_data.accounts.roles import Role
from guiyang_data.search.services import record_miss
from opendata import policies, selectors, services
from tests.factories import opendata as make
from tests.factories.accounts import City, city, staff
from tests.factories.catalog import AT, ROWS, entry_in_force, steward_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def town() -> City:
    return city()


def test_the_home_page_counts_open_data_sets_by_field(town: City) -> None:
    make.dataset_open(town.provider)
    make.dataset_open(town.requester, title="医疗机构", field="medical")
    make.dataset_withdrawn(town.requester, title="预约挂号", field="medical")
    assert selectors.total() == 2
    assert selectors.counts_by_field() == {"transport": 1, "medical": 1}


def test_the_newest_comes_first(town: City) -> None:
    old = make.dataset_open(town.provider)
    new = make.dataset_open(town.provider, title="公交站点", at=AT + dt.timedelta(days=1))
    assert selectors.newest(5) == [new, old]
    assert selectors.newest(1) == [new]


def test_words_looked_for_in_vain_are_wanted_after_entries(town: City) -> None:
    entry = entry_in_force(town.provider, rows=ROWS, is_open=False, closed_ground=2, closed_basis="《民法典》第一条")
    services.record_demand(entry_id=entry.pk, on=dt.date(2026, 9, 1), requests=2)
    for _time in range(3):
        record_miss(text="公共厕所", on=dt.date(2026, 9, 1))
    wanted = selectors.most_wanted(4)
    assert [one.title for one in wanted] == ["公交线路信息", "公共厕所"]
    assert wanted[0].url.startswith("/requests/new/?entry=")


def test_withheld_and_county_entries_are_not_shown_as_wanted(town: City) -> None:
    closed = {"is_open": False, "closed_ground": 1, "closed_basis": "《保守国家秘密法》第九条"}
    withheld = entry_in_force(town.provider, sharing_type="withheld", **closed)
    county = entry_in_force(town.county_department, title="云岩区台账")
    for entry in (withheld, county):
        services.record_demand(entry_id=entry.pk, on=dt.date(2026, 9, 1), requests=9)
    assert selectors.most_wanted(4) == []


def test_search_finds_by_word_and_facets_count_under_each_other(town: City) -> None:
    buses = make.dataset_open(town.provider)
    make.dataset_open(town.requester, title="医疗机构名录", abstract="名称与地址。", keywords="医院", field="medical")
    assert list(selectors.search("公交").datasets) == [buses]
    assert selectors.search("公交").is_missed is False
    assert selectors.search("海洋浮标").is_missed is True
    counted = selectors.facets(selectors.open_datasets(), {"field": "medical", "agency": "", "cycle": "", "region": ""})
    assert {choice.code: choice.count for choice in counted["field"]} == {"transport": 1, "medical": 1}
    assert [choice.label for choice in counted["agency"]] == ["市卫健局"]


def test_relevance_keeps_the_order_of_the_index(town: City) -> None:
    first = make.dataset_open(town.provider, title="车站")
    second = make.dataset_open(town.provider, title="公交")
    ordered = selectors.in_order(selectors.open_datasets(), "relevance", [second.pk, first.pk])
    assert list(ordered) == [second, first]


def test_the_queue_puts_what_is_asked_for_first_and_says_why(town: City) -> None:
    # given three entries that wait: one of another livelihood, one of the nineteen fields, one asked for
    other = entry_in_force(town.provider, rows=ROWS, title="甲", field="other")
    nineteen = entry_in_force(town.provider, rows=ROWS, title="乙")
    asked = entry_in_force(town.provider, rows=ROWS, title="丙", field="other")
    services.record_demand(entry_id=asked.pk, on=dt.date(2026, 9, 1), requests=1)
    # when the queue is read
    queue = list(selectors.opening_queue(CatalogEntry.objects.all(), state="waiting"))
    # then demand comes first, then the nineteen fields
    assert queue == [asked, nineteen, other]
    assert selectors.reasons_for(queue[0]) == ["新增数据，先行开放", "1 人申请"]
    assert "重点领域：交通" in selectors.reasons_for(queue[1])


def test_every_entry_stands_in_its_state_of_the_queue(town: City) -> None:
    entry_in_force(town.provider, rows=ROWS, title="待开放")
    make.drafted_plan(entry_in_force(town.provider, rows=ROWS, title="办理中"))
    make.dataset_open(town.provider)
    make.dataset_withdrawn(town.provider, title="已撤回")
    entry_in_force(town.provider, title="不开放", is_open=False, closed_ground=2, closed_basis="《民法典》第一条")
    counts = selectors.queue_counts(CatalogEntry.objects.all())
    assert counts == {"waiting": 1, "under-way": 1, "open": 1, "withdrawn": 1, "closed": 1}


def test_only_the_providers_people_see_plans_and_the_queue(town: City) -> None:
    plan = make.drafted_plan(entry_in_force(town.provider, rows=ROWS))
    plans = type(plan).objects.all()
    for somebody in (staff(town.requester, Role.DATA_STEWARD), staff(town.authority, Role.MUNICIPAL_AUTHORITY)):
        assert not policies.plans_visible_to(somebody, plans).exists()
        assert not policies.entries_to_open(somebody, CatalogEntry.objects.filter(provider=town.provider)).exists()
    assert policies.plans_visible_to(steward_of(town.provider), plans).exists()


def test_lists_cost_the_same_number_of_queries_however_long(town: City) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for entry in selectors.opening_queue(CatalogEntry.objects.all()):
                assert entry.in_force.title
                assert entry.provider.short_name
                selectors.reasons_for(entry)
            for dataset in selectors.newest(50):
                assert dataset.current.rows
        return len(queries)

    make.dataset_open(town.provider)
    before = cost()
    make.dataset_open(town.provider, title="公交站点")
    entry_in_force(town.requester, rows=ROWS)
    assert cost() == before
