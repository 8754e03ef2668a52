"""Who reports a doubt, who checks it, who sees it (第十三条第三款). Row values go to both sides alone."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import (
    Policy,
    Principal,
    acts_for,
    has_role,
    is_operator,
    is_staff_member,
    is_system,
)
from opendata.models import OpenDataset
from requests_app.corrections.models import CorrectionReport
from requests_app.policies import WORKERS, CodeHolder, below, oversees_all
from sharing.policies import working_agencies, works_for


def is_reporter(user: Principal, report: CorrectionReport) -> bool:
    """Whether the report is this person's own: by the account, or by the code."""
    if isinstance(user, CodeHolder):
        return user.number == report.number
    return isinstance(user, User) and report.reporter_id == user.pk


def _reports(user: Principal, about: OpenDataset | CatalogEntry) -> bool:
    """Anyone about what is open; about an entry whoever works for an agency, and its systems."""
    return isinstance(about, OpenDataset) or is_staff_member(user)


def checks(user: Principal, report: CorrectionReport) -> bool:
    """Stewards, approvers and systems of the provider, never whoever reported it."""
    if isinstance(user, User) and report.reporter is not None and report.reporter.holder_key == user.holder_key:
        return False
    provider = report.provider_id
    return has_role(user, provider, *WORKERS) or (is_system(user) and acts_for(user, provider))


def _reads_rows(user: Principal, report: CorrectionReport) -> bool:
    if is_reporter(user, report) or checks(user, report):
        return True
    return report.agency_id is not None and works_for(user, report.agency_id)


CORRECTION_POLICY = Policy(
    {
        "report": _reports,
        "find-right": checks,
        "find-not-right": checks,
        "mend": lambda user, report: is_operator(user) or checks(user, report),
        "find-again": lambda user, report: is_operator(user),
        "withdraw": is_reporter,
        "read-rows": _reads_rows,
    }
)


def visible_to(user: Principal, reports: QuerySet[CorrectionReport]) -> QuerySet[CorrectionReport]:
    """One's own reports, those of one's agency, to it or about its entries, those of agencies watched over (第四条)."""
    if isinstance(user, CodeHolder):
        return reports.filter(number=user.number)
    if not isinstance(user, User) or not user.is_active:
        return reports.none()
    if not is_staff_member(user):
        return reports.filter(reporter=user)
    if oversees_all(user):
        return reports
    concerned = working_agencies(user)
    provided = concerned | below(user)
    led = Q(entry__provider__in=concerned)
    return reports.filter(Q(reporter=user) | Q(agency__in=concerned) | Q(provider__in=provided) | led)
