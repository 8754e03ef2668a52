"""Checks that filing a request and applying for a review have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.protection import encrypt
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import adopt, copy
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import subject_of
from guiyang_data.texts import one_line
from requests_app.models import ApplicantKind

LONGEST_TITLE = 120
LEAST_REASONS = 10
"""Characters below which a reason says nothing."""
MOST_PAPERS = 5


@dataclass(frozen=True, kw_only=True)
class Party:
    """Who applies, and how to reach them. Everything may be left empty: nothing here is a condition of the right."""

    kind: str = ApplicantKind.NATURAL
    name: str = ""
    show_name: bool = False
    mail: str = ""
    phone: str = ""

    def check(self) -> dict[str, str]:
        """What is wrong, by field name."""
        wrong: dict[str, str] = {}
        if self.kind not in ApplicantKind.values:
            wrong["kind"] = "请选择您是个人、法人还是其他组织。"
        if self.show_name and not one_line(self.name):
            wrong["name"] = "您选择了公开姓名或者名称，请填写；不想公开就取消这个选择。"
        if self.mail:
            try:
                validate_email(self.mail)
            except ValidationError:
                wrong["mail"] = "邮箱地址不完整，例如 name@example.cn。不想留邮箱可以不填。"
        digits = self.phone.replace(" ", "").replace("-", "").removeprefix("+86")
        if self.phone and not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 12):
            wrong["phone"] = "电话号码应为 7 到 12 位数字。不想留电话可以不填。"
        return wrong

    def stored(self) -> dict[str, object]:
        """The values of the model's fields."""
        return {
            "kind": self.kind,
            "name_encrypted": encrypt(one_line(self.name)) if one_line(self.name) else "",
            "show_name": self.show_name,
            "mail_encrypted": encrypt(self.mail.strip()) if self.mail.strip() else "",
            "phone_encrypted": encrypt(self.phone.strip()) if self.phone.strip() else "",
        }


def account_of(by: Principal) -> User | None:
    """The account the case belongs to: only one of the public, never a clerk's or a system's."""
    return by if isinstance(by, User) and by.kind == User.Kind.PUBLIC else None


def refuse_if(wrong: dict[str, str], basis: object) -> None:
    """Raise the form's refusal (422) where something is wrong."""
    if wrong:
        raise RuleBroken("有内容需要补充或者更正，您填写的内容都还在。", basis=basis, fields=wrong)


def give_papers(papers: Iterable[Attachment], obj: models.Model, *others: models.Model) -> None:
    """Let files uploaded for a draft belong to the case; every further case gets its own copies."""
    rows = list(papers)
    if not rows:
        return
    for other in others:
        copy(rows, subject_of(other))
    adopt(rows, subject_of(obj))
