"""What a revision must say, its resource code, its items, and the second person's confidentiality review."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from catalog import selectors, services
from catalog.models import CatalogEntry, ConfidentialityReview, EntryRevision
from catalog.services import ItemSpec
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import authority_over, government_over
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of, running
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

GUIDE = re.compile(r"[1-3]\d{2}\d{3}\d*/\d+")
LATER = make.AT + dt.timedelta(days=1)


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


def test_resource_codes_follow_the_guide_and_count_by_category(city: accounts.City) -> None:
    # given, when
    first = make.draft_entry(city.provider)
    second = make.draft_entry(city.requester)
    other = make.draft_entry(city.provider, category=make.category("303002"))

    # then
    codes = [revision.entry.resource_code for revision in (first, second, other)]
    assert codes == ["203001/000001", "203001/000002", "303002/000001"]
    assert all(GUIDE.fullmatch(code) for code in codes)


def test_the_resource_code_stays_when_the_revision_changes(city: accounts.City) -> None:
    # given
    revision = make.draft_entry(city.provider)

    # when
    changed = {"title": "公交线路与站点", "category": make.category("303002")}
    services.edit_revision(revision_id=revision.pk, by=make.steward_of(city.provider), at=LATER, elements=changed)

    # then
    assert CatalogEntry.objects.get(pk=revision.entry_id).resource_code == "203001/000001"


def test_a_failed_compilation_leaves_no_gap_in_the_codes(city: accounts.City) -> None:
    # given
    with pytest.raises(RuleBroken):
        make.draft_entry(city.provider, title="  ")
    assert not CatalogEntry.objects.exists()

    # when
    revision = make.draft_entry(city.provider)

    # then
    assert revision.entry.resource_code == "203001/000001"


@pytest.mark.parametrize(
    ("changed", "field", "article"),
    [
        ({"abstract": ""}, "abstract", "第十一条第二款"),
        ({"sharing_type": "conditional"}, "sharing_condition", "第十四条"),
        ({"sharing_type": "withheld"}, "sharing_basis", "第十四条"),
        ({"is_open": False}, "closed_ground", "第十八条第一款"),
        ({"is_open": False, "closed_ground": 2}, "closed_basis", "第十八条第一款"),
        (
            {"is_open": False, "closed_ground": 4, "closed_basis": "《关于规范数据开放的通知》"},
            "closed_basis",
            "第十八条第一款第四项",
        ),
        ({"is_open": False, "closed_ground": 4, "closed_basis": "内部规定"}, "closed_basis", "第十八条第一款第四项"),
    ],
)
def test_what_is_missing_is_named_with_its_article(
    changed: dict[str, Any], field: str, article: str, city: accounts.City
) -> None:
    # given
    revision = make.reviewed_draft(city.provider, **changed)

    # when
    with pytest.raises(RuleBroken) as refused:
        services.submit(revision_id=revision.pk, by=make.steward_of(city.provider), at=LATER)

    # then
    assert set(refused.value.fields) == {field} or field == "closed_ground"
    assert field in refused.value.fields
    assert refused.value.basis.endswith(article)
    revision.refresh_from_db()
    assert (revision.status, revision.submitted_at) == ("draft", None)
    assert not Clock.objects.filter(kind="catalog-review").exists()


def test_a_law_with_its_article_is_a_basis_for_the_fourth_ground(city: accounts.City) -> None:
    # given
    basis = "《中华人民共和国统计法》第九条"
    revision = make.reviewed_draft(city.provider, is_open=False, closed_ground=4, closed_basis=basis)

    # when
    services.submit(revision_id=revision.pk, by=make.steward_of(city.provider), at=LATER)

    # then
    revision.refresh_from_db()
    assert revision.status == "in-review"


def test_an_entry_without_items_cannot_be_submitted(city: accounts.City) -> None:
    # given
    revision = make.draft_entry(
        city.provider, items=(), sharing_type="withheld", sharing_basis="《中华人民共和国保守国家秘密法》第九条"
    )

    # when, then
    with pytest.raises(RuleBroken) as refused:
        services.submit(revision_id=revision.pk, by=make.steward_of(city.provider), at=LATER)
    assert "items" in refused.value.fields


@pytest.mark.parametrize(
    "items",
    [
        (ItemSpec(name="名称"), ItemSpec(name=" 名 称 ")),
        (ItemSpec(name="甲", code="x"), ItemSpec(name="乙", code="X")),
        (ItemSpec(name="甲", code="1x"),),
        (ItemSpec(name="甲", code="x;drop table"),),
        (ItemSpec(name=" "),),
        (ItemSpec(name="甲", data_type="Z"),),
    ],
)
def test_items_that_cannot_be_columns_are_refused(items: tuple[ItemSpec, ...], city: accounts.City) -> None:
    # when
    with pytest.raises(RuleBroken) as refused:
        make.draft_entry(city.provider, items=items)

    # then
    assert "items" in refused.value.fields
    assert not EntryRevision.objects.exists()


def test_codes_are_given_out_beside_those_that_were_chosen(city: accounts.City) -> None:
    # when
    items = (ItemSpec(name="甲"), ItemSpec(name="乙", code="c001"), ItemSpec(name="丙"))
    revision = make.draft_entry(city.provider, items=items)

    # then
    assert [item.code for item in revision.items.all()] == ["c002", "c001", "c003"]


def test_the_grade_of_an_entry_is_the_highest_of_its_items(city: accounts.City) -> None:
    # when
    revision = make.draft_entry(city.provider, items=(ItemSpec(name="甲", grade=2), ItemSpec(name="乙", grade=4)))

    # then
    revision.refresh_from_db()
    assert revision.grade == 4


def test_nothing_is_submitted_before_a_second_person_reviewed_it(city: accounts.City) -> None:
    # given
    revision = make.draft_entry(city.provider)

    # when
    with pytest.raises(RuleBroken) as refused:
        services.submit(revision_id=revision.pk, by=make.steward_of(city.provider), at=LATER)

    # then
    assert "confidentiality" in refused.value.fields
    assert refused.value.basis.endswith("第二十四条")


def test_who_asked_or_compiled_does_not_decide_the_confidentiality_review(city: accounts.City) -> None:
    # given
    person = accounts.staff(city.provider, Role.DATA_STEWARD, Role.APPROVER)
    colleague = accounts.staff(city.provider, Role.DATA_STEWARD)
    revision = make.draft_entry(city.provider, by=person)
    review = services.ask_confidentiality_review(revision_id=revision.pk, scope="sharing", by=colleague, at=make.AT)

    # when, then
    with pytest.raises(NotAllowed, match="第二人"):
        services.decide_confidentiality_review(review_id=review.pk, passed=True, by=person, at=LATER)
    review.refresh_from_db()
    assert (review.outcome, review.decided_by) == ("waiting", None)
    assert running(review, "confidentiality-review") is not None


def test_a_refused_confidentiality_review_needs_reasons_and_stops_its_clock(city: accounts.City) -> None:
    # given
    revision = make.draft_entry(city.provider)
    steward, approver = make.steward_of(city.provider), make.approver_of(city.provider)
    review = services.ask_confidentiality_review(revision_id=revision.pk, scope="sharing", by=steward, at=make.AT)

    # when
    with pytest.raises(RuleBroken):
        services.decide_confidentiality_review(review_id=review.pk, passed=False, by=approver, at=LATER)
    assert running(review, "confidentiality-review") is not None
    services.decide_confidentiality_review(
        review_id=review.pk, passed=False, by=approver, at=LATER, opinion="含有运营企业的商业秘密。"
    )

    # then
    assert running(review, "confidentiality-review") is None
    assert not selectors.confidentiality_passed(revision, "sharing")
    with pytest.raises(WrongState):
        services.decide_confidentiality_review(review_id=review.pk, passed=True, by=approver, at=LATER)


@pytest.mark.parametrize(
    "change",
    [
        {"items": (*make.ITEMS, ItemSpec(name="司机身份证号", sensitivity="direct"))},
        {"elements": {"sharing_type": "conditional", "sharing_condition": "限公安机关。"}},
    ],
)
def test_changed_items_or_sharing_void_the_review(change: dict[str, Any], city: accounts.City) -> None:
    # given
    revision = make.reviewed_draft(city.provider)

    # when
    arguments = {"elements": {}} | change
    services.edit_revision(revision_id=revision.pk, by=make.steward_of(city.provider), at=LATER, **arguments)

    # then
    revision.refresh_from_db()
    assert not selectors.confidentiality_passed(revision, "sharing")
    assert ConfidentialityReview.objects.get().outcome == "voided"
    with pytest.raises(RuleBroken):
        services.submit(revision_id=revision.pk, by=make.steward_of(city.provider), at=LATER)


def test_a_better_abstract_leaves_the_review_standing(city: accounts.City) -> None:
    # given
    revision = make.reviewed_draft(city.provider)

    # when
    services.edit_revision(
        revision_id=revision.pk, by=make.steward_of(city.provider), at=LATER, elements={"abstract": "写得更清楚。"}
    )

    # then
    revision.refresh_from_db()
    assert selectors.confidentiality_passed(revision, "sharing")


def test_a_change_while_the_review_waits_ends_it_and_its_clock(city: accounts.City) -> None:
    # given
    revision = make.draft_entry(city.provider)
    steward = make.steward_of(city.provider)
    review = services.ask_confidentiality_review(revision_id=revision.pk, scope="sharing", by=steward, at=make.AT)

    # when
    items = (ItemSpec(name="新的一项"),)
    services.edit_revision(revision_id=revision.pk, by=steward, at=LATER, elements={}, items=items)

    # then
    review.refresh_from_db()
    assert review.outcome == "voided"
    assert clocks_of(review).get().stopped_by == "superseded"


def test_a_revision_that_changes_nothing_reviewed_needs_no_second_review(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)

    # when
    draft = services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=LATER)

    # then
    assert selectors.confidentiality_passed(draft, "sharing")
    assert [item.code for item in draft.items.all()] == ["route", "name", "length", "opened"]


def test_a_delegate_compiles_one_entry_and_no_other(city: accounts.City) -> None:
    # given
    delegate = accounts.staff(city.requester, Role.DATA_STEWARD)
    given, other = make.draft_entry(city.provider), make.draft_entry(city.provider)
    steward = make.steward_of(city.provider)
    services.delegate_entry(entry_id=given.entry_id, to=delegate, by=steward, at=make.AT)

    # when
    services.edit_revision(revision_id=given.pk, by=delegate, at=LATER, elements={"abstract": "受托修改。"})

    # then
    with pytest.raises(NotAllowed):
        services.edit_revision(revision_id=other.pk, by=delegate, at=LATER, elements={"abstract": "越权。"})
    with pytest.raises(NotAllowed):
        services.delegate_entry(entry_id=given.entry_id, to=delegate, by=delegate, at=LATER)


def test_a_delegate_cannot_ask_for_values_of_the_providers_other_entries(city: accounts.City) -> None:
    # given: an entry that the provider keeps to itself, one that it shares, and one that it delegated
    steward, delegate = make.steward_of(city.provider), accounts.staff(city.requester, Role.DATA_STEWARD)
    kept = make.entry_in_force(city.provider, sharing_type="conditional", sharing_condition="只用于核验。")
    shared = make.entry_in_force(city.provider)
    given = make.draft_entry(city.provider)
    services.delegate_entry(entry_id=given.entry_id, to=delegate, by=steward, at=make.AT)

    def refer(by: User, code: str) -> None:
        key = next(item.code for item in make.ITEMS if item.is_key)
        items = [ItemSpec(name="值", code="value", is_key=True, reference_code=code, reference_item=key)]
        services.edit_revision(revision_id=given.pk, by=by, at=LATER, elements={}, items=items)

    # when, then: what everyone may read may be referred to; the rest, or what is not published yet, may not
    refer(delegate, shared.resource_code)
    for code in (kept.resource_code, f"  {kept.resource_code} ", "303001/009999"):
        with pytest.raises(RuleBroken, match="受托编制的人不能引用"):
            refer(delegate, code)
    assert EntryRevision.objects.get(pk=given.pk).items.get().reference_code == shared.resource_code
    # and what the provider itself wrote stands, whoever works on the draft
    refer(steward, kept.resource_code)
    refer(delegate, kept.resource_code)


def test_whoever_changed_a_draft_neither_judges_nor_reviews_nor_approves_it(city: accounts.City) -> None:
    # given: one person compiled it, another, who also decides, changed it
    steward, both = make.steward_of(city.provider), accounts.staff(city.provider, Role.DATA_STEWARD)
    authority, government = authority_over(city.provider), government_over(city.provider)
    for agency, role in (
        (city.provider, Role.APPROVER),
        (authority, Role.MUNICIPAL_AUTHORITY),
        (government, Role.GOVERNMENT_APPROVER),
    ):
        accounts.give_role(both, agency, role)
    revision = make.draft_entry(city.provider, by=steward)
    services.edit_revision(revision_id=revision.pk, by=both, at=LATER, elements={"abstract": "改过的摘要。"})
    # when, then
    review = services.ask_confidentiality_review(revision_id=revision.pk, scope="sharing", by=steward, at=LATER)
    with pytest.raises(NotAllowed, match="第二人"):
        services.decide_confidentiality_review(review_id=review.pk, passed=True, by=both, at=LATER)
    services.decide_confidentiality_review(
        review_id=review.pk, passed=True, by=accounts.staff(city.provider, Role.APPROVER), at=LATER
    )
    services.submit(revision_id=revision.pk, by=steward, at=LATER)
    with pytest.raises(NotAllowed, match="不能审核、审定"):
        services.pass_review(revision_id=revision.pk, by=both, at=LATER)
    services.pass_review(revision_id=revision.pk, by=accounts.staff(authority, Role.MUNICIPAL_AUTHORITY), at=LATER)
    with pytest.raises(NotAllowed, match="不能审核、审定"):
        services.approve(revision_id=revision.pk, by=both, at=LATER)
    revision.refresh_from_db()
    assert (revision.status, revision.compiled_by) == ("in-approval", steward)


def test_somebody_of_the_public_cannot_be_a_delegate(city: accounts.City) -> None:
    # given
    revision = make.draft_entry(city.provider)

    # when, then
    with pytest.raises(RuleBroken):
        services.delegate_entry(
            entry_id=revision.entry_id, to=accounts.citizen(), by=make.steward_of(city.provider), at=make.AT
        )


def test_a_system_of_the_provider_compiles_a_system_of_another_agency_does_not(city: accounts.City) -> None:
    # given
    own, foreign = accounts.system(city.provider).user, accounts.system(city.requester).user

    # when
    revision = services.compile_entry(provider=city.provider, by=own, at=make.AT, elements=make.elements())

    # then
    assert revision.compiled_by == own
    with pytest.raises(NotAllowed):
        services.compile_entry(provider=city.provider, by=foreign, at=make.AT, elements=make.elements())
    assert EntryRevision.objects.count() == 1
