"""Catalogue entries with their revisions and information items (第十一条)."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from catalog.models.values import Category, Field, FormatClass, SharingType, UpdateCycle
from catalog.workflow import OPEN_STATES, RevisionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.labels import called
from guiyang_data.tables.patterns import LONGEST_PATTERN

OPEN = [status.value for status in OPEN_STATES]
UNFINISHED = [RevisionStatus.DRAFT.value, RevisionStatus.SENT_BACK.value, RevisionStatus.DROPPED.value]
NUMBER = re.compile(r"号|身份证")
"""How items are called that hold numbers: 证件号码、手机号码、许可证编号."""


class CatalogEntry(models.Model):
    """A government data resource in the catalogue: its identity, which never changes, over all revisions."""

    resource_code = models.CharField(_("资源代码"), max_length=40, unique=True)
    provider = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="entries", db_index=False, verbose_name=_("提供机关")
    )
    in_force = models.OneToOneField(
        "EntryRevision", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("现行版本")
    )
    current_data = models.OneToOneField(
        "DataVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("现行数据")
    )
    source_key = models.CharField(
        _("来源标识"), max_length=300, blank=True, help_text=_("导入时用来认出同一条目，再次导入即更新")
    )
    fresh_until = models.DateField(
        _("应更新之日"), null=True, blank=True, help_text=_("按更新周期，数据最迟在这一天更新；不定期的为空")
    )
    open_corrections = models.PositiveIntegerField(_("未办结的疑义"), default=0)
    quality_points = models.PositiveSmallIntegerField(
        _("质量分（不含更新）"), null=True, blank=True, help_text=_("为空的，由巡查补算")
    )
    quality_measure = models.CharField(
        _("评分办法"), max_length=8, blank=True, help_text=_("质量分按哪一版评分办法算出，办法变动后由巡查重算")
    )
    frozen_at = models.DateTimeField(_("冻结时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("建立时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("目录条目")
        ordering = ["resource_code"]
        permissions = [("compile_entry", "Compile this entry")]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "source_key"], condition=~Q(source_key=""), name="catalog_imported_once"
            )
        ]
        # lists find their rows in these alone: what is beside a key of an index need not be read from the table
        indexes = [
            models.Index(fields=["fresh_until"], name="catalog_entry_fresh_until"),
            models.Index(fields=["resource_code", "provider", "in_force", "id"], name="catalog_entry_in_order"),
            models.Index(fields=["provider", "in_force", "id"], name="catalog_entry_of_provider"),
            models.Index(fields=["id", "provider"], condition=Q(in_force=None), name="catalog_entry_not_in_force"),
        ]

    def __str__(self) -> str:
        return self.resource_code

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return f"/desk/catalog/entries/{self.pk}/"

    @property
    def revision_in_force(self) -> EntryRevision:
        """The revision in force, of an entry that is known to have one; LookupError where it has none."""
        if self.in_force is None:
            raise LookupError(self.resource_code)
        return self.in_force

    @property
    def shown(self) -> EntryRevision:
        """What lists show of it: the revision in force, else the newest; of entries as ``selectors.in_rows`` reads."""
        unfinished: list[EntryRevision] = vars(self).get("unfinished", [])
        return self.in_force or unfinished[0]

    @property
    def table(self) -> Path:
        """The folder of its rows on the sharing side."""
        return Path(settings.ROWS_DIR) / "entries" / str(self.pk) / "table"


class EntryUserPermission(UserObjectPermissionBase):
    """What a person is given on one entry (a delegated compilation)."""

    content_object = models.ForeignKey(CatalogEntry, on_delete=models.CASCADE)


class EntryGroupPermission(GroupObjectPermissionBase):
    """What a group is given on one entry."""

    content_object = models.ForeignKey(CatalogEntry, on_delete=models.CASCADE)


class EntryRevision(models.Model):
    """One version of an entry's metadata, with every element of the national guide."""

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("版本"))
    status = models.CharField(_("状态"), max_length=12, choices=RevisionStatus, default=RevisionStatus.DRAFT)
    title = models.CharField(_("资源名称"), max_length=200)
    abstract = models.TextField(_("资源摘要"), max_length=3000, blank=True)
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
    note = models.TextField(_("备注"), blank=True, max_length=2000)
    bad_share_limit = models.DecimalField(
        _("允许的问题行比例"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(100),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text=_("百分之几；超过的整批不入库。100 的，有一行通过就入库"),
    )
    grade = models.PositiveSmallIntegerField(_("数据分级"), default=1)
    compiled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("编制人"))
    writers = models.JSONField(
        _("参与编制的人"), default=list, blank=True, help_text=_("编制、修改过这一版的人，都不能审查、审核、审定它")
    )
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    send_back_reasons = models.TextField(_("退回理由"), blank=True)
    send_back_fields = models.JSONField(
        _("逐项的退回理由"), default=dict, blank=True, help_text=_("要素名，或者 item: 加信息项的字段名")
    )
    created_at = models.DateTimeField(_("建立时间"))
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    in_force_on = models.DateField(_("公布日期"), null=True, blank=True)
    layout = models.CharField(_("数据结构"), max_length=64, blank=True, help_text=_("信息项字段名与类型的摘要"))
    substance = models.CharField(
        _("审查内容"), max_length=64, blank=True, help_text=_("保密审查所针对内容的摘要，变动后须重新审查")
    )
    updated_at = models.DateTimeField(_("修改时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("目录版本")
        ordering = ["entry", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="catalog_one_revision_a_number"),
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(status__in=OPEN),
                name="catalog_one_open_revision_an_entry",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status=RevisionStatus.IN_FORCE.value), name="catalog_one_in_force"
            ),
            models.CheckConstraint(
                condition=~Q(sharing_type=SharingType.CONDITIONAL.value)
                | ~Q(sharing_condition="")
                | Q(status__in=UNFINISHED),
                name="catalog_conditional_has_its_condition",
            ),
            models.CheckConstraint(
                condition=~Q(sharing_type=SharingType.WITHHELD.value) | ~Q(sharing_basis="") | Q(status__in=UNFINISHED),
                name="catalog_withheld_has_its_basis",
            ),
            models.CheckConstraint(
                condition=Q(closed_ground=None) | Q(closed_ground__range=(1, 4)), name="catalog_closed_ground_of_four"
            ),
            models.CheckConstraint(
                condition=Q(bad_share_limit__range=(Decimal(0), Decimal(100))), name="catalog_share_of_bad_rows"
            ),
        ]
        # each holds the id too: lists ask for some of a hundred thousand wide rows without reading them
        indexes = [
            models.Index(fields=["status", "field", "id"], name="catalog_revision_status"),
            models.Index(fields=["status", "sharing_type", "id"], name="catalog_revision_sharing"),
            models.Index(fields=["status", "is_open", "update_cycle", "id"], name="catalog_revision_opening"),
            models.Index(fields=["status", "entry"], name="catalog_revision_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return f"/desk/catalog/entries/{self.entry_id}/v{self.number}/"

    @property
    def field_label(self) -> str:
        """Its field in words; lists say it some dozens of times, for which ``get_field_display`` takes too long."""
        return called(Field, self.field)

    @property
    def sharing_label(self) -> str:
        """How it is shared, in words."""
        return called(SharingType, self.sharing_type)

    @property
    def cycle_label(self) -> str:
        """How often it is updated, in words."""
        return called(UpdateCycle, self.update_cycle)

    @property
    def is_open_for_work(self) -> bool:
        """Whether it is still on its way: neither in force nor ended."""
        return self.status in OPEN


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

    class Grade(models.IntegerChoices):
        """GB/T 43697-2024: general data in four levels, then important and core data."""

        ONE = 1, _("一般数据 1 级")
        TWO = 2, _("一般数据 2 级")
        THREE = 3, _("一般数据 3 级")
        FOUR = 4, _("一般数据 4 级")
        IMPORTANT = 5, _("重要数据")
        CORE = 6, _("核心数据")

    class CheckDigits(models.TextChoices):
        RESIDENT_ID = "resident-id", _("居民身份证号码")
        CREDIT_CODE = "credit-code", _("统一社会信用代码")
        BANK_CARD = "bank-card", _("银行卡号")

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
    is_unique = models.BooleanField(_("唯一"), default=False)
    minimum = models.CharField(_("最小值"), max_length=40, blank=True)
    maximum = models.CharField(_("最大值"), max_length=40, blank=True)
    pattern = models.CharField(_("格式规则"), max_length=LONGEST_PATTERN, blank=True, help_text=_("正则表达式（RE2）"))
    check_digits = models.CharField(_("校验码"), max_length=11, choices=CheckDigits, blank=True)
    reference_code = models.CharField(_("引用的资源代码"), max_length=40, blank=True)
    reference_item = models.CharField(
        _("引用的字段名"), max_length=60, blank=True, help_text=_("值必须在该条目的这一主键中")
    )
    sensitivity = models.CharField(_("敏感性"), max_length=9, choices=Sensitivity, default=Sensitivity.NONE)
    grade = models.PositiveSmallIntegerField(_("分级"), choices=Grade, default=Grade.ONE)
    collector = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("采集机关"),
        help_text=_("为空的，由提供机关采集"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("信息项")
        ordering = ["revision", "position"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="catalog_one_item_a_place"),
            models.UniqueConstraint(fields=["revision", "name"], name="catalog_item_named_once"),
            models.UniqueConstraint(fields=["revision", "code"], name="catalog_item_coded_once"),
            models.CheckConstraint(
                condition=Q(reference_code="", reference_item="") | ~Q(reference_code="") & ~Q(reference_item=""),
                name="catalog_reference_whole_or_none",
            ),
        ]
        indexes = [
            models.Index(fields=["reference_code"], condition=~Q(reference_code=""), name="catalog_item_reference")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def singles_out(self) -> bool:
        """Whether a value of it stands for one subject: a key, a unique value, a number that identifies.

        A number is known by its check digits, or by being called one where it identifies directly. A name identifies
        directly too, but several have the same.
        """
        identifies = self.sensitivity == self.Sensitivity.DIRECT and NUMBER.search(self.name) is not None
        return self.is_key or self.is_unique or bool(self.check_digits) or identifies

    @property
    def rules_in_words(self) -> list[str]:
        """What its values must keep beside type and length, each in a few words."""
        bounds = {
            (True, True): _("%(minimum)s 至 %(maximum)s"),
            (True, False): _("不小于 %(minimum)s"),
            (False, True): _("不大于 %(maximum)s"),
        }.get((bool(self.minimum), bool(self.maximum)))
        said = [
            _("唯一") if self.is_unique else "",
            bounds % {"minimum": self.minimum, "maximum": self.maximum} if bounds else "",
            _("值域 %(words)s") % {"words": "、".join(map(str, self.code_list))} if self.code_list else "",
            _("格式 %(pattern)s") % {"pattern": self.pattern} if self.pattern else "",
            _("核对%(number)s") % {"number": self.get_check_digits_display()} if self.check_digits else "",
        ]
        if self.reference_code:
            where = {"code": self.reference_code, "item": self.reference_item}
            said.append(_("必须在 %(code)s 的 %(item)s 中") % where)
        return [str(words) for words in said if words]

    @property
    def collector_name(self) -> str:
        """The agency that collects it, where that is not the provider."""
        return self.collector.name if self.collector is not None else ""

    @property
    def collector_code(self) -> str:
        """Its unified social credit code."""
        return self.collector.code if self.collector is not None else ""
