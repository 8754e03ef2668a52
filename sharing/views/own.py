"""Who used my data: for the person concerned, and the counter where one proves to be that person."""

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

from guiyang_data.accounts.models import Person, User
from guiyang_data.accounts.views.acts import OwnActPage, me
from guiyang_data.errors import NotSeen
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.models import CounterProof, Examination
from sharing.policies import PROOF_POLICY, sees_every_case
from sharing.selectors import counter_proof_of
from sharing.tasks import queue_examination
from sharing.tracing.examining import begin, examine, is_long
from sharing.tracing.forms import CounterForm
from sharing.tracing.telling import lines, traces_of
from sharing.views.shared import SHELL, staff_of, tabs
from sharing.workflow import TO_KNOW

PER_PAGE = 20


class DataUsePage(LoginRequiredMixin, View):
    """Which agency read rows about me, when and for what. Opened by proving at a counter who one is."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _page(request, code="")

    def post(self, request: HttpRequest) -> HttpResponse:
        """A code for the counter; it is shown once."""
        code = services.ask_counter_code(by=me(request), at=now())
        return _page(request, code=code)


def _page(request: HttpRequest, *, code: str) -> HttpResponse:
    user = me(request)
    proof = counter_proof_of(user)
    context: dict[str, Any] = {"step": _step(user, proof), "code": code, "proof": proof}
    if context["step"] == "shown" and user.person is not None:
        context |= _shown(request, user.person)
    response = render(request, "sharing/data_use.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _step(user: User, proof: CounterProof | None) -> str:
    if user.person_id is None:
        return "identity"
    return "shown" if proof is not None and proof.proved_at is not None else "counter"


def _shown(request: HttpRequest, person: Person) -> dict[str, Any]:
    moment = now()
    examination = begin(person, at=moment)
    job = None
    if not is_long(examination):
        examine(examination.pk, at=moment, clock=now)
    else:
        if examination.finished_at is not None or examination.seen_at == moment:
            examination.total, examination.finished_at, examination.seen_at = 0, None, moment
            examination.save(update_fields=["total", "finished_at", "seen_at"])
            queue_examination(examination.pk)
        job = _job(examination)
    page = Paginator(traces_of(person, on=today()), PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "lines": lines(list(page.object_list), person), "job": job}


def _job(examination: Examination) -> dict[str, Any]:
    ended = examination.finished_at is not None
    return {
        "title": _("核对批量读取中是否有您"),
        "state": "done" if ended else "running" if examination.total else "waiting",
        "done": examination.done,
        "total": examination.total,
        "unit": _("批数据"),
        "detail": _("核对完毕，重新打开本页查看。") if ended else "",
        "poll_url": reverse("sharing:data-use-progress"),
        "result_url": reverse("sharing:data-use"),
        "result_label": _("查看结果"),
    }


class ProgressPart(LoginRequiredMixin, View):
    """How far the examination is."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = me(request)
        found = Examination.objects.filter(person=user.person_id).first() if user.person_id else None
        if found is None or _step(user, counter_proof_of(user)) != "shown":
            raise NotSeen(_("没有正在进行的核对。"))
        return render(request, "parts/progress.html", {"job": _job(found)})


class CounterPage(OwnActPage):
    """The counter of an authority: the code, the document, and the person in front of one."""

    form_class = CounterForm
    template_name = "sharing/counter.html"
    title = gettext_lazy("当面核验")
    button = gettext_lazy("确认当面核验")
    done = gettext_lazy("已当面核验，本人现在可以查看自己的数据被谁读取。")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self._require(request)
        return super().get(request, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self._require(request)
        return super().post(request, **kwargs)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        user = staff_of(request)
        return SHELL | {"tabs": tabs(user, coordinates=sees_every_case(user)), "tab": "counter", "basis": TO_KNOW}

    def _require(self, request: HttpRequest) -> None:
        PROOF_POLICY.require(staff_of(request), "prove-at-counter")

    def perform(self, request: HttpRequest, form: CounterForm) -> str:
        said = form.cleaned_data
        services.prove_at_counter(
            by=me(request),
            at=now(),
            code=said["code"],
            id_number=said["id_number"],
            came_in_person=said["came_in_person"],
        )
        return reverse("sharing:counter")
