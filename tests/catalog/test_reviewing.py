"""What a reviewer needs (第十一条第三款): the difference, reasons beside each element, many in one act."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.comparing import Kind, compare
from catalog.models import CatalogEntry, EntryRevision
from catalog.services import ItemSpec
from catalog.workflow import RevisionStatus
from guiyang_data.errors import NotAllowed, RuleBroken
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from tests.factories import catalog
from tests.factories.accounts import City, bearer, city, system

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def town() -> City:
    return city()


def text(answer: Any) -> str:
    return answer.content.decode()


def revised(entry: CatalogEntry) -> EntryRevision:
    """A draft that changes elements, and adds, removes and changes an item."""
    steward = catalog.steward_of(entry.provider)
    draft = services.revise(entry_id=entry.pk, by=steward, at=catalog.AT)
    items = [catalog.ITEMS[0], replace(catalog.ITEMS[1], length=60), catalog.ITEMS[2]]
    return services.edit_revision(
        revision_id=draft.pk,
        by=steward,
        at=catalog.AT,
        elements={"update_cycle": "weekly", "keywords": "", "note": "以批复为准。"},
        items=[*items, ItemSpec(name="运营单位", code="operator")],
    )


class TestDifference:
    def test_elements_and_items_are_told_apart_in_words(self, town: City) -> None:
        # given
        entry = catalog.entry_in_force(town.provider)
        draft = revised(entry)

        # when
        found = compare(entry.in_force, draft)

        # then
        assert [(one.name, one.before, one.after, one.kind.words) for one in found.elements] == [
            ("keywords", "公交，线路", "", "删去"),
            ("update_cycle", "每月", "每周", "改动"),
            ("note", "", "以批复为准。", "新增"),
        ]
        assert [(one.name, one.kind) for one in found.items] == [
            ("线路名称", Kind.CHANGED),
            ("运营单位", Kind.ADDED),
            ("开通日期", Kind.REMOVED),
        ]
        assert [(part.label, part.before, part.after) for part in found.items[0].parts] == [("长度", "40", "60")]
        assert found.summary == "目录内容改动 3 处；信息项新增 1 项、删去 1 项、改动 1 项"

    def test_a_revision_that_changes_nothing_says_so(self, town: City) -> None:
        entry = catalog.entry_in_force(town.provider)
        draft = services.revise(entry_id=entry.pk, by=catalog.steward_of(town.provider), at=catalog.AT)
        assert compare(entry.in_force, draft).is_empty

    def test_stands_on_the_reviewers_page_and_between_any_two_versions(self, client: Client, town: City) -> None:
        # given
        entry = catalog.entry_in_force(town.provider)
        first = catalog.revised_entry(entry, note="第二版的备注")
        entry.refresh_from_db()
        draft = catalog.pass_confidentiality(revised(entry))
        services.submit(revision_id=draft.pk, by=catalog.steward_of(town.provider), at=catalog.AT)
        client.force_login(catalog.officer_over(town.provider))

        # then
        assert "与第2版的差异" in text(client.get(draft.get_absolute_url()))
        assert "<del>第二版的备注</del>" in text(client.get(f"{draft.get_absolute_url()}changes/"))
        against_first = text(client.get(f"{draft.get_absolute_url()}changes/?from=1"))
        assert "第二版的备注" not in against_first
        assert client.get(f"{first.get_absolute_url()}changes/?from=9").status_code == 404

    def test_over_rest(self, client: Client, town: City) -> None:
        entry = catalog.entry_in_force(town.provider)
        draft = revised(entry)
        caller = bearer(system(town.provider), "catalog:read")
        address = f"/api/v1/catalog/entries/{entry.pk}/revisions/{draft.number}/changes/"
        answer = client.get(address, **caller).json()
        assert [one["kind"] for one in answer["items"]] == ["changed", "added", "removed"]
        assert client.get(address.replace("/2/", "/1/"), **caller).status_code == 404

    def test_costs_the_same_for_many_items(self, town: City) -> None:
        costs = []
        for number in (2, 12):
            items = [ItemSpec(name=f"项{place}", code=f"i{place}") for place in range(number)]
            entry = catalog.entry_in_force(town.provider, items=items, title=f"表{number}")
            draft = services.revise(entry_id=entry.pk, by=catalog.steward_of(town.provider), at=catalog.AT)
            with CaptureQueriesContext(connection) as captured:
                compare(EntryRevision.objects.get(pk=entry.in_force_id), EntryRevision.objects.get(pk=draft.pk))
            costs.append(len(captured))
        assert costs[0] == costs[1]


class TestSendingBack:
    def test_a_reason_beside_an_element_stands_beside_it_in_the_compilers_form(
        self, client: Client, town: City
    ) -> None:
        # given
        revision = catalog.entry_in_review(town.provider)
        client.force_login(catalog.officer_over(town.provider))
        address = revision.get_absolute_url()

        # when
        answer = client.post(
            f"{address}send-back/", {"at:abstract": "请写明覆盖哪些线路。", "at:item:length": "单位应为米。"}
        )

        # then
        assert answer.status_code == 302
        revision.refresh_from_db()
        assert revision.status == RevisionStatus.SENT_BACK
        assert revision.send_back_fields == {"abstract": "请写明覆盖哪些线路。", "item:length": "单位应为米。"}
        client.force_login(catalog.steward_of(town.provider))
        form = text(client.get(f"{address}edit/"))
        assert "退回理由：请写明覆盖哪些线路。" in form
        assert "退回理由：单位应为米。" in form
        assert "资源摘要：请写明覆盖哪些线路。" in text(client.get(address))

    def test_without_any_reason_it_is_refused_and_stays(self, client: Client, town: City) -> None:
        revision = catalog.entry_in_review(town.provider)
        client.force_login(catalog.officer_over(town.provider))
        assert client.post(f"{revision.get_absolute_url()}send-back/", {}).status_code == 422
        revision.refresh_from_db()
        assert revision.status == RevisionStatus.IN_REVIEW

    def test_a_name_that_is_no_element_is_refused(self, town: City) -> None:
        revision = catalog.entry_in_review(town.provider)
        with pytest.raises(RuleBroken) as refused:
            services.send_back(
                revision_id=revision.pk,
                by=catalog.officer_over(town.provider),
                at=catalog.AT,
                reasons="",
                fields={"item:nothing": "没有这一项。"},
            )
        assert "fields" in refused.value.fields

    def test_submitted_again_nothing_of_it_is_left(self, town: City) -> None:
        revision = catalog.entry_in_review(town.provider)
        officer, steward = catalog.officer_over(town.provider), catalog.steward_of(town.provider)
        services.send_back(
            revision_id=revision.pk, by=officer, at=catalog.AT, reasons="", fields={"abstract": "请补充。"}
        )
        again = services.submit(revision_id=revision.pk, by=steward, at=catalog.AT)
        assert (again.send_back_reasons, again.send_back_fields) == ("", {})


class TestTogether:
    def test_each_goes_its_next_step_with_its_own_record_and_one_refused_stops_no_other(self, town: City) -> None:
        # given
        officer = catalog.officer_over(town.provider)
        first, second = (catalog.entry_in_review(town.provider, title=title) for title in ("站点", "票价"))
        dropped = catalog.sent_back_entry(town.provider, title="场站")

        # when
        decided = services.decide_together(
            revision_ids=[first.pk, dropped.pk, second.pk], by=officer, at=catalog.AT, opinion="同意。"
        )

        # then
        assert [one.done for one in decided] == [True, False, True]
        assert "已退回" in str(decided[1].error)
        for revision in (first, second):
            revision.refresh_from_db()
            assert revision.status == RevisionStatus.IN_APPROVAL
            event = Event.objects.get(subject=subject_of(revision.entry), verb="pass-review")
            assert event.payload["opinion"] == "同意。"

    def test_whoever_may_not_moves_none(self, town: City) -> None:
        revision = catalog.entry_in_review(town.provider)
        decided = services.decide_together(
            revision_ids=[revision.pk], by=catalog.steward_of(town.provider), at=catalog.AT
        )
        assert isinstance(decided[0].error, NotAllowed)
        revision.refresh_from_db()
        assert revision.status == RevisionStatus.IN_REVIEW

    def test_nothing_chosen_is_refused(self, town: City) -> None:
        with pytest.raises(RuleBroken):
            services.decide_together(revision_ids=[], by=catalog.officer_over(town.provider), at=catalog.AT)

    def test_the_desk_lists_what_waits_and_carries_it_out(self, client: Client, town: City) -> None:
        # given
        waiting = [catalog.entry_in_approval(town.provider, title=title) for title in ("站点", "票价")]
        client.force_login(catalog.government_approver_over(town.provider))
        desk = text(client.get("/desk/catalog/review/"))
        assert all(f'value="{revision.pk}"' in desk for revision in waiting)

        # when
        chosen = {"chosen": [revision.pk for revision in waiting]}
        assert "审定后即公布生效" in text(client.get("/desk/catalog/review/together/", chosen))
        answer = client.post("/desk/catalog/review/together/", chosen, follow=True)

        # then
        assert "已办理 2 份目录" in text(answer)
        assert CatalogEntry.objects.filter(in_force__isnull=False).count() == 2

    @pytest.mark.parametrize("asked", ["²", "9" * 30, "x", "-1"])
    def test_what_is_no_number_chooses_nothing(self, client: Client, town: City, asked: str) -> None:
        catalog.entry_in_review(town.provider)
        client.force_login(catalog.officer_over(town.provider))
        answer = client.get("/desk/catalog/review/together/", {"chosen": asked})
        assert (answer.status_code, answer.context["chosen"]) == (200, [])

    def test_the_desk_costs_the_same_for_many(self, client: Client, town: City) -> None:
        client.force_login(catalog.officer_over(town.provider))
        costs = []
        for number in (2, 5):
            for place in range(number):
                catalog.entry_in_review(town.provider, title=f"表{number}-{place}")
            client.get("/desk/catalog/review/")
            with CaptureQueriesContext(connection) as captured:
                assert client.get("/desk/catalog/review/").status_code == 200
            costs.append(len(captured))
        assert costs[0] == costs[1]

    def test_over_rest_each_says_what_became_of_it(self, client: Client, town: City) -> None:
        revision = catalog.entry_in_review(town.provider)
        client.force_login(catalog.officer_over(town.provider))
        chosen = {"revisions": [{"entry": revision.entry_id, "number": 1}]}
        call = {"data": chosen, "content_type": "application/json"}
        once, again = (client.post("/api/v1/catalog/review/", **call).json()["results"] for _time in range(2))
        assert (once[0]["done"], once[0]["status"]) == (True, "in-approval")
        assert not again[0]["done"]
        assert again[0]["message"]
