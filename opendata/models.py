"""Opening (chapter 4): plans of desensitization, data sets on the public site, and their published versions."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, ConfidentialityReview, DataVersion, EntryRevision
from guiyang_data.accounts.models import User
from guiyang_data.tables.columns import Column, DataType
from opendata.workflow import DatasetStatus, PlanStatus

LICENCE = "免费使用，可以复制、修改、再分发和用于商业；使用时注明来源和取得日期，不得用于违法活动。"
"""The terms of every data set (第三条、第八条): free of charge, for everyone alike."""


def open_table(entry_id: int) -> Path:
    """The folder of an entry's desensitized rows, apart from those of the sharing side."""
    return Path(settings.ROWS_DIR) / "open" / str(entry_id) / "table"


class OpeningPlan(models.Model):
    """What is done to each information item before an entry opens (第十八条第二款)."""

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="opening_plans")
    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("状态"), max_length=10, choices=PlanStatus, default=PlanStatus.DRAFT)
    techniques = models.JSONField(_("脱敏方法"), default=dict)
    detected = models.JSONField(_("识别结果"), default=dict)
    risk = models.JSONField(_("重标识风险"), default=dict)
    review = models.OneToOneField(
        ConfidentialityReview, on_delete=models.PROTECT, null=True, blank=True, related_name="opening_plan"
    )
    compiled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("编制人"))
    created_at = models.DateTimeField(_("编制时间"))
    updated_at = models.DateTimeField(_("修改时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("开放方案")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(status__in=[PlanStatus.DRAFT.value, PlanStatus.IN_REVIEW.value]),
                name="opendata_one_plan_on_its_way",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status=PlanStatus.PUBLISHED.value), name="opendata_one_plan_carried_out"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.status}"

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return f"/desk/opening/plans/{self.pk}/"

    @property
    def is_cleared(self) -> bool:
        """Whether a second person found that it may be carried out."""
        return self.review is not None and self.review.outcome == "passed"

    @property
    def is_turned_down(self) -> bool:
        """Whether a second person found that it may not."""
        return self.review is not None and self.review.outcome == "refused"

    @property
    def is_waiting(self) -> bool:
        """Whether a second person still has to judge it."""
        return self.review is not None and self.review.outcome == "waiting"


class OpenDataset(models.Model):
    """An entry that is open to the public: what the public side knows of it, and nothing else."""

    entry = models.OneToOneField(CatalogEntry, on_delete=models.PROTECT, related_name="dataset")
    slug = models.SlugField(_("标识"), max_length=60, unique=True)
    status = models.CharField(_("状态"), max_length=10, choices=DatasetStatus, default=DatasetStatus.PUBLISHED)
    title = models.CharField(_("名称"), max_length=200)
    abstract = models.TextField(_("摘要"))
    field = models.CharField(_("领域"), max_length=16)
    keywords = models.CharField(_("关键字"), max_length=300, blank=True)
    update_cycle = models.CharField(_("更新周期"), max_length=12)
    provider_name = models.CharField(_("提供机关"), max_length=120)
    provider_code = models.CharField(max_length=18)
    region_code = models.CharField(max_length=12)
    licence = models.TextField(_("许可"), default=LICENCE)
    current = models.OneToOneField(
        "PublishedVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_on = models.DateField(_("首次开放"))
    updated_at = models.DateTimeField(_("更新时间"))
    downloads = models.PositiveBigIntegerField(_("下载次数"), default=0)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    withdrawal_reasons = models.TextField(_("撤回理由"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("开放数据集")
        ordering = ["-updated_at", "-id"]
        indexes = [
            models.Index(fields=["status", "field"], name="opendata_dataset_field"),
            models.Index(fields=["status", "-updated_at"], name="opendata_dataset_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its public page."""
        return f"/data/{self.slug}/"

    @property
    def table(self) -> Path:
        """The folder of its desensitized rows; the public side reads nothing else."""
        return open_table(self.entry_id)

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back by the provider."""
        return self.status == DatasetStatus.WITHDRAWN


class PublishedVersion(models.Model):
    """One desensitized version as the public gets it."""

    dataset = models.ForeignKey(OpenDataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("版本"))
    table_version = models.PositiveIntegerField()
    plan = models.ForeignKey(OpeningPlan, on_delete=models.PROTECT, related_name="versions")
    source = models.ForeignKey(DataVersion, on_delete=models.PROTECT, related_name="+")
    rows = models.BigIntegerField(_("行数"))
    columns = models.JSONField(_("信息项"))
    profile = models.JSONField(_("概况"), default=list)
    files = models.JSONField(_("文件"), default=dict, help_text=_("各格式的大小（字节）和 SHA-256 校验值"))
    made_at = models.DateTimeField(_("生成时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("开放版本")
        ordering = ["dataset", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="opendata_one_version_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} v{self.number}"

    @property
    def schema(self) -> list[Column]:
        """The columns of its table."""
        return [
            Column(name=one["name"], code=one["code"], data_type=DataType(one["data_type"]), is_key=one["is_key"])
            for one in self.columns
        ]


class PublishJob(models.Model):
    """The making of a desensitized version, with its state and progress."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待处理")
        RUNNING = "running", _("处理中")
        DONE = "done", _("已开放")
        FAILED = "failed", _("未能开放")

    plan = models.ForeignKey(OpeningPlan, on_delete=models.PROTECT, related_name="jobs")
    source = models.ForeignKey(DataVersion, on_delete=models.PROTECT, related_name="+")
    load_id = models.UUIDField(
        _("批次号"), unique=True, default=uuid.uuid4, help_text=_("随版本写入数据表，中断后据此认出已写成的版本")
    )
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(_("进度"), default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(_("说明"), blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("提出时间"))
    seen_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("开放作业")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "source"], name="opendata_a_version_is_made_once"),
        ]
        indexes = [models.Index(fields=["state", "seen_at"], name="opendata_job_state")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.state}"


class Demand(models.Model):
    """How much an entry is asked for: requests, searches and new followers, by day (第二十条第三款)."""

    entry = models.ForeignKey(CatalogEntry, on_delete=models.CASCADE, related_name="demand")
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)
    searches = models.PositiveIntegerField(default=0)
    followers = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("需求")
        constraints = [models.UniqueConstraint(fields=["entry", "day"], name="opendata_demand_once_a_day")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.day}"
