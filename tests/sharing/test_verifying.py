"""Is this so? One subject at a time, logged before it is answered; hidden items like none; guessing is stopped."""

from __future__ import annotations

from typing import Any

import pytest

from guiyang_data.errors import LimitReached, NotAllowed, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.models import Access, Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.tables.query import Filter
from sharing import services
from sharing.identities import subject_index
from sharing.models import VerificationTerms
from sharing.reading import read_page
from sharing.services import Permitted
from sharing.verifying.results import Question
from tests.factories import persons as made
from tests.factories import sharing
from tests.factories.accounts import staff
from tests.factories.catalog import gather, revised_entry
from tests.factories.persons import ANNA, BO, CAI, ENDS_IN_X, NOBODY, asked, person
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


_kept, scene = kept(made.scene)


def phases(phase: str) -> list[Access]:
    return list(Access.objects.filter(phase=phase))


class TestAnswering:
    def test_a_subject_on_record_is_told_with_the_permitted_items_and_nothing_else(self, scene: sharing.Scene) -> None:
        (result,) = asked(scene, made.permitted(scene)).results
        assert (result.on_record, result.items, result.claims) == ("yes", {"kind": "A类"}, {})

    def test_a_hidden_item_is_compared_and_never_shown(self, scene: sharing.Scene) -> None:
        subjects = [person(amount="735.50"), person(amount="735.5"), person(amount="735.51")]
        found = asked(scene, made.permitted(scene), *subjects)
        assert [result.claims["amount"] for result in found.results] == ["match", "match", "no-match"]
        assert all("amount" not in result.items for result in found.results)

    def test_what_the_record_does_not_say_is_neither_a_match_nor_none(self, scene: sharing.Scene) -> None:
        subjects = [person("柏示例", BO, since="2024-05-01"), person("无示例", NOBODY, since="2024-05-01")]
        found = asked(scene, made.permitted(scene), *subjects).results
        assert [result.claims["since"] for result in found] == ["not-on-record", "not-on-record"]
        assert [result.on_record for result in found] == ["yes", "no"]

    def test_every_key_must_be_right(self, scene: sharing.Scene) -> None:
        found = asked(scene, made.permitted(scene), person("柏示例", ANNA)).results
        assert (found[0].on_record, found[0].items) == ("no", {})

    def test_somebody_with_several_rows_is_told_as_such_and_no_row_is_listed(self, scene: sharing.Scene) -> None:
        subjects = [person("蔡示例", CAI, kind="A类"), person("蔡示例", CAI, kind="B类")]
        first, second = asked(scene, made.permitted(scene), *subjects).results
        assert (first.on_record, first.items, first.claims["kind"]) == ("several", {}, "match")
        assert second.claims["kind"] == "no-match"

    @pytest.mark.parametrize(
        "typed",
        [
            ENDS_IN_X.lower(),
            f" {ENDS_IN_X} ",
            "520103 19900109 000x",
            ENDS_IN_X.translate({48 + n: 0xFF10 + n for n in range(10)}),
        ],
        ids=["small x", "outer blanks", "inner blanks", "full width"],
    )
    def test_a_number_is_found_whatever_way_it_was_typed(self, scene: sharing.Scene, typed: str) -> None:
        grant = made.permitted(scene)
        assert asked(scene, grant, person("戴 示例", typed)).results[0].on_record == "yes"
        # and the log knows whom it was about
        assert phases("opened")[0].query["subject_index"] == [subject_index(ENDS_IN_X)]

    def test_the_rows_of_the_grant_bound_what_it_verifies(self, scene: sharing.Scene) -> None:
        condition = {"code": "kind", "operator": "eq", "value": "B类"}
        grant = made.permitted(scene, of=made.grant(scene, row_condition=[condition]))
        found = asked(scene, grant, person(), person("柏示例", BO)).results
        assert [result.on_record for result in found] == ["no", "yes"]

    def test_a_list_is_answered_line_by_line_also_where_somebody_stands_on_it_twice(self, scene: sharing.Scene) -> None:
        found = asked(scene, made.permitted(scene), person(), person("柏示例", BO), person()).results
        assert [(result.place, result.on_record) for result in found] == [(1, "yes"), (2, "yes"), (3, "yes")]

    def test_under_a_taking_the_identity_number_finds_and_everything_is_told(self) -> None:
        scene = made.scene(sharing_type="unconditional")
        taking = sharing.taking(scene)
        (result,) = asked(scene, taking, Question(keys={"id_number": ANNA}), items=["kind", "amount"]).results
        assert result.items["kind"] == "A类"
        assert str(result.items["amount"]) == "735.50"

    def test_an_entry_whose_items_find_nobody_is_not_verified(self) -> None:
        scene = sharing.scene(sharing_type="unconditional", items=made.ITEMS[3:], rows=())
        with pytest.raises(WrongState):
            asked(scene, sharing.taking(scene))


