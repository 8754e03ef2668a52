"""One function per act on accounts. Each writes its event in the transaction of the act."""

from __future__ import annotations

from guiyang_data.accounts.services.agencies import assign_role, create_agency, end_role, open_staff_account
from guiyang_data.accounts.services.closing import close_agency, hold_agency, lock_agency, revive_agency
from guiyang_data.accounts.services.own_phone import proved_mail, send_phone_code, verify_phone, ways_to_prove
from guiyang_data.accounts.services.people import give_consent, register_public, verify_identity
from guiyang_data.accounts.services.phones import prove_sign_in, register_by_phone, send_sign_in_code
from guiyang_data.accounts.services.sessions import end_other_sessions, end_session
from guiyang_data.accounts.services.systems import (
    IssuedCredentials,
    command_line_account,
    create_service_account,
    issue_credentials,
    revoke_credentials,
)

__all__ = [
    "IssuedCredentials",
    "assign_role",
    "close_agency",
    "command_line_account",
    "create_agency",
    "create_service_account",
    "end_other_sessions",
    "end_role",
    "end_session",
    "give_consent",
    "hold_agency",
    "issue_credentials",
    "lock_agency",
    "open_staff_account",
    "prove_sign_in",
    "proved_mail",
    "register_by_phone",
    "register_public",
    "revive_agency",
    "revoke_credentials",
    "send_phone_code",
    "send_sign_in_code",
    "verify_identity",
    "verify_phone",
    "ways_to_prove",
]
