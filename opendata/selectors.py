"""Reading what is open, what is to be opened next, and what the public wants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from catalog.models import CatalogEntry, Field, UpdateCycle
from catalog.selectors import sharing_catalogue
from guiyang_data.accounts.models import Agency, Region
from guiyang_data.ledger.services import PUBLIC
from guiyang_data.search import selectors as search_index
from opendata.models import Demand, OpenDataset, OpeningPlan, PublishedVersion, PublishJob
from opendata.policies import visible_to
from opendata.workflow import DatasetStatus, PlanStatus

SEARCH_KIND = "dataset"
MOST_FOUND = 1000
"""How many results of one search can be filtered and sorted; nobody pages further."""
IN_FORCE_FROM = dt.date(2017, 5, 1)
"""From when on new data opens first (第二十条第一款、第三十三条)."""
FOREVER = (dt.date(2017, 5, 1), dt.date(9999, 1, 1))
SORTS: dict[str, str] = {"relevance": "相关程度", "newest": "最近更新", "downloads": "下载最多", "title": "名称"}


# --- plans ---------------------------------------------------------------------------------------


def plan_on_its_way(entry: CatalogEntry) -> OpeningPlan | None:
    """The plan of an entry that is neither carried out nor ended."""
    return entry.opening_plans.filter(status__in=[PlanStatus.DRAFT, PlanStatus.IN_REVIEW]).first()


def carried_out_plan(entry: CatalogEntry) -> OpeningPlan | None:
    """The plan by which an entry is open."""
    return entry.opening_plans.filter(status=PlanStatus.PUBLISHED).first()


def plans_with_all() -> QuerySet[OpeningPlan]:
    """Plans with what their pages show."""
    related = (
        "entry__provider",
        "entry__in_force",
        "entry__current_data",
        "revision",
        "compiled_by",
        "review__decided_by",
    )
    return OpeningPlan.objects.select_related(*related)


def last_job(plan: OpeningPlan) -> PublishJob | None:
    """The newest job of a plan."""
    return plan.jobs.select_related("source").first()


# --- what is open ----------------------------------------------------------------------------------


def open_datasets() -> QuerySet[OpenDataset]:
    """Every data set the public has, with its current version."""
    return visible_to(PUBLIC, OpenDataset.objects.select_related("current"))


def total() -> int:
    """How many data sets are open."""
    return open_datasets().count()


def counts_by_field() -> dict[str, int]:
    """How many data sets each field has, by its code; fields without any are left out."""
    counted = open_datasets().order_by().values_list("field").annotate(number=Count("pk"))
    return dict(counted)


def newest(limit: int) -> list[OpenDataset]:
    """The data sets brought up to date last."""
    return list(open_datasets().order_by("-updated_at", "-pk")[:limit])


def dataset_by_slug(slug: str) -> OpenDataset | None:
    """An open data set with its entry; None where the public has none of that name."""
    related = open_datasets().select_related("entry__in_force", "entry__provider", "current__plan")
    return related.filter(slug=slug).first()


def withdrawn_notice(slug: str) -> OpenDataset | None:
    """A data set that was taken back, for the page that says when and why."""
    return OpenDataset.objects.filter(slug=slug, status=DatasetStatus.WITHDRAWN).first()


def versions_shown(dataset: OpenDataset) -> QuerySet[PublishedVersion]:
    """The versions that the public still gets, newest first: those that reveal no more than the plan in force.

    A plan is often made anew because the one before left too much; its versions must not stay for the taking.
    """
    if dataset.current is None:
        return dataset.versions.none()
    in_force = dataset.current.plan.techniques
    plans = OpeningPlan.objects.filter(pk__in=dataset.versions.values("plan")).only("techniques")
    fit = [plan.pk for plan in plans if _reveals_no_more(plan.techniques, in_force)]
    return dataset.versions.filter(plan__in=fit).order_by("-number")


def _reveals_no_more(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    hidden = {"technique": "suppress"}
    return all(technique in (hidden, now.get(code)) for code, technique in before.items())


def version_of(dataset: OpenDataset, number: int) -> PublishedVersion | None:
    """A version that the public gets, by its number."""
    return versions_shown(dataset).filter(number=number).first()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value of a facet: its code, what it is called, and how many data sets have it."""

    code: str
    label: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search came to. ``is_missed``: nothing answers all of it, to be counted as demand by the face."""

    datasets: QuerySet[OpenDataset]
    order: tuple[int, ...]
    is_partial: bool
    is_missed: bool


def search(text: str) -> Found:
    """Open data sets that a text finds; all of them for an empty text."""
    if not text.strip():
        return Found(datasets=open_datasets(), order=(), is_partial=False, is_missed=False)
    results = search_index.find(text, kinds=[SEARCH_KIND], limit=MOST_FOUND)
    keys = tuple(int(hit.key) for hit in results.hits)
    return Found(
        datasets=open_datasets().filter(pk__in=keys),
        order=keys,
        is_partial=results.is_partial,
        is_missed=results.is_missed,
    )


FACETS: Mapping[str, str] = {
    "field": "field",
    "agency": "provider_code",
    "cycle": "update_cycle",
    "region": "region_code",
}
"""Parameter of the address -> column."""


def narrowed(datasets: QuerySet[OpenDataset], chosen: Mapping[str, str], *, without: str = "") -> QuerySet[OpenDataset]:
    """``datasets`` with the chosen facets, all but ``without``."""
    wanted = {FACETS[name]: value for name, value in chosen.items() if value and name != without}
    return datasets.filter(**wanted)


def facets(datasets: QuerySet[OpenDataset], chosen: Mapping[str, str]) -> dict[str, list[Choice]]:
    """The values of each facet with how many data sets would show; a facet is counted under the others' choice."""
    counted = {
        name: list(
            narrowed(datasets, chosen, without=name)
            .order_by()
            .values_list(column)
            .annotate(number=Count("pk"))
            .order_by("-number", column)
        )
        for name, column in FACETS.items()
    }
    labels = _labels(counted)
    return {
        name: [Choice(code=code, label=labels[name].get(code, code), count=number) for code, number in values]
        for name, values in counted.items()
    }


