"""What may be verified: asked for by an application, cut by its reply, opened with the grant (第十五条、第十七条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.models import EntryRevision
from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from sharing.identities import finding_items, identifies_person
from sharing.models import SharingGrant, VerificationTerms, WayOfSupply
from sharing.models.verification import MISSES, SUBJECTS
from sharing.services.checks import broken, refuse_if
from sharing.workflow import APPLY, RIGHT

MOST_SUBJECTS = 100
MOST_MISSES = 1_000
"""No provider may set more."""
ITEMS = ("key_items", "compared_items", "answered_items")
SAID = (*ITEMS, "most_subjects")
"""What an application asks for and a reply cuts: a mapping of these; empty where nothing is verified, or cut."""


@dataclass(frozen=True, kw_only=True)
class Permitted:
    """What is to be verified, by codes of items; see ``VerificationTerms``."""

    key_items: Sequence[str]
    compared_items: Sequence[str] = ()
    answered_items: Sequence[str] = ()
    most_subjects: int = SUBJECTS
    most_misses: int = MISSES
    rows_too: bool = False


def known_terms(terms: Permitted, revision: EntryRevision, *, granted: Sequence[str]) -> dict[str, Any]:
    """The terms as they are stored, items in the order of the catalogue. RuleBroken naming every field that is wrong.

    ``granted``: codes of the items that may be told.
    """
    refuse_if(_wrong(terms, revision, granted), RIGHT)
    kept = {name: _in_order(getattr(terms, name), revision) for name in ITEMS}
    limits = {name: getattr(terms, name) for name in ("most_subjects", "most_misses", "rows_too")}
    return kept | limits


def asked_terms(
    terms: Permitted | None, revision: EntryRevision, *, items: Sequence[str], ways: Sequence[str]
) -> dict[str, Any]:
    """What an application asks to verify. Empty where its ways do not name it.

    Where nothing more is said it asks for the least: found by what identifies, the items compared and none told.
    RuleBroken where no item of the entry can find a single subject.
    """
    if WayOfSupply.VERIFY not in ways:
        return {}
    if terms is None:
        keys = finding_items(revision.items.all())
        if not keys:
            message = "这项数据没有能够查找到单个对象的信息项，不能以核验比对方式提供。请改选其他提供方式。"
            raise broken(APPLY, {"ways": message})
        terms = Permitted(key_items=keys, compared_items=[code for code in items if code not in keys])
    return _said(terms, revision, items)


def cut_terms(
    terms: Permitted | None, revision: EntryRevision, *, asked: Mapping[str, Any], items: Sequence[str]
) -> dict[str, Any]:
    """What a reply in part leaves of what was asked to verify; empty where it cuts nothing of it.

    Its keys are the provider's to choose; compared, told and per call it may be less and never more, and what was to
    be told may be compared alone. Without a word only the items that are not granted are no longer told.
    """
    if not asked:
        refuse_if({"key_items": "申请没有要求核验比对，不能在答复中设定核验范围。"} if terms else {}, APPLY)
        return {}
    if terms is None:
        return {}
    refused = set(asked["answered_items"]) - set(items)
    terms = replace(terms, answered_items=[code for code in terms.answered_items if code not in refused])
    told, compared = set(asked["answered_items"]), {code for name in ITEMS for code in asked[name]}
    within = {"compared_items": compared, "answered_items": told}
    beyond = {
        name: "只能在申请的核验范围内减少，不能增加。"
        for name, most in within.items()
        if not set(getattr(terms, name)) <= most
    }
    if terms.most_subjects > asked["most_subjects"]:
        beyond["most_subjects"] = f"申请的是每次最多 {asked['most_subjects']} 个，答复只能减少。"
    refuse_if(beyond, APPLY)
    said = _said(terms, revision, items)
    return said if said != told_only(asked, items) else {}


def told_only(said: Mapping[str, Any], items: Sequence[str]) -> dict[str, Any]:
    """Terms under which nothing is told but what is granted."""
    return {**said, "answered_items": [code for code in said["answered_items"] if code in items]}


def permitted_of(said: Mapping[str, Any]) -> Permitted:
    """Terms as they were stored with an application."""
    return Permitted(**{name: said[name] for name in SAID}, most_misses=max(MISSES, said["most_subjects"]))


def require_still_verifiable(said: Mapping[str, Any], revision: EntryRevision, items: Sequence[str]) -> None:
    """RuleBroken where the catalogue has changed so that what was asked to verify no longer fits."""
    if not said:
        return
    try:
        _said(permitted_of(told_only(said, items)), revision, items)
    except RuleBroken as gone:
        message = f"{gone.message}申请之后目录有调整，请答复部分同意，另定核验范围并说明理由。"
        raise RuleBroken(message, basis=APPLY, fields=dict.fromkeys(gone.fields, message)) from gone


def open_terms(grant: SharingGrant, said: Mapping[str, Any], *, by: User, at: dt.datetime) -> dict[str, Any]:
    """Set a new grant's terms of verification where its ways name it; other ways beside it read rows too."""
    if not said or WayOfSupply.VERIFY not in grant.ways:
        return {}
    kept = {name: said[name] for name in SAID} | {"most_misses": max(MISSES, said["most_subjects"])}
    kept = told_only(kept, grant.items) | {"rows_too": grant.ways != [WayOfSupply.VERIFY]}
    set_terms(grant, kept, by=by, at=at)
    return kept


