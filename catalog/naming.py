"""Entries found by a part of their name, in the index of words that all of the portal is looked for in."""

from __future__ import annotations

import re

from django.db.models import Q

from guiyang_data.search.selectors import named

CODE = re.compile(r"\d[\d/]*")
FOUND_AS = "catalog-entry"
"""What entries in force are called in the index of what can be looked for."""


def named_like(text: str) -> Q:
    """Entries in force that a person means by a part of their name, or any by the beginning of their code."""
    words = text.strip()
    found = named(words, kind=FOUND_AS)
    condition = Q(in_force__title__icontains=words) if found is None else Q(in_force__isnull=False, pk__in=found)
    return condition | Q(resource_code__startswith=words) if CODE.fullmatch(words) else condition
