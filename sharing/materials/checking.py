"""Which materials the platform supplies, how, and what the asking agency must do to have them (第十六条第二款)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from catalog.models import CatalogEntry, InformationItem, SharingType
from guiyang_data.accounts.models import Agency
from guiyang_data.texts import one_line
from sharing.edocuments.selectors import access_key
from sharing.materials.naming import key_of, likeness
from sharing.materials.selectors import materials_listed, supplies_in_force, with_entries
from sharing.materials.workflow import MaterialStatus
from sharing.models import (
    DocumentTemplate,
    MaterialName,
    MaterialSupply,
    MatterMaterial,
    ServiceMatter,
    SharingApplication,
    Taking,
)
from sharing.models import SharingGrant as Grant
from sharing.rights import Access
from sharing.selectors import usable_grants
from sharing.workflow import ApplicationStatus

SUPPLIED, EXEMPT, KEPT, NOT_AVAILABLE = "supplied", "exempt", "kept", "not-available"
OUTCOMES = {
    SUPPLIED: "平台能够提供，不得要求申请人提交",
    EXEMPT: "法律法规规定不适用电子文书，可以要求提交",
    KEPT: "经核对，平台数据不能代替，仍须提交",
    NOT_AVAILABLE: "平台还不能提供",
}
MOST_NAMES = 200
ALIKE = 0.5
MOST_ALIKE = 3
READ, TAKE, APPLY, WAIT, OWN = "read", "declare-taking", "apply", "wait", "own"
DOCUMENT = "take-document"
STEPS = {
    READ: "已有权限，直接读取",
    DOCUMENT: "已有权限，查找并取用电子文书",
    TAKE: "登记所履行的职责后直接获取",
    APPLY: "向提供机关申请",
    WAIT: "已经申请，等待答复",
    OWN: "本机关自己的数据",
}


@dataclass(frozen=True, kw_only=True)
class Way:
    """One entry that supplies a material. ``step``: what the asking agency does next; ``path``, ``call``: where."""

    supply: MaterialSupply
    title: str
    sharing_type: str
    sharing_label: str
    items: tuple[str, ...]
    step: str
    path: str
    call: str
    right: str = ""

    @property
    def step_label(self) -> str:
        """The next step in words."""
        return STEPS[self.step]

    @property
    def document_kind(self) -> str:
        """The class of the electronic document that the platform issues; empty for other ways, and other documents."""
        return self.supply.template.kind if self.supply.template else ""

    @property
    def document_kind_label(self) -> str:
        """The same in words."""
        return self.supply.template.get_kind_display() if self.supply.template else ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is known of one material. ``alike``: names of other materials that the platform supplies, where unknown."""

    asked: str
    outcome: str
    ways: tuple[Way, ...] = ()
    material: MatterMaterial | None = None
    alike: tuple[str, ...] = ()

    @property
    def outcome_label(self) -> str:
        """The outcome in words."""
        return OUTCOMES[self.outcome]

    @property
    def exception(self) -> str:
        """The basis of the exception, where there is one."""
        return self.material.exception if self.material and self.outcome == EXEMPT else ""

    @property
    def document(self) -> str:
        """What electronic document there is of it, as the matter says, where the platform supplies none."""
        return self.material.document if self.material and not self.ways else ""

    @property
    def is_against(self) -> bool:
        """Whether the matter asks for what the platform supplies."""
        return self.outcome == SUPPLIED and self.material is not None


def check_matter(matter: ServiceMatter, agency: Agency | None, *, on: dt.date) -> list[Answer]:
    """What is known of each material that a matter lists, for its own order. At most seven queries."""
    rows = materials_listed(matter.materials.select_related("name")).order_by("position", "pk")
    materials = list(rows)
    ways = _ways({row.name_id for row in materials}, agency, on)
    return [_of_material(row, ways.get(row.name_id, ())) for row in materials]


def check_names(labels: Sequence[str], agency: Agency | None, *, on: dt.date) -> list[Answer]:
    """The same for materials by their names alone. At most eight queries, however many."""
    wanted = [said for label in labels if (said := one_line(label))][:MOST_NAMES]
    keys = {label: key_of(label) for label in wanted}
    known = {name.key: name.pk for name in MaterialName.objects.filter(key__in=set(keys.values()))}
    ways = _ways(set(known.values()), agency, on)
    found = [ways.get(known.get(keys[label], 0), ()) for label in wanted]
    others = _supplied_names() if not all(found) else []
    return [
        Answer(asked=label, outcome=SUPPLIED, ways=one)
        if one
        else Answer(asked=label, outcome=NOT_AVAILABLE, alike=_alike(label, others))
        for label, one in zip(wanted, found, strict=True)
    ]


def _of_material(row: MatterMaterial, ways: tuple[Way, ...]) -> Answer:
    by_status = {MaterialStatus.EXEMPT.value: EXEMPT, MaterialStatus.KEPT.value: KEPT}
    outcome = by_status.get(row.status) or (SUPPLIED if ways else NOT_AVAILABLE)
    return Answer(asked=row.label, outcome=outcome, ways=ways, material=row)


def _supplied_names() -> list[str]:
    return list(MaterialName.objects.filter(supplies__in=supplies_in_force()).values_list("name", flat=True).distinct())


