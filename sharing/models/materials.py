"""Service matters, the materials they ask for, and what the platform supplies of them (第十六条第二款)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, SheetImport
from guiyang_data.accounts.models import Agency, User
from guiyang_data.statute.cases import TimedCase
from sharing.materials.workflow import LIVE, MaterialStatus, SupplyStatus
from sharing.models.edocuments import DocumentTemplate


class MatterKind(models.TextChoices):
    """What kind of act a service matter leads to."""

    LICENCE = "licence", _("行政许可")
    CONFIRMATION = "confirmation", _("行政确认")
    PAYMENT = "payment", _("行政给付")
    AWARD = "award", _("行政奖励")
    RULING = "ruling", _("行政裁决")
    LEVY = "levy", _("行政征收")
    PUBLIC_SERVICE = "public-service", _("公共服务")
    OTHER = "other", _("其他行政权力")


class MaterialForm(models.TextChoices):
    """In which form a material is asked for."""

    ORIGINAL = "original", _("原件")
    COPY = "copy", _("复印件")
    BOTH = "both", _("原件和复印件")
    ELECTRONIC = "electronic", _("电子文件")
    FILLED = "filled", _("申请人填写")


class SupplyWay(models.TextChoices):
    """How an entry takes the place of a material."""

    VERIFY = "verify", _("核验")
    QUERY = "query", _("查询")
    DOCUMENT = "document", _("电子证照、文书")
    INTERFACE = "interface", _("接口调用")


class ServiceMatter(models.Model):
    """A matter that people apply for with an agency (政务服务事项). ``reported``: how often a repeated demand was."""

    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="service_matters", verbose_name=_("办理机关")
    )
    code = models.CharField(_("事项编码"), max_length=60, blank=True)
    name = models.CharField(_("事项名称"), max_length=200)
    kind = models.CharField(_("事项类型"), max_length=14, choices=MatterKind, default=MatterKind.OTHER)
    basis = models.CharField(_("设定依据"), max_length=1000, blank=True)
    is_active = models.BooleanField(_("正在办理"), default=True)
    reported = models.PositiveIntegerField(_("被反映的次数"), default=0, editable=False)
    changed_at = models.DateTimeField(_("最近改动"))

    class Meta:
        verbose_name = verbose_name_plural = _("政务服务事项")
        ordering = ["agency", "code", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "code"], condition=~Q(code=""), name="sharing_matter_by_code"),
            models.UniqueConstraint(fields=["agency", "name"], condition=Q(code=""), name="sharing_matter_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return reverse("sharing:matter", args=[self.pk])


class MaterialName(models.Model):
    """A material as matters of the whole city name it: one row however each writes it. ``key`` compares names."""

    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(_("材料名称"), max_length=200)
    looked_at = models.DateTimeField(_("最近一次查找目录"), null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("材料名称")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """What supplies it, for staff."""
        return reverse("sharing:material-name", args=[self.pk])


class MatterMaterial(models.Model):
    """A material that a matter asks for, in the matter's own words, and how it stands under 第十六条第二款.

    ``document``: what electronic document there is of it, as the matter's own list calls it. ``exception_*``: the law
    or regulation that does not admit electronic documents. ``reasons``: of the last act.
    """

    matter = models.ForeignKey(ServiceMatter, on_delete=models.CASCADE, related_name="materials")
    name = models.ForeignKey(MaterialName, on_delete=models.PROTECT, related_name="materials")
    label = models.CharField(_("材料名称"), max_length=200)
    position = models.PositiveIntegerField(default=0)
    form = models.CharField(_("材料形式"), max_length=10, choices=MaterialForm, default=MaterialForm.ORIGINAL)
    source = models.CharField(_("出具机关"), max_length=120, blank=True)
    document = models.CharField(_("电子证照、文书"), max_length=120, blank=True)
    required = models.BooleanField(_("必要"), default=True)
    status = models.CharField(_("状态"), max_length=10, choices=MaterialStatus, default=MaterialStatus.ASKED)
    exception_instrument = models.CharField(_("法律、法规名称"), max_length=120, blank=True)
    exception_article = models.CharField(_("条款"), max_length=60, blank=True)
    reasons = models.TextField(_("理由"), max_length=2000, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField(_("办理日期"), null=True, blank=True)
    reported = models.PositiveIntegerField(_("被反映的次数"), default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("申请材料")
        ordering = ["matter", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "label"], name="sharing_a_material_stands_once"),
            models.CheckConstraint(
                condition=~Q(status=MaterialStatus.EXEMPT.value)
                | ~Q(exception_instrument="") & ~Q(exception_article=""),
                name="sharing_an_exception_has_its_basis",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[MaterialStatus.EXPLAINED.value, MaterialStatus.KEPT.value]) | ~Q(reasons=""),
                name="sharing_a_demand_is_kept_with_reasons",
            ),
        ]
        indexes = [models.Index(fields=["name", "status"], name="sharing_material_by_name")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        """Its line on the matter's page."""
        return f"{reverse('sharing:matter', args=[self.matter_id])}#material-{self.pk}"

    @property
    def exception(self) -> str:
        """The basis of the exception as people cite it."""
        return f"《{self.exception_instrument}》{self.exception_article}" if self.exception_instrument else ""


