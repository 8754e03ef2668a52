"""What an agency is asked to collect for an entry that another leads (第十二条第二款): listed, read, answered."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import policies, services
from catalog.cases import co_collection_acts, find_co_collection
from catalog.collecting import co_collections_asked_of
from catalog.models import CoCollection
from catalog.views.acts import RevisionActPage
from catalog.views.shared import SHELL, crumbs, user_of
from catalog.workflow import CO_COLLECTION_WORKFLOW, WORKFLOW, CoCollectionStatus
from guiyang_data.faces.forms import ReasonForm
from guiyang_data.faces.pages import CaseActPage, SignedInCasePage
from guiyang_data.faces.text import zh_datetime

PER_PAGE = 30
LIST = "/desk/catalog/co-collections/"
COLUMNS = [
    {"name": gettext_lazy("资源名称"), "code": "title"},
    {"name": gettext_lazy("牵头机关"), "code": "lead"},
    {"name": gettext_lazy("采集机关"), "code": "agency"},
    {"name": gettext_lazy("负责的信息项"), "code": "items"},
    {"name": gettext_lazy("提请时间"), "code": "asked"},
    {"name": gettext_lazy("状态"), "code": "status"},
]


class AskCoCollectionPage(RevisionActPage):
    """The leading agency asks the others that are named at the items."""

    verb = "ask-co-collection"
    title = WORKFLOW["ask-co-collection"].label
    done = gettext_lazy("已提请，各采集机关的数据管理员、审批人已收到提醒。")
    consequence = gettext_lazy("由各采集机关自己确认或者说明理由不同意；全部确认之后才能提交审核。")

    def act(self, **arguments: Any) -> None:
        services.ask_co_collection(**arguments)


class CoCollectionListPage(SignedInCasePage):
    """What the agencies of a person were asked to collect, the open ones on top; ``status`` stands in the address."""

    template_name = "catalog/co_collections.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        policies.require_staff(user)
        asked = co_collections_asked_of(user)
        status = request.GET.get("status", "")
        chosen = asked.filter(status=status) if status in CoCollectionStatus.values else asked
        page = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "columns": COLUMNS,
            "rows": [_row(one) for one in page],
            "status": status,
            "statuses": CoCollectionStatus.choices,
            "empty": {
                "title": _("没有共同采集的事项"),
                "text": _("其他机关编制目录时，有信息项由本机关采集的，会提请本机关确认，列在这里。"),
            },
            "crumbs": crumbs((_("共同采集"), "")),
        }


def _row(asked: CoCollection) -> dict[str, Any]:
    return {
        "title": {"text": asked.revision.title, "url": asked.get_absolute_url()},
        "lead": asked.revision.entry.provider.short_name,
        "agency": asked.agency.short_name,
        "items": "、".join(asked.item_names),
        "asked": zh_datetime(asked.asked_at),
        "status": asked.get_status_display(),
    }


class CoCollectionPage(SignedInCasePage):
    """What is asked of an agency, and the two ways to answer."""

    template_name = "catalog/co_collection.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        asked = find_co_collection(user, kwargs["pk"])
        revision = asked.revision
        codes = {item["code"] for item in asked.items}
        return SHELL | {
            "asked": asked,
            "revision": revision,
            "entry": revision.entry,
            "items": [item for item in revision.items.select_related("collector") if item.code in codes],
            "facts": _facts(asked),
            "acts": co_collection_acts(user, asked),
            "crumbs": crumbs((_("共同采集"), LIST), (revision.title, "")),
        }


def _facts(asked: CoCollection) -> list[tuple[str, Any]]:
    revision = asked.revision
    facts = [
        (_("资源名称"), f"{revision.title}（{revision.entry.resource_code}，第{revision.number}版）"),
        (_("牵头机关"), revision.entry.provider.name),
        (_("采集机关"), asked.agency.name),
        (_("负责的信息项"), "、".join(asked.item_names)),
        (_("更新周期"), revision.get_update_cycle_display()),
        (_("提请时间"), zh_datetime(asked.asked_at)),
        (_("状态"), asked.get_status_display()),
        (_("答复时间"), zh_datetime(asked.decided_at) if asked.decided_at else ""),
        (_("不同意的理由"), asked.reasons),
    ]
    return [(label, value) for label, value in facts if value]


class CoCollectionAct(CaseActPage):
    """An answer to what is asked."""

    policy = policies.POLICY
    workflow = CO_COLLECTION_WORKFLOW
    case: CoCollection
    agreed = True

    def find(self, request: HttpRequest) -> CoCollection:
        return find_co_collection(user_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"co_collection_id": self.case.pk, "agreed": self.agreed}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known = super().context(request)
        way = crumbs((_("共同采集"), LIST), (self.case.revision.title, self.case.get_absolute_url()))
        return known | SHELL | {"lead": self.case.revision.title, "facts": _facts(self.case), "crumbs": way}


class ConfirmCoCollection(CoCollectionAct):
    """确认共同采集."""

    verb = "confirm-co-collection"
    service = staticmethod(services.decide_co_collection)
    done = gettext_lazy("已确认，牵头机关已收到。目录公布后由本机关报送所列信息项。")


class DeclineCoCollection(CoCollectionAct):
    """不同意共同采集."""

    verb = "decline-co-collection"
    agreed = False
    form_class = ReasonForm
    service = staticmethod(services.decide_co_collection)
    done = gettext_lazy("已答复不同意，牵头机关已收到理由。")