def set_terms(grant: SharingGrant, said: Mapping[str, Any], *, by: User, at: dt.datetime) -> None:
    """The last terms stand."""
    defaults = dict(said) | {"permitted_by": by, "permitted_at": at}
    terms, _made = VerificationTerms.objects.update_or_create(grant=grant, defaults=defaults)
    grant.verification = terms


def said_of(terms: VerificationTerms | None) -> dict[str, Any]:
    """A grant's terms (``rights.terms_of``) as ``known_terms`` gives them; empty where it verifies nothing."""
    names = (*SAID, "most_misses", "rows_too")
    return {name: getattr(terms, name) for name in names} if terms else {}


def _said(terms: Permitted, revision: EntryRevision, items: Sequence[str]) -> dict[str, Any]:
    known = known_terms(terms, revision, granted=items)
    return {name: known[name] for name in SAID}


def _wrong(terms: Permitted, revision: EntryRevision, granted: Sequence[str]) -> dict[str, str]:
    items = {item.code: item for item in revision.items.all()}
    wrong = {
        name: f"目录中没有信息项「{'、'.join(unknown)}」。请对照目录重新选择。"
        for name in ITEMS
        if (unknown := [code for code in getattr(terms, name) if code not in items])
    }
    keys = [items[code] for code in terms.key_items if code in items]
    if not any(item.singles_out for item in keys) and "key_items" not in wrong:
        wrong["key_items"] = (
            "用以查找的信息项中，至少有一项能够确定单个对象：身份证号码、统一社会信用代码等号码，主键，或者唯一的信息项。"
        )
    beyond = [items[code].name for code in terms.answered_items if code in items and code not in granted]
    if beyond:
        wrong["answered_items"] = (
            f"可以答复的只能是授权的信息项，「{'、'.join(beyond)}」没有授权；可以改为只核对不显示。"
        )
    shown = [items[code] for code in terms.answered_items if code in items and code not in terms.key_items]
    numbers = [item.name for item in shown if identifies_person(item)]
    if numbers:
        wrong["answered_items"] = f"「{'、'.join(numbers)}」是身份号码，没有用来查找的，不能作为答复。"
    if not 1 <= terms.most_subjects <= MOST_SUBJECTS:
        wrong["most_subjects"] = f"每次核验 1 至 {MOST_SUBJECTS} 个对象。"
    elif not terms.most_subjects <= terms.most_misses <= MOST_MISSES:
        wrong["most_misses"] = f"每小时不相符上限不少于每次核验的个数，不超过 {MOST_MISSES}。"
    return wrong


def _in_order(codes: Sequence[str], revision: EntryRevision) -> list[str]:
    return [item.code for item in revision.items.all() if item.code in set(codes)]
