"""Telling the parties of many requests and reviews something at once, for whoever watches over all cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.services import Telling, tell_all
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.services.telling import letters_to_applicant, letters_to_objector


def tell_parties(news: Sequence[Telling], *, at: dt.datetime) -> int:
    """Tell the applicants of requests and the objectors of reviews what happened to their cases.

    ``news``: tellings about subjects, without recipients; their ``key`` is the occasion. As many queries for many as
    for one.
    """
    requests = OpenRequest.objects.select_related("applicant", "agency").in_bulk(_pks(news, OpenRequest))
    reviews = ReviewApplication.objects.select_related("objector").in_bulk(_pks(news, ReviewApplication))
    cases: dict[str, OpenRequest | ReviewApplication] = {subject_of(one): one for one in requests.values()}
    cases |= {subject_of(one): one for one in reviews.values()}
    authority = municipal_authority() if reviews else None
    letters: list[Telling] = []
    for one in news:
        case = cases.get(subject_of(one.about))
        if isinstance(case, OpenRequest):
            letters += letters_to_applicant(case, one.key, title=one.title, body=one.body, basis=one.basis)
        elif case is not None and authority is not None:
            letters += letters_to_objector(case, one.key, authority, title=one.title, body=one.body, basis=one.basis)
    return tell_all(letters, at=at)


def _pks(news: Sequence[Telling], model: type[OpenRequest] | type[ReviewApplication]) -> list[int]:
    prefix = f"{model._meta.label_lower}:"
    subjects = [subject_of(one.about) for one in news]
    return [int(subject.removeprefix(prefix)) for subject in subjects if subject.startswith(prefix)]
