"""Catalogue entries in every state, made by the acts themselves. Plain functions, named for what they make."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.base import ContentFile

from catalog import services
from catalog.models import CatalogAdjustment, CatalogEntry, Category, EntryRevision, Load
from catalog.seed import categories
from catalog.services import ItemSpec
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import authority_over, government_over, holders
from tests.factories.accounts import staff
from tests.remembering import remembered

AT = dt.datetime(2026, 9, 1, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
"""A Tuesday morning in Guiyang, on which everything is done that no test names another moment for."""

ITEMS = (
    ItemSpec(name="线路编号", code="route", data_type="C", length=10, required=True, is_key=True, meaning="线路的编号"),
    ItemSpec(name="线路名称", code="name", data_type="C", length=40, required=True, meaning="对外公布的线路名称"),
    ItemSpec(name="长度", code="length", data_type="N", unit="公里", meaning="单程长度"),
    ItemSpec(name="开通日期", code="opened", data_type="D", meaning="首次运营日期"),
)
ROWS = (
    {"线路编号": "001", "线路名称": "火车站环线", "长度": "12.5", "开通日期": "2017-05-01"},
    {"线路编号": "002", "线路名称": "花果园专线", "长度": "8", "开通日期": "2018-11-20"},
    {"线路编号": "010", "线路名称": "观山湖快线", "长度": "21.3", "开通日期": "2020-01-02"},
)


@remembered
def category(code: str = "203001") -> Category:
    """A category of the first tree (目), with its parents."""
    for values in categories():
        if code.startswith(values["code"]):
            Category.objects.get_or_create(code=values["code"], defaults=values)
    return Category.objects.get(pk=code)


def elements(**changed: Any) -> dict[str, Any]:
    """What a complete, open and unconditionally shared entry says."""
    return {
        "title": "公交线路信息",
        "abstract": "全市公交线路的编号、名称、长度和开通日期。",
        "category": category(),
        "field": "transport",
        "keywords": "公交，线路",
        "format_class": "spreadsheet",
        "format_type": "CSV",
        "sharing_type": "unconditional",
        "sharing_condition": "",
        "sharing_basis": "",
        "sharing_method": "共享平台",
        "is_open": True,
        "update_cycle": "monthly",
        "contact": "信息科",
        "contact_phone": "0851-00000000",
    } | changed


@remembered
def steward_of(agency: Agency) -> User:
    """A data steward of the agency, made where there is none."""
    return _holder(agency, Role.DATA_STEWARD)


@remembered
def approver_of(agency: Agency) -> User:
    """An approver of the agency, made where there is none."""
    return _holder(agency, Role.APPROVER)


@remembered
def officer_over(agency: Agency) -> User:
    """An officer of the authority over the agency, made where there is none."""
    authority = authority_over(agency)
    municipal = authority.level == Agency.Level.MUNICIPAL
    return _holder(authority, Role.MUNICIPAL_AUTHORITY if municipal else Role.COUNTY_AUTHORITY)


@remembered
def government_approver_over(agency: Agency) -> User:
    """An approver of the government of the agency's level, made where there is none."""
    return _holder(government_over(agency), Role.GOVERNMENT_APPROVER)


def _holder(agency: Agency, role: Role) -> User:
    return holders(agency, [role]).first() or staff(agency, role)


@remembered
def draft_entry(
    provider: Agency, *, items: Sequence[ItemSpec] = ITEMS, at: dt.datetime = AT, by: User | None = None, **changed: Any
) -> EntryRevision:
    """The first revision of a new entry, as a draft. ``changed``: elements other than the usual."""
    return services.compile_entry(
        provider=provider, by=by or steward_of(provider), at=at, elements=elements(**changed), items=items
    )


def reviewed_draft(provider: Agency, **arguments: Any) -> EntryRevision:
    """A draft whose confidentiality review for sharing was passed by a second person."""
    revision = draft_entry(provider, **arguments)
    return pass_confidentiality(revision, at=arguments.get("at", AT))


@remembered
def pass_confidentiality(revision: EntryRevision, *, scope: str = "sharing", at: dt.datetime = AT) -> EntryRevision:
    """Ask for the confidentiality review and pass it."""
    provider = revision.entry.provider
    review = services.ask_confidentiality_review(revision_id=revision.pk, scope=scope, by=steward_of(provider), at=at)
    services.decide_confidentiality_review(review_id=review.pk, passed=True, by=approver_of(provider), at=at)
    return EntryRevision.objects.get(pk=revision.pk)


