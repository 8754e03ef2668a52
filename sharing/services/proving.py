"""Coming to a counter with one's document: what opens one's own readings (《个人信息保护法》第四十五条第一款).

An account's proved identity says that its name and number belong together, not that its holder is that person: whoever
reads the data knows both. The holder asks for a code and shows it with the document at the counter of an authority.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import blind_index, blind_indexes
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.services import tell
from guiyang_data.personal import is_resident_id
from sharing.identities import normal, subject_indexes
from sharing.models import CounterProof
from sharing.policies import PROOF_POLICY
from sharing.workflow import TO_KNOW

CODE_LIFE = dt.timedelta(days=7)
TRIES = 5
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that are taken for one another."""
PATH = "/me/data-use/"


@transaction.atomic
def ask_counter_code(*, by: User, at: dt.datetime) -> str:
    """A code to take to the counter, good for seven days; a new one takes the place of the last."""
    if by.kind == User.Kind.SYSTEM or by.person_id is None:
        raise WrongState("请先完成实名核验，再取当面核验码。", basis=TO_KNOW, subject=subject_of(by), verb="ask-code")
    proof, _made = CounterProof.objects.get_or_create(user=by)
    proof = CounterProof.objects.select_for_update().get(pk=proof.pk)
    if proof.proved_at is not None:
        raise WrongState(
            "这个账号已经当面核验，不需要再次办理。", basis=TO_KNOW, subject=subject_of(by), verb="ask-code"
        )
    code = "".join(secrets.choice(LETTERS) for _sign in range(8))
    proof.code_index, proof.code_expires_at, proof.tries_left = blind_index(_indexed(code)), at + CODE_LIFE, TRIES
    proof.save(update_fields=["code_index", "code_expires_at", "tries_left"])
    record(by, "ask-counter-code", by=by, at=at, basis=TO_KNOW)
    return f"{code[:4]}-{code[4:]}"


def prove_at_counter(*, by: User, at: dt.datetime, code: str, id_number: str, came_in_person: bool) -> User:
    """Confirm that whoever stands at the counter, whose document this is, holds the account of the code.

    The clerk types the number from the document; it opens nothing unless it is that of the account. A wrong number
    spends a try of the code, also where the act is refused.
    """
    PROOF_POLICY.require(by, "prove-at-counter")
    if not came_in_person:
        message = "须本人持有效身份证件到场，才能核验。"
        raise RuleBroken(message, basis=TO_KNOW, fields={"came_in_person": "请确认本人到场，证件与本人一致。"})
    number = normal(id_number)
    if not is_resident_id(number):
        fields = {"id_number": "公民身份号码不正确，请对照证件检查 18 位号码，末位可以是 X。"}
        raise RuleBroken("填写的内容不正确，还没有核验。", basis=TO_KNOW, fields=fields)
    if not _spend_try(code, at=at):
        raise _no_code()
    return _prove(code, number, by=by, at=at)


def _spend_try(code: str, *, at: dt.datetime) -> bool:
    """Outside the act, so that a refusal does not give the try back."""
    rows = CounterProof.objects.filter(
        code_index__in=blind_indexes(_indexed(code)), proved_at=None, code_expires_at__gt=at
    )
    proof = rows.filter(tries_left__gt=0).first()
    if proof is None:
        return False
    left = proof.tries_left
    return bool(rows.filter(pk=proof.pk, tries_left=left).update(tries_left=left - 1))


@transaction.atomic
def _prove(code: str, number: str, *, by: User, at: dt.datetime) -> User:
    rows = CounterProof.objects.select_for_update(of=("self",)).select_related("user__person")
    proof = rows.filter(code_index__in=blind_indexes(_indexed(code)), proved_at=None).first()
    if proof is None or proof.user.person is None:
        raise _no_code()
    user, person = proof.user, proof.user.person
    if user.pk == by.pk or (by.person_id is not None and by.person_id == person.pk):
        raise NotAllowed(
            "不能为自己当面核验，请由其他经办人办理。", basis=TO_KNOW, subject=subject_of(user), verb="prove"
        )
    if person.id_number_index not in subject_indexes(number):
        message = "证件与申请核验的账号不是同一人，没有核验。请核对证件和核验码。"
        raise RuleBroken(message, basis=TO_KNOW, fields={"id_number": message}, subject=subject_of(user), verb="prove")
    proof.proved_at, proof.proved_by, proof.agency, proof.code_index = at, by, by.agency, ""
    proof.save(update_fields=["proved_at", "proved_by", "agency", "code_index"])
    record(user, "prove-at-counter", by=by, at=at, basis=TO_KNOW, payload={"person": str(person.pk)})
    for account in person.accounts.filter(is_active=True):
        mine = account.pk == user.pk
        tell(
            [account],
            about=user,
            kind="sharing",
            key=f"sharing:counter-proof:{user.pk}:{account.pk}",
            title="您的账号已当面核验" if mine else "您名下的另一个账号已当面核验",
            body="现在可以查看哪些机关读取过您的数据。不是您本人到窗口办理的，请立即向平台投诉。",
            path=PATH if mine else "/complaints/new/",
            at=at,
            basis=TO_KNOW,
        )
    return user


def _no_code() -> RuleBroken:
    message = "没有这个核验码，或者已经过期、用完。请由本人在账号页面重新获取。"
    return RuleBroken(message, basis=TO_KNOW, fields={"code": message})


def _indexed(code: str) -> str:
    return f"counter-proof:{normal(code).replace('-', '')}"
