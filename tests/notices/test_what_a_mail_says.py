"""What a citizen reads in a mail: what happened, from whom, why, what to do, and where; links that lead somewhere."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client

from guiyang_data.notices.sending import send_waiting
from guiyang_data.texts import sentence
from requests_app import services
from requests_app.models import OpenRequest
from requests_app.services import Party, ReplyText
from tests.factories.opendata import dataset_open
from tests.factories.requests import (
    AGREE,
    IN_PART,
    UPHOLD,
    Cast,
    accepted,
    at,
    cast,
    drafted,
    replied,
    waiting,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = dt.date(2026, 11, 10)
NOW = at(ON)
SOMEBODY = Party(mail="someone@mail.example")
SEARCHED = ReplyText(
    outcome="refuse",
    ground="not-held",
    searched_on=dt.date(2026, 11, 5),
    searched_where="停车管理系统、档案室",
    reasons="没有采集这类数据，也没有其他机关提供的副本。",
)


@pytest.fixture
def play() -> Cast:
    return cast()


def newest(mails: list[EmailMessage]) -> list[str]:
    """The lines of the last mail to somebody of the public."""
    send_waiting(at=at(dt.date(2026, 11, 20)))
    body = str([mail for mail in mails if mail.to == [SOMEBODY.mail]][-1].body)
    for link in re.findall(r"(?<![\w/])/[a-z]\S+", body):
        pytest.fail(f"{link} leads nowhere in a mail")
    return body.splitlines()


def linked(lines: list[str]) -> str:
    """The address of the page, alone on its line."""
    return lines[lines.index("打开页面：") + 1]


def page_of(request: OpenRequest) -> str:
    return f"{settings.PUBLIC_ADDRESS}{request.get_absolute_url()}"


def test_a_refusal_in_part_stands_in_the_mail_line_by_line(play: Cast, mailoutbox: list[EmailMessage]) -> None:
    request = replied(play, IN_PART, party=SOMEBODY)
    assert newest(mailoutbox) == [
        "您好：",
        "",
        f"您的开放申请 {request.number} 已答复：部分同意。",
        "",
        f"答复机关：{play.city.provider.name}",
        f"同意的部分（向社会开放）：{IN_PART.agreed_part}",
        "不同意的情形：第十八条第一款第（二）项：涉及商业秘密",
        f"依据或者证明：{IN_PART.ground_basis}",
        f"理由：{IN_PART.reasons}",
        f"为什么脱敏、脱密后仍不能开放：{IN_PART.why_still_closed}",
        "您对答复有异议的，可以向市大数据主管部门申请复核，没有时间限制。",
        "",
        "依据：《贵阳市政府数据共享开放条例》第二十一条第一款",
        "",
        "打开页面：",
        page_of(request),
        "",
        "贵阳市政府数据平台",
        "本邮件由系统发出，请勿直接回复。",
    ]


def test_an_agreement_says_what_comes_next(play: Cast, mailoutbox: list[EmailMessage]) -> None:
    replied(play, AGREE, party=SOMEBODY)
    assert f"{play.city.provider.name}同意向社会开放。落实以后会通知您在哪里可以看到。" in newest(mailoutbox)


def test_a_reply_shows_its_proof_and_what_is_open_is_linked_in_full(play: Cast, mailoutbox: list[EmailMessage]) -> None:
    # given
    replied(play, SEARCHED, party=SOMEBODY)
    # then
    assert "检索：2026年11月5日（周四），停车管理系统、档案室" in newest(mailoutbox)

    # given
    dataset = dataset_open(play.city.provider, title="停车场名录")
    text = ReplyText(outcome="refuse", ground="already-open", reasons="您需要的数据已经开放。", dataset=dataset)
    replied(play, text, on=ON, party=SOMEBODY)
    # then
    address = f"{settings.PUBLIC_ADDRESS}{dataset.get_absolute_url()}"
    assert f"已开放的数据集：{address}" in newest(mailoutbox)

    # given
    agreed = replied(play, AGREE, party=SOMEBODY)
    link = dataset.get_absolute_url()
    services.fulfil(request_id=agreed.pk, by=play.approver, on=ON, at=NOW, link=link, note="每天更新。")
    # then
    lines = newest(mailoutbox)
    assert f"您的开放申请 {agreed.number} 已落实。" in lines
    assert f"在这里可以看到：{address}" in lines


def test_what_an_agency_wrote_ends_with_one_stop(play: Cast, mailoutbox: list[EmailMessage]) -> None:
    request = waiting(play, party=SOMEBODY)
    services.transfer(
        request_id=request.pk, by=play.steward, to=play.city.health, reasons="数据由对方管理和公开。", on=ON, at=NOW
    )
    lines = newest(mailoutbox)
    assert "理由：数据由对方管理和公开。" in lines
    assert "答复期限不变，不重新计算。" in lines


def test_a_question_says_how_to_answer_with_an_account_and_without(play: Cast, mailoutbox: list[EmailMessage]) -> None:
    request = waiting(play, party=SOMEBODY)
    services.ask_question(request_id=request.pk, by=play.steward, text="需要哪些年份的？", on=ON, at=NOW)
    lines = newest(mailoutbox)
    assert "需要哪些年份的？" in lines
    assert "您可以登录或者凭查询码，在申请的页面上回答；也可以不回答。答复期限照常计算。" in lines


def test_a_reply_that_refers_to_another_quotes_it_in_lines_of_its_own(
    play: Cast, mailoutbox: list[EmailMessage]
) -> None:
    first = replied(play, IN_PART)
    why = "两件申请要的是同一项数据。"
    second = drafted(play, ReplyText(outcome="refer", answered_by=first.number, reasons=why), on=ON, party=SOMEBODY)
    services.deliver_reply(request_id=second.pk, by=play.approver, on=ON, at=NOW)
    lines = newest(mailoutbox)
    at_first = lines.index(f"以 {first.number} 已作出的答复答复您：")
    assert lines[at_first - 1] == why
    assert lines[at_first + 1] == f"答复机关：{play.city.provider.name}"
    assert lines.count("您对答复有异议的，可以向市大数据主管部门申请复核，没有时间限制。") == 1


def test_the_link_to_a_review_asks_for_its_code_until_everyone_may_read_it(
    play: Cast, mailoutbox: list[EmailMessage], client: Client
) -> None:
    # given a review that waits
    review = accepted(play, party=SOMEBODY)
    line = linked(newest(mailoutbox))
    # then
    path = line.removeprefix(settings.PUBLIC_ADDRESS)
    page = client.get(path)
    assert page.status_code == 200
    assert f'value="{review.number}"' in page.content.decode()
    assert client.get(review.get_absolute_url()).status_code == 404

    # when the result is fed back
    day = dt.date(2026, 11, 18)
    services.decide_review(review_id=review.pk, by=play.reviewer, decision=UPHOLD, on=day, at=at(day))
    line = linked(newest(mailoutbox))
    # then
    path = line.removeprefix(settings.PUBLIC_ADDRESS)
    assert path == review.get_absolute_url()
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("said", "sentenced"),
    [
        ("已经开放", "已经开放。"),
        ("已经开放。 ", "已经开放。"),
        ("是吗？", "是吗？"),
        ("第（二）项", "第（二）项。"),
        (" ", ""),
    ],
)
def test_a_sentence_has_one_stop(said: str, sentenced: str) -> None:
    assert sentence(said) == sentenced
