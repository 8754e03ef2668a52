"""Persons, agencies, users, roles, and the service accounts of information systems."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractAccessToken, AbstractApplication
from stdnum.cn import uscc

from guiyang_data.accounts.protection import decrypt
from guiyang_data.accounts.roles import ADMINISTRATORS, Role

BY_PHONE = "phone-"
"""How the made-up usernames of accounts by telephone begin."""


def is_credit_code(value: str) -> bool:
    """Whether ``value`` is a unified social credit code of 18 characters with its right check character (GB 32100)."""
    return bool(uscc.is_valid(value)) and value == uscc.compact(value)


class Region(models.Model):
    """An administrative division: the city, its counties, their townships and villages."""

    class Level(models.TextChoices):
        CITY = "city", _("市")
        COUNTY = "county", _("区（市、县）")
        TOWNSHIP = "township", _("乡镇（街道）")
        VILLAGE = "village", _("村（居）")

    code = models.CharField(_("代码"), max_length=12, primary_key=True)
    name = models.CharField(_("名称"), max_length=80)
    level = models.CharField(_("层级"), max_length=8, choices=Level)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name = verbose_name_plural = _("行政区划")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Agency(models.Model):
    """An agency bound by the regulation (第二条), or one to which it applies by reference (第三十二条)."""

    class Level(models.TextChoices):
        MUNICIPAL = "municipal", _("市级")
        COUNTY = "county", _("县级")
        TOWNSHIP = "township", _("乡镇")
        OUTSIDE = "outside", _("平台之外")

    class Kind(models.TextChoices):
        GOVERNMENT = "government", _("人民政府")
        DEPARTMENT = "department", _("工作部门")
        DISPATCHED = "dispatched", _("派出机构")
        TOWNSHIP = "township", _("乡（镇）人民政府")
        INSTITUTION = "institution", _("具有公共管理职能的组织")
        ENTERPRISE = "enterprise", _("公共服务企业")
        SUPERVISORY = "supervisory", _("监察机关")

    code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("名称"), max_length=120, unique=True)
    short_name = models.CharField(_("简称"), max_length=40)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="agencies", verbose_name=_("行政区划"))
    level = models.CharField(_("层级"), max_length=10, choices=Level)
    kind = models.CharField(_("性质"), max_length=12, choices=Kind)
    is_authority = models.BooleanField(_("大数据主管部门"), default=False)
    superiors = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="subordinates", verbose_name=_("上级机关")
    )
    phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    contact = models.CharField(_("联系科室"), max_length=60, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("行政机关")
        ordering = ["level", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(is_authority=True),
                name="accounts_one_authority_a_region",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_bound(self) -> bool:
        """Whether the regulation binds it directly, so that its clocks are statutory (第二条、第三十二条)."""
        return self.kind not in {self.Kind.ENTERPRISE, self.Kind.INSTITUTION}


class Person(models.Model):
    """A natural person, whose identity number is encrypted and found again by a keyed index only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name_encrypted = models.TextField(_("姓名（加密）"))
    id_number_encrypted = models.TextField(_("证件号码（加密）"))
    id_number_index = models.CharField(_("证件号码索引"), max_length=64, unique=True)
    verified_at = models.DateTimeField(_("实名核验时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("自然人")

    def __str__(self) -> str:
        return f"person {self.pk}"


class User(AbstractUser):  # type: ignore[django-manager-missing]  # the OAuth models' base is untyped
    """An account: of the public, of an agency's staff, or of an information system."""

    class Kind(models.TextChoices):
        PUBLIC = "public", _("社会公众")
        STAFF = "staff", _("机关工作人员")
        SYSTEM = "system", _("信息系统")

    kind = models.CharField(_("类别"), max_length=6, choices=Kind, default=Kind.PUBLIC)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts")
    display_name = models.CharField(_("称呼"), max_length=60, blank=True)
    phone_encrypted = models.TextField(_("手机号码（加密）"), blank=True)
    phone_index = models.CharField(_("手机号码索引"), max_length=64, blank=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("账号")
        constraints = [
            models.UniqueConstraint(
                fields=["phone_index"],
                condition=Q(kind="public") & ~Q(phone_index=""),
                name="accounts_a_telephone_signs_in_to_one_account",
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def phone(self) -> str:
        """The proved telephone number in clear, eleven digits; empty where there is none."""
        return decrypt(self.phone_encrypted) if self.phone_encrypted else ""

    @property
    def called(self) -> str:
        """What its owner is called on their own pages: an account by telephone, until it has a name, by its number."""
        return self.display_name or (self.phone_shown if self.username.startswith(BY_PHONE) else "") or self.username

    @property
    def phone_shown(self) -> str:
        """The proved number by its two ends only, as 138****0001; empty where there is none."""
        number = self.phone
        return f"{number[:3]}****{number[-4:]}" if number else ""

    @property
    def actor_key(self) -> str:
        """How the ledger names this account."""
        return f"user:{self.pk}"

    @property
    def holder_key(self) -> str:
        """Who holds this account's roles: the person, where the identity was proved, else the account."""
        return f"person:{self.person_id}" if self.person_id else self.actor_key

    def forget_roles(self) -> None:
        """Read roles and agency anew at the next question."""
        self.__dict__.pop("_held_roles", None)
        self.__dict__.pop("_agency", None)

    called_with: int | None = None
    """Of a system's call: the credentials that it came with (id of a ``SystemApplication``)."""

    def acts_for(self, agency: Agency, *, called_with: int | None = None) -> None:
        """The agency of a service account that was read together with it, so that nobody reads it again."""
        self._agency: Agency | None = agency
        self.called_with = called_with

    @property
    def agency_code(self) -> str:
        """The agency this account acts for; empty for the public."""
        agency = self.agency
        return agency.code if agency else ""

    @property
    def agency(self) -> Agency | None:
        """The agency this account belongs to (its first role, or its service account)."""
        if not hasattr(self, "_agency"):
            self._agency = self._find_agency()
        return self._agency

    def _find_agency(self) -> Agency | None:
        if self.kind == self.Kind.SYSTEM:
            account = ServiceAccount.objects.select_related("agency").filter(user=self).first()
            return account.agency if account else None
        if self.kind != self.Kind.STAFF:
            return None
        roles = self.roles_in_force()
        return roles[0].agency if roles else None

    def roles_in_force(self) -> list[RoleAssignment]:
        """The roles held now with their agencies, the earliest first; the first one's agency is the account's.

        Those in an agency that is no more give nothing.
        """
        held = self.roles.select_related("agency").filter(ended_on=None, agency__is_active=True)
        roles = list(held.order_by("pk"))
        self.__dict__.setdefault("_agency", roles[0].agency if roles else None)
        return roles


class RoleAssignment(models.Model):
    """One role of one person in one agency, from a day on and, once ended, to a day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles", verbose_name=_("账号"))
    holder = models.CharField(_("持有人"), max_length=60, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="roles", verbose_name=_("机关"))
    role = models.CharField(_("角色"), max_length=24, choices=Role)
    started_on = models.DateField(_("自"))
    ended_on = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("角色")
        ordering = ["agency", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "agency", "role"], condition=Q(ended_on=None), name="accounts_a_role_held_once"
            ),
            models.UniqueConstraint(
                fields=["holder"],
                condition=Q(ended_on=None, role__in=[role.value for role in ADMINISTRATORS]),
                name="accounts_administrators_are_three_persons",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="accounts_role_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.holder = self.user.holder_key
        super().save(*args, **kwargs)


class ServiceAccount(models.Model):  # type: ignore[django-manager-missing]  # the same
    """The account under which an information system of an agency acts over REST."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="service_account")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="service_accounts")
    name = models.CharField(_("系统名称"), max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = _("系统账号")
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="accounts_a_system_named_once")]

    def __str__(self) -> str:
        return self.name


class SystemApplication(AbstractApplication):
    """The OAuth2 client of a service account (client credentials)."""

    service_account = models.ForeignKey(
        ServiceAccount, on_delete=models.PROTECT, null=True, related_name="applications"
    )
    allowed_scopes = models.JSONField(_("可申请的权限"), default=list)
    revoked_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta(AbstractApplication.Meta):
        swappable = "OAUTH2_PROVIDER_APPLICATION_MODEL"
        verbose_name = verbose_name_plural = _("系统接入凭据")

    @staticmethod
    def every_scope() -> dict[str, str]:
        """Every scope by name, with what it allows in Chinese."""
        scopes: dict[str, str] = settings.OAUTH2_PROVIDER["SCOPES"]  # type: ignore[assignment]
        return dict(scopes)

    def is_usable(self, request: Any) -> bool:
        """Whether tokens may be had and used: not revoked, and the system's account is active."""
        account = self.service_account
        return self.revoked_at is None and account is not None and account.user.is_active


class SystemAccessTokens(models.Manager["SystemAccessToken"]):
    """Tokens with all that is asked of them at every call, and no more, in one query. The rest is read when wanted."""

    related = ("application__service_account__user", "application__service_account__agency")
    asked = (
        *("token_checksum", "expires", "scope", "resource", "user"),
        *(f"application__{name}" for name in ("client_id", "client_type", "authorization_grant_type", "revoked_at")),
        "application__service_account__name",
        *(
            f"application__service_account__user__{name}"
            for name in ("username", "display_name", "kind", "person", "is_active", "is_staff", "is_superuser")
        ),
        *(f"application__service_account__agency__{field.name}" for field in Agency._meta.concrete_fields),
    )

    def get_queryset(self) -> models.QuerySet[SystemAccessToken]:
        return super().get_queryset().select_related(*self.related).only(*self.asked)


class SystemAccessToken(AbstractAccessToken):
    """An access token, of which only the checksum is stored (``COMPLIANT_BCP_RFC9700_TOKEN_STORAGE``)."""

    objects = SystemAccessTokens()

    class Meta(AbstractAccessToken.Meta):
        swappable = "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL"
        verbose_name = verbose_name_plural = _("访问令牌")


class Consent(models.Model):
    """A person's consent to a version of the privacy notice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    notice_version = models.CharField(max_length=20)
    given_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("同意记录")
        constraints = [
            models.UniqueConstraint(fields=["user", "notice_version"], name="accounts_consent_given_once_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.notice_version}"


class PhoneCode(models.Model):
    """A code sent to a telephone, of which only a keyed hash is stored. Good once, for minutes, for few tries.

    With a user, it proves that user's telephone; where that takes the place of another, ``second_way`` says what proves
    the change besides. Without, it signs in whoever asked for it in one browser, which knows its id; another browser
    that asks for the same number gets a code of its own and takes no tries from this one.
    """

    class Way(models.TextChoices):
        """How the owner of an account proves that its telephone is to change."""

        NONE = "", ""
        PASSWORD = "password", _("登录密码")
        SMS = "sms", _("原手机号码收到的验证码")
        MAIL = "mail", _("邮箱收到的验证码")

    user = models.OneToOneField(User, on_delete=models.CASCADE, null=True, related_name="phone_code")
    phone_encrypted = models.TextField(_("手机号码（加密）"))
    code_index = models.CharField(max_length=64)
    second_way = models.CharField(max_length=8, choices=Way, default=Way.NONE, blank=True)
    second_index = models.CharField(max_length=64, blank=True)
    tries_left = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    proved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("短信验证码")

    def __str__(self) -> str:
        return f"code of user {self.user_id}"

    @property
    def phone(self) -> str:
        """The number in clear."""
        return decrypt(self.phone_encrypted)


class GatewayMessage(models.Model):
    """What a demonstration gateway was asked to send or check, for the page that shows it."""

    class Channel(models.TextChoices):
        SMS = "sms", _("短信")
        MAIL = "mail", _("邮件")
        IDENTITY = "identity", _("实名核验")

    channel = models.CharField(max_length=8, choices=Channel)
    recipient = models.CharField(max_length=254)
    title = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("演示网关记录")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.channel} {self.recipient}"
