"""Applying for several entries in one form (第十五条第二款): each gets its own application and its own clock."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts.models import Agency
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.choosing import chosen_entries, chosen_ids
from sharing.forms.together import TogetherForm
from sharing.papers import take_in_for
from sharing.views.application_acts import year_after
from sharing.views.finding import due_before_sending
from sharing.views.shared import HOME, SHELL, crumbs, staff_of
from sharing.workflow import APPLY


class ApplyTogetherPage(SignedInActPage):
    """One form for the entries that the address has chosen."""

    form_class = TogetherForm
    template_name = "sharing/act.html"
    title = gettext_lazy("合并申请共享数据")
    button = gettext_lazy("一并提出共享申请")
    done = gettext_lazy("共享申请已分别送达各提供机关，各自开始计算答复期限。")
    agency: Agency

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        staff_of(request)
        if not chosen_ids(request):
            messages.info(request, _("请先在清单中选择需要申请的数据，再一并申请。"))
            return HttpResponseRedirect(f"{HOME}?type=conditional")
        return super().get(request, **kwargs)

    def prepare(self, request: HttpRequest) -> None:
        agency, self.entries = chosen_entries(staff_of(request), chosen_ids(request))
        if agency is None or not self.entries:
            raise NotSeen(_("所选的数据不能由您申请：可能已经撤销、不需要申请，或者您的角色不办理共享事项。"))
        self.agency = agency

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"entries": self.entries, "requester": self.agency}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"period_from": today(), "period_until": year_after(today())}

    def perform(self, request: HttpRequest, form: TogetherForm) -> str:
        user = staff_of(request)
        made = services.apply_together(
            requester=self.agency,
            by=user,
            at=now(),
            wishes=form.wishes(),
            papers=take_in_for(user, form.cleaned_data["file"], at=now()),
        )
        return f"{HOME}applications/?box=own&q={made[0].filing}" if made[0].filing else made[0].get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        titles = [(entry.provider.name, entry.in_force.title if entry.in_force else "") for entry in self.entries]
        back = f"{HOME}?{request.GET.urlencode()}"
        return SHELL | {
            "lead": _("%(count)d 项数据 · %(agency)s") % {"count": len(titles), "agency": self.agency.name},
            "facts": titles,
            "consequence": _("每项数据分别成为一份申请，由各提供机关分别答复。") + due_before_sending(),
            "basis": APPLY,
            "cancel_url": back,
            "cancel": _("返回，继续选择"),
            "draft": "sharing-apply-together",
            "crumbs": crumbs((str(self.title), "")),
        }
