"""Doubts about rows that the current data does not have: said at once to whoever may read them, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.test import Client

from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import subject_of
from opendata.models import OpenDataset
from requests_app import services
from requests_app.corrections.models import CorrectionReport
from requests_app.services import Doubt
from requests_app.services.corrections.looking_up import PURPOSE
from sharing.services import declare_taking
from tests.factories import sharing
from tests.factories.accounts import bearer, system
from tests.factories.corrections import DOUBT, REPORTED_ON, WRONG_ROW, Cast, cast, open_dataset
from tests.factories.statute import at
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

GHOST = WRONG_ROW | {"key": "099"}
OF_A_GHOST = replace(DOUBT, rows=[GHOST])
FORM = {"target": "rows", "item": "name", "description": DOUBT.description, **GHOST}
CALL = {"target": "rows", "item": "name", "rows": [GHOST], "description": DOUBT.description}

_kept, play = kept(cast, "play")


@pytest.fixture
def dataset(play: Cast) -> OpenDataset:
    return open_dataset(play)


@pytest.fixture(autouse=True)
def _on_that_monday() -> Iterator[None]:
    with time_machine.travel(at(REPORTED_ON), tick=False):
        yield


def looked_for(play: Cast, by: Any, doubt: Doubt = OF_A_GHOST, dataset: OpenDataset | None = None) -> None:
    services.require_rows_there(by=by, entry=play.entry, dataset=dataset, doubt=doubt, at=at(REPORTED_ON))


class TestOfAnOpenDataSet:
    def test_the_form_says_so_and_keeps_what_was_typed(self, client: Client, dataset: OpenDataset) -> None:
        answer = client.post(f"/data/{dataset.slug}/corrections/new/", FORM)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "现行数据（第 1 版）里没有「线路编号」是这样的行" in page
        assert DOUBT.description in page
        assert CorrectionReport.objects.count() == 0

    def test_a_row_that_is_missing_is_reported_as_such(self, client: Client, dataset: OpenDataset) -> None:
        answer = client.post(f"/data/{dataset.slug}/corrections/new/", FORM | {"is_missing": "on", "should_be": ""})
        assert answer.status_code == 302
        assert CorrectionReport.objects.get().rows == [GHOST | {"should_be": "应当有这一行"}]

    def test_over_rest_the_places_are_named_and_a_repeat_is_not_asked_again(
        self, client: Client, dataset: OpenDataset
    ) -> None:
        # given
        rows = [WRONG_ROW, GHOST, GHOST | {"key": "098"}]
        call = {"data": CALL | {"dataset": dataset.slug, "rows": rows}, "content_type": "application/json"}
        missing = {"data": call["data"] | {"is_missing": True}, "content_type": "application/json"}

        # when
        refused = client.post("/api/v1/corrections/", **call)
        taken = client.post("/api/v1/corrections/", HTTP_IDEMPOTENCY_KEY="k", **missing)
        again = client.post("/api/v1/corrections/", HTTP_IDEMPOTENCY_KEY="k", **missing)

        # then
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["key", "rows"])
        assert "所报第 2、3 行" in refused.json()["fields"]["rows"]
        assert (taken.status_code, again.json()) == (201, taken.json())

    def test_what_the_data_has_is_reported(self, play: Cast, dataset: OpenDataset) -> None:
        looked_for(play, play.user, DOUBT, dataset)


class TestOfAnEntry:
    def test_the_provider_is_told_and_its_look_is_logged(self, play: Cast) -> None:
        with pytest.raises(RuleBroken) as refused:
            looked_for(play, play.steward)
        assert "key" in refused.value.fields
        closed = Access.objects.get(phase=Access.Phase.CLOSED, purpose=PURPOSE)
        assert (closed.rows, closed.items, closed.actor) == (0, ["route"], play.steward.actor_key)

    def test_whoever_declared_a_duty_is_told_by_a_reading_through_it(self, play: Cast) -> None:
        # given
        taking = declare_taking(
            entry_id=play.entry.pk,
            agency=play.town.requester,
            by=play.user,
            at=at(REPORTED_ON),
            duty="急救站点规划",
            purpose="计算站点到线路的距离",
            terms_accepted=True,
        )

        # when
        with pytest.raises(RuleBroken):
            looked_for(play, play.user)
        looked_for(play, play.user, DOUBT)

        # then
        logged = Access.objects.filter(phase=Access.Phase.CLOSED, purpose=PURPOSE).order_by("pk")
        assert [one.rows for one in logged] == [0, 1]
        assert {one.grant for one in logged} == {subject_of(taking)}

    def test_whoever_may_not_read_the_rows_is_told_nothing(self, play: Cast) -> None:
        looked_for(play, play.user)
        looked_for(play, system(play.town.requester).user)
        assert not Access.objects.filter(purpose=PURPOSE).exists()

    def test_over_rest_it_is_reported_all_the_same(self, client: Client, play: Cast) -> None:
        token = bearer(system(play.town.requester))
        call = CALL | {"resource_code": play.entry.resource_code}
        made = client.post("/api/v1/corrections/", data=call, content_type="application/json", **token)
        assert made.status_code == 201


class TestOfGrants:
    def test_rows_outside_the_grant_are_like_rows_that_are_not_there(self) -> None:
        # given
        scene = sharing.scene()
        sharing.standing_grant(scene, row_condition=({"code": "route", "operator": "eq", "value": "001"},))
        doubts = {key: replace(DOUBT, rows=[WRONG_ROW | {"key": key}]) for key in ("001", "002", "099")}

        # when
        told = {}
        for key, doubt in doubts.items():
            try:
                services.require_rows_there(
                    by=scene.asker, entry=scene.entry, dataset=None, doubt=doubt, at=sharing.later(2)
                )
            except RuleBroken as refused:
                told[key] = refused.fields["key"]

        # then
        assert list(told) == ["002", "099"]
        assert told["002"] == told["099"]

    def test_nothing_is_told_of_a_key_that_the_grant_does_not_show(self) -> None:
        scene = sharing.scene()
        sharing.standing_grant(scene, items=["name"])
        services.require_rows_there(
            by=scene.asker, entry=scene.entry, dataset=None, doubt=OF_A_GHOST, at=sharing.later(2)
        )
        assert not Access.objects.filter(purpose=PURPOSE).exists()
