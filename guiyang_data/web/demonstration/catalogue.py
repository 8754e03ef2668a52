"""The catalogue of the demonstration city, brought about by the acts that the law prescribes, on past days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.utils import timezone

from catalog import services
from catalog.models import CatalogEntry, Category, EntryRevision
from guiyang_data.accounts.models import Agency, RoleAssignment, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import authority_over, government_over, holders
from guiyang_data.web.demonstration.datasets import DATASETS, Dataset, csv_of
from guiyang_data.web.demonstration.licensed import LICENSED

MADE_UP = "（演示数据，内容为虚构。）"


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who acts for an agency and above it."""

    steward: User
    approver: User
    reviewer: User
    government: User


def staff_of(agency: Agency, *, at: dt.datetime) -> Staff:
    """The people of an agency; those the demonstration names no account for are made without a password."""
    authority, government = authority_over(agency), government_over(agency)
    officer = Role.MUNICIPAL_AUTHORITY if authority.level == Agency.Level.MUNICIPAL else Role.COUNTY_AUTHORITY
    return Staff(
        steward=_holder(agency, Role.DATA_STEWARD, at),
        approver=_holder(agency, Role.APPROVER, at),
        reviewer=_holder(authority, officer, at),
        government=_holder(government, Role.GOVERNMENT_APPROVER, at),
    )


def _holder(agency: Agency, role: Role, at: dt.datetime) -> User:
    found = holders(agency, [role.value]).first()
    if found is not None:
        return found
    user = User(
        username=f"{role.value}-{agency.code[-6:].lower()}",
        display_name="示例人员",
        kind=User.Kind.STAFF,
        date_joined=at,
    )
    user.set_unusable_password()
    user.save()
    RoleAssignment.objects.create(user=user, agency=agency, role=role, started_on=at.date())
    return user


def build(found: dict[str, Agency], *, at: dt.datetime, on: dt.date) -> Iterator[tuple[Dataset, CatalogEntry]]:
    """Compile, review, approve and load every data set from ``at`` on; its rows are as of ``on``."""
    for number, dataset in enumerate((*DATASETS, *LICENSED)):
        agency = found[dataset.provider]
        moment = at + dt.timedelta(hours=3 * number)
        people = staff_of(agency, at=moment)
        revision = compile_dataset(dataset, agency, people.steward, at=moment)
        approve(revision, people, at=moment)
        yield dataset, gather(revision, dataset, people.steward, at=moment + dt.timedelta(days=3), on=on)


def compile_dataset(dataset: Dataset, agency: Agency, by: User, *, at: dt.datetime) -> EntryRevision:
    """The draft of a data set."""
    return services.compile_entry(
        provider=agency,
        by=by,
        at=at,
        elements={
            "title": dataset.title,
            "abstract": f"{dataset.abstract}{MADE_UP}",
            "category": _category(dataset.category),
            "field": dataset.field,
            "keywords": dataset.keywords,
            "format_class": "spreadsheet",
            "format_type": "CSV",
            "sharing_type": dataset.sharing,
            "sharing_condition": dataset.condition,
            "sharing_method": "共享平台",
            "is_open": dataset.is_open,
            "closed_ground": dataset.ground,
            "closed_basis": dataset.ground_basis,
            "update_cycle": dataset.cycle,
            "spatial_scope": "贵阳市",
            "contact": "数据管理科",
            "contact_phone": "0851-00000000",
        },
        items=[
            services.ItemSpec(
                name=item.name,
                code=item.code,
                data_type=item.data_type,
                length=item.length,
                unit=item.unit,
                meaning=item.meaning,
                required=item.required,
                is_key=item.key,
                sensitivity=item.sensitivity,
                grade=item.grade,
                **item.rules,  # type: ignore[arg-type]
            )
            for item in dataset.items
        ],
    )


def _category(name: str) -> Category:
    """The category of that name; where two branches have one, that of the first."""
    found = Category.objects.filter(name=name, level=Category.Level.ITEM).order_by("code").first()
    if found is None:
        raise LookupError(name)
    return found


def approve(revision: EntryRevision, people: Staff, *, at: dt.datetime) -> None:
    """The way of a draft into force: confidentiality review, submission, review, approval."""
    hour, day = dt.timedelta(hours=1), dt.timedelta(days=1)
    review = services.ask_confidentiality_review(revision_id=revision.pk, scope="sharing", by=people.steward, at=at)
    services.decide_confidentiality_review(review_id=review.pk, passed=True, by=people.approver, at=at + hour)
    services.submit(revision_id=revision.pk, by=people.steward, at=at + 2 * hour)
    services.pass_review(revision_id=revision.pk, by=people.reviewer, at=at + day)
    services.approve(revision_id=revision.pk, by=people.government, at=at + 2 * day)


def gather(revision: EntryRevision, dataset: Dataset, by: User, *, at: dt.datetime, on: dt.date) -> CatalogEntry:
    """Load the rows of a data set."""
    load = services.land_file(
        entry_id=revision.entry_id,
        uploaded=ContentFile(csv_of(dataset, on=on), name=f"{dataset.title}.csv"),
        by=by,
        at=at,
    )
    done = services.run_load(load.pk, at=at)
    if done.rows_refused or done.state != "done":
        raise RuntimeError(f"{dataset.title}: {done.message or done.reasons}")
    return CatalogEntry.objects.get(pk=revision.entry_id)


def adjust(entries: dict[str, CatalogEntry], *, at: dt.datetime) -> None:
    """Events that make the catalogue change within fifteen days (第十三条第二款): one done in time, one running."""
    day = dt.timedelta(days=1)
    done, running = entries["定点医疗机构与药店"], entries["公交线路与站点"]
    people = staff_of(done.provider, at=at)
    services.declare_adjustment(
        entry_id=done.pk,
        kind="law",
        event_on=timezone.localdate(at - 40 * day),
        description="定点医药机构管理办法修订，增加异地结算事项。（演示）",
        document="示例管理办法（修订）",
        by=people.steward,
        at=at - 39 * day,
    )
    revision = services.revise(entry_id=done.pk, by=people.steward, at=at - 37 * day)
    services.edit_revision(
        revision_id=revision.pk,
        by=people.steward,
        at=at - 37 * day,
        elements={
            "abstract": f"{revision.abstract.removesuffix(MADE_UP)}自本版起包括开通异地结算的机构。{MADE_UP}",
            "keywords": "医保 药店 定点 异地结算",
        },
    )
    approve(revision, people, at=at - 36 * day)
    services.declare_adjustment(
        entry_id=running.pk,
        kind="function",
        event_on=timezone.localdate(at - 8 * day),
        description="公交线网优化，线路归属调整，目录的信息项需要增加运营单位。（演示）",
        document="示例职能调整通知",
        by=staff_of(running.provider, at=at).steward,
        at=at - 7 * day,
    )
