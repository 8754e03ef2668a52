"""Rows that are written many at a time come back as they were."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from guiyang_data.inserting import MANY, insert_many
from guiyang_data.ledger.hashing import digest
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM, Entry, event_values, record_many
from guiyang_data.notices.models import Notice, Weight
from guiyang_data.timekeeping import now
from guiyang_data.updating import update_each
from tests.factories.accounts import citizen

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]

TEXTS = (
    "",
    "贵阳市停车场泊位",
    "一行\n又一行\r\n第三行",
    "制表\t符",
    "\\N",
    "\\.",
    "反斜杠 \\ 与引号 ' \" 与百分号 %s",
    "𠮷野家 🚌",
    " 前后有空格 ",
)


def notices(number: int, prefix: str = "many") -> list[Notice]:
    reader = citizen()
    return [
        Notice(
            key=f"{prefix}:{index}",
            recipient=reader if index % 2 else None,
            subject="requests_app.openrequest:1",
            kind="clock.overdue",
            weight=Weight.LEGAL if index % 3 else Weight.REMINDER,
            title=TEXTS[index % len(TEXTS)],
            body=TEXTS[(index + 1) % len(TEXTS)],
            created_at=now(),
        )
        for index in range(number)
    ]


@pytest.mark.parametrize("number", [1, MANY - 1, MANY, 3 * MANY])
def test_every_value_comes_back_as_it_was(number: int) -> None:
    # given
    given = notices(number)
    fields = [field.attname for field in Notice._meta.concrete_fields]

    # when
    made = insert_many(given)

    # then
    stored = list(Notice.objects.order_by("pk"))
    assert [[getattr(row, name) for name in fields] for row in stored] == [
        [getattr(row, name) for name in fields] for row in made
    ]
    assert Notice.objects.filter(title="\\N").count() == sum(row.title == "\\N" for row in given)


def test_nothing_is_written_of_rows_of_which_one_is_there_already() -> None:
    insert_many(notices(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_many(notices(2 * MANY))
    assert Notice.objects.count() == 1


def test_rows_that_come_later_get_ids_of_their_own() -> None:
    made = insert_many(notices(MANY))
    later = Notice.objects.create(key="later", subject="x", kind="x", title="x", created_at=now())
    assert later.pk > max(row.pk for row in made)


def test_no_rows_are_no_statement() -> None:
    assert insert_many([]) == []


def test_a_chain_of_events_that_were_written_together_holds() -> None:
    entries = [
        Entry(obj="catalog.catalogentry:1", verb="tell", by=PLATFORM, at=now(), payload={"text": text, "number": None})
        for text in TEXTS * MANY
    ]
    record_many(entries)
    stored, previous = list(Event.objects.order_by("sequence")), ""
    assert [event.payload["text"] for event in stored] == list(TEXTS * MANY)
    for event in stored:
        assert (event.previous_hash, event.hash) == (previous, digest(event_values(event), previous))
        previous = event.hash


@pytest.mark.parametrize("number", [1, 5])
def test_each_row_is_given_values_of_its_own_and_no_other_is_touched(number: int) -> None:
    # given
    made = insert_many(notices(number + 2))
    untouched = [(row.title, row.body) for row in made[number:]]

    # when
    for place, row in enumerate(made[:number]):
        row.title, row.read_at = TEXTS[-1 - place], now()
    update_each(made[:number], ["title", "read_at"])

    # then
    stored = list(Notice.objects.order_by("pk"))
    assert [(row.title, row.read_at, row.body) for row in stored[:number]] == [
        (row.title, row.read_at, row.body) for row in made[:number]
    ]
    assert [(row.title, row.body) for row in stored[number:]] == untouched
    assert not any(row.read_at for row in stored[number:])
    update_each([], ["title"])
