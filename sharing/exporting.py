"""Rows, and what changed of them, as a download: for pages and API the same streamed answer."""

from __future__ import annotations

from django.http import HttpResponseBase, QueryDict
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.downloads import stream
from guiyang_data.timekeeping import now
from sharing.asking import Asked
from sharing.changes import open_changes
from sharing.reading import open_reading
from sharing.rights import Access, right_of

MEDIA = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "excel": ("text/csv; charset=utf-8", "csv"),
    "json": ("application/json", "json"),
}
TRUE = {"1", "true", "yes"}


def export(
    user: User,
    access: Access,
    kind: str,
    address: QueryDict,
    *,
    purpose: str = "",
    case_number: str = "",
    contains: bool = True,
) -> HttpResponseBase:
    """All rows asked for as a streamed file; page and API end here."""
    if kind not in MEDIA:
        raise NotSeen(_("没有这种下载格式。可用的有 CSV 和 JSON。"))
    at = now()
    right = right_of(user, access, at=at)
    asked = Asked(address, right.columns, contains=contains)
    reading = open_reading(
        by=user,
        entry=right.entry,
        access=access,
        at=at,
        right=right,
        kind=kind,
        purpose=purpose or asked.purpose,
        case_number=case_number or asked.case_number,
        items=asked.fields,
        filters=asked.filters(),
        sort=asked.sort,
        clock=now,
    )
    media, ending = MEDIA[kind]
    response = stream(reading.stream(), name=f"{right.title}.{ending}", media_type=media)
    response["Sharing-Reading"] = str(reading.number)
    response["Cache-Control"] = "no-store"
    return response


def with_before(address: QueryDict) -> bool:
    """Whether an address asks for the earlier values of updated rows."""
    return address.get("before", "").strip().lower() in TRUE


def export_changes(
    user: User,
    access: Access,
    kind: str,
    address: QueryDict,
    *,
    purpose: str = "",
    case_number: str = "",
    contains: bool = True,
) -> HttpResponseBase:
    """All changes since the version that the address names, as a streamed file."""
    if kind not in MEDIA:
        raise NotSeen(_("没有这种下载格式。可用的有 CSV 和 JSON。"))
    at = now()
    right = right_of(user, access, at=at)
    asked = Asked(address, right.columns, contains=contains)
    reading = open_changes(
        by=user,
        access=access,
        since=address.get("since", ""),
        until=address.get("until", ""),
        at=at,
        right=right,
        kind=kind,
        purpose=purpose or asked.purpose,
        case_number=case_number or asked.case_number,
        items=asked.fields,
        filters=asked.filters(),
        with_before=with_before(address),
        clock=now,
    )
    media, ending = MEDIA[kind]
    since = reading.since
    name = f"{right.title}-第{since.number}版至第{right.version.number}版的变化.{ending}"
    response = stream(reading.stream(), name=name, media_type=media)
    response["Sharing-Reading"] = str(reading.number)
    response["Sharing-Since"], response["Sharing-Version"] = str(since.number), str(right.version.number)
    response["Cache-Control"] = "no-store"
    return response
