"""Visitors: what the session keeps of those without an account, how often one may try, and whom one may have told."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.models import EmailAddress
from cryptography.fernet import InvalidToken
from django.core.cache import cache
from django.http import HttpRequest

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.protection import blind_index, decrypt, encrypt
from guiyang_data.accounts.signin import client_address
from guiyang_data.accounts.telephones import mobile_number
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import PUBLIC, Actor
from requests_app.codes import spelled
from requests_app.models import ReviewApplication
from requests_app.policies import CodeHolder
from requests_app.selectors import belongs_to, filed_with, holder_of
from requests_app.services import Party

CODES = "case_codes"
"""Session key: case number -> its secret code, encrypted."""
WRONG_CODES = 10
WRONG_CODES_SECONDS = 15 * 60
FILINGS = 20
FILINGS_SECONDS = 60 * 60
FOLLOW_MAILS = 20
FILES_AN_HOUR = 100
"""Files that an address without an account may upload; they lie in the store before anything is filed."""
FILINGS_A_CONTACT = 20
"""For how many filings a day one telephone or mail address is taken that nobody proved to be theirs."""
CONTACT_SECONDS = 24 * 60 * 60


def remember_code(request: HttpRequest, number: str, code: str) -> None:
    """Keep a case open for this visitor until the session ends."""
    request.session[CODES] = {**request.session.get(CODES, {}), number: encrypt(spelled(code))}


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


def count_files(request: HttpRequest, number: int) -> None:
    """Let an address without an account upload so many files within an hour; more waits."""
    if isinstance(request.user, User) or not number:
        return
    key = _key(request, "files")
    cache.add(key, 0, FILINGS_SECONDS)
    if cache.incr(key, number) > FILES_AN_HOUR:
        message = "同一网络地址一小时内上传的文件较多，这次没有上传。请稍后再传，或者登录后上传；不附文件也可以提交。"
        raise RuleBroken(message, fields={"file": message})


def count_contact(user: object, party: Party) -> None:
    """Take a telephone and a mail address for so many filings a day, so that nobody is flooded with what others file.

    What ``user`` proved to be theirs is not counted. Raises ``RuleBroken`` at the field; without it one files on.
    """
    phone = mobile_number(party.phone) or party.phone.strip()
    for field, given, name in (("phone", phone, "手机号码"), ("mail", party.mail.strip(), "邮箱")):
        if not given or _is_proved(user, given):
            continue
        key = f"requests:contact:{blind_index(f'{field}:{given}')}"
        cache.add(key, 0, CONTACT_SECONDS)
        if cache.incr(key) > FILINGS_A_CONTACT:
            message = (
                f"这个{name}今天已经用于 {FILINGS_A_CONTACT} 件，这次没有提交。请去掉{name}再提交，凭查询码查看进展。"
            )
            raise RuleBroken(message, fields={field: message})


def _is_proved(user: object, given: str) -> bool:
    if not isinstance(user, User):
        return False
    by_phone = bool(user.phone_verified_at) and given == user.phone
    return by_phone or EmailAddress.objects.filter(user=user, email__iexact=given, verified=True).exists()


def count_asking(request: HttpRequest) -> None:
    """Let an address have twenty confirmation mails sent within an hour; more waits."""
    key = _key(request, "follow-mails")
    cache.add(key, 0, FILINGS_SECONDS)
    if cache.incr(key) > FOLLOW_MAILS:
        raise RuleBroken("同一网络地址一小时内发送的确认邮件较多，请稍后再试，或者登录后关注。")
