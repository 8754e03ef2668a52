"""Catalogue entries with revisions and information items (第十一条), and the data gathered for them (第十二条)."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from catalog.workflow import RevisionStatus
from guiyang_data.accounts.models import Agency, User


class Category(models.Model):
    """A node of the classification tree of the national guide: 类, 项, 目 or 细目."""

    class Level(models.IntegerChoices):
        CLASS = 1, _("类")
        GROUP = 2, _("项")
        ITEM = 3, _("目")
        DETAIL = 4, _("细目")

    code = models.CharField(_("分类代码"), max_length=20, primary_key=True)
    name = models.CharField(_("名称"), max_length=80)
    level = models.PositiveSmallIntegerField(_("层级"), choices=Level)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name = verbose_name_plural = _("资源分类")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Field(models.TextChoices):
    """The nineteen fields that open with priority, and the like (第二十条第二款)."""

    CREDIT = "credit", _("信用")
    TRANSPORT = "transport", _("交通")
    MEDICAL = "medical", _("医疗")
    HEALTH = "health", _("卫生")
    EMPLOYMENT = "employment", _("就业")
    SOCIAL_SECURITY = "social-security", _("社保")
    GEOGRAPHY = "geography", _("地理")
    CULTURE = "culture", _("文化")
    EDUCATION = "education", _("教育")
    SCIENCE = "science", _("科技")
    RESOURCES = "resources", _("资源")
    AGRICULTURE = "agriculture", _("农业")
    ENVIRONMENT = "environment", _("环境")
    SAFETY = "safety", _("安监")
    FINANCE = "finance", _("金融")
    QUALITY = "quality", _("质量")
    STATISTICS = "statistics", _("统计")
    WEATHER = "weather", _("气象")
    COMPANIES = "companies", _("企业登记监管")
    OTHER = "other", _("其他民生")


class SharingType(models.TextChoices):
    """How an entry is shared (第十四条; withheld comes from superior law)."""

    UNCONDITIONAL = "unconditional", _("无条件共享")
    CONDITIONAL = "conditional", _("有条件共享")
    WITHHELD = "withheld", _("不予共享")


class UpdateCycle(models.TextChoices):
    """How often an entry's data is brought up to date."""

    REAL_TIME = "real-time", _("实时")
    DAILY = "daily", _("每日")
    WEEKLY = "weekly", _("每周")
    MONTHLY = "monthly", _("每月")
    QUARTERLY = "quarterly", _("每季度")
    HALF_YEARLY = "half-yearly", _("每半年")
    YEARLY = "yearly", _("每年")
    IRREGULAR = "irregular", _("不定期")


class FormatClass(models.TextChoices):
    """The format classes of the national guide."""

    DOCUMENT = "document", _("电子文件")
    SPREADSHEET = "spreadsheet", _("电子表格")
    DATABASE = "database", _("数据库")
    IMAGE = "image", _("图形图像")
    STREAM = "stream", _("流媒体")
    SELF_DESCRIBED = "self-described", _("自描述格式")
    SERVICE = "service", _("服务接口")


