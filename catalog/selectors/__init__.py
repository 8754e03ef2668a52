"""Reading the catalogue: entries, their revisions, versions of data, reviews, adjustments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Avg,
    Count,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)
from django.utils import timezone

from catalog.models import (
    CatalogAdjustment,
    CatalogEntry,
    Category,
    ConfidentialityReview,
    DataVersion,
    EntryRevision,
    InformationItem,
    Load,
    SharingType,
)
from catalog.quality import freshness_filter, rated
from catalog.workflow import GATHER, OPEN_STATES, RevisionStatus
from guiyang_data.accounts.models import Agency
from guiyang_data.errors import NotSeen, WrongState
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import Hand, hands_of
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.refused_rows import read_refused

LONGEST_NUMBER = 10


def entries_in_force() -> QuerySet[CatalogEntry]:
    """Entries whose catalogue record is in force, with what lists show."""
    entries = CatalogEntry.objects.filter(in_force__isnull=False)
    return entries.select_related("in_force", "in_force__category", "provider", "current_data")


def sharing_catalogue() -> QuerySet[CatalogEntry]:
    """The municipal sharing catalogue, public as of right (第十一条第三款): all that is not withheld."""
    return _municipal().exclude(in_force__in=published(sharing_type=SharingType.WITHHELD))


def open_catalogue() -> QuerySet[CatalogEntry]:
    """The municipal open catalogue, public as of right (第十一条第三款)."""
    return _municipal().filter(in_force__in=published(is_open=True))


def _municipal() -> QuerySet[CatalogEntry]:
    # named one by one: entries by their agency are then found, in order, in one index
    agencies = Agency.objects.filter(level=Agency.Level.MUNICIPAL).order_by()
    return entries_in_force().filter(provider__in=set(agencies.values_list("pk", flat=True)))


def published(**shown: Any) -> QuerySet[EntryRevision]:
    """The revisions in force that say this of field, sharing, opening or cycle; an index of them alone is read."""
    return EntryRevision.objects.filter(status=RevisionStatus.IN_FORCE, **shown).order_by().only("pk")


def drafted(entries: QuerySet[CatalogEntry]) -> QuerySet[EntryRevision]:
    """Of those ``entries`` that are not in force the newest revision, which is what lists show of them."""
    newer = EntryRevision.objects.filter(entry=OuterRef("entry"), number__gt=OuterRef("number"))
    not_in_force = entries.filter(in_force=None).order_by()
    return EntryRevision.objects.filter(~Exists(newer), entry__in=not_in_force.values("pk")).order_by()


def columns_of(revision: EntryRevision) -> list[Column]:
    """The columns of an entry's table as its information items define them, for reading; new rows keep more rules."""
    return [column_of(item) for item in revision.items.all()]


def column_of(item: InformationItem) -> Column:
    """One information item as a column."""
    return Column(
        name=item.name,
        code=item.code,
        data_type=DataType(item.data_type),
        length=item.length,
        required=item.required,
        is_key=item.is_key,
        codes=tuple(item.code_list) or None,
    )


def confidentiality_passed(revision: EntryRevision, scope: str) -> bool:
    """Whether a second person found that what the revision now says may be shared or opened (第二十四条).

    What was judged counts, not the number of the version: unchanged items and sharing keep their review.
    """
    return passed_review(revision, scope) is not None


def needs_review(revision: EntryRevision) -> bool:
    """Whether the revision is to be shared and nobody has found yet that what it now says may be (第二十四条)."""
    return revision.sharing_type != SharingType.WITHHELD and not confidentiality_passed(revision, "sharing")


def passed_review(revision: EntryRevision, scope: str) -> ConfidentialityReview | None:
    """The review that lets the revision be shared or opened; None where the last judgement is another."""
    decided = ConfidentialityReview.objects.filter(
        revision__entry=revision.entry_id, scope=scope, substance=revision.substance, decided_at__isnull=False
    )
    last = decided.order_by("-decided_at", "-pk").first()
    return last if last and last.outcome == ConfidentialityReview.Outcome.PASSED else None


def waiting_review(revision: EntryRevision, scope: str) -> ConfidentialityReview | None:
    """The review of the revision that is not decided yet."""
    waiting = revision.confidentiality_reviews.filter(scope=scope, outcome=ConfidentialityReview.Outcome.WAITING)
    return waiting.first()


def open_revision(entry: CatalogEntry) -> EntryRevision | None:
    """The revision that is on its way, where there is one."""
    return entry.revisions.filter(status__in=OPEN_STATES).first()


def revision_before(revision: EntryRevision, revisions: QuerySet[EntryRevision]) -> EntryRevision | None:
    """What a revision is compared with unless another is asked for: the one in force, else the newest before it.

    ``revisions``: those of the entry that the reader sees.
    """
    in_force = revisions.filter(status=RevisionStatus.IN_FORCE).exclude(pk=revision.pk).first()
    if in_force is not None and in_force.number < revision.number:
        return in_force
    return revisions.filter(number__lt=revision.number).order_by("-number").first()


