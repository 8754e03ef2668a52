"""The check: paste a list or choose a matter, see what the platform supplies and how to have it; prints well."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.text import whole_number
from guiyang_data.timekeeping import now, today
from sharing.materials.checking import OUTCOMES, SUPPLIED, Answer, check_matter, check_names
from sharing.materials.forms import CheckForm
from sharing.materials.found import find_matter
from sharing.materials.policies import kept_agency
from sharing.materials.selectors import matters_found
from sharing.materials.views.shared import SHELL, crumbs, tabs
from sharing.views.shared import staff_of

MOST_FOUND = 10


class CheckPage(SignedInCasePage):
    """``?matter=`` checks a matter, ``?q=`` looks for one; a list is sent, since it may be long. Changes nothing."""

    template_name = "sharing/materials/check.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        pk = whole_number(request.GET.get("matter", "")[:12])
        matter = find_matter(pk) if pk else None
        agency = kept_agency(staff_of(request))
        answers = check_matter(matter, agency, on=today()) if matter else None
        names = "\n".join(answer.asked for answer in answers or ())
        return self._shown(request, CheckForm(initial={"names": names}), answers) | {"matter": matter}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = CheckForm(request.POST)
        answers = None
        user = staff_of(request)
        if form.is_valid():
            answers = check_names(form.lines(), kept_agency(user), on=today())
        status = 200 if answers is not None else 422
        return render(request, self.template_name, self._shown(request, form, answers), status=status)

    def _shown(self, request: HttpRequest, form: CheckForm, answers: list[Answer] | None) -> dict[str, Any]:
        user = staff_of(request)
        text = request.GET.get("q", "").strip()[:60]
        found = list(answers or ())
        return SHELL | {
            "form": form,
            "answers": answers,
            "supplied": sum(one.outcome == SUPPLIED for one in found),
            "counts": [(label, number) for key, label in OUTCOMES.items() if (number := _count(found, key))],
            "agency": kept_agency(user),
            "checked_at": now(),
            "q": text,
            "matters": list(matters_found(text=text).select_related("agency")[:MOST_FOUND]) if text else [],
            "tabs": tabs(user),
            "tab": "check",
            "crumbs": crumbs((_("核对材料"), "")),
        }


def _count(answers: list[Answer], outcome: str) -> int:
    return sum(one.outcome == outcome for one in answers)
