"""The classification tree and the value lists of the national guide."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


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


class CodeSeries(models.Model):
    """The last sequence number given out under a category; the second part of a resource code."""

    category = models.OneToOneField(Category, on_delete=models.PROTECT, primary_key=True, related_name="+")
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("资源代码顺序")

    def __str__(self) -> str:
        return f"{self.category_id}/{self.last:06d}"


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


CLOSED_GROUNDS = (
    (1, _("第一项：涉及国家秘密")),
    (2, _("第二项：涉及商业秘密")),
    (3, _("第三项：涉及个人隐私")),
    (4, _("第四项：法律法规规定不得开放")),
)
"""The four grounds on which an entry is not opened (第十八条第一款)."""