def _alike(label: str, others: Iterable[str]) -> tuple[str, ...]:
    found = sorted(((likeness(label, other), other) for other in others), reverse=True)
    return tuple(other for much, other in found[:MOST_ALIKE] if much >= ALIKE)


def _ways(names: set[int], agency: Agency | None, on: dt.date) -> dict[int, tuple[Way, ...]]:
    supplies = list(with_entries(supplies_in_force().filter(name__in=names)).order_by("-likeness", "pk"))
    if not supplies:
        return {}
    rights = _Rights(agency, {supply.entry_id for supply in supplies}, on)
    items = _item_names(supplies)
    found: defaultdict[int, list[Way]] = defaultdict(list)
    for supply in supplies:
        found[supply.name_id].append(_way(supply, rights, items))
    return {name: tuple(ways) for name, ways in found.items()}


def _item_names(supplies: Iterable[MaterialSupply]) -> dict[tuple[int, str], str]:
    revisions = {supply.entry.in_force_id: supply.entry_id for supply in supplies}
    rows = InformationItem.objects.filter(revision__in=revisions).values_list("revision", "code", "name")
    return {(revisions[revision], code): name for revision, code, name in rows}


@dataclass
class _Rights:
    """What an agency may read already, or asked for; three queries."""

    agency: Agency | None
    entries: set[int]
    on: dt.date
    grants: defaultdict[int, list[Grant]] = field(default_factory=lambda: defaultdict(list))
    takings: dict[int, Taking] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.agency is None:
            return
        grants = usable_grants(on=self.on).filter(grantee=self.agency, entry__in=self.entries)
        # one that only answers whether something is so shows no row and gives no document
        for grant in grants.exclude(verification__rows_too=False).order_by("pk"):
            self.grants[grant.entry_id].append(grant)
        takings = Taking.objects.filter(agency=self.agency, entry__in=self.entries)
        self.takings = {taking.entry_id: taking for taking in takings.order_by("pk")}
        applied = SharingApplication.objects.filter(requester=self.agency, entry__in=self.entries)
        submitted = applied.filter(status=ApplicationStatus.SUBMITTED).values_list("entry", "number")
        self.waiting = dict(submitted.order_by("pk"))

    def step(
        self, entry: CatalogEntry, sharing_type: str, template: DocumentTemplate | None = None
    ) -> tuple[str, str, str, str]:
        """What to do for an entry, or for a kind of its documents: the page, the call, and the right in words."""
        page = reverse("sharing:entry", args=[entry.pk])
        if self.agency is not None and entry.provider_id == self.agency.pk:
            if template:
                return OWN, reverse("sharing:edocuments"), "GET /api/v1/sharing/edocuments/", ""
            return OWN, page, f"GET /api/v1/catalog/entries/{entry.pk}/", ""
        if sharing_type == SharingType.UNCONDITIONAL:
            return self._unconditional(entry, page, template)
        grant = next((one for one in self.grants[entry.pk] if _shows(one, template)), None)
        if grant is not None:
            until = f"授权，至 {grant.valid_until.isoformat()}" if grant.valid_until else "授权，长期"
            if template:
                return (*_taken_through(grant), until)
            return READ, grant.get_absolute_url(), f"GET /api/v1/sharing/grants/{grant.pk}/rows/", until
        if entry.pk in self.waiting:
            number = self.waiting[entry.pk]
            path = reverse("sharing:application", args=[number])
            return WAIT, path, f"GET /api/v1/sharing/applications/{number}/", ""
        return APPLY, reverse("sharing:apply", args=[entry.pk]), "POST /api/v1/sharing/applications/", ""

    def _unconditional(
        self, entry: CatalogEntry, page: str, template: DocumentTemplate | None
    ) -> tuple[str, str, str, str]:
        if entry.pk in self.takings:
            taking = self.takings[entry.pk]
            if template:
                return (*_taken_through(taking), "已登记职责")
            call = f"GET /api/v1/sharing/entries/{entry.resource_code}/rows/"
            return READ, taking.get_absolute_url(), call, "已登记职责"
        return TAKE, reverse("sharing:take", args=[entry.pk]), "POST /api/v1/sharing/takings/", ""


def _shows(grant: Grant, template: DocumentTemplate | None) -> bool:
    """Whether a grant shows all that a document says, without which the document is not had through it."""
    return template is None or set(template.items) <= set(grant.items)


def _taken_through(access: Access) -> tuple[str, str, str]:
    """Documents are looked for and taken through a right."""
    page = f"{reverse('sharing:find-documents')}?through={access_key(access)}"
    return DOCUMENT, page, "POST /api/v1/sharing/edocuments/find/"


def _way(supply: MaterialSupply, rights: _Rights, items: Mapping[tuple[int, str], str]) -> Way:
    revision = supply.entry.revision_in_force
    step, path, call, right = rights.step(supply.entry, revision.sharing_type, supply.template)
    shown = supply.template.items if supply.template else supply.items
    return Way(
        supply=supply,
        title=revision.title,
        sharing_type=revision.sharing_type,
        sharing_label=revision.get_sharing_type_display(),
        items=tuple(items[supply.entry_id, code] for code in shown if (supply.entry_id, code) in items),
        step=step,
        path=path,
        call=call,
        right=right,
    )
