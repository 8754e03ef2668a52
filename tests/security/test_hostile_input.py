"""Whatever an address or a body holds is answered in its own terms: never with a 500, never by counting for ever."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.refusals import BadFilter
from guiyang_data.tables.selecting import coerce
from opendata import querying
from tests.caching import forget
from tests.factories.accounts import citizen

HUGE = "9" * 25
NO_NUMBERS = (HUGE, "9" * 5000, "²", "-1", "1e9", "")


@pytest.fixture
def visitor(db: None) -> Client:
    forget()
    return Client(raise_request_exception=False)


@pytest.mark.django_db
@pytest.mark.engine
@pytest.mark.parametrize("number", NO_NUMBERS, ids=["huge", "endless", "superscript", "negative", "exponent", "empty"])
@pytest.mark.parametrize(
    "address",
    [
        "/search/?q=公交&page={}",
        "/data/?page={}",
        "/requests/?page={}",
        "/reviews/?page={}",
        "/requests/new/?entry={}",
        "/publicity/?year={}",
        "/api/v1/requests/?page_size={}",
    ],
)
def test_a_number_that_is_none_is_no_error_of_the_portal(visitor: Client, address: str, number: str) -> None:
    answer = visitor.get(address.format(quote(number)))
    assert answer.status_code in {200, 404}


@pytest.mark.django_db
@pytest.mark.engine
@pytest.mark.parametrize("number", NO_NUMBERS, ids=["huge", "endless", "superscript", "negative", "exponent", "empty"])
def test_marking_notices_as_read_passes_over_what_is_no_notice(visitor: Client, number: str) -> None:
    visitor.force_login(citizen())
    assert visitor.post("/me/notices/read/", {"notice": [number]}).status_code == 302


@pytest.mark.django_db
@pytest.mark.engine
@pytest.mark.parametrize("path", ["/data/?q={}", "/requests/?agency={}", "/search/?q={}", "/data/{}/", "/requests/{}/"])
def test_a_zero_byte_in_an_address_is_the_senders_mistake(visitor: Client, path: str) -> None:
    """PostgreSQL takes no text with it."""
    assert visitor.get(path.format("%00")).status_code == 400


@pytest.mark.django_db
@pytest.mark.engine
@pytest.mark.parametrize(
    ("body", "status"),
    [("[" * 100_000, 400), ('{"a":' * 100_000, 400), ('{"title":' + "9" * 5000 + "}", 400), ("null", 422)],
    ids=["nested lists", "nested objects", "endless number", "null"],
)
def test_a_body_that_is_no_reasonable_json_is_refused(visitor: Client, body: str, status: int) -> None:
    answer = visitor.post("/api/v1/requests/", body, content_type="application/json")
    assert answer.status_code == status
    assert answer.json()["code"] == "invalid"


@pytest.mark.parametrize("data_type", [DataType.INTEGER, DataType.MONEY])
@pytest.mark.parametrize("value", ["1e999999999", "-1E+99999999", HUGE, "NaN", "Infinity"])
def test_a_number_beyond_its_column_is_refused_without_being_counted_out(data_type: DataType, value: str) -> None:
    with pytest.raises(BadFilter):
        coerce(Column(name="数量", code="amount", data_type=data_type), value)


@pytest.mark.parametrize("text", [HUGE, "9" * 5000])
def test_a_row_beyond_every_table_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadFilter, match="offset"):
        querying.whole(text, name="offset", default=0)


def test_a_comparison_is_read_in_one_pass_however_many_blanks_it_has() -> None:
    column = Column(name="数量", code="amount", data_type=DataType.NUMBER)
    parameters: dict[str, Any] = {"amount": ">" + " " * 200_000 + "1\n2"}
    assert querying.conditions(parameters, [column])[0].filter.operator in {"eq", "gt"}
