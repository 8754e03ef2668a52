"""Which scopes a system may ask for: those given with its credentials."""

from __future__ import annotations

from typing import Any

from oauth2_provider.scopes import SettingsScopes

from guiyang_data.accounts.models import SystemApplication


class GivenScopes(SettingsScopes):
    """Scopes by application; without a wish a token carries the defaults that the application was given."""

    def get_available_scopes(
        self, application: SystemApplication | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        every = list(self.get_all_scopes())
        return every if application is None else [name for name in every if name in application.allowed_scopes]

    def get_default_scopes(
        self, application: SystemApplication | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        given = self.get_available_scopes(application)
        return [name for name in super().get_default_scopes() if name in given] or given
