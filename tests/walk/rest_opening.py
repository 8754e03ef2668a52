"""The walk over REST, chapter 4: a plan judged, carried out and read by anyone; a request, its reply and its review."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

from tests.walk.caller import Person, System, Visitor, until
from tests.walk.rest_catalogue import Published

REFUSAL = {
    "outcome": "refuse",
    "ground": "2",
    "ground_basis": "《中华人民共和国反不正当竞争法》第九条",
    "why_still_closed": "位置是保密的内容本身，模糊以后不能反映车辆在哪里。",
    "reasons": "实时位置由运营企业采集，合同约定保密，现阶段不同意开放。",
}


def opens(system: System, approver: Person, entry: Published, techniques: dict[str, Any]) -> None:
    """A system plans and asks; a second person, never a system, clears the plan (第二十四条); then it is opened."""
    made = system.post("open/plans/", {"entry": entry.pk}, expect=201)
    place = f"open/plans/{made['id']}/"
    system.post(f"{place}publish/", expect=409)
    changed = system.post(f"{place}edit-plan/", {"techniques": made["techniques"] | techniques})
    assert changed["techniques"]["so2"]["technique"] == "suppress"
    assert system.post(f"{place}submit-plan/")["status"] == "in-review"
    system.post(f"{place}decide-plan/", {"passed": True}, expect=403)
    judged = approver.post(f"{place}decide-plan/", {"passed": True, "opinion": "经脱敏后可以开放。"})
    assert judged["review_outcome"] == "passed"
    system.post(f"{place}publish/")

    def ended() -> Any:
        plan = system.get(place)
        return plan if plan["job"]["state"] in {"done", "refused"} else None

    done = until(ended)
    assert (done["status"], done["job"]["state"]) == ("published", "done"), done


def reads_what_is_open(visitor: Visitor, title: str) -> None:
    """Anyone finds the data set and reads it, without what was left out and with what was masked."""
    (found,) = visitor.get(f"open/datasets/?q={title}")["results"]
    place = f"open/datasets/{found['slug']}/"
    shown = visitor.get(place)
    assert shown["rows"] == 950
    assert "so2" not in {column["code"] for column in shown["columns"]}
    rows = visitor.get(f"{place}rows?aqi__ge=30&sort=-aqi&limit=3&offset=1")
    assert [row["point"][1:] for row in rows["rows"]] == ["*" * (len(row["point"]) - 1) for row in rows["rows"]]
    values = [float(row["aqi"]) for row in rows["rows"]]
    assert values == sorted(values, reverse=True)
    assert 4 < rows["total"] < 950
    hidden, unknown = (
        visitor.call("GET", f"{place}rows?{code}=1", expect=422).text.replace(code, "?") for code in ("so2", "nothing")
    )
    assert hidden == unknown
    sent = list(csv.reader(io.StringIO(visitor.text(f"{place}export.csv"))))
    assert len(sent) == 951
    assert "SO2" not in sent[0]
    assert visitor.get(f"{place}versions/")["count"] == 1
    answer = visitor.call("GET", f"{place}rows?limit=1", expect=200)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def files(visitor: Visitor, *, title: str, agency: str) -> str:
    """Filed without an account (第二十一条第一款): a number, and a code that is told once; the number."""
    (asked,) = visitor.get(f"agencies/?q={agency}")["results"]
    incomplete = visitor.post("requests/", {"agency": asked["code"]}, expect=422)
    assert "title" in incomplete["fields"]
    key = {"Idempotency-Key": str(uuid.uuid4())}
    request = {"agency": asked["code"], "title": title, "mail": "someone@example.org"}
    filed = visitor.post("requests/", request, expect=201, headers=key)
    again = visitor.call("POST", "requests/", expect=201, json=request, headers=key)
    assert again.json()["number"] == filed["number"]
    assert again.headers["Idempotent-Replay"] == "true"
    mine = [row for row in visitor.get("requests/?page_size=500")["results"] if row["title"] == title]
    assert [row["number"] for row in mine] == [filed["number"]]
    visitor.code = filed["code"]
    case = visitor.get(f"requests/{filed['number']}/")
    assert case["own"] is True
    assert case["clocks"][0]["due_on"] == filed["due_on"]
    return str(filed["number"])


def replies(system: System, approver: Person, number: str) -> None:
    """The system drafts; the approver, a person who did not draft, delivers (第二十一条第一款)."""
    case = f"requests/{number}/"
    bare = system.post(f"{case}draft-reply/", {"outcome": "refuse"}, expect=422)
    assert {"ground", "reasons"} <= set(bare["fields"])
    assert "第十八条第一款" in bare["basis"]
    silent = system.post(f"{case}draft-reply/", REFUSAL | {"reasons": ""}, expect=422)
    assert set(silent["fields"]) == {"reasons"}
    assert "第二十一条第一款" in silent["basis"]
    kept = system.post(f"{case}draft-reply/", REFUSAL | {"why_still_closed": ""}, expect=422)
    assert set(kept["fields"]) == {"why_still_closed"}
    assert "第十八条第二款" in kept["basis"]
    system.post(f"{case}draft-reply/", REFUSAL)
    system.post(f"{case}deliver/", expect=403)
    assert approver.post(f"{case}deliver/")["status"] == "refused"


def objects(visitor: Visitor, number: str) -> str:
    """The applicant reads the reply with the code, and objects to it (第二十一条第二款); the review's number."""
    (reply,) = visitor.get(f"requests/{number}/")["replies"]
    assert (reply["outcome"], reply["reasons"]) == ("refuse", REFUSAL["reasons"])
    objection = {"parts": "不同意开放实时位置", "reasons": "同样的数据在企业的手机应用里公开显示，不构成商业秘密。"}
    kept, visitor.code = visitor.code, "WRONG-CODE"
    visitor.post(f"requests/{number}/reviews/", objection, expect=422)
    visitor.code = kept
    applied = visitor.post(f"requests/{number}/reviews/", objection, expect=201)
    assert visitor.get(f"reviews/{applied['number']}/")["own"] is True
    return str(applied["number"])


def decides(system: System, reviewer: Person, visitor: Visitor, review: str) -> None:
    """Accepting and deciding are the reviewer's, a person of the authority; the agency's system is heard."""
    case = f"reviews/{review}/"
    system.post(f"{case}accept/", expect=403)
    assert reviewer.post(f"{case}accept/")["status"] == "accepted"
    running = [clock["kind"] for clock in reviewer.get(case)["clocks"]]
    assert len(running) == 2, running
    system.post(f"{case}statements/", {"text": "实时位置由企业采集。"})
    reviewer.post(f"{case}decide/", {"outcome": "change"}, expect=422)
    result = {
        "outcome": "change",
        "changed_to": "open",
        "reasons": "数据已由企业主动公开展示，不属于商业秘密，应当向社会开放。",
    }
    assert reviewer.post(f"{case}decide/", result)["status"] == "decided"
    told = visitor.get(case)["review"]
    assert (told["outcome"], told["changed_to"]) == ("change", "open")
