"""Verifying in the demonstration, and a resident who can see it: a made-up person of the made-up allowance rows."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from catalog.models import CatalogEntry
from catalog.selectors import columns_of
from guiyang_data.accounts import services as accounts
from guiyang_data.accounts.models import Agency, User
from guiyang_data.tables.query import Filter, query
from guiyang_data.web.demonstration.accounts import RESIDENT
from guiyang_data.web.demonstration.catalogue import staff_of
from sharing import services
from sharing.models import SharingGrant
from sharing.reading import read_page
from sharing.services import Permitted, StandingTerms
from sharing.verifying import verify
from sharing.verifying.results import Question

DAY = dt.timedelta(days=1)
TITLE = "最低生活保障对象"
INVESTIGATION = "GA-2026-017"
"""The case of which those concerned are told later."""


def build(found: dict[str, Agency], entries: dict[str, CatalogEntry], *, at: dt.datetime) -> None:
    """Terms of verification, a deferral by two persons, and the resident's way to the counter."""
    entry = entries[TITLE]
    people = staff_of(entry.provider, at=at)
    grant = SharingGrant.objects.get(entry=entry, grantee=found["市卫健局"])
    terms = Permitted(
        key_items=["name", "id_number"], compared_items=["kind", "amount"], answered_items=["kind"], rows_too=True
    )
    services.permit_verification(grant_id=grant.pk, by=people.steward, at=at - 20 * DAY, terms=terms)
    police = found["市公安局"]
    kept_back = services.grant_standing(
        entry_id=entry.pk,
        grantee=police,
        by=people.steward,
        at=at - 18 * DAY,
        terms=StandingTerms(
            items=["name", "id_number", "county", "kind"],
            duty="查处骗取社会救助资金的案件",
            purpose="核对涉案人员是否享受最低生活保障。",
            valid_from=timezone.localdate(at - 18 * DAY),
        ),
    )
    officers = staff_of(police, at=at)
    deferral = services.propose_deferral(
        access=kept_back,
        by=officers.steward,
        at=at - 9 * DAY,
        case_number=INVESTIGATION,
        basis="《中华人民共和国刑事诉讼法》第五十四条",
        reasons="案件正在侦查，告知本人将妨碍取证。",
        until=timezone.localdate(at + 60 * DAY),
    )
    services.confirm_deferral(deferral_id=deferral.pk, by=officers.approver, at=at - 9 * DAY)
    _come_to_the_counter(entry, by=people.reviewer, at=at - 2 * DAY)


def _come_to_the_counter(entry: CatalogEntry, *, by: User, at: dt.datetime) -> None:
    resident, (name, number) = User.objects.get(username=RESIDENT), _somebody(entry)
    accounts.verify_identity(by=resident, name=name, id_number=number, at=at)
    code = services.ask_counter_code(by=resident, at=at)
    services.prove_at_counter(by=by, at=at, code=code, id_number=number, came_in_person=True)


def _somebody(entry: CatalogEntry) -> tuple[str, str]:
    """The first of the made-up rows."""
    version, revision = entry.current_data, entry.in_force
    if version is None or revision is None:
        raise LookupError(TITLE)
    columns = columns_of(revision)
    page = query(entry.table, version.table_version, columns=columns, selected=["name", "id_number"], limit=1)
    name, number = page.rows[0]
    return name, number


def read(*, at: dt.datetime) -> None:
    """What agencies read since: the log is committed before a row leaves, so that this is no part of the loading."""
    grant = SharingGrant.objects.get(title=TITLE, grantee__short_name="市卫健局")
    entry = grant.entry
    name, number = _somebody(entry)
    clerk = staff_of(grant.grantee, at=at).steward
    subject = Question(keys={"name": name, "id_number": number}, claims={"kind": "A类"})
    verify(by=clerk, access=grant, at=at - 14 * DAY, subjects=[subject], case_number="YL-2026-0117")
    county = Filter("kind", "eq", _kind(entry, number))
    read_page(by=clerk, entry=entry, access=grant, at=at - 6 * DAY, filters=[county], limit=1000)
    police = SharingGrant.objects.get(title=TITLE, grantee__short_name="市公安局")
    asked = [Filter("id_number", "eq", number)]
    officer = staff_of(police.grantee, at=at).steward
    for days, case in ((12, "GA-2026-009"), (8, INVESTIGATION)):
        moment = at - days * DAY
        read_page(by=officer, entry=entry, access=police, at=moment, filters=asked, case_number=case)


def _kind(entry: CatalogEntry, number: str) -> str:
    version, revision = entry.current_data, entry.in_force
    if version is None or revision is None:
        raise LookupError(TITLE)
    page = query(
        entry.table,
        version.table_version,
        columns=columns_of(revision),
        selected=["kind"],
        filters=[Filter("id_number", "eq", number)],
        limit=1,
    )
    return str(page.rows[0][0])
