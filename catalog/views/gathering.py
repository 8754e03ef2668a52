"""Files of data: taken in, followed while they are checked, and looked at by their provider."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import policies, services
from catalog.collecting import columns_seen, columns_to_load, is_shared
from catalog.forms import GatherForm
from catalog.models import CatalogEntry, DataVersion, EntryRevision, Load
from catalog.selectors import require_readable, version_numbered, version_on
from catalog.tasks import queue_load
from catalog.views.shared import SHELL, EntryActPage, crumbs, find_entry, share_in_words, user_of
from catalog.workflow import GATHER, WORKFLOW
from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.faces.pages import ProgressPart, SignedInCasePage
from guiyang_data.faces.text import thousands, whole_number
from guiyang_data.ledger.services import access_log, close_access, open_access
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import Filter, Page, query
from guiyang_data.timekeeping import now

PER_PAGE = 50
MOST_PAGES_BACK = 10_000_000
SHOWN_REASONS = 20


class GatherPage(EntryActPage):
    """A file is taken in; the worker checks it."""

    form_class = GatherForm
    template_name = "catalog/gather.html"
    verb = "gather"
    title = WORKFLOW["gather"].label
    button = gettext_lazy("上传并检查入库")
    consequence = gettext_lazy(
        "文件先整份留存，再逐行检查：合格的行成为新的一版数据，不合格的行连同原因单独列出，可以下载改正。"
    )

    def find(self, request: HttpRequest) -> None:
        user, entry = user_of(request), self.entry
        together = entry.in_force is not None and is_shared(entry.in_force)
        self.senders: list[Agency] = senders_of(user, entry) if together else []
        self.revisions = usable_revisions(user, entry)
        self.modes, self.why = services.modes_offered(entry, self.revisions)

    def check(self) -> None:
        if not self.modes:
            raise WrongState(self.why, basis=GATHER)
        if not any(revision.items.exists() for revision in self.revisions):
            raise WrongState("这一条目还没有可用的信息项，不能汇聚数据。请先在目录里填写信息项。", basis=GATHER)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"revisions": self.revisions, "modes": self.modes, "why": self.why, "senders": self.senders}

    def _allowed(self, revision: EntryRevision) -> tuple[str, str]:
        """How many bad rows a revision allows; named where there are several to check by."""
        label = _("允许的问题行（第%(number)d版）") if len(self.revisions) > 1 else _("允许的问题行")
        return label % {"number": revision.number}, share_in_words(revision)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        asked = request.GET.get("revision", "")
        chosen = next((one for one in self.revisions if str(one.number) == asked), self.revisions[0])
        return {"revision": chosen.pk}

    def perform(self, request: HttpRequest, form: Any) -> str:
        values = form.cleaned_data
        load = services.land_file(
            entry_id=self.entry.pk,
            uploaded=values["file"],
            by=user_of(request),
            at=now(),
            mode=values["mode"],
            header_row=values["header_row"],
            revision_id=values["revision"],
            collector=next((one for one in self.senders if one.pk == values.get("collector")), None),
        )
        queue_load(load.pk)
        return load.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        entry = self.entry
        return super().context(request) | {
            "basis": GATHER.number,
            "entry": entry,
            "loads_url": f"{entry.get_absolute_url()}loads/",
            "facts": [self._allowed(revision) for revision in self.revisions],
            "how": how_to_push(entry, request.build_absolute_uri("/").rstrip("/"), self.senders)
            if entry.in_force
            else None,
            "brought": [(agency, brought_by(entry, agency)) for agency in self.senders],
        }


def usable_revisions(user: User, entry: CatalogEntry) -> list[EntryRevision]:
    """The revisions that a file of rows may be checked by, the one in force first."""
    usable = policies.visible_revisions(user, entry).filter(status__in=WORKFLOW["gather"].sources)
    if entry.in_force is not None and is_shared(entry.in_force):
        usable = usable.filter(pk=entry.in_force.pk)
    return sorted(usable, key=lambda one: one.pk != entry.in_force_id)


def senders_of(user: User, entry: CatalogEntry) -> list[Agency]:
    """The agencies for which ``user`` sends rows of an entry that several collect for, the leading one first."""
    own = [entry.provider] if policies.compiles(user, entry) else []
    return own + list(Agency.objects.filter(pk__in=policies.collecting_agencies(user, entry)).order_by("pk"))


def brought_by(entry: CatalogEntry, agency: Agency) -> list[str]:
    """The items that an agency brings, the key first."""
    collector = None if agency.pk == entry.provider_id else agency.pk
    columns = columns_to_load(entry.in_force, collector) if entry.in_force is not None else []
    return [column.name for column in sorted(columns, key=lambda one: not one.is_key) if not column.closed]


def how_to_push(entry: CatalogEntry, here: str, senders: Sequence[Agency] = ()) -> dict[str, Any]:
    """How a system pushes rows to this entry: its address, and calls to copy, with the items that it may bring."""
    items = list(entry.in_force.items.all()[:3]) if entry.in_force else []
    names = brought_by(entry, senders[0])[:3] if senders else [item.name for item in items]
    row, mode = dict.fromkeys(names, "…"), "upsert" if senders else "append"
    body = json.dumps({"mode": mode, "rows": [row]}, ensure_ascii=False)
    address = f"{here}/api/v1/catalog/entries/{entry.pk}/batches/"
    return {
        "address": address,
        "curl": CURL.format(here=here, address=address, body=body),
        "python": PYTHON.format(here=here, address=address, mode=mode, row=json.dumps(row, ensure_ascii=False)),
        "only_upsert": bool(senders),
        "has_key": bool(entry.in_force and entry.in_force.items.filter(is_key=True).exists()),
    }


CURL = """TOKEN=$(curl -s -u "$CLIENT_ID:$CLIENT_SECRET" {here}/api/oauth/token/ \\
  -d grant_type=client_credentials -d scope="catalog:read catalog:write" | jq -r .access_token)
