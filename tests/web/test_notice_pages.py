"""One's own notices, and the page on which one says how they come."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from guiyang_data.accounts.models import User
from guiyang_data.notices import services
from guiyang_data.notices.choosing import chosen_by
from guiyang_data.notices.models import Notice, Preference, Weight
from tests.factories.accounts import citizen

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
SETTINGS = {
    "mail": "digest",
    "sms": "none",
    "digest_at": "09:15",
    "quiet_since": "21:00",
    "quiet_until": "07:30",
}


def told(user: User, title: str, weight: Weight, path: str = "/requests/1/") -> None:
    services.tell([user], about="x:1", kind="k", key=title, title=title, path=path, weight=weight, at=AT)


@pytest.fixture
def reader(client: Client) -> User:
    user = citizen()
    client.force_login(user)
    return user


def test_the_list_shows_all_or_the_unread_the_legal_or_the_reminders(client: Client, reader: User) -> None:
    # given
    told(reader, "已答复", Weight.LEGAL)
    told(reader, "还剩三天", Weight.REMINDER)
    told(citizen(), "别人的", Weight.LEGAL)
    Notice.objects.filter(title="已答复").update(read_at=AT)
    # then
    seen = {
        show: {title for title in ("已答复", "还剩三天", "别人的") if title in page}
        for show in ("", "unread", "legal", "reminder", "no-such")
        if (page := client.get("/me/notices/", {"show": show}).content.decode())
    }
    assert seen == {
        "": {"已答复", "还剩三天"},
        "unread": {"还剩三天"},
        "legal": {"已答复"},
        "reminder": {"还剩三天"},
        "no-such": {"已答复", "还剩三天"},
    }


def test_what_is_unread_stands_out_in_words_and_in_weight(client: Client, reader: User) -> None:
    told(reader, "已答复", Weight.LEGAL)
    told(reader, "还剩三天", Weight.REMINDER)
    Notice.objects.filter(title="已答复").update(read_at=AT)
    lines = client.get("/me/notices/").content.decode().split('<ul class="work')[1].split("<li")[1:]
    read = {("已答复" in line): ('class="work__read"' in line, ">已读<" in line, ">未读<" in line) for line in lines}
    assert read == {True: (True, True, False), False: (False, False, True)}


def test_what_is_read_is_marked_and_one_stays_in_the_same_view(client: Client, reader: User) -> None:
    told(reader, "还剩三天", Weight.REMINDER)
    answer = client.post("/me/notices/read/", {"notice": [str(Notice.objects.get().pk), "x"], "show": "unread"})
    assert answer["Location"] == "/me/notices/?show=unread"
    assert "这一类没有通知" in client.get(answer["Location"]).content.decode()


def test_the_old_address_leads_on(client: Client, reader: User) -> None:
    assert client.get("/notices/?page=2")["Location"] == "/me/notices/?page=2"


def test_settings_are_shown_kept_and_shown_again(client: Client, reader: User) -> None:
    first = client.get("/me/notices/settings/").content.decode()
    assert 'value="22:00"' in first
    answer = client.post("/me/notices/settings/", SETTINGS, follow=True)
    assert "设置已经保存" in answer.content.decode()
    chosen = chosen_by(reader)
    assert (chosen.mail, chosen.digest_at, chosen.quiet_since) == ("digest", dt.time(9, 15), dt.time(21))
    assert 'value="09:15"' in client.get("/me/notices/settings/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"digest_at": "23:00"}, "汇总时间在免打扰时段内"),
        ({"sms": "single"}, "验证手机号码"),
        ({"quiet_since": "25:00"}, "请写成 21:30 这样的时间"),
        ({"quiet_until": ""}, "请填写时间"),
    ],
)
def test_wrong_settings_are_refused_with_what_was_chosen_kept(
    client: Client, reader: User, wrong: dict[str, str], said: str
) -> None:
    answer = client.post("/me/notices/settings/", SETTINGS | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="digest"' in answer.content.decode()
    assert not Preference.objects.exists()