def _labels(counted: Mapping[str, Sequence[tuple[str, int]]]) -> dict[str, dict[str, str]]:
    agencies = [code for code, _number in counted["agency"]]
    regions = [code for code, _number in counted["region"]]
    return {
        "field": {code: str(label) for code, label in Field.choices},
        "cycle": {code: str(label) for code, label in UpdateCycle.choices},
        "agency": dict(Agency.objects.filter(code__in=agencies).values_list("code", "short_name")),
        "region": dict(Region.objects.filter(code__in=regions).values_list("code", "name")),
    }


def in_order(datasets: QuerySet[OpenDataset], sort: str, order: Sequence[int]) -> QuerySet[OpenDataset]:
    """Sorted by relevance (``order``: ids, best first), newest, downloads or title."""
    if sort == "title":
        return datasets.order_by("title", "pk")
    if sort == "downloads":
        return datasets.order_by("-downloads", "-updated_at", "pk")
    if sort == "relevance" and order:
        places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(order[:200])]
        place = Case(*places, default=Value(len(order)), output_field=IntegerField())
        return datasets.annotate(place=place).order_by("place", "-updated_at", "pk")
    return datasets.order_by("-updated_at", "-pk")


# --- what is wanted, what comes next ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Something the public asks for that is not open: where to ask, and how often it was asked for."""

    title: str
    url: str
    detail: str


def most_wanted(limit: int) -> list[Wanted]:
    """Entries of the public catalogues that are asked for most and not open, then words looked for in vain."""
    asked = _with_demand(_not_open(sharing_catalogue())).filter(Q(wanted__gt=0) | Q(searched__gt=0))
    entries = asked.order_by("-wanted", "-searched", "pk")[:limit]
    found = [_wanted_entry(entry) for entry in entries]
    if len(found) < limit:
        missed = search_index.misses(since=FOREVER[0], until=FOREVER[1], limit=limit - len(found))
        found += [
            Wanted(title=words, url=f"/requests/new/?{urlencode({'q': words})}", detail=f"{times:,} 次搜索，还没有结果")
            for words, times in missed
        ]
    return found


def _wanted_entry(entry: Any) -> Wanted:
    title = entry.in_force.title if entry.in_force else entry.resource_code
    counts = [f"{entry.asked:,} 人申请"] if entry.asked else []
    counts += [f"{entry.followed:,} 人关注"] if entry.followed else []
    counts += [f"{entry.searched:,} 次搜索"] if entry.searched else []
    address = f"/requests/new/?{urlencode({'entry': entry.pk, 'q': title})}"
    return Wanted(title=title, url=address, detail=" · ".join([*counts, entry.provider.short_name]))


