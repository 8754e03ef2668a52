"""What a rule of an information item may refer to, offered while somebody types."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from catalog import policies
from catalog.selectors.referring import reference_targets
from catalog.views.shared import user_of
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.faces.pages import SignedInCasePage

LONGEST = 60
ASKED = "-reference_code"


class ReferenceTargets(SignedInCasePage):
    """The part of the form that htmx asks for again; ``q``, or the field of the form itself, says what is wanted."""

    template_name = "catalog/reference_targets.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        policies.require_staff(user)
        typed = [str(text) for name, text in request.GET.items() if name == "q" or name.endswith(ASKED)]
        wanted = typed[0].strip()[:LONGEST] if typed else ""
        return {"targets": reference_targets(agencies_with(user, Role.DATA_STEWARD), wanted)}
