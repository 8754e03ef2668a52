"""Who may do what on a request or a review, and who sees it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.services import PLATFORM
from requests_app import services
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.policies import REQUEST_POLICY, REVIEW_POLICY, CodeHolder, visible_reviews, visible_to
from tests.factories.accounts import citizen, staff, system
from tests.factories.requests import FILED_ON, Cast, accepted, at, cast, drafted, replied

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON_PAPERS = {"inspect-papers", "confirm-findings", "clean-paper", "remove-paper"}
HANDLING = ON_PAPERS | {
    "draft-reply",
    "return-draft",
    "fulfil",
    "ask-question",
    "transfer",
    "reply-anew",
    "see-contact",
    "link",
    "unlink",
}
EVERYBODYS = {"file", "apply-review"}
DELIVERING = {"agree", "agree-in-part", "refuse"}
MAY_ON_REQUEST: dict[str, set[str]] = {
    "applicant": {"answer-question", "withdraw", "see-contact", "read-papers"},
    "code-holder": {"answer-question", "withdraw", "see-contact", "read-papers"},
    "stranger": set(),
    "public": set(),
    "steward": HANDLING | {"read-papers"},
    "approver": HANDLING | DELIVERING | {"assign-handler", "read-papers"},
    "system": HANDLING | {"read-papers"},
    "handler": HANDLING | {"read-papers"},
    "colleague": set(),
    "other-agency": set(),
    "reviewer": {"read-papers"},
    "authority": set(),
    "superior": set(),
    "platform": {"fulfil"},
}
DECIDING = {"accept", "decline", "change", "require-new-reply", "uphold"}
MAY_ON_REVIEW: dict[str, set[str]] = {
    "applicant": set(),
    "objector": {"withdraw-review", "see-contact", "read-papers"},
    "stranger": set(),
    "public": set(),
    "steward": {"submit-statement", "read-papers"},
    "approver": {"submit-statement", "read-papers"},
    "system": {"submit-statement", "read-papers"},
    "colleague": set(),
    "other-agency": set(),
    "reviewer": DECIDING | {"see-contact", "read-papers"},
    "authority": set(),
    "superior": set(),
    "platform": {"accept-by-silence"},
}
SEES_REQUEST = {
    "applicant",
    "code-holder",
    "steward",
    "approver",
    "system",
    "handler",
    "colleague",
    "reviewer",
    "authority",
    "superior",
}
SEES_REVIEW = SEES_REQUEST - {"applicant", "code-holder"} | {"objector"}


def _people(play: Cast, request: OpenRequest) -> dict[str, Principal]:
    provider = play.city.provider
    handler = staff(provider, Role.SYSTEM_ADMIN)
    if request.is_open:
        services.assign_handler(request_id=request.pk, by=play.approver, handler=handler, at=at(FILED_ON))
    return {
        "code-holder": CodeHolder(actor_key="public", number=request.number),
        "stranger": citizen(),
        "public": AnonymousUser(),
        "steward": play.steward,
        "approver": play.approver,
        "system": system(provider).user,
        "handler": handler,
        "colleague": staff(provider, Role.SECURITY_ADMIN),
        "other-agency": play.other_steward,
        "reviewer": play.reviewer,
        "authority": play.authority_officer,
        "superior": staff(play.city.government, Role.SUPERVISOR),
        "platform": PLATFORM,
    }


def test_matrix_of_roles_and_verbs_on_a_request() -> None:
    # given
    play, applicant = cast(), citizen()
    request = drafted(play, by=applicant)
    people = _people(play, request) | {"applicant": applicant}

    # then
    for name, person in people.items():
        allowed = {verb for verb in REQUEST_POLICY.verbs() if REQUEST_POLICY.may(person, verb, request)}
        assert allowed == MAY_ON_REQUEST[name] | EVERYBODYS, name
        sees = visible_to(person, OpenRequest.objects.all()).exists()
        assert sees == (name in SEES_REQUEST), name


def test_matrix_of_roles_and_verbs_on_a_review() -> None:
    # given
    play, applicant, objector = cast(), citizen(), citizen()
    request = replied(play, by=applicant)
    review = accepted(play, request=request, by=objector)
    people = _people(play, request) | {"applicant": applicant, "objector": objector}
    del people["handler"], people["code-holder"]

    # then
    for name, person in people.items():
        allowed = {verb for verb in REVIEW_POLICY.verbs() if REVIEW_POLICY.may(person, verb, review)}
        assert allowed == MAY_ON_REVIEW[name], name
        sees = visible_reviews(person, ReviewApplication.objects.all()).exists()
        assert sees == (name in SEES_REVIEW), name


def test_the_county_authority_sees_its_county_and_not_the_city() -> None:
    # given
    play = cast()
    officer = staff(play.city.county_authority, Role.COUNTY_AUTHORITY)
    drafted(play)

    # then
    assert not visible_to(officer, OpenRequest.objects.all()).exists()
    OpenRequest.objects.update(agency=play.city.county_department)
    assert visible_to(officer, OpenRequest.objects.all()).exists()


def test_an_agency_still_sees_what_it_handed_on() -> None:
    # given
    play = cast()
    request = drafted(play)
    services.return_draft(request_id=request.pk, by=play.steward, reasons="收回", on=FILED_ON, at=at(FILED_ON))
    services.transfer(
        request_id=request.pk,
        by=play.steward,
        to=play.city.health,
        reasons="这项数据由卫生健康部门管理。",
        on=FILED_ON,
        at=at(FILED_ON),
    )
    request.refresh_from_db()

    # then
    assert visible_to(play.steward, OpenRequest.objects.all()).exists()
    assert not REQUEST_POLICY.may(play.steward, "draft-reply", request)
    assert not REQUEST_POLICY.may(play.steward, "see-contact", request)
    assert REQUEST_POLICY.may(play.other_steward, "draft-reply", request)