def data_for(revision: EntryRevision) -> DataVersion | None:
    """The newest version of the entry's data that fits the revision's items."""
    versions = DataVersion.objects.filter(entry=revision.entry_id, layout=revision.layout)
    return versions.order_by("-table_version").first()


def versions_of(entry: CatalogEntry) -> QuerySet[DataVersion]:
    """The versions of an entry's data, the newest first, with what a list tells of them."""
    people = ("load__by", "load__collector", "restored", "restored_by", "revision")
    return entry.data_versions.select_related(*people).order_by("-number")


def version_as_of(entry: CatalogEntry, on: dt.date) -> DataVersion | None:
    """The version of the data that was current at the end of a day, as far as the catalogue then in force tells."""
    revision = entry_as_of(entry, on)
    end = timezone.make_aware(dt.datetime.combine(on, dt.time.max))
    made = entry.data_versions.select_related("revision").filter(made_at__lte=end).order_by("-table_version")
    fitting = made.filter(layout=revision.layout).first() if revision is not None else None
    return fitting or made.first()


def version_numbered(entry: CatalogEntry, number: str) -> DataVersion:
    """The version of that number, or ``NotSeen``."""
    found = None
    if number.isascii() and number.isdigit() and len(number) < LONGEST_NUMBER:
        found = entry.data_versions.select_related("revision").filter(number=int(number)).first()
    if found is None:
        raise NotSeen("没有找到这一版数据。请返回目录条目重新选择。")
    return found


def require_readable(version: DataVersion) -> None:
    """Raise WrongState where the items that a version was loaded for have been changed in the draft since."""
    if version.is_outdated:
        raise WrongState(
            f"第{version.number}版数据入库之后，草稿的信息项已经修改，这一版不能按现在的信息项查看。"
            "请按现在的信息项重新报送。",
            basis=GATHER,
        )


def version_on(entry: CatalogEntry, day: str) -> DataVersion:
    """The version that was current on a day as an address has it (2026-09-01), or ``NotSeen``."""
    try:
        on = dt.date.fromisoformat(day)
    except ValueError as error:
        raise NotSeen("这不是日期。请按 2026-09-01 的样子填写。") from error
    found = version_as_of(entry, on)
    if found is None:
        raise NotSeen(f"{day} 这一天还没有数据。请换一个较晚的日期。")
    return found


def parts_of(entry: CatalogEntry) -> list[str]:
    """The ledger's names of what belongs to an entry: its revisions, their reviews, the events it is adjusted for."""
    kinds = (
        EntryRevision.objects.filter(entry=entry),
        ConfidentialityReview.objects.filter(revision__entry=entry),
        CatalogAdjustment.objects.filter(entry=entry),
    )
    return [f"{rows.model._meta.label_lower}:{pk}" for rows in kinds for pk in rows.values_list("pk", flat=True)]


def running_adjustments(entry: CatalogEntry) -> QuerySet[CatalogAdjustment]:
    """Declared events that the catalogue does not answer yet (第十三条第二款)."""
    return entry.adjustments.filter(closed_at=None)


@dataclass(frozen=True, kw_only=True)
class Adjusting:
    """A declared event with its clock: how it stands, and in whose hands it lay for how many days."""

    adjustment: CatalogAdjustment
    clock: Clock | None
    hands: list[Hand]
    together: int
    """How many other entries the same event hit."""


def adjustings(entry: CatalogEntry, on: dt.date) -> list[Adjusting]:
    """The declared events of an entry, the newest first, with the newest clock of each."""
    rows = list(entry.adjustments.select_related("closed_by_revision", "collector"))
    by_subject = {subject_of(row): row for row in rows}
    clocks = Clock.objects.filter(subject__in=by_subject).select_related("rule", "owed_by")
    newest = {clock.subject: clock for clock in clocks.order_by("pk")}
    occasions = [row.occasion for row in rows if row.occasion]
    counted = CatalogAdjustment.objects.filter(occasion__in=occasions).order_by().values_list("occasion")
    others = dict(counted.annotate(number=Count("pk"))) if occasions else {}
    return [
        Adjusting(
            adjustment=row,
            clock=newest.get(subject),
            hands=hands_of(newest[subject], on) if subject in newest else [],
            together=max(others.get(row.occasion, 1) - 1, 0),
        )
        for subject, row in by_subject.items()
    ]


def assignable_categories() -> QuerySet[Category]:
    """Categories an entry can be put under: 目 and 细目, with the path above them."""
    return Category.objects.filter(level__gte=Category.Level.ITEM).select_related("parent", "parent__parent")


