"""What the provider's pages of opening have in common."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User

HOME = "/desk/opening/"
SHELL = {"shell": "staff/base.html", "work_section": "opening"}


def user_of(request: HttpRequest) -> User:
    """The signed-in person."""
    return cast(User, request.user)


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here, from the list on."""
    return [(_("开放"), HOME), *steps]
