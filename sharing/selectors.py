"""Reading applications, grants, takings, coordinations, and what was read through them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, SharingType
from catalog.selectors import entries_in_force
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.selectors import names_of_actors
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from sharing.models import (
    ChangeSubscription,
    Coordination,
    CounterProof,
    Deferral,
    SharingApplication,
    SharingGrant,
    StandingAuthorisation,
    Taking,
)
from sharing.workflow import COORDINATION_IN_HAND, ApplicationStatus, GrantStatus, SubscriptionStatus

OBTAINABLE = {"unconditional": SharingType.UNCONDITIONAL, "conditional": SharingType.CONDITIONAL}


# --- what can be had ---------------------------------------------------------------------------------


def shareable_entries(*, text: str = "", sharing_type: str = "") -> QuerySet[CatalogEntry]:
    """Entries in force that are shared (第十四条), narrowed by words of the title or code, and by sharing type."""
    entries = entries_in_force().exclude(in_force__sharing_type=SharingType.WITHHELD)
    if sharing_type in OBTAINABLE:
        entries = entries.filter(in_force__sharing_type=OBTAINABLE[sharing_type])
    for word in text.split():
        found = Q(in_force__title__icontains=word) | Q(in_force__keywords__icontains=word)
        found |= Q(in_force__abstract__icontains=word) | Q(provider__name__icontains=word)
        entries = entries.filter(found | Q(resource_code__startswith=word))
    return entries.order_by("-in_force__in_force_on", "resource_code")


def standings_on(entry: CatalogEntry) -> QuerySet[StandingAuthorisation]:
    """The authorisations of an entry for kinds of agency that have not ended, the newest on top."""
    return entry.authorisations.exclude(status=GrantStatus.ENDED).order_by("-granted_at", "-pk")


def takings_of(agency: Agency, entry: CatalogEntry) -> QuerySet[Taking]:
    """What an agency declared for an entry, newest first."""
    return Taking.objects.filter(agency=agency, entry=entry).select_related("entry", "agency")


def takings_with_parties(takings: QuerySet[Taking]) -> QuerySet[Taking]:
    """What pages of takings show besides themselves."""
    return takings.select_related("entry__in_force", "entry__provider", "entry__current_data", "agency")


def standings_with_parties(standings: QuerySet[StandingAuthorisation]) -> QuerySet[StandingAuthorisation]:
    """What pages of authorisations for kinds of agency show besides themselves."""
    return standings.select_related("entry__in_force", "entry__provider", "granted_by")


def taken_by_others(entry: CatalogEntry) -> QuerySet[Taking]:
    """Who declared a duty for an entry, for its provider, newest first."""
    return takings_with_parties(Taking.objects.filter(entry=entry)).order_by("-taken_at", "-pk")


def grants_on(entry: CatalogEntry, agency: Agency) -> QuerySet[SharingGrant]:
    """An agency's grants on an entry that have not ended."""
    rows = with_parties(SharingGrant.objects.filter(entry=entry, grantee=agency))
    return rows.exclude(status=GrantStatus.ENDED)


def usable_grants(*, on: dt.date) -> QuerySet[SharingGrant]:
    """The grants that let through on a day: those for which ``is_usable_on`` holds."""
    running = Q(status=GrantStatus.ACTIVE) & (Q(standing=None) | Q(standing__status=GrantStatus.ACTIVE))
    return SharingGrant.objects.filter(running, Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)


def held_by(agency: Agency, entries: Iterable[int], *, on: dt.date) -> set[int]:
    """Which of these entries (ids) the agency holds a grant on that lets through on a day."""
    rows = usable_grants(on=on).filter(grantee=agency, entry__in=list(entries))
    return set(rows.values_list("entry", flat=True))


# --- cases -------------------------------------------------------------------------------------------


def applications_with_parties(applications: QuerySet[SharingApplication]) -> QuerySet[SharingApplication]:
    """What lists and pages of applications show besides themselves."""
    return applications.select_related(
        "entry__in_force", "provider", "requester", "system", "submitted_by", "replied_by", "drafted_by", "previous"
    )


def with_parties(grants: QuerySet[SharingGrant]) -> QuerySet[SharingGrant]:
    """What lists and pages of grants show besides themselves."""
    return grants.select_related(
        "entry__in_force",
        "entry__provider",
        "entry__current_data",
        "grantee",
        "source",
        "system",
        "granted_by",
        "verification",
        "standing",
    )


