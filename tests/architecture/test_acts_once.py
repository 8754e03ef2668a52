"""Over REST every act of sharing is carried out once by its key, and a key stands for one content."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from catalog.models import CatalogEntry
from sharing.api import examples
from sharing.models import EDocumentDelivery
from tests.architecture.matrix.asking import acts_recorded
from tests.architecture.matrix.routes import routes
from tests.architecture.matrix.world import NOW, World, build
from tests.caching import forget
from tests.factories import edocuments, sharing
from tests.factories.papers import plain_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

READS = {
    "sharing-api:check-materials",
    "sharing-api:entry-verify",
    "sharing-api:find-documents",
    "sharing-api:grant-verify",
    "sharing-api:matter-import-preview",
    "sharing-api:preview-authorisation-change",
    "sharing-api:verify-document",
}
"""Sent, since what is asked must not stand in an address; they read, and each reading is logged as one."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call that is carried out as it stands: by whom, on which object of the matrix, with what body.

    ``file``: a body of many parts, with a file under the name ``file``.
    """

    by: str
    on: str = "-"
    body: dict[str, Any] = field(default_factory=dict)
    file: str = ""


REASONS = {"reasons": "核查用途，三日内回复。"}
USE = {"duty": "急救车辆调度", "purpose": "规划转运路线", "valid_from": NOW.date().isoformat()}
APPLY = examples.USE | {"for_this_system": False, "items": ["route", "name"], "use_case": "另一次演练"}
MATERIAL = {"label": "转运协议"}
CALLS: dict[str, Call] = {
    "applications": Call(by="requester", body=APPLY | {"entry": "conditional"}),
    "apply-together": Call(
        by="requester",
        body={name: value for name, value in APPLY.items() if name != "items"}
        | {"entries": [{"entry": "conditional", "items": ["route"]}]},
    ),
    "papers": Call(by="requester", file="依据.txt"),
    "reply": Call(by="approver", on="application", body={"outcome": "agree"}),
    "draft-reply": Call(by="steward", on="application", body={"outcome": "agree"}),
    "withdraw": Call(by="requester", on="application"),
    "request-coordination": Call(by="requester", on="refused", body=REASONS),
    "grant-on-opinion": Call(by="approver", on="opined"),
    "suspend": Call(by="approver", on="grant", body=REASONS),
    "resume": Call(by="approver", on="suspended", body=REASONS),
    "change": Call(
        by="approver",
        on="grant",
        body=REASONS | {"items": ["route"], "purpose": "核对路线", "valid_until": "2027-06-30"},
    ),
    "end": Call(by="approver", on="grant", body=REASONS),
    "permit-verification": Call(by="steward", on="grant", body={"key_items": ["route"]}),
    "authorisations": Call(
        by="steward", body=USE | {"entry": "conditional", "kinds": ["department"], "items": ["route"]}
    ),
    "change-authorisation": Call(
        by="approver",
        on="standing",
        body=REASONS | {"items": ["route"], "purpose": "核对线路", "valid_until": None},
    ),
    "suspend-authorisation": Call(by="approver", on="standing", body=REASONS),
    "resume-authorisation": Call(by="approver", on="stopped-standing", body=REASONS),
    "end-authorisation": Call(by="approver", on="standing", body=REASONS),
    "takings": Call(
        by="requester", body={"entry": "free", "duty": "站点规划", "purpose": "计算距离", "terms_accepted": True}
    ),
    "subscriptions": Call(by="requester", body={"grant": "grant"}),
    "unsubscribe": Call(by="requester", on="subscription"),
    "propose-deferral": Call(
        by="steward", on="grant", body=REASONS | {"basis": "《刑事诉讼法》第五十四条", "until": "2026-12-20"}
    ),
    "taking-propose-deferral": Call(
        by="steward", on="taking", body=REASONS | {"basis": "《刑事诉讼法》第五十四条", "until": "2026-12-20"}
    ),
    "confirm-deferral": Call(by="approver", on="deferral"),
    "decline-deferral": Call(by="approver", on="deferral", body=REASONS),
    "lift-deferral": Call(by="approver", on="kept-back", body=REASONS),
    "explain-flag": Call(by="approver", on="flag", body=REASONS),
    "suspend-on-flag": Call(by="approver", on="flag", body=REASONS),
    "question-on-flag": Call(by="approver", on="taking-flag", body=REASONS),
    "submit-statement": Call(by="approver", on="coordination", body={"text": "仍认为不需要。"}),
    "conclude": Call(
        by="coordinator", on="coordination", body={"opinion": "provide", "text": "应当提供。", **sharing.HEARD}
    ),
    "escalate": Call(by="coordinator", on="coordination", body=REASONS),
    "decide": Call(by="government", on="deadlock", body={"opinion": "provide", "text": "应当提供。"}),
    "withdraw-coordination": Call(by="requester", on="coordination"),
    "needs": Call(
        by="requester",
        body={
            "title": "公交站点雨棚",
            "items": ["站点名称"],
            "duty": "就医保障",
            "duty_basis": "职能配置规定",
            "purpose": "规划",
            "update_cycle": "yearly",
        },
    ),
    "assign-need": Call(by="municipal", on="need", body={"agency": "provider"}),
    "reassign-need": Call(by="municipal", on="assigned-need", body=REASONS | {"agency": "county-department"}),
    "reject-need": Call(by="municipal", on="need", body=REASONS),
    "cover-need": Call(by="municipal", on="need", body={"entry": "needed"}),
    "draft-need-answer": Call(by="steward", on="assigned-need", body={"answer": "catalogue"}),
    "undertake-need": Call(by="approver", on="assigned-need"),
    "deny-need": Call(by="approver", on="assigned-need", body=REASONS),
    "link-need": Call(by="steward", on="undertaken-need", body={"entry": "needed"}),
    "contest-need": Call(by="requester", on="covered-need", body=REASONS),
    "withdraw-need": Call(by="requester", on="assigned-need"),
    "matters": Call(by="steward", body={"name": "临时救助申请", "materials": [MATERIAL]}),
    "matter-change": Call(by="steward", on="matter", body={"name": "转运许可（新）"}),
    "material-new": Call(by="steward", on="matter", body=MATERIAL),
    "material-change": Call(by="steward", on="asked-material", body=MATERIAL),
    "material-drop": Call(by="steward", on="asked-material"),
    "material-ask-again": Call(by="steward", on="dropped-material"),
    "material-exception": Call(
        by="approver", on="asked-material", body={"instrument": "电子签名法", "article": "第三条第三款"}
    ),
    "material-state-reasons": Call(by="steward", on="asked-material", body=REASONS),
    "material-accept-reasons": Call(by="municipal", on="explained-material"),
    "material-decline-reasons": Call(by="municipal", on="explained-material", body=REASONS),
    "material-strike-exception": Call(by="municipal", on="exempt-material", body=REASONS),
    "supplies": Call(by="steward", body={"material": "无关材料", "entry": "conditional", "items": ["route"]}),
    "supply-confirm": Call(by="municipal", on="proposed-supply"),
    "supply-reject": Call(by="municipal", on="proposed-supply", body=REASONS),
    "supply-withdraw": Call(by="municipal", on="supply", body=REASONS),
    "matter-imports": Call(by="steward", file="事项.csv"),
    "matter-import-begin": Call(by="steward", on="matter-import"),
    "document-templates": Call(
        by="steward", body=edocuments.terms(title="道路运输证明").__dict__ | {"entry": "licence"}
    ),
    "end-document-template": Call(by="approver", on="doc-template", body=REASONS),
    "edocuments": Call(by="steward", body={"template": "doc-template", "key": {"licence": "YX-002"}}),
    "register-document": Call(
        by="steward",
        body={
            "template": "doc-template",
            "holder": "王示三",
            "issued_on": "2025-03-01",
            "key": '{"licence": "YX-002"}',
        },
        file="许可证.pdf",
    ),
    "revoke-document": Call(by="approver", on="edocument", body=REASONS),
    "take-document": Call(by="requester", on="edocument", body={"through": "through", "case_number": "甲"}),
}
"""By the name of their route."""
NAMED = {"agency", "entry", "grant", "template", "through"}
"""Fields whose value here is a key of ``Scenery.named``."""
FILES = {
    "依据.txt": ("甲".encode(), "乙".encode()),
    "事项.csv": ("事项名称,材料名称\n新事项,证明\n".encode(), "事项名称,材料名称\n又一事项,证明\n".encode()),
    "许可证.pdf": (plain_pdf(), plain_pdf() + b"\n"),
}
ACTING = sorted(
    route.name.removeprefix("sharing-api:")
    for route in routes()
    if route.name.startswith("sharing-api:") and route.methods - {"GET"} and route.name not in READS
)


@dataclass(frozen=True, kw_only=True)
class Scenery:
    """The world of the matrix, and what its bodies name."""

    world: World
    named: dict[str, Any]

    def body(self, body: dict[str, Any]) -> dict[str, Any]:
        told = {name: self.named[value] if name in NAMED else value for name, value in body.items()}
        return told | ({"entries": [self.body(one) for one in told["entries"]]} if "entries" in told else {})


@pytest.fixture(scope="module")
def scenery(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scenery]:
    """Everything that is acted on, made once; all of it is taken back at the end."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        world = build()
        taken = EDocumentDelivery.objects.get(number=world.things["delivery"]["number"])
        yield Scenery(
            world=world,
            named={
                "conditional": world.things["conditional-code"]["code"],
                "needed": world.things["needed-code"]["code"],
                "provider": world.town.provider.code,
                "county-department": world.town.county_department.code,
                "free": CatalogEntry.objects.get(pk=world.things["in-force"]["pk"]).resource_code,
                "licence": CatalogEntry.objects.get(pk=taken.document.entry_id).resource_code,
                "through": f"grant-{taken.grant_id}",
                "grant": world.things["grant"]["pk"],
                "doc-template": world.things["doc-template"]["pk"],
            },
        )
        transaction.set_rollback(True)