@remembered
def entry_in_review(provider: Agency, **arguments: Any) -> EntryRevision:
    """A revision submitted to the authority."""
    revision = reviewed_draft(provider, **arguments)
    at = arguments.get("at", AT)
    return services.submit(revision_id=revision.pk, by=steward_of(provider), at=at)


@remembered
def entry_in_approval(provider: Agency, **arguments: Any) -> EntryRevision:
    """A revision that passed the authority's review and waits for the government."""
    revision = entry_in_review(provider, **arguments)
    return services.pass_review(revision_id=revision.pk, by=officer_over(provider), at=arguments.get("at", AT))


@remembered
def sent_back_entry(provider: Agency, *, reasons: str = "请补充信息项说明。", **arguments: Any) -> EntryRevision:
    """A revision that the authority sent back."""
    revision = entry_in_review(provider, **arguments)
    at = arguments.get("at", AT)
    return services.send_back(revision_id=revision.pk, by=officer_over(provider), at=at, reasons=reasons)


@remembered
def entry_in_force(
    provider: Agency,
    *,
    sharing_type: str = "unconditional",
    items: Sequence[ItemSpec] = ITEMS,
    rows: Sequence[Mapping[str, str]] = (),
    at: dt.datetime = AT,
    **changed: Any,
) -> CatalogEntry:
    """A published entry. ``rows``: mappings by item name, gathered through a real file (``ROWS`` fit ``ITEMS``)."""
    if sharing_type == "conditional":
        changed.setdefault("sharing_condition", "限履行公共交通管理职责使用。")
    if sharing_type == "withheld":
        changed.setdefault("sharing_basis", "《中华人民共和国保守国家秘密法》第九条。")
    revision = draft_entry(provider, items=items, at=at, sharing_type=sharing_type, **changed)
    if sharing_type != "withheld":
        revision = pass_confidentiality(revision, at=at)
    publish(revision, at=at)
    entry = CatalogEntry.objects.get(pk=revision.entry_id)
    if rows:
        gather(entry, rows, at=at)
        entry.refresh_from_db()
    return entry


@remembered
def publish(revision: EntryRevision, *, at: dt.datetime = AT) -> EntryRevision:
    """Submit, review and approve a revision by three persons."""
    provider = revision.entry.provider
    services.submit(revision_id=revision.pk, by=steward_of(provider), at=at)
    services.pass_review(revision_id=revision.pk, by=officer_over(provider), at=at)
    return services.approve(revision_id=revision.pk, by=government_approver_over(provider), at=at)


@remembered
def adjustment_of(entry: CatalogEntry, *, at: dt.datetime = AT) -> CatalogAdjustment:
    """An event of that day that makes the catalogue change, declared by the provider; its clock runs."""
    return services.declare_adjustment(
        entry_id=entry.pk,
        kind="law",
        event_on=at.date(),
        description="线路编号规则变化。",
        by=steward_of(entry.provider),
        at=at,
    )


@remembered
def revised_entry(
    entry: CatalogEntry, *, at: dt.datetime = AT, items: Sequence[ItemSpec] | None = None, **changed: Any
) -> EntryRevision:
    """A new revision of an entry in force, changed, reviewed and published."""
    draft = services.revise(entry_id=entry.pk, by=steward_of(entry.provider), at=at)
    draft = services.edit_revision(
        revision_id=draft.pk, by=steward_of(entry.provider), at=at, elements=changed, items=items
    )
    return publish(pass_confidentiality(draft, at=at), at=at)


@remembered
def gather(
    entry: CatalogEntry, rows: Sequence[Mapping[str, str]], *, at: dt.datetime = AT, mode: str = "replace"
) -> Load:
    """Land a CSV of ``rows`` for the entry and run the load, as the worker does."""
    landed = land_csv(entry, rows, at=at, mode=mode)
    return services.run_load(landed.pk, at=at)


@remembered
def land_csv(
    entry: CatalogEntry, rows: Sequence[Mapping[str, str]], *, at: dt.datetime = AT, mode: str = "replace"
) -> Load:
    """Land a CSV of ``rows``; nothing has checked it yet."""
    return services.land_file(
        entry_id=entry.pk,
        uploaded=ContentFile(csv_bytes(rows), name="数据.csv"),
        by=steward_of(entry.provider),
        at=at,
        mode=mode,
    )


def csv_bytes(rows: Sequence[Mapping[str, str]], encoding: str = "utf-8") -> bytes:
    """Rows as a CSV under the names of their first row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)