def subscriptions_with_parties(rows: QuerySet[ChangeSubscription]) -> QuerySet[ChangeSubscription]:
    """What lists and pages of subscriptions show besides themselves."""
    return rows.select_related("entry__in_force", "entry__provider", "agency", "grant", "taking")


def active_subscription(agency: Agency, entry: CatalogEntry) -> ChangeSubscription | None:
    """What an agency subscribed to of an entry and did not end."""
    rows = ChangeSubscription.objects.filter(agency=agency, entry=entry, status=SubscriptionStatus.ACTIVE)
    return rows.first()


def coordinations_with_parties(coordinations: QuerySet[Coordination]) -> QuerySet[Coordination]:
    """What lists and pages of coordinations show besides themselves."""
    return coordinations.select_related(
        "application__provider",
        "application__requester",
        "application__entry__in_force",
        "application__replied_by",
        "application__drafted_by",
        "application__submitted_by",
        "requested_by",
    )


def deferrals_with_parties(deferrals: QuerySet[Deferral]) -> QuerySet[Deferral]:
    """What lists and pages of deferrals show besides themselves."""
    return deferrals.select_related(
        "grant__entry__provider",
        "grant__grantee",
        "taking__entry__provider",
        "taking__entry__in_force",
        "taking__agency",
        "agency",
        "proposed_by",
        "confirmed_by",
    )


def chain_of(application: SharingApplication) -> list[SharingApplication]:
    """The applications in which the matter was taken up, the first on top; empty where there is only this one."""
    first = application.origin_id or application.pk
    rows = list(SharingApplication.objects.filter(Q(pk=first) | Q(origin=first)).order_by("submitted_at", "pk"))
    return rows if len(rows) > 1 else []


def filed_together(application: SharingApplication) -> QuerySet[SharingApplication]:
    """The applications filed with this one for other entries, itself among them; none where it was filed alone."""
    rows = SharingApplication.objects.filter(filing=application.filing).select_related("provider", "requester")
    return rows.order_by("number") if application.filing else rows.none()


def coordination_in_hand(application: SharingApplication) -> Coordination | None:
    """The coordination of an application that has not ended."""
    return application.coordinations.filter(status__in=[status.value for status in COORDINATION_IN_HAND]).first()


def silent_since(application: SharingApplication, on: dt.date) -> dt.date | None:
    """The due day that passed without a reply; None while there is time, or after a reply."""
    if application.status != ApplicationStatus.SUBMITTED:
        return None
    clocks = Clock.objects.filter(subject=subject_of(application), kind="sharing-reply", stopped_on=None)
    return clocks.filter(due_on__lt=on).values_list("due_on", flat=True).first()


def readable_entries() -> QuerySet[CatalogEntry]:
    """Entries whose rows can be taken by who has the right to: data is there and nothing closes them to readers."""
    entries = CatalogEntry.objects.filter(in_force__isnull=False, current_data__isnull=False, frozen_at=None)
    return entries.exclude(in_force__sharing_type=SharingType.WITHHELD)


def readable_since(entry_id: int) -> list[tuple[int, dt.datetime]]:
    """An entry's agreed grants not yet recorded as supplied whose data is there now: (id, since when it is)."""
    waiting = SharingGrant.objects.filter(entry=entry_id, supplied_on=None, entry__in=readable_entries())
    rows = waiting.exclude(status=GrantStatus.ENDED).order_by("pk")
    moments = rows.values_list("pk", "granted_at", "entry__current_data__made_at", "entry__in_force__updated_at")
    return [(pk, max(granted, made, in_force)) for pk, granted, made, in_force in moments]


