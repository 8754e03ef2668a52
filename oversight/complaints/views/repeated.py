"""Reporting a repeated demand: choose the materials of a matter, then complain as with any other (第十六条第二款)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.pages import ActPage
from guiyang_data.timekeeping import today
from oversight.complaints.drafts import ComplaintDraft
from oversight.complaints.forms import RepeatedDemandForm
from oversight.complaints.models import Concern
from oversight.complaints.views.filing import LABELS, STEPS, step_path
from oversight.services.complaints.demanding import demand_in_words, usual_receivers
from sharing.materials.checking import check_matter
from sharing.materials.found import find_matter


class RepeatedDemandPage(ActPage):
    """Which materials were asked for; it stays in the session, encrypted, and goes on with who reports it."""

    form_class = RepeatedDemandForm
    template_name = "oversight/complaints/repeated.html"
    title = _("反映重复提交")
    button = _("下一步：您是谁")

    def prepare(self, request: HttpRequest) -> None:
        self.matter = find_matter(self.kwargs["pk"], public=True)
        self.answers = check_matter(self.matter, None, on=today())

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"answers": self.answers}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return _unkept(super().get(request, **kwargs))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keeping it in the session is no act: it may be sent as often as one likes."""
        self.prepare(request)
        form = self.get_form(request)
        if not form.is_valid():
            return _unkept(self.page(request, form, status=422))
        draft = ComplaintDraft(request)
        if not draft.is_begun:
            draft.begin()
        chosen = [answer.material for answer in self.answers if answer.material]
        chosen = [one for one in chosen if str(one.pk) in form.cleaned_data["materials"]]
        said = demand_in_words(self.matter, [one.label for one in chosen], form.cleaned_data["told"])
        agency = self.matter.agency_id
        demand = {"matter": self.matter.pk, "agency": agency, "materials": [one.pk for one in chosen]}
        matter = {"concern": Concern.REPEATED_DEMAND.value, "matter": said, "official": "", "case_number": ""}
        draft.keep(agency=agency, matter=matter, demand=demand, to=usual_receivers(self.matter), other_receiver="")
        return _unkept(HttpResponseRedirect(step_path(draft.first_missing())))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        back = reverse("sharing:public-matter", args=[self.matter.pk])
        return {
            "lead": f"{self.matter.name} · {self.matter.agency.name}",
            "steps": [{"label": gettext("哪些材料"), "url": ""}, *[{"label": label, "url": ""} for label in _LATER]],
            "current": 1,
            "any_supplied": any(answer.is_against for answer in self.answers),
            "cancel_url": back,
            "crumbs": [
                (gettext("申请材料"), reverse("sharing:public-matters")),
                (self.matter.name, back),
                (self.title, ""),
            ],
        }


_LATER = [LABELS[name] for name in STEPS[STEPS.index("you") :]]
"""The last steps of any complaint."""


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
