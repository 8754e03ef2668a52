"""Reporting a doubt, and withdrawing it (第十三条第三款)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Principal, is_staff_member
from guiyang_data.accounts.protection import encrypt
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import WrongState
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import Actor, record, subject_of
from guiyang_data.statute import clocks
from guiyang_data.statute.counting import show
from guiyang_data.statute.models import Clock
from guiyang_data.texts import legible, one_line
from opendata.models import OpenDataset
from requests_app.codes import code_hash, new_code
from requests_app.corrections.models import CorrectionReport, Target
from requests_app.corrections.policies import CORRECTION_POLICY
from requests_app.corrections.selectors import PREFIX, items_to_doubt
from requests_app.corrections.workflow import CORRECT, CORRECTIONS
from requests_app.services.corrections.locking import ANSWER_CLOCK, LEAST_WORDS, lock_report, note_open
from requests_app.services.corrections.telling import tell_provider, tell_reporter
from requests_app.services.parties import Party, account_of, give_papers, refuse_if
from sharing.policies import working_agencies

MOST_ROWS = 100
LONGEST_MATTER = 3000
LONGEST_VALUE = 500
SHOULD_BE_THERE = "应当有这一行"
ROW_PARTS = ("key", "value", "should_be")


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """What is doubted: ``target`` of ``Target``; ``item``: the code of an item; ``rows``: ``{key, value, should_be}``.

    ``key`` names a row by its main key or its number. ``is_missing``: that it should be there, and is not.
    """

    target: str
    description: str
    item: str = ""
    rows: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    is_missing: bool = False


@dataclass(frozen=True, kw_only=True)
class Reported:
    """A report and its secret code, which is shown once and stored only as a hash."""

    report: CorrectionReport
    code: str


@transaction.atomic
def report_correction(
    *,
    by: Actor,
    entry: CatalogEntry,
    doubt: Doubt,
    on: dt.date,
    at: dt.datetime,
    dataset: OpenDataset | None = None,
    party: Party | None = None,
    papers: Iterable[Attachment] = (),
    code: str = "",
) -> Reported:
    """Tell the provider of a doubt or an error (第十三条第三款); it answers within its target of ten days (ours).

    With ``dataset`` anyone may, with or without an account; without it whoever works for an agency, and its systems.
    Raises ``RuleBroken`` with ``fields``, nothing reported.
    """
    CORRECTION_POLICY.require(by, "report", dataset or entry)  # type: ignore[arg-type]
    if entry.in_force is None or (dataset is not None and dataset.is_withdrawn):
        raise WrongState("这项数据已经撤销或者撤回，不再提供，不能反馈。", basis=CORRECT, verb="report")
    staff = is_staff_member(by)  # type: ignore[arg-type]
    party = Party() if staff or party is None else party
    names = {item.code: item.name for item in items_to_doubt(entry, dataset)}
    refuse_if(_wrong(doubt, names) | party.check(), CORRECT)
    code, number = code or new_code(), next_number(PREFIX, on.year)
    report = CorrectionReport.objects.create(
        number=number,
        code_hash=code_hash(number, code),
        entry=entry,
        title=dataset.title if dataset else entry.in_force.title,
        provider=_who_checks(entry, doubt),
        dataset=dataset,
        reporter=by if staff else account_of(by),  # type: ignore[arg-type, misc]
        agency=_agency_of(by) if staff else None,  # type: ignore[arg-type]
        revision=entry.in_force,
        data_version=_version_of(entry, dataset),
        submitted_at=at,
        submitted_on=on,
        **_said(doubt, names),
        **party.stored(),
    )
    give_papers(papers, report)
    _begin(report, by, on, at)
    return Reported(report=report, code=code)


def _who_checks(entry: CatalogEntry, doubt: Doubt) -> Agency:
    """Whoever collects the item that is doubted; of the catalogue, and of rows as such, the provider."""
    if entry.in_force is None or doubt.target == Target.ENTRY:
        return entry.provider
    item = entry.in_force.items.select_related("collector").filter(code=doubt.item).exclude(collector=None).first()
    return item.collector if item is not None and item.collector is not None else entry.provider


def _agency_of(by: User) -> Agency | None:
    """The agency on whose behalf a member or a system reports: the account's own, else the first it works for."""
    own = working_agencies(by)
    if by.agency is not None and (by.agency.pk in own or not own):
        return by.agency
    return Agency.objects.filter(pk__in=own).order_by("pk").first()


