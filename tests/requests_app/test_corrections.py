"""Doubts about data (第十三条第三款): reported, answered in time, open until really mended, everyone concerned told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.services import PLATFORM, PUBLIC, close_access, open_access, subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import running
from requests_app import reactions, services
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.policies import CORRECTION_POLICY, visible_to
from requests_app.corrections.selectors import holder_of_correction, takers_of
from requests_app.corrections.workflow import CORRECTIONS, CorrectionStatus
from requests_app.services import Doubt, Party
from requests_app.services.following import followed_dataset
from tests.factories import catalog, sharing
from tests.factories.accounts import citizen, make_agency, system
from tests.factories.corrections import (
    ANSWER_DUE,
    BEFORE,
    DOUBT,
    MENDED_ROWS,
    NOT_RIGHT,
    REPORTED_ON,
    RIGHT,
    WRONG_ROW,
    Cast,
    by_a_citizen,
    cast,
    mending,
    new_data,
    open_dataset,
    reported,
    waiting,
)
from tests.factories.statute import at
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATER = REPORTED_ON + dt.timedelta(days=7)


_kept, play = kept(cast, "play")


def swept(day: dt.date = LATER) -> None:
    seal(at=at(day))
    reactions.react(at(day), day)


def fresh(report: CorrectionReport) -> CorrectionReport:
    return CorrectionReport.objects.get(pk=report.pk)


def told(user: object) -> list[str]:
    return list(Notice.objects.filter(recipient=user, kind="correction").order_by("pk").values_list("title", flat=True))


class TestReporting:
    def test_the_providers_target_of_ten_days_begins_and_both_sides_are_told(self, play: Cast) -> None:
        # when
        report = waiting(play)

        # then
        clock = running(report, "correction")
        assert clock is not None
        assert (clock.due_on, clock.owed_by, clock.statutory) == (ANSWER_DUE, play.town.provider, False)
        assert (report.agency, report.reporter, report.provider) == (play.town.requester, play.user, play.town.provider)
        assert told(play.steward) == ["收到数据疑义反馈：公交线路信息「线路名称」"]
        assert told(play.user) == [f"已收到您对数据的反馈 {report.number}"]

    def test_a_citizen_reports_an_open_data_set_without_an_account_and_gets_a_code(self, play: Cast) -> None:
        # given
        dataset = open_dataset(play)

        # when
        made = by_a_citizen(play, dataset, party=Party(mail="reader@mail.example"))

        # then
        assert made.report.reporter is None
        assert holder_of_correction(made.report.number, made.code) is not None
        assert made.code not in made.report.code_hash
        letter = Notice.objects.get(recipient=None, kind="correction")
        assert DOUBT.description not in letter.body

    def test_what_is_said_is_encrypted_and_stays_out_of_the_ledger(self, play: Cast) -> None:
        # when
        report = waiting(play)

        # then
        assert report.rows == [WRONG_ROW]
        assert WRONG_ROW["value"] not in report.rows_encrypted
        event = Event.objects.get(subject=subject_of(report), verb="report")
        assert WRONG_ROW["value"] not in str(event.payload)
        assert event.payload["item"] == "name"

    def test_a_system_reports_for_its_agency(self, play: Cast) -> None:
        account = system(play.town.requester)
        assert waiting(play, by=account.user).agency == play.town.requester

    def test_an_entry_that_is_not_open_is_not_the_publics_to_report(self, play: Cast) -> None:
        with pytest.raises(NotAllowed):
            reported(play, by=PUBLIC)
        assert CorrectionReport.objects.count() == 0

    @pytest.mark.parametrize(
        ("doubt", "field"),
        [
            (Doubt(target="rows", item="name", description="站牌上的名称不是这样。"), "key"),
            (Doubt(target="item", description="这一列整列都是空的，请核对。"), "item"),
            (Doubt(target="item", item="nothing", description="这一列整列都是空的。"), "item"),
            (Doubt(target="entry", description="不对"), "description"),
            (Doubt(target="else", description="这里有一处不对的地方。"), "target"),
        ],
    )
    def test_what_is_missing_is_named_and_nothing_is_reported(self, play: Cast, doubt: Doubt, field: str) -> None:
        with pytest.raises(RuleBroken) as refused:
            reported(play, doubt=doubt)
        assert field in refused.value.fields
        assert CorrectionReport.objects.count() == 0

    def test_what_was_withdrawn_from_the_catalogue_is_reported_no_more(self, play: Cast) -> None:
        catalog.services.withdraw(
            entry_id=play.entry.pk, by=play.approver, at=at(REPORTED_ON), reasons="已并入新目录。"
        )
        play.entry.refresh_from_db()
        with pytest.raises(WrongState):
            reported(play)


class TestAnswering:
    def test_an_error_found_stops_the_answer_and_starts_the_mending(self, play: Cast) -> None:
        # when
        report = mending(play)

        # then
        assert fresh(report).status == CorrectionStatus.MENDING
        assert running(report, "correction") is None
        clock = running(report, "correction-mend")
        assert clock is not None
        assert (clock.owed_by, clock.statutory) == (play.town.provider, False)
        assert told(play.user)[-1] == f"您反馈的 {report.number} 经校核确有错误"

    def test_no_error_is_answered_with_reasons_or_not_at_all(self, play: Cast) -> None:
        report = waiting(play)
        for answer in ("没错", f"{NOT_RIGHT}联系人电话 13900139000。"):
            with pytest.raises(RuleBroken) as refused:
                services.find_not_right(
                    report_id=report.pk, by=play.steward, answer=answer, on=REPORTED_ON, at=at(REPORTED_ON)
                )
            assert "answer" in refused.value.fields
        services.find_not_right(
            report_id=report.pk, by=play.steward, answer=NOT_RIGHT, on=REPORTED_ON, at=at(REPORTED_ON)
        )
        assert fresh(report).status == CorrectionStatus.NOT_RIGHT
        assert not Clock.objects.filter(subject=subject_of(report), stopped_on=None).exists()

    def test_whoever_reported_does_not_check(self, play: Cast) -> None:
        report = waiting(play, by=play.steward)
        assert not CORRECTION_POLICY.may(play.steward, "find-right", report)
        assert CORRECTION_POLICY.may(play.approver, "find-right", report)

    def test_another_agency_does_not_answer(self, play: Cast) -> None:
        report = waiting(play)
        with pytest.raises(NotAllowed):
            services.find_right(report_id=report.pk, by=play.user, answer=RIGHT, mend_by="data", on=LATER, at=at(LATER))
        assert fresh(report).status == CorrectionStatus.SUBMITTED

    def test_who_reported_takes_it_back_before_the_answer_and_not_after(self, play: Cast) -> None:
        first, second = waiting(play), waiting(play)
        services.withdraw_correction(report_id=first.pk, by=play.user, on=LATER, at=at(LATER))
        assert fresh(first).status == CorrectionStatus.WITHDRAWN
        mending(play, report=second)
        with pytest.raises(WrongState):
            services.withdraw_correction(report_id=second.pk, by=play.user, on=LATER, at=at(LATER))

    @pytest.mark.parametrize("verb", sorted(CORRECTIONS.transitions))
    def test_an_act_is_refused_from_every_other_state(self, play: Cast, verb: str) -> None:
        report = waiting(play)
        given = {
            "find-right": lambda: services.find_right(
                report_id=report.pk, by=play.steward, answer=RIGHT, mend_by="data", on=LATER, at=at(LATER)
            ),
            "find-not-right": lambda: services.find_not_right(
                report_id=report.pk, by=play.steward, answer=NOT_RIGHT, on=LATER, at=at(LATER)
            ),
            "mend": lambda: services.mend_correction(report_id=report.pk, by=play.steward, on=LATER, at=at(LATER)),
            "withdraw": lambda: services.withdraw_correction(report_id=report.pk, by=play.user, on=LATER, at=at(LATER)),
            "find-again": lambda: services.find_again(
                report_id=report.pk, by=PLATFORM, version=version, on=LATER, at=at(LATER)
            ),
        }
        version = new_data(play)
        for state in CorrectionStatus:
            if state in CORRECTIONS[verb].sources:
                continue
            # a row in this state, whatever led there
            CorrectionReport.objects.filter(pk=report.pk).update(
                status=state, answer=RIGHT, answered_at=at(LATER), mended_by_version=version
            )
            with pytest.raises(WrongState):
                given[verb]()
            assert fresh(report).status == state


class TestMending:
    def test_is_refused_while_the_rows_still_hold_the_doubted_value(self, play: Cast) -> None:
        # given
        report = mending(play)
        same = new_data(play, catalog.ROWS)

        # when
        with pytest.raises(RuleBroken) as refused:
            services.mend_correction(report_id=report.pk, by=play.steward, on=LATER, at=at(LATER), version=same)

        # then
        assert "002" in refused.value.message
        assert fresh(report).status == CorrectionStatus.MENDING

    def test_links_the_version_that_mends_it_and_ends_the_target(self, play: Cast) -> None:
        report, version = mending(play), new_data(play)
        services.mend_correction(report_id=report.pk, by=play.steward, on=LATER, at=at(LATER), version=version)
        done = fresh(report)
        assert (done.status, done.mended_by_version) == (CorrectionStatus.MENDED, version)
        assert running(report, "correction-mend") is None
        assert told(play.user)[-1] == f"您反馈的 {report.number} 已更正"

    def test_data_from_before_the_report_mends_nothing(self, play: Cast) -> None:
        report = mending(play)
        before = play.entry.data_versions.get()
        for version in (None, before):
            with pytest.raises(RuleBroken):
                services.mend_correction(report_id=report.pk, by=play.steward, on=LATER, at=at(LATER), version=version)
        assert running(report, "correction-mend") is not None

    def test_a_catalogue_is_mended_by_the_revision_in_force_alone(self, play: Cast) -> None:
        # given
        report = mending(play, mend_by="catalogue")
        draft = catalog.services.revise(entry_id=play.entry.pk, by=play.steward, at=at(LATER))

        # when it is not published yet
        with pytest.raises(RuleBroken):
            services.mend_correction(report_id=report.pk, by=play.steward, on=LATER, at=at(LATER), revision=draft)

        # then once it is
        catalog.services.edit_revision(
            revision_id=draft.pk, by=play.steward, at=at(LATER), elements={"abstract": "全市公交线路，名称以批复为准。"}
        )
        revision = catalog.publish(draft, at=at(LATER))
        services.mend_correction(report_id=report.pk, by=play.steward, on=LATER, at=at(LATER), revision=revision)
        assert fresh(report).mended_by_revision == revision

    def test_new_data_that_mends_the_rows_says_so_by_itself(self, play: Cast) -> None:
        # given
        right, other = (
            mending(play),
            mending(
                play,
                report=waiting(
                    play, doubt=Doubt(**vars(DOUBT) | {"rows": [WRONG_ROW | {"key": "001", "value": "火车站环线"}]})
                ),
            ),
        )

        # when
        version = new_data(play)
        swept()
        swept()

        # then
        assert fresh(right).status == CorrectionStatus.MENDED
        assert fresh(right).mended_by_version == version
        assert fresh(other).status == CorrectionStatus.MENDING
        events = Event.objects.filter(subject=subject_of(right), verb="mend")
        assert [event.payload["by_itself"] for event in events] == [True]

    def test_an_earlier_version_that_is_restored_mends_them_too(self, play: Cast) -> None:
        # given data that was right, and then wrong
        right = catalog.entry_in_force(play.town.provider, title="线路", rows=MENDED_ROWS, at=BEFORE)
        catalog.gather(right, catalog.ROWS, at=BEFORE + dt.timedelta(days=1))
        right.refresh_from_db()
        report = mending(play, report=waiting(replace(play, entry=right)))

        # when
        catalog.services.restore_data(
            entry_id=right.pk, number=1, by=play.steward, at=at(LATER), reasons="第二版有误。"
        )
        swept()

        # then
        mended = fresh(report).mended_by_version
        assert mended is not None
        assert (mended.number, fresh(report).status) == (3, CorrectionStatus.MENDED)


class TestWhoTookTheData:
    def test_are_those_with_a_grant_a_taking_or_a_reading(self, play: Cast) -> None:
        # given
        reader = make_agency("贵阳市统计局", superiors=(play.town.government,))
        scene = sharing.Scene(
            city=play.town,
            entry=play.entry,
            provider=play.town.provider,
            requester=play.town.requester,
            steward=play.steward,
            approver=play.approver,
            asker=play.user,
        )
        sharing.taking(scene)
        number = open_access(by=system(reader).user, at=at(REPORTED_ON), resource=play.entry)
        close_access(number, at=at(REPORTED_ON), rows=3)

        # then
        assert takers_of(play.entry) == sorted([play.town.requester, reader], key=lambda one: one.pk)

    def test_hear_that_it_was_wrong_and_that_it_is_mended_once_each(self, play: Cast) -> None:
        # given
        dataset = open_dataset(play)
        follower = citizen()
        services.follow(what=followed_dataset(dataset), by=follower, on=REPORTED_ON, at=at(REPORTED_ON))
        number = open_access(by=play.user, at=at(REPORTED_ON), resource=play.entry)
        close_access(number, at=at(REPORTED_ON), rows=3)
        report = mending(play, report=by_a_citizen(play, dataset).report)

        # when
        swept(REPORTED_ON + dt.timedelta(days=3))
        services.mend_correction(report_id=report.pk, by=play.steward, on=LATER, at=at(LATER), version=new_data(play))
        swept()
        swept()

        # then
        assert told(play.user) == [
            "您取得过的数据有误，正在更正：公交线路信息「线路名称」",
            "您取得过的数据已更正：公交线路信息「线路名称」",
        ]
        followed = Notice.objects.filter(recipient=follower, kind="followed", title__contains="更正")
        assert followed.count() == 2

    def test_hear_nothing_of_a_doubt_that_was_never_found_right(self, play: Cast) -> None:
        number = open_access(by=play.user, at=at(REPORTED_ON), resource=play.entry)
        close_access(number, at=at(REPORTED_ON), rows=3)
        dataset = open_dataset(play)
        report = by_a_citizen(play, dataset).report
        services.find_not_right(report_id=report.pk, by=play.steward, answer=NOT_RIGHT, on=LATER, at=at(LATER))
        swept()
        assert told(play.user) == []


class TestWhoSees:
    def test_both_sides_and_whoever_watches_over_the_provider_and_nobody_else(self, play: Cast) -> None:
        # given
        report = waiting(play)
        stranger = catalog.steward_of(make_agency("贵阳市民政局", superiors=(play.town.government,)))
        every = CorrectionReport.objects.all()

        # then
        for user in (play.user, play.steward, play.approver, catalog.officer_over(play.town.provider)):
            assert list(visible_to(user, every)) == [report]
        for other in (stranger, citizen(), PUBLIC):
            assert list(visible_to(other, every)) == []
        officer = catalog.officer_over(play.town.provider)
        assert not CORRECTION_POLICY.may(officer, "read-rows", report)
