"""What the page of a period and the log of readings must not tell."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from catalog.models import InformationItem
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.models import Access
from guiyang_data.statute.selectors import clocks_of
from guiyang_data.tables.query import Filter
from sharing.reading import read_page
from tests.factories import sharing as made
from tests.factories.accounts import staff
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

IDENTITY_NUMBER = "520102199001011234"


_kept, scene = kept(made.scene)


def _page(user: User | None, pk: int) -> str:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(f"/clocks/{pk}/").content.decode()


def test_the_page_of_a_period_names_the_case_to_those_alone_who_owe_or_supervise_it(scene: made.Scene) -> None:
    # given an application between two agencies, whose period staff can look up by its number
    application = made.application(scene)
    clock = clocks_of(application).get()
    supervisor = staff(scene.city.authority, Role.SUPERVISOR)

    # when
    shown = {
        name: _page(user, clock.pk)
        for name, user in {
            "provider": scene.steward,
            "supervisor": supervisor,
            "outsider": scene.outsider,
            "public": None,
        }.items()
    }

    # then
    assert {name for name, page in shown.items() if clock.title in page or clock.path in page} == {
        "provider",
        "supervisor",
    }
    # and whoever sees the page sees the number; the public has no business with it
    assert {name for name, page in shown.items() if clock.number in page} == {"provider", "supervisor", "outsider"}


@pytest.mark.parametrize(
    "asked",
    [
        Filter("length", "eq", IDENTITY_NUMBER + "X"),
        Filter("length", "isnull", IDENTITY_NUMBER),
        Filter(IDENTITY_NUMBER, "eq", "1"),
    ],
    ids=["value", "null test", "item"],
)
def test_a_refused_reading_leaves_nothing_of_what_was_typed_about_a_person_in_the_log(
    scene: made.Scene, asked: Filter
) -> None:
    # given a grant with an item that is sensitive
    grant = made.agreed_grant(scene)
    InformationItem.objects.filter(code="length").update(sensitivity=InformationItem.Sensitivity.DIRECT)

    # when somebody types an identity number where it does not fit
    with pytest.raises(RuleBroken):
        read_page(by=scene.asker, entry=scene.entry, access=grant, at=made.later(3), filters=[asked])

    # then the log, which nobody can mend, says that it was refused and holds no word of it
    rows = list(Access.objects.values("phase", "items", "query", "outcome"))
    assert [row["outcome"] for row in rows if row["phase"] == "closed"] != [""]
    assert IDENTITY_NUMBER not in json.dumps(rows, default=str)
