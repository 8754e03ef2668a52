"""What every act on a report begins with."""

from __future__ import annotations

from requests_app.corrections.models import CorrectionReport

ANSWER_CLOCK, MEND_CLOCK = "correction", "correction-mend"
LEAST_WORDS = 10
"""Characters below which a reason says nothing."""


def lock_report(report_id: int) -> CorrectionReport:
    """The report, locked until the act commits."""
    rows = CorrectionReport.objects.select_for_update(of=("self",))
    related = ("entry__in_force", "provider", "agency", "reporter", "dataset", "data_version")
    return rows.select_related(*related).get(pk=report_id)
