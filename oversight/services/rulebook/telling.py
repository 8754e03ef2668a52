"""Telling the second keeper what waits, and both sides of a case that its due day was counted again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.selectors import holders_by_role
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.services import Telling, tell, tell_all
from guiyang_data.statute.counting import ROLLS, show
from guiyang_data.statute.law import Article
from guiyang_data.statute.models import Clock, ClockHolding
from guiyang_data.statute.recounting import Recounted
from oversight.models import CalendarProposal, ComplaintReceipt, RuleProposal
from oversight.policies import OVERSEERS
from oversight.rulebook import policies
from oversight.services.complaints.telling import tell_complainant
from requests_app.services import tell_parties
from sharing.services import tell_requesters

REQUESTS = {"open-reply", "reply-again", "open-fulfilment", "review-acceptance", "review-result"}
SHARING = {"sharing-reply", "sharing-supply"}


def tell_second_keepers(
    proposal: CalendarProposal | RuleProposal, *, kind: str, title: str, basis: Article, at: dt.datetime
) -> None:
    """Tell those who may confirm what somebody entered, so that it does not wait unseen; never who entered it."""
    authorities = Agency.objects.filter(is_authority=True, level=Agency.Level.MUNICIPAL).values_list("pk", flat=True)
    keepers = {user.pk: user for users in holders_by_role(authorities, policies.KEEPERS).values() for user in users}
    tell(
        [user for user in keepers.values() if policies.may(user, "confirm", proposal)],
        about=proposal,
        kind=kind,
        key=f"{kind}-proposal:{proposal.pk}:propose",
        title=title,
        body="由录入人以外的一个人核对后核定或者退回；核定之前不生效。",
        path=proposal.get_absolute_url(),
        basis=basis,
        at=at,
    )


def words(one: Recounted, cause: str) -> tuple[str, str]:
    """Title and body of the notice."""
    clock = one.clock
    now = show(clock.due_on)
    if one.before != clock.due_on:
        said = f"到期日由 {show(one.before)} 改为 {now} 24:00{'（暂定）' if clock.provisional else ''}"
        return f"到期日变更为 {now}：{clock.number}", f"因{cause}，{clock.number} 的{said}。"
    certain = "现为暂定" if clock.provisional else "不再是暂定"
    return f"到期日确定为 {now}：{clock.number}", f"因{cause}，{clock.number} 的到期日 {now} 不变，{certain}。"


def tell_moved(moved: Sequence[Recounted], *, cause: str, occasion: str, at: dt.datetime) -> None:
    """Tell both sides of each, once for each recount. A handful of queries, but for complaints, which are few."""
    if not moved:
        return
    tell_all(_to_agencies(moved, cause, occasion), at=at)
    news = [_news(one, cause, occasion) for one in moved]
    kinds = [one.clock.kind for one in moved]
    tell_parties([each for each, kind in zip(news, kinds, strict=True) if kind in REQUESTS], at=at)
    tell_requesters([each for each, kind in zip(news, kinds, strict=True) if kind in SHARING], at=at)
    _tell_complainants([one for one in moved if one.clock.kind == "complaint"], cause, occasion, at)


def _news(one: Recounted, cause: str, occasion: str) -> Telling:
    title, body = words(one, cause)
    key, clock = f"{occasion}:{one.clock.pk}", one.clock
    return Telling(
        key=key,
        about=clock.subject,
        kind="clock.recompute",
        title=title,
        body=body,
        basis=ROLLS,
        agency=clock.owed_by,
    )


def _to_agencies(moved: Sequence[Recounted], cause: str, occasion: str) -> Iterator[Telling]:
    clocks = [one.clock for one in moved]
    held = _holders(clocks)
    agencies = {clock.owed_by_id for clock in clocks} | {agency.pk for agency in held.values()}
    roles = {role for clock in clocks for role in clock.definition.owed_by_roles} | set(OVERSEERS)
    staff = holders_by_role(agencies, [role.value for role in roles])
    for one in moved:
        clock = one.clock
        title, body = words(one, cause)
        recipients: list[User] = []
        for role in clock.definition.owed_by_roles:
            recipients += staff.get((clock.owed_by_id, role.value), [])
        holder = held.get(clock.pk)
        if holder is not None and holder.pk != clock.owed_by_id:
            for role in OVERSEERS:
                recipients += staff.get((holder.pk, role.value), [])
        yield Telling(
            recipients=tuple(recipients),
            key=f"{occasion}:{clock.pk}:{clock.generation}",
            about=clock.subject,
            kind="clock.recompute",
            title=title,
            body=body,
            path=clock.path,
            basis=ROLLS,
        )


def _holders(clocks: Sequence[Clock]) -> dict[int, Agency]:
    rows = ClockHolding.objects.filter(clock__in=clocks, until_on=None).select_related("agency")
    return {row.clock_id: row.agency for row in rows}


def _tell_complainants(moved: Sequence[Recounted], cause: str, occasion: str, at: dt.datetime) -> None:
    by_subject = {one.clock.subject: one for one in moved}
    pks = [int(subject.rpartition(":")[2]) for subject in by_subject]
    for receipt in ComplaintReceipt.objects.filter(pk__in=pks).select_related("complaint").order_by("pk"):
        one = by_subject[subject_of(receipt)]
        title, body = words(one, cause)
        tell_complainant(receipt.complaint, f"{occasion}:{one.clock.pk}", title=title, body=body, at=at)
