"""Rights to read rows: grants, takings, and how much of a grant is used (第十四条、第十五条、第十七条)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from sharing.models.applications import SharingApplication
from sharing.models.standing import StandingAuthorisation
from sharing.workflow import GrantStatus


class SharingGrant(models.Model):
    """A right to read an entry's rows: the only truth about it (第十五条第二款、第十七条).

    Without a ``source`` it was given in advance; ``standing``: to a whole kind of agency. ``rows_per_day`` None sets no
    limit, nor do empty ``ways``.
    """

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="grants", verbose_name=_("目录条目"))
    title = models.CharField(_("资源名称"), max_length=200)
    grantee = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="sharing_grants", verbose_name=_("需求机关")
    )
    source = models.ForeignKey(
        SharingApplication, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    standing = models.ForeignKey(
        StandingAuthorisation, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    items = models.JSONField(_("信息项"))
    row_condition = models.JSONField(_("数据范围"), default=list, blank=True)
    duty = models.CharField(_("所履行的职责"), max_length=300)
    purpose = models.TextField(_("用途"), max_length=1000)
    case_number = models.CharField(_("办件编号"), max_length=120, blank=True)
    ways = models.JSONField(_("提供方式"), default=list, blank=True)
    valid_from = models.DateField(_("有效期自"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    rows_per_day = models.PositiveBigIntegerField(_("每日行数上限"), null=True, blank=True)
    calls_per_minute = models.PositiveIntegerField(_("每分钟次数上限"), default=60)
    system = models.ForeignKey(
        ServiceAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("调用系统")
    )
    status = models.CharField(_("状态"), max_length=10, choices=GrantStatus, default=GrantStatus.ACTIVE)
    status_reasons = models.TextField(_("暂停、终止的理由"), max_length=2000, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("授权人"))
    granted_on = models.DateField(_("授权日期"))
    granted_at = models.DateTimeField(_("授权时间"))
    supplied_on = models.DateField(_("可以读取之日"), null=True, blank=True)
    ended_on = models.DateField(_("终止日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("授权")
        ordering = ["-granted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="sharing_grant_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(status="active") | ~Q(status_reasons=""), name="sharing_grant_stopped_with_reasons"
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False) | (~Q(status="ended") & Q(ended_on=None)),
                name="sharing_grant_ends_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["standing", "grantee"],
                condition=~Q(status="ended") & Q(standing__isnull=False),
                name="sharing_one_grant_under_a_standing",
            ),
        ]
        indexes = [
            models.Index(fields=["grantee", "status"], name="sharing_grant_of_grantee"),
            models.Index(fields=["entry", "status"], name="sharing_grant_of_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.grantee_id}）"

    def get_absolute_url(self) -> str:
        """Its page for both agencies."""
        return reverse("sharing:grant", args=[self.pk])

    @property
    def reader(self) -> Agency:
        """The agency that reads by it."""
        return self.grantee

    def is_usable_on(self, on: dt.date) -> bool:
        """Whether it lets through on a day: it and the authorisation above it run, and its period covers the day."""
        standing = self.standing is None or self.standing.status == GrantStatus.ACTIVE
        return standing and self.status == GrantStatus.ACTIVE and self.covers(on)

    def covers(self, on: dt.date) -> bool:
        """Whether ``on`` lies in its period, both ends included."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

    def standing_on(self, on: dt.date) -> str:
        """How it stands on a day, in words: its status, or that its period has not begun or is over."""
        if self.standing is not None and self.status == GrantStatus.ACTIVE != self.standing.status:
            return str(GrantStatus(self.standing.status).label)
        if self.status != GrantStatus.ACTIVE or self.covers(on):
            return str(GrantStatus(self.status).label)
        return str(_("未到有效期")) if on < self.valid_from else str(_("已到期"))


class OfOneRight(models.Model):
    """Base of what is about one right to read: its ``grant`` or its ``taking``."""

    class Meta:
        abstract = True

    @property
    def access(self) -> SharingGrant | Taking:
        """The grant or the taking."""
        either: tuple[SharingGrant | Taking | None, ...] = (getattr(self, "grant", None), getattr(self, "taking", None))
        return next(one for one in either if one is not None)


ONE_RIGHT = Q(grant__isnull=False, taking=None) | Q(grant=None, taking__isnull=False)


class ReadingUse(models.Model):
    """How much of a grant's limits is used: rows of the day, calls of the minute. One row a grant.

    ``noted``: the last minute of which the log says that its calls were used up.
    """

    grant = models.OneToOneField(SharingGrant, on_delete=models.CASCADE, primary_key=True, related_name="use")
    day = models.DateField()
    rows = models.PositiveBigIntegerField(default=0)
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)
    noted = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("额度使用")

    def __str__(self) -> str:
        return f"{self.grant_id} {self.day} {self.rows}"


class Taking(models.Model):
    """The declared duty under which an agency reads an unconditionally shared entry (第十五条第一款、第十七条)."""

    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="takings", verbose_name=_("目录条目")
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="takings", verbose_name=_("需求机关"))
    duty = models.CharField(_("所履行的职责"), max_length=300)
    duty_basis = models.CharField(_("职责依据"), max_length=300, blank=True)
    purpose = models.TextField(_("用途"), max_length=1000)
    case_number = models.CharField(_("办件编号"), max_length=120, blank=True)
    terms_accepted = models.BooleanField(_("承诺依职责使用、不转供他人"))
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("登记人"))
    taken_on = models.DateField(_("登记日期"))
    taken_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("获取登记")
        ordering = ["-taken_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(terms_accepted=True), name="sharing_taken_on_its_terms"),
        ]
        indexes = [models.Index(fields=["agency", "entry"], name="sharing_taking_of_agency")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.agency_id}"

    @property
    def reader(self) -> Agency:
        """The agency that reads by it."""
        return self.agency

    @property
    def title(self) -> str:
        """What is read: the entry's title, or its code where it is not in force."""
        return self.entry.in_force.title if self.entry.in_force else self.entry.resource_code

    def get_absolute_url(self) -> str:
        """Where its rows are read."""
        return reverse("sharing:taking-data", args=[self.pk])
