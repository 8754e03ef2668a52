"""Following requests and data sets: one press with an account, a confirmed mail without; and what I follow."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import ActPage, SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import whole_number
from guiyang_data.notices import following
from guiyang_data.notices.following import Followed
from guiyang_data.notices.models import Follow
from guiyang_data.timekeeping import now, today
from opendata.selectors import dataset_by_slug
from requests_app import services
from requests_app.forms.public import FollowForm
from requests_app.models import OpenRequest
from requests_app.services.following import followed_dataset, followed_request
from requests_app.visitors import count_asking

PAGE_SIZE = 20


class FollowPage(ActPage):
    """Follow what ``find`` names."""

    form_class = FollowForm
    title = _("关注进展")
    what: Followed

    def find(self) -> Followed:
        """What is followed. Raises ``NotSeen``."""
        raise NotImplementedError

    def prepare(self, request: HttpRequest) -> None:
        self.what = self.find()

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"asks_mail": not isinstance(request.user, User)}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"back": "new" if request.GET.get("back") == "new" else ""}

    def perform(self, request: HttpRequest, form: Any) -> str:
        if isinstance(request.user, User):
            services.follow(what=self.what, by=request.user, on=today(), at=now())
            messages.success(request, gettext("已关注。有进展会通知您，可以在「我的关注」里取消。"))
        else:
            count_asking(request)
            following.ask_by_mail(self.what, mail=form.cleaned_data["mail"], at=now())
            messages.success(request, gettext("确认邮件已经发出，请在 3 天内打开邮件里的链接确认。"))
        return reverse("requests_app:new") if form.cleaned_data.get("back") else self.what.path

    def context(self, request: HttpRequest) -> dict[str, Any]:
        signed_in = isinstance(request.user, User)
        return {
            "lead": self.what.title,
            "button": _("关注") if signed_in else _("发送确认邮件"),
            "consequence": _("关注不代替申请：需要数据的，仍可提出自己的申请，单独计时、单独答复。"),
            "cancel_url": self.what.path,
            "cancel": _("返回"),
            "crumbs": [(self.what.title, self.what.path), (_("关注"), "")],
        }


class FollowRequestPage(FollowPage):
    """Follow a request: told when it is answered, done or reviewed."""

    def find(self) -> Followed:
        number = self.kwargs["number"]
        found = OpenRequest.objects.filter(number=number).first()
        if found is None:
            raise NotSeen(gettext("没有编号为 %(number)s 的申请。请对照回执检查编号。") % {"number": number})
        return followed_request(found)


class FollowDatasetPage(FollowPage):
    """Follow a data set: told when it has a new version."""

    title = _("关注数据集")

    def find(self) -> Followed:
        found = dataset_by_slug(self.kwargs["slug"])
        if found is None:
            raise NotSeen(gettext("没有找到这个数据集，它可能已经撤回。"))
        return followed_dataset(found)


class ConfirmFollowingPage(ActPage):
    """The link of the first mail. A button confirms: programs that only look at links confirm nothing."""

    title = _("确认关注")
    done = _("已确认。有进展会发邮件告诉您，每封邮件都可以取消关注。")
    row: Follow

    def prepare(self, request: HttpRequest) -> None:
        self.row = following.find(self.kwargs["token"], following.CONFIRM, at=now())

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        return services.confirm_following(token=self.kwargs["token"], on=today(), at=now()).path

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"lead": self.row.title, "cancel_url": self.row.path, "cancel": _("不关注，返回")}


class EndFollowingPage(ActPage):
    """The link of every mail that ends it."""

    title = _("取消关注")
    done = _("已取消关注，不会再发送邮件。您的邮箱已从平台删除。")
    row: Follow

    def prepare(self, request: HttpRequest) -> None:
        self.row = following.find(self.kwargs["token"], following.END, at=now())

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        following.end(self.kwargs["token"], at=now())
        return self.row.path

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"lead": self.row.title, "cancel_url": self.row.path, "cancel": _("继续关注，返回")}


class MyFollowingPage(SignedInCasePage):
    """What I follow, newest first."""

    template_name = "requests_app/following.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = request.user
        rows = following.followed_by(user) if isinstance(user, User) else Follow.objects.none()
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        counted = following.followers_of([row.subject for row in page])
        return {"page": page, "rows": [{"row": row, "followers": counted.get(row.subject, 0)} for row in page]}


class UnfollowPage(SignedInActPage):
    """Follow something no longer."""

    title = _("取消关注")
    done = _("已取消关注。")
    row: Follow

    def prepare(self, request: HttpRequest) -> None:
        pk = whole_number(str(self.kwargs["pk"])) or 0
        rows = following.followed_by(request.user) if isinstance(request.user, User) else Follow.objects.none()
        found = rows.filter(pk=pk).first()
        if found is None:
            raise NotSeen(gettext("没有这项关注，可能已经取消。"))
        self.row = found

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        if isinstance(request.user, User):
            following.unfollow(self.row.subject, by=request.user)
        return reverse("requests_app:my-following")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"lead": self.row.title, "cancel_url": reverse("requests_app:my-following"), "cancel": _("返回")}
