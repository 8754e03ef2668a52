"""Signs that nobody sees, in what the public writes: no feed, sheet or mail breaks over them for everybody else."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.test import Client
from openpyxl import load_workbook

from guiyang_data.notices.models import Delivery
from guiyang_data.notices.sending import send_waiting
from guiyang_data.texts import fit_for_xml, legible, one_line
from guiyang_data.timekeeping import now
from requests_app.models import OpenRequest
from tests.caching import forget
from tests.factories.requests import Cast, cast, waiting

ASKED = "公共停车场实时余位"
HOSTILE = {
    "control": f"公共停车场\x08{ASKED[5:]}",
    "no-sign": f"公共停车场\ufffe{ASKED[5:]}",
    "turned-round": f"公共停车场\u202e{ASKED[5:]}",
    "without-width": f"\u200b公共停车场{ASKED[5:]}\u2060",
}


@pytest.fixture
def play(db: None) -> Cast:
    forget()
    return cast()


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def _file(visitor: Client, play: Cast, title: str) -> int:
    body = json.dumps({"agency": play.city.provider.code, "title": title, "mail": "somebody@mail.example"})
    return visitor.post("/api/v1/requests/", body, content_type="application/json").status_code


@pytest.mark.django_db
@pytest.mark.engine
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_title_is_kept_without_the_signs_nobody_sees(visitor: Client, play: Cast, name: str) -> None:
    assert _file(visitor, play, HOSTILE[name]) == 201
    assert OpenRequest.objects.get().title == ASKED


@pytest.mark.django_db
@pytest.mark.engine
def test_a_title_of_unseen_signs_alone_says_nothing(visitor: Client, play: Cast) -> None:
    assert _file(visitor, play, "\u200b\u2060\u200b") == 422
    assert not OpenRequest.objects.exists()


@pytest.mark.django_db
@pytest.mark.engine
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_one_title_of_whatever_signs_spoils_the_feed_and_the_sheet_for_nobody(
    visitor: Client, play: Cast, name: str
) -> None:
    # given a title that was kept before titles were cleaned, among others
    waiting(play, title="公交车辆实时位置")
    OpenRequest.objects.filter(pk=waiting(play).pk).update(title=HOSTILE[name])

    # when
    feed = visitor.get("/requests/feed/")
    sheet = b"".join(visitor.get("/requests/export.xlsx").streaming_content)  # type: ignore[attr-defined]

    # then both can be read by any program
    assert feed.status_code == 200
    assert "公交车辆实时位置" in "".join(ElementTree.fromstring(feed.content).itertext())  # noqa: S314  our own
    assert load_workbook(io.BytesIO(sheet)).active.max_row == 3


@pytest.mark.django_db
@pytest.mark.engine
def test_a_search_of_unseen_signs_finds_no_error_in_the_feed(visitor: Client, play: Cast) -> None:
    assert visitor.get("/requests/feed/?q=%08%EF%BF%BE").status_code == 200


@pytest.mark.django_db
@pytest.mark.engine
def test_a_title_of_several_lines_keeps_no_mail_from_those_who_owe_the_reply(visitor: Client, play: Cast) -> None:
    # given a title with which a visitor would write headers of their own, or keep the mail from being sent
    assert _file(visitor, play, f"{ASKED}\r\nBcc: other@mail.example\r\n\r\n请点击") == 201

    # when
    send_waiting(at=now())

    # then everybody is told, in one line, and nobody else
    assert not Delivery.objects.filter(state=Delivery.State.FAILED).exists()
    told = {address for message in mail.outbox for address in message.recipients()}
    assert {play.steward.email, play.approver.email, "somebody@mail.example"} == told
    assert all("\n" not in message.subject and not message.bcc for message in mail.outbox)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (one_line("公交\t车辆\r\n 位置 \x00"), "公交 车辆 位置"),
        (legible("第一行\r\n第二行\u2028第三行\x07\ufeff\t止\n"), "第一行\n第二行\n第三行\t止"),
        (legible("\u3007\ue000𠮷é"), "\u3007\ue000𠮷é"),
        (fit_for_xml("甲\x0b乙\ufffe丙\n丁"), "甲乙丙\n丁"),
    ],
    ids=["one-line", "lines", "rare-signs-stay", "xml"],
)
def test_what_is_written_stays_and_what_nobody_sees_goes(made: str, expected: str) -> None:
    assert made == expected
