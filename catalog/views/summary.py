"""The municipal summary: what was reported up from each county, and what the city's own agencies published."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import policies
from catalog.summary import SummaryRow, municipal_summary
from catalog.views.shared import SHELL, crumbs, user_of
from guiyang_data.accounts.counties import CITY_REGION
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.text import zh_date

NUMBERS = (
    ("agencies", gettext_lazy("机关")),
    ("entries", gettext_lazy("已公布")),
    ("unconditional", gettext_lazy("无条件共享")),
    ("conditional", gettext_lazy("有条件共享")),
    ("withheld", gettext_lazy("不予共享")),
    ("opened", gettext_lazy("向社会开放")),
    ("waiting", gettext_lazy("待审核、审定")),
)


class SummaryPage(SignedInCasePage):
    """A line for each county, each leading to its entries."""

    template_name = "catalog/summary.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        policies.require_staff(user_of(request))
        rows = municipal_summary()
        columns: list[dict[str, Any]] = [{"name": _("市级、区县"), "code": "name"}]
        columns += [{"name": label, "code": code, "numeric": True} for code, label in NUMBERS]
        return SHELL | {
            "columns": [*columns, {"name": _("最近公布"), "code": "newest"}],
            "rows": [_row(row) for row in rows],
            "entries": sum(row.entries for row in rows),
            "waiting": sum(row.waiting for row in rows),
            "silent": sum(not row.entries for row in rows),
            "counties": len(rows) - 1,
            "crumbs": crumbs((_("全市汇总"), "")),
        }


def _row(row: SummaryRow) -> dict[str, Any]:
    name = _("市级机关") if row.code == CITY_REGION else row.name
    numbers = {code: f"{getattr(row, code):,}" for code, _label in NUMBERS}
    newest = zh_date(row.newest_on, with_year=True) if row.newest_on else _("还没有上报")
    address = f"{reverse('catalog:entries')}?region={row.code}"
    return {"name": {"text": name, "url": address}, **numbers, "newest": newest}
