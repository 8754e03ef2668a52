"""Systems that push rows: entries with rows, a token, and pushes sent at their times over several connections."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from oauth2_provider.generators import generate_client_id, generate_client_secret

from bench import city
from bench.ground import HOST_NAME, ROOT
from catalog import services
from catalog.models import CatalogEntry, Category, EntryRevision
from catalog.services import ItemSpec
from guiyang_data.accounts.models import ServiceAccount, SystemAccessToken, SystemApplication, User
from guiyang_data.timekeeping import now, today
from guiyang_data.web.processes import portal_programs

ITEMS = (
    ItemSpec(name="编号", code="id", data_type="C", length=20, required=True, is_key=True, meaning="编号"),
    ItemSpec(name="名称", code="name", data_type="C", length=60, meaning="名称"),
    ItemSpec(name="数量", code="amount", data_type="I", meaning="数量"),
    ItemSpec(name="长度", code="length", data_type="N", meaning="长度"),
    ItemSpec(name="日期", code="day", data_type="D", meaning="日期"),
    ItemSpec(name="是否在用", code="used", data_type="L", meaning="是否在用"),
)


def row(number: int) -> dict[str, Any]:
    """A row of the entries here."""
    day = dt.date(2020, 1, 1) + dt.timedelta(days=number % 2000)
    name = f"第 {number} 条公交线路"
    return {
        "编号": str(number),
        "名称": name,
        "数量": number % 97,
        "长度": number % 89 / 4,
        "日期": f"{day}",
        "是否在用": True,
    }


def entry(number: int, *, rows: int, sharing_type: str = "unconditional") -> CatalogEntry:
    """An entry in force with so many rows."""
    steward = city.person("transport")
    elements = {
        "title": f"推送测试{number}",
        "abstract": "测试。",
        "category": Category.objects.get(code="203001"),
        "field": "transport",
        "sharing_type": sharing_type,
        "sharing_condition": "" if sharing_type == "unconditional" else "测试",
        "update_cycle": "real-time",
        "is_open": False,
        "closed_ground": 1,
    }
    provider = city.agency("市交通委")
    made = services.compile_entry(provider=provider, by=steward, at=now(), elements=elements, items=ITEMS)
    EntryRevision.objects.filter(pk=made.pk).update(status="in-force", in_force_on=today())
    CatalogEntry.objects.filter(pk=made.entry_id).update(in_force=made)
    names = ",".join(item.name for item in ITEMS)
    lines = (",".join(map(str, row(place).values())) for place in range(rows))
    file = ContentFile(f"{names}\n{chr(10).join(lines)}".encode(), name="数据.csv")
    load = services.land_file(entry_id=made.entry_id, uploaded=file, by=steward, at=now())
    services.run_load(load.pk, at=now())
    return CatalogEntry.objects.get(pk=made.entry_id)


def token(short_name: str = "市交通委", scope: str = "catalog:read catalog:write") -> str:
    """What lets a system of an agency in; without a name, of the one whose entries these are."""
    user = User(username=f"bench-{secrets.token_hex(4)}", kind=User.Kind.SYSTEM, display_name="推送测试系统")
    user.set_unusable_password()
    user.save()
    account = ServiceAccount.objects.create(user=user, agency=city.agency(short_name), name=user.username)
    application = SystemApplication.objects.create(
        client_id=generate_client_id(),
        client_secret=generate_client_secret(),
        client_type=SystemApplication.CLIENT_CONFIDENTIAL,
        authorization_grant_type=SystemApplication.GRANT_CLIENT_CREDENTIALS,
        name=account.name,
        service_account=account,
        allowed_scopes=list(SystemApplication.every_scope()),
    )
    given = SystemAccessToken(application=application, scope=scope, token="")
    given.expires = now() + dt.timedelta(days=1)
    given._raw_token = secret = secrets.token_hex(20)
    given.save()
    return secret


@dataclass(frozen=True, kw_only=True)
class Push:
    """One push: when it is sent (seconds after the start), to which entry, and its rows."""

    at: float
    entry: int
    rows: Sequence[dict[str, Any]]


@dataclass
class Pushed:
    """Seconds until each receipt, ids of batches, answers that were no receipt, seconds that sending fell behind."""

    seconds: list[float] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    refused: int = 0
    behind: float = 0.0


def push(port: int, bearer: str, pushes: Sequence[Push], *, connections: int) -> Pushed:
    """Send pushes at their times, over so many connections."""
    done, lock, began = Pushed(), threading.Lock(), time.monotonic()

    def run(mine: Sequence[Push]) -> None:
        link = http.client.HTTPConnection(HOST_NAME, port, timeout=60)
        for one in mine:
            time.sleep(max(0.0, began + one.at - time.monotonic()))
            sent = time.monotonic()
            status, answer = _send(link, bearer, one)
            with lock:
                done.seconds.append(time.monotonic() - sent)
                done.behind = max(done.behind, sent - began - one.at)
                if status == 202:
                    done.batches.append(answer["id"])
                else:
                    done.refused += 1
        link.close()

    threads = [threading.Thread(target=run, args=(pushes[place::connections],)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def _send(link: http.client.HTTPConnection, bearer: str, one: Push) -> tuple[int, Any]:
    body = json.dumps({"mode": "append", "rows": list(one.rows)}, ensure_ascii=False).encode()
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    link.request(
        "POST",
        f"/api/v1/catalog/entries/{one.entry}/batches/",
        body,
        headers | {"Idempotency-Key": secrets.token_hex(8)},
    )
    answer = link.getresponse()
    content = answer.read()
    return answer.status, json.loads(content) if answer.status == 202 else {}


@contextlib.contextmanager
def worker() -> Iterator[None]:
    """The worker and the beat as the portal starts them, ended with all they started."""
    programs = portal_programs(host=HOST_NAME, port=0, data_dir=settings.DATA_DIR)
    running = [
        subprocess.Popen(
            program.command,
            cwd=ROOT,
            env=os.environ | {"GUIYANG_SWEEP_SECONDS": "3600"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for program in programs
        if program.name in {"worker", "beat"}
    ]
    try:
        yield
    finally:
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)
