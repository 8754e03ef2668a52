"""The pages over all apps: home, what I owe, notices, search, and the law map."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.text import whole_number
from guiyang_data.search import selectors as search_index
from guiyang_data.search import services as search_services
from guiyang_data.statute import regulation
from guiyang_data.statute.law import REGULATION
from guiyang_data.timekeeping import today
from guiyang_data.web.due_days import rules_in_force
from guiyang_data.web.home import front_page
from guiyang_data.web.todo import without_period, worklist
from opendata import selectors as opening

KIND_LABELS = {"dataset": "数据集", "catalog-entry": "目录条目", "request": "开放申请", "review": "复核结果"}
PAGE_SIZE = 20
MOST_PAGES = 1_000_000


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The public home page: search, the fields of 第二十条, newest, most wanted, the promise kept."""
    return render(request, "web/home.html", front_page(on=today()))


@login_required
def after_sign_in(request: HttpRequest) -> HttpResponse:
    """Staff go to what they owe, the public to their own account."""
    return redirect("/desk/" if is_staff_member(request.user) else "/me/")


@require_safe
@login_required
def todo(request: HttpRequest) -> HttpResponse:
    """What the signed-in person owes, soonest first."""
    user = request.user
    if not isinstance(user, User) or not is_staff_member(user):
        raise NotSeen("「我要办的」供机关工作人员使用。您的申请在「我的」页面。")
    asked = request.GET
    state, kind = asked.get("state", ""), asked.get("kind", "")
    context = worklist(user, today=today(), state=state, kind=kind, number=asked.get("page"))
    undated = without_period(user)
    if undated and not (state or kind):
        context["empty"] |= {"title": "现在没有有期限的事项"}
    context |= {"undated": undated, "work_section": "todo"}
    return render(request, "web/todo.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search over everything the reader may find; what has no answer is counted as demand (第三条、第二十条)."""
    text = request.GET.get("q", "").strip()[:100]
    pages = Paginator(range(0), PAGE_SIZE)
    number = min(whole_number(request.GET.get("page", "")) or 1, MOST_PAGES)
    results = None
    if text:
        results = search_index.find(
            text,
            public_only=not is_staff_member(request.user),
            offset=(number - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
        )
        pages = Paginator(range(results.total), PAGE_SIZE)
        if results.is_missed and number == 1:
            search_services.record_miss(text=text, on=today())
    context = {"q": text, "results": results, "page": pages.get_page(number), "kind_labels": KIND_LABELS}
    return render(request, "web/search.html", context)


@require_safe
def law_map(request: HttpRequest) -> HttpResponse:
    """The regulation article by article, with the clocks and pages that carry it out."""
    clocks: dict[str, list[dict[str, Any]]] = {}
    for row in rules_in_force():
        if row["rule"].instrument == REGULATION.name:
            clocks.setdefault(row["rule"].article.split("条")[0] + "条", []).append(row)
    chapters: list[dict[str, Any]] = [
        {
            "chapter": chapter,
            "articles": [
                {"text": article, "clocks": clocks.get(article.number, []), "pages": PAGES_OF.get(article.number, ())}
                for article in chapter.articles
            ],
        }
        for chapter in regulation.chapters()
    ]
    return render(request, "web/law.html", {"chapters": chapters, "history": regulation.history()})


PAGES_OF: dict[str, tuple[tuple[str, str], ...]] = {
    "第三条": (("搜索数据", "/search/"),),
    "第十条": (("信息系统", "/desk/systems/"), ("接口状态", "/desk/systems/status/")),
    "第十一条": (
        ("市级共享目录", "/catalog/sharing/"),
        ("市级开放目录", "/catalog/open/"),
        ("其他公布的目录", "/catalog/decided/"),
        ("数据需求", "/desk/sharing/needs/"),
    ),
    "第十二条": (("目录与汇聚", "/desk/catalog/"), ("共同采集", "/desk/catalog/co-collections/")),
    "第十三条": (("目录与汇聚", "/desk/catalog/"), ("查询数据疑义反馈", "/corrections/track/")),
    "第十四条": (
        ("共享", "/desk/sharing/"),
        ("共享责任清单", "/sharing/lists/duty/"),
        ("共享负面清单", "/sharing/lists/negative/"),
    ),
    "第十五条": (("共享", "/desk/sharing/"), ("共享需求清单", "/sharing/lists/demand/")),
    "第十六条": (("电子文书", "/desk/sharing/edocuments/"), ("核验电子文书", "/edocuments/verify/")),
    "第十七条": (("共享", "/desk/sharing/"),),
    "第十八条": (("开放数据", "/data/"),),
    "第十九条": (("开放数据", "/data/"), ("开发者", "/developers/")),
    "第二十条": (("按领域找数据", "/"),),
    "第二十一条": (("申请开放数据", "/requests/new/"), ("全部申请", "/requests/"), ("复核结果", "/reviews/")),
    "第二十二条": (("互动", "/interaction/"),),
    "第二十九条": (("投诉举报", "/complaints/"),),
    "第三十条": (("按时情况公示", "/publicity/"), ("监督", "/desk/oversight/")),
}
"""The pages that carry an article out."""


@require_safe
def developers(request: HttpRequest) -> HttpResponse:
    """How to use the API: the public one without an account, and agency systems with a token."""
    newest = opening.newest(1)
    return render(request, "web/developers.html", {"commands": _commands(request, newest[0].slug if newest else "")})


def _commands(request: HttpRequest, slug: str) -> dict[str, str]:
    """Lines of curl that run as they are: this portal's own address, the data set of ``slug``."""
    base = request.build_absolute_uri("/").rstrip("/")
    return {
        "list": f"curl '{base}/api/v1/open/datasets/'",
        "rows": f"curl '{base}/api/v1/open/datasets/{slug or '数据集标识'}/rows?limit=10'",
        "token": f"curl -u '客户端编号:密钥' -d grant_type=client_credentials '{base}/api/oauth/token/'",
        "use": f"curl -H 'Authorization: Bearer 令牌' '{base}/api/v1/me/'",
    }


@require_safe
def interaction(request: HttpRequest) -> HttpResponse:
    """Where the public can speak (第二十二条、第二十九条)."""
    return render(request, "web/interaction.html", {})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How the portal can be read and used by everyone."""
    return render(request, "web/accessibility.html", {})


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Whom to call: the authority, and every agency with its data office."""
    agencies = Agency.objects.filter(is_active=True, level=Agency.Level.MUNICIPAL).order_by("code")
    context = {"authority": agencies.filter(is_authority=True).first(), "agencies": agencies}
    return render(request, "web/contact.html", context)
