"""What django-allauth asks of this portal: events of signing in and out, and mail that may fail."""

from __future__ import annotations

import logging
import smtplib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from guiyang_data.accounts.fields import MobileField
from guiyang_data.accounts.models import User
from guiyang_data.accounts.services.own_phone import CONFIRM_MAIL, SET_PASSWORD
from guiyang_data.accounts.services.phones import SIGN_IN
from guiyang_data.accounts.sessions import begin
from guiyang_data.accounts.signin import account_behind
from guiyang_data.accounts.telephones import account_of_phone, mobile_number
from guiyang_data.ledger.services import PUBLIC, record, subject_of
from guiyang_data.timekeeping import now

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts of the portal."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in: the session's two ends start to run, the ledger notes it."""
        super().login(request, user)
        moment = now()
        begin(request.session, at=moment)
        record(user, "sign-in", by=user, at=moment)

    def logout(self, request: HttpRequest) -> None:
        """Sign out, noted in the ledger."""
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            record(user, "sign-out", by=user, at=now())

    def set_password(self, user: User, password: str) -> None:
        """Set, changed or reset: noted, since for a day it proves no change of the telephone."""
        super().set_password(user, password)
        record(user, SET_PASSWORD, by=user, at=now())

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A mail address is the account's; noted for the same reason."""
        confirmed: bool = super().confirm_email(request, email_address)
        if confirmed:
            record(email_address.user, CONFIRM_MAIL, by=email_address.user, at=now())
        return confirmed

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Passwords are counted by django-axes, in the database; the limit of allauth is left to the second factor."""

    def phone_form_field(self, **kwargs: Any) -> forms.Field:
        """How a telephone is typed at sign-in."""
        return MobileField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        """The account that a number, as it was typed, and its password sign in to."""
        number = mobile_number(phone)
        return account_of_phone(number) if number else None

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """The number that proves again who is signed in, with the password."""
        return (user.phone, True) if user.kind == User.Kind.PUBLIC and user.phone else None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A failed sign-in is an event of the account it was aimed at; what was typed is not kept."""
        typed = str(credentials.get("email") or credentials.get("phone") or credentials.get("username") or "").strip()
        user = account_behind(typed) if typed else None
        record(
            subject_of(user) if user else SIGN_IN,
            "sign-in",
            by=PUBLIC,
            at=now(),
            payload={"locked_out": bool(getattr(request, "axes_locked_out", False))},
            refused=True,
        )

    def format_email_subject(self, subject: str) -> str:
        """Mail is from the portal by its name, not from a host and port."""
        return f"【{_('贵阳市政府数据平台')}】{subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, and where the mail server does not answer say so: an account does not depend on it."""
        try:
            super().send_mail(template_prefix, email, context)
        except (smtplib.SMTPException, OSError) as error:
            logger.warning("mail %s was not taken: %s", template_prefix, type(error).__name__)
            request = self.request
            if request is not None:
                messages.warning(request, _("邮件暂时没有发出，您的账号不受影响。请稍后在账号页面重新发送。"))
