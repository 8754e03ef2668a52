"""An agency's own desks: many drafts to a second person and on to the authority in few acts (第十一条、第二十四条)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.models import ConfidentialityReview, EntryRevision
from catalog.selectors import confidentiality_passed, needs_review
from catalog.selectors.drafting import Judged, judged
from catalog.workflow import ReviewOutcome, RevisionStatus
from guiyang_data.errors import NotAllowed, RuleBroken
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from tests.factories import catalog
from tests.factories.accounts import City, city

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PERSONAL = (*catalog.ITEMS[:-1], replace(catalog.ITEMS[-1], sensitivity="direct"))


@pytest.fixture
def town() -> City:
    return city()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def send_on(town: City, *drafts: EntryRevision) -> list[services.Decided]:
    steward = catalog.steward_of(town.provider)
    return services.send_on_together(revision_ids=[one.pk for one in drafts], by=steward, at=catalog.AT)


def reviews() -> list[ConfidentialityReview]:
    return list(ConfidentialityReview.objects.filter(outcome=ReviewOutcome.WAITING).order_by("pk"))


def pass_all(town: City) -> list[services.Decided]:
    waiting = [review.pk for review in reviews()]
    return services.pass_confidentiality_together(
        review_ids=waiting, by=catalog.approver_of(town.provider), at=catalog.AT, opinion="同意。"
    )


def status(revision: EntryRevision) -> str:
    revision.refresh_from_db()
    return revision.status


def test_drafts_go_to_a_second_person_and_then_to_the_authority(town: City) -> None:
    # given
    drafts = [catalog.draft_entry(town.provider, title=title) for title in ("站点", "票价")]

    # when, then
    assert all(one.done for one in send_on(town, *drafts))
    assert [status(draft) for draft in drafts] == [RevisionStatus.DRAFT, RevisionStatus.DRAFT]
    assert len(reviews()) == 2
    assert all(one.done for one in pass_all(town))
    assert not reviews()
    assert all(one.done for one in send_on(town, *drafts))
    assert [status(draft) for draft in drafts] == [RevisionStatus.IN_REVIEW, RevisionStatus.IN_REVIEW]
    for draft in drafts:
        verbs = Event.objects.filter(subject=subject_of(draft.entry)).values_list("verb", flat=True)
        assert {"ask-confidentiality", "pass-confidentiality", "submit"} <= set(verbs)


def test_one_that_waits_or_lacks_something_says_so_and_stops_no_other(town: City) -> None:
    # given
    waiting, whole = (catalog.draft_entry(town.provider, title=title) for title in ("站点", "票价"))
    lacking = catalog.draft_entry(town.provider, title="场站", abstract="")
    submitted = catalog.entry_in_review(town.provider, title="线路")
    send_on(town, waiting)

    # when
    decided = send_on(town, waiting, lacking, submitted, whole)

    # then
    assert [one.done for one in decided] == [False, False, False, True]
    assert "正在等待结论" in str(decided[0].error)
    assert "摘要" in str(decided[1].error)
    assert "保密审查" not in str(decided[1].error)
    assert "不在编制之中" in str(decided[2].error)
    assert {review.revision_id for review in reviews()} == {waiting.pk, whole.pk}


def test_what_holds_personal_items_is_decided_by_itself(town: City) -> None:
    # given
    plain = catalog.draft_entry(town.provider, title="站点")
    personal = catalog.draft_entry(town.provider, title="司机", items=PERSONAL)
    send_on(town, plain, personal)

    # when
    decided = {one.revision.pk: one for one in pass_all(town)}

    # then
    assert decided[plain.pk].done
    assert PERSONAL[-1].name in str(decided[personal.pk].error)
    assert [review.revision_id for review in reviews()] == [personal.pk]
    assert not Event.objects.filter(subject=subject_of(personal.entry), verb="pass-confidentiality").exists()


def test_whoever_asked_is_no_second_person_and_a_stranger_moves_nothing(town: City) -> None:
    draft = catalog.draft_entry(town.provider)
    stranger = catalog.steward_of(town.requester)
    refused = services.send_on_together(revision_ids=[draft.pk], by=stranger, at=catalog.AT)
    assert isinstance(refused[0].error, NotAllowed)
    send_on(town, draft)
    waiting = [review.pk for review in reviews()]
    steward = catalog.steward_of(town.provider)
    decided = services.pass_confidentiality_together(review_ids=waiting, by=steward, at=catalog.AT)
    assert isinstance(decided[0].error, NotAllowed)
    assert len(reviews()) == 1


@pytest.mark.parametrize("number", [0, services.MOST_TOGETHER + 1])
def test_none_and_too_many_are_refused(town: City, number: int) -> None:
    steward = catalog.steward_of(town.provider)
    with pytest.raises(RuleBroken):
        services.send_on_together(revision_ids=range(1, number + 1), by=steward, at=catalog.AT)
    with pytest.raises(RuleBroken):
        services.pass_confidentiality_together(review_ids=range(1, number + 1), by=steward, at=catalog.AT)


def test_how_far_many_are_is_what_is_said_of_each(town: City) -> None:
    # given
    wanted = catalog.draft_entry(town.provider, title="站点")
    waiting = catalog.draft_entry(town.provider, title="票价")
    passed = catalog.reviewed_draft(town.provider, title="线路")
    withheld = catalog.draft_entry(town.provider, title="值守", sharing_type="withheld", sharing_basis="保密规定。")
    changed = catalog.reviewed_draft(town.provider, title="场站")
    send_on(town, waiting)
    steward = catalog.steward_of(town.provider)
    services.edit_revision(revision_id=changed.pk, by=steward, at=catalog.AT, elements={}, items=PERSONAL)
    revisions = list(EntryRevision.objects.order_by("pk"))

    # when
    found = judged(revisions)

    # then
    assert found[wanted.pk] == found[changed.pk] == Judged.WANTED
    assert (found[waiting.pk], found[passed.pk]) == (Judged.WAITING, Judged.PASSED)
    assert found[withheld.pk] == Judged.UNNEEDED
    for revision in revisions:
        assert needs_review(revision) == (found[revision.pk] in {Judged.WANTED, Judged.WAITING})
        assert confidentiality_passed(revision, "sharing") == (found[revision.pk] is Judged.PASSED)


class TestDesks:
    """The same on the pages."""

    def test_a_steward_and_an_approver_bring_drafts_to_the_authority(self, client: Client, town: City) -> None:
        # given
        drafts = [catalog.draft_entry(town.provider, title=title) for title in ("站点", "票价")]
        chosen = {"chosen": [draft.pk for draft in drafts]}

        # when
        client.force_login(catalog.steward_of(town.provider))
        desk = text(client.get("/desk/catalog/drafts/"))
        assert desk.count("还没有提请保密审查") == 2
        assert "选中 2 份目录" in text(client.get("/desk/catalog/drafts/together/", chosen))
        assert "已办理 2 份目录" in text(client.post("/desk/catalog/drafts/together/", chosen, follow=True))
        waiting = text(client.get("/desk/catalog/drafts/"))
        client.force_login(catalog.approver_of(town.provider))
        asked = {"chosen": [review.pk for review in reviews()]}
        judging = text(client.get("/desk/catalog/confidentiality/"))
        assert "已办理 2 份目录" in text(client.post("/desk/catalog/confidentiality/together/", asked, follow=True))
        client.force_login(catalog.steward_of(town.provider))
        assert text(client.get("/desk/catalog/drafts/")).count("保密审查已通过") == 2
        client.post("/desk/catalog/drafts/together/", chosen)

        # then
        assert 'name="chosen"' not in waiting
        assert all(f'value="{pk}"' in judging for pk in asked["chosen"])
        assert [status(draft) for draft in drafts] == [RevisionStatus.IN_REVIEW, RevisionStatus.IN_REVIEW]

    def test_what_was_sent_back_stands_first_and_by_itself(self, client: Client, town: City) -> None:
        catalog.sent_back_entry(town.provider, title="场站")
        catalog.draft_entry(town.provider, title="站点")
        client.force_login(catalog.steward_of(town.provider))
        desk = text(client.get("/desk/catalog/drafts/"))
        assert desk.index("场站") < desk.index("站点")
        alone = text(client.get("/desk/catalog/drafts/?state=sent-back"))
        assert "场站" in alone
        assert "站点" not in alone

    def test_nobody_chooses_what_is_anothers(self, client: Client, town: City) -> None:
        draft = catalog.draft_entry(town.provider, title="站点")
        client.force_login(catalog.steward_of(town.requester))
        assert "站点" not in text(client.get("/desk/catalog/drafts/"))
        answer = client.post("/desk/catalog/drafts/together/", {"chosen": [draft.pk]})
        assert answer.status_code == 422
        assert not reviews()

    def test_the_desks_cost_the_same_for_many(self, client: Client, town: City) -> None:
        people = (catalog.steward_of(town.provider), catalog.approver_of(town.provider))
        paths = ("/desk/catalog/drafts/", "/desk/catalog/confidentiality/")
        costs = []
        for number in (2, 5):
            drafts = [catalog.draft_entry(town.provider, title=f"表{number}-{place}") for place in range(number)]
            send_on(town, *drafts[1:])
            for person, path in zip(people, paths, strict=True):
                client.force_login(person)
                client.get(path)
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(path).status_code == 200
                costs.append(len(captured))
        assert costs[:2] == costs[2:]


class TestOverRest:
    """The same over REST."""

    def test_each_says_what_became_of_it(self, client: Client, town: City) -> None:
        draft = catalog.draft_entry(town.provider)
        call = {"content_type": "application/json"}
        client.force_login(catalog.steward_of(town.provider))
        body = {"revisions": [{"entry": draft.entry_id, "number": 1}]}
        first = client.post("/api/v1/catalog/drafts/together/", body, **call).json()["results"]
        again = client.post("/api/v1/catalog/drafts/together/", body, **call).json()["results"]
        assert (first[0]["done"], first[0]["status"]) == (True, "draft")
        assert not again[0]["done"]
        client.force_login(catalog.approver_of(town.provider))
        told = client.post(
            "/api/v1/catalog/confidentiality/together/", {"reviews": [reviews()[0].pk], "opinion": "同意。"}, **call
        ).json()["results"]
        assert told[0]["done"]
        assert needs_review(draft) is False

    def test_anothers_review_is_not_there(self, client: Client, town: City) -> None:
        send_on(town, catalog.draft_entry(town.provider))
        client.force_login(catalog.approver_of(town.requester))
        body = {"reviews": [reviews()[0].pk]}
        answer = client.post("/api/v1/catalog/confidentiality/together/", body, content_type="application/json")
        assert answer.status_code == 404
