"""The walk over REST, chapter 2: an entry with its items and data, from compiling to publication."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.walk.caller import Person, System, until


@dataclass(frozen=True, kw_only=True)
class Published:
    """An entry in force: its id and its resource code, as it stands in an address."""

    pk: int
    code: str

    @property
    def address(self) -> str:
        return f"sharing/entries/{quote(self.code, safe='')}/"


def category(system: System, name: str) -> str:
    """The code of a category by its name."""
    (found,) = [row for row in system.get("catalog/categories/?page_size=500")["results"] if row["name"] == name]
    return str(found["code"])


def compiles(system: System, body: dict[str, Any]) -> dict[str, Any]:
    """A system compiles for its agency; the same key again compiles nothing (第十一条第二款)."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    made = system.post("catalog/entries/", body, expect=201, headers=key)
    again = system.call("POST", "catalog/entries/", expect=201, json=body, headers=key)
    assert again.json() == made
    assert again.headers["Idempotent-Replay"] == "true"
    found = system.get(f"catalog/entries/?q={body['title']}")
    assert found["count"] == 1, found
    return dict(made)


def gathers(system: System, entry: int, file: Path, *, rows: int) -> None:
    """The file goes up as it is; the worker checks it, and its status is asked until it is done (第十二条)."""
    with file.open("rb") as opened:
        load = system.call(
            "POST",
            f"catalog/entries/{entry}/loads/",
            expect=202,
            files={"file": (file.name, opened, "text/csv")},
            data={"revision": "1"},
        ).json()
    assert load["state"] in {"waiting", "running", "done"}

    def ended() -> Any:
        now = system.get(f"catalog/loads/{load['id']}/")
        return now if now["state"] in {"done", "refused"} else None

    done = until(ended)
    assert (done["state"], done["rows_accepted"]) == ("done", rows), done
    assert [one["id"] for one in system.get(f"catalog/entries/{entry}/loads/")] == [load["id"]]


def is_published(
    system: System, approver: Person, authority: Person, government: Person, made: dict[str, Any]
) -> Published:
    """Secrets are judged by a second person, the authority reviews, the government approves.

    These three are persons' acts by the regulation (第二十四条、第十一条第三款): the system that compiled may ask
    and submit, and is refused when it tries to judge or to approve.
    """
    revision = f"catalog/entries/{made['entry']}/revisions/{made['revision']}/"
    too_early = system.post(f"{revision}submit/", expect=422)
    assert "confidentiality" in too_early["fields"]
    assert too_early["basis"].startswith("《贵阳市政府数据共享开放条例》")
    review = f"catalog/confidentiality/{system.post(f'{revision}ask-confidentiality/')['review']}/"
    system.post(review, {"passed": True}, expect=404)
    assert approver.get(review)["outcome"] == "waiting"
    assert approver.post(review, {"passed": True})["outcome"] == "passed"
    assert system.post(f"{revision}submit/")["status"] == "in-review"
    system.post(f"{revision}pass-review/", expect=403)
    assert authority.post(f"{revision}pass-review/", {"opinion": "要素齐全。"})["status"] == "in-approval"
    authority.post(f"{revision}approve/", expect=403)
    assert government.post(f"{revision}approve/", {"opinion": "同意公布。"})["status"] == "in-force"
    shown = system.get(f"catalog/entries/{made['entry']}/")
    assert shown["revision"]["status"] == "in-force"
    system.post(f"{revision}submit/", expect=409)
    return Published(pk=made["entry"], code=made["resource_code"])