class CatalogEntry(models.Model):
    """A government data resource in the catalogue: its identity, which never changes, over all revisions."""

    resource_code = models.CharField(_("资源代码"), max_length=40, unique=True)
    provider = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="entries", verbose_name=_("提供机关"))
    in_force = models.OneToOneField(
        "EntryRevision", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("现行版本")
    )
    current_data = models.OneToOneField(
        "DataVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("现行数据")
    )
    frozen_at = models.DateTimeField(_("冻结时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("建立时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("目录条目")
        ordering = ["resource_code"]
        permissions = [("compile_entry", "Compile this entry")]

    def __str__(self) -> str:
        return self.resource_code

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return reverse("catalog:entry", args=[self.pk])

    @property
    def table(self) -> Path:
        """The folder of its rows on the sharing side."""
        return Path(settings.ROWS_DIR) / "entries" / str(self.pk) / "table"


class EntryUserPermission(UserObjectPermissionBase):
    """What a person is given on one entry (a delegated compilation)."""

    content_object = models.ForeignKey(CatalogEntry, on_delete=models.CASCADE)
    permission = models.ForeignKey(Permission, on_delete=models.CASCADE, related_name="+")


class EntryGroupPermission(GroupObjectPermissionBase):
    """What a group is given on one entry."""

    content_object = models.ForeignKey(CatalogEntry, on_delete=models.CASCADE)
    permission = models.ForeignKey(Permission, on_delete=models.CASCADE, related_name="+")


class EntryRevision(models.Model):
    """One version of an entry's metadata, with every element of the national guide."""

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("版本"))
    status = models.CharField(_("状态"), max_length=12, choices=RevisionStatus, default=RevisionStatus.DRAFT)
    title = models.CharField(_("资源名称"), max_length=200)
    abstract = models.TextField(_("资源摘要"), max_length=3000)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+", verbose_name=_("资源分类"))
    field = models.CharField(_("领域"), max_length=16, choices=Field, default=Field.OTHER)
    keywords = models.CharField(_("关键字"), max_length=300, blank=True)
    format_class = models.CharField(_("格式分类"), max_length=16, choices=FormatClass, default=FormatClass.SPREADSHEET)
    format_type = models.CharField(_("格式类型"), max_length=60, default="CSV", blank=True)
    sharing_type = models.CharField(_("共享类型"), max_length=14, choices=SharingType)
    sharing_condition = models.TextField(_("共享条件"), blank=True, max_length=2000)
    sharing_basis = models.TextField(_("不予共享的依据"), blank=True, max_length=2000)
    sharing_method = models.CharField(_("共享方式"), max_length=60, default="共享平台", blank=True)
    is_open = models.BooleanField(_("向社会开放"), default=False)
    opening_condition = models.TextField(_("开放条件"), blank=True, max_length=2000)
    closed_ground = models.PositiveSmallIntegerField(
        _("不开放的情形"), null=True, blank=True, help_text=_("第十八条第一款第几项")
    )
    closed_basis = models.TextField(_("不开放的依据"), blank=True, max_length=2000)
    update_cycle = models.CharField(_("更新周期"), max_length=12, choices=UpdateCycle)
    spatial_scope = models.CharField(_("空间范围"), max_length=120, blank=True)
    time_scope = models.CharField(_("时间范围"), max_length=120, blank=True)
    source_system = models.CharField(_("来源系统"), max_length=120, blank=True)
    contact = models.CharField(_("联系科室"), max_length=60, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    related_codes = models.JSONField(_("关联资源代码"), default=list, blank=True)
    grade = models.PositiveSmallIntegerField(_("数据分级"), default=1)
    compiled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("编制人"))
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    send_back_reasons = models.TextField(_("退回理由"), blank=True)
    created_at = models.DateTimeField(_("建立时间"))
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    in_force_on = models.DateField(_("公布日期"), null=True, blank=True)
    updated_at = models.DateTimeField(_("修改时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("目录版本")
        ordering = ["entry", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="catalog_one_revision_a_number"),
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(
                    status__in=[
                        RevisionStatus.DRAFT.value,
                        RevisionStatus.IN_REVIEW.value,
                        RevisionStatus.IN_APPROVAL.value,
                        RevisionStatus.SENT_BACK.value,
                    ]
                ),
                name="catalog_one_open_revision_an_entry",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status=RevisionStatus.IN_FORCE.value), name="catalog_one_in_force"
            ),
            models.CheckConstraint(
                condition=~Q(sharing_type=SharingType.CONDITIONAL.value)
                | ~Q(sharing_condition="")
                | Q(status=RevisionStatus.DRAFT.value),
                name="catalog_conditional_has_its_condition",
            ),
            models.CheckConstraint(
                condition=~Q(sharing_type=SharingType.WITHHELD.value)
                | ~Q(sharing_basis="")
                | Q(status=RevisionStatus.DRAFT.value),
                name="catalog_withheld_has_its_basis",
            ),
            models.CheckConstraint(
                condition=Q(closed_ground=None) | Q(closed_ground__range=(1, 4)), name="catalog_closed_ground_of_four"
            ),
        ]
        indexes = [models.Index(fields=["status", "field"], name="catalog_revision_status")]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class InformationItem(models.Model):
    """An information item (信息项) of a revision: a column of the data, with what it means and how it is checked."""

    class DataType(models.TextChoices):
        TEXT = "C", _("字符型")
        NUMBER = "N", _("数值型")
        MONEY = "Y", _("货币型")
        DATE = "D", _("日期型")
        DATETIME = "T", _("日期时间型")
        LOGICAL = "L", _("逻辑型")
        MEMO = "M", _("备注型")
        GENERAL = "G", _("通用型")
        DOUBLE = "B", _("双精度型")
        INTEGER = "I", _("整型")
        FLOAT = "F", _("浮点型")

    class Sensitivity(models.TextChoices):
        NONE = "none", _("非敏感")
        DIRECT = "direct", _("直接标识")
        QUASI = "quasi", _("准标识")
        SENSITIVE = "sensitive", _("敏感属性")

    revision = models.ForeignKey(EntryRevision, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("序号"))
    name = models.CharField(_("信息项名称"), max_length=120)
    code = models.SlugField(_("字段名"), max_length=60)
    data_type = models.CharField(_("数据类型"), max_length=1, choices=DataType, default=DataType.TEXT)
    length = models.PositiveIntegerField(_("长度"), null=True, blank=True)
    unit = models.CharField(_("计量单位"), max_length=20, blank=True)
    meaning = models.CharField(_("说明"), max_length=500, blank=True)
    required = models.BooleanField(_("必填"), default=False)
    is_key = models.BooleanField(_("主键"), default=False)
    code_list = models.JSONField(_("值域"), default=list, blank=True)
    sensitivity = models.CharField(_("敏感性"), max_length=9, choices=Sensitivity, default=Sensitivity.NONE)
    grade = models.PositiveSmallIntegerField(_("分级"), default=1)

    class Meta:
        verbose_name = verbose_name_plural = _("信息项")
        ordering = ["revision", "position"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="catalog_one_item_a_place"),
            models.UniqueConstraint(fields=["revision", "name"], name="catalog_item_named_once"),
            models.UniqueConstraint(fields=["revision", "code"], name="catalog_item_coded_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ConfidentialityReview(models.Model):
    """A recorded confidentiality review by a second person, before anything is shared or opened (第二十四条)."""

    class Scope(models.TextChoices):
        SHARING = "sharing", _("共享")
        OPENING = "opening", _("开放")

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("待审查")
        PASSED = "passed", _("可以")
        REFUSED = "refused", _("不可以")

    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, related_name="confidentiality_reviews")
    scope = models.CharField(_("范围"), max_length=8, choices=Scope)
    outcome = models.CharField(_("结论"), max_length=8, choices=Outcome, default=Outcome.WAITING)
    opinion = models.TextField(_("审查意见"), blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("提请时间"))
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("审查时间"), null=True, blank=True)
    plan = models.JSONField(_("随审材料"), default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("保密审查")
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="catalog_reviewed_by_a_second_person"
            ),
            models.UniqueConstraint(
                fields=["revision", "scope"], condition=Q(outcome="waiting"), name="catalog_one_review_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision_id} {self.scope} {self.outcome}"


class CatalogAdjustment(models.Model):
    """An event that makes the catalogue change within 15 days (第十三条第二款)."""

    class EventKind(models.TextChoices):
        LAW = "law", _("法律法规修改")
        FUNCTION = "function", _("行政管理职能变化")
        OTHER = "other", _("其他涉及目录调整的情形")

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="adjustments")
    kind = models.CharField(_("情形"), max_length=8, choices=EventKind)
    event_on = models.DateField(_("发生之日"))
    document = models.CharField(_("文件"), max_length=300, blank=True)
    description = models.TextField(_("说明"), max_length=3000)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(_("登记时间"))
    closed_by_revision = models.ForeignKey(
        EntryRevision, on_delete=models.PROTECT, null=True, blank=True, related_name="adjustments"
    )

    class Meta:
        verbose_name = verbose_name_plural = _("目录调整")
        ordering = ["-declared_at"]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.event_on}"


