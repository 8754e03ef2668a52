"""Data needs in every state, made by the acts themselves. Plain functions, named for what they make."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from guiyang_data.accounts.models import Agency, User
from sharing import services
from sharing.models import DataNeed
from tests.factories.accounts import City, city
from tests.factories.catalog import approver_of, steward_of
from tests.factories.materials import officer
from tests.remembering import remembered

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
AT = dt.datetime(2026, 11, 2, 9, 30, tzinfo=SHANGHAI)
"""A Monday: five working days end on Monday 2026-11-09."""
CONFIRM_DUE = dt.date(2026, 11, 9)
NOT_OURS = "站点由公交企业设置和登记，本机关没有这项数据。"


def later(days: int) -> dt.datetime:
    """A moment so many days after ``AT``."""
    return AT + dt.timedelta(days=days)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An agency that needs data, one that is responsible for it, and who confirms so."""

    city: City
    requester: Agency
    provider: Agency
    asker: User
    steward: User
    approver: User
    officer: User


@remembered
def scene(town: City | None = None) -> Scene:
    """The health agency needs what the transport agency is responsible for."""
    town = town or city()
    return Scene(
        city=town,
        requester=town.requester,
        provider=town.provider,
        asker=steward_of(town.requester),
        steward=steward_of(town.provider),
        approver=approver_of(town.provider),
        officer=officer(),
    )


def wish(**changed: Any) -> services.NeedWish:
    """A complete need."""
    values = {
        "title": "公交站点无障碍设施",
        "items": ["站点名称", "无障碍设施"],
        "duty": "残疾人就医交通保障",
        "duty_basis": "《中华人民共和国残疾人保障法》第五十四条",
        "purpose": "规划转运路线",
        "update_cycle": "monthly",
    }
    return services.NeedWish(**(values | changed))


@remembered
def need(play: Scene, *, by: User | None = None, **changed: Any) -> DataNeed:
    """A need that waits for the authority."""
    return services.file_need(requester=play.requester, by=by or play.asker, at=AT, wish=wish(**changed))


@remembered
def assigned(play: Scene, **changed: Any) -> DataNeed:
    """A need that was put to the transport agency the next day."""
    return put_to(play, need(play, **changed), play.provider)


@remembered
def put_to(play: Scene, filed: DataNeed, agency: Agency, *, day: int = 1, **said: Any) -> DataNeed:
    """The need put to an agency."""
    services.assign_need(need_id=filed.pk, by=play.officer, at=later(day), agency=agency, **said)
    return fresh(filed)


@remembered
def undertaken(play: Scene, **changed: Any) -> DataNeed:
    """A need whose data is being catalogued."""
    waiting = assigned(play, **changed)
    return services.undertake_need(need_id=waiting.pk, by=play.approver, at=later(2), reasons="年内公布。")


@remembered
def covered(play: Scene, entry_id: int, **changed: Any) -> DataNeed:
    """A need of which the authority named the entry that holds it."""
    filed = need(play, **changed)
    return services.cover_need(need_id=filed.pk, by=play.officer, at=later(1), entry_id=entry_id)


def fresh(row: DataNeed) -> DataNeed:
    """The need as the database has it now."""
    return DataNeed.objects.select_related("provider", "entry", "requester").get(pk=row.pk)
