"""What becomes of the rows of an import of matters, foreseen and carried out alike. Batches, few queries each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Prefetch, Q

from catalog.services.import_outcomes import CREATED, REFUSED, UNCHANGED, UPDATED
from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, User
from guiyang_data.inserting import insert_many
from guiyang_data.ledger.services import Entry, record_many
from sharing.materials.workflow import LISTED, MATERIALS, NO_REPEAT, MaterialStatus
from sharing.models import MaterialName, MatterMaterial, ServiceMatter
from sharing.services.materials.import_rows import MatterRow
from sharing.services.materials.names import names_for

SAID = ("form", "source", "document", "required")
"""What a file says of a material besides its name."""
MATTER_FIELDS = ("name", "code", "kind", "basis")
MATERIAL_FIELDS = [
    "position",
    "form",
    "source",
    "document",
    "required",
    "status",
    "reasons",
    "decided_by",
    "decided_on",
]
MATERIAL_FIELDS += ["exception_instrument", "exception_article"]


@dataclass(kw_only=True)
class MatterOutcome:
    """What becomes of a row. ``matter``: what an update starts from; ``said``: what changes of it.

    ``added``: materials that are new, ``changed``: those that are there, with what changes, ``gone``: those that the
    file has no longer.
    """

    row: MatterRow
    kind: str
    matter: ServiceMatter | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    added: Sequence[tuple[int, Mapping[str, Any]]] = ()
    changed: Sequence[tuple[MatterMaterial, Mapping[str, Any]]] = ()
    gone: Sequence[MatterMaterial] = ()
    refusals: Sequence[Mapping[str, Any]] = ()


def matter_outcomes(agency: Agency, rows: Sequence[MatterRow]) -> list[MatterOutcome]:
    """What becomes of some rows, in their order; two queries for a hundred as for one."""
    good = [row for row in rows if not row.is_refused]
    wanted = Q(code__in={row.said["code"] for row in good if row.said.get("code")}) | Q(name__in={r.name for r in good})
    materials = MatterMaterial.objects.order_by("position", "pk")
    known = ServiceMatter.objects.filter(wanted, agency=agency).order_by("pk")
    found = list(known.prefetch_related(Prefetch("materials", queryset=materials)))
    by_code = {matter.code: matter for matter in found if matter.code}
    by_name: dict[str, list[ServiceMatter]] = {}
    for matter in found:
        by_name.setdefault(matter.name, []).append(matter)
    return [_outcome(row, by_code, by_name) for row in rows]


def _outcome(
    row: MatterRow, by_code: Mapping[str, ServiceMatter], by_name: Mapping[str, Sequence[ServiceMatter]]
) -> MatterOutcome:
    if row.is_refused:
        fatal = [asdict(problem) for problem in row.problems if problem.fatal]
        return MatterOutcome(row=row, kind=REFUSED, refusals=fatal)
    code = row.said.get("code", "")
    same_name = [matter for matter in by_name.get(row.name, ()) if not (code and matter.code)]
    matter = by_code.get(code) if code else None
    if matter is None and len(same_name) > 1:
        message = f"本机关有 {len(same_name)} 个同名事项，请写明事项编码"
        told = {"line": row.line, "column": "事项名称", "value": row.name, "message": message, "fatal": True}
        return MatterOutcome(row=row, kind=REFUSED, refusals=[told])
    matter = matter or (same_name[0] if same_name else None)
    if matter is None:
        added = list(enumerate(row.materials or [], start=1))
        return MatterOutcome(row=row, kind=CREATED, said=row.said, added=added)
    return _update(row, matter)


def _update(row: MatterRow, matter: ServiceMatter) -> MatterOutcome:
    """What the file does not say of a matter stays; a material that its list has no longer is dropped."""
    said = {name: row.said[name] for name in MATTER_FIELDS if row.said.get(name, "") not in ("", getattr(matter, name))}
    known = {material.label: material for material in matter.materials.all()}
    added, changed, stated = [], [], set()
    for position, one in enumerate(row.materials or [], start=1):
        material = known.get(one["label"])
        stated.add(one["label"])
        if material is None:
            added.append((position, one))
        elif change := _material_change(material, position, one):
            changed.append((material, change))
    listed = [] if row.materials is None else known.values()
    gone = [material for material in listed if material.label not in stated and material.status in LISTED]
    nothing = not (said or added or changed or gone) and matter.is_active
    kind = UNCHANGED if nothing else UPDATED
    return MatterOutcome(row=row, kind=kind, matter=matter, said=said, added=added, changed=changed, gone=gone)


def _material_change(material: MatterMaterial, position: int, one: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {name: one[name] for name in SAID if name in one} | {"position": position}
    change = {name: value for name, value in wanted.items() if getattr(material, name) != value}
    exception = None if material.status == MaterialStatus.KEPT else one.get("exception")
    if exception and exception != (material.exception_instrument, material.exception_article):
        change |= {"exception": exception}
    if material.status == MaterialStatus.DROPPED:
        change |= {"again": True}
    return change


def carry_out(agency: Agency, outcomes: Sequence[MatterOutcome], *, by: User, at: dt.datetime) -> None:
    """Write what was foreseen; call in a transaction. A dozen queries, and one for each matter that changes."""
    made = _create(agency, [one for one in outcomes if one.kind == CREATED], at)
    updates = [(one.matter, one) for one in outcomes if one.kind == UPDATED and one.matter is not None]
    changed = _change(updates, by=by, at=at)
    added = [(made[id(one)], one.added) for one in outcomes if one.kind == CREATED]
    added += [(matter, one.added) for matter, one in updates]
    _add(added, by=by, at=at)
    entries = [Entry(obj=matter, verb="add-matter", by=by, at=at, basis=NO_REPEAT) for matter in made.values()]
    entries += [Entry(obj=matter, verb="change-matter", by=by, at=at, basis=NO_REPEAT) for matter in changed]
    record_many(entries)


def _create(agency: Agency, new: Iterable[MatterOutcome], at: dt.datetime) -> dict[int, ServiceMatter]:
    found = list(new)
    matters = [ServiceMatter(agency=agency, changed_at=at, **one.said) for one in found]
    return dict(zip(map(id, found), insert_many(matters), strict=True))


def _change(
    updates: Sequence[tuple[ServiceMatter, MatterOutcome]], *, by: User, at: dt.datetime
) -> list[ServiceMatter]:
    matters, materials = [], []
    for matter, one in updates:
        for name, value in one.said.items():
            setattr(matter, name, value)
        matter.changed_at, matter.is_active = at, True
        matters.append(matter)
        for material in one.gone:
            _decide(material, MATERIALS.target("drop-material", material.status), by, at)
        for material, change in one.changed:
            _apply(material, change, by, at)
        materials += [*one.gone, *(material for material, _change in one.changed)]
    ServiceMatter.objects.bulk_update(matters, [*MATTER_FIELDS, "changed_at", "is_active"])
    MatterMaterial.objects.bulk_update(materials, MATERIAL_FIELDS)
    changed = [pair for _matter, one in updates for pair in one.changed]
    _look_anew(material.name_id for material, change in changed if change.get("document"))
    return matters


def _apply(material: MatterMaterial, change: Mapping[str, Any], by: User, at: dt.datetime) -> None:
    for name in ("position", *SAID):
        if name in change:
            setattr(material, name, change[name])
    if "again" in change:
        _decide(material, MATERIALS.target("ask-again", material.status), by, at)
    if "exception" in change:
        if material.status != MaterialStatus.EXEMPT:
            _decide(material, MATERIALS.target("record-exception", material.status), by, at)
        material.exception_instrument, material.exception_article = change["exception"]


def _decide(material: MatterMaterial, status: str, by: User, at: dt.datetime) -> None:
    material.status, material.decided_by, material.decided_on = status, by, day_of(at)


def _add(added: Sequence[tuple[Any, Sequence[tuple[int, Mapping[str, Any]]]]], *, by: User, at: dt.datetime) -> None:
    names = names_for({one["label"] for _matter, materials in added for _place, one in materials})
    rows = []
    for matter, materials in added:
        for position, one in materials:
            said = {name: value for name, value in one.items() if name != "exception"}
            row = MatterMaterial(matter=matter, name=names[one["label"]], position=position, **said)
            if exception := one.get("exception"):
                row.exception_instrument, row.exception_article = exception
                _decide(row, MATERIALS.target("record-exception", row.status), by, at)
            rows.append(row)
    insert_many(rows)
    _look_anew(row.name_id for row in rows if row.document)


def _look_anew(names: Iterable[int]) -> None:
    """A matter says that there is an electronic document: the kinds that the platform issues are held against it."""
    if wanted := set(names):
        MaterialName.objects.filter(pk__in=wanted).update(looked_at=None)