class TestRefusing:
    @pytest.mark.parametrize("how", ["key", "claim", "item"])
    def test_a_hidden_item_is_refused_exactly_like_one_that_does_not_exist(
        self, scene: sharing.Scene, how: str
    ) -> None:
        grant = made.permitted(scene, compared_items=["kind"])

        def answer(code: str) -> tuple[Any, ...]:
            questions = {
                "key": person(),
                "claim": person(**{code: "735.50"}),
                "item": person(),
            }
            question = questions[how]
            if how == "key":
                question = Question(keys={**question.keys, code: "735.50"})
            with pytest.raises(RuleBroken) as refused:
                asked(scene, grant, question, items=[code] if how == "item" else None)
            return type(refused.value), refused.value.message.replace(code, "?"), refused.value.fields

        assert answer("amount") == answer("nothing")
        # both were logged, without an answer, and what was typed is not repeated
        assert [row.rows for row in phases("closed")] == [0, 0]
        assert "nothing" not in str([row.items for row in phases("opened")])

    def test_without_its_terms_a_grant_verifies_nothing(self, scene: sharing.Scene) -> None:
        with pytest.raises(NotAllowed, match="没有设定核验范围"):
            asked(scene, made.grant(scene))
        assert not phases("opened")

    def test_a_grant_for_verifying_reads_no_rows_unless_it_says_so(self, scene: sharing.Scene) -> None:
        grant = made.permitted(scene)
        values: dict[str, Any] = {"by": scene.asker, "entry": scene.entry, "access": grant, "at": sharing.later(3)}
        with pytest.raises(NotAllowed, match="只供核验"):
            read_page(**values)
        made.permitted(scene, of=grant, rows_too=True)
        assert read_page(**values).page.total == 5

    def test_another_agency_the_provider_and_a_suspended_grant_verify_nothing(self, scene: sharing.Scene) -> None:
        grant = made.permitted(scene)
        with pytest.raises(NotSeen):
            asked(scene, grant, by=scene.outsider)
        with pytest.raises(NotAllowed):
            asked(scene, grant, by=scene.approver)
        services.suspend_grant(grant_id=grant.pk, by=scene.steward, at=sharing.later(2), reasons="核查用途")
        with pytest.raises(NotAllowed, match="暂停"):
            asked(scene, grant)

    @pytest.mark.parametrize(
        ("subjects", "words"),
        [
            ((), "至少"),
            ((person(),) * 4, "最多核验 3 个"),
            ((Question(keys={"name": "安示例"}),), "没有填写身份证号"),
            ((Question(keys={"name": " ", "id_number": ANNA}),), "没有填写姓名"),
            ((person(since="去年"),), "不符合"),
            ((person(kind="甲" * 201),), "太长"),
        ],
        ids=["nobody", "too many", "half a key", "an empty key", "no date", "too long"],
    )
    def test_what_cannot_be_verified_is_said_without_repeating_it(
        self, scene: sharing.Scene, subjects: Any, words: str
    ) -> None:
        grant = made.permitted(scene, most_subjects=3)
        with pytest.raises(RuleBroken, match=words) as refused:
            asked(scene, grant, subjects=subjects)
        assert "去年" not in refused.value.message

    def test_a_key_that_the_catalogue_no_longer_has_verifies_nothing(self, scene: sharing.Scene) -> None:
        grant = made.permitted(scene)
        items = [item for item in made.ITEMS if item.code != "id_number"]
        revised_entry(scene.entry, items=items, at=sharing.later(2))
        gather(scene.entry, [{item.name: row[item.name] for item in items} for row in made.ROWS])
        with pytest.raises(WrongState, match="重新设定"):
            asked(scene, grant)


class TestLog:
    def test_names_the_reader_the_items_and_the_subject_by_its_index_only(self, scene: sharing.Scene) -> None:
        grant = made.permitted(scene)
        verified = asked(scene, grant, person(amount="735.50"), purpose="核对救助对象", case_number="JZ-7")
        (start,), (end,) = phases("opened"), phases("closed")
        assert (start.reading, start.grant, start.agency) == (verified.number, subject_of(grant), scene.requester.code)
        assert (start.query["kind"], start.query["subjects"]) == ("verify", 1)
        assert start.query["subject_index"] == [subject_index(ANNA)]
        assert (start.items, start.purpose) == (["name", "id_number", "amount", "kind"], "核对救助对象")
        assert (end.rows, end.outcome) == (1, "完成")
        assert ANNA not in str(start.__dict__) + str(end.__dict__)
        assert "735" not in str(start.__dict__)

    def test_calls_and_rows_count_against_the_grant(self, scene: sharing.Scene) -> None:
        limits = services.Limits(calls_per_minute=2, rows_per_day=1)
        grant = made.permitted(scene, of=made.grant(scene, limits=limits))
        asked(scene, grant)
        with pytest.raises(LimitReached, match="每天"):
            asked(scene, grant)
        with pytest.raises(LimitReached, match="每分钟"):
            asked(scene, grant)

    def test_a_filter_by_a_number_leaves_the_same_index_whatever_way_it_was_typed(self, scene: sharing.Scene) -> None:
        typed = Filter("id_number", "eq", f" {ENDS_IN_X.lower()}")
        values: dict[str, Any] = {"by": scene.asker, "entry": scene.entry, "at": sharing.later(3)}
        read_page(**values, access=made.grant(scene), filters=[typed])
        assert phases("opened")[0].query["filters"][0]["value_index"] == [subject_index(ENDS_IN_X)]


