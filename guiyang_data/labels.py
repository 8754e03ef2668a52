"""What choices are called in the language of whoever reads: lists say it hundreds of times a page."""

from __future__ import annotations

from functools import cache

from django.db.models import Choices
from django.utils.translation import get_language


def called(choices: type[Choices], value: str) -> str:
    """What a value of these choices is called; empty for an empty one. ValueError for one that is none of them."""
    return _called(get_language(), choices, value) if value else ""


@cache
def _called(language: str | None, choices: type[Choices], value: str) -> str:
    return str(choices(value).label)
