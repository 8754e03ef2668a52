"""Visitors without an account: what their session keeps of them, and how often they may try."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.fernet import InvalidToken
from django.core.cache import cache
from django.http import HttpRequest

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.protection import decrypt, encrypt
from guiyang_data.accounts.signin import client_address
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import PUBLIC, Actor
from requests_app.models import ReviewApplication
from requests_app.policies import CodeHolder
from requests_app.selectors import belongs_to, filed_with, holder_of

CODES = "case_codes"
"""Session key: case number -> its secret code, encrypted."""
WRONG_CODES = 10
WRONG_CODES_SECONDS = 15 * 60
FILINGS = 20
FILINGS_SECONDS = 60 * 60
FOLLOW_MAILS = 20


def remember_code(request: HttpRequest, number: str, code: str) -> None:
    """Keep a case open for this visitor until the session ends."""
    request.session[CODES] = {**request.session.get(CODES, {}), number: encrypt(code)}


def remembered_code(request: HttpRequest, number: str) -> str:
    """The code this visitor showed or was given; empty where there is none."""
    sealed = request.session.get(CODES, {}).get(number, "")
    try:
        return decrypt(sealed) if sealed else ""
    except InvalidToken:
        return ""


def remembered_numbers(request: HttpRequest) -> list[str]:
    """Numbers of the cases this visitor has open."""
    return sorted(request.session.get(CODES, {}))


def principal_for(request: HttpRequest, number: str) -> Principal:
    """Who reads or acts on a case: the account it belongs to, else the holder of its code, else anybody."""
    if isinstance(request.user, User) and belongs_to(request.user, number):
        return request.user
    code = remembered_code(request, number)
    holder = holder_of(number, code) if code else None
    return holder or request.user


def review_principal(request: HttpRequest, review: ReviewApplication) -> Principal:
    """The same for a review, which the code of the applicant's own request opens too."""
    principal = principal_for(request, review.number)
    if principal is request.user and review.by_applicant:
        return principal_for(request, review.reply.request.number)
    return principal


def actor_for(request: HttpRequest) -> Actor:
    """Whom the ledger names: the account, or somebody of the public."""
    return request.user if isinstance(request.user, User) else PUBLIC


def _key(request: HttpRequest, what: str) -> str:
    return f"requests:{what}:{client_address(request)}"


def open_case(request: HttpRequest, number: str, code: str) -> CodeHolder:
    """The holder for a number and a code, kept for the session with all that was filed together: one code opens all."""
    holder = check_code(request, number, code)
    numbers = [filed.number for filed in filed_with(holder.number)] or [holder.number]
    for filed in numbers:
        remember_code(request, filed, code)
    return holder


def check_code(
    request: HttpRequest,
    number: str,
    code: str,
    *,
    find: Callable[[str, str], CodeHolder | None] = holder_of,
    begins: str = "GY 或者 FH",
) -> CodeHolder:
    """The holder for a number and a code. Guessing is slowed for the address, whatever kind of case is guessed at.

    ``find`` knows the codes of the cases whose numbers begin with ``begins``. Raises ``RuleBroken`` for a pair
    that does not fit, without telling which of the two was wrong.
    """
    key = _key(request, "wrong-codes")
    if cache.get(key, 0) >= WRONG_CODES:
        raise RuleBroken("查询码输错次数过多，请 15 分钟后再试。申请照常办理，不受影响。")
    holder = find(number, code)
    if holder is None:
        cache.add(key, 0, WRONG_CODES_SECONDS)
        cache.incr(key)
        message = f"查询号和查询码不相符，请对照回执检查。查询号以 {begins} 开头，查询码有 12 位。"
        raise RuleBroken(message, fields={"code": message})
    return holder


def count_filing(request: HttpRequest) -> None:
    """Let an address file twenty times within an hour without an account; more waits."""
    if isinstance(request.user, User):
        return
    key = _key(request, "filings")
    cache.add(key, 0, FILINGS_SECONDS)
    if cache.incr(key) > FILINGS:
        raise RuleBroken("同一网络地址一小时内提交较多，请稍后再提交，或者登录后提交。您填写的内容都还在。")


def count_asking(request: HttpRequest) -> None:
    """Let an address have twenty confirmation mails sent within an hour; more waits."""
    key = _key(request, "follow-mails")
    cache.add(key, 0, FILINGS_SECONDS)
    if cache.incr(key) > FOLLOW_MAILS:
        raise RuleBroken("同一网络地址一小时内发送的确认邮件较多，请稍后再试，或者登录后关注。")
