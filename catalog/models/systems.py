"""Information systems of agencies with their interfaces, the documents of these, and what checks found (第十条)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.deadlines import INTERVALS
from catalog.models.entries import CatalogEntry
from catalog.workflow import InterfaceStatus, SystemStatus
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.accounts.protection import decrypt


class InformationSystem(models.Model):
    """An information system that an agency has brought under management."""

    class Protection(models.IntegerChoices):
        """The five levels of the classified protection of networks (GB/T 22240-2020)."""

        ONE = 1, _("第一级")
        TWO = 2, _("第二级")
        THREE = 3, _("第三级")
        FOUR = 4, _("第四级")
        FIVE = 5, _("第五级")

    class Network(models.TextChoices):
        EXTRANET = "extranet", _("电子政务外网")
        INTERNET = "internet", _("互联网")
        DEDICATED = "dedicated", _("部门专网")
        LOCAL = "local", _("单位内部网络")

    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="information_systems", verbose_name=_("机关")
    )
    name = models.CharField(_("系统名称"), max_length=120)
    purpose = models.TextField(_("用途"), max_length=2000)
    operator = models.CharField(_("运维单位"), max_length=120)
    operator_phone = models.CharField(_("运维电话"), max_length=40, blank=True)
    protection = models.PositiveSmallIntegerField(_("网络安全等级保护"), choices=Protection, null=True, blank=True)
    protection_record = models.CharField(_("等级保护备案编号"), max_length=60, blank=True)
    network = models.CharField(_("所在网络"), max_length=9, choices=Network)
    status = models.CharField(_("状态"), max_length=7, choices=SystemStatus, default=SystemStatus.PLANNED)
    planned_on = models.DateField(_("立项日期"), null=True, blank=True)
    in_use_on = models.DateField(_("投入使用日期"), null=True, blank=True)
    stopped_on = models.DateField(_("停用日期"), null=True, blank=True)
    entries = models.ManyToManyField(CatalogEntry, related_name="systems", blank=True, verbose_name=_("所载数据资源"))
    service_account = models.OneToOneField(
        ServiceAccount,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="information_system",
        verbose_name=_("系统账号"),
    )
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("登记人"))
    registered_at = models.DateTimeField(_("登记时间"))
    changed_at = models.DateTimeField(_("修改时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("信息系统")
        ordering = ["agency", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "name"],
                condition=~Q(status=SystemStatus.STOPPED.value),
                name="catalog_a_system_named_once",
            ),
            models.CheckConstraint(
                condition=~Q(status=SystemStatus.IN_USE.value) | Q(in_use_on__isnull=False),
                name="catalog_a_system_in_use_since",
            ),
            models.CheckConstraint(
                condition=~Q(status=SystemStatus.STOPPED.value) | Q(stopped_on__isnull=False),
                name="catalog_a_system_stopped_on",
            ),
        ]
        indexes = [models.Index(fields=["agency", "status"], name="catalog_system_agency")]

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> str:
        """What it is called in lists of work: ``XT-00012``."""
        return f"XT-{self.pk:05}"

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return f"/desk/systems/{self.pk}/"


class Interface(models.Model):
    """An interface of a system: where it is, by which document, and how its last check went."""

    class Outcome(models.TextChoices):
        """What a check finds. The last two are broken."""

        UNCHECKED = "unchecked", _("尚未检查")
        CONFORMING = "conforming", _("正常")
        REACHABLE = "reachable", _("能连通")
        DEVIATING = "deviating", _("与文档不符")
        UNAVAILABLE = "unavailable", _("不可用")

    BROKEN = frozenset({Outcome.DEVIATING.value, Outcome.UNAVAILABLE.value})

    system = models.ForeignKey(InformationSystem, on_delete=models.PROTECT, related_name="interfaces")
    name = models.CharField(_("接口名称"), max_length=120)
    purpose = models.TextField(_("说明"), max_length=1000, blank=True)
    url = models.CharField(_("接口地址"), max_length=500)
    host = models.CharField(_("主机和端口"), max_length=260)
    document_url = models.CharField(_("文档地址"), max_length=500, blank=True)
    document_host = models.CharField(_("文档的主机和端口"), max_length=260, blank=True)
    header_name = models.CharField(_("凭据的请求头"), max_length=60, blank=True)
    header_encrypted = models.TextField(_("凭据（加密）"), blank=True)
    every = models.PositiveIntegerField(_("检查间隔"), choices=INTERVALS, default=60)
    status = models.CharField(_("状态"), max_length=7, choices=InterfaceStatus, default=InterfaceStatus.CHECKED)
    status_reasons = models.CharField(_("暂停或者停用的理由"), max_length=500, blank=True)
    contract = models.OneToOneField(
        "InterfaceDocument",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("现行文档"),
    )
    outcome = models.CharField(_("最近结果"), max_length=11, choices=Outcome, default=Outcome.UNCHECKED)
    outcome_since = models.DateTimeField(_("起于"), null=True, blank=True)
    checked_at = models.DateTimeField(_("最近检查"), null=True, blank=True)
    milliseconds = models.PositiveIntegerField(_("用时（毫秒）"), null=True, blank=True)
    finding = models.CharField(_("发现"), max_length=300, blank=True)
    failures = models.PositiveIntegerField(_("连续异常次数"), default=0)
    next_check_at = models.DateTimeField(_("下次检查"), null=True, blank=True)
    added_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("信息系统接口")
        ordering = ["system", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "name"],
                condition=~Q(status=InterfaceStatus.ENDED.value),
                name="catalog_an_interface_named_once",
            ),
            models.CheckConstraint(
                condition=Q(header_name="") | ~Q(header_encrypted=""), name="catalog_a_header_has_its_value"
            ),
        ]
        indexes = [models.Index(fields=["status", "next_check_at"], name="catalog_interface_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> str:
        """What it is called in lists of work: ``JK-00034``."""
        return f"JK-{self.pk:05}"

    @property
    def is_broken(self) -> bool:
        """Whether the last check found it so."""
        return self.outcome in self.BROKEN

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return f"/desk/systems/interfaces/{self.pk}/"

    def credentials(self) -> dict[str, str]:
        """The header that lets the portal in, where one was deposited."""
        return {self.header_name: decrypt(self.header_encrypted)} if self.header_name else {}


class InterfaceDocument(models.Model):
    """One version of an interface's OpenAPI document, whole, as it came."""

    class Source(models.TextChoices):
        UPLOADED = "uploaded", _("上传")
        FETCHED = "fetched", _("从系统获取")

    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="documents")
    number = models.PositiveIntegerField(_("版本"))
    source = models.CharField(_("来源"), max_length=8, choices=Source)
    content = models.TextField(_("原文"))
    sha256 = models.CharField(max_length=64)
    version = models.CharField(_("OpenAPI 版本"), max_length=10)
    title = models.CharField(_("标题"), max_length=200, blank=True)
    own_version = models.CharField(_("文档自己的版本"), max_length=60, blank=True)
    operations = models.PositiveIntegerField(_("操作数"))
    samples = models.JSONField(_("抽查的操作"), default=list)
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("报送人"))
    filed_at = models.DateTimeField(_("报送时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("接口文档")
        ordering = ["interface", "-number"]
        constraints = [models.UniqueConstraint(fields=["interface", "number"], name="catalog_one_document_a_number")]

    def __str__(self) -> str:
        return f"{self.interface_id} v{self.number}"

    @property
    def file_name(self) -> str:
        """What a download of it is called."""
        kind = "json" if self.content.lstrip("\ufeff \n\r\t").startswith("{") else "yaml"
        return f"JK-{self.interface_id:05}-v{self.number}.{kind}"


class InterfaceCheck(models.Model):
    """One check, kept for some weeks: what was asked, how long it took, which rules were broken. Never an answer."""

    interface = models.ForeignKey(Interface, on_delete=models.CASCADE, related_name="checks")
    at = models.DateTimeField(_("时间"), db_index=True)
    outcome = models.CharField(_("结果"), max_length=11, choices=Interface.Outcome)
    milliseconds = models.PositiveIntegerField(_("用时（毫秒）"), null=True, blank=True)
    asked = models.PositiveSmallIntegerField(_("抽查的操作数"), default=0)
    findings = models.JSONField(_("发现"), default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("接口检查")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["interface", "-at"], name="catalog_check_of_interface")]

    def __str__(self) -> str:
        return f"{self.interface_id} {self.at:%Y-%m-%d %H:%M} {self.outcome}"


class InterfaceDay(models.Model):
    """How the checks of one day went, by outcome: what the history of a page is drawn from."""

    interface = models.ForeignKey(Interface, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("日期"), db_index=True)
    good = models.PositiveIntegerField(_("正常次数"), default=0)
    deviating = models.PositiveIntegerField(_("与文档不符次数"), default=0)
    unavailable = models.PositiveIntegerField(_("不可用次数"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("接口每日情况")
        ordering = ["interface", "day"]
        constraints = [models.UniqueConstraint(fields=["interface", "day"], name="catalog_one_row_a_day")]

    def __str__(self) -> str:
        return f"{self.interface_id} {self.day}"

    @property
    def total(self) -> int:
        """Checks of the day."""
        return self.good + self.deviating + self.unavailable
