"""A year's arrangement of holidays: entered by one person, confirmed by a second, in force at once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Required, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import NamedActor, record, subject_of
from guiyang_data.notices.services import tell
from guiyang_data.statute.arrangements import Arrangement, Problem, arrange, read
from guiyang_data.statute.changing import put_year
from guiyang_data.statute.counting import FIXED_HOLIDAYS, Day, show
from guiyang_data.statute.models import CalendarYear
from guiyang_data.statute.notice_text import Reading
from guiyang_data.statute.seed import IN_FORCE_FROM
from guiyang_data.statute.selectors import loaded_days
from oversight.models import CalendarProposal
from oversight.rulebook import policies
from oversight.services.rulebook.deciding import decide, require_reasons
from oversight.services.rulebook.recounts import ask_for_recount
from oversight.services.rulebook.telling import tell_second_keepers
from oversight.workflow import CALENDAR_PROPOSALS, ProposalStatus

Scope = CalendarProposal.Scope
YEARS_AHEAD = 2
"""A notice is issued in the year before; further ahead a year is a slip of the pen."""


class Notice(TypedDict, total=False):
    """What somebody enters. What is stated beside the text stands before what the text says."""

    text: Required[str]
    scope: str
    year: int | None
    document_number: str
    issued_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a text would become: the year's days, where it says it comes from, and everything that speaks against it."""

    reading: Reading
    arrangement: Arrangement
    document_number: str
    issued_on: dt.date | None
    problems: tuple[Problem, ...]


def draft_calendar(
    *,
    text: str,
    on: dt.date,
    scope: str = Scope.YEAR,
    year: int | None = None,
    document_number: str = "",
    issued_on: dt.date | None = None,
) -> Draft:
    """Read and check a text, whoever asks; changes nothing."""
    reading = read(text, year=year)
    loaded = None
    if scope == Scope.DAYS and reading.year is not None:
        loaded = loaded_days(reading.year)
        reading = read(text, year=year, loaded=loaded)
    arrangement = arrange(reading, loaded=loaded)
    found = [*arrangement.problems, *_wrong_with_year(reading.year, scope, on)]
    if not found and loaded is None and arrangement.days == loaded_days(arrangement.year):
        found.append(Problem(line=0, message=f"与已经录入的 {arrangement.year} 年安排没有不同，不需要再录入。"))
    return Draft(
        reading=reading,
        arrangement=arrangement,
        document_number=document_number.strip() or reading.document_number,
        issued_on=issued_on or reading.issued_on,
        problems=tuple(found),
    )


def _wrong_with_year(year: int | None, scope: str, on: dt.date) -> list[Problem]:
    if year is None:
        return []
    last = on.year + YEARS_AHEAD
    if not IN_FORCE_FROM.year <= year <= last:
        message = f"{year} 年不在 {IN_FORCE_FROM.year} 年至 {last} 年之间。请核对年份。"
        return [Problem(line=0, message=message)]
    if scope == Scope.DAYS and not CalendarYear.objects.filter(year=year).exists():
        return [Problem(line=0, message=f"{year} 年的全年安排还没有录入，没有可以调整的。请先录入全年安排。")]
    return []


def digest(days: Mapping[dt.date, Day]) -> str:
    """What a year's days are known by."""
    return sha256(json.dumps(_rows(days), ensure_ascii=False).encode()).hexdigest()


def _rows(days: Mapping[dt.date, Day]) -> list[list[object]]:
    return [[day.isoformat(), one.working, one.name] for day, one in sorted(days.items())]


def days_of(proposal: CalendarProposal) -> dict[dt.date, Day]:
    """The days of a proposal as the calendar has them."""
    return {dt.date.fromisoformat(day): Day(working=working, name=name) for day, working, name in proposal.days}


def check_calendar(*, on: dt.date, **notice: Unpack[Notice]) -> Draft:
    """What entering a notice would enter; raises what that would raise, and changes nothing."""
    return _checked(on, notice)[0]


def _checked(on: dt.date, notice: Notice) -> tuple[Draft, dt.date]:
    """The draft, and the day on which its notice was issued."""
    draft = draft_calendar(on=on, **notice)
    issued_on = _require_sound(draft, on)
    _require_no_other(draft.arrangement.year)
    return draft, issued_on


@transaction.atomic
def propose_calendar(
    *, by: User | NamedActor, on: dt.date, at: dt.datetime, **notice: Unpack[Notice]
) -> CalendarProposal:
    """Enter an arrangement for a second person to confirm. Raises ``RuleBroken`` with every problem, one a line."""
    proposal = _entered(by, on, at, notice)
    title = _("请核定：%(what)s") % {"what": proposal.cause}
    tell_second_keepers(proposal, kind="calendar", title=title, basis=FIXED_HOLIDAYS, at=at)
    return proposal


@transaction.atomic
def settle_calendar(
    *, by: User | NamedActor, second: User, on: dt.date, at: dt.datetime, **notice: Unpack[Notice]
) -> CalendarProposal:
    """Enter an arrangement and have it confirmed in one go, both persons being there: nobody is told that it waits."""
    return confirm_calendar(proposal_id=_entered(by, on, at, notice).pk, by=second, on=on, at=at)