def provider_agencies(entries: QuerySet[CatalogEntry]) -> QuerySet[Agency]:
    """The agencies that provide some of ``entries``, or collect for some; of each the first one found is enough."""
    provides = Exists(entries.filter(provider=OuterRef("pk")))
    return Agency.objects.filter(provides | Q(pk__in=_collectors_in_force())).order_by("level", "code")


def _collectors_in_force() -> set[int]:
    """Asked beforehand: agencies that collect for another's entry are few."""
    items = InformationItem.objects.filter(collector__isnull=False, revision__status=RevisionStatus.IN_FORCE)
    return set(items.order_by().values_list("collector", flat=True).distinct())


def entries_of(agency: Agency | int) -> Q:
    """A condition over entries: those that an agency provides, and those in force for which it collects."""
    collected = InformationItem.objects.filter(collector=agency, revision__status=RevisionStatus.IN_FORCE)
    # named one by one: an index serves each half of the condition
    return Q(provider=agency) | Q(pk__in=set(collected.order_by().values_list("revision__entry", flat=True)))


def municipal_providers() -> QuerySet[Agency]:
    """The municipal agencies with something in force, to choose from above the public catalogues."""
    return provider_agencies(CatalogEntry.objects.filter(in_force__isnull=False)).filter(level=Agency.Level.MUNICIPAL)


def entry_as_of(entry: CatalogEntry, on: dt.date) -> EntryRevision | None:
    """The revision that was in force on a day."""
    shown = entry.revisions.filter(in_force_on__lte=on)
    return shown.order_by("-in_force_on", "-number").first()


SHOWN = ("title", "field", "sharing_type", "is_open", "status")
"""What a list shows of a revision."""


def in_rows(entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
    """Entries with what a row of a list shows of them (``CatalogEntry.shown``); two queries for any number of them.

    ``unfinished``: the revisions that are on their way, and of an entry that is not in force all, newest first.
    """
    # not joined: to plan such a join costs PostgreSQL many times what it costs to read the rows
    not_in_force = Exists(CatalogEntry.objects.filter(pk=OuterRef("entry"), in_force=None))
    unfinished = EntryRevision.objects.filter(Q(status__in=OPEN_STATES) | Q(not_in_force))
    newest_first = unfinished.order_by("-number").only("entry_id", *SHOWN)
    related = entries.select_related("provider", "in_force", "current_data")
    read = (f"in_force__{name}" for name in SHOWN)
    provider = (f"provider__{name}" for name in ("code", "name", "short_name"))
    shown = related.only("resource_code", "fresh_until", "current_data__rows", *provider, *read)
    return shown.prefetch_related(Prefetch("revisions", newest_first, to_attr="unfinished"))


def in_public_rows() -> QuerySet[CatalogEntry]:
    """Entries in force with what a row of a public catalogue shows of them; one query for any number of them."""
    shown = (*SHOWN, "abstract", "update_cycle", "sharing_condition", "opening_condition")
    read = (f"in_force__{name}" for name in shown)
    return (
        entries_in_force()
        .select_related(None)
        .select_related("in_force", "provider")
        .only("resource_code", "provider__name", *read)
    )


def clocks_about(entry: CatalogEntry, revision: EntryRevision) -> QuerySet[Clock]:
    """Running clocks on the entry's declared events, on the revision, and on its reviews; soonest first."""
    adjustments = entry.adjustments.filter(closed_at=None)
    reviews = revision.confidentiality_reviews.filter(outcome=ConfidentialityReview.Outcome.WAITING)
    subjects = [subject_of(case) for case in (revision, *adjustments, *reviews)]
    running = Clock.objects.filter(subject__in=subjects, stopped_on=None)
    return running.select_related("owed_by", "rule").order_by("due_on", "pk")


@dataclass(frozen=True, kw_only=True)
class QualityStanding:
    """How published entries stand altogether: how many are late or due soon, and their mean score."""

    total: int
    late: int
    soon: int
    score: int


def standing_of_quality(entries: QuerySet[CatalogEntry], on: dt.date) -> QualityStanding:
    """How entries in force stand on a day; one query."""
    found = rated(entries, on).order_by()
    counted = found.aggregate(
        total=Count("pk"),
        late=Count("pk", filter=freshness_filter("late", on)),
        soon=Count("pk", filter=freshness_filter("soon", on)),
        score=Avg("rated_score"),
    )
    return QualityStanding(**counted | {"score": round(counted["score"] or 0)})


def refused_rows(load: Load, *, offset: int, limit: int) -> dict[str, Any]:
    """The rows of a batch that were not taken in: what is wrong with them, and as they can be sent again."""
    path = load.bad_rows_file
    total, cells = read_refused(path, offset=offset, limit=limit) if path and path.is_file() else (0, [])
    rows = {cell.line: cell.row for cell in cells if cell.row}
    return {"total": total, "mode": load.mode, "problems": cells, "rows": list(rows.values())}