def _version_of(entry: CatalogEntry, dataset: OpenDataset | None) -> Any:
    if dataset is not None and dataset.current is not None:
        return dataset.current.source
    return entry.current_data


def _said(doubt: Doubt, names: Mapping[str, str]) -> dict[str, Any]:
    rows = [{part: one_line(str(row.get(part, ""))) for part in ROW_PARTS} for row in _rows(doubt)]
    for row in rows if doubt.is_missing else ():
        row["should_be"] = row["should_be"] or SHOULD_BE_THERE
    item = doubt.item if doubt.target != Target.ENTRY else ""
    return {
        "target": doubt.target,
        "item_code": item,
        "item_name": names.get(item, ""),
        "rows_encrypted": encrypt(json.dumps(rows, ensure_ascii=False)) if rows else "",
        "matter_encrypted": encrypt(legible(doubt.description)),
    }


def _rows(doubt: Doubt) -> list[Mapping[str, str]]:
    return list(doubt.rows) if doubt.target == Target.ROWS else []


def _wrong(doubt: Doubt, names: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if doubt.target not in Target.values:
        wrong["target"] = "请选择涉及某些行、某个信息项，还是目录或者说明。"
    if doubt.item and doubt.item not in names:
        wrong["item"] = "这项数据没有这个信息项。请在列表中重新选择。"
    elif doubt.target == Target.ITEM and not doubt.item:
        wrong["item"] = "请选择是哪一个信息项。"
    if not LEAST_WORDS <= len(doubt.description.strip()) <= LONGEST_MATTER:
        wrong["description"] = f"请写明哪里有疑义、您怎么知道的，{LEAST_WORDS} 到 {LONGEST_MATTER} 个字。"
    return wrong | _wrong_rows(_rows(doubt), is_needed=doubt.target == Target.ROWS)


def _wrong_rows(rows: Sequence[Mapping[str, str]], *, is_needed: bool) -> dict[str, str]:
    if is_needed and not any(str(row.get("key", "")).strip() for row in rows):
        message = "请写明是哪一行：它的主键或者编号，没有的写行号。"
        return {"key": message, "rows": message}
    if len(rows) > MOST_ROWS:
        return {"rows": f"一次最多反馈 {MOST_ROWS} 行，更多的请在说明里概括，或者附上清单。"}
    if any(len(str(row.get(part, ""))) > LONGEST_VALUE for row in rows for part in ROW_PARTS):
        return {"rows": f"每个值最多 {LONGEST_VALUE} 个字，请只写有疑义的部分。"}
    return {}


def _begin(report: CorrectionReport, by: Actor, on: dt.date, at: dt.datetime) -> None:
    clock = clocks.start(
        ANSWER_CLOCK,
        report,
        on=on,
        at=at,
        by=by,
        owed_by=report.provider,
        number=report.number,
        title=f"数据校核：{report.subject_words}",
        path=report.work_path,
    )
    note_open(report)
    payload = {
        "entry": report.entry.resource_code,
        "dataset": report.dataset.slug if report.dataset else "",
        "target": report.target,
        "item": report.item_code,
        "agency": report.agency.code if report.agency else "",
        "due_on": clock.due_on.isoformat(),
    }
    record(report, "report", by=by, at=at, basis=CORRECT, payload=payload)
    tell_provider(report, "reported", title=f"收到数据疑义反馈：{report.subject_words}", at=at)
    tell_reporter(
        report,
        "reported",
        title=f"已收到您对数据的反馈 {report.number}",
        body=f"由{report.provider.name}校核，最迟 {show(clock.due_on)} 24:00 前答复（服务目标，不是法定期限）。",
        at=at,
    )


@transaction.atomic
def withdraw_correction(*, report_id: int, by: Principal, on: dt.date, at: dt.datetime) -> CorrectionReport:
    """Whoever reported a doubt takes it back before it is answered."""
    report = lock_report(report_id)
    CORRECTION_POLICY.require(by, "withdraw", report)
    report.status = CORRECTIONS.target("withdraw", report.status)
    report.withdrawn_at = at
    report.save(update_fields=["status", "withdrawn_at"])
    clocks.stop(report, ANSWER_CLOCK, on=on, at=at, by=by, cause=Clock.Stop.WITHDRAWN)  # type: ignore[arg-type]
    note_open(report)
    record(subject_of(report), "withdraw", by=by, at=at, basis=CORRECT)  # type: ignore[arg-type]
    tell_provider(report, "withdrawn", title=f"反馈人撤回了 {report.number}", at=at)
    return report
