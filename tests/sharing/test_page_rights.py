"""Pages: who sees what, and what reading rows on a page shows and hides (第四条、第十五条、第十七条)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from guiyang_data.accounts.models import User
from guiyang_data.ledger.models import Access, Event
from tests.factories import sharing as made
from tests.factories.accounts import staff
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    """Faces ask the portal's clock, which the test settings let a file shift."""
    shift = int((made.later(2) - timezone.now()).total_seconds())
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(shift), encoding="ascii")
    yield
    path.unlink()


_kept, scene = kept(made.scene)


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return response.content.decode()


def pages(scene: made.Scene) -> list[str]:
    grant = made.agreed_grant(scene)
    case = made.coordination(scene)
    return [
        grant.source.get_absolute_url(),
        f"{grant.source.get_absolute_url()}agree/",
        grant.get_absolute_url(),
        f"{grant.get_absolute_url()}data/",
        f"{grant.get_absolute_url()}export.csv",
        f"{grant.get_absolute_url()}export.json",
        f"{grant.get_absolute_url()}access/",
        f"{grant.get_absolute_url()}suspend/",
        case.get_absolute_url(),
        f"{case.get_absolute_url()}conclude-keep/",
    ]


def test_another_agencys_cases_are_not_there(scene: made.Scene) -> None:
    client = at(scene.outsider)
    for url in pages(scene):
        assert client.get(url).status_code == 404, url


def test_the_public_and_visitors_find_nothing_here(scene: made.Scene) -> None:
    citizen = User.objects.create_user(username="citizen", password="long-enough-7")
    for url in [*pages(scene), "/desk/sharing/", "/desk/sharing/grants/", "/desk/sharing/access/"]:
        assert at(citizen).get(url).status_code == 404, url
        assert Client().get(url).status_code == 302, url


def test_supervision_sees_the_grant_and_none_of_its_rows(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    client = at(staff(scene.city.authority, "municipal-authority"))
    assert client.get(grant.get_absolute_url()).status_code == 200
    for path in ("data/", "export.csv", "export.json", "access/"):
        assert client.get(f"{grant.get_absolute_url()}{path}").status_code == 403, path
    assert not Access.objects.exists()


def test_a_seen_act_that_is_not_ones_own_is_403_and_changes_nothing(scene: made.Scene) -> None:
    case = made.application(scene)
    for verb in ("agree", "refuse", "agree-in-part"):
        url = f"{case.get_absolute_url()}{verb}/"
        assert at(scene.asker).get(url).status_code == 403
        form = {"reasons": made.REASONS, "items": ["route"]}
        assert at(scene.asker).post(url, form).status_code == 403
    assert made.fresh(case).status == "submitted"
    # the refused attempts are events too
    assert Event.objects.filter(refused=True, actor=scene.asker.actor_key).count() == 6


# --- reading -----------------------------------------------------------------------------------------


def test_a_hidden_item_in_the_address_is_answered_like_none(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    client = at(scene.asker)

    def answer(query: str) -> tuple[int, str]:
        response = client.get(f"/desk/sharing/grants/{grant.pk}/data/?{query}")
        found = re.search(r'role="alert">([^<]*)<', text(response))
        assert found
        return response.status_code, found[1]

    for query in ("f_{}=1", "sort={}", "fields={}", "filter={}:eq:1"):
        hidden, missing = answer(query.format("opened")), answer(query.format("nothing"))
        assert hidden[0] == missing[0] == 422
        assert hidden[1].replace("opened", "?") == missing[1].replace("nothing", "?")


def test_downloads_carry_the_filters_and_the_items_of_the_grant(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    client = at(scene.asker)
    page = text(client.get(f"/desk/sharing/grants/{grant.pk}/data/?f_length=>=10"))
    link = re.search(r'href="(/desk/sharing/grants/\d+/export\.csv[^"]*)"', page)
    assert link
    response = client.get(link[1].replace("&amp;", "&"))
    content = b"".join(response.streaming_content).decode()
    rows = list(csv.reader(io.StringIO(content)))
    assert rows == [["线路编号", "线路名称", "长度"], ["001", "火车站环线", "12.5"], ["010", "观山湖快线", "21.3"]]
    assert response["Cache-Control"] == "no-store"
    excel = client.get(f"/desk/sharing/grants/{grant.pk}/export.excel.csv")
    assert b"".join(excel.streaming_content).startswith("\ufeff".encode())


def test_a_suspended_grant_shows_why_and_reads_nothing(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    at(scene.approver).post(f"{grant.get_absolute_url()}suspend/", {"reasons": "疑似超范围使用"})
    client = at(scene.asker)
    assert "疑似超范围使用" in text(client.get(grant.get_absolute_url()))
    for path in ("data/", "export.csv", "export.json"):
        assert client.get(f"{grant.get_absolute_url()}{path}").status_code == 403, path
    assert not Access.objects.exists()


def test_every_reading_appears_on_both_agencies_logs(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    at(scene.asker).get(f"/desk/sharing/grants/{grant.pk}/data/?case=JZ-2026-9")
    for user, url in (
        (scene.asker, "/desk/sharing/access/"),
        (scene.steward, "/desk/sharing/access/?box=given"),
        (scene.steward, f"/desk/sharing/entries/{scene.entry.pk}/access/"),
        (scene.asker, f"/desk/sharing/grants/{grant.pk}/access/"),
    ):
        assert "JZ-2026-9" in text(at(user).get(url)), url
    assert "JZ-2026-9" not in text(at(scene.outsider).get("/desk/sharing/access/?box=given"))
    assert at(scene.asker).get(f"/desk/sharing/entries/{scene.entry.pk}/access/").status_code == 403
