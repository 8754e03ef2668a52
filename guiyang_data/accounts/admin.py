"""Looking only: what has a state changes through its acts."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from oauth2_provider.models import get_grant_model, get_id_token_model, get_refresh_token_model

from guiyang_data.accounts.models import (
    Agency,
    Region,
    RoleAssignment,
    ServiceAccount,
    SystemAccessToken,
    SystemApplication,
    User,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Base of admin pages on which nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Agency)
class AgencyAdmin(ReadOnlyAdmin):
    """Agencies."""

    list_display = ["name", "code", "level", "kind", "is_authority", "is_active"]
    list_filter = ["level", "kind"]
    search_fields = ["name", "code"]


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Accounts, without password hashes and telephones."""

    list_display = ["username", "display_name", "kind", "is_active"]
    list_filter = ["kind"]
    search_fields = ["username", "display_name"]
    fields = ["username", "display_name", "kind", "email", "is_active", "date_joined", "last_login"]


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(ReadOnlyAdmin):
    """Roles."""

    list_display = ["user", "agency", "role", "started_on", "ended_on"]
    list_filter = ["role"]
    list_select_related = ["user", "agency"]


@admin.register(ServiceAccount)
class ServiceAccountAdmin(ReadOnlyAdmin):
    """Service accounts."""

    list_display = ["name", "agency"]
    list_select_related = ["agency"]


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin):
    """Regions."""

    list_display = ["code", "name", "level"]
    search_fields = ["code", "name"]


for model in (SystemApplication, SystemAccessToken, get_grant_model(), get_id_token_model(), get_refresh_token_model()):
    admin.site.unregister(model)


@admin.register(SystemApplication)
class SystemApplicationAdmin(ReadOnlyAdmin):
    """Credentials, without their secrets."""

    list_display = ["name", "client_id", "revoked_at"]
    fields = ["name", "client_id", "service_account", "allowed_scopes", "created", "revoked_at"]