def test_every_acting_route_of_sharing_is_tried_here() -> None:
    assert sorted(CALLS) == ACTING
    assert {f"sharing-api:{name}" for name in CALLS}.isdisjoint(READS)


@pytest.mark.parametrize("name", ACTING)
def test_the_same_body_is_carried_out_once_and_another_under_its_key_refused(name: str, scenery: Scenery) -> None:
    # given
    forget()
    call = CALLS[name]
    address = reverse(f"sharing-api:{name}", kwargs=scenery.world.things[call.on])
    client = Client()
    client.force_login(scenery.world.people[call.by])

    def send(*, other: bool = False) -> Any:
        body = scenery.body(call.body) | ({"beside": "乙"} if other else {})
        head: Any = {"HTTP_IDEMPOTENCY_KEY": "the-one-key"}
        if call.file:
            file = SimpleUploadedFile(call.file, FILES[call.file][other])
            return client.post(address, scenery.body(call.body) | {"file": file}, **head)
        return client.post(address, json.dumps(body, default=str), content_type="application/json", **head)

    point = transaction.savepoint()
    try:
        # when
        first = send()
        acts = acts_recorded()
        again = send()

        # then
        assert first.status_code in {200, 201, 202}, first.json()
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again["Idempotent-Replay"] == "true"
        assert acts_recorded() == acts

        # when
        refused = send(other=True)

        # then
        assert (refused.status_code, set(refused.json()["fields"])) == (422, {"Idempotency-Key"}), refused.json()
        assert acts_recorded() == acts
    finally:
        transaction.savepoint_rollback(point)
