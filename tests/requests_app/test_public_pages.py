"""What the public can do on the pages, without an account and without scripts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import Agency
from guiyang_data.attachments.models import Attachment
from guiyang_data.ledger.services import PUBLIC
from guiyang_data.search import services as search
from requests_app import services
from requests_app.models import OpenRequest
from requests_app.services import Party
from requests_app.suggesting import suggested_agencies
from requests_app.workflow import REQUEST_LABELS
from tests.factories.accounts import citizen, make_agency
from tests.factories.requests import (
    REFUSE,
    Cast,
    at,
    cast,
    drafted,
    filed,
    replied,
    waiting,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")
SECRETS = ("张某某", "zhang@mail.example", "13900000000", "为视障乘客做提醒")


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_tenth_of_november() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 10, 2, 0, tzinfo=dt.UTC), tick=False):
        yield


def _steps(client: Client, play: Cast, **you: str) -> None:
    what = {"title": "公交车辆实时位置", "description": "线路、经纬度", "case": "open", "purpose": SECRETS[3]}
    assert client.post("/requests/new/", what).url == "/requests/new/agency/"
    agency = {"agencies": [str(play.city.provider.pk)]}
    assert client.post("/requests/new/agency/", agency).url == "/requests/new/you/"
    assert client.post("/requests/new/you/", {"kind": "natural", **you}).url == "/requests/new/check/"


def _filed_by_pages(client: Client, play: Cast, **you: str) -> tuple[str, str]:
    """File through the pages; returns number and code."""
    _steps(client, play, **you)
    answer = client.post("/requests/new/check/", {"submission": "t" * 32})
    number = answer.url.split("/")[2]
    found = CODE.search(client.get(answer.url).content.decode())
    assert found is not None
    return number, found.group()


class TestFiling:
    def test_four_steps_show_the_due_day_before_sending_and_end_in_a_receipt(self, client: Client, play: Cast) -> None:
        # when
        _steps(client, play, mail=SECRETS[1], phone=SECRETS[2])
        check = client.get("/requests/new/check/").content.decode()

        # then: the day and why stand there before anything is filed
        assert "11月20日（周五）" in check
        assert "民法典" in check
        assert "通过邮箱和短信通知" in check
        assert not OpenRequest.objects.exists()

        # when
        answer = client.post("/requests/new/check/", {"submission": "a" * 32})
        receipt = client.get(answer.url).content.decode()

        # then
        request = OpenRequest.objects.get()
        assert answer.url == f"/requests/{request.number}/receipt/"
        assert request.agency == play.city.provider
        assert request.number in receipt
        assert CODE.search(receipt)
        assert "11月20日（周五）" in receipt

    def test_sent_twice_it_is_filed_once_and_both_lead_to_the_same_receipt(self, client: Client, play: Cast) -> None:
        # given
        _steps(client, play)

        # when
        first = client.post("/requests/new/check/", {"submission": "b" * 32})
        second = client.post("/requests/new/check/", {"submission": "b" * 32})

        # then
        assert first.url == second.url
        assert OpenRequest.objects.count() == 1

    def test_a_second_sending_that_overtook_the_first_ones_session_shows_the_same_code(
        self, client: Client, play: Cast
    ) -> None:
        # given: the second request read the session before the first one wrote it
        _steps(client, play)
        stale = dict(client.session.items())
        first = client.post("/requests/new/check/", {"submission": "c" * 32})
        code = CODE.search(client.get(first.url).content.decode())
        session = client.session
        session.clear()
        session.update(stale)
        session.save()

        # when
        second = client.post("/requests/new/check/", {"submission": "c" * 32})

        # then
        assert second.url == first.url
        again = CODE.search(client.get(second.url).content.decode())
        assert code is not None
        assert again is not None
        assert again.group() == code.group()
        assert OpenRequest.objects.count() == 1

    @pytest.mark.parametrize("step", ["agency", "check", "you"])
    def test_a_step_without_those_before_it_leads_back_and_says_why(self, client: Client, step: str) -> None:
        answer = client.get(f"/requests/new/{step}/", follow=True)
        assert answer.redirect_chain == [("/requests/new/", 302)]
        assert "还有没填写的内容" in answer.text

    def test_an_incomplete_step_keeps_what_was_typed(self, client: Client, play: Cast) -> None:
        # when
        answer = client.post("/requests/new/", {"title": "", "description": "每天更新", "case": "open"})

        # then
        assert answer.status_code == 422
        assert "每天更新" in answer.content.decode()
        assert "请写明需要什么数据" in answer.content.decode()

    @pytest.mark.parametrize("step", ["agency", "you", "check"])
    def test_a_step_out_of_order_leads_to_the_first_that_is_missing(
        self, client: Client, play: Cast, step: str
    ) -> None:
        answer = client.get(f"/requests/new/{step}/")
        assert (answer.status_code, answer.url) == (302, "/requests/new/")

    def test_changing_one_answer_leads_back_to_the_check(self, client: Client, play: Cast) -> None:
        _steps(client, play)
        answer = client.post("/requests/new/", {"title": "公交站点", "case": "list"})
        assert answer.url == "/requests/new/check/"

    def test_similar_requests_are_shown_and_stand_in_nobodys_way(self, client: Client, play: Cast) -> None:
        # given
        waiting(play, title="公交车辆实时位置")

        # when
        part = client.get("/requests/new/similar/", {"title": "公交车辆"}).content.decode()

        # then
        assert "GY-2026-00001" in part
        _steps(client, play)
        assert "GY-2026-00001" in client.get("/requests/new/check/").content.decode()
        assert client.post("/requests/new/check/", {"submission": "d" * 32}).status_code == 302

    def test_the_agency_named_in_the_words_is_suggested(self, client: Client, play: Cast) -> None:
        client.post("/requests/new/", {"title": "市卫健局的医院床位", "case": "open"})
        page = client.get("/requests/new/agency/").content.decode()
        assert f'value="{play.city.health.pk}"' in page.split("按名称查找")[0]
        assert "您写的内容提到了该机关" in page

    def test_looking_for_an_agency_that_is_suggested_already_points_to_it(self, client: Client, play: Cast) -> None:
        # given
        name = play.city.provider.name
        client.post("/requests/new/", {"title": f"{name}的数据", "case": "open"})

        # when
        page = client.post("/requests/new/agency/", {"find": name, "look": "1"}).content.decode()

        # then
        assert "除上面列出的以外，没有这个名称的机关" in page

    def test_what_is_too_long_is_refused_in_plain_words_with_both_numbers(self, client: Client) -> None:
        answer = client.post("/requests/new/", {"title": "很" * 400, "case": "open"})
        assert answer.status_code == 422
        assert "最多 120 个字，现在是 400 个。请删减一些。" in answer.content.decode()

    def test_the_agencies_of_the_city_come_before_those_of_its_counties(self, client: Client, play: Cast) -> None:
        below = make_agency("南明区气象站", level=Agency.Level.COUNTY, code="11520102000000001A")
        client.post("/requests/new/", {"title": "陨石观测记录", "case": "open"})
        page = client.get("/requests/new/agency/").content.decode()
        assert page.index(f'value="{play.city.health.pk}"') < page.index(f'value="{below.pk}"')

    def test_the_agency_whose_title_holds_more_of_the_words_is_suggested_first(self, play: Cast) -> None:
        # given two open data sets with the same words in their text, and one or two of them in their titles
        one, both = play.city.health, play.city.provider
        for key, title, agency in (("1", "公共厕所位置", one), ("2", "公交线路与站点", both)):
            search.index(
                kind="dataset",
                key=key,
                title=title,
                body="公交站点、位置",
                url=f"/data/{key}/",
                agency_code=agency.code,
                is_public=True,
                updated_at=at(dt.date(2026, 3, 2)),
            )

        # then
        assert [found.agency for found in suggested_agencies("公交站点位置")][:1] == [both]

    def test_papers_are_kept_and_read_by_the_applicant_and_the_agency_alone(self, client: Client, play: Cast) -> None:
        # given
        what = {"title": "公交车辆", "case": "open", "file": SimpleUploadedFile("清单.csv", "线路,站点\n".encode())}
        client.post("/requests/new/", what)
        client.post("/requests/new/agency/", {"agencies": [str(play.city.provider.pk)]})
        client.post("/requests/new/you/", {"kind": "natural"})
        client.post("/requests/new/check/", {"submission": "e" * 32})
        path = f"/requests/papers/{Attachment.objects.get().pk}/"

        # then
        assert client.get(path).status_code == 200
        assert Client().get(path).status_code == 404
        for person, status in ((play.steward, 200), (play.other_steward, 404), (citizen(), 404)):
            reader = Client()
            reader.force_login(person)
            assert reader.get(path).status_code == status

    def test_a_wrong_paper_is_refused_and_nothing_typed_is_lost(self, client: Client, play: Cast) -> None:
        what = {"title": "公交车辆", "case": "open", "file": SimpleUploadedFile("x.exe", b"MZ")}
        answer = client.post("/requests/new/", what)
        assert answer.status_code == 422
        assert "公交车辆" in answer.content.decode()
        assert not Attachment.objects.exists()

    def test_a_number_of_a_person_in_public_words_is_pointed_out_on_the_first_page(
        self, client: Client, play: Cast
    ) -> None:
        # when
        paper = SimpleUploadedFile("清单.csv", "线路,站点\n".encode())
        what = {"title": "公交车辆", "description": "我的电话 13800138000", "case": "open", "file": paper}
        answer = client.post("/requests/new/", what)

        # then
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "请删去其中的手机号码 138******00" in page
        assert "我的电话 13800138000" in page
        assert "清单.csv" in page
        assert client.post("/requests/new/", {**what, "description": "", "file": ""}).status_code == 302

    def test_too_many_from_one_address_wait(self, client: Client, play: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        # given
        monkeypatch.setattr("requests_app.visitors.FILINGS", 1)
        _filed_by_pages(client, play)

        # when
        _steps_again = Client()
        _steps(_steps_again, play)
        answer = _steps_again.post("/requests/new/check/", {"submission": "f" * 32})

        # then
        assert answer.status_code == 422
        assert OpenRequest.objects.count() == 1


class TestTracking:
    def test_number_and_code_open_the_private_view_for_this_visit(self, client: Client, play: Cast) -> None:
        # given
        number, code = _filed_by_pages(Client(), play, name=SECRETS[0], mail=SECRETS[1], phone=SECRETS[2])

        # when
        sloppy = code.lower().replace("-", " ")
        answer = client.post("/requests/track/", {"number": number.lower(), "code": sloppy})

        # then
        assert answer.url == f"/requests/{number}/"
        page = client.get(answer.url).content.decode()
        assert "这是您的申请" in page
        assert SECRETS[3] in page
        assert client.get(f"/requests/{number}/receipt.pdf").content.startswith(b"%PDF")
        assert code in client.get(f"/requests/{number}/receipt/").content.decode()

    def test_a_wrong_code_opens_nothing_and_guessing_is_stopped(
        self, client: Client, play: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given
        monkeypatch.setattr("requests_app.visitors.WRONG_CODES", 2)
        made = filed(play)
        wrong = {"number": made.request.number, "code": "AAAA-BBBB-CCCC"}

        # when
        for _try in range(2):
            assert "不相符" in client.post("/requests/track/", wrong).content.decode()

        # then even the right one waits
        answer = client.post("/requests/track/", {"number": made.request.number, "code": made.code})
        assert answer.status_code == 422
        assert "次数过多" in answer.content.decode()

    def test_the_public_page_and_its_source_hold_nothing_private(self, client: Client, play: Cast) -> None:
        # given
        party = Party(name=SECRETS[0], mail=SECRETS[1], phone=SECRETS[2])
        request = drafted(play, party=party, purpose=SECRETS[3])
        day = dt.date(2026, 11, 9)
        question = services.ask_question(request_id=request.pk, by=play.steward, text="秘密询问", on=day, at=at(day))

        # when
        pages = [client.get(path) for path in (f"/requests/{request.number}/", "/requests/", "/requests/?q=停车场")]
        body = "".join(page.content.decode() for page in pages)

        # then
        assert request.number in body
        for secret in (*SECRETS, question.text, REFUSE.reasons, "起草答复"):
            assert secret not in body
        assert "no-store" in pages[0]["Cache-Control"]

    @pytest.mark.parametrize(
        "path", ["/requests/{n}/receipt/", "/requests/{n}/receipt.pdf", "/requests/{n}/withdraw/", "/requests/GY-0/"]
    )
    def test_what_is_the_applicants_is_not_there_for_others(self, client: Client, play: Cast, path: str) -> None:
        request = waiting(play)
        assert client.get(path.format(n=request.number)).status_code == 404

    def test_the_due_day_goes_into_a_calendar(self, client: Client, play: Cast) -> None:
        request = waiting(play)
        content = client.get(f"/requests/{request.number}/due-day.ics").content.decode()
        assert "DTSTART;VALUE=DATE:20261113" in content

    def test_a_day_that_nothing_is_owed_by_any_more_is_not_offered_for_calendars(
        self, client: Client, play: Cast
    ) -> None:
        assert "把答复日加入日历" in client.get(waiting(play).get_absolute_url()).text
        assert "把答复日加入日历" not in client.get(replied(play).get_absolute_url()).text


class TestOwnActs:
    def test_the_applicant_sees_what_is_asked_and_not_how_the_answer_is_drafted(
        self, client: Client, play: Cast
    ) -> None:
        # given a draft that waits for approval, and a question
        person = citizen()
        request = drafted(play, by=person)
        day = dt.date(2026, 11, 9)
        services.ask_question(request_id=request.pk, by=play.steward, text="哪几条线路？", on=day, at=at(day))
        page = f"/requests/{request.number}/"

        # when
        client.force_login(person)
        own = client.get(page).text
        client.force_login(play.steward)
        office = client.get(f"/desk{page}").text

        # then
        assert REQUEST_LABELS["ask-question"] in own
        assert REQUEST_LABELS["draft-reply"] not in own
        assert REQUEST_LABELS["draft-reply"] in office

    def test_a_signed_in_applicant_withdraws(self, client: Client, play: Cast) -> None:
        # given
        person = citizen()
        request = waiting(play, by=person)
        client.force_login(person)

        # when
        answer = client.post(f"/requests/{request.number}/withdraw/", {"submission": "g" * 32})

        # then
        request.refresh_from_db()
        assert (answer.status_code, request.status) == (302, "withdrawn")
        again = client.post(f"/requests/{request.number}/withdraw/", {"submission": "h" * 32})
        assert again.status_code == 409

    def test_a_question_is_answered_with_the_code(self, client: Client, play: Cast) -> None:
        # given
        number, _code = _filed_by_pages(client, play)
        request = OpenRequest.objects.get(number=number)
        day = dt.date(2026, 11, 10)
        question = services.ask_question(request_id=request.pk, by=play.steward, text="哪一年？", on=day, at=at(day))
        path = f"/requests/{number}/questions/{question.pk}/"

        # when / then
        assert client.post(path, {"text": "", "submission": "i" * 32}).status_code == 422
        assert client.post(path, {"text": "2025 年。", "submission": "j" * 32}).status_code == 302
        assert "2025 年。" in client.get(f"/requests/{number}/").content.decode()
        assert Client().post(path, {"text": "x"}).status_code == 404


def test_the_list_finds_and_filters(client: Client, play: Cast) -> None:
    # given
    waiting(play, title="公交线路站点")
    replied(play, title="公共停车场余位")
    client.get("/requests/")

    # then
    assert "公共停车场余位" not in client.get("/requests/?state=open").content.decode()
    assert "公交线路站点" not in client.get("/requests/?q=停车场").content.decode()
    assert "没有符合条件的申请" in client.get("/requests/?q=机场航班").content.decode()
    assert client.get("/requests/?page=99&agency=x&state=y").status_code == 200


def test_one_more_request_costs_the_list_no_query(client: Client, play: Cast) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/requests/")
        return len(captured)

    # given
    filed(play, by=PUBLIC)
    count()
    few = count()

    # when
    for number in range(6):
        filed(play, title=f"数据{number}")

    # then
    assert count() == few
