"""Reading reported doubts: one's own, those to be checked, the public ones of a data set, and who took the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from catalog.models import CatalogEntry, DataVersion, EntryRevision
from catalog.selectors import columns_of
from guiyang_data.accounts.models import Agency
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import subject_of
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import BadFilter, Filter, NoSuchVersion, UnknownColumn, query
from opendata.models import OpenDataset
from requests_app.codes import code_fits
from requests_app.corrections.models import CorrectionReport, Mend, Target
from requests_app.corrections.workflow import OPEN, CorrectionStatus
from requests_app.policies import CodeHolder
from sharing.models import SharingGrant, Taking

PREFIX = "JC"
CHOICES_OF_MENDING = 20


def holder_of_correction(number: str, code: str) -> CodeHolder | None:
    """Whoever shows the right code of a report; None where it does not fit."""
    wanted = number.strip().upper()
    stored = CorrectionReport.objects.filter(number=wanted).values_list("code_hash", flat=True).first()
    # an unknown number costs the same comparison as a wrong code
    fits = code_fits(wanted, code, stored or "0" * 64)
    return CodeHolder(actor_key="public", number=wanted) if stored and fits else None


def with_relations(reports: QuerySet[CorrectionReport]) -> QuerySet[CorrectionReport]:
    """What pages of a report show besides itself."""
    return reports.select_related(
        "entry__in_force", "provider", "agency", "reporter", "dataset", "mended_by_version", "mended_by_revision"
    )


def public_corrections(dataset: OpenDataset) -> QuerySet[CorrectionReport]:
    """What everyone may know of the doubts about a data set: what was found, never what was written or by whom."""
    rows = CorrectionReport.objects.filter(dataset=dataset).exclude(status=CorrectionStatus.WITHDRAWN)
    hidden = ("matter_encrypted", "rows_encrypted", "name_encrypted", "mail_encrypted", "phone_encrypted")
    return rows.select_related("provider", "mended_by_version").defer(*hidden).order_by("-submitted_at", "-pk")


def open_corrections(entry: CatalogEntry) -> int:
    """How many doubts about an entry are not answered, or answered and not mended."""
    return entry.corrections.filter(status__in=[status.value for status in OPEN]).count()


@dataclass(frozen=True, kw_only=True)
class ItemChoice:
    """An item that may be doubted."""

    code: str
    name: str


def items_to_doubt(entry: CatalogEntry, dataset: OpenDataset | None) -> list[ItemChoice]:
    """The items one may point at: of an open data set those that everyone sees, of an entry those in force."""
    if dataset is not None:
        columns: list[Any] = dataset.current.columns if dataset.current else []
        return [ItemChoice(code=str(one["code"]), name=str(one["name"])) for one in columns]
    if entry.in_force is None:
        return []
    return [ItemChoice(code=item.code, name=item.name) for item in entry.in_force.items.all()]


def takers_of(entry: CatalogEntry) -> list[Agency]:
    """Every agency that took the entry's data: by a grant, by a taking, or as the log of readings knows."""
    codes = Access.objects.filter(resource=subject_of(entry)).order_by().values_list("agency", flat=True).distinct()
    took = (
        Q(pk__in=SharingGrant.objects.filter(entry=entry).values("grantee"))
        | Q(pk__in=Taking.objects.filter(entry=entry).values("agency"))
        | Q(code__in=[code for code in codes if code])
    )
    return list(Agency.objects.filter(took, is_active=True).exclude(pk=entry.provider_id).order_by("pk"))


def versions_that_may_mend(report: CorrectionReport) -> QuerySet[DataVersion]:
    """Versions made since the report, the newest first: one of them may be what mends it."""
    since = report.entry.data_versions.filter(made_at__gt=report.submitted_at).order_by("-number")
    newest = list(since.values_list("pk", flat=True)[:CHOICES_OF_MENDING])
    return DataVersion.objects.filter(pk__in=newest).order_by("-number")


def revisions_that_may_mend(report: CorrectionReport) -> QuerySet[EntryRevision]:
    """Revisions that took effect since the report, the newest first."""
    since = report.entry.revisions.filter(in_force_on__isnull=False, updated_at__gt=report.submitted_at)
    others = since.exclude(pk=report.revision_id).order_by("-number")
    newest = list(others.values_list("pk", flat=True)[:CHOICES_OF_MENDING])
    return EntryRevision.objects.filter(pk__in=newest).order_by("-number")


def can_be_verified(report: CorrectionReport) -> bool:
    """Whether the rows say which value is wrong, so that a version can be held against it."""
    return report.target == Target.ROWS and bool(report.item_code) and any(row.get("value") for row in report.rows)


def rows_still_wrong(report: CorrectionReport, version: DataVersion) -> list[str]:
    """Keys of the rows that still hold the doubted value in this version. Rows that are gone, or changed, do not.

    Only a table with a single key, and rows named by it, can be looked up; others are for a person to judge.
    """
    columns = columns_of(version.revision)
    keys = [column for column in columns if column.is_key]
    if not can_be_verified(report) or len(keys) != 1 or all(column.code != report.item_code for column in columns):
        return []
    return [
        str(row["key"])
        for row in report.rows
        if row.get("value") and _stands(report, version, keys[0].code, columns, row)
    ]


def _stands(
    report: CorrectionReport, version: DataVersion, key: str, columns: Sequence[Column], row: Mapping[str, str]
) -> bool:
    tests = [
        Filter(code=key, operator="eq", value=row.get("key", "")),
        Filter(code=report.item_code, operator="eq", value=row["value"]),
    ]
    try:
        found = query(version.entry.table, version.table_version, columns=columns, filters=tests, limit=1)
    except (BadFilter, UnknownColumn, NoSuchVersion):
        return False
    return found.total > 0


def mended_by_the_way(entry_id: int, version: DataVersion) -> list[int]:
    """Ids of found errors of an entry whose rows can be verified, and which are right in this version."""
    found = CorrectionReport.objects.filter(
        entry=entry_id, status=CorrectionStatus.MENDING, mend_by=Mend.DATA, submitted_at__lt=version.made_at
    )
    rows = found.select_related("entry").order_by("pk")
    return [report.pk for report in rows if _was_wrong_and_is_not(report, version)]


def wrong_again(entry_id: int, version: DataVersion) -> list[int]:
    """Ids of errors that were mended by data, and whose rows hold the reported value again in this version."""
    mended = CorrectionReport.objects.filter(entry=entry_id, status=CorrectionStatus.MENDED, mend_by=Mend.DATA)
    rows = mended.select_related("entry").order_by("pk")
    return [report.pk for report in rows if rows_still_wrong(report, version)]


def _was_wrong_and_is_not(report: CorrectionReport, version: DataVersion) -> bool:
    """Changed since, and not merely never found: the value stood there in the version that was reported."""
    if not can_be_verified(report) or report.data_version is None:
        return False
    return bool(rows_still_wrong(report, report.data_version)) and not rows_still_wrong(report, version)
