"""Who used my data: every reading that touched me stands there once, or is kept back until a day; no other does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger import sealing
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.reactions import BROKEN_OFF
from guiyang_data.ledger.services import Ended, close_access, closing_row, open_access
from guiyang_data.notices.models import Notice
from guiyang_data.tables.query import Filter
from sharing import services
from sharing.models import CounterProof, Examination, Found, ReadingTrace, SharingGrant
from sharing.reading import Reading, open_reading, read_page
from sharing.tracing.catching_up import trace_untraced
from sharing.tracing.examining import begin, examine, forget, left_behind
from sharing.tracing.telling import DataUse, harmless, lines, traces_of
from sharing.verifying.results import Question
from tests.factories import persons as made
from tests.factories import sharing
from tests.factories.accounts import citizen, staff, system
from tests.factories.catalog import gather
from tests.factories.persons import ANNA, BO, CAI, ENDS_IN_X, NOBODY, asked, person
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
ON = sharing.later(3).date()


_kept, scene = kept(made.scene)


@pytest.fixture
def grant(scene: sharing.Scene) -> SharingGrant:
    return made.grant(scene)


def read(scene: sharing.Scene, access: Any, **changed: Any) -> Any:
    values = {"by": scene.asker, "entry": scene.entry, "access": access, "at": sharing.later(3)}
    return (open_reading if "kind" in changed else read_page)(**(values | changed))


def shown(user: Any, *, on: dt.date = ON) -> list[DataUse]:
    """What the page shows the person: the examination, then the lines."""
    owner = user.person
    examine(begin(owner, at=sharing.later(3)).pk, at=sharing.later(3))
    return lines(list(traces_of(owner, on=on)), owner)


def numbers(user: Any, **arguments: Any) -> list[str]:
    return [line.number for line in shown(user, **arguments)]


class TestCompleteness:
    def test_each_reading_that_touched_a_person_stands_there_exactly_once(
        self, scene: sharing.Scene, grant: SharingGrant
    ) -> None:
        # given readings of every kind, each with those it touches
        verifying = made.permitted(scene, of=made.grant(scene), rows_too=True)
        whole = Filter("kind", "in", ["A类"])
        touched = {
            "by number": (read(scene, grant, filters=[Filter("id_number", "eq", ANNA)]), {ANNA}),
            "by numbers": (read(scene, grant, filters=[Filter("id_number", "in", [ANNA, BO])]), {ANNA, BO}),
            "by part": (read(scene, grant, filters=[Filter("id_number", "starts", "520103")]), {ANNA, BO, ENDS_IN_X}),
            "by name": (read(scene, grant, filters=[Filter("name", "contains", "柏")]), {BO}),
            "by kind": (read(scene, grant, filters=[whole]), {ANNA, CAI}),
            "first page": (read(scene, grant, sort=["-case"], offset=0, limit=2), {ENDS_IN_X, CAI}),
            "second page": (read(scene, grant, sort=["-case"], offset=3, limit=2), {BO, ANNA}),
            "all": (read(scene, grant, kind="csv"), {ANNA, BO, CAI, ENDS_IN_X}),
            "nobody": (read(scene, grant, filters=[Filter("kind", "eq", "D类")]), set()),
        }
        want: dict[str, set[str]] = {}
        for reading, subjects in touched.values():
            if isinstance(reading, Reading):
                b"".join(reading.stream())
            want[str(reading.number)] = subjects
        want[str(asked(scene, verifying, person(), person("柏示例", BO)).number)] = {ANNA, BO}

        # when each of them looks
        people = {number: made.subject("某示例", number) for number in (ANNA, BO, CAI, ENDS_IN_X, NOBODY)}
        seen = {number: numbers(user) for number, user in people.items()}

        # then each sees each reading that touched it once, and no other
        for number, found in seen.items():
            assert sorted(found) == sorted(reading for reading, subjects in want.items() if number in subjects), number
        assert Access.objects.filter(phase="opened").count() == len(want)

    def test_looking_again_examines_only_what_came_since(self, scene: sharing.Scene, grant: SharingGrant) -> None:
        user = made.subject()
        read(scene, grant)
        assert len(numbers(user)) == 1
        gather(scene.entry, [made.row("DB9", "柏示例", BO, "B类")], at=sharing.later(3))
        read(scene, grant)
        # the new version does not have the person; the earlier reading stays
        assert len(numbers(user)) == 1
        assert Found.objects.count() == 1

    def test_a_condition_of_the_grant_counts_although_it_is_on_a_hidden_item(self, scene: sharing.Scene) -> None:
        condition = {"code": "amount", "operator": "ge", "value": "700"}
        narrow = made.grant(scene, row_condition=[condition])
        read(scene, narrow)
        assert len(numbers(made.subject())) == 1
        assert numbers(made.subject("柏示例", BO)) == []

    def test_what_was_refused_took_nothing_but_whom_it_named_is_told(
        self, scene: sharing.Scene, grant: SharingGrant
    ) -> None:
        for filters in ([Filter("amount", "ge", "1")], [Filter("id_number", "eq", ANNA), Filter("amount", "eq", "1")]):
            with pytest.raises(RuleBroken):
                read(scene, grant, filters=filters)
        (line,) = shown(made.subject())
        assert line.outcome == "没有获准，没有提供数据"
        assert numbers(made.subject("柏示例", BO)) == []

    @pytest.mark.parametrize("typed", [ENDS_IN_X.lower(), f" {ENDS_IN_X}", "520103 19900109 000x"])
    def test_a_number_typed_in_another_way_still_tells_its_owner(
        self, scene: sharing.Scene, grant: SharingGrant, typed: str
    ) -> None:
        read(scene, grant, filters=[Filter("id_number", "eq", typed)])
        assert len(numbers(made.subject("戴示例", ENDS_IN_X))) == 1

    def test_a_reading_logged_by_another_way_is_traced_from_the_log(
        self, scene: sharing.Scene, grant: SharingGrant
    ) -> None:
        # given a kind of reading that leaves no trace of its own
        user = made.subject()
        system_user = system(scene.requester).user
        opened = open_access(
            by=system_user,
            at=sharing.later(3),
            resource=scene.entry,
            grant=grant,
            version=1,
            query={"kind": "diff-page"},
        )
        close_access(opened, at=sharing.later(3), rows=3)
        assert numbers(user) == []

        # when the log was sealed and followed, twice
        sealing.seal(at=sharing.later(3))
        assert (trace_untraced(), trace_untraced()) == (2, 0)
        assert ReadingTrace.objects.count() == 1

        # then it stands there, said to be no more than possible
        (line,) = shown(user)
        assert (line.number, line.way) == (str(opened.reading), "批量接收数据变化，可能包括您")

    def test_two_persons_in_a_row_are_both_told(self) -> None:
        # given rows that name two persons
        other = type(made.ITEMS[2])(**(vars(made.ITEMS[2]) | {"name": "配偶身份证号", "code": "spouse"}))
        rows = [made.ROWS[0] | {"配偶身份证号": BO}]
        scene = sharing.scene(items=(*made.ITEMS, other), rows=rows, title="婚姻登记")
        read(scene, made.grant(scene), filters=[Filter("id_number", "eq", ANNA)])
        assert len(numbers(made.subject())) == 1
        assert len(numbers(made.subject("柏示例", BO))) == 1
        assert numbers(made.subject("蔡示例", CAI)) == []

    def test_whoever_was_verified_without_being_named_is_told_though_only_yes_or_no_was_answered(
        self, scene: sharing.Scene
    ) -> None:
        # given a grant that finds people by the number of their case and tells no item of them
        terms: dict[str, Any] = {"key_items": ["case"], "compared_items": ["kind"], "answered_items": []}
        verifying = made.permitted(scene, **terms)
        found = asked(scene, verifying, Question(keys={"case": "DB1"}, claims={"kind": "A类"}))
        # when
        (line,) = shown(made.subject())
        # then
        assert (line.number, line.outcome) == (str(found.number), "只答复了核验结果，没有提供数据")
        assert numbers(made.subject("柏示例", BO)) == []
        # and what was refused told nothing of anybody
        with pytest.raises(RuleBroken):
            asked(scene, verifying, Question(keys={"case": "DB2"}, claims={"amount": "1"}))
        assert numbers(made.subject("柏示例", BO)) == []


class TestLines:
    def test_say_who_when_why_and_what_in_words_and_name_no_official(
        self, scene: sharing.Scene, grant: SharingGrant
    ) -> None:
        filters = [Filter("id_number", "eq", ANNA)]
        note = "核对安示例与蔡示例的关系"
        read(scene, grant, filters=filters, items=["name", "kind"], purpose=note, case_number="JZ-2026-7")
        (line,) = shown(made.subject())
        assert (line.agency, line.title, line.provider) == (scene.requester, "最低生活保障对象", scene.provider.name)
        assert (line.way, line.items, line.case_number) == ("按身份证号码查询", ["姓名", "保障类别"], "JZ-2026-7")
        # what the reader typed may name somebody else: the purpose of the grant stands there
        assert (line.duty, line.purpose) == (grant.duty, grant.purpose)
        assert scene.asker.display_name not in str(line)

    def test_a_reading_that_broke_off_is_not_said_to_have_given_nothing(
        self, scene: sharing.Scene, grant: SharingGrant
    ) -> None:
        begun = read(scene, grant, kind="csv").opened
        closing_row(begun, at=sharing.later(3), ended=Ended(rows=None, outcome=BROKEN_OFF)).save(force_insert=True)
        (line,) = shown(made.subject())
        assert line.outcome == "中途中断，可能提供了数据"

    @pytest.mark.parametrize(
        ("case_number", "told"),
        [
            ("JZ-2026-7", "JZ-2026-7"),
            ("张某某诉李某某案", ""),
            (f"JZ{BO}", ""),
            ("13800000000", ""),
            ("2026/07_1", "2026/07_1"),
            ("", ""),
        ],
    )
    def test_a_case_number_is_told_only_where_it_can_name_nobody(self, case_number: str, told: str) -> None:
        assert harmless(case_number) == told

    def test_many_cost_as_many_queries_as_one(self, scene: sharing.Scene, grant: SharingGrant) -> None:
        owner = made.subject().person
        counts = []
        for number in (1, 6):
            for _time in range(number):
                read(scene, grant, filters=[Filter("id_number", "eq", ANNA)])
            with CaptureQueriesContext(
                connection,
            ) as queries:
                lines(list(traces_of(owner, on=ON)), owner)
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_what_was_found_is_forgotten_when_nobody_looks_for_a_month(
        self, scene: sharing.Scene, grant: SharingGrant
    ) -> None:
        user = made.subject()
        read(scene, grant)
        assert len(numbers(user)) == 1
        assert forget(at=sharing.later(34)) == 1
        assert not Found.objects.exists()
        # and is found again
        assert len(numbers(user)) == 1

    def test_an_examination_that_was_broken_off_is_taken_up(self, scene: sharing.Scene, grant: SharingGrant) -> None:
        read(scene, grant)
        examination = begin(made.subject().person, at=sharing.later(3))
        assert left_behind(at=sharing.later(3) + dt.timedelta(minutes=4)) == [examination.pk]
        examine(examination.pk, at=sharing.later(3))
        assert left_behind(at=sharing.later(4)) == []


class TestKeptSecret:
    def test_no_identity_number_stands_in_clear(self, scene: sharing.Scene, grant: SharingGrant) -> None:
        read(scene, grant, filters=[Filter("id_number", "starts", ANNA[:12]), Filter("name", "eq", "安示例")])
        read(scene, grant, filters=[Filter("id_number", "eq", ANNA)])
        shown(made.subject())
        stored = [list(model.objects.values()) for model in (ReadingTrace, Access, Found, Examination, CounterProof)]
        assert ANNA[:12] not in str(stored)
        assert "安示例" not in str(stored)


class TestDeferring:
    @pytest.fixture
    def second(self, scene: sharing.Scene) -> Any:
        return staff(scene.requester, "approver")

    def test_keeps_readings_back_until_its_day_and_not_from_oversight(
        self, scene: sharing.Scene, grant: SharingGrant, second: Any
    ) -> None:
        user = made.subject()
        deferral = made.deferred(grant, scene.asker, second)
        read(scene, grant, filters=[Filter("id_number", "eq", ANNA)])
        read(scene, grant)
        assert numbers(user) == []
        assert numbers(user, on=deferral.until) == []
        # then they are shown, and that they were kept back
        after = shown(user, on=deferral.until + dt.timedelta(1))
        assert [line.told_later for line in after] == [deferral.basis] * 2
        assert Access.objects.filter(phase="opened").count() == 2

    def test_of_one_case_keeps_back_no_other(self, scene: sharing.Scene, grant: SharingGrant, second: Any) -> None:
        made.deferred(grant, scene.asker, second, case_number="A-1")
        other = made.grant(scene)
        for access, case in ((grant, "A-1"), (grant, "A-2"), (other, "A-1")):
            read(scene, access, filters=[Filter("id_number", "eq", ANNA)], case_number=case)
        assert sorted(line.case_number for line in shown(made.subject())) == ["A-1", "A-2"]

    def test_keeps_nothing_back_before_a_second_person_confirms(
        self, scene: sharing.Scene, grant: SharingGrant, second: Any
    ) -> None:
        read(scene, grant, filters=[Filter("id_number", "eq", ANNA)])
        user = made.subject()
        values: dict[str, Any] = {
            "basis": "《中华人民共和国监察法》第二十五条",
            "reasons": "妨碍调查。",
            "at": sharing.later(3),
        }
        proposed = services.propose_deferral(access=grant, by=second, until=sharing.later(9).date(), **values)
        assert len(numbers(user)) == 1
        # neither whoever proposed it, nor the other agency, nor a steward confirms
        for other in (second, scene.approver, scene.asker):
            with pytest.raises(NotAllowed):
                services.confirm_deferral(deferral_id=proposed.pk, by=other, at=sharing.later(3))
        third, supervisor = staff(scene.requester, "approver"), staff(scene.city.authority, "supervisor")
        services.confirm_deferral(deferral_id=proposed.pk, by=third, at=sharing.later(3))
        assert numbers(user) == []
        # and supervision hears of it, how often it was put off, and ends it before its day
        assert Notice.objects.filter(recipient=supervisor, title__startswith="延后告知第1次确认").exists()
        services.lift_deferral(deferral_id=proposed.pk, by=supervisor, at=sharing.later(4), reasons="调查已经结束")
        assert len(numbers(user)) == 1
        with pytest.raises(WrongState):
            services.confirm_deferral(deferral_id=proposed.pk, by=third, at=sharing.later(4))

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"basis": "办案需要"}, "basis"),
            ({"reasons": "  "}, "reasons"),
            ({"until": sharing.later(2).date()}, "until"),
            ({"until": sharing.later(400).date()}, "until"),
        ],
    )
    def test_has_a_legal_basis_reasons_and_an_end(
        self, scene: sharing.Scene, grant: SharingGrant, second: Any, changed: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(RuleBroken) as refused:
            made.deferred(grant, scene.asker, second, **changed)
        assert set(refused.value.fields) == {field}

    def test_a_third_agency_defers_nothing(self, scene: sharing.Scene, grant: SharingGrant, second: Any) -> None:
        with pytest.raises(NotAllowed):
            made.deferred(grant, scene.outsider, second)


class TestCounter:
    def test_name_and_number_alone_open_nothing(self) -> None:
        # given an official who knows both from the rows, with an account of the public
        sharing.scene()
        prober = made.subject(at_counter=False)
        assert not CounterProof.objects.filter(user=prober).exclude(proved_at=None).exists()

    def test_the_document_must_be_that_of_the_account(self) -> None:
        sharing.scene()
        prober = made.subject(at_counter=False)
        code = services.ask_counter_code(by=prober, at=sharing.AT)
        clerk = made.officer()
        # when the prober shows an own document
        for _try in range(5):
            with pytest.raises(RuleBroken, match="不是同一人"):
                services.prove_at_counter(by=clerk, at=sharing.AT, code=code, id_number=BO, came_in_person=True)
        # then the code is used up, even for the right one
        with pytest.raises(RuleBroken, match="没有这个核验码"):
            services.prove_at_counter(by=clerk, at=sharing.AT, code=code, id_number=ANNA, came_in_person=True)

    def test_every_account_of_the_person_hears_of_it(self) -> None:
        sharing.scene()
        first, second = made.subject(at_counter=False), made.subject()
        assert Notice.objects.filter(recipient=first, title="您名下的另一个账号已当面核验").exists()
        assert CounterProof.objects.get(user=second).agency == made.officer().agency

    def test_a_code_runs_out_and_is_replaced(self) -> None:
        sharing.scene()
        user = made.subject(at_counter=False)
        old = services.ask_counter_code(by=user, at=sharing.AT)
        new = services.ask_counter_code(by=user, at=sharing.AT)
        for code, at in ((old, sharing.AT), (new, sharing.later(8))):
            with pytest.raises(RuleBroken, match="没有这个核验码"):
                services.prove_at_counter(by=made.officer(), at=at, code=code, id_number=ANNA, came_in_person=True)

    def test_only_officers_of_an_authority_confirm_and_never_themselves(self) -> None:
        scene = sharing.scene()
        user = made.subject(at_counter=False)
        code = services.ask_counter_code(by=user, at=sharing.AT)
        values: dict[str, Any] = {"at": sharing.AT, "code": code, "id_number": ANNA, "came_in_person": True}
        with pytest.raises(NotAllowed):
            services.prove_at_counter(by=scene.asker, **values)
        clerk = made.officer()
        clerk.person = user.person
        clerk.save(update_fields=["person"])
        with pytest.raises(NotAllowed, match="自己"):
            services.prove_at_counter(by=clerk, **values)

    def test_without_a_proved_identity_there_is_no_code(self) -> None:
        with pytest.raises(WrongState):
            services.ask_counter_code(by=citizen(), at=sharing.AT)
