"""What was gathered for an entry, batch by batch: files, pushes and pulls with their counts."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import policies
from catalog.models import Load
from catalog.views.shared import SHELL, crumbs, find_entry, title_of, user_of
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.text import thousands, zh_datetime

PER_PAGE = 50
COLUMNS = [
    {"name": gettext_lazy("收到时间"), "code": "received"},
    {"name": gettext_lazy("来源"), "code": "source"},
    {"name": gettext_lazy("方式"), "code": "mode"},
    {"name": gettext_lazy("结果"), "code": "state"},
    {"name": gettext_lazy("读取"), "code": "read", "numeric": True},
    {"name": gettext_lazy("入库"), "code": "accepted", "numeric": True},
    {"name": gettext_lazy("退回"), "code": "refused", "numeric": True},
    {"name": gettext_lazy("数据版本"), "code": "version", "numeric": True},
    {"name": gettext_lazy("批次"), "code": "name"},
]


class LoadListPage(SignedInCasePage):
    """Every batch of an entry, the newest first; ``state`` and ``source`` stand in the address."""

    template_name = "catalog/loads.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        entry = find_entry(user, kwargs["pk"])
        policies.require(user, "see-data", entry)
        loads = policies.visible_loads(user, entry.loads.select_related("version"))
        state, source = request.GET.get("state", ""), request.GET.get("source", "")
        loads = loads.filter(state=state) if state in Load.State.values else loads
        loads = loads.filter(source=source) if source in Load.Source.values else loads
        page = Paginator(loads.order_by("-received_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
        title = title_of(entry)
        return SHELL | {
            "entry": entry,
            "title": title,
            "page": page,
            "columns": COLUMNS,
            "rows": [_row(load) for load in page],
            "chosen": {"state": state, "source": source},
            "states": Load.State.choices,
            "sources": Load.Source.choices,
            "may_gather": policies.may(user, "gather", entry),
            "may_pull": entry.in_force_id is not None and policies.may(user, "add-pull", entry),
            "pulls": policies.visible_pulls(user, entry.pulls.select_related("interface__system")),
            "empty": {
                "title": _("没有这样的汇聚记录"),
                "text": _("上传文件、接口推送或者定时拉取之后，每一批的结果列在这里。"),
            },
            "crumbs": crumbs((title, entry.get_absolute_url()), (_("汇聚记录"), "")),
        }


def _row(load: Load) -> dict[str, Any]:
    ended = load.state in {Load.State.DONE, Load.State.REFUSED}
    return {
        "received": zh_datetime(load.received_at),
        "source": load.get_source_display(),
        "mode": load.get_mode_display(),
        "state": load.get_state_display(),
        "read": thousands(load.rows_read if ended else load.rows_sent) if ended or load.rows_sent else "",
        "accepted": thousands(load.rows_accepted) if ended else "",
        "refused": thousands(load.rows_refused) if ended else "",
        "version": load.version.number if load.version else "",
        "name": {"text": load.key or load.file_name, "url": load.get_absolute_url()},
    }
