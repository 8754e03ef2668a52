"""Accounts as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from guiyang_data.accounts.models import Agency, RoleAssignment, User


class ListedAgencySerializer(serializers.ModelSerializer[Agency]):
    """An agency as other calls name it: by its unified social credit code."""

    level_name = serializers.CharField(source="get_level_display")
    region = serializers.CharField(source="region_id")

    class Meta:
        model = Agency
        fields = ["code", "name", "short_name", "level_name", "region"]


class HeldRoleSerializer(serializers.ModelSerializer[RoleAssignment]):
    """A role in force: in which agency, since when."""

    agency = serializers.CharField(source="agency.code")
    agency_name = serializers.CharField(source="agency.name")
    role_name = serializers.CharField(source="get_role_display")

    class Meta:
        model = RoleAssignment
        fields = ["agency", "agency_name", "role", "role_name", "started_on"]


class MeSerializer(serializers.ModelSerializer[User]):
    """The principal of this request."""

    kind_name = serializers.CharField(source="get_kind_display")
    agency = serializers.CharField(source="agency_code")
    identity_verified = serializers.SerializerMethodField()
    roles = serializers.SerializerMethodField()
    scopes = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["username", "display_name", "kind", "kind_name", "agency", "identity_verified", "roles", "scopes"]

    def get_identity_verified(self, user: User) -> bool:
        """Whether the account's holder proved an identity."""
        return user.person_id is not None

    def get_roles(self, user: User) -> list[dict[str, str]]:
        """Roles in force."""
        return list(HeldRoleSerializer(self.context["roles"], many=True).data)

    def get_scopes(self, user: User) -> list[str]:
        """What the token allows; empty for people signed in on the page."""
        return list(self.context["scopes"])
