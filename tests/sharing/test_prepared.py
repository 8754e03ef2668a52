"""Rows that are asked for at every call are what the queryset itself would give, fresh, on any connection."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.api.authentication import TOKENS
from guiyang_data.accounts.models import SystemAccessToken
from guiyang_data.prepared import PreparedRow
from sharing import rights
from sharing.models import SharingGrant
from tests.factories import accounts
from tests.factories import sharing as factory

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]


def told(row: models.Model, seen: set[str] | None = None) -> dict[str, Any]:
    """Every field that was read of a row and of the rows beside it, by its path."""
    names = {
        field.attname: row.__dict__[field.attname]
        for field in row._meta.concrete_fields
        if field.attname in row.__dict__
    }
    said = {f"{row._meta.label}.{name}": value for name, value in names.items()}
    seen = (seen or set()) | {row._meta.label}
    for other in row._state.fields_cache.values():
        if isinstance(other, models.Model) and other._meta.label not in seen:
            said |= told(other, seen)
    return said


def test_a_grant_and_all_beside_it_are_as_the_queryset_reads_them() -> None:
    grant = factory.standing_grant(factory.scene())
    plain = rights._grants().get(pk=grant.pk)
    with CaptureQueriesContext(connection) as captured:
        found = rights.GRANTS.get(grant.pk)
    assert found is not None
    assert told(found) == told(plain)
    assert len(told(found)) > 40
    assert found.entry.in_force is not None
    assert found.get_deferred_fields() == plain.get_deferred_fields()
    assert len([one for one in captured if not one["sql"].startswith("PREPARE")]) == 1


def test_a_taking_likewise() -> None:
    taking = factory.taking(factory.scene(sharing_type="unconditional"))
    found = rights.TAKINGS.get(taking.pk)
    assert found is not None
    assert told(found) == told(rights._takings().get(pk=taking.pk))


def test_a_token_likewise() -> None:
    agency = accounts.make_agency()
    accounts.bearer(accounts.system(agency), "sharing:read")
    plain = SystemAccessToken.objects.get()
    found = TOKENS.get(plain.token_checksum)
    assert found is not None
    assert told(found) == told(plain)
    assert found.application.service_account.agency == agency


def test_what_changed_is_seen_and_what_is_gone_is_none() -> None:
    grant = factory.standing_grant(factory.scene())
    for calls in (7, 8):
        SharingGrant.objects.filter(pk=grant.pk).update(calls_per_minute=calls)
        found = rights.GRANTS.get(grant.pk)
        assert found is not None
        assert found.calls_per_minute == calls
    for number in (grant.pk + 1_000_000, 10**30, -(10**30)):
        assert rights.GRANTS.get(number) is None


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_lost_learns_it_again() -> None:
    grant = factory.standing_grant(factory.scene())
    assert rights.GRANTS.get(grant.pk) == grant
    connection.close()
    assert rights.GRANTS.get(grant.pk) == grant


def test_a_queryset_with_values_of_its_own_is_refused() -> None:
    rows = PreparedRow(lambda: SharingGrant.objects.filter(status="ended"), by="pk", kind=int)
    with pytest.raises(ValueError, match="values of its own"):
        rows.get(1)


@pytest.mark.parametrize("value", ["1; DROP TABLE sharing_sharinggrant", "", "一"])
def test_a_value_of_another_kind_is_asked_of_no_database(value: str) -> None:
    with CaptureQueriesContext(connection) as captured, pytest.raises(ValueError, match="invalid literal"):
        rights.GRANTS.get(value)
    assert not captured.captured_queries


def test_a_text_is_bound_and_never_pasted() -> None:
    for text in ("' OR 1=1 --", "%s", "$1", '"', "\\"):
        assert TOKENS.get(text) is None
