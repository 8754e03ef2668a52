"""What every template has: the portal's name, where the reader is, and what a signed-in person owes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import held, is_staff_member, keeps_agencies
from guiyang_data.accounts.roles import ADMINISTRATORS, Role
from guiyang_data.notices.selectors import notices_for, unread_count
from guiyang_data.notices.undelivered import failures
from guiyang_data.statute.selectors import owed_by
from guiyang_data.tallying import tally
from oversight.exports.policies import keeps_exports
from oversight.rulebook.policies import keeps_calendar

SECTIONS = {
    "data": ("/data/", "/catalog/"),
    "requests": ("/requests/", "/reviews/"),
    "publicity": ("/publicity/", "/law/"),
    "developers": ("/developers/", "/api/"),
    "interaction": ("/interaction/", "/complaints/", "/corrections/", "/matters/"),
    "work": ("/desk/",),
    "account": ("/me/",),
}

WORK_NAV: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("catalog", "目录与汇聚", "/desk/catalog/", ()),
    (
        "systems",
        "信息系统",
        "/desk/systems/",
        tuple(role for role in Role if role not in {Role.COORDINATOR, Role.REVIEWER}),
    ),
    ("sharing", "共享", "/desk/sharing/", ()),
    (
        "materials",
        "申请材料",
        "/desk/materials/",
        tuple(role for role in Role if role not in {Role.COORDINATOR, Role.REVIEWER, *ADMINISTRATORS}),
    ),
    ("opening", "开放", "/desk/opening/", (Role.DATA_STEWARD, Role.APPROVER)),
    ("corrections", "数据疑义", "/desk/corrections/", (Role.DATA_STEWARD, Role.APPROVER)),
    ("requests", "开放申请", "/desk/requests/", (Role.DATA_STEWARD, Role.APPROVER, Role.MUNICIPAL_AUTHORITY)),
    ("reviews", "复核", "/desk/reviews/", (Role.DATA_STEWARD, Role.APPROVER, Role.REVIEWER)),
    (
        "complaints",
        "投诉举报",
        "/desk/complaints/",
        (Role.SUPERVISOR, Role.GOVERNMENT_APPROVER, Role.APPROVER, Role.DATA_STEWARD),
    ),
    (
        "oversight",
        "监督",
        "/desk/oversight/",
        (Role.SUPERVISOR, Role.MUNICIPAL_AUTHORITY, Role.COUNTY_AUTHORITY, Role.GOVERNMENT_APPROVER, Role.APPROVER),
    ),
)
"""Key, label, path, and the roles that see it (any role where none is named)."""


MOST_COUNTED = 999
"""Beyond this the navigation says that there are more; the list itself says how many."""


def portal(request: HttpRequest) -> dict[str, Any]:
    """The ``portal`` of every template; what costs a query is read only where a template asks."""
    return {"portal": SimpleLazyObject(lambda: _portal(request))}


def _portal(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    staff = isinstance(user, User) and is_staff_member(user)
    unread, owed, undelivered = _numbers(user) if isinstance(user, User) else (0, 0, 0)
    values: dict[str, Any] = {
        "name": _("贵阳市政府数据平台"),
        "section": section(request.path),
        "demonstration": settings.DEMONSTRATION,
        "is_staff_member": staff,
        "agency": None,
        "roles_text": "",
        "work_nav": [],
        "todo_count": 0,
        "todo_more": False,
        "unread_count": unread,
    }
    if staff and isinstance(user, User):
        roles = {role for _agency, role in held(user)}
        values |= {
            "agency": user.agency.short_name if user.agency else None,
            "roles_text": "、".join(str(Role(role).label) for role in sorted(roles)),
            "work_nav": [*work_nav(roles), *_of_few(user), *_undelivered(undelivered)],
            "todo_count": min(owed, MOST_COUNTED),
            "todo_more": owed > MOST_COUNTED,
        }
    return values


def _numbers(user: User) -> tuple[int, int, int]:
    """How many notices are unread, how much is owed (counted no further than it is shown), what was not delivered."""
    unread = notices_for(user, show="unread")
    if not is_staff_member(user):
        return unread_count(user), 0, 0
    owed = owed_by(user).order_by().values("pk")[: MOST_COUNTED + 1]
    first, second, third = tally(unread, owed, failures(user))
    return first, second, third


def _of_few(user: User) -> list[dict[str, Any]]:
    """The ways that only a few have, whatever their roles are called."""
    return [*_rulebook(user), *_exports(user), *_agencies(user)]


def _rulebook(user: User) -> list[dict[str, Any]]:
    """The way to calendar and rules, for whoever keeps them."""
    entry = {"key": "calendar", "label": "日历与规则", "url": "/desk/calendar/", "count": 0}
    return [entry] if keeps_calendar(user) else []


def _exports(user: User) -> list[dict[str, Any]]:
    """The way to exports of the ledger, for whoever asks for or releases them."""
    entry = {"key": "exports", "label": "记录导出", "url": "/desk/oversight/exports/", "count": 0}
    return [entry] if keeps_exports(user) else []


def _agencies(user: User) -> list[dict[str, Any]]:
    """The way to the list of agencies, for whoever keeps it."""
    entry = {"key": "agencies", "label": "机关清单", "url": "/desk/agencies/", "count": 0}
    return [entry] if keeps_agencies(user) else []


def _undelivered(count: int) -> list[dict[str, Any]]:
    """The way to what could not be delivered, where there is something."""
    return [{"key": "undelivered", "label": "未送达", "url": "/desk/notices/failed/", "count": count}] if count else []


def work_nav(roles: set[str]) -> list[dict[str, Any]]:
    """What of the work navigation these roles open."""
    return [
        {"key": key, "label": label, "url": url, "count": 0}
        for key, label, url, wanted in WORK_NAV
        if not wanted or roles & {role.value for role in wanted}
    ]


def section(path: str) -> str:
    """The main section a path lies in; empty for the home page."""
    return next((key for key, prefixes in SECTIONS.items() if path.startswith(prefixes)), "")