class TestGuessing:
    def test_too_many_noes_close_the_hour_and_both_agencies_hear_of_it_once(self, scene: sharing.Scene) -> None:
        guard = staff(scene.requester, "security-admin")
        grant = made.permitted(scene, most_subjects=2, most_misses=3)
        guess = [person("猜一", NOBODY), person("猜二", NOBODY)]
        asked(scene, grant, *guess)

        # when the next two would be the third and the fourth no, none of them is answered
        for _try in range(3):
            with pytest.raises(LimitReached, match="不相符") as refused:
                asked(scene, grant, *guess, at=sharing.later(3).replace(minute=20))

        # then the hour is closed for right answers too, and it is told until when
        assert refused.value.retry_after == 40 * 60
        with pytest.raises(LimitReached):
            asked(scene, grant)
        told = Notice.objects.filter(key__contains="guessing")
        assert {notice.recipient for notice in told if notice.recipient} >= {guard, scene.asker, scene.steward}
        assert Event.objects.filter(subject=subject_of(grant), verb="guessing", refused=True).count() == 1
        assert [row.rows for row in phases("closed")] == [0, 0]
        # and the next hour answers again
        assert asked(scene, grant, at=sharing.later(3, hour=11)).results[0].on_record == "yes"

    def test_right_answers_never_close_it(self, scene: sharing.Scene) -> None:
        grant = made.permitted(scene, most_subjects=1, most_misses=1)
        for _call in range(3):
            assert asked(scene, grant, person(kind="A类")).results[0].on_record == "yes"

    def test_a_claim_that_does_not_match_is_a_guess(self, scene: sharing.Scene) -> None:
        grant = made.permitted(scene, most_subjects=1, most_misses=1)
        asked(scene, grant, person(amount="1"))
        with pytest.raises(LimitReached):
            asked(scene, grant, person(amount="2"))


class TestPermitting:
    def test_the_provider_permits_and_the_holder_is_told(self, scene: sharing.Scene) -> None:
        grant = made.permitted(scene)
        assert VerificationTerms.objects.get().answered_items == ["kind"]
        assert Event.objects.get(subject=subject_of(grant), verb="permit-verification").payload["most_misses"] == 60
        assert Notice.objects.filter(recipient=scene.asker, title__startswith="可以核验").exists()

    def test_nobody_else_does(self, scene: sharing.Scene) -> None:
        grant = made.grant(scene)
        for other in (scene.asker, scene.outsider, scene.coordinator):
            with pytest.raises(NotAllowed):
                services.permit_verification(
                    grant_id=grant.pk, by=other, at=sharing.later(1), terms=Permitted(key_items=["id_number"])
                )
        assert not VerificationTerms.objects.exists()

    @pytest.mark.parametrize(
        ("terms", "field"),
        [
            ({"key_items": ["name"]}, "key_items"),
            ({"key_items": ["id_number", "nothing"]}, "key_items"),
            ({"key_items": ["id_number"], "answered_items": ["amount"]}, "answered_items"),
            ({"key_items": ["case"], "answered_items": ["id_number"]}, "answered_items"),
            ({"key_items": ["id_number"], "most_subjects": 101, "most_misses": 200}, "most_subjects"),
            ({"key_items": ["id_number"], "most_subjects": 20, "most_misses": 19}, "most_misses"),
        ],
    )
    def test_terms_that_would_list_or_show_too_much_are_refused(
        self, scene: sharing.Scene, terms: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(RuleBroken) as refused:
            made.permitted(scene, **({"answered_items": [], "compared_items": []} | terms))
        assert set(refused.value.fields) == {field}

    def test_an_ended_grant_permits_nothing_any_more(self, scene: sharing.Scene) -> None:
        grant = made.grant(scene)
        services.end_grant(grant_id=grant.pk, by=scene.steward, at=sharing.later(1), reasons="不再需要")
        with pytest.raises(WrongState):
            made.permitted(scene, of=grant)
