"""By which items a person is found, how a value is compared whatever way it was typed, and its keyed index.

No column says which item that is: an item whose check digits are those of a resident identity number, or a direct
identifier that is named so, is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from catalog.models import InformationItem
from guiyang_data.accounts.protection import blind_index, blind_indexes

CREDIT_CODE = InformationItem.CheckDigits.CREDIT_CODE
_NAMED = re.compile(r"身份证|公民身份号码|居民身份号码")


def identifies_person(item: InformationItem) -> bool:
    """Whether the item holds resident identity numbers, by which a person's rows are found."""
    if item.check_digits:
        return item.check_digits == InformationItem.CheckDigits.RESIDENT_ID
    return item.sensitivity == InformationItem.Sensitivity.DIRECT and _NAMED.search(item.name) is not None


def finding_items(items: Iterable[InformationItem]) -> list[str]:
    """Codes of the items that name a subject by themselves: identity number, else credit code, else the key."""
    known = list(items)
    persons = [item.code for item in known if identifies_person(item)]
    bodies = [item.code for item in known if item.check_digits == CREDIT_CODE]
    return persons[:1] or bodies[:1] or [item.code for item in known if item.is_key]


def normal(text: object) -> str:
    """A value as it is compared: full-width signs, blanks and the case of letters make no difference."""
    return "".join(unicodedata.normalize("NFKC", str(text)).split()).upper()


def subject_index(number: object) -> str:
    """The keyed index of a person's identity number, the same that an account's proved identity has."""
    return blind_index(normal(number))


def subject_indexes(number: object) -> list[str]:
    """The indexes under which the person may stand, whenever that was written."""
    return blind_indexes(normal(number))
