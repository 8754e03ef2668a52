"""A draft that somebody changed meanwhile is not written over unseen, by page or over REST."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.test import Client

from catalog import services
from catalog.models import EntryRevision
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATER = make.AT + dt.timedelta(minutes=5)


@pytest.fixture
def draft() -> EntryRevision:
    city = accounts.city()
    make.category()
    return make.draft_entry(city.provider)


def colleague(draft: EntryRevision) -> None:
    """Somebody else of the agency saves first."""
    by = make.steward_of(draft.entry.provider)
    services.edit_revision(revision_id=draft.pk, by=by, at=LATER, elements={"keywords": "同事写的"})


def typed(page: str, **changed: str) -> dict[str, str]:
    """The form of a page as a browser would send it, with something else typed."""
    form = page.split('<form class="catalog-form"', 1)[1].split("</form>", 1)[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form))
    elements = {name: str(value) for name, value in make.elements().items() if name != "category"}
    rows = {"items-TOTAL_FORMS": "1", "items-INITIAL_FORMS": "0", "items-0-name": "线路编号", "items-0-is_key": "on"}
    kept = {name: html.unescape(value) for name, value in hidden.items()}
    return {**kept, **elements, "is_open": "1", **rows, **changed}


def test_the_second_tab_is_told_keeps_what_was_typed_and_may_save_again(draft: EntryRevision) -> None:
    # given a form that was opened before a colleague saved
    client = Client()
    steward = make.steward_of(draft.entry.provider)
    client.force_login(steward, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = f"{draft.get_absolute_url()}edit/"
    opened = client.get(address).content.decode()
    colleague(draft)

    # when
    told = client.post(address, typed(opened, keywords="我写的"))

    # then
    assert told.status_code == 409
    assert "您打开之后又有人改过" in told.content.decode()
    assert 'value="我写的"' in told.content.decode()
    assert f'href="{draft.get_absolute_url()}" target="_blank"' in told.content.decode()
    draft.refresh_from_db()
    assert draft.keywords == "同事写的"

    # when it is saved once more, knowingly
    again = client.post(address, typed(told.content.decode(), keywords="我写的"))

    # then
    assert again.status_code == 302
    draft.refresh_from_db()
    assert draft.keywords == "我写的"


def test_a_system_says_what_it_has_read(draft: EntryRevision) -> None:
    # given
    token: Any = accounts.bearer(accounts.system(draft.entry.provider), "catalog:read", "catalog:write")
    base = f"/api/v1/catalog/entries/{draft.entry_id}/"
    seen_at = Client().get(base, **token).json()["revision"]["updated_at"]
    colleague(draft)
    address, body = f"{base}revisions/{draft.number}/", {"keywords": "系统写的"}

    def patch(**more: str) -> int:
        return Client().patch(address, body | more, content_type="application/json", **token).status_code

    # then
    assert patch(seen_at=seen_at) == 409
    assert EntryRevision.objects.get().keywords == "同事写的"
    assert patch(seen_at=Client().get(base, **token).json()["revision"]["updated_at"]) == 200
    assert patch() == 200