def running_grants(entry_id: int) -> list[int]:
    """Ids of an entry's grants that have not ended."""
    rows = SharingGrant.objects.filter(entry=entry_id).exclude(status=GrantStatus.ENDED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def clocks_by_subject(
    cases: Iterable[SharingApplication | SharingGrant | Coordination],
) -> dict[str, Clock]:
    """For each case the clock a list shows: the running one, else the one stopped last. One query."""
    subjects = [subject_of(case) for case in cases]
    clocks = Clock.objects.filter(subject__in=subjects).select_related("owed_by", "rule")
    return {clock.subject: clock for clock in sorted(clocks, key=lambda one: (one.is_running, one.pk))}


def counter_proof_of(user: User) -> CounterProof | None:
    """Whether and when the account's holder came to a counter, or holds a code for it."""
    return CounterProof.objects.select_related("agency").filter(user=user).first()


# --- what was read -----------------------------------------------------------------------------------


WAYS = {
    "page": _("查询"),
    "csv": _("下载 CSV"),
    "excel": _("下载 CSV（表格软件用）"),
    "json": _("下载 JSON"),
    "diff-page": _("查看变化"),
    "diff-csv": _("下载变化 CSV"),
    "diff-excel": _("下载变化 CSV（表格软件用）"),
    "diff-json": _("下载变化 JSON"),
    "verify": _("核验"),
    "edocument": _("电子文书"),
}
"""How rows are read, by the log's word for it."""


@dataclass(frozen=True, kw_only=True)
class ReadingLine:
    """One reading as the log shows it. ``rows`` None: it has not ended, or broke off without a word."""

    at: dt.datetime
    who: str
    agency: str
    title: str
    purpose: str
    case_number: str
    items: Sequence[str]
    version: int | None
    query: dict[str, object]
    rows: int | None
    outcome: str
    reading: str = ""
    grant: str = ""
    ended_at: dt.datetime | None = None

    @property
    def kind(self) -> str:
        """In which way it was read; empty where a provider looked at its own data."""
        return str(self.query.get("kind", ""))

    @property
    def way(self) -> str:
        """That in words."""
        return str(WAYS.get(self.kind, self.kind))

    @property
    def filters(self) -> str:
        """The conditions as text; what could identify somebody stands in the log as a checksum alone."""
        asked = self.query.get("filters")
        conditions = [one for one in asked if isinstance(one, dict)] if isinstance(asked, list) else []
        return "；".join(
            f"{one.get('code', '')} {one.get('operator', '')} {one['value'] if 'value' in one else '…'}"
            for one in conditions
        )


def readings(
    *,
    entries: QuerySet[CatalogEntry] | None = None,
    agency: Agency | None = None,
    through: SharingGrant | Taking | None = None,
) -> QuerySet[Access]:
    """Opened readings, newest first: of entries, by an agency, or through one grant or taking."""
    rows = Access.objects.filter(phase=Access.Phase.OPENED, resource__startswith="catalog.catalogentry:")
    if entries is not None:
        rows = rows.filter(resource__in=[subject_of(entry) for entry in entries.only("pk")])
    if agency is not None:
        rows = rows.filter(agency=agency.code)
    if through is not None:
        rows = rows.filter(grant=subject_of(through))
    return rows.order_by("-at", "-id")


def reading_lines(opened: Sequence[Access]) -> list[ReadingLine]:
    """The lines of one page of the log. Four queries, however many lines."""
    ends = Access.objects.filter(reading__in=[row.reading for row in opened], phase=Access.Phase.CLOSED)
    ended = {row.reading: row for row in ends}
    names = names_of_actors({row.actor for row in opened})
    agencies = dict(Agency.objects.filter(code__in={row.agency for row in opened}).values_list("code", "name"))
    entries = {int(row.resource.rpartition(":")[2]) for row in opened}
    found = CatalogEntry.objects.filter(pk__in=entries)
    titles = {f"catalog.catalogentry:{pk}": title or code for pk, code, title in _titles(found)}
    return [
        ReadingLine(
            at=row.at,
            who=names.get(row.actor, ""),
            agency=agencies.get(row.agency, row.agency),
            title=titles.get(row.resource, ""),
            purpose=row.purpose,
            case_number=row.case_number,
            items=row.items,
            version=row.version,
            query=row.query,
            rows=ended[row.reading].rows if row.reading in ended else None,
            outcome=ended[row.reading].outcome if row.reading in ended else "",
            reading=str(row.reading),
            grant=row.grant,
            ended_at=ended[row.reading].at if row.reading in ended else None,
        )
        for row in opened
    ]


def _titles(entries: QuerySet[CatalogEntry]) -> Iterable[tuple[int, str, str | None]]:
    return entries.values_list("pk", "resource_code", "in_force__title")