class Load(models.Model):
    """One gathering of data (第十二条): the file as it landed, what became of its rows, and the version it made."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待处理")
        RUNNING = "running", _("处理中")
        DONE = "done", _("已入库")
        REFUSED = "refused", _("未入库")

    class Mode(models.TextChoices):
        REPLACE = "replace", _("整表替换")
        APPEND = "append", _("追加")
        UPSERT = "upsert", _("按主键更新")

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="loads")
    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, related_name="+")
    load_id = models.UUIDField(_("批次号"), unique=True)
    file_name = models.CharField(_("文件名"), max_length=255)
    landed_at = models.CharField(_("落地位置"), max_length=300)
    size = models.BigIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64)
    mode = models.CharField(_("方式"), max_length=8, choices=Mode, default=Mode.REPLACE)
    header_row = models.PositiveIntegerField(_("表头所在行"), null=True, blank=True)
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
    received_at = models.DateTimeField(_("收到时间"))
    started_at = models.DateTimeField(_("开始处理"), null=True, blank=True)
    finished_at = models.DateTimeField(_("处理完毕"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("汇聚批次")
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["state", "started_at"], name="catalog_load_state")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


class DataVersion(models.Model):
    """A version of an entry's rows that readers may be pinned to."""

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="data_versions")
    number = models.PositiveIntegerField(_("数据版本"))
    table_version = models.PositiveIntegerField()
    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, related_name="+")
    load = models.OneToOneField(Load, on_delete=models.PROTECT, related_name="made")
    rows = models.BigIntegerField(_("行数"))
    made_at = models.DateTimeField(_("入库时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("数据版本")
        ordering = ["entry", "-number"]
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="catalog_one_data_version_a_number")]

    def __str__(self) -> str:
        return f"{self.entry_id} #{self.number}"
