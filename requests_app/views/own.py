"""What a person with an account asked for and objected to: what runs first, then what has ended."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.selectors import clocks_by_case, own_requests, own_reviews

PAGE_SIZE = 20


class MyRequestsPage(SignedInCasePage):
    """My requests, and under their own tab my objections to replies."""

    template_name = "requests_app/own.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(request.user, User):
            raise NotSeen(gettext("请先登录，再查看自己的申请。"))
        requests, reviews = own_requests(request.user), own_reviews(request.user)
        is_reviews = request.GET.get("show") == "reviews"
        rows = Paginator(requests, PAGE_SIZE) if not is_reviews else Paginator(reviews, PAGE_SIZE)
        page = rows.get_page(request.GET.get("page"))
        cases: list[OpenRequest | ReviewApplication] = list(page.object_list)
        clocks, on = clocks_by_case(cases), today()
        return {
            "page": page,
            "is_reviews": is_reviews,
            "rows": [
                {"case": row, "face": face(clocks[row.number], on) if row.number in clocks else None} for row in cases
            ],
            "tab": "reviews" if is_reviews else "requests",
            "tabs": [
                {"key": "requests", "label": _("申请"), "url": "?", "count": requests.count()},
                {"key": "reviews", "label": _("复核"), "url": "?show=reviews", "count": reviews.count()},
            ],
        }
