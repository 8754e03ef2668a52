"""The whole path of the regulation over the REST API alone, by systems with client credentials, on real files.

What the regulation gives to a person is done with that person's session: the conclusion of a confidentiality review
(第二十四条), the authority's review and the government's approval of a catalogue (第十一条第三款), the coordination
opinion (第十五条第三款), the delivery of a reply to the public and the deciding of a review (第二十一条), urging
(第三十条). The walk tries the first of each kind with a system, which is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from django.utils.timezone import localdate
from playwright.sync_api import expect, sync_playwright

from tests import surroundings
from tests.walk import rest_catalogue, rest_opening, rest_oversight, rest_sharing
from tests.walk.caller import Caller, Journal, Person, System, Visitor
from tests.walk.city import RunningPortal
from tests.walk.moulds import Moulds
from tests.walk.people import FLAGS, Someone

pytestmark = [pytest.mark.real_input, pytest.mark.engine, pytest.mark.xdist_group("rest")]

AIR = "空气质量小时值"
PEOPLE = "社会救助对象基本信息"
LATE = "出租汽车经营权名录"
AIR_ITEMS = (
    ("Date", "date", "D"),
    ("Hour", "hour", "C"),
    ("WatchPoint", "point", "C"),
    ("AQI", "aqi", "N"),
    ("Level", "level", "C"),
    ("PrimaryPollution", "pollution", "C"),
    ("PM2.5", "pm25", "N"),
    ("PM10", "pm10", "N"),
    ("CO", "co", "N"),
    ("NO2", "no2", "N"),
    ("O3_1h", "o3_1h", "N"),
    ("O3_8h", "o3_8h", "N"),
    ("SO2", "so2", "N"),
)
PEOPLE_ITEMS = (
    ("序号", "serial", "none"),
    ("姓名", "name", "direct"),
    ("性别", "sex", "quasi"),
    ("身份证号", "number", "direct"),
    ("手机号", "phone", "direct"),
    ("出生日期", "born", "quasi"),
    ("户籍地址", "registered", "quasi"),
    ("现住址", "address", "quasi"),
    ("银行卡号", "card", "direct"),
    ("邮箱", "mail", "direct"),
    ("车牌号", "plate", "quasi"),
    ("单位", "employer", "none"),
    ("病情说明", "illness", "sensitive"),
)
GRANTED = ["name", "number", "employer"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[RunningPortal]:
    running = RunningPortal(tmp_path_factory.mktemp("rest"), moulds)
    try:
        running.start()
        yield running
    finally:
        running.stop()


class Callers:
    """Who calls: systems by the agency's short name, people by user name; made when first needed."""

    SCOPES = {
        "市生态环境局": ("catalog:read", "catalog:write", "opendata:write"),
        "市民政局": ("catalog:read", "catalog:write", "sharing:read", "sharing:apply", "sharing:reply"),
        "市卫健局": ("sharing:read", "sharing:apply"),
        "市交通委": ("sharing:read", "sharing:apply", "requests:write"),
        "市大数据局": ("oversight:read",),
    }

    def __init__(self, portal: RunningPortal) -> None:
        self.portal = portal
        self.journal = Journal()
        self.present: dict[str, Caller] = {}

    def system(self, agency: str) -> System:
        made = self.present.get(agency) or System(self.portal, self.journal, agency, *self.SCOPES[agency])
        self.present[agency] = made
        assert isinstance(made, System)
        return made

    def person(self, username: str) -> Person:
        made = self.present.get(username) or Person(self.portal, self.journal, username)
        self.present[username] = made
        assert isinstance(made, Person)
        return made

    def visitor(self, name: str) -> Visitor:
        made = self.present.setdefault(name, Visitor(self.portal, self.journal))
        assert isinstance(made, Visitor)
        return made

    def come_back(self) -> None:
        """Days later everybody takes a new token, or signs in anew."""
        for caller in self.present.values():
            if isinstance(caller, System):
                caller.takes_a_token()
            elif isinstance(caller, Person):
                caller.client.cookies.clear()
                caller.signs_in()

    def leave(self) -> None:
        for caller in self.present.values():
            caller.leave()


@pytest.fixture
def callers(portal: RunningPortal) -> Iterator[Callers]:
    made = Callers(portal)
    yield made
    made.leave()


def publish(callers: Callers, agency: str, approver: str, body: dict[str, Any], file: Path, rows: int) -> Any:
    """An entry with its data, in force."""
    system = callers.system(agency)
    category = rest_catalogue.category(system, body.pop("category"))
    made = rest_catalogue.compiles(system, body | {"category": category})
    rest_catalogue.gathers(system, made["entry"], file, rows=rows)
    people = [callers.person(name) for name in (approver, "authority", "government")]
    return rest_catalogue.is_published(system, *people, made)


def air() -> dict[str, Any]:
    items = [{"name": name, "code": code, "data_type": kind} for name, code, kind in AIR_ITEMS]
    return {
        "title": AIR,
        "abstract": "各监测点每小时的空气质量指数和污染物浓度。",
        "category": "空气质量",
        "field": "environment",
        "sharing_type": "unconditional",
        "is_open": True,
        "update_cycle": "daily",
        "items": items,
    }


def persons() -> dict[str, Any]:
    items = [{"name": name, "code": code, "sensitivity": kind} for name, code, kind in PEOPLE_ITEMS]
    return {
        "title": PEOPLE,
        "abstract": "社会救助对象的基本信息。",
        "category": "社会救助",
        "sharing_type": "conditional",
        "sharing_condition": "限负有核对职责的机关，用于社会救助。",
        "is_open": False,
        "closed_ground": 3,
        "closed_basis": "《中华人民共和国民法典》第一千零三十四条",
        "update_cycle": "monthly",
        "items": items,
    }


