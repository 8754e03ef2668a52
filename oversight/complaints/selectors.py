"""Reading complaints: one's own, those of a receiver by due day, and the published numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.selectors import in_order
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from oversight.complaints.models import Complaint, ComplaintReceipt, ComplaintStatement, Outcome
from oversight.complaints.policies import visible_receipts, visible_statements
from oversight.complaints.receivers import agencies_complained_about
from oversight.workflow import UNANSWERED, ReceiptStatus
from requests_app.codes import code_fits
from requests_app.policies import CodeHolder


def holder_of_complaint(number: str, code: str) -> CodeHolder | None:
    """Whoever shows the right code of a complaint; None where it does not fit."""
    wanted = number.strip().upper()
    stored = Complaint.objects.filter(number=wanted).values_list("code_hash", flat=True).first()
    # an unknown number costs the same comparison as a wrong code
    fits = code_fits(wanted, code, stored or "0" * 64)
    return CodeHolder(actor_key="public", number=wanted) if stored and fits else None


def agencies_to_complain_about() -> QuerySet[Agency]:
    """Every agency with duties under the regulation."""
    return in_order(Agency.objects.filter(agencies_complained_about()))


def receipts_of(complaint: Complaint) -> QuerySet[ComplaintReceipt]:
    """The complaint with each of its receivers, with what their pages show."""
    rows = ComplaintReceipt.objects.filter(complaint=complaint).select_related("agency", "keeper", "complaint")
    return rows.prefetch_related("questions", "transfers__from_agency").order_by("pk")


def receipts_in_sight(user: Principal) -> QuerySet[ComplaintReceipt]:
    """Receipts ``user`` may know of, with what a list shows."""
    related = ("complaint__agency", "complaint__complainant", "agency", "keeper")
    return visible_receipts(user, ComplaintReceipt.objects.select_related(*related))


def statements_in_sight(user: Principal) -> QuerySet[ComplaintStatement]:
    """Statements asked of the user's agencies, those still owed first, then the newest."""
    rows = visible_statements(user, ComplaintStatement.objects.select_related("agency", "receipt__keeper"))
    return rows.order_by(F("given_at").asc(nulls_first=True), "-asked_at", "-pk")


def clocks_by_receipt(receipts: Iterable[ComplaintReceipt]) -> dict[int, Clock]:
    """The clock of each receipt, the newest where there were several."""
    subjects = {subject_of(receipt): receipt.pk for receipt in receipts}
    clocks = Clock.objects.filter(subject__in=subjects).select_related("owed_by", "rule").order_by("pk")
    return {subjects[clock.subject]: clock for clock in clocks}


@dataclass(frozen=True, kw_only=True)
class ComplaintStatistics:
    """How complaints were handled in a year. Shares always stand beside their numbers.

    ``filed`` counts complaints; everything else counts receivers, since each answers for itself.
    """

    year: int
    filed: int
    receivers: int
    answered: int
    on_time: int
    founded: int
    in_part: int
    unfounded: int
    declined: int
    withdrawn: int
    handed_off: int
    running: int
    overdue_now: int

    @property
    def on_time_percent(self) -> str:
        """``97.9%`` of what receivers in the portal answered or refused; empty without any."""
        decided = self.answered + self.declined
        return f"{100 * self.on_time / decided:.1f}%" if decided else ""

    @property
    def decided(self) -> int:
        """What receivers in the portal answered or refused."""
        return self.answered + self.declined


def complaint_statistics(year: int, *, today: dt.date) -> ComplaintStatistics:
    """The complaints of a year, by the day they came: numbers alone, no texts. Two queries and one for what is late."""
    rows = ComplaintReceipt.objects.filter(complaint__submitted_on__year=year)
    inside = Q(agency__isnull=False)
    answered = Q(status=ReceiptStatus.ANSWERED)
    closed = inside & Q(status__in=[ReceiptStatus.ANSWERED, ReceiptStatus.DECLINED])
    counts = rows.aggregate(
        receivers=Count("pk"),
        answered=Count("pk", filter=answered & inside),
        on_time=Count("pk", filter=closed & Q(decided_on__lte=F("due_on"))),
        founded=Count("pk", filter=answered & Q(outcome=Outcome.FOUNDED)),
        in_part=Count("pk", filter=answered & Q(outcome=Outcome.IN_PART)),
        unfounded=Count("pk", filter=answered & Q(outcome=Outcome.UNFOUNDED)),
        declined=Count("pk", filter=Q(status=ReceiptStatus.DECLINED)),
        withdrawn=Count("pk", filter=Q(status=ReceiptStatus.WITHDRAWN)),
        handed_off=Count("pk", filter=Q(handed_off_on__isnull=False)),
        running=Count("pk", filter=Q(status__in=[status.value for status in UNANSWERED])),
    )
    late = Clock.objects.filter(kind="complaint", stopped_on=None, due_on__lt=today)
    filed = Complaint.objects.filter(submitted_on__year=year).count()
    return ComplaintStatistics(year=year, filed=filed, overdue_now=late.count(), **counts)
