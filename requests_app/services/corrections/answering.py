"""What the provider finds: an error that is then mended, or none, with reasons (第十三条第三款)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from catalog.models import DataVersion, EntryRevision
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_operator
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import Actor, NamedActor, record
from guiyang_data.statute import clocks
from guiyang_data.statute.counting import show
from guiyang_data.statute.models import Clock
from guiyang_data.texts import legible
from requests_app.corrections.models import CorrectionReport, Mend
from requests_app.corrections.policies import CORRECTION_POLICY
from requests_app.corrections.selectors import rows_still_wrong
from requests_app.corrections.workflow import CORRECT, CORRECTIONS
from requests_app.services.corrections.locking import ANSWER_CLOCK, LEAST_WORDS, MEND_CLOCK, lock_report, note_open
from requests_app.services.corrections.telling import tell_provider, tell_reporter
from requests_app.services.parties import refuse_if
from requests_app.services.public_words import numbers_told


def _words(text: str, hint: str) -> dict[str, str]:
    short = {"answer": f"{hint}至少 {LEAST_WORDS} 个字。"}
    return numbers_told({"answer": text}) if len(text.strip()) >= LEAST_WORDS else short


@transaction.atomic
def find_right(
    *, report_id: int, by: User, answer: str, mend_by: str, on: dt.date, at: dt.datetime
) -> CorrectionReport:
    """The doubt is right: the provider says so and what it will mend. Open until it really is mended (服务目标).

    ``mend_by``: ``data`` or ``catalogue``. Whoever took the data hears of it by the sweep.
    """
    report = lock_report(report_id)
    CORRECTION_POLICY.require(by, "find-right", report)
    status = CORRECTIONS.target("find-right", report.status)
    wrong = _words(answer, "请写明查明了什么、怎样更正，")
    if mend_by not in Mend.values:
        wrong["mend_by"] = "请选择更正数据，还是修订目录。"
    refuse_if(wrong, CORRECT)
    report.status, report.mend_by = status, mend_by
    _answered(report, answer, by=by, at=at)
    clocks.stop(report, ANSWER_CLOCK, on=on, at=at, by=by)
    clock = _owed(report, on=on, at=at, by=by)
    record(report, "find-right", by=by, at=at, basis=CORRECT, payload={"mend_by": mend_by})
    tell_reporter(
        report,
        "right",
        title=f"您反馈的 {report.number} 经校核确有错误",
        body=f"{report.provider.name}将于 {show(clock.due_on)} 前更正（服务目标），更正后通知您。答复见页面。",
        at=at,
    )
    return report


def _owed(report: CorrectionReport, *, on: dt.date, at: dt.datetime, by: Actor) -> Clock:
    """The target within which the provider mends what was found."""
    return clocks.start(
        MEND_CLOCK,
        report,
        on=on,
        at=at,
        by=by,
        owed_by=report.provider,
        number=report.number,
        title=f"{Mend(report.mend_by).label}：{report.subject_words}",
        path=report.work_path,
    )


def _answered(report: CorrectionReport, answer: str, *, by: User, at: dt.datetime) -> None:
    report.answer, report.answered_by, report.answered_at = legible(answer), by, at
    report.save(update_fields=["status", "mend_by", "answer", "answered_by", "answered_at"])


@transaction.atomic
def find_not_right(*, report_id: int, by: User, answer: str, on: dt.date, at: dt.datetime) -> CorrectionReport:
    """The data is right, with reasons; also after it was first found wrong, and then those told before hear of it."""
    report = lock_report(report_id)
    CORRECTION_POLICY.require(by, "find-not-right", report)
    was, status = report.status, CORRECTIONS.target("find-not-right", report.status)
    refuse_if(_words(answer, "请写明怎样校核的、为什么数据无误，"), CORRECT)
    report.status, report.mend_by = status, ""
    _answered(report, answer, by=by, at=at)
    for kind in (ANSWER_CLOCK, MEND_CLOCK):
        clocks.stop(report, kind, on=on, at=at, by=by)
    note_open(report)
    record(report, "find-not-right", by=by, at=at, basis=CORRECT, payload={"from": was})
    tell_reporter(
        report,
        "not-right",
        title=f"您反馈的 {report.number} 经校核数据无误",
        body=f"{report.provider.name}的理由见页面。对答复有异议的，可以依照第二十九条投诉举报。",
        at=at,
    )
    return report


@transaction.atomic
def mend_correction(
    *,
    report_id: int,
    by: User | NamedActor,
    on: dt.date,
    at: dt.datetime,
    version: DataVersion | None = None,
    revision: EntryRevision | None = None,
) -> CorrectionReport:
    """Link a found error to what mends it: the version of the data, or the revision, that readers now have.

    Refused where nothing was made since the report, or where the rows still hold the doubted value.
    """
    report = lock_report(report_id)
    CORRECTION_POLICY.require(by, "mend", report)
    status = CORRECTIONS.target("mend", report.status)
    _require_mended(report, version, revision)
    report.status, report.mended_at = status, at
    report.mended_by_version, report.mended_by_revision = version, revision
    report.save(update_fields=["status", "mended_at", "mended_by_version", "mended_by_revision"])
    clocks.stop(report, MEND_CLOCK, on=on, at=at, by=by)
    note_open(report)
    _record_mended(report, by=by, at=at)
    tell_reporter(
        report,
        f"mended:{at.isoformat()}",
        title=f"您反馈的 {report.number} 已更正",
        body=f"{report.provider.name}已经更正，{_by_what(report)}。感谢您的反馈。",
        at=at,
    )
    return report


@transaction.atomic
def find_again(
    *, report_id: int, by: NamedActor, version: DataVersion, on: dt.date, at: dt.datetime
) -> CorrectionReport:
    """Data that was mended holds the reported value again, as after an old file was loaded: it is to be mended anew.

    Found by the sweep, which holds reported rows against the data that readers now have.
    """
    report = lock_report(report_id)
    CORRECTION_POLICY.require(by, "find-again", report)
    report.status = CORRECTIONS.target("find-again", report.status)
    report.mended_at, report.mended_by_version, report.mended_by_revision = None, None, None
    report.save(update_fields=["status", "mended_at", "mended_by_version", "mended_by_revision"])
    clock = _owed(report, on=on, at=at, by=by)
    note_open(report)
    record(report, "find-again", by=by, at=at, basis=CORRECT, payload={"data_version": version.number})
    occasion, due = f"again:{version.number}", show(clock.due_on)
    words = f"第 {version.number} 版数据中又出现反馈所指的值"
    tell_provider(
        report,
        occasion,
        title=f"更正过的错误又出现：{report.subject_words}",
        body=f"{words}，常见的原因是载入了更正之前的文件。请于 {due} 前更正（服务目标）。",
        at=at,
    )
    tell_reporter(
        report,
        occasion,
        title=f"您反馈的 {report.number} 更正后又出现同样的错误",
        body=f"{words}。{report.provider.name}将于 {due} 前再次更正（服务目标），更正后通知您。",
        at=at,
    )
    return report


def _record_mended(report: CorrectionReport, *, by: Actor, at: dt.datetime) -> None:
    payload = {
        "data_version": report.mended_by_version.number if report.mended_by_version else None,
        "revision": report.mended_by_revision.number if report.mended_by_revision else None,
        "by_itself": is_operator(by),  # type: ignore[arg-type]
    }
    record(report, "mend", by=by, at=at, basis=CORRECT, payload=payload)


def _by_what(report: CorrectionReport) -> str:
    if report.mended_by_version is not None:
        return f"见第 {report.mended_by_version.number} 版数据"
    return f"见目录第 {report.mended_by_revision.number} 版" if report.mended_by_revision else ""


def _require_mended(report: CorrectionReport, version: DataVersion | None, revision: EntryRevision | None) -> None:
    if report.mend_by == Mend.DATA:
        _require_new_data(report, version)
    else:
        _require_new_catalogue(report, revision)


def _refused(field: str, message: str) -> RuleBroken:
    return RuleBroken(message, basis=CORRECT, fields={field: message})


def _require_new_data(report: CorrectionReport, version: DataVersion | None) -> None:
    if version is None or version.entry_id != report.entry_id or version.made_at <= report.submitted_at:
        raise _refused("version", "请选择反馈之后入库的那一版数据。还没有更正的，请先汇聚更正后的数据，再来登记。")
    current = report.entry.current_data
    if current is None or current.table_version < version.table_version:
        raise _refused("version", "这一版数据还没有成为现行数据，使用者看到的仍是原来的。请等它生效后再登记。")
    wrong = rows_still_wrong(report, current)
    if wrong:
        raise _refused(
            "version", f"现行数据中，{'、'.join(wrong[:5])} 这几行仍是反馈所指的值，还没有更正。请核对后重新汇聚。"
        )


def _require_new_catalogue(report: CorrectionReport, revision: EntryRevision | None) -> None:
    entry = report.entry
    if revision is None or revision.entry_id != entry.pk or revision.number <= report.revision.number:
        raise _refused("revision", "请选择反馈之后公布的那一版目录。还没有更正的，请先修订目录并公布，再来登记。")
    if entry.in_force is None or entry.in_force.number < revision.number:
        raise _refused("revision", "这一版目录还没有公布，使用者看到的仍是原来的。请等它公布后再登记。")
