"""Pulls of an entry's rows from registered interfaces, by schedule (第十二条), and how each went."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.deadlines import PULL_INTERVALS
from catalog.models.entries import CatalogEntry
from catalog.models.gathering import Load
from catalog.models.systems import Interface
from catalog.workflow import InterfaceStatus, PullStatus, SystemStatus
from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import decrypt


class PullQuerySet(models.QuerySet["Pull"]):
    """Pulls, and which of them are made."""

    def made_at_all(self) -> PullQuerySet:
        """Those that run, of entries in force, from interfaces that are in use: whoever ends one lets nobody in."""
        running = self.filter(status=PullStatus.RUNNING, entry__in_force__isnull=False)
        return running.filter(interface__system__status=SystemStatus.IN_USE).exclude(
            interface__status=InterfaceStatus.ENDED
        )


class Pull(models.Model):
    """What is pulled, from where, how it is read, and when."""

    class Paging(models.TextChoices):
        NONE = "none", _("不分页")
        PAGE = "page", _("页码")
        OFFSET = "offset", _("起始行和行数")
        CURSOR = "cursor", _("游标")
        LINK = "link", _("下一页地址")

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="pulls")
    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="pulls", verbose_name=_("接口"))
    path = models.CharField(_("路径"), max_length=300, blank=True)
    query = models.JSONField(_("固定参数"), default=dict, blank=True)
    paging = models.CharField(_("分页"), max_length=6, choices=Paging, default=Paging.NONE)
    page_name = models.CharField(_("页码、起始行或者游标的参数"), max_length=60, blank=True)
    size_name = models.CharField(_("每页行数的参数"), max_length=60, blank=True)
    page_size = models.PositiveIntegerField(_("每页行数"), default=500)
    first_page = models.PositiveSmallIntegerField(_("首页的页码"), default=1)
    next_at = models.CharField(_("下一个游标或者地址的位置"), max_length=200, blank=True)
    rows_at = models.CharField(_("数据行的位置"), max_length=200, blank=True)
    mapping = models.JSONField(_("字段对应"), default=dict, blank=True)
    mode = models.CharField(_("方式"), max_length=8, choices=Load.Mode, default=Load.Mode.REPLACE)
    every = models.PositiveIntegerField(_("间隔"), choices=PULL_INTERVALS, default=1440)
    at_time = models.TimeField(_("每天几点"), null=True, blank=True)
    header_name = models.CharField(_("凭据的请求头"), max_length=60, blank=True)
    header_encrypted = models.TextField(_("凭据（加密）"), blank=True)
    status = models.CharField(_("状态"), max_length=7, choices=PullStatus, default=PullStatus.RUNNING)
    status_reasons = models.CharField(_("暂停或者终止的理由"), max_length=500, blank=True)
    failures = models.PositiveIntegerField(_("连续失败次数"), default=0)
    told_at = models.DateTimeField(_("失败通知"), null=True, blank=True)
    next_run_at = models.DateTimeField(_("下次拉取"), null=True, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("设置人"))
    made_at = models.DateTimeField(_("设置时间"))

    objects = PullQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("定时拉取")
        ordering = ["entry", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(header_name="") | ~Q(header_encrypted=""), name="catalog_a_pulls_header_has_its_value"
            )
        ]
        indexes = [models.Index(fields=["status", "next_run_at"], name="catalog_pull_due")]

    def __str__(self) -> str:
        return f"{self.interface} {self.path}"

    @property
    def number(self) -> str:
        """What it is called in lists: ``LQ-00012``."""
        return f"LQ-{self.pk:05}"

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return f"/desk/catalog/pulls/{self.pk}/"

    @property
    def idle_because(self) -> str:
        """Why nothing is pulled although it runs; empty where it is."""
        if self.entry.in_force_id is None:
            return str(_("这一条目没有现行目录，收到的数据不能入库，现在不拉取。"))
        system = self.interface.system
        if self.interface.status == InterfaceStatus.ENDED or system.status != SystemStatus.IN_USE:
            return str(_("接口已经停用，或者所属的信息系统不在用，现在不拉取。请修改设置，选择在用的接口。"))
        return ""

    def credentials(self) -> dict[str, str]:
        """The header that lets the portal in: its own, else the interface's."""
        return {self.header_name: decrypt(self.header_encrypted)} if self.header_name else self.interface.credentials()

    def principal(self) -> User:
        """Whose account bears what is pulled: the system's, else that of whoever set it up."""
        account: Any = self.interface.system.service_account
        return account.user if account is not None else self.made_by


class PullRun(models.Model):
    """One pull as it went."""

    class State(models.TextChoices):
        RUNNING = "running", _("拉取中")
        RECEIVED = "received", _("已收到")
        EMPTY = "empty", _("没有数据")
        FAILED = "failed", _("失败")
        BROKEN = "broken", _("中断")

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField(_("开始"))
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True)
    state = models.CharField(_("结果"), max_length=8, choices=State, default=State.RUNNING)
    pages = models.PositiveIntegerField(_("页数"), default=0)
    rows = models.PositiveIntegerField(_("行数"), default=0)
    message = models.CharField(_("说明"), max_length=500, blank=True)
    loads = models.ManyToManyField(Load, related_name="+", verbose_name=_("汇聚批次"))

    class Meta:
        verbose_name = verbose_name_plural = _("拉取记录")
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["pull", "-started_at"], name="catalog_run_of_pull")]

    def __str__(self) -> str:
        return f"{self.pull_id} {self.started_at:%Y-%m-%d %H:%M} {self.state}"
