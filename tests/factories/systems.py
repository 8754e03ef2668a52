"""Information systems with interfaces and documents, made by the acts themselves. Plain functions, named for theirs."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import json
from typing import Any

from catalog import services
from catalog.models import InformationSystem, Interface, InterfaceDocument
from catalog.services import Found, InterfaceFacts, SystemFacts
from guiyang_data.accounts.models import Agency, User
from tests.factories.catalog import AT, steward_of
from tests.remembering import remembered

ON = AT.date()
HOUR = dt.timedelta(hours=1)
_numbers = itertools.count(1)

STOP = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}


def openapi(version: str = "3.0.3", *, paths: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """A small document that holds: a list of stops. ``paths`` and ``parts``: instead of, and beside that."""
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Stop"}}
    answer = {"200": {"description": "站点", "content": {"application/json": {"schema": schema}}}}
    document = {
        "openapi": version,
        "info": {"title": "公交站点接口", "version": "1.2"},
        "paths": paths if paths is not None else {"/stops": {"get": {"responses": answer}}},
        "components": {"schemas": {"Stop": STOP}},
        **parts,
    }
    return copy.deepcopy(document)


def facts(**changed: Any) -> SystemFacts:
    """What a register says of a bus system in use."""
    values: dict[str, Any] = {
        "name": f"公交调度系统{next(_numbers)}",
        "purpose": "调度全市公交车辆。",
        "operator": "市公交公司信息中心",
        "network": "extranet",
        "protection": 2,
        "in_use_on": ON - dt.timedelta(days=400),
    }
    return SystemFacts(**values | changed)


def interface_facts(url: str = "https://api.transport.example/v1", **changed: Any) -> InterfaceFacts:
    """What a register says of its interface."""
    return InterfaceFacts(**{"name": f"站点查询{next(_numbers)}", "url": url} | changed)


@remembered
def planned_system(
    agency: Agency, *, by: User | None = None, at: dt.datetime = AT, **changed: Any
) -> InformationSystem:
    """A system that is not in use yet."""
    said = facts(**{"in_use_on": None} | changed)
    return services.register_system(agency=agency, by=by or steward_of(agency), on=at.date(), at=at, facts=said)


@remembered
def system_in_use(agency: Agency, *, by: User | None = None, at: dt.datetime = AT, **changed: Any) -> InformationSystem:
    """A system in use."""
    return services.register_system(
        agency=agency, by=by or steward_of(agency), on=at.date(), at=at, facts=facts(**changed), status="in-use"
    )


@remembered
def stopped_system(agency: Agency, *, at: dt.datetime = AT, **changed: Any) -> InformationSystem:
    """A system that was stopped."""
    system = system_in_use(agency, at=at, **changed)
    return services.stop_system(system_id=system.pk, by=steward_of(agency), on=at.date(), at=at, reasons="由新系统接替")


@remembered
def interface(system: InformationSystem, *, at: dt.datetime = AT, **changed: Any) -> Interface:
    """An interface without a document, due for its first check."""
    by = steward_of(system.agency)
    return services.add_interface(system_id=system.pk, by=by, at=at, facts=interface_facts(**changed))


@remembered
def documented(system: InformationSystem, *, at: dt.datetime = AT, said: Any = None, **changed: Any) -> Interface:
    """An interface with its document (``said``: another than the small one)."""
    made = interface(system, at=at, **changed)
    file(made, said, at=at)
    made.refresh_from_db()
    return made


@remembered
def file(made: Interface, said: Any = None, *, at: dt.datetime = AT) -> InterfaceDocument:
    """File a document for an interface."""
    content = said if isinstance(said, bytes) else json.dumps(said or openapi(), ensure_ascii=False).encode()
    by = steward_of(made.system.agency)
    return services.replace_document(interface_id=made.pk, by=by, at=at, document=services.read_document(content))


@remembered
def paused(system: InformationSystem, *, at: dt.datetime = AT, **changed: Any) -> Interface:
    """An interface whose checks are paused."""
    made = interface(system, at=at, **changed)
    by = steward_of(system.agency)
    return services.pause_checking(interface_id=made.pk, by=by, at=at, reasons="机房搬迁")


GOOD = Found(outcome="conforming", milliseconds=42, asked=1)
DEAD = Found(
    outcome="unavailable",
    milliseconds=None,
    asked=0,
    findings=[{"rule": "connection", "what": "没有连上。", "path": "/stops", "where": "", "times": 1}],
)
WRONG = Found(
    outcome="deviating",
    milliseconds=51,
    asked=1,
    findings=[{"rule": "schema", "what": "应当是整数。", "path": "/stops", "where": "[].id", "times": 3}],
)


@remembered
def noted(made: Interface, *found: Found, at: dt.datetime = AT, every: dt.timedelta = HOUR) -> Interface:
    """The interface after these checks, one every so often from ``at`` on."""
    for number, one in enumerate(found):
        services.note_check(interface_id=made.pk, document_id=made.contract_id, found=one, at=at + number * every)
    made.refresh_from_db()
    return made


@remembered
def broken(system: InformationSystem, *, at: dt.datetime = AT, **changed: Any) -> Interface:
    """An interface that stays broken: its agency was told, and its clock runs."""
    return noted(interface(system, at=at, **changed), DEAD, DEAD, DEAD, at=at)
