"""Telephone numbers: one form in which they are kept, how they are found again, how they and addresses are shown."""

from __future__ import annotations

import re
import unicodedata

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import blind_index, blind_indexes

MOBILE = re.compile(r"1[3-9][0-9]{9}")


def mobile_number(typed: str) -> str | None:
    """The eleven digits of a mainland mobile number, however it was typed; None where it is none."""
    number = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", typed)).removeprefix("+86").removeprefix("0086")
    return number if MOBILE.fullmatch(number) else None


def phone_index(number: str) -> str:
    """The keyed hash under which eleven digits are found again; another one than that of an identity number."""
    return blind_index(_indexed(number))


def phone_indexes(number: str) -> list[str]:
    """The hashes under which it may stand, whenever it was written."""
    return blind_indexes(_indexed(number))


def _indexed(number: str) -> str:
    return f"phone:{number}"


def masked(number: str) -> str:
    """A telephone number of which only the two ends are shown; of one with fewer digits, less of them."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else f"{number[:1]}****{number[-2:]}"


def masked_mail(address: str) -> str:
    """A mail address of which the name is shown by its first sign only; empty where there is none."""
    name, _at, host = address.partition("@")
    return f"{name[:1]}***@{host}" if host else ""


def account_of_phone(number: str) -> User | None:
    """The account of the public that this proved number signs in to.

    Staff sign in with their password: what decides for an agency does not hang on a SIM card.
    """
    return User.objects.filter(kind=User.Kind.PUBLIC, phone_index__in=phone_indexes(number)).first()
