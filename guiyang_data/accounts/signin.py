"""Whose account a sign-in was aimed at, and from where. Asked by the lockout and by the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from allauth.core import ratelimit
from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import PhoneCode, User
from guiyang_data.accounts.protection import blind_index
from guiyang_data.accounts.telephones import account_of_phone, mobile_number, phone_index
from guiyang_data.errors import LimitReached


def account_behind(typed: str) -> User | None:
    """The account that a typed name, mail address or telephone means, in the order in which signing in tries them."""
    by_mail = filter_users_by_email(typed, prefer_verified=True, for_login=True) if "@" in typed else []
    if by_mail:
        return by_mail[0]
    number = mobile_number(typed)
    return (account_of_phone(number) if number else None) or get_user_by_username(typed)


def called(user: User) -> str:
    """What an account is called in what sign-in says to its owner."""
    return user.called


def attempted_account(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The name under which the lockout counts: the account's key, whichever of its names was typed.

    A name that belongs to nobody is kept as a keyed hash only: people type their passwords there.
    """
    given = credentials or {}
    typed = str(
        given.get("email") or given.get("phone") or given.get("username") or request.POST.get("login", "")
    ).strip()
    known: dict[str, str] = request.__dict__.setdefault("_attempted_accounts", {})
    if typed not in known:
        user = account_behind(typed) if typed else None
        known[typed] = user.actor_key if user else f"unknown:{blind_index(typed)[:32]}"
    return known[typed]


def limit_codes(request: HttpRequest, phone: str) -> None:
    """Text messages cost money and disturb: so many a minute and a day for a number, so many an hour for an address.

    What is no number is not counted. Raises ``LimitReached``.
    """
    number = mobile_number(phone)
    if number and not ratelimit.consume(request, action="phone_code", key=phone_index(number)):
        raise LimitReached(
            _("这个号码或者您所在的网络请求验证码过于频繁，这次没有发出。请一分钟后再试；同一号码一天最多 10 次。"),
            retry_after=60,
        )


def limit_wrong_codes(request: HttpRequest) -> None:
    """Guessing codes is slow from any one address. Raises ``LimitReached``."""
    if not ratelimit.consume(request, action="phone_code_failed", dry_run=True):
        raise LimitReached(_("从您所在的网络输错验证码的次数过多。请一小时后再试，或者用密码登录。"), retry_after=3600)


def count_wrong_code(request: HttpRequest) -> None:
    """Note one more wrong code from this address."""
    ratelimit.consume(request, action="phone_code_failed")


def limit_changing_codes(request: HttpRequest, user: User, *, phone: str, way: str) -> None:
    """The same for a change of one's telephone, which may send a code to the number before as well."""
    limit_codes(request, phone)
    if way == PhoneCode.Way.SMS and user.phone and user.phone != mobile_number(phone):
        limit_codes(request, user.phone)


def limit_wrong_proofs(request: HttpRequest, user: User) -> None:
    """Guessing what proves a change is slow for one account too, from wherever. Raises ``LimitReached``."""
    limit_wrong_codes(request)
    if not ratelimit.consume(request, action="phone_change_failed", key=user.actor_key, dry_run=True):
        raise LimitReached(_("填错的次数过多，手机号码没有变化。请一小时后再试。"), retry_after=3600)


def count_wrong_proof(request: HttpRequest, user: User) -> None:
    """Note one more wrong code or proof."""
    count_wrong_code(request)
    ratelimit.consume(request, action="phone_change_failed", key=user.actor_key)


def client_address(request: HttpRequest) -> str:
    """The address of the browser, behind as many proxies as the setting says are ours; empty where there is none."""
    return get_client_ip(request) or ""
