"""What differs between two revisions of an entry, side by side (第十三条第一款)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog import policies
from catalog.comparing import compare
from catalog.selectors import revision_before
from catalog.views.shared import SHELL, crumbs, find_entry, find_revision, user_of
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.text import whole_number


class ChangesPage(SignedInCasePage):
    """A revision against the one in force, the one before it, or any that ``?from=`` names."""

    template_name = "catalog/changes.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        entry = find_entry(user, kwargs["pk"])
        after = find_revision(user, entry, kwargs["number"])
        known = policies.visible_revisions(user, entry).select_related("category").order_by("-number")
        asked = whole_number(request.GET.get("from", "")[:9])
        before = find_revision(user, entry, asked) if asked else revision_before(after, known)
        if before is None:
            raise NotSeen(_("这是第一版目录，没有可以比较的版本。"))
        return SHELL | {
            "entry": entry,
            "after": after,
            "difference": compare(before, after),
            "others": [one for one in known if one.pk != after.pk],
            "crumbs": crumbs((after.title, after.get_absolute_url()), (_("改动"), "")),
        }
