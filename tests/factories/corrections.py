"""Reported doubts in every state, made by the services. Fixed days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.services import PUBLIC
from opendata.models import OpenDataset
from requests_app import services
from requests_app.corrections.models import CorrectionReport
from requests_app.services import Doubt, Reported
from tests.factories import catalog, opendata
from tests.factories.accounts import City, city, staff
from tests.factories.statute import MONDAY, at
from tests.remembering import remembered

REPORTED_ON = MONDAY
ANSWER_DUE = dt.date(2026, 3, 12)
BEFORE = at(dt.date(2026, 2, 2))
"""When entry and data were made."""
WRONG_ROW = {"key": "002", "value": "花果园专线", "should_be": "花果园快线"}
DOUBT = Doubt(target="rows", item="name", rows=[WRONG_ROW], description="车站的站牌上写的是花果园快线。")
RIGHT = "经核对线路批复，名称应为花果园快线，将更正。"
NOT_RIGHT = "经核对线路批复，名称就是花果园专线，站牌有误。"
MENDED_ROWS = tuple(row | {"线路名称": "花果园快线"} if row["线路编号"] == "002" else row for row in catalog.ROWS)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """A provider with an entry and its data, and whoever takes it."""

    town: City
    entry: CatalogEntry
    steward: User
    approver: User
    user: User


@remembered
def cast(town: City | None = None, **people: User) -> Cast:
    """An unconditionally shared entry of the transport department; the health department uses it."""
    town = town or city()
    return Cast(
        town=town,
        entry=catalog.entry_in_force(town.provider, rows=catalog.ROWS, at=BEFORE),
        steward=people.get("steward") or catalog.steward_of(town.provider),
        approver=people.get("approver") or catalog.approver_of(town.provider),
        user=people.get("user") or staff(town.requester, Role.DATA_STEWARD),
    )


@remembered
def open_dataset(play: Cast) -> OpenDataset:
    """The entry, open to the public."""
    return opendata.carried_out(play.entry, at=BEFORE)


@remembered
def reported(play: Cast, *, by: Any = None, doubt: Doubt = DOUBT, on: dt.date = REPORTED_ON, **given: Any) -> Reported:
    """A doubt of the agency that uses the data; with ``dataset`` and ``by=PUBLIC`` one of the public."""
    return services.report_correction(by=by or play.user, entry=play.entry, doubt=doubt, on=on, at=at(on), **given)


@remembered
def waiting(play: Cast, **given: Any) -> CorrectionReport:
    """A report that is not answered."""
    return reported(play, **given).report


@remembered
def by_a_citizen(play: Cast, dataset: OpenDataset, **given: Any) -> Reported:
    """The same by somebody without an account, about the open data set."""
    return reported(play, by=PUBLIC, dataset=dataset, **given)


@remembered
def mending(play: Cast, *, report: CorrectionReport | None = None, mend_by: str = "data") -> CorrectionReport:
    """An error that was found and is not mended yet."""
    found = report or waiting(play)
    day = REPORTED_ON + dt.timedelta(days=2)
    return services.find_right(report_id=found.pk, by=play.steward, answer=RIGHT, mend_by=mend_by, on=day, at=at(day))


@remembered
def new_data(play: Cast, rows: Any = MENDED_ROWS, *, on: dt.date = REPORTED_ON + dt.timedelta(days=4)) -> Any:
    """New data gathered after the report; the version it made."""
    return catalog.gather(play.entry, rows, at=at(on)).made
