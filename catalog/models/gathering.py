"""Data gathered for entries (第十二条), its versions, and imports of other catalogues."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.entries import CatalogEntry, EntryRevision
from guiyang_data.accounts.models import Agency, User


class Load(models.Model):
    """One gathering of data (第十二条): the file as it landed, what became of its rows, and the version it made."""

    class State(models.TextChoices):
        OPEN = "open", _("等待其余各部分")
        WAITING = "waiting", _("等待处理")
        RUNNING = "running", _("处理中")
        DONE = "done", _("已入库")
        REFUSED = "refused", _("未入库")

    class Source(models.TextChoices):
        """How it came."""

        FILE = "file", _("文件")
        PUSH = "push", _("接口推送")
        PULL = "pull", _("定时拉取")

    class Mode(models.TextChoices):
        REPLACE = "replace", _("整表替换")
        APPEND = "append", _("追加")
        UPSERT = "upsert", _("按主键更新")

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="loads")
    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, related_name="+")
    load_id = models.UUIDField(_("批次号"), unique=True)
    file_name = models.CharField(_("文件名"), max_length=255)
    landed_at = models.CharField(_("落地位置"), max_length=300, blank=True, help_text=_("为空的，内容存于数据库"))
    size = models.BigIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64)
    mode = models.CharField(_("方式"), max_length=8, choices=Mode, default=Mode.REPLACE)
    header_row = models.PositiveIntegerField(_("表头所在行"), null=True, blank=True)
    source = models.CharField(_("来源"), max_length=4, choices=Source, default=Source.FILE)
    kind = models.CharField(_("格式"), max_length=6, blank=True)
    key = models.CharField(_("幂等键"), max_length=100, blank=True)
    header = models.JSONField(_("报送的信息项"), default=list, blank=True)
    rows_sent = models.PositiveIntegerField(_("报送行数"), default=0)
    gathering = models.UUIDField(_("合并入库的编号"), null=True, blank=True)
    version = models.ForeignKey(
        "DataVersion",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="loads",
        verbose_name=_("所在数据版本"),
    )
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(_("进度"), default=0)
    rows_read = models.BigIntegerField(_("读取行数"), default=0)
    rows_accepted = models.BigIntegerField(_("入库行数"), default=0)
    rows_refused = models.BigIntegerField(_("退回行数"), default=0)
    reasons = models.JSONField(_("退回原因"), default=dict, blank=True)
    bad_rows = models.CharField(_("退回行文件"), max_length=300, blank=True)
    encoding = models.CharField(_("编码"), max_length=20, blank=True)
    message = models.TextField(_("说明"), blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("报送人"))
    collector = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("采集机关"),
        help_text=_("为空的，由提供机关报送"),
    )
    received_at = models.DateTimeField(_("收到时间"))
    started_at = models.DateTimeField(_("开始处理"), null=True, blank=True)
    seen_at = models.DateTimeField(_("最近进展"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("处理次数"), default=0)
    finished_at = models.DateTimeField(_("处理完毕"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("汇聚批次")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "by", "key"],
                condition=~models.Q(key="") & models.Q(collector=None),
                name="catalog_a_batch_received_once",
            ),
            models.UniqueConstraint(
                fields=["entry", "by", "collector", "key"],
                condition=~models.Q(key="") & models.Q(collector__isnull=False),
                name="catalog_a_part_of_an_agency_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "started_at"], name="catalog_load_state"),
            models.Index(fields=["entry", "state", "received_at"], name="catalog_load_of_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return f"/desk/catalog/loads/{self.pk}/"

    @property
    def sender(self) -> Agency:
        """The agency whose load it is."""
        return self.collector or self.entry.provider

    @property
    def is_file(self) -> bool:
        """Whether it came as a file, and not as rows."""
        return self.source == self.Source.FILE

    @property
    def is_alone(self) -> bool:
        """Whether it makes a version by itself; rows that are added or updated are gathered with others."""
        return self.is_file or self.mode == self.Mode.REPLACE

    @property
    def landed(self) -> Path:
        """Where the file lies as it came."""
        return Path(settings.DATA_DIR) / self.landed_at

    @property
    def bad_rows_file(self) -> Path | None:
        """The list of refused rows, where there is one."""
        return Path(settings.ROWS_DIR) / self.bad_rows if self.bad_rows else None


class PushedContent(models.Model):
    """What a system pushed, as it came, where it is short: it is safe with its batch, by one flush of the disk."""

    load = models.OneToOneField(Load, on_delete=models.CASCADE, related_name="content")
    packed = models.BinaryField(_("内容"), help_text=_("按 zlib 压缩"))

    class Meta:
        verbose_name = verbose_name_plural = _("报送内容")

    def __str__(self) -> str:
        return str(self.load_id)


class LoadPart(models.Model):
    """A further part of a whole replacement that is pushed in several."""

    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField(_("第几部分"))
    kind = models.CharField(_("格式"), max_length=6)
    key = models.CharField(_("幂等键"), max_length=100)
    landed_at = models.CharField(_("落地位置"), max_length=300)
    size = models.BigIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(_("行数"))
    received_at = models.DateTimeField(_("收到时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("分部分报送")
        ordering = ["load", "number"]
        constraints = [
            models.UniqueConstraint(fields=["load", "number"], name="catalog_one_part_a_number"),
            models.UniqueConstraint(fields=["load", "key"], name="catalog_a_part_received_once"),
        ]

    def __str__(self) -> str:
        return f"{self.load_id} {self.number}"

    @property
    def landed(self) -> Path:
        """Where it lies as it came."""
        return Path(settings.DATA_DIR) / self.landed_at


class DataVersion(models.Model):
    """A version of an entry's rows that readers may be pinned to: what a load made, or an earlier one restored.

    ``rows_added``, ``rows_removed`` and ``rows_changed`` compare it with the version numbered before it; they are null
    for the first one, and until the comparison is made. ``rows_changed`` is null too where the rows have no key.
    ``alike``: ``{"number", "first"}``, of a load: groups of keys that look alike, and the first, personal ones masked.
    """

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="data_versions")
    number = models.PositiveIntegerField(_("数据版本"))
    table_version = models.PositiveIntegerField()
    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, related_name="+")
    layout = models.CharField(
        _("数据结构"), max_length=64, help_text=_("入库时信息项字段名与类型的摘要；草稿的信息项以后还可能修改")
    )
    load = models.OneToOneField(Load, on_delete=models.PROTECT, related_name="made", null=True, blank=True)
    restored = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("恢复自")
    )
    restored_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("恢复人")
    )
    reasons = models.TextField(_("恢复的理由"), max_length=2000, blank=True)
    rows = models.BigIntegerField(_("行数"))
    rows_added = models.BigIntegerField(_("新增行数"), null=True, blank=True)
    rows_removed = models.BigIntegerField(_("减少行数"), null=True, blank=True)
    rows_changed = models.BigIntegerField(_("变动行数"), null=True, blank=True)
    alike = models.JSONField(_("看起来相同的主键"), default=dict, blank=True)
    made_at = models.DateTimeField(_("入库时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("数据版本")
        ordering = ["entry", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="catalog_one_data_version_a_number"),
            models.CheckConstraint(
                condition=models.Q(load__isnull=False, restored=None)
                | models.Q(load=None, restored__isnull=False, restored_by__isnull=False),
                name="catalog_version_loaded_or_restored",
            ),
        ]
        indexes = [
            models.Index(fields=["made_at"], condition=models.Q(rows_added=None), name="catalog_versions_uncompared")
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} #{self.number}"

    @property
    def is_outdated(self) -> bool:
        """Whether the items of the draft that it was loaded for have been changed since: the rows are not theirs."""
        return self.layout != self.revision.layout

    @property
    def lost_most(self) -> bool:
        """Whether more than half of the rows of the version before are not in it."""
        if self.rows_added is None or self.rows_removed is None:
            return False
        before = self.rows - self.rows_added + self.rows_removed
        return 2 * self.rows_removed > before


class SheetImport(models.Model):
    """A file of records that is taken in stepwise: landed, its columns understood, confirmed, then done in batches."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("待核对")
        WAITING = "waiting", _("等待处理")
        RUNNING = "running", _("处理中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未完成")

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("导入人"))
    file_name = models.CharField(_("文件名"), max_length=255)
    landed_at = models.CharField(_("落地位置"), max_length=300)
    size = models.BigIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(_("文件各列"), default=list)
    mapping = models.JSONField(_("对应关系"), default=dict)
    take_good_rows = models.BooleanField(_("有问题的行不导入，其余照常导入"), default=False)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.MAPPING)
    rows_read = models.PositiveIntegerField(_("行数"), default=0)
    rows_done = models.PositiveIntegerField(_("已处理"), default=0)
    created = models.PositiveIntegerField(_("新建"), default=0)
    updated = models.PositiveIntegerField(_("更新"), default=0)
    unchanged = models.PositiveIntegerField(_("没有变化"), default=0)
    refused = models.PositiveIntegerField(_("没有导入"), default=0)
    refusals = models.JSONField(_("没有导入的行"), default=list)
    message = models.TextField(_("说明"), blank=True)
    received_at = models.DateTimeField(_("收到时间"))
    seen_at = models.DateTimeField(_("最近进展"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("处理次数"), default=0)
    finished_at = models.DateTimeField(_("处理完毕"), null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-received_at", "-id"]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"

    @property
    def landed(self) -> Path:
        """Where the file lies as it came."""
        return Path(settings.DATA_DIR) / self.landed_at


class CatalogImport(SheetImport):
    """The import of another catalogue into drafts: the file, how its columns were understood, and what became of it."""

    provider = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name=_("提供机关"))
    defaults = models.JSONField(_("缺省值"), default=dict)
    defaulted = models.JSONField(_("按缺省值的条目数"), default=dict)

    class Meta(SheetImport.Meta):
        verbose_name = verbose_name_plural = _("目录导入")

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return f"/desk/catalog/imports/{self.pk}/"
