"""What pages of a report have in common: its facts, its rows, its timeline, its papers."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guiyang_data.attachments import selectors as attachments
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import Reader, TimelineEvent, timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices import undelivered
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.workflow import CORRECTIONS

LABELS = {verb: each.past for verb, each in CORRECTIONS.transitions.items()} | {"report": "反馈疑义"}


def report_timeline(report: CorrectionReport, *, reader: Reader) -> list[TimelineEvent]:
    """What happened to it."""
    labels = {**LABELS, **undelivered.LABELS}
    return timeline(events_of(report), labels, reader=reader, private=undelivered.LABELS)


def report_facts(report: CorrectionReport, *, full: bool) -> list[tuple[Any, ...]]:
    """What is doubted; ``full`` for both sides, others read that there is a doubt and about which item."""
    facts: list[tuple[Any, ...]] = [
        (_("编号"), report.number),
        (_("数据"), report.title),
        (_("提供机关"), report.provider.name),
        *_target_facts(report),
        (_("反馈人"), report.agency.name if report.agency else _("社会公众")),
        (_("反馈之日"), zh_date(report.submitted_on, with_year=True)),
    ]
    if report.data_version is not None:
        facts.append((_("所指数据"), _("第 %(number)d 版") % {"number": report.data_version.number}))
    return [*facts, (_("说明"), report.matter)] if full else facts


def matter_facts(report: CorrectionReport) -> list[tuple[Any, ...]]:
    """What an act on it decides about: the place, and what is said of it."""
    return [*_target_facts(report), (_("说明"), report.matter)]


def _target_facts(report: CorrectionReport) -> list[tuple[Any, ...]]:
    return [
        (_("涉及"), report.get_target_display()),
        (_("信息项"), report.item_name or _("没有指明")),
    ]


def row_table(report: CorrectionReport) -> dict[str, Any]:
    """The rows it is about, as parts/table.html shows them."""
    names = (("key", _("哪一行")), ("value", _("现在的值")), ("should_be", _("应当是")))
    return {"columns": [{"name": name, "code": code} for code, name in names], "rows": report.rows}


def answer_facts(report: CorrectionReport) -> list[tuple[Any, ...]]:
    """What the provider found, and what mends it."""
    if report.answered_at is None:
        return []
    facts: list[tuple[Any, ...]] = [(_("结论"), report.get_status_display())]
    if report.mend_by:
        facts.append((_("怎样更正"), report.get_mend_by_display()))
    facts.append((_("答复"), report.answer))
    facts.append((_("答复时间"), zh_date(report.answered_at, with_year=True)))
    return [*facts, *_mended_facts(report)]


def _mended_facts(report: CorrectionReport) -> list[tuple[Any, ...]]:
    if report.mended_at is None:
        return []
    by = ""
    if report.mended_by_version is not None:
        by = _("数据第 %(number)d 版") % {"number": report.mended_by_version.number}
    elif report.mended_by_revision is not None:
        by = _("目录第 %(number)d 版") % {"number": report.mended_by_revision.number}
    return [(_("更正"), f"{zh_date(report.mended_at, with_year=True)}，{by}")]


def papers_of(report: CorrectionReport) -> list[dict[str, Any]]:
    """Its papers, as parts/attachments.html shows them."""
    return [
        {
            "name": paper.name,
            "size": paper.size,
            "private": True,
            "url": reverse("requests_app:correction-paper", args=[paper.pk]),
        }
        for paper in attachments.of(subject_of(report))
    ]
