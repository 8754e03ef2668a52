"""The walk over REST, chapter 3: taking at once, applying, refusing, reading through a grant, coordination."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from typing import Any

from tests.walk.caller import Person, System, declared
from tests.walk.rest_catalogue import Published

STUDY = "研判空气质量与呼吸道就诊人数的关系"
CHECK = "办理医疗救助时核对申请人身份"


def takes_at_once(system: System, entry: Published) -> None:
    """Unconditional data needs no reply: the duty is declared, then rows are read (第十五条第一款、第十七条)."""
    rows = f"{entry.address}rows/"
    undeclared = system.get(rows, expect=422, headers=declared(STUDY))
    assert "第十五条" in undeclared["basis"]
    duty = {"entry": entry.code, "duty": "公共卫生应急处置", "purpose": STUDY, "terms_accepted": True}
    taking = system.post("sharing/takings/", duty, expect=201)
    assert system.get("sharing/takings/")["count"] == 1

    without = system.get(rows, expect=422, headers={"Sharing-Taking": str(taking["id"])})
    assert "第十七条" in without["basis"]
    named = declared(STUDY, **{"Sharing-Taking": str(taking["id"])})
    everything = system.get(rows, headers=named)
    assert everything["count"] == 950
    some = system.get(
        f"{rows}?filter=point:eq:马鞍山&filter=aqi:ge:30&sort=-aqi,hour&fields=hour,aqi&page_size=2&page=2",
        headers=named,
    )
    whole = system.get(f"{rows}?filter=point:eq:马鞍山&filter=aqi:ge:30&sort=-aqi,hour&page_size=1000", headers=named)
    assert some["fields"] == ["hour", "aqi"]
    assert 4 <= some["count"] == whole["count"] < 950
    assert some["results"] == [{"hour": row["hour"], "aqi": row["aqi"]} for row in whole["results"][2:4]]
    values = [float(row["aqi"]) for row in whole["results"]]
    assert values == sorted(values, reverse=True)
    assert min(values) >= 30

    sent = list(csv.reader(io.StringIO(system.text(f"{entry.address}export.csv?sort=date", headers=named))))
    assert sent[0][:3] == ["Date", "Hour", "WatchPoint"]
    assert len(sent) == 951


def applies(system: System, entry: Published, *, items: list[str], on: dt.date) -> str:
    """An application; the same key again files nothing more (第十五条第二款)."""
    wish = {
        "entry": entry.code,
        "items": items,
        "duty": "医疗救助对象身份核对",
        "duty_basis": "《社会救助暂行办法》第二十九条",
        "purpose": CHECK,
        "period_from": on.isoformat(),
        "period_until": (on + dt.timedelta(days=300)).isoformat(),
    }
    no_duty = system.post("sharing/applications/", wish | {"duty": " "}, expect=422)
    assert "duty" in no_duty["fields"]
    key = {"Idempotency-Key": str(uuid.uuid4())}
    made = system.post("sharing/applications/", wish, expect=201, headers=key)
    assert system.post("sharing/applications/", wish, expect=201, headers=key)["number"] == made["number"]
    assert system.get("sharing/applications/?box=own")["count"] == 1
    (clock,) = made["clocks"]
    assert (clock["kind"], clock["statutory"]) == ("sharing-reply", True)
    return str(made["number"])


def refuses(provider: System, number: str) -> None:
    """A refusal without reasons is not accepted; with reasons it stands, and stands once."""
    case = f"sharing/applications/{number}/"
    bare = provider.post(f"{case}reply/", {"outcome": "refuse"}, expect=422)
    assert "第十五条" in bare["basis"]
    assert "reasons" in bare["fields"]
    assert provider.get(case)["status"] == "submitted"
    reasons = "申请的信息项超出所列职责需要，且没有说明必要性。"
    assert provider.post(f"{case}reply/", {"outcome": "refuse", "reasons": reasons})["status"] == "refused"
    provider.post(f"{case}reply/", {"outcome": "agree"}, expect=409)


def agrees(provider: System, number: str) -> int:
    """The provider's system answers for its agency; the grant opens at once. The grant's id."""
    done = provider.post(f"sharing/applications/{number}/reply/", {"outcome": "agree"})
    assert done["status"] == "agreed"
    (grant,) = done["grants"]
    return int(grant)


def reads_through_the_grant(system: System, entry: Published, grant: int, *, granted: list[str], hidden: str) -> None:
    """Rows through the grant, with headers that name grant and purpose; what is not granted is as if unknown."""
    named = declared(CHECK, **{"Sharing-Grant": str(grant)})
    rows = f"sharing/grants/{grant}/rows/"
    page = system.get(f"{rows}?page_size=5&sort=number", headers=named)
    assert page["fields"] == granted
    assert all(set(row) == set(granted) for row in page["results"])
    assert page["count"] > 19_000
    assert system.get(f"{entry.address}rows/?page_size=1", headers=named)["count"] == page["count"]
    system.get(rows, expect=422, headers={"Sharing-Grant": str(grant)})
    system.get(rows, expect=422, headers=declared(CHECK, **{"Sharing-Grant": str(grant + 1)}))
    system.get(f"sharing/grants/{grant + 1000}/rows/", expect=404, headers=declared(CHECK))
    for asked in ("fields={}", "filter={}:isnull:true", "sort=-{}", "f_{}=1"):
        answers = []
        for code in (hidden, "nothing"):
            answer = system.call("GET", f"{rows}?{asked.format(code)}", expect=422, headers=named)
            answers.append(answer.text.replace(code, "?"))
        assert answers[0] == answers[1]
    sent = system.text(f"sharing/grants/{grant}/export.csv", headers=named)
    assert sent.splitlines()[0] == "姓名,身份证号,单位"
    assert len(list(csv.reader(io.StringIO(sent)))) == page["count"] + 1


def sees_who_read(steward: Person, system: System, entry: Published, grant: int, *, rows: int) -> None:
    """The log is kept for people who answer for it (第十七条): the provider's own system is not shown it."""
    lines = steward.get(f"{entry.address}readings/?page_size=500")["results"]
    assert {line["agency"] for line in lines} == {"贵阳市卫生健康局"}
    assert {line["purpose"] for line in lines} == {CHECK}
    assert any(line["rows"] == rows and line["query"]["kind"] != "page" for line in lines), lines
    through = steward.get(f"sharing/grants/{grant}/readings/")
    assert through["count"] == len(lines)
    assert steward.get("sharing/readings/?box=given")["count"] == len(lines)
    system.get(f"{entry.address}readings/", expect=403)


def is_coordinated(requester: System, provider: System, coordinator: Person, number: str) -> int:
    """The municipal authority's coordinator, a person by 第十五条第三款, gives an opinion; the provider follows it."""
    case = f"sharing/applications/{number}/"
    asked: dict[str, Any] = requester.post(
        f"{case}request-coordination/", {"reasons": "履行医疗救助审核职责确需核对身份，没有其他来源。"}
    )
    (found,) = asked["coordinations"]
    place = f"sharing/coordinations/{found}/"
    provider.post(f"{place}submit-statement/", {"text": "已说明超出职责需要的信息项。"})
    opinion = {"opinion": "provide", "items": [], "text": "所申请的信息项为履行职责所必需，应当提供。"}
    provider.post(f"{place}conclude/", opinion, expect=403)
    assert coordinator.post(f"{place}conclude/", opinion)["opinion"] == "provide"
    done = provider.post(f"{case}grant-on-opinion/")
    assert done["status"] == "granted-on-opinion"
    (grant,) = done["grants"]
    assert requester.get(f"sharing/grants/{grant}/")["status"] == "active"
    return int(grant)
