"""Batches that systems push and pulls from their interfaces, made by the acts themselves."""

from __future__ import annotations

import json

from catalog import services
from catalog.models import CatalogEntry, Load, Pull
from guiyang_data.accounts.models import User
from tests.factories import systems
from tests.factories.catalog import AT, ROWS, steward_of
from tests.remembering import remembered


@remembered
def open_batch(entry: CatalogEntry, by: User) -> Load:
    """A whole replacement that waits for further parts."""
    sent = services.Sent(content=json.dumps(ROWS).encode(), kind="json", key="whole")
    return services.receive_batch(entry_id=entry.pk, sent=sent, by=by, at=AT, mode="replace", is_complete=False).load


@remembered
def pull(entry: CatalogEntry) -> Pull:
    """A pull by schedule from an interface of the provider."""
    interface = systems.interface(systems.system_in_use(entry.provider))
    facts = services.PullFacts(interface=interface.pk)
    return services.add_pull(entry_id=entry.pk, by=steward_of(entry.provider), at=AT, facts=facts)


@remembered
def paused_pull(entry: CatalogEntry) -> Pull:
    """The same, paused."""
    made = pull(entry)
    by = steward_of(entry.provider)
    return services.pause_pull(pull_id=made.pk, by=by, at=AT, reasons="系统检修。")