curl -s {address} \\
  -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: 20261120-0001" \\
  -H "Content-Type: application/json" -d '{body}'"""
PYTHON = """import os, time, uuid
import requests

here, address = "{here}", "{address}"
answer = requests.post(
    here + "/api/oauth/token/",
    auth=(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]),
    data={{"grant_type": "client_credentials", "scope": "catalog:read catalog:write"}},
    timeout=30,
)
answer.raise_for_status()
token = {{"Authorization": "Bearer " + answer.json()["access_token"]}}
batch = {{"mode": "{mode}", "rows": [{row}]}}
key = str(uuid.uuid4())  # 网络中断后重发，用同一个编号
receipt = requests.post(address, json=batch, headers={{**token, "Idempotency-Key": key}}, timeout=30)
receipt.raise_for_status()
state = receipt.json()
while state["state"] in ("waiting", "running"):
    time.sleep(2)
    state = requests.get(here + receipt.json()["url"], headers=token, timeout=30).json()
print(state["state"], state["rows_accepted"], state["rows_refused"], state["message"])"""


def find_load(user: User, pk: int) -> Load:
    """A visible load, or ``NotSeen``."""
    asked = ("entry__provider", "entry__in_force", "entry__current_data", "revision", "version__revision", "collector")
    loads = Load.objects.select_related(*asked)
    found = policies.visible_loads(user, loads).filter(pk=pk).first()
    if found is None:
        raise NotSeen("没有找到这个汇聚批次，或者您不能查看。请返回目录条目重新选择。")
    return found


def job_of(load: Load) -> dict[str, Any]:
    """A load as parts/progress.html shows it."""
    states = {
        Load.State.OPEN: "waiting",
        Load.State.WAITING: "waiting",
        Load.State.RUNNING: "running",
        Load.State.DONE: "done",
    }
    detail = load.message
    if load.state == Load.State.RUNNING and load.rows_read:
        detail = _("已读 %(rows)s 行。") % {"rows": thousands(load.rows_read)}
    return {
        "title": load.file_name,
        "state": states.get(Load.State(load.state), "failed"),
        "done": load.progress,
        "total": 100,
        "unit": "%",
        "detail": detail,
        "poll_url": f"{load.get_absolute_url()}progress/",
        "result_url": f"{load.get_absolute_url()}",
        "result_label": _("查看结果"),
    }


class LoadPage(SignedInCasePage):
    """A load: how far it is, what became of its rows, the bad ones with their reasons."""

    template_name = "catalog/load.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        load = find_load(user_of(request), kwargs["pk"])
        reasons = list(load.reasons.items())
        ended = load.state in {Load.State.DONE, Load.State.REFUSED}
        may_gather = policies.may(user_of(request), "gather", load.entry)
        return SHELL | {
            "load": load,
            "entry": load.entry,
            "job": None if ended else job_of(load),
            "ended": ended,
            "version": load.version,
            "reasons": reasons[:SHOWN_REASONS],
            "more_reasons": len(reasons) - SHOWN_REASONS if len(reasons) > SHOWN_REASONS else 0,
            "facts": _load_facts(load),
            "may_gather": may_gather,
            "joining": _joining(user_of(request), load) if may_gather and load.bad_rows else [],
            "crumbs": crumbs((load.revision.title, load.entry.get_absolute_url()), (_("汇聚批次"), "")),
        }


def _joining(user: User, load: Load) -> list[str]:
    """How refused rows, once they are put right, can be added to those taken in; none where only all rows can come."""
    if load.revision_id != load.entry.in_force_id:
        return []
    modes, _why = services.modes_offered(load.entry, usable_revisions(user, load.entry))
    return [mode.value for mode in modes if mode != Load.Mode.REPLACE]


def _load_facts(load: Load) -> list[tuple[str, Any]]:
    size = f"{load.size:,}"
    came = [(_("文件"), load.file_name)] if load.is_file else [(_("幂等键"), load.key)]
    return [
        (_("来源"), load.get_source_display()),
        *came,
        *([(_("报送机关"), load.collector.name)] if load.collector is not None else []),
        (_("方式"), load.get_mode_display()),
        (_("检查依据"), _("第%(number)d版目录的信息项") % {"number": load.revision.number}),
        (_("大小"), _("%(size)s 字节") % {"size": size}),
        *([(_("编码"), load.encoding or "UTF-8")] if load.encoding or not load.is_file else []),
        (_("校验值 SHA-256"), load.sha256),
        (_("批次号"), str(load.load_id)),
    ]


class LoadProgress(ProgressPart):
    """How far a load is."""

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"job": job_of(find_load(user_of(request), kwargs["pk"]))}


class DataPage(SignedInCasePage):
    """The rows of an entry, for its provider: paged, filtered, sorted, all of it in the address."""

    template_name = "catalog/data.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        entry = find_entry(user, kwargs["pk"])
        policies.require(user, "see-data", entry)
        versions = list(entry.data_versions.select_related("revision").order_by("-number")[:50])
        if not versions:
            raise NotSeen("这一条目还没有数据。请先汇聚数据。")
        version = _chosen(entry, versions, request.GET)
        require_readable(version)
        columns = columns_seen(version.revision, policies.seen_as_collector(user, entry))
        asked = Asked(request, columns, version.number)
        page, problem = _read(user, entry, version, columns, asked)
        return SHELL | {
            "entry": entry,
            "version": version,
            "versions": versions,
            "problem": problem,
            "columns": asked.headers(),
            "rows": page.rows,
            "filters": asked.chips(),
            "keep": [("version", version.number), *([("sort", asked.sort)] if asked.sort else [])],
            "count_text": _("%(found)s 行，共 %(total)s 行")
            % {"found": thousands(page.total), "total": thousands(version.rows)},
            "pager": asked.pager(page.total),
            "empty": {
                "title": _("没有符合条件的行"),
                "text": _("去掉几个条件再看。"),
                "action": {"label": _("查看全部"), "url": f"?version={version.number}"},
            },
            "crumbs": crumbs((version.revision.title, entry.get_absolute_url()), (_("数据"), "")),
        }


def _chosen(entry: CatalogEntry, versions: list[DataVersion], given: QueryDict) -> DataVersion:
    """By its number, by the day on which it was current, else the current one."""
    if wanted := given.get("version"):
        return version_numbered(entry, str(wanted))
    if day := given.get("on"):
        return version_on(entry, str(day))
    current = next((one for one in versions if one.pk == entry.current_data_id), None)
    return current or versions[0]


class Asked:
    """What the address asks of a table: ``f_<code>`` filters, ``sort`` and ``page``."""

    def __init__(self, request: HttpRequest, columns: list[Column], version: int) -> None:
        self.columns = columns
        self.texts = {
            column.code: request.GET[f"f_{column.code}"].strip()
            for column in columns
            if request.GET.get(f"f_{column.code}", "").strip()
        }
        self.sort = request.GET.get("sort", "")[:64]
        self.page = min(whole_number(request.GET.get("page", "")) or 1, MOST_PAGES_BACK)
        self.version = str(version)

    def filters(self) -> list[Filter]:
        """Text is looked for inside, other values are compared."""
        text = {column.code: column.data_type.is_text for column in self.columns}
        return [
            Filter(code=code, operator="contains" if text[code] else "eq", value=value)
            for code, value in self.texts.items()
        ]

    def address(self, **changed: Any) -> str:
        """The address with something changed; empty values leave it."""
        known: dict[str, Any] = {"version": self.version, "sort": self.sort}
        known |= {f"f_{code}": value for code, value in self.texts.items()} | changed
        return "?" + urlencode({name: value for name, value in known.items() if value})

    def headers(self) -> list[dict[str, Any]]:
        """Columns as parts/table.html wants them."""
        return [
            {
                "name": column.name,
                "code": column.code,
                "type_label": column.data_type.label,
                "numeric": column.data_type.is_numeric,
                "sorted": {column.code: "asc", f"-{column.code}": "desc"}.get(self.sort, ""),
                "sort_url": self.address(sort=f"-{column.code}" if self.sort == column.code else column.code),
                "filter_name": f"f_{column.code}",
                "filter_value": self.texts.get(column.code, ""),
            }
            for column in self.columns
        ]

    def chips(self) -> list[dict[str, str]]:
        """Set filters, each with the way to take it off."""
        names = {column.code: column.name for column in self.columns}
        return [
            {"label": names[code], "text": text, "remove_url": self.address(**{f"f_{code}": ""})}
            for code, text in self.texts.items()
        ]

    def pager(self, total: int) -> dict[str, str]:
        """Neighbouring pages."""
        last = max(1, -(-total // PER_PAGE))
        return {
            "previous_url": self.address(page=self.page - 1) if self.page > 1 else "",
            "next_url": self.address(page=self.page + 1) if self.page < last else "",
            "text": _("第 %(page)s 页，共 %(last)s 页") % {"page": thousands(self.page), "last": thousands(last)},
        }


def _read(
    user: User, entry: CatalogEntry, version: DataVersion, columns: list[Column], asked: Asked
) -> tuple[Page, str]:
    """The rows asked for, and what was wrong in the question; the look is logged before the first row."""
    with access_log():
        reading = open_access(
            by=user,
            at=now(),
            resource=entry,
            purpose=policies.purpose_of(user, entry),
            items=[column.code for column in columns],
            version=version.table_version,
            query={"filters": sorted(asked.texts), "sort": asked.sort, "page": asked.page},
        )
    try:
        page = query(
            entry.table,
            version.table_version,
            columns=columns,
            filters=asked.filters(),
            sort=[asked.sort] if asked.sort else [],
            offset=(asked.page - 1) * PER_PAGE,
            limit=PER_PAGE,
        )
    except RuleBroken as refused:
        with access_log():
            close_access(reading, at=now(), rows=0, outcome="未读取")
        return Page(codes=tuple(column.code for column in columns), rows=[], total=0), refused.message
    with access_log():
        close_access(reading, at=now(), rows=len(page.rows))
    return page, ""
