"""Telling the parties of a request or a review, in the transaction of the act."""

from __future__ import annotations

import datetime as dt

from guiyang_data.accounts.models import User
from guiyang_data.notices.services import tell, tell_address, tell_agency
from requests_app import policies
from requests_app.models import Contactable, OpenRequest, ReviewApplication
from requests_app.workflow import REQUEST


def tell_applicant(
    request: OpenRequest, occasion: str, *, title: str, body: str, at: dt.datetime, basis: object, path: str = ""
) -> None:
    """Tell whoever applied: in their account, and at the address they gave. ``path``: instead of its page."""
    _tell(request, request.applicant, f"{request.number}:{occasion}", request, title, body, at, basis, path)


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
    _tell(review, review.objector, f"{review.number}:{occasion}", review, title, body, at, basis)


def _tell(
    party: Contactable,
    account: User | None,
    key: str,
    about: OpenRequest | ReviewApplication,
    title: str,
    body: str,
    at: dt.datetime,
    basis: object,
    path: str = "",
) -> None:
    kind, path = "open-request", path or about.get_absolute_url()
    if account is not None:
        tell([account], about=about, kind=kind, key=key, title=title, body=body, path=path, basis=basis, at=at)
    mail = "" if account is not None and account.email == party.mail else party.mail
    if mail or party.phone:
        tell_address(
            mail=mail,
            phone=party.phone,
            about=about,
            kind=kind,
            key=f"{key}:address",
            title=title,
            body=body,
            path=path,
            basis=basis,
            at=at,
        )
