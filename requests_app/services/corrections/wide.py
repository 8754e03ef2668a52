"""Telling everyone who took the data, by the sweep: an act must not wait for thousands of letters."""

from __future__ import annotations

import datetime as dt

from guiyang_data.accounts.selectors import holders_by_role
from guiyang_data.ledger.models import Event
from guiyang_data.notices.following import tell_followers
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import Telling, tell_all
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.selectors import takers_of, with_relations
from requests_app.corrections.workflow import CORRECT, CorrectionStatus
from requests_app.services.corrections.telling import KIND
from sharing.policies import DECIDERS

SUBJECT = CorrectionReport._meta.label_lower


def tell_takers(event: Event, at: dt.datetime) -> int:
    """Tell the agencies with a grant, a taking or a reading, and who follows the data set; returns how many.

    That data was found right is told only where it had been found wrong before.
    """
    label, _colon, key = event.subject.partition(":")
    if label != SUBJECT or (event.verb == "find-not-right" and event.payload.get("from") != CorrectionStatus.MENDING):
        return 0
    report = with_relations(CorrectionReport.objects.filter(pk=key)).first()
    return _tell(report, event, at) if report is not None else 0


def _words(report: CorrectionReport, verb: str) -> tuple[str, str]:
    what = report.subject_words
    if verb == "find-right":
        return (
            f"您取得过的数据有误，正在更正：{what}",
            "提供机关经校核确认有误，更正后另行告知。使用这些数据时请留意。",
        )
    if verb == "find-again":
        return (
            f"您取得过的数据又出现同样的错误：{what}",
            "此前告知已经更正，新的数据中又出现反馈所指的值，提供机关正在更正。使用这些数据时请留意。",
        )
    if verb == "mend":
        return f"您取得过的数据已更正：{what}", "提供机关已经更正。此前取得的数据请重新获取，并检查受影响的结果。"
    return f"您取得过的数据经再次校核无误：{what}", "此前告知有误，提供机关再次校核后认定无误，理由见页面。"


def _tell(report: CorrectionReport, event: Event, at: dt.datetime) -> int:
    title, body = _words(report, event.verb)
    told = _tell_agencies(report, event, title, body, at)
    if report.dataset is None:
        return told
    return told + tell_followers(
        report.dataset,
        occasion=f"correction:{event.verb}:{event.pk}",
        title=title.replace("您取得过的", "您关注的"),
        body=body,
        path=f"{report.dataset.get_absolute_url()}corrections/",
        happened_at=event.at,
        at=at,
        basis=CORRECT,
        without=[report.reporter_id] if report.reporter_id else [],
    )


def _tell_agencies(report: CorrectionReport, event: Event, title: str, body: str, at: dt.datetime) -> int:
    agencies = takers_of(report.entry)
    people = holders_by_role([agency.pk for agency in agencies], [role.value for role in DECIDERS])
    return tell_all(
        [
            Telling(
                recipients=tuple(user for role in DECIDERS for user in people.get((agency.pk, role.value), [])),
                about=report.entry,
                kind=KIND,
                key=f"{report.number}:taken:{event.pk}:{agency.code}",
                title=title,
                body=body,
                path=report.entry.get_absolute_url(),
                basis=CORRECT,
                weight=Weight.REMINDER if event.verb == "find-not-right" else Weight.LEGAL,
                agency=report.provider,
                to_agency=agency,
            )
            for agency in agencies
        ],
        at=at,
    )
