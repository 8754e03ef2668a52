"""Accounts as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from guiyang_data.accounts.models import Agency, PhoneCode, RoleAssignment, User


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


class WaySerializer(serializers.Serializer):
    """One way to prove that an account's telephone is to change."""

    way = serializers.ChoiceField(choices=[way for way in PhoneCode.Way.choices if way[0]])
    way_name = serializers.CharField()


class PhoneSerializer(serializers.Serializer):
    """The telephone of an account, by its two ends, and what a change of it needs besides the new number's code."""

    phone = serializers.CharField(allow_blank=True, help_text="手机号码，只显示首尾；没有则为空")
    verified_at = serializers.DateTimeField(allow_null=True)
    ways = WaySerializer(many=True, help_text="更换号码时可以用来证明的方式；还没有号码的为空")


class NewPhoneSerializer(serializers.Serializer):
    """A number that is to be the account's."""

    phone = serializers.CharField(max_length=20, help_text="11 位的中国大陆手机号码")
    way = serializers.CharField(
        max_length=8,
        required=False,
        default="",
        allow_blank=True,
        help_text="更换号码时怎样证明，取自 ways；不写为其中第一种",
    )


class PhoneCodeSentSerializer(serializers.Serializer):
    """A code that is on its way."""

    phone = serializers.CharField(help_text="验证码发往的号码，只显示首尾")
    way = serializers.CharField(allow_blank=True, help_text="除验证码外还要的证明；空为不需要")
    expires_at = serializers.DateTimeField(help_text="在这之前填写")


class PhoneProofSerializer(serializers.Serializer):
    """The code that came back, and the proof of a change."""

    code = serializers.CharField(max_length=10, help_text="新号码收到的六位数字")
    proof = serializers.CharField(
        max_length=128,
        required=False,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="更换号码时：登录密码，或者原号码、邮箱收到的六位数字",
    )


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
