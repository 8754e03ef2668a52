"""An error that was mended and stands in newer data again."""

from __future__ import annotations

import datetime as dt

import pytest

from guiyang_data.errors import NotAllowed
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import running
from requests_app import reactions, services
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.workflow import CorrectionStatus
from tests.factories import catalog
from tests.factories.corrections import (
    MENDED_ROWS,
    REPORTED_ON,
    Cast,
    cast,
    mending,
    new_data,
)
from tests.factories.statute import at
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATER = REPORTED_ON + dt.timedelta(days=7)
AFTER = LATER + dt.timedelta(days=3)


_kept, play = kept(cast, "play")


def swept(day: dt.date = LATER) -> None:
    seal(at=at(day))
    reactions.react(at(day), day)


def fresh(report: CorrectionReport) -> CorrectionReport:
    return CorrectionReport.objects.get(pk=report.pk)


def told(user: object) -> list[str]:
    return list(Notice.objects.filter(recipient=user, kind="correction").order_by("pk").values_list("title", flat=True))


class TestMendedAndWrongAgain:
    def test_data_that_holds_the_reported_value_again_is_to_be_mended_anew(self, play: Cast) -> None:
        # given an error that was mended, and old rows loaded over it
        report = mending(play)
        new_data(play)
        swept()
        wrong = new_data(play, catalog.ROWS, on=LATER)

        # when
        swept(AFTER)
        swept(AFTER)

        # then
        found = fresh(report)
        assert (found.status, found.mended_at, found.mended_by_version) == (CorrectionStatus.MENDING, None, None)
        clock = running(report, "correction-mend")
        assert clock is not None
        assert clock.started_on == AFTER
        [event] = Event.objects.filter(subject=subject_of(report), verb="find-again")
        assert event.payload == {"data_version": wrong.number}
        assert told(play.user)[-1] == f"您反馈的 {report.number} 更正后又出现同样的错误"
        assert any("又出现" in title for title in told(play.steward))

    def test_it_may_be_mended_again_and_everybody_hears_of_it_again(self, play: Cast) -> None:
        # given
        report = mending(play)
        for day, rows in ((LATER, MENDED_ROWS), (LATER, catalog.ROWS), (AFTER, MENDED_ROWS)):
            new_data(play, rows, on=day)
            swept(day)

        # then
        assert fresh(report).status == CorrectionStatus.MENDED
        assert told(play.user).count(f"您反馈的 {report.number} 已更正") == 2
        assert running(report, "correction-mend") is None

    def test_rows_that_stay_right_stay_mended(self, play: Cast) -> None:
        report = mending(play)
        new_data(play)
        swept()
        new_data(play, [*MENDED_ROWS, MENDED_ROWS[0] | {"线路编号": "099"}], on=LATER)
        swept(AFTER)
        assert fresh(report).status == CorrectionStatus.MENDED
        assert not Event.objects.filter(verb="find-again").exists()

    def test_nobody_but_the_portal_finds_it_so(self, play: Cast) -> None:
        report = mending(play)
        new_data(play)
        swept()
        wrong = new_data(play, catalog.ROWS, on=LATER)
        with pytest.raises(NotAllowed):
            services.find_again(report_id=report.pk, by=play.steward, version=wrong, on=LATER, at=at(LATER))  # type: ignore[arg-type]
        assert fresh(report).status == CorrectionStatus.MENDED