def test_the_whole_path_is_walked_over_rest(callers: Callers, portal: RunningPortal, real_input: Path) -> None:
    # chapter 2: two entries with their data, from real files
    file = real_input / "guiyang" / "air_hourly.csv"
    first = publish(callers, "市生态环境局", "environment-approver", air(), file, 950)
    file = real_input / "people" / "synthetic_persons_gb18030.csv"
    second = publish(callers, "市民政局", "civil-approver", persons(), file, 20_000)

    # chapter 3: taken at once, granted on application, refused and coordinated
    today = localdate()
    health, civil, transport = (callers.system(name) for name in ("市卫健局", "市民政局", "市交通委"))
    rest_sharing.takes_at_once(health, first)
    asked = rest_sharing.applies(health, second, items=GRANTED, on=today)
    grant = rest_sharing.agrees(civil, asked)
    rest_sharing.reads_through_the_grant(health, second, grant, granted=GRANTED, hidden="card")
    rest_sharing.sees_who_read(callers.person("civil"), civil, second, grant, rows=20_000)
    refused = rest_sharing.applies(transport, second, items=["name", "number"], on=today)
    rest_sharing.refuses(civil, refused)
    rest_sharing.is_coordinated(transport, civil, callers.person("coordinator"), refused)

    # chapter 4: opened after a second person's review, read by anyone; asked, refused, objected to, decided
    techniques = {"so2": {"technique": "suppress"}, "point": {"technique": "mask", "keep_first": 1}}
    environment = callers.system("市生态环境局")
    rest_opening.opens(environment, callers.person("environment-approver"), first, techniques)
    asker, late_asker = callers.visitor("asker"), callers.visitor("late-asker")
    rest_opening.reads_what_is_open(callers.visitor("visitor"), AIR)
    number = rest_opening.files(asker, title="公交车辆实时位置", agency="市交通委")
    late_number = rest_opening.files(late_asker, title=LATE, agency="市交通委")
    approver = callers.person("transport-approver")
    rest_opening.replies(transport, approver, number)
    review = rest_opening.objects(asker, number)
    rest_opening.decides(transport, callers.person("reviewer"), asker, review)

    # chapters 5 and 6: eleven days pass, nobody acts, the sweep escalates; a late reply is marked late
    authority = callers.system("市大数据局")
    due = dt.date.fromisoformat(portal.manage("due_day", "open-reply", today.isoformat()).split()[-1])
    portal.move_time(days=(due - today).days + 2)
    portal.wait_for_sweep()
    callers.come_back()
    callers.visitor("visitor").get("oversight/overdue/", expect=401)
    late = rest_oversight.sees_it_late(authority, LATE, days=2)
    rest_oversight.urges(authority, callers.person("supervisor"), late["escalation"])
    rest_opening.replies(transport, approver, late_number)
    assert late_asker.get(f"requests/{late_number}/")["replies"][0]["late"] is True
    supervising = [callers.person(name) for name in ("supervisor", "government")]
    rest_oversight.conclude(supervising, LATE)
    rest_oversight.sees_it_gone(authority, LATE)

    # every path that was walked is in the document
    described = document(portal)["paths"]
    assert {call for call in callers.journal.calls if not is_described(described, *call)} == set()
    assert len(callers.journal.calls) > 60
    assert callers.journal.refusals > 25
    assert portal.manage("verify_ledger").startswith("the ledger holds")


def document(portal: RunningPortal) -> dict[str, Any]:
    """The OpenAPI document as anyone gets it."""
    answer = httpx.get(f"{portal.address}/api/v1/schema/", timeout=60)
    assert answer.status_code == 200
    return dict(yaml.safe_load(answer.text))


def is_described(paths: dict[str, Any], method: str, path: str) -> bool:
    """Whether a path of the document stands for what went over the wire, with this method."""
    patterns = {re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(known)): known for known in paths}
    return any(re.fullmatch(pattern, path) and method.lower() in paths[known] for pattern, known in patterns.items())


def test_the_openapi_document_is_valid_without_errors_or_warnings(portal: RunningPortal, tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    portal.manage("spectacular", "--validate", "--fail-on-warn", "--file", str(made))
    described = yaml.safe_load(made.read_text(encoding="utf-8"))
    assert described["paths"] == document(portal)["paths"]
    flows = described["components"]["securitySchemes"]["OAuth2"]["flows"]
    assert flows["clientCredentials"]["tokenUrl"] == "/api/oauth/token/"


@pytest.mark.browser
def test_the_page_to_try_the_api_loads_and_calls_without_a_complaint(portal: RunningPortal, tmp_path: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=surroundings.chromium(), args=FLAGS)
        visitor = Someone(browser, portal.address, "visitor", tmp_path)
        visitor.opens("/api/v1/try/")
        expect(visitor.page.get_by_role("heading", name=re.compile("贵阳市政府数据平台 API"))).to_be_visible(
            timeout=60_000  # the document is made anew: seconds, on a machine that does other things
        )
        place = visitor.page.locator(".opblock", has_text="/api/v1/agencies/").first
        place.locator(".opblock-summary-control").click()
        place.get_by_role("button", name="Try it out").click()
        place.get_by_role("button", name="Execute").click()
        expect(place.locator(".live-responses-table td.response-col_status").last).to_have_text("200")
        visitor.picture("试用接口")
        visitor.leaves()
        browser.close()
