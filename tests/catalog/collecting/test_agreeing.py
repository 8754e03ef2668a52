"""The agency that leads asks the others; each agrees or declines by its own act, before anything is submitted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog import policies, services
from catalog.collecting import to_answer
from catalog.comparing import compare
from catalog.models import CatalogEntry, CoCollection, EntryRevision
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from tests.factories import accounts, collecting
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def decide(asked: CoCollection, by: User, *, agreed: bool = True, reasons: str = "") -> CoCollection:
    return services.decide_co_collection(co_collection_id=asked.pk, agreed=agreed, by=by, at=make.AT, reasons=reasons)


class TestAsking:
    def test_the_other_agency_is_told_and_finds_it_among_its_work_without_a_period(
        self, city: accounts.City, other: User
    ) -> None:
        # when
        asked = collecting.asked(city.transport, city.health)

        # then
        assert (asked.agency, asked.item_names, asked.status) == (city.health, ["长度", "开通日期"], "waiting")
        assert list(to_answer(other)) == [asked]
        notice = Notice.objects.get(recipient=other, title__contains="请确认共同采集")
        assert notice.path == asked.get_absolute_url()
        event = events_of(asked.revision.entry).last()
        assert event is not None
        assert (event.verb, event.payload["agencies"]) == ("ask-co-collection", [city.health.code])
        assert event.basis.endswith("第十二条第二款")
        assert not Clock.objects.filter(subject=f"catalog.cocollection:{asked.pk}").exists()

    def test_the_asked_agency_sees_the_draft_and_a_third_does_not(self, city: accounts.City, other: User) -> None:
        # given
        third = accounts.staff(city.county_department, Role.DATA_STEWARD)
        everything = CatalogEntry.objects.all()
        draft = collecting.draft(city.transport, city.health)
        assert not policies.visible_to(other, everything).exists()

        # when
        services.ask_co_collection(revision_id=draft.pk, by=make.steward_of(city.transport), at=make.AT)

        # then
        assert policies.visible_to(other, everything).count() == 1
        assert not policies.visible_to(third, everything).exists()
        assert policies.visible_co_collections(other, CoCollection.objects.all()).count() == 1
        assert not policies.visible_co_collections(third, CoCollection.objects.all()).exists()

    def test_it_does_not_edit_or_submit(self, city: accounts.City, other: User) -> None:
        # given
        asked = collecting.asked(city.transport, city.health)

        # when, then
        with pytest.raises(NotAllowed):
            services.edit_revision(revision_id=asked.revision_id, by=other, at=make.AT, elements={"title": "别的"})
        with pytest.raises(NotAllowed):
            services.submit(revision_id=asked.revision_id, by=other, at=make.AT)
        assert EntryRevision.objects.get().title == "公交线路信息"

    def test_asking_again_while_it_waits_is_refused(self, city: accounts.City, lead: User) -> None:
        # given
        asked = collecting.asked(city.transport, city.health)

        # when, then
        with pytest.raises(WrongState, match="不必重复"):
            services.ask_co_collection(revision_id=asked.revision_id, by=lead, at=make.AT)
        assert CoCollection.objects.count() == 1

    def test_without_items_of_others_there_is_nothing_to_ask(self, city: accounts.City, lead: User) -> None:
        draft = make.draft_entry(city.transport)
        with pytest.raises(RuleBroken, match="没有信息项"):
            services.ask_co_collection(revision_id=draft.pk, by=lead, at=make.AT)

    def test_without_a_key_rows_could_not_be_put_together(self, city: accounts.City, lead: User) -> None:
        # given
        items = [services.ItemSpec(name="名称"), services.ItemSpec(name="长度", collector_id=city.health.pk)]
        draft = make.draft_entry(city.transport, items=items)

        # when, then
        with pytest.raises(RuleBroken, match="主键"):
            services.ask_co_collection(revision_id=draft.pk, by=lead, at=make.AT)

    def test_an_item_of_the_provider_itself_is_no_item_of_another(self, city: accounts.City) -> None:
        draft = make.draft_entry(city.transport, items=collecting.items(city.transport))
        assert not draft.items.exclude(collector=None).exists()


class TestAnswering:
    def test_until_it_agrees_nothing_is_submitted(self, city: accounts.City, lead: User, other: User) -> None:
        # given
        asked = collecting.asked(city.transport, city.health)
        with pytest.raises(RuleBroken, match="贵阳市卫生健康局还没有确认共同采集") as refused:
            services.submit(revision_id=asked.revision_id, by=lead, at=make.AT)
        assert "co-collection" in refused.value.fields

        # when
        decide(asked, other)

        # then
        assert services.submit(revision_id=asked.revision_id, by=lead, at=make.AT).status == "in-review"
        event = events_of(asked.revision.entry).filter(verb="confirm-co-collection").get()
        assert event.payload["items"] == ["length", "opened"]
        assert Notice.objects.filter(recipient=lead, title__contains="已确认共同采集").count() == 1
        assert not to_answer(other).exists()

    def test_each_that_has_not_agreed_is_named_at_its_field(self, city: accounts.City, lead: User) -> None:
        # given
        items = [
            replace(item, collector_id=city.authority.pk) if item.code == "opened" else item
            for item in collecting.items(city.health)
        ]
        revision = make.reviewed_draft(city.transport, items=items)

        # when
        with pytest.raises(RuleBroken) as refused:
            services.submit(revision_id=revision.pk, by=lead, at=make.AT)

        # then
        told = refused.value.fields["co-collection"]
        assert all(f"{agency.name}还没有确认" in told for agency in (city.health, city.authority))

    def test_declining_needs_reasons_and_the_lead_reads_them(
        self, city: accounts.City, lead: User, other: User
    ) -> None:
        # given
        asked = collecting.asked(city.transport, city.health)
        with pytest.raises(RuleBroken, match="理由"):
            decide(asked, other, agreed=False, reasons="  ")
        assert CoCollection.objects.get().status == "waiting"

        # when
        decide(asked, other, agreed=False, reasons="长度由线路设计单位测量。")

        # then
        assert Notice.objects.get(recipient=lead, title__contains="不同意").body == "长度由线路设计单位测量。"
        with pytest.raises(RuleBroken, match="长度由线路设计单位测量"):
            services.submit(revision_id=asked.revision_id, by=lead, at=make.AT)
        again = services.ask_co_collection(revision_id=asked.revision_id, by=lead, at=make.AT)
        assert [one.agency for one in again] == [city.health]

    def test_the_lead_does_not_answer_for_the_other(self, city: accounts.City, lead: User) -> None:
        # given
        asked = collecting.asked(city.transport, city.health)

        # when, then
        with pytest.raises(NotAllowed):
            decide(asked, make.approver_of(city.transport))
        accounts.give_role(lead, city.health, Role.DATA_STEWARD)
        with pytest.raises(NotAllowed, match="提请人不能代另一机关作答"):
            decide(asked, lead)
        assert CoCollection.objects.get().status == "waiting"

    def test_it_answers_once(self, city: accounts.City, other: User) -> None:
        # given
        asked = collecting.asked(city.transport, city.health)
        decide(asked, other)

        # when, then
        with pytest.raises(WrongState):
            decide(asked, other, agreed=False, reasons="改了主意。")
        assert CoCollection.objects.get().status == "confirmed"


class TestChanges:
    def test_other_items_need_another_word_and_the_same_keep_theirs(self, city: accounts.City, lead: User) -> None:
        # given
        revision = collecting.confirmed(city.transport, city.health)

        # when
        services.edit_revision(revision_id=revision.pk, by=lead, at=make.AT, elements={"abstract": "全市公交线路。"})

        # then
        assert CoCollection.objects.get().status == "confirmed"
        changed = [
            services.ItemSpec(**{**vars(item), "meaning": "改了"}) if item.code == "length" else item
            for item in collecting.items(city.health)
        ]
        services.edit_revision(revision_id=revision.pk, by=lead, at=make.AT, elements={}, items=changed)
        assert CoCollection.objects.get().status == "voided"
        assert Notice.objects.filter(title__contains="共同采集的内容有变动").exists()

    def test_a_revision_that_asks_the_same_needs_no_new_word(self, city: accounts.City, entry: CatalogEntry) -> None:
        # when
        revision = make.revised_entry(entry, abstract="全市公交线路，含夜间线路。")

        # then
        assert revision.status == "in-force"
        assert CoCollection.objects.count() == 1

    def test_giving_a_draft_up_ends_the_asking(self, city: accounts.City, lead: User, other: User) -> None:
        # given
        asked = collecting.asked(city.transport, city.health)

        # when
        services.drop(revision_id=asked.revision_id, by=lead, at=make.AT)

        # then
        assert CoCollection.objects.get().status == "voided"
        assert not to_answer(other).exists()

    def test_the_difference_says_who_collects_now(self, city: accounts.City, entry: CatalogEntry, lead: User) -> None:
        # given
        draft = services.revise(entry_id=entry.pk, by=lead, at=make.AT)

        # when
        draft = services.edit_revision(
            revision_id=draft.pk, by=lead, at=make.AT, elements={}, items=collecting.items(city.authority)
        )

        # then
        assert entry.in_force is not None
        (change, _day) = compare(entry.in_force, draft).items
        (part,) = change.parts
        assert (part.label, part.before, part.after) == ("采集机关", "贵阳市卫生健康局", "贵阳市大数据发展管理局")

    def test_publishing_tells_the_other_agency_that_it_may_send(self, entry: CatalogEntry, other: User) -> None:
        assert Notice.objects.filter(recipient=other, title__contains="请报送数据").count() == 1
