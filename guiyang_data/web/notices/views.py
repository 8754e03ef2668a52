"""One's own notices, and how they come."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from guiyang_data.accounts.models import User
from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.faces.text import whole_number
from guiyang_data.notices import choosing
from guiyang_data.notices import services as notices
from guiyang_data.notices.selectors import SHOWN, notices_for, unread_count
from guiyang_data.timekeeping import now
from guiyang_data.web.notices.forms import NoticeSettingsForm

PAGE_SIZE = 20
TABS = {"": _("全部"), "unread": _("未读"), "legal": _("必达"), "reminder": _("提醒")}


@require_safe
@login_required
def notice_list(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first; ``show`` in the address picks the unread, the legal or the reminders."""
    user, show = cast("User", request.user), _shown(request.GET.get("show", ""))
    page = Paginator(notices_for(user, show=show), PAGE_SIZE).get_page(request.GET.get("page"))
    address = reverse("web:notices")
    tabs = [
        {
            "key": key,
            "label": label,
            "url": f"{address}?show={key}" if key else address,
            "count": unread_count(user) if key == "unread" else None,
        }
        for key, label in TABS.items()
    ]
    return render(request, "web/notices.html", {"page": page, "tabs": tabs, "tab": show, "show": show})


@require_POST
@login_required
def read_notices(request: HttpRequest) -> HttpResponse:
    """Mark the notices of a page as read."""
    ids = [pk for text in request.POST.getlist("notice") if (pk := whole_number(text)) is not None]
    notices.mark_read(by=cast("User", request.user), ids=ids, at=now())
    show = _shown(request.POST.get("show", ""))
    return redirect(reverse("web:notices") + (f"?show={show}" if show else ""))


def _shown(text: str) -> str:
    return text if text in SHOWN else ""


class NoticeSettingsPage(SignedInActPage):
    """How reminders come, and when it is quiet."""

    form_class = NoticeSettingsForm
    title = _("通知设置")
    button = _("保存设置")
    done = _("设置已经保存，从下一条通知起生效。")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        chosen = choosing.chosen_by(cast("User", request.user))
        return {name: getattr(chosen, name) for name in choosing.Choice.__dataclass_fields__}

    def perform(self, request: HttpRequest, form: NoticeSettingsForm) -> str:
        names = choosing.Choice.__dataclass_fields__
        choice = choosing.Choice(**{name: form.cleaned_data[name] for name in names})
        choosing.choose(choice, by=cast("User", request.user), at=now())
        return reverse("web:notice-settings")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        lead = _(
            "必达通知（受理、答复、逾期、责令改正等）总是立即逐条发送，不能关闭。下面设置的是到期提醒、关注动态等提醒。"
        )
        return {"lead": lead, "cancel_url": reverse("web:notices"), "cancel": _("返回通知")}