class MaterialSupply(models.Model):
    """That an entry supplies a material, for every matter that asks for it (第十六条第二款).

    ``items``: codes of the information items. ``template``: the kind of electronic document that the platform issues of
    the entry; ``document``: what it is called where it is issued elsewhere. ``likeness``: 0 to 100, of a suggestion.
    ``reasons``: of its end.
    """

    name = models.ForeignKey(MaterialName, on_delete=models.PROTECT, related_name="supplies")
    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="material_supplies", verbose_name=_("目录条目")
    )
    way = models.CharField(_("提供的方式"), max_length=10, choices=SupplyWay, default=SupplyWay.VERIFY)
    items = models.JSONField(_("信息项"), default=list, blank=True)
    template = models.ForeignKey(
        DocumentTemplate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="material_supplies",
        verbose_name=_("本平台签发的电子文书"),
    )
    document = models.CharField(_("其他电子证照、文书"), max_length=120, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    likeness = models.PositiveSmallIntegerField(_("名称相近程度"), default=0)
    status = models.CharField(_("状态"), max_length=10, choices=SupplyStatus, default=SupplyStatus.SUGGESTED)
    suggested_at = models.DateTimeField(_("建议时间"))
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(_("提出时间"), null=True, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_on = models.DateField(_("确认日期"), null=True, blank=True)
    ended_on = models.DateField(_("失效日期"), null=True, blank=True)
    reasons = models.TextField(_("不采用、撤销的理由"), max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("材料的提供途径")
        ordering = ["name", "-likeness", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "entry"],
                condition=Q(status__in=sorted([*(one.value for one in LIVE), SupplyStatus.REJECTED.value])),
                name="sharing_one_supply_of_an_entry",
            ),
            models.CheckConstraint(
                condition=~Q(status=SupplyStatus.IN_FORCE.value)
                | Q(proposed_by__isnull=False, confirmed_by__isnull=False, confirmed_on__isnull=False),
                name="sharing_supply_confirmed_by_a_second",
            ),
            models.CheckConstraint(
                condition=Q(template=None) | Q(document="", way=SupplyWay.DOCUMENT.value),
                name="sharing_supply_names_one_document",
            ),
        ]
        indexes = [models.Index(fields=["entry", "status"], name="sharing_supply_of_entry")]

    def __str__(self) -> str:
        return f"{self.name_id} ← {self.entry_id}"

    @property
    def document_name(self) -> str:
        """What the electronic document is called, whether the platform issues it or not; empty for other ways."""
        return self.template.title if self.template else self.document

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return reverse("sharing:supply", args=[self.pk])


class MaterialMending(TimedCase):
    """That an agency has to stop asking for a material that the platform supplies (第十六条第二款); its target is ours.

    It ends when no matter of the agency demands it any more, or nothing supplies it any more.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True)
    name = models.ForeignKey(MaterialName, on_delete=models.PROTECT, related_name="mendings")
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="material_mendings", verbose_name=_("办理机关")
    )
    opened_on = models.DateField(_("起算日期"))
    closed_on = models.DateField(_("清理完毕日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("重复提交的清理")
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "agency"], condition=Q(closed_on=None), name="sharing_one_mending_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["agency", "closed_on"], name="sharing_mending_of_agency")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The page on which it is mended."""
        return reverse("sharing:mending", args=[self.pk])


class MatterImport(SheetImport):
    """The import of an agency's matters and their materials.

    ``names_found``: materials that were new to the city when its rows were in; ``names_looked``: how many of them were
    held against the catalogue.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name=_("办理机关"))
    names_found = models.PositiveIntegerField(_("待查找的材料"), default=0)
    names_looked = models.PositiveIntegerField(_("已查找的材料"), default=0)

    class Meta(SheetImport.Meta):
        verbose_name = verbose_name_plural = _("事项导入")

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return reverse("sharing:matter-import", args=[self.pk])
