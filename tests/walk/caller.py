"""Callers of the REST API: systems with client credentials, people with a session, and anyone. All keep one journal."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from guiyang_data.web.demonstration.accounts import PASSWORD
from tests.walk.city import RunningPortal

API = "/api/v1/"
SLOW = 60.0
CREDENTIALS = """
import json
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.services.systems import create_service_account, issue_credentials
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.timekeeping import now
agency = Agency.objects.get(short_name={agency!r})
account = create_service_account(by=PLATFORM, agency=agency, name={name!r}, at=now())
issued = issue_credentials(by=PLATFORM, service_account_id=account.pk, scopes={scopes!r}, at=now())
print(json.dumps([issued.client_id, issued.client_secret]))
"""


@dataclass
class Journal:
    """Every call of the walk: method and path as it went over the wire."""

    calls: set[tuple[str, str]] = field(default_factory=set)
    refusals: int = 0


class Caller:
    """Somebody who calls the API. What comes back is checked for the shape that every error has."""

    def __init__(self, portal: RunningPortal, journal: Journal) -> None:
        self.portal = portal
        self.journal = journal
        self.client = httpx.Client(base_url=portal.address, timeout=SLOW)

    def headers(self, method: str) -> dict[str, str]:
        """What makes the call this caller's."""
        return {}

    def call(self, method: str, path: str, *, expect: int, **rest: Any) -> httpx.Response:
        """One call that must end in ``expect``; an error must say its code, what happened and on what basis."""
        rest["headers"] = self.headers(method) | rest.get("headers", {})
        answer = self.client.request(method, f"{API}{path}", **rest)
        self.journal.calls.add((method, answer.request.url.raw_path.decode().partition("?")[0]))
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text[:1000]}"
        if expect >= 400:
            self.journal.refusals += 1
            said = answer.json()
            assert {"code", "message", "basis"} <= set(said) <= {"code", "message", "basis", "fields"}, said
            assert said["code"]
            assert said["message"]
        return answer

    def get(self, path: str, *, expect: int = 200, **rest: Any) -> Any:
        return self.call("GET", path, expect=expect, **rest).json()

    def text(self, path: str, **rest: Any) -> str:
        return self.call("GET", path, expect=200, **rest).text

    def post(self, path: str, body: Any = None, *, expect: int = 200, **rest: Any) -> Any:
        return self.call("POST", path, expect=expect, json=body or {}, **rest).json()

    def leave(self) -> None:
        self.client.close()


class Visitor(Caller):
    """Anyone, without an account; ``code`` is the tracking code once there is one."""

    code = ""

    def headers(self, method: str) -> dict[str, str]:
        return {"X-Tracking-Code": self.code} if self.code else {}


class System(Caller):
    """An information system of an agency, with OAuth2 client credentials and the scopes given with them."""

    def __init__(self, portal: RunningPortal, journal: Journal, agency: str, *scopes: str) -> None:
        super().__init__(portal, journal)
        self.scopes = scopes
        words = CREDENTIALS.format(agency=agency, name=f"{agency}业务系统", scopes=list(scopes))
        self.client_id, self.secret = json.loads(portal.manage("shell", "-v", "0", "-c", words).splitlines()[-1])
        self.token = ""
        self.takes_a_token()

    def takes_a_token(self) -> None:
        """Exchange the credentials for a token of an hour."""
        answer = self.client.post(
            "/api/oauth/token/",
            data={"grant_type": "client_credentials", "scope": " ".join(self.scopes)},
            auth=(self.client_id, self.secret),
        )
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    def headers(self, method: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Person(Caller):
    """A person of the demonstration, signed in on the page, who calls with the session and its CSRF token."""

    def __init__(self, portal: RunningPortal, journal: Journal, username: str) -> None:
        super().__init__(portal, journal)
        self.username = username
        self.signs_in()

    def signs_in(self) -> None:
        self.client.get("/accounts/login/").raise_for_status()
        form = {"login": self.username, "password": PASSWORD, "csrfmiddlewaretoken": self.client.cookies["csrftoken"]}
        answer = self.client.post("/accounts/login/", data=form)
        assert answer.status_code == 302, f"{self.username}: {answer.status_code}"

    def headers(self, method: str) -> dict[str, str]:
        return {} if method == "GET" else {"X-CSRFToken": self.client.cookies["csrftoken"]}


def declared(purpose: str, **more: str) -> dict[str, str]:
    """The headers of a reading (第十七条): its purpose, percent-encoded, and what else it names."""
    return {"Sharing-Purpose": quote(purpose), **more}


def until(look: Any, *, seconds: float = 90.0) -> Any:
    """Ask again until ``look`` gives something true."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"nothing came in {seconds} s"
        time.sleep(0.3)
    return found
