"""Filing an open request (第二十一条第一款), with one agency or with several at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.attachments.models import Attachment
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import Actor, record
from guiyang_data.statute import clocks
from guiyang_data.statute.counting import show
from guiyang_data.statute.models import Clock
from guiyang_data.texts import legible, one_line
from opendata.services import record_demand
from requests_app.codes import code_hash, new_code
from requests_app.findable import keep_request_findable
from requests_app.models import Case, JointFiling, OpenRequest
from requests_app.selectors import agencies_asked
from requests_app.services.parties import LONGEST_TITLE, Party, account_of, give_papers, refuse_if
from requests_app.services.public_words import numbers_told
from requests_app.services.telling import tell_applicant, tell_workers
from requests_app.workflow import REQUEST

MOST_AGENCIES = 10
"""How many agencies one filing may ask: more is no request to somebody who holds the data."""


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A filed case and its secret code, which is shown once and stored only as a hash."""

    request: OpenRequest
    code: str


@dataclass(frozen=True, kw_only=True)
class FiledTogether:
    """The requests of one filing, one for each agency in the order asked, and the one code that opens them all."""

    requests: tuple[OpenRequest, ...]
    code: str


def file_request(*, agency: Agency, by: Actor, on: dt.date, at: dt.datetime, **given: Any) -> Filed:
    """File a request with one agency; the ten days run from ``on`` (第二十一条第一款).

    ``given``: the other arguments of ``file_together``.
    """
    filed = file_together(agencies=[agency], by=by, on=on, at=at, **given)
    return Filed(request=filed.requests[0], code=filed.code)


@transaction.atomic
def file_together(
    *,
    by: Actor,
    agencies: Sequence[Agency],
    title: str,
    on: dt.date,
    at: dt.datetime,
    case: str = Case.OPEN,
    description: str = "",
    purpose: str = "",
    entry: CatalogEntry | None = None,
    party: Party | None = None,
    papers: Iterable[Attachment] = (),
    code: str = "",
) -> FiledTogether:
    """File one request with each agency, with or without an account; a clock for each (第二十一条第一款).

    ``entry`` goes to the agency that provides it. ``code``: a code the face already showed its sender; otherwise one
    is made. Purpose, name and address are never a condition. Raises ``RuleBroken`` with ``fields``, nothing filed.
    """
    party, title = party or Party(), one_line(title)
    asked = list({agency.pk: agency for agency in agencies}.values())
    told = numbers_told({"title": title, "description": description})
    refuse_if(told | _wrong_in_filing(title, case, asked, entry) | party.check(), REQUEST)
    code = code or new_code()
    joint = JointFiling.objects.create(filed_at=at) if len(asked) > 1 else None
    shared: dict[str, Any] = {
        "case": case,
        "title": title,
        "description": legible(description),
        "purpose": legible(purpose),
    }
    shared |= {"applicant": account_of(by), "joint": joint, **party.stored()}  # type: ignore[arg-type]
    filed = [_request(agency, entry, shared, code, on, at) for agency in asked]
    give_papers(papers, *filed)
    if entry is not None:
        record_demand(entry_id=entry.pk, on=on, requests=1)
    begun = [(request, _begin(request, by, on, at)) for request in filed]
    _confirm(begun, at)
    return FiledTogether(requests=tuple(filed), code=code)


def _request(
    agency: Agency, entry: CatalogEntry | None, shared: dict[str, Any], code: str, on: dt.date, at: dt.datetime
) -> OpenRequest:
    number = next_number("GY", on.year)
    return OpenRequest.objects.create(
        number=number,
        code_hash=code_hash(number, code),
        agency=agency,
        entry=entry if entry is not None and entry.provider_id == agency.pk else None,
        submitted_at=at,
        submitted_on=on,
        **shared,
    )


def _begin(request: OpenRequest, by: Actor, on: dt.date, at: dt.datetime) -> Clock:
    agency = request.agency
    clock = clocks.start(
        "open-reply",
        request,
        on=on,
        at=at,
        by=by,
        owed_by=agency,
        number=request.number,
        title=f"开放申请：{request.title}",
        path=request.work_path,
    )
    payload = {"agency": agency.code, "case": request.case, "due_on": clock.due_on.isoformat()}
    record(request, "file", by=by, at=at, basis=REQUEST, payload=payload)
    tell_workers(request, "filed", f"收到开放申请：{request.title}", at)
    keep_request_findable(request)
    return clock


def _confirm(begun: Sequence[tuple[OpenRequest, Clock]], at: dt.datetime) -> None:
    """The receipt as a notice: number, due day and why that day, in one message however many agencies were asked.

    It does not say what was asked: nobody proved the address it goes to, and a title may hold a private word.
    """
    first, clock = begun[0]
    if len(begun) == 1:
        title = f"已收到您的开放申请 {first.number}"
        lines = [f"您的申请由{first.agency.name}办理，最迟 {show(clock.due_on)} 24:00 前答复。"]
    else:
        title = f"已收到您的开放申请 {first.number} 等 {len(begun)} 件"
        lines = [f"您同时向 {len(begun)} 个机关申请，各自计时、各自答复，查询码相同："]
        lines += [
            f"· {request.number} {request.agency.name}，最迟 {show(clock.due_on)} 24:00 前答复"
            for request, clock in begun
        ]
    newest = clock.generations.order_by("-number").first()
    if newest is not None:
        lines.append("为什么是这一天：" + "".join(f"{str(step['text']).rstrip('。')}。" for step in newest.steps))
    if clock.provisional:
        lines.append(f"{clock.due_on.year} 年的放假安排尚未公布，这一天是暂定的；公布后重新计算并告知您。")
    tell_applicant(first, "filed", title=title, body="\n".join(lines), at=at, basis=REQUEST)


def _wrong_in_filing(title: str, case: str, agencies: Sequence[Agency], entry: CatalogEntry | None) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if len(title) < 2:
        wrong["title"] = "请写明需要什么数据，例如「公交车辆实时位置」。"
    elif len(title) > LONGEST_TITLE:
        wrong["title"] = f"请把名称写在 {LONGEST_TITLE} 个字以内，其余写在具体说明里。"
    if case not in Case.values:
        wrong["case"] = "请选择是应当列入目录，还是应当开放。"
    wrong_agency = _wrong_agencies(agencies, entry)
    if wrong_agency:
        wrong["agency"] = wrong["agencies"] = wrong_agency
    return wrong


def _wrong_agencies(agencies: Sequence[Agency], entry: CatalogEntry | None) -> str:
    if not agencies:
        return "请选择向哪个机关申请。选错也没有关系，收到的机关会转给主管机关，期限不重新计算。"
    if len(agencies) > MOST_AGENCIES:
        return f"一次最多向 {MOST_AGENCIES} 个机关申请，请去掉一些；其余的可以另行申请。"
    able = set(agencies_asked().filter(pk__in=[agency.pk for agency in agencies]).values_list("pk", flat=True))
    for agency in agencies:
        if agency.pk not in able:
            return f"{agency.name}不在平台上答复申请，请另选机关。"
    if entry is not None and entry.provider_id not in able:
        return "这个目录条目由另一机关提供，请向提供机关申请。"
    return ""
