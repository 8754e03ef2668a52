"""What was agreed and is not done promptly, when its target has run out, is brought up and drafted as a finding."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.statute.selectors import clocks_of
from oversight.models import Escalation, Finding
from oversight.workflow import FindingStatus
from requests_app import services as requests
from sharing import services
from tests.factories import catalog
from tests.factories import oversight as late
from tests.factories import requests as asked
from tests.factories import sharing as made
from tests.factories.accounts import staff
from tests.factories.statute import running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.timedelta(days=1)
SUPPLY_DUE = dt.date(2026, 11, 6)
"""Three days after the agreement of Tuesday 2026-11-03."""
AGREED_ON = dt.date(2026, 11, 9)
FULFIL_DUE = dt.date(2026, 11, 24)


def test_agreed_data_that_is_not_supplied_is_drafted_against_the_provider() -> None:
    # given two grants without data, both due on the same day
    scene = made.scene(rows=())
    in_time, too_late = made.agreed_grant(scene), made.agreed_grant(scene)
    running_clock(scene.provider, "data-change", on=made.AT.date())

    # when
    late.swept(SUPPLY_DUE)
    assert not Finding.objects.exists()
    for day in (SUPPLY_DUE + DAY, SUPPLY_DUE + 9 * DAY):
        late.swept(day)

    # then each is drafted once, told to those above, and says that the days are a target; nothing else is
    found = {finding.clock.subject: finding for finding in Finding.objects.select_related("clock") if finding.clock}
    assert len(found) == Finding.objects.count() == 2
    first, second = (found[clock.subject] for grant in (in_time, too_late) for clock in clocks_of(grant))
    assert (first.item, first.agency, first.status) == (9, scene.provider, FindingStatus.DRAFT)
    assert [event.verb for event in events_of(first)] == ["draft"]
    told = Escalation.objects.filter(clock=first.clock).values_list("to_agency__short_name", flat=True)
    assert sorted(told) == ["市大数据局", "市政府"]
    client = Client()
    client.force_login(staff(scene.city.government, "supervisor"))
    page = client.get(first.get_absolute_url()).content.decode()
    assert "「共享提供」的 3 日是平台的服务目标，不是法定期限" in page
    assert "第三十条第（九）项" in page

    # when it turns out that the data of one was there in time, and the other has it late
    catalog.gather(scene.entry, catalog.ROWS, at=made.later(2))
    services.supply(grant_id=in_time.pk, by=PLATFORM, at=made.later(3))
    services.supply(grant_id=too_late.pk, by=PLATFORM, at=made.later(20))
    late.swept(SUPPLY_DUE + 30 * DAY)

    # then
    assert made.fresh(first).status == FindingStatus.WITHDRAWN
    assert made.fresh(second).status == FindingStatus.DRAFT


def test_an_agreed_request_that_is_not_fulfilled_is_drafted_too() -> None:
    # given one request that is fulfilled late before anybody looks, and one that is not
    play = asked.cast()
    done, waiting = (asked.replied(play, asked.AGREE, on=AGREED_ON) for _number in range(2))
    on = FULFIL_DUE + DAY
    requests.fulfil(request_id=done.pk, by=play.steward, on=on, at=asked.at(on), note="已列入开放目录。")

    # when
    late.swept(FULFIL_DUE)
    assert not Finding.objects.exists()
    late.swept(on + DAY)

    # then
    finding = Finding.objects.get()
    assert finding.clock is not None
    assert (finding.item, finding.agency, finding.number) == (9, play.city.provider, waiting.number)
    assert not finding.clock.statutory
    assert Escalation.objects.filter(clock=finding.clock, to_agency=play.city.authority).exists()