def _not_open(entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
    return entries.filter(~Exists(_published()))


def _published() -> QuerySet[OpenDataset]:
    return OpenDataset.objects.filter(entry=OuterRef("pk"), status=DatasetStatus.PUBLISHED, current__isnull=False)


def _with_demand(entries: QuerySet[CatalogEntry]) -> QuerySet[Any]:
    """With ``asked``, ``searched`` and ``followed``: how often the public asked; ``wanted``: askers and followers."""
    demand = Demand.objects.filter(entry=OuterRef("pk")).order_by().values("entry")
    asked = Subquery(demand.annotate(number=Sum("requests")).values("number"))
    searched = Subquery(demand.annotate(number=Sum("searches")).values("number"))
    followed = Subquery(demand.annotate(number=Sum("followers")).values("number"))
    counted = entries.annotate(asked=Coalesce(asked, 0), searched=Coalesce(searched, 0), followed=Coalesce(followed, 0))
    return counted.annotate(wanted=F("asked") + F("followed"))


STATES = {"waiting": "待开放", "under-way": "办理中", "open": "已开放", "withdrawn": "已撤回", "closed": "不开放"}


def opening_queue(entries: QuerySet[CatalogEntry], *, state: str = "") -> QuerySet[Any]:
    """Entries in force in the order in which they are to open (第二十条), with what the list shows.

    New data since the regulation is in force comes first; then what is asked for, and the nineteen fields.
    """
    in_force = entries.filter(in_force__isnull=False)
    queue = _with_demand(in_force).annotate(
        is_published=Exists(_published()),
        is_taken_back=Exists(OpenDataset.objects.filter(entry=OuterRef("pk"), status=DatasetStatus.WITHDRAWN)),
        plan_status=Subquery(_plan_of().values("status")[:1]),
        plan_id=Subquery(_plan_of().values("pk")[:1]),
        is_new=Case(
            When(created_at__date__gte=IN_FORCE_FROM, then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
        in_nineteen=Case(When(in_force__field=Field.OTHER, then=Value(0)), default=Value(1)),
    )
    chosen = queue.filter(_CONDITIONS[state]) if state in _CONDITIONS else queue
    ordered = chosen.order_by("-is_new", "-wanted", "-searched", "-in_nineteen", F("in_force__in_force_on").asc(), "pk")
    return ordered.select_related("provider", "in_force", "current_data", "dataset")


def _plan_of() -> QuerySet[OpeningPlan]:
    ways = [PlanStatus.DRAFT, PlanStatus.IN_REVIEW]
    return OpeningPlan.objects.filter(entry=OuterRef("pk"), status__in=ways)


_UNOPENED = Q(is_published=False, is_taken_back=False, in_force__is_open=True)
_CONDITIONS = {
    "waiting": _UNOPENED & Q(plan_status=None),
    "under-way": Q(plan_status__isnull=False),
    "open": Q(is_published=True, in_force__is_open=True),
    "withdrawn": Q(is_taken_back=True, in_force__is_open=True),
    "closed": Q(in_force__is_open=False),
}


def queue_counts(entries: QuerySet[CatalogEntry]) -> dict[str, int]:
    """How many entries are in each state of the queue; one query."""
    queue = opening_queue(entries).order_by()
    names = {state: state.replace("-", "_") for state in STATES}
    totals = queue.aggregate(**{names[state]: Count("pk", filter=_CONDITIONS[state]) for state in STATES})
    return {state: totals[names[state]] for state in STATES}


def reasons_for(entry: CatalogEntry) -> list[str]:
    """Why an entry of the queue comes early, in words (第二十条)."""
    found = ["新增数据，先行开放"] if getattr(entry, "is_new", False) else []
    revision = entry.in_force
    if revision is not None and revision.field != Field.OTHER:
        found.append(f"重点领域：{revision.get_field_display()}")
    asked, searched = getattr(entry, "asked", 0), getattr(entry, "searched", 0)
    followed = getattr(entry, "followed", 0)
    if asked:
        found.append(f"{asked:,} 人申请")
    if followed:
        found.append(f"{followed:,} 人关注")
    if searched:
        found.append(f"{searched:,} 次搜索")
    return found
