"""What is asked for although the platform supplies it: by agency, with due days, and one at a time (第十六条第二款)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts.policies import agencies_with
from guiyang_data.errors import NotAllowed
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.paging import page_of
from guiyang_data.faces.standings import address, standing_filters
from guiyang_data.statute.cases import by_due_day, counts_by_standing, standing_filter
from guiyang_data.statute.selectors import clocks_of, face, in_order, running_clocks
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.materials.checking import check_names
from sharing.materials.found import find_mending
from sharing.materials.policies import agencies_in_sight, keeps_matters
from sharing.materials.selectors import (
    demanded_by,
    figures,
    in_sight,
    mendings_with_names,
    overdemanded,
    total_of,
)
from sharing.materials.views.shared import HOME, SHELL, crumbs, tabs, what_happened
from sharing.materials.workflow import NO_REPEAT
from sharing.models import MaterialMending, MatterMaterial
from sharing.policies import DECIDERS
from sharing.views.shared import staff_of

PAGE_SIZE = 20
MOST_SHOWN = 200
MOST_AGENCIES = 50


class MendingsPage(SignedInCasePage):
    """Mendings by due day; above them how each agency in sight stands."""

    template_name = "sharing/materials/mendings.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        state, code = request.GET.get("state", ""), request.GET.get("agency", "")[:30]
        rows = in_sight(user, mendings_with_names(MaterialMending.objects.all()))
        rows = by_due_day(rows.filter(agency__code=code) if code else rows, newest="opened_on")
        counts = counts_by_standing(rows, today())
        shown = rows.filter(standing_filter(state, today()))
        page = page_of(
            shown, count=counts.get(state, sum(counts.values())), number=request.GET.get("page"), size=PAGE_SIZE
        )
        seen = agencies_in_sight(user)
        agencies = figures(seen)
        return SHELL | {
            "page": page,
            "items": _items(list(page.object_list), agencies_with(user, *DECIDERS)),
            "filters": standing_filters(counts, state, agency=code),
            "choices": [{"label": _("全部机关"), "url": address(state=state), "current": False}] if code else [],
            "agencies": agencies[:MOST_AGENCIES] if len(agencies) > 1 else [],
            "total": total_of(agencies),
            "tabs": tabs(user),
            "tab": "mending",
            "empty": {
                "title": _("没有需要清理的材料"),
                "text": _("平台能够提供、仍要求申请人提交的材料会按期限列在这里。"),
                "action": {"label": _("查看全部"), "url": request.path} if state or code else None,
            },
            "crumbs": crumbs((_("清理清单"), "")),
        }


def _items(rows: list[MaterialMending], kept: set[int]) -> list[dict[str, Any]]:
    clocks = (
        {clock.subject: clock for clock in in_order(running_clocks(rows).values_list("pk", flat=True))} if rows else {}
    )
    numbers = demanded_by({row.name_id for row in rows}, {row.agency_id for row in rows})
    items = []
    for row in rows:
        clock = clocks.get(f"{row._meta.label_lower}:{row.pk}")
        number = numbers.get((row.name_id, row.agency_id), 0)
        detail = _("%(number)s 份申请材料要求提交") % {"number": number} if clock else _("清理完毕")
        items.append(
            {
                "face": face(clock, today()) if clock else None,
                "title": row.name.name,
                "url": row.get_absolute_url(),
                "detail": f"{row.number} · {row.agency.short_name} · {detail}",
                "article": NO_REPEAT.number,
                "act_label": _("清理") if clock and row.agency_id in kept else _("查看"),
                "act_url": row.get_absolute_url(),
                "pk": row.pk,
            }
        )
    return items


def _demanded(row: MaterialMending) -> list[MatterMaterial]:
    materials = MatterMaterial.objects.filter(name=row.name, matter__agency=row.agency).select_related("matter")
    return list(overdemanded(materials).order_by("matter__name", "pk")[:MOST_SHOWN])


class MendingPage(SignedInCasePage):
    """One material that an agency has to stop asking for: where, and what supplies it instead."""

    template_name = "sharing/materials/mending.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        row = find_mending(user, kwargs["pk"])
        clock = clocks_of(row).first()
        return SHELL | {
            "mending": row,
            "face": face(clock, today()) if clock else None,
            "materials": _demanded(row),
            "answer": check_names([row.name.name], row.agency, on=today())[0],
            "keeps": keeps_matters(user, row.agency_id),
            "events": what_happened(row),
            "crumbs": crumbs((_("清理清单"), f"{HOME}mending/"), (row.name.name, "")),
        }


class DropAllPage(SignedInActPage):
    """Ask for it no longer in any matter: the single act, once for each."""

    form_class = ActForm
    title = gettext_lazy("全部不再要求提交")
    button = gettext_lazy("全部不再要求提交")
    done = gettext_lazy("这种材料已从本机关的申请材料中去掉。")

    def prepare(self, request: HttpRequest) -> None:
        user = staff_of(request)
        self.mending = find_mending(user, self.kwargs["pk"])
        if not keeps_matters(user, self.mending.agency_id):
            raise NotAllowed(_("申请材料由办理机关的数据管理员、审批人维护。"), basis=NO_REPEAT, verb="drop-material")

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        for material in _demanded(self.mending):
            services.drop_material(material_id=material.pk, by=staff_of(request), at=now())
        return self.mending.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        back = self.mending.get_absolute_url()
        materials = _demanded(self.mending)
        return SHELL | {
            "lead": self.mending.name.name,
            "facts": [(_("事项"), _("%(number)s 个") % {"number": len(materials)})]
            + [("", material.matter.name) for material in materials[:20]],
            "consequence": _("本机关改为通过共享平台获取，不再要求申请人提交。"),
            "basis": NO_REPEAT,
            "cancel_url": back,
            "cancel": _("返回，不办理"),
            "crumbs": crumbs((_("清理清单"), f"{HOME}mending/"), (self.mending.name.name, back), (str(self.title), "")),
        }
