"""The second factor's secrets lie in the database encrypted."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from guiyang_data.accounts.protection import decrypt, encrypt


class SecondFactorAdapter(DefaultMFAAdapter):
    """What django-allauth asks about the second factor."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)
