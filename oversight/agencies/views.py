"""Pages of the list of agencies: the list, one agency with what stands against ending it, and both acts."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts import policies
from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotSeen, WrongState
from guiyang_data.faces.acts import Act
from guiyang_data.faces.pages import CaseActPage, SignedInCasePage
from guiyang_data.faces.timeline import Reader, timeline
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from oversight import services
from oversight.agencies.forms import EndForm, ReviveForm
from oversight.agencies.selectors import STATES, find_agency, listed, stands_against
from oversight.workflow import SUPERVISE

PER_PAGE = 30
SHELL = {"shell": "staff/base.html", "work_section": "agencies"}
LABELS = {
    "create-agency": "登记机关",
    "end-agency": "停用",
    "revive-agency": "恢复使用",
    "create-service-account": "建立系统账号",
    "assign-role": "分配角色",
    "end-role": "结束角色",
    "open-staff-account": "开通工作人员账号",
}
NO_MORE = gettext_lazy("停用后，只在这个机关任职的人员不能登录，它的系统不能调用接口；此前办理的事项和记录都保留。")


def page_of(agency: Agency) -> str:
    """Its page for those who keep the list."""
    return reverse("oversight:agency", args=[agency.code])


def acts_of(user: policies.Principal, agency: Agency) -> list[Act]:
    """What may be done about it now."""
    verb, label = ("end-agency", _("停用这个机关")) if agency.is_active else ("revive-agency", _("恢复使用"))
    if not policies.may(user, verb, agency):
        return []
    address = f"{page_of(agency)}{verb.removesuffix('-agency')}/"
    dangerous = agency.is_active
    return [
        Act(
            verb=verb,
            label=label,
            url=address,
            main=not dangerous,
            dangerous=dangerous,
            consequence=str(NO_MORE) if dangerous else "",
            article=SUPERVISE.number,
        )
    ]


def facts_of(agency: Agency) -> list[tuple[Any, Any]]:
    """What it is, and since when and why it is no more."""
    facts: list[tuple[Any, Any]] = [
        (_("统一社会信用代码"), agency.code),
        (_("层级、性质"), f"{agency.get_level_display()} · {agency.get_kind_display()}"),
        (_("行政区划"), agency.region.name),
        (_("状态"), _("在用") if agency.is_active else _("已停用")),
    ]
    return facts if agency.is_active else [*facts, *_ending(agency)]


def _ending(agency: Agency) -> list[tuple[Any, Any]]:
    last: Event | None = events_of(agency).filter(verb="end-agency", refused=False).last()
    if last is None:
        return []
    successor = Agency.objects.filter(code=last.payload.get("successor") or "-").first()
    told = [(_("不再存续之日"), last.payload.get("ended_on", "")), (_("理由"), last.payload.get("reasons", ""))]
    return [*told, *([(_("承接职责的机关"), successor.name)] if successor else [])]


class Agencies(SignedInCasePage):
    """Every agency on the platform."""

    template_name = "oversight/agencies/list.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        if not policies.keeps_agencies(request.user):
            raise NotSeen(_("机关清单由市大数据主管部门的系统管理员和经办人办理。"))
        text, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
        rows = listed(cast(User, request.user), text=text, state=state)
        chips = [
            {"label": label, "current": key == state, "url": "?" + urlencode({"q": text, "state": key})}
            for key, label in STATES.items()
        ]
        return {**SHELL, "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")), "q": text, "chips": chips}


class AgencyPage(SignedInCasePage):
    """One agency."""

    template_name = "oversight/agencies/agency.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, request.user)
        agency = find_agency(user, kwargs["code"])
        return {
            **SHELL,
            "agency": agency,
            "facts": facts_of(agency),
            "acts": acts_of(user, agency),
            "standing": stands_against(agency) if agency.is_active else [],
            "events": timeline(events_of(agency), LABELS, reader=Reader.OFFICE),
        }


class _AgencyAct(CaseActPage):
    """An act on an agency."""

    policy = policies.POLICY
    case: Agency
    template_name = "oversight/agencies/act.html"

    def find(self, request: HttpRequest) -> Agency:
        return find_agency(cast(User, request.user), self.kwargs["code"])

    def named(self) -> dict[str, Any]:
        return {"agency_id": self.case.pk}

    def next_page(self, done: Any) -> str:
        return page_of(self.case)

    def prepare(self, request: HttpRequest) -> None:
        super().prepare(request)
        if request.method == "GET" and self.case.is_active != (self.verb == "end-agency"):
            raise WrongState(_("这个机关现在的状态不能办理这一事项。"), basis=SUPERVISE)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **SHELL,
            "lead": f"{self.case.name} · {self.case.code}",
            "basis": SUPERVISE,
            "cancel_url": page_of(self.case),
            "standing": stands_against(self.case) if self.verb == "end-agency" else [],
        }


class End(_AgencyAct):
    """停用."""

    verb = "end-agency"
    service = staticmethod(services.end_agency)
    takes_day = True
    form_class = EndForm
    title = gettext_lazy("停用机关")
    button = gettext_lazy("停用这个机关")
    done = gettext_lazy("已停用，它的人员和系统不能再登录。")
    dangerous = True
    consequence = NO_MORE

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"agency": self.case}


class Revive(_AgencyAct):
    """恢复使用."""

    verb = "revive-agency"
    service = staticmethod(services.revive_agency)
    form_class = ReviveForm
    title = gettext_lazy("恢复使用机关")
    button = gettext_lazy("恢复使用")
    done = gettext_lazy("已恢复使用，随它停用的账号可以登录；系统须重新取得访问令牌。")
    consequence = gettext_lazy("随它停用的账号恢复登录；此前撤销的条目、终止的授权不会恢复。")
