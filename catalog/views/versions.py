"""Versions of an entry's data: what each brought, the rows as of a day, and an earlier one made current again."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import policies, services
from catalog.collecting import is_shared
from catalog.forms import RestoreDataForm
from catalog.models import DataVersion, Load
from catalog.selectors import versions_of
from catalog.tasks import queue_comparison
from catalog.views.shared import SHELL, EntryActPage, crumbs, find_entry, title_of, user_of
from catalog.workflow import WORKFLOW
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.timekeeping import now

PER_PAGE = 30


class VersionsPage(SignedInCasePage):
    """The versions of an entry's data, the newest first: where each came from, and what it changed."""

    template_name = "catalog/versions.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        entry = find_entry(user, kwargs["pk"])
        policies.require(user, "see-data", entry)
        page = Paginator(versions_of(entry), PER_PAGE).get_page(request.GET.get("page"))
        may_restore = (
            entry.in_force is not None and not is_shared(entry.in_force) and policies.may(user, "restore-data", entry)
        )
        # made current again, it is so already
        current = {entry.current_data_id, entry.current_data.restored_id if entry.current_data else None}
        loads = Load.objects.filter(pk__in=[version.load_id for version in page if version.load_id])
        title = title_of(entry)
        return SHELL | {
            "entry": entry,
            "title": title,
            "page": page,
            "seen": set(policies.visible_loads(user, loads).values_list("pk", flat=True)),
            "restorable": {
                version.pk
                for version in page
                if may_restore
                and entry.in_force is not None
                and version.pk not in current
                and version.layout == entry.in_force.layout
            },
            "crumbs": crumbs((title, entry.get_absolute_url()), (_("数据的历次版本"), "")),
        }


class RestoreDataPage(EntryActPage):
    """An earlier version becomes the current one again, with reasons."""

    form_class = RestoreDataForm
    verb = "restore-data"
    title = WORKFLOW["restore-data"].label
    button = gettext_lazy("恢复为现行数据")
    consequence = WORKFLOW["restore-data"].consequence
    dangerous = True
    version: DataVersion

    def find(self, request: HttpRequest) -> None:
        found = self.entry.data_versions.select_related("revision").filter(number=self.kwargs["number"]).first()
        if found is None:
            raise NotSeen("没有找到这一版数据。请返回版本清单重新选择。")
        self.version = found

    def check(self) -> None:
        services.check_restorable(self.entry, self.version)

    def heading(self) -> str:
        return _("%(entry)s · 恢复到第 %(number)d 版（%(rows)s 行）") % {
            "entry": super().heading(),
            "number": self.version.number,
            "rows": f"{self.version.rows:,}",
        }

    def back(self) -> str:
        return f"{self.entry.get_absolute_url()}data/versions/"

    def perform(self, request: HttpRequest, form: Any) -> str:
        made = services.restore_data(
            entry_id=self.entry.pk, number=self.version.number, by=user_of(request), at=now(), **form.given()
        )
        queue_comparison(made.pk)
        return self.back()