def _entered(by: User | NamedActor, on: dt.date, at: dt.datetime, notice: Notice) -> CalendarProposal:
    policies.require(by, "propose")
    draft, issued_on = _checked(on, notice)
    proposal = CalendarProposal.objects.create(
        year=draft.arrangement.year,
        scope=notice.get("scope", Scope.YEAR),
        document_number=draft.document_number,
        issued_on=issued_on,
        text=notice["text"],
        days=_rows(draft.arrangement.days),
        base=digest(loaded_days(draft.arrangement.year)),
        proposed_by=by if isinstance(by, User) else None,
        proposed_at=at,
    )
    payload = {"year": proposal.year, "scope": proposal.scope, "document": proposal.document_number}
    record(proposal, "propose", by=by, at=at, basis=FIXED_HOLIDAYS, payload=payload)
    return proposal


def _require_sound(draft: Draft, on: dt.date) -> dt.date:
    fields, issued_on = {}, draft.issued_on
    if draft.problems:
        fields["text"] = "\n".join(str(problem) for problem in draft.problems)
    if not draft.document_number:
        fields["document_number"] = _("请填写文号，例如 国办发明电〔2026〕9号。")
    if issued_on is None:
        fields["issued_on"] = _("请填写印发日期。")
    elif issued_on > on:
        fields["issued_on"] = _("印发日期 %(day)s 还没有到。请核对。") % {"day": show(issued_on)}
    if fields or issued_on is None:
        message = _("这份安排还不能录入，请按提示核对。您填写的内容没有丢失。")
        raise RuleBroken(message, basis=FIXED_HOLIDAYS, fields=fields)
    return issued_on


def _require_no_other(year: int) -> None:
    if CalendarProposal.objects.filter(year=year, status=ProposalStatus.PROPOSED).exists():
        message = _("%(year)s 年已有一份安排等待核定。请先核定或者退回那一份。") % {"year": year}
        raise WrongState(message, basis=FIXED_HOLIDAYS, verb="propose")


@transaction.atomic
def confirm_calendar(*, proposal_id: int, by: User, on: dt.date, at: dt.datetime) -> CalendarProposal:
    """A second person confirms: the calendar changes at once, and every running clock it touches is counted again.

    Refused where the year was changed after the proposal was entered.
    """
    proposal = (
        CalendarProposal.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=proposal_id)
    )
    decide("confirm", proposal, CALENDAR_PROPOSALS, by=by, at=at)
    if proposal.base != digest(loaded_days(proposal.year)):
        message = _("这一年的安排在录入之后已经改变，这份录入不再适用。请退回后按现在的安排重新录入。")
        raise WrongState(message, basis=FIXED_HOLIDAYS, subject=subject_of(proposal), verb="confirm")
    standing = CalendarYear.objects.filter(year=proposal.year).first() if proposal.scope == Scope.DAYS else None
    changed = put_year(
        proposal.year,
        days_of(proposal),
        document_number=standing.document_number if standing else proposal.document_number,
        issued_on=standing.issued_on if standing else proposal.issued_on,
        by=by,
        at=at,
    )
    ask_for_recount(
        calendar=proposal,
        not_before=on,
        days=[day.isoformat() for day in changed.days],
        waited=changed.waited,
        last_clock=changed.last_clock,
    )
    payload = {"year": proposal.year, "document": proposal.document_number, "changed_days": len(changed.days)}
    record(proposal, "confirm", by=by, at=at, basis=FIXED_HOLIDAYS, payload=payload)
    _tell_proposer(proposal, "confirm", _("已核定：%(what)s") % {"what": proposal.cause}, at)
    return proposal


@transaction.atomic
def reject_calendar(*, proposal_id: int, by: User, reasons: str, at: dt.datetime) -> CalendarProposal:
    """Send a proposal back, with reasons; the calendar stays as it is. Its proposer may take it back so as well."""
    proposal = (
        CalendarProposal.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=proposal_id)
    )
    decide("reject", proposal, CALENDAR_PROPOSALS, by=by, at=at, reasons=require_reasons(reasons, FIXED_HOLIDAYS))
    record(proposal, "reject", by=by, at=at, basis=FIXED_HOLIDAYS, payload={"year": proposal.year})
    _tell_proposer(proposal, "reject", _("已退回：%(what)s") % {"what": proposal.cause}, at)
    return proposal


def _tell_proposer(proposal: CalendarProposal, occasion: str, title: str, at: dt.datetime) -> None:
    if proposal.proposed_by is None or proposal.proposed_by == proposal.decided_by:
        return
    tell(
        [proposal.proposed_by],
        about=proposal,
        kind="calendar",
        key=f"calendar-proposal:{proposal.pk}:{occasion}",
        title=title,
        body=proposal.reasons,
        path=proposal.get_absolute_url(),
        basis=FIXED_HOLIDAYS,
        at=at,
    )
