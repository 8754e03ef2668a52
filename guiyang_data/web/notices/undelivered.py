"""What could not be delivered, for those on whose behalf it was said."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.accounts.policies import administers_all, is_staff_member
from guiyang_data.accounts.views.acts import OneButtonPage, me
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.notices import undelivered
from guiyang_data.notices.returned.counts import lately_returned
from guiyang_data.timekeeping import now, today
from guiyang_data.web.notices.forms import ToldForm

PAGE_SIZE = 30
COLUMNS = [
    gettext_lazy("通知"),
    gettext_lazy("发往"),
    gettext_lazy("原因"),
    gettext_lazy("停止发送"),
    gettext_lazy("办理"),
]
LIST = "web:undelivered"


class UndeliveredPage(LoginRequiredMixin, View):
    """Notices of one's agency that did not arrive."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not is_staff_member(me(request)):
            raise NotSeen(_("这个页面供机关工作人员使用。您的通知在「通知」页面。"))
        page = Paginator(undelivered.failures(me(request)), PAGE_SIZE).get_page(request.GET.get("page"))
        rows = [{"delivery": one, "address": undelivered.masked_address(one)} for one in page]
        returned = lately_returned(today()) if administers_all(me(request)) else []
        context = {"page": page, "rows": rows, "columns": COLUMNS, "returned": returned, "work_section": "undelivered"}
        return render(request, "web/undelivered.html", context)


class SendAgainPage(OneButtonPage):
    """Try once more."""

    done = gettext_lazy("已经重新排队发送。仍不成功的，会再次列在这里。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        delivery = undelivered.find(me(request), self.kwargs["pk"])
        undelivered.send_again(delivery_id=delivery.pk, by=me(request), at=now())
        return reverse(LIST)


class TellOtherwisePage(SignedInActPage):
    """Say how its reader was told by other means."""

    form_class = ToldForm
    title = gettext_lazy("登记已另行告知")
    done = gettext_lazy("已经登记。")

    def prepare(self, request: HttpRequest) -> None:
        self.delivery = undelivered.find(me(request), self.kwargs["pk"])

    def perform(self, request: HttpRequest, form: ToldForm) -> str:
        words = form.cleaned_data["words"]
        undelivered.tell_otherwise(delivery_id=self.delivery.pk, by=me(request), words=words, at=now())
        return reverse(LIST)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "lead": self.delivery.notice.title,
            "cancel_url": reverse(LIST),
            "shell": "staff/base.html",
            "work_section": "undelivered",
        }
