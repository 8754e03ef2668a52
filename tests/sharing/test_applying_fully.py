"""Applications in full: several at once, taken up again, with papers; what a reply in part cuts; what does not work."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import get_resolver

from catalog import services as catalog
from guiyang_data.accounts.models import User
from guiyang_data.attachments import selectors as attachments
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import clocks_of
from sharing import services
from sharing.models import SharingApplication, SharingGrant
from sharing.papers import find_paper, take_in_for
from sharing.reactions import react
from sharing.selectors import chain_of
from sharing.services.verification import SAID
from sharing.workflow import APPLICATION_WORKFLOW
from tests.factories import sharing as made
from tests.factories.accounts import give_role
from tests.factories.catalog import ROWS, entry_in_force
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MORE_ROWS = [{"code": "length", "operator": "ge", "value": "10"}]


_kept, scene = kept(made.scene)


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def in_part(case: SharingApplication, by: User, **changed: Any) -> SharingGrant:
    values: dict[str, Any] = {"items": case.items, "reasons": made.REASONS}
    return services.agree_in_part(application_id=case.pk, by=by, at=made.later(1), **(values | changed))


class TestSeveralAtOnce:
    def test_each_entry_has_its_own_case_clock_and_reply_under_one_filing_number(self, scene: made.Scene) -> None:
        # given two providers
        other = entry_in_force(scene.city.authority, title="企业名录", sharing_type="conditional", rows=ROWS)
        papers = take_in_for(scene.asker, [ContentFile("职责".encode(), name="职责依据.txt")], at=made.AT)

        # when
        wishes = {scene.entry.pk: made.wish(), other.pk: made.wish(items=["name"])}
        cases = services.apply_together(
            requester=scene.requester, by=scene.asker, at=made.AT, wishes=wishes, papers=papers
        )

        # then
        assert {case.provider for case in cases} == {scene.provider, scene.city.authority}
        assert len({case.number for case in cases}) == 2
        assert {case.filing for case in cases} == {"GXH-2026-00001"}
        assert [(one.kind, one.due_on) for case in cases for one in clocks_of(case)] == [
            ("sharing-reply", made.DUE_ON)
        ] * 2
        assert [len(attachments.of(subject_of(case))) for case in cases] == [1, 1]
        services.refuse(application_id=cases[0].pk, by=scene.approver, at=made.later(1), reasons=made.REASONS)
        assert made.fresh(cases[1]).is_waiting

    def test_one_that_is_refused_refuses_all_and_names_its_entry(self, scene: made.Scene) -> None:
        other = entry_in_force(scene.city.authority, title="企业名录", sharing_type="conditional", rows=ROWS)
        wishes = {scene.entry.pk: made.wish(), other.pk: made.wish(items=["nothing"])}
        with pytest.raises(RuleBroken, match="「企业名录」") as refused:
            services.apply_together(requester=scene.requester, by=scene.asker, at=made.AT, wishes=wishes)
        assert f"items_{other.pk}" in refused.value.fields
        assert not SharingApplication.objects.exists()

    def test_the_page_keeps_the_choice_in_its_address_and_files_both(self, scene: made.Scene) -> None:
        other = entry_in_force(scene.city.authority, title="企业名录", sharing_type="conditional", rows=ROWS)
        client = at(scene.asker)
        chosen = f"chosen={scene.entry.pk}&chosen={other.pk}"
        found = client.get(f"/desk/sharing/?q=企业&{chosen}").content.decode()
        assert "已选择 2 项" in found
        form = {
            f"items_{scene.entry.pk}": ["route"],
            f"items_{other.pk}": ["name"],
            "duty": "应急处置",
            "duty_basis": "《突发公共卫生事件应急条例》",
            "purpose": "核对",
            "period_from": "2026-11-28",
            "period_until": "2027-11-28",
            "frequency": "on-demand",
            "terms_accepted": "on",
        }
        wrong = client.post(f"/desk/sharing/apply/?{chosen}", form | {f"items_{other.pk}": []})
        assert wrong.status_code == 422
        assert "《突发公共卫生事件应急条例》" in wrong.content.decode()
        done = client.post(f"/desk/sharing/apply/?{chosen}", form)
        assert done.status_code == 302
        assert "GXH-" in done["Location"]
        assert SharingApplication.objects.count() == 2


class TestTakenUpAgain:
    def test_the_new_one_is_linked_to_those_before_and_has_a_clock_of_its_own(self, scene: made.Scene) -> None:
        first = made.refused_application(scene)
        again = services.apply(
            entry_id=scene.entry.pk,
            requester=scene.requester,
            by=scene.asker,
            at=made.later(3),
            wish=made.wish(items=["route"]),
            previous=first,
        )
        services.withdraw_application(application_id=again.pk, by=scene.asker, at=made.later(4))
        third = services.apply(
            entry_id=scene.entry.pk,
            requester=scene.requester,
            by=scene.asker,
            at=made.later(5),
            wish=made.wish(),
            previous=again,
        )
        assert [one.pk for one in chain_of(third)] == [first.pk, again.pk, third.pk]
        assert chain_of(third) == chain_of(first)
        assert events_of(first).last().payload == {"application": again.number}  # type: ignore[union-attr]
        assert [one.started_on for one in clocks_of(third)] == [made.later(5).date()]

    def test_the_page_is_filled_in_with_what_was_asked_for(self, scene: made.Scene) -> None:
        first = made.refused_application(scene, row_condition=MORE_ROWS, ways=["query"])
        page = at(scene.asker).get(f"{first.get_absolute_url()}resubmit/").content.decode()
        for said in ("突发公共卫生事件应急处置", "核对应急转运路线", made.REASONS, first.number):
            assert said in page

    @pytest.mark.parametrize("state", ["submitted", "agreed"])
    def test_what_waits_or_was_agreed_is_not_taken_up_again(self, scene: made.Scene, state: str) -> None:
        case = made.application(scene)
        if state == "agreed":
            services.agree(application_id=case.pk, by=scene.approver, at=made.later(1))
        with pytest.raises(WrongState):
            services.apply(
                entry_id=scene.entry.pk,
                requester=scene.requester,
                by=scene.asker,
                at=made.later(3),
                wish=made.wish(purpose="另一用途"),
                previous=case,
            )

    def test_nobody_takes_up_anothers(self, scene: made.Scene) -> None:
        first = made.refused_application(scene)
        with pytest.raises(NotSeen):
            services.apply(
                entry_id=scene.entry.pk,
                requester=scene.city.county_department,
                by=scene.outsider,
                at=made.later(3),
                wish=made.wish(),
                previous=first,
            )


class TestCuts:
    def test_rows_period_and_ways_that_are_cut_are_said_and_can_be_coordinated(self, scene: made.Scene) -> None:
        # given a reply that grants every item but fewer rows, a shorter time and no downloads
        case = made.application(scene, ways=["query", "download"])
        until = dt.date(2027, 1, 31)
        grant = in_part(case, scene.approver, row_condition=MORE_ROWS, valid_until=until, ways=["query"])
        case = made.fresh(case)
        assert (case.outcome, case.refused_items, case.cuts) == ("agree-in-part", [], ["rows", "period", "ways"])
        assert (grant.row_condition, grant.valid_until, grant.ways) == (MORE_ROWS, until, ["query"])
        page = at(scene.asker).get(case.get_absolute_url()).content.decode()
        for said in ("另加的数据范围", "使用期限缩短至", "只以这些方式提供", made.REASONS):
            assert said in page

        # when an opinion lets the rows stay cut but nothing else
        coordination = made.coordination(scene, of=case)
        services.conclude_coordination(
            coordination_id=coordination.pk,
            by=scene.coordinator,
            at=made.later(5),
            opinion="provide",
            text="期限和方式应当照准。",
            keeps=["rows"],
            **made.HEARD,
        )
        wider = services.grant_on_opinion(application_id=case.pk, by=scene.approver, at=made.later(6))

        # then
        assert (wider.row_condition, wider.valid_until, wider.ways) == (MORE_ROWS, made.UNTIL, ["query", "download"])
        assert made.fresh(grant).status == "ended"

    def test_an_opinion_keeps_no_cut_that_there_is_not(self, scene: made.Scene) -> None:
        case = made.coordination(scene, of=made.agreed_in_part(scene))
        with pytest.raises(RuleBroken, match="已有的限定"):
            services.conclude_coordination(
                coordination_id=case.pk,
                by=scene.coordinator,
                at=made.later(5),
                opinion="provide",
                text="应当提供。",
                keeps=["rows"],
                **made.HEARD,
            )

    def test_an_opinion_is_not_given_before_the_provider_was_heard(self, scene: made.Scene) -> None:
        case = made.coordination(scene)
        arguments: dict[str, Any] = {"coordination_id": case.pk, "by": scene.coordinator, "at": made.later(5)}
        with pytest.raises(RuleBroken) as refused:
            services.conclude_coordination(opinion="keep", text="可以不提供。", **arguments)
        assert set(refused.value.fields) == {"hearing"}
        services.submit_statement(coordination_id=case.pk, by=scene.approver, at=made.later(5), text="尚未核验。")
        assert services.conclude_coordination(opinion="keep", text="可以不提供。", **arguments).status == "closed"

    @pytest.mark.parametrize(
        ("part", "field"),
        [
            ({"valid_until": dt.date(2026, 10, 1)}, "valid_until"),
            ({"items": ["opened"]}, "items"),
            ({"items": []}, "items"),
            ({"row_condition": [{"code": "nothing", "operator": "eq", "value": "1"}]}, "row_condition"),
            ({"ways": ["subscribe"]}, "ways"),
            ({}, "items"),
        ],
    )
    def test_a_part_stays_within_what_was_asked_for_and_cuts_something(
        self, scene: made.Scene, part: dict[str, Any], field: str
    ) -> None:
        case = made.application(scene, ways=["query"])
        with pytest.raises(RuleBroken) as refused:
            in_part(case, scene.approver, **part)
        assert field in refused.value.fields
        assert made.fresh(case).is_waiting


class TestAbuse:
    def test_whoever_submitted_does_not_answer(self, scene: made.Scene) -> None:
        # given one person who serves both agencies
        give_role(scene.asker, scene.provider, "approver")
        case = made.application(scene)
        for act in (
            lambda: services.agree(application_id=case.pk, by=scene.asker, at=made.later(1)),
            lambda: services.refuse(application_id=case.pk, by=scene.asker, at=made.later(1), reasons=made.REASONS),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert made.fresh(case).is_waiting

    def test_the_same_again_while_it_waits_is_pointed_to_the_first(self, scene: made.Scene) -> None:
        first = made.application(scene)
        for _again in range(3):
            with pytest.raises(WrongState, match=first.number):
                services.apply(
                    entry_id=scene.entry.pk, requester=scene.requester, by=scene.asker, at=made.AT, wish=made.wish()
                )
        assert SharingApplication.objects.count() == 1
        made.application(scene, purpose="另一用途")
        assert SharingApplication.objects.count() == 2

    def test_nothing_edits_an_application_or_its_period_once_it_is_filed(self) -> None:
        # only declared acts exist, none of which edits, extends or suspends the period
        assert set(APPLICATION_WORKFLOW.transitions) == {
            *("agree", "agree-in-part", "refuse", "draft-reply", "withdraw", "resubmit"),
            *("request-coordination", "grant-on-opinion"),
        }
        found = {str(key) for key in get_resolver().namespace_dict["sharing"][1].reverse_dict if isinstance(key, str)}
        assert not {name for name in found if "edit" in name or "extend" in name}

    @pytest.mark.parametrize("day", range(1, 11))
    def test_no_act_moves_the_due_day(self, scene: made.Scene, day: int) -> None:
        case = made.application(scene)
        services.draft_reply(
            application_id=case.pk, by=scene.steward, at=made.later(day), outcome="refuse", reasons=made.REASONS
        )
        (clock,) = clocks_of(case)
        assert (clock.due_on, clock.stopped_on, clock.generation) == (made.DUE_ON, None, 1)

    def test_an_entry_withdrawn_meanwhile_can_only_be_refused_and_both_sides_are_told(self, scene: made.Scene) -> None:
        case = made.application(scene)
        catalog.withdraw(entry_id=scene.entry.pk, by=scene.steward, at=made.later(1), reasons="职能划转")
        seal(at=made.later(2))
        react(made.later(2), made.later(2).date())
        told = Notice.objects.filter(title__contains="已撤销目录", subject=subject_of(case))
        assert {notice.recipient for notice in told} >= {scene.asker, scene.approver}
        with pytest.raises(WrongState):
            services.agree(application_id=case.pk, by=scene.approver, at=made.later(2))
        services.refuse(application_id=case.pk, by=scene.approver, at=made.later(2), reasons="数据已撤销目录。")
        assert made.fresh(case).status == "refused"


class TestSupplying:
    def test_the_target_runs_until_rows_can_really_be_read(self) -> None:
        # given data that is frozen when the agreement comes
        scene = made.scene()
        type(scene.entry).objects.filter(pk=scene.entry.pk).update(frozen_at=made.AT)
        grant = made.agreed_grant(scene)
        (clock,) = clocks_of(grant)
        assert clock.is_running
        react(made.later(2), made.later(2).date())
        assert made.fresh(grant).supplied_on is None

        # when it is open again
        type(scene.entry).objects.filter(pk=scene.entry.pk).update(frozen_at=None)
        react(made.later(3), made.later(3).date())

        # then
        (clock,) = clocks_of(grant)
        assert clock.stopped_on == made.fresh(grant).supplied_on == made.later(3).date()


class TestPapers:
    def test_both_agencies_read_them_and_nobody_else(self, scene: made.Scene) -> None:
        papers = take_in_for(scene.asker, [ContentFile("依据".encode(), name="依据.txt")], at=made.AT)
        case = services.apply(
            entry_id=scene.entry.pk,
            requester=scene.requester,
            by=scene.asker,
            at=made.AT,
            wish=made.wish(),
            papers=papers,
        )
        (paper,) = attachments.of(subject_of(case))
        for user in (scene.asker, scene.approver):
            assert find_paper(user, paper.pk).name == "依据.txt"
        for user in (scene.outsider, scene.coordinator):
            with pytest.raises(NotSeen):
                find_paper(user, paper.pk)
        services.refuse(application_id=case.pk, by=scene.approver, at=made.later(1), reasons=made.REASONS)
        made.coordination(scene, of=made.fresh(case))
        assert find_paper(scene.coordinator, paper.pk) == paper


class TestHelp:
    def test_the_batch_page_shows_what_helps_with_as_many_queries_for_ten_as_for_two(
        self, scene: made.Scene, django_assert_max_num_queries: Any
    ) -> None:
        made.standing_grant(scene)
        made.refused_application(scene)
        client = at(scene.approver)
        counts = []
        for number in (2, 8):
            for turn in range(number):
                made.application(scene, purpose=f"第 {number}-{turn} 项用途")
            client.get("/desk/sharing/answering/")
            with django_assert_max_num_queries(200) as captured:
                page = client.get("/desk/sharing/answering/").content.decode()
            counts.append(len(captured))
        assert counts[0] == counts[1]
        for said in ("非敏感", "预先授权", made.REASONS[:10], "该机关对同一数据的其他待答复申请"):
            assert said in page


def test_every_wish_reaches_the_application(scene: made.Scene) -> None:
    verification = services.Permitted(key_items=["route"], compared_items=["length"], most_subjects=3)
    wish = made.wish(
        ways=["verify"], frequency="daily", is_unlisted=True, row_condition=MORE_ROWS, verification=verification
    )
    case = services.apply(entry_id=scene.entry.pk, requester=scene.requester, by=scene.asker, at=made.AT, wish=wish)
    names = [one.name for one in dataclasses.fields(wish) if one.name != "verification"]
    assert {name: getattr(case, name) for name in names} == {name: _plain(getattr(wish, name)) for name in names}
    assert case.verification == {name: _plain(getattr(verification, name)) for name in SAID}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | list) else value
