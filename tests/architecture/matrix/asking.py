"""How a cell of the matrix is asked and what its answer is called."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse

from guiyang_data.ledger.models import Event
from tests.architecture.matrix.people import COLUMNS, SERVICES
from tests.architecture.matrix.tables import Row
from tests.architecture.matrix.world import World

LOGIN = "/accounts/login/"
DONE = {200: ".", 201: ".", 202: ".", 204: ".", 206: "."}
REFUSED = {400: "0", 401: "1", 403: "3", 404: "4", 405: "5", 409: "9", 410: "g", 415: "m", 422: "2", 503: "u"}
WRITTEN = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
OWN = ("guiyang_data", "catalog", "sharing", "opendata", "requests_app", "oversight")
MODELS = {
    model._meta.db_table: model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in OWN and model.__name__ not in ("Event", "ChainHead")
}
"""The portal's own tables; refused acts are recorded too, so that the ledger's are left out."""
STATES = ("status", "state", "outcome", "ended_on", "ended_at", "revoked_at", "role", "is_active")


class Asker:
    """Asks as everybody; sign-in happens once for each column."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions = {name: self._session(name) for name in COLUMNS}
        self.client = Client(raise_request_exception=False)
        self.acts = acts_recorded()
        self.state = {table: state_of(model) for table, model in MODELS.items()}

    def _session(self, name: str) -> str:
        if name == "anonymous" or name in SERVICES:
            return ""
        client = Client()
        client.force_login(self.world.people[name])
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def _path(self, row: Row) -> str:
        if row.route == "admin:-":
            return "/admin/no-such-page/"  # the only patterns without a name
        route = row.route.replace("admin:*_", "admin:accounts_user_")  # every model's pages are made by one class
        return reverse(route, kwargs=self.world.things[row.key])

    def ask(self, row: Row, name: str) -> str:
        """The letter of one cell; what was carried out is taken back.

        A request that was not carried out must leave every act and every state as it was.
        """
        path = self._path(row)
        self.client.cookies = SimpleCookie()
        if self.sessions[name]:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[name]
        call = getattr(self.client, row.method.lower())
        given: dict[str, Any] = dict(self.world.headers.get(name, {}))
        if row.method != "GET" and row.is_api:
            given |= {"data": "{}", "content_type": "application/json"}
        writes = Writes()
        point = transaction.savepoint()
        with connection.execute_wrapper(writes):
            response = call(path, **given)
        if response.streaming:
            b"".join(response.streaming_content)
        letter = letter_of(response)
        try:
            if row.method != "GET" and letter not in ".+" and writes.tables:
                assert acts_recorded() == self.acts, f"{name} was refused ({letter}), yet an act is on record: {row}"
                for table in writes.tables & MODELS.keys():
                    now = state_of(MODELS[table])
                    assert now == self.state[table], f"{name} was refused ({letter}), yet {table} changed: {row}"
        finally:
            transaction.savepoint_rollback(point)
        return letter


class Writes:
    """Notes the tables that a request wrote to: only there can a state have changed."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := WRITTEN.match(sql):
            self.tables.add(found[1])
        return execute(sql, params, many, context)


def letter_of(response: Any) -> str:
    """One character for a status: see ``tables``."""
    if response.status_code in (301, 302):
        return "L" if response["Location"].startswith((LOGIN, "/admin/login/")) else "+"
    return DONE.get(response.status_code) or REFUSED.get(response.status_code, "!")


def acts_recorded() -> int:
    """How many acts the ledger knows that were not refused."""
    return Event.objects.filter(refused=False).count()


def state_of(model: type[models.Model]) -> list[tuple[Any, ...]]:
    """What every object of the model is at: each row's fields that say so."""
    names = [field.name for field in model._meta.get_fields() if isinstance(field, models.Field)]
    return list(model._default_manager.order_by("pk").values_list("pk", *(name for name in STATES if name in names)))
