"""Many catalogues in one act: chosen in a list, shown once more, each carried out by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from catalog import services
from catalog.forms import TogetherForm
from catalog.models import EntryRevision
from catalog.views.shared import SHELL, crumbs
from catalog.workflow import RevisionStatus
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.faces.refusals import remember
from guiyang_data.faces.text import whole_number
from guiyang_data.statute.law import Article

MOST_TOLD = 20


class TogetherPage(SignedInActPage):
    """Base of an act on what was chosen in a list."""

    form_class: type[ActForm] = TogetherForm
    template_name = "catalog/together.html"
    basis: Article
    desk: tuple[str, Any]
    """The list: the name of its address, and its title."""

    def waiting(self, request: HttpRequest) -> QuerySet[Any]:
        """What this person may choose from. Raises NotSeen where there is nothing here for them."""
        raise NotImplementedError

    def revision_of(self, row: Any) -> EntryRevision:
        """The catalogue that a row of the list is about."""
        return row

    def carried_out(self, ids: Sequence[int], form: ActForm) -> list[services.Decided]:
        """The act on those chosen."""
        raise NotImplementedError

    def prepare(self, request: HttpRequest) -> None:
        self.rows = self.waiting(request)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"rows": self.rows}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"chosen": [one.pk for one in self._chosen(request)]}

    def _chosen(self, request: HttpRequest) -> list[Any]:
        asked = (request.POST or request.GET).getlist("chosen")[: services.MOST_TOGETHER]
        wanted = [number for one in asked if (number := whole_number(one)) is not None]
        found = self.rows.filter(pk__in=wanted)
        return sorted(found, key=lambda row: self.revision_of(row).entry.resource_code)

    def perform(self, request: HttpRequest, form: Any) -> str:
        decided = self.carried_out([row.pk for row in form.cleaned_data["chosen"]], form)
        done = sum(one.done for one in decided)
        if done:
            messages.success(request, gettext("已办理 %(count)d 份目录。") % {"count": done})
        refused = [one for one in decided if one.error is not None]
        for one in refused[:MOST_TOLD]:
            _tell_refused(request, one)
        if len(refused) > MOST_TOLD:
            left = gettext("另有 %(count)d 份没有办理，请打开查看。") % {"count": len(refused) - MOST_TOLD}
            messages.warning(request, left)
        return reverse(self.desk[0])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        address, title = reverse(self.desk[0]), str(self.desk[1])
        chosen = [self.revision_of(row) for row in self._chosen(request)]
        return SHELL | {
            "chosen": chosen,
            "basis": self.basis.number,
            "approving": sum(one.status == RevisionStatus.IN_APPROVAL for one in chosen),
            "cancel_url": address,
            "crumbs": crumbs((title, address), (str(self.title), "")),
        }


def _tell_refused(request: HttpRequest, one: services.Decided) -> None:
    if one.error is not None:
        remember(one.error, request)
        text = gettext("《%(title)s》没有办理：%(why)s") % {"title": one.revision.title, "why": one.error.message}
        messages.warning(request, text)
