"""How a system of an agency takes shared data: a token, a declared duty, rows, a file, what changed, is this so.

Run it with the addresses and secrets of your own system in the environment:

    PORTAL=https://… CLIENT_ID=… CLIENT_SECRET=… python agency_client.py 211002/000001

It needs the ``httpx`` package and nothing else. Copy what you need: it belongs to the public.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

SCOPES = "catalog:read sharing:read sharing:apply"
MOST_TRIES = 5


class Refused(Exception):
    """The portal did not do it. ``code`` is for programs; the message says what to do, ``basis`` names the article."""

    def __init__(self, status: int, said: Mapping[str, Any]) -> None:
        super().__init__(f"{said.get('message', status)} {said.get('basis', '')}".strip())
        self.status, self.code, self.fields = status, said.get("code", ""), said.get("fields", {})


class Portal:
    """The portal as one system sees it. Every reading says for which case it is made."""

    def __init__(self, address: str, client_id: str, client_secret: str, *, case_number: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=60)
        self._secret = (client_id, client_secret)
        self._case = {"Sharing-Case": quote(case_number)}
        self._token, self._good_until = "", 0.0

    def close(self) -> None:
        self._http.close()

    # --- what is there -----------------------------------------------------------------------------

    def find(self, words: str) -> list[dict[str, Any]]:
        """Entries of the catalogue in which the words occur."""
        return list(self._ask("GET", "/api/v1/catalog/entries/", params={"q": words}).json()["results"])

    # --- the right to read -------------------------------------------------------------------------

    def declare_duty(self, code: str, *, duty: str, purpose: str) -> int:
        """Unconditional data: say which duty it serves, once; the number of what was declared (第十五条第一款)."""
        body = {"entry": code, "duty": duty, "purpose": purpose, "terms_accepted": True}
        return int(self._act("/api/v1/sharing/takings/", body)["id"])

    def apply(self, **application: Any) -> dict[str, Any]:
        """Conditional data: apply; the provider answers within ten days (第十五条第二款)."""
        return self._act("/api/v1/sharing/applications/", application)

    def grants(self) -> list[dict[str, Any]]:
        """What this agency may read, by application or in advance."""
        return list(self._ask("GET", "/api/v1/sharing/grants/").json()["results"])

    # --- reading -----------------------------------------------------------------------------------

    def rows(self, place: str, *, filters: Sequence[str] = (), fields: str = "") -> Iterator[dict[str, Any]]:
        """Every row, page after page. ``place``: ``entries/CODE`` or ``grants/NUMBER``; a filter is ``item:ge:10``."""
        page, seen = 1, 0
        while True:
            asked: dict[str, Any] = {"filter": list(filters), "page": page, "page_size": 1000}
            if fields:
                asked["fields"] = fields
            answer = self._read(f"/api/v1/sharing/{place}/rows/", asked).json()
            yield from answer["results"]
            seen += len(answer["results"])
            if seen >= answer["count"] or not answer["results"]:
                return
            page += 1

    def export(self, place: str, file: Path) -> str:
        """The whole of it as a CSV file, streamed; the number of the reading in the log. Nothing is left by halves."""
        part = file.with_name(f"{file.name}.part")
        address = f"/api/v1/sharing/{place}/export.csv"
        with self._http.stream("GET", address, headers=self._headers() | self._case) as answer:
            if answer.status_code != 200:
                answer.read()
                raise _refused(answer)
            with part.open("wb") as kept:
                for chunk in answer.iter_bytes():
                    kept.write(chunk)
        part.replace(file)
        return str(answer.headers["Sharing-Reading"])

    def changes(self, place: str, since: int) -> tuple[int, list[dict[str, Any]]]:
        """What changed after version ``since``: the version to ask from next time, and the rows put in, changed, gone.

        ``Refused`` with the code ``take_whole_again`` means: export the whole of it once more.
        """
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {"since": since, "page": 1, "page_size": 1000}
        while True:
            answer = self._read(f"/api/v1/sharing/{place}/changes/", asked).json()
            found += answer["results"]
            if len(found) >= answer["count"] or not answer["results"]:
                return int(answer["version"]), found
            asked |= {"page": asked["page"] + 1, "until": answer["version"]}

    def is_so(self, place: str, *, keys: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
        """Is this so? For one subject: whether it is on record, and whether each claim holds; no row leaves."""
        body = {"subjects": [{"keys": dict(keys), "claims": dict(claims)}]}
        address = f"/api/v1/sharing/{place}/verify/"
        answer = self._ask("POST", address, json=body, headers=self._case).json()
        return dict(answer["results"][0])

    # --- how it is asked -----------------------------------------------------------------------------

    def _headers(self) -> dict[str, str]:
        if time.monotonic() > self._good_until:
            form = {"grant_type": "client_credentials", "scope": SCOPES}
            answer = self._http.post("/api/oauth/token/", data=form, auth=self._secret)
            answer.raise_for_status()
            self._token = answer.json()["access_token"]
            self._good_until = time.monotonic() + answer.json()["expires_in"] - 60
        return {"Authorization": f"Bearer {self._token}"}

    def _read(self, address: str, params: Mapping[str, Any]) -> httpx.Response:
        return self._ask("GET", address, params=dict(params), headers=self._case)

    def _act(self, address: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out an act; sent again with the same key it is done once."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        return dict(self._ask("POST", address, json=dict(body), headers=key).json())

    def _ask(
        self, method: str, address: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        for tried in range(1, MOST_TRIES + 1):
            answer = self._http.request(method, address, headers={**self._headers(), **(headers or {})}, **more)
            if answer.status_code not in {429, 503} or tried == MOST_TRIES:
                break
            # over a limit, or the log cannot be written for the moment: nothing was given, nothing was done
            time.sleep(min(int(answer.headers.get("Retry-After", 2**tried)), 60))
        if answer.is_error:
            raise _refused(answer)
        return answer


def _refused(answer: httpx.Response) -> Refused:
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    return Refused(answer.status_code, answer.json() if is_json else {})


def main() -> None:
    """Declare a duty for an entry that is shared without condition, and take it whole."""
    code = sys.argv[1]
    portal = Portal(
        os.environ["PORTAL"], os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"], case_number="示例-2026-0001"
    )
    portal.declare_duty(code, duty="城市运行监测", purpose="接口联调")
    file = Path(f"{code.replace('/', '-')}.csv")
    reading = portal.export(f"entries/{code}", file)
    print(f"{file}: {file.stat().st_size:,} bytes, reading {reading}")
    portal.close()


if __name__ == "__main__":
    main()
