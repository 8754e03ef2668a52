"""Several entries chosen on the list of what is shared, to be applied for in one form. The address holds the choice."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, User
from sharing.policies import APPLICATION_POLICY, working_agencies
from sharing.selectors import shareable_entries
from sharing.services.applying import MOST_TOGETHER


def chosen_ids(request: HttpRequest) -> list[int]:
    """The ids of the entries that the address has chosen, each once."""
    texts = dict.fromkeys(request.GET.getlist("chosen"))
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10][:MOST_TOGETHER]


def applying_agency(user: User) -> Agency | None:
    """The agency for which ``user`` applies; None for who deals with no applications."""
    mine = working_agencies(user)
    own = [user.agency] if user.agency is not None and user.agency.pk in mine else []
    for agency in own or Agency.objects.filter(pk__in=mine).order_by("pk"):
        if APPLICATION_POLICY.may(user, "apply", agency):
            return agency
    return None


def chosen_entries(user: User, ids: Iterable[int]) -> tuple[Agency | None, list[CatalogEntry]]:
    """For which agency ``user`` applies, and the chosen entries that are applied for and are not its own."""
    agency = applying_agency(user)
    if agency is None:
        return None, []
    wanted = shareable_entries(sharing_type="conditional").filter(pk__in=list(ids)).exclude(provider=agency)
    return agency, list(wanted.prefetch_related("in_force__items").order_by("pk"))
