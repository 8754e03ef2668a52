"""Whose account a sign-in was aimed at, and from where. Asked by the lockout and by the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import blind_index


def account_behind(typed: str) -> User | None:
    """The account that a typed name or mail address means, in the order in which signing in tries them."""
    by_mail = filter_users_by_email(typed, prefer_verified=True, for_login=True) if "@" in typed else []
    return by_mail[0] if by_mail else get_user_by_username(typed)


def attempted_account(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The name under which the lockout counts: the account's key, whichever of its names was typed.

    A name that belongs to nobody is kept as a keyed hash only: people type their passwords there.
    """
    given = credentials or {}
    typed = str(given.get("email") or given.get("username") or request.POST.get("login", "")).strip()
    known: dict[str, str] = request.__dict__.setdefault("_attempted_accounts", {})
    if typed not in known:
        user = account_behind(typed) if typed else None
        known[typed] = user.actor_key if user else f"unknown:{blind_index(typed)[:32]}"
    return known[typed]


def client_address(request: HttpRequest) -> str:
    """The address of the browser, behind as many proxies as the setting says are ours; empty where there is none."""
    return get_client_ip(request) or ""
