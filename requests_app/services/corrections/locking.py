"""What every act on a report begins with."""

from __future__ import annotations

from catalog.services import note_open_corrections
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.selectors import open_corrections

ANSWER_CLOCK, MEND_CLOCK = "correction", "correction-mend"
LEAST_WORDS = 10
"""Characters below which a reason says nothing."""


def lock_report(report_id: int) -> CorrectionReport:
    """The report, locked until the act commits."""
    rows = CorrectionReport.objects.select_for_update(of=("self",))
    related = ("entry__in_force", "provider", "agency", "reporter", "dataset", "data_version")
    return rows.select_related(*related).get(pk=report_id)


def note_open(report: CorrectionReport) -> None:
    """Tell the catalogue how many doubts about the entry are open: they count in its quality."""
    note_open_corrections(entry_id=report.entry_id, number=open_corrections(report.entry))
