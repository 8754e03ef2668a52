"""Notices that are pushed to a system of their agency."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.notices import services as notices
from guiyang_data.notices.models import Weight
from guiyang_data.notices.webhooks import services
from tests.notices.conftest import Asked

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)


def register(owner: User, url: str, **more: object) -> services.Registered:
    facts = {"by": owner, "owner": owner, "name": "调度系统", "url": url, "wants": "all", "at": AT}
    return services.register(**facts | more)  # type: ignore[arg-type]


def tell(agency: Agency, key: str = "reply:12", weight: Weight = Weight.LEGAL) -> None:
    notices.tell_agency(
        agency,
        [Role.DATA_STEWARD],
        key=key,
        about="requests_app.openrequest:12",
        kind="open-request",
        title="新的开放申请",
        body="请答复。",
        path="/desk/requests/1/",
        basis="第二十一条第一款",
        weight=weight,
        at=AT,
    )


def holds(asked: Asked, secret: str) -> bool:
    """Whether a push carries a signature of this secret, worked out from the published recipe alone."""
    key = base64.b64decode(secret.split("_", 1)[1])
    said = asked.headers["webhook-id"] + "." + asked.headers["webhook-timestamp"] + "." + asked.body.decode()
    wanted = base64.b64encode(hmac.new(key, said.encode(), hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in asked.headers["webhook-signature"].split(" ")
