"""E-documents of the demonstration: licences, a certificate and a contract, issued, taken, revoked and run out."""

from __future__ import annotations

import datetime as dt

from django.core.files.base import ContentFile
from django.utils import timezone

from catalog.models import CatalogEntry
from catalog.selectors import columns_of
from guiyang_data.accounts.models import Agency
from guiyang_data.documents.pdf import render
from guiyang_data.tables.query import query
from guiyang_data.web.demonstration.catalogue import Staff, staff_of
from guiyang_data.web.demonstration.licensed import REGISTER
from sharing import services
from sharing.models import EDocument, SharingGrant
from sharing.rights import Access
from sharing.services import Facts, Matter, StandingTerms, TemplateTerms

DAY = dt.timedelta(days=1)


def build(found: dict[str, Agency], entries: dict[str, CatalogEntry], *, at: dt.datetime) -> None:
    """Each act on its own past day; the health authority takes from three agencies."""
    health = found["市卫健局"]
    taker = staff_of(health, at=at)
    _licences(entries[REGISTER.title], health, taker, at=at)
    _certificate(entries["最低生活保障对象"], health, taker, at=at)
    _contract(entries["养老机构"], health, taker, at=at)


def _licences(register: CatalogEntry, health: Agency, taker: Staff, *, at: dt.datetime) -> None:
    """Business licences: three good ones, of which one was taken for two matters, and one revoked after it was."""
    people = staff_of(register.provider, at=at)
    items = (
        "credit_code",
        "name",
        "kind",
        "representative",
        "capital",
        "founded_on",
        "valid_until",
        "address",
        "scope",
    )
    terms = TemplateTerms(
        kind="licence",
        title="营业执照",
        items=items,
        holder_item="name",
        holder_id_item="credit_code",
        valid_until_item="valid_until",
    )
    template = services.set_document_template(entry_id=register.pk, by=people.steward, at=at - 30 * DAY, terms=terms)
    grant = services.grant_standing(
        entry_id=register.pk,
        grantee=health,
        by=people.approver,
        at=at - 29 * DAY,
        terms=StandingTerms(
            items=items,
            duty="公共场所卫生许可",
            purpose="办理卫生许可时核对申请人的主体资格，不再要求提交营业执照。",
            valid_from=timezone.localdate(at - 29 * DAY),
        ),
    )
    issued = [
        services.issue_document(
            template_id=template.pk, by=people.steward, at=at - back * DAY, key={"credit_code": code}
        )
        for code, back in zip(_first_keys(register, "credit_code", 4), (20, 18, 12, 3), strict=True)
    ]
    _take(issued[0], grant, taker, "公共场所卫生许可 卫许2026-0318", at=at - 15 * DAY)
    _take(issued[0], grant, taker, "公共场所卫生许可变更 卫许2026-0402", at=at - 2 * DAY)
    _take(issued[1], grant, taker, "公共场所卫生许可 卫许2026-0327", at=at - 14 * DAY)
    services.revoke_document(
        document_id=issued[1].pk,
        by=people.approver,
        at=at - 4 * DAY,
        reasons="企业已办理住所变更，原执照内容不再准确，按变更后的登记重新签发。",
    )


def _certificate(low_income: CatalogEntry, health: Agency, taker: Staff, *, at: dt.datetime) -> None:
    """A paper that proves an allowance, within what the agency was granted on its application."""
    people = staff_of(low_income.provider, at=at)
    terms = TemplateTerms(
        kind="paper",
        title="最低生活保障对象证明",
        items=("name", "id_number", "kind"),
        holder_item="name",
        holder_id_item="id_number",
    )
    template = services.set_document_template(entry_id=low_income.pk, by=people.steward, at=at - 16 * DAY, terms=terms)
    (key,) = _first_keys(low_income, "case", 1)
    document = services.issue_document(
        template_id=template.pk,
        by=people.steward,
        at=at - 8 * DAY,
        key={"case": key},
        case_number="医疗救助 医救2026-0091",
    )
    grant = SharingGrant.objects.filter(entry=low_income, grantee=health).order_by("pk").get()
    _take(document, grant, taker, "医疗救助 医救2026-0091", at=at - 7 * DAY)


def _contract(homes: CatalogEntry, health: Agency, taker: Staff, *, at: dt.datetime) -> None:
    """A contract that an agency had as PDF; its period ended two days ago."""
    people = staff_of(homes.provider, at=at)
    terms = TemplateTerms(
        kind="contract", title="公建民营养老机构委托运营合同", items=("home", "name", "county"), holder_item="name"
    )
    template = services.set_document_template(entry_id=homes.pk, by=people.steward, at=at - 28 * DAY, terms=terms)
    signed_on = timezone.localdate(at - 363 * DAY)
    document = services.register_document(
        template_id=template.pk,
        by=people.steward,
        at=at - 27 * DAY,
        uploaded=ContentFile(_paper(signed_on), name="委托运营合同.pdf"),
        facts=Facts(
            holder="南明示例养老院1",
            issued_on=signed_on,
            valid_until=timezone.localdate(at - 2 * DAY),
            original_number="筑民养合（示例）1号",
        ),
    )
    taking = services.declare_taking(
        entry_id=homes.pk,
        agency=health,
        by=taker.steward,
        at=at - 26 * DAY,
        duty="医养结合机构管理",
        purpose="核对养老机构的运营主体。",
        terms_accepted=True,
    )
    _take(document, taking, taker, "医养结合机构备案 2026-07", at=at - 25 * DAY)


def _paper(signed_on: dt.date) -> bytes:
    """The contract as the agency had it: a plain PDF without signature."""
    facts = [
        ("委托方", "贵阳市民政局"),
        ("受托方", "南明示例养老院1"),
        ("委托事项", "养老机构的日常运营与管理（演示，内容为虚构）"),
        ("签订日期", signed_on.isoformat()),
        ("期限", "一年"),
    ]
    return render(
        "receipt",
        {
            "office": "贵阳市民政局",
            "title": "公建民营养老机构委托运营合同",
            "number": "筑民养合（示例）1号",
            "facts": [{"label": label, "value": value} for label, value in facts],
        },
    )


def _first_keys(entry: CatalogEntry, code: str, number: int) -> list[str]:
    """The keys of the first rows of an entry."""
    if entry.in_force is None or entry.current_data is None:
        raise LookupError(entry.resource_code)
    columns = columns_of(entry.in_force)
    page = query(entry.table, entry.current_data.table_version, columns=columns, selected=[code], limit=number)
    return [str(row[0]) for row in page.rows]


def _take(document: EDocument, access: Access, taker: Staff, matter: str, *, at: dt.datetime) -> None:
    services.take_document(
        document_id=document.pk, by=taker.steward, at=at, access=access, matter=Matter(case_number=matter)
    )
