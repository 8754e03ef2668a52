"""Two agencies and their systems: one keeps data current and may stop its use, the other follows, verifies and takes
papers; whoever is concerned sees it, and anyone can check a paper and the log.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.services.composed import ROOT
from tests.walk.caller import Journal, System, declared, until
from tests.walk.chapter_three import sure
from tests.walk.chapter_two import does, fill
from tests.walk.city import RunningPortal
from tests.walk.people import People, Someone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("exchange")]

HOMES, ALLOWANCE = "养老机构", "最低生活保障对象"
OPENED = "示例新开办养老院"
CASE = "YL-2026-9001"
ROW_CHANGED = 10
SEAL_NOW = """
from guiyang_data.ledger.sealing import seal
from guiyang_data.timekeeping import now
seal(at=now())
"""
"""What is done each minute; nobody waits for it here."""


@pytest.fixture(scope="module")
def provider(portal: RunningPortal) -> Iterator[System]:
    system = System(portal, Journal(), "市民政局", "catalog:read", "catalog:write", "sharing:read", "sharing:reply")
    yield system
    system.leave()


@pytest.fixture(scope="module")
def taker(portal: RunningPortal) -> Iterator[System]:
    system = System(portal, Journal(), "市卫健局", "catalog:read", "sharing:read", "sharing:apply")
    yield system
    system.leave()


def entry_named(system: System, title: str) -> dict[str, Any]:
    found = system.get("catalog/entries/", params={"q": title})["results"]
    return next(entry for entry in found if entry["title"] == title)


def grant_of(system: System, title: str) -> dict[str, Any]:
    """The grant by which the agency reads and verifies an entry."""
    found = system.get("sharing/grants/")["results"]
    return next(grant for grant in found if grant["title"] == title and grant["status"] == "active")


def test_a_reader_follows_what_the_provider_pushes(people: People, provider: System, taker: System) -> None:
    entry = entry_named(taker, HOMES)
    changes = f"sharing/entries/{entry['resource_code']}/changes/"
    why = declared("核对医养结合签约机构")
    known = taker.get(f"{changes}?since=1", headers=why)
    assert known["count"]
    last = taker.get(f"sharing/entries/{entry['resource_code']}/rows/?page_size=1", headers=why)["results"][0]
    names = {
        item["code"]: item["name"] for item in provider.get(f"catalog/entries/{entry['id']}/")["revision"]["items"]
    }

    # when the provider's system sends one home more
    more = {names[code]: value for code, value in last.items()} | {names["home"]: "YA9001", names["name"]: OPENED}
    receipt = provider.post(
        f"catalog/entries/{entry['id']}/batches/",
        {"mode": "upsert", "rows": [more]},
        expect=202,
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    done = until(lambda: _over(provider.get(receipt["url"].partition("/api/v1/")[2])))
    assert (done["state"], done["rows_accepted"]) == ("done", 1)

    # then the reader's system has it by asking what came since, and nothing else
    (change,) = taker.get(f"{changes}?since={known['version']}", headers=why)["results"]
    assert (change["change"], change["row"]["name"]) == ("insert", OPENED)

    # and its people see the same, and that a message about it is on its way
    clerk = people["health"]
    clerk.opens("/desk/sharing/subscriptions/")
    clerk.picture("订阅")
    clerk.follows(re.compile(HOMES))
    told = clerk.main.get_by_text(f"第 {done['data_version']} 版").first
    until(lambda: clerk.page.reload() and told.is_visible())
    clerk.picture("订阅-通知")
    people.leave()


def _over(told: dict[str, Any]) -> dict[str, Any]:
    return told if told["state"] in {"done", "refused"} else {}


def test_a_verification_is_answered_logged_stopped_and_seen_by_whom_it_is_about(
    people: People, provider: System, taker: System, tmp_path: Path, portal: RunningPortal
) -> None:
    grant = grant_of(taker, ALLOWANCE)
    place = f"sharing/grants/{grant['id']}/"
    of_case = {"Sharing-Case": CASE}
    rows = f"{place}rows/?page_size=1&fields=name,id_number"
    somebody = taker.get(rows, headers=of_case)["results"][0]

    # is this so? A row does not leave
    asked = {"subjects": [{"keys": somebody, "claims": {"kind": "A类"}}]}
    answer = taker.post(f"{place}verify/", asked, headers=of_case)
    assert answer["results"][0]["on_record"] == "yes"
    assert somebody["id_number"] not in str(answer)
    nobody = {"subjects": [{"keys": somebody | {"id_number": "110101199003070011"}, "claims": {}}]}
    assert taker.post(f"{place}verify/", nobody, headers=of_case)["results"][0]["on_record"] == "no"

    # the provider's people see it in the log, and stop the use at once
    steward = people["civil"]
    steward.opens(f"/desk/sharing/grants/{grant['id']}/access/")
    steward.sees(CASE)
    steward.picture("读取记录")
    steward.opens(f"/desk/sharing/grants/{grant['id']}/")
    steward.follows("暂停授权")
    fill(steward, "理由", "核对读取的用途是否与授权一致。")
    sure(steward)
    steward.sees("已暂停")
    refused = taker.post(f"{place}verify/", asked, expect=403, headers=of_case)
    assert "暂停" in refused["message"]
    taker.get(rows, expect=403, headers=of_case)
    steward.opens(f"/desk/sharing/grants/{grant['id']}/")
    does(steward, "恢复授权", 理由="已核对，用途一致。")
    assert taker.post(f"{place}verify/", asked, headers=of_case)["results"][0]["on_record"] == "yes"

    # what was read about her, by whom and for which case, the resident sees; what is kept back she does not
    resident = people["resident"]
    resident.opens("/me/data-use/")
    resident.sees("贵阳市卫生健康局")
    resident.sees(CASE)
    expect(resident.main.get_by_text("GA-2026-017")).to_have_count(0)
    resident.picture("谁用过我的数据")

    # and the record holds for whoever does not trust the portal
    portal.manage("shell", "-v", "0", "-c", SEAL_NOW)
    assert portal.manage("verify_ledger").startswith("the ledger holds")
    with steward.page.expect_download() as started:
        steward.page.evaluate(
            "address => { const a = document.createElement('a'); a.href = address; a.download = ''; a.click() }",
            f"/desk/sharing/grants/{grant['id']}/access/proof.jsonl",
        )
    proof = tmp_path / "proof.jsonl"
    started.value.save_as(proof)
    key = portal.folder / "seals" / "public-key.pem"
    assert _verified(proof, key).returncode == 0
    lines = [json.loads(line) for line in proof.read_text("utf-8").splitlines()]
    ours = next(line for line in lines if line["kind"] == "access" and line["values"]["case_number"] == CASE)
    ours["values"]["case_number"] = "YL-2026-9002"
    proof.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n", "utf-8")
    told = _verified(proof, key)
    assert told.returncode == ROW_CHANGED, told.stderr
    people.leave()


def _verified(proof: Path, key: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-I", str(ROOT / "scripts" / "verify_export.py"), str(proof), "--public-key", str(key)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_a_paper_is_taken_and_anyone_can_check_it(people: People, taker: System, tmp_path: Path) -> None:
    grant = grant_of(taker, "企业登记信息")
    through = f"grant-{grant['id']}"
    code = taker.get(f"sharing/grants/{grant['id']}/rows/?page_size=1", headers=declared("核对主体资格"))
    holder = code["results"][0]["credit_code"]
    (paper, *_more) = taker.post("sharing/edocuments/find/", {"through": through, "holder": holder})["results"]
    matter = {"through": through, "case_number": "公共场所卫生许可 卫许2026-0900"}
    taken = taker.post(f"sharing/edocuments/{paper['number']}/take/", matter, expect=201)
    content = taker.call("GET", taken["file"].partition("/api/v1/")[2], expect=200).content
    whole, changed = tmp_path / "营业执照.pdf", tmp_path / "改动过.pdf"
    whole.write_bytes(content)
    place = len(content) // 2
    changed.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])

    # a citizen with a telephone, without an account
    anyone = people.visitor("anyone", phone=True)
    assert "真实有效" in _checks(anyone, whole)
    anyone.picture("核验-有效")
    assert "真实有效" not in _checks(anyone, changed)
    anyone.picture("核验-改动过")
    anyone.complaints.clear()  # a file that is no document is not found: 404, which the browser notes

    # and the issuing agency sees who took it, and for what
    issuer = people.portal.manage("shell", "-v", "0", "-c", _OF_ISSUER.format(number=paper["number"])).splitlines()[-1]
    assert issuer == "公共场所卫生许可 卫许2026-0900"
    people.leave()


_OF_ISSUER = """
from sharing.models import EDocumentDelivery
print(EDocumentDelivery.objects.filter(document__number={number!r}).order_by("-pk").first().case_number)
"""


def _checks(someone: Someone, file: Path) -> str:
    """What the public page says of a file."""
    someone.opens("/edocuments/verify/")
    someone.page.get_by_label(re.compile("文件")).first.set_input_files(file)
    someone.presses("核验")
    return someone.main.locator(".verdict h2").inner_text()
