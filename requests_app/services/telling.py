"""Telling the parties of a request or a review, in the transaction of the act."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.accounts.telephones import mobile_number
from guiyang_data.notices.services import Telling, tell_agency, tell_all
from requests_app import policies
from requests_app.models import Contactable, OpenRequest, ReviewApplication
from requests_app.workflow import REQUEST


def tell_applicant(
    request: OpenRequest, occasion: str, *, title: str, body: str, at: dt.datetime, basis: object, path: str = ""
) -> None:
    """Tell whoever applied: in their account, and at the address they gave. ``path``: instead of its page."""
    tell_all(letters_to_applicant(request, occasion, title=title, body=body, basis=basis, path=path), at=at)


def tell_workers(request: OpenRequest, occasion: str, title: str, at: dt.datetime, body: str = "") -> None:
    """Tell the stewards and approvers of the agency that holds the request."""
    tell_agency(
        request.agency,
        policies.WORKERS,
        key=f"{request.number}:{occasion}",
        about=request,
        kind="open-request",
        title=title,
        body=body,
        path=request.work_path,
        basis=REQUEST,
        at=at,
    )


def tell_objector(
    review: ReviewApplication, occasion: str, *, title: str, body: str, at: dt.datetime, basis: object
) -> None:
    """Tell whoever applied for the review."""
    letters = letters_to_objector(review, occasion, municipal_authority(), title=title, body=body, basis=basis)
    tell_all(letters, at=at)


def letters_to_applicant(
    request: OpenRequest, occasion: str, *, title: str, body: str, basis: object, path: str = ""
) -> list[Telling]:
    """What ``tell_applicant`` would tell, for whoever tells many at once."""
    key = f"{request.number}:{occasion}"
    return _letters(request, request.applicant, key, request, request.agency, title, body, basis, path)


def letters_to_objector(
    review: ReviewApplication, occasion: str, authority: Agency, *, title: str, body: str, basis: object
) -> list[Telling]:
    """What ``tell_objector`` would tell, for whoever tells many at once and knows the authority."""
    key = f"{review.number}:{occasion}"
    return _letters(review, review.objector, key, review, authority, title, body, basis)


def _letters(
    party: Contactable,
    account: User | None,
    key: str,
    about: OpenRequest | ReviewApplication,
    agency: Agency,
    title: str,
    body: str,
    basis: object,
    path: str = "",
) -> list[Telling]:
    words: dict[str, Any] = {
        "about": about,
        "kind": "open-request",
        "title": title,
        "body": body,
        "path": path or about.get_absolute_url(),
        "desk_path": about.work_path,
        "basis": basis,
        "agency": agency,
    }
    letters = [Telling(recipients=(account,), key=key, **words)] if account is not None else []
    mail = "" if account is not None and account.email == party.mail else party.mail
    phone = "" if _reached_by_account(account, party.phone) else party.phone
    if mail or phone:
        # the page of a review is nobody's without its code until the result is fed back
        if isinstance(about, ReviewApplication) and not about.outcome:
            words["path"] = f"{reverse('requests_app:track')}?number={about.number}"
        letters.append(Telling(mail=mail, phone=phone, key=f"{key}:address", **words))
    return letters


def _reached_by_account(account: User | None, phone: str) -> bool:
    """Whether the account itself is told by a text message to the same number: it has no mail address."""
    if account is None or account.email or not phone:
        return False
    return mobile_number(phone) == account.phone
