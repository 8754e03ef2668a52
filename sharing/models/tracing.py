"""Whom a reading touched: what stands beside the log so that whoever lies in it can be told (第十七条).

The log itself names nobody. A reading that names its subjects leaves their keyed indexes here; any other leaves what it
asked, encrypted, and is held against a person's own rows when that person wants to know.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, Person, User
from sharing.models.grants import ONE_RIGHT, OfOneRight, SharingGrant, Taking
from sharing.workflow import DeferralStatus


class ReadingTrace(models.Model):
    """One reading of data in which persons can be found.

    ``names_all``: it can touch nobody but those it names. ``asked``: its filters, order and part, encrypted; empty
    where it took every row, or where ``names_all``. ``is_exact``: whether ``asked`` is all that chose its rows.
    """

    reading = models.UUIDField(_("读取编号"), unique=True)
    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(_("数据版本"))
    since = models.PositiveIntegerField(_("自哪一版起的变化"), null=True, blank=True)
    at = models.DateTimeField(_("时间"))
    kind = models.CharField(_("方式"), max_length=20)
    agency = models.CharField(_("读取机关"), max_length=18, blank=True)
    access = models.CharField(_("授权"), max_length=120)
    case_number = models.CharField(_("办件编号"), max_length=120, blank=True)
    names_all = models.BooleanField(_("指名读取"), default=False)
    asked = models.TextField(_("查询（加密）"), blank=True)
    is_exact = models.BooleanField(default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("读取涉及的人")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["entry", "version"], name="sharing_trace_of_version"),
            models.Index(fields=["id"], condition=Q(names_all=False), name="sharing_trace_of_many"),
        ]

    def __str__(self) -> str:
        return f"{self.reading}"


class TracedSubject(models.Model):
    """A person named by a reading, by the keyed index of the identity number."""

    trace = models.ForeignKey(ReadingTrace, on_delete=models.CASCADE, related_name="subjects")
    index = models.CharField(_("证件号码索引"), max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("指名读取的人")
        constraints = [models.UniqueConstraint(fields=["index", "trace"], name="sharing_subject_named_once")]

    def __str__(self) -> str:
        return f"{self.trace_id}"


class Examination(models.Model):
    """How far the readings that name nobody were held against one person's rows; kept while that person looks."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    examined_to = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(_("要求查看的时间"))
    seen_at = models.DateTimeField(_("最近进展"))
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("逐次核对")
        indexes = [models.Index(fields=["asked_at"], name="sharing_examination_asked")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.examined_to}"


class Found(models.Model):
    """A reading that touched a person without naming anybody. ``is_certain``: whether it surely did."""

    examination = models.ForeignKey(Examination, on_delete=models.CASCADE, related_name="found")
    trace = models.ForeignKey(ReadingTrace, on_delete=models.CASCADE, related_name="+")
    is_certain = models.BooleanField(default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("批量读取涉及的人")
        constraints = [models.UniqueConstraint(fields=["examination", "trace"], name="sharing_found_once")]

    def __str__(self) -> str:
        return f"{self.examination_id} {self.trace_id}"


class CounterProof(models.Model):
    """That the holder of an account came to a counter with the identity document.

    Name and number together are known to others, whoever reads the data first of all; they open nothing here.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="counter_proof")
    code_index = models.CharField(max_length=64, blank=True, db_index=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    tries_left = models.PositiveSmallIntegerField(default=0)
    proved_at = models.DateTimeField(_("当面核验时间"), null=True, blank=True)
    proved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("当面核验")

    def __str__(self) -> str:
        return f"proof of user {self.user_id}"


class Deferral(OfOneRight):
    """Readings by one right of which the persons concerned are told later, on a legal basis, until a day.

    Proposed by one person of the provider or the requester, in force once a second person of the same agency confirms.
    ``case_number`` empty: every reading through it.
    """

    grant = models.ForeignKey(
        SharingGrant, on_delete=models.PROTECT, null=True, blank=True, related_name="deferrals", verbose_name=_("授权")
    )
    taking = models.ForeignKey(
        Taking, on_delete=models.PROTECT, null=True, blank=True, related_name="deferrals", verbose_name=_("获取登记")
    )
    case_number = models.CharField(_("办件编号"), max_length=120, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name=_("提出机关"))
    basis = models.CharField(_("法律依据"), max_length=300)
    reasons = models.TextField(_("理由"), max_length=2000)
    until = models.DateField(_("延后至"))
    status = models.CharField(_("状态"), max_length=10, choices=DeferralStatus, default=DeferralStatus.PROPOSED)
    status_reasons = models.TextField(_("不予确认、提前结束的理由"), max_length=2000, blank=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("提出人"))
    proposed_at = models.DateTimeField(_("提出时间"))
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("提前结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("延后告知")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=ONE_RIGHT, name="sharing_deferral_of_one_right"),
            models.CheckConstraint(condition=~Q(basis="") & ~Q(reasons=""), name="sharing_deferral_has_its_basis"),
            models.CheckConstraint(
                condition=~Q(status="in-force") | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="sharing_deferral_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=models.F("proposed_by")), name="sharing_deferral_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"deferral {self.pk}"

    def get_absolute_url(self) -> str:
        """Its page for the two agencies and those who supervise them."""
        return reverse("sharing:deferral", args=[self.pk])
