"""Decisions to publish catalogues that are not public as of right (第十一条第三款)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.workflow import DecisionStatus
from guiyang_data.accounts.models import Agency, Region, User


class PublicationDecision(models.Model):
    """That a catalogue is made public: which, with which elements, by which document, by whom.

    The catalogue is that of one ``agency``, or of a ``region`` as a whole. ``elements``, ``item_elements``: the names
    of what is shown of each entry and of each information item, beside code, title and provider.
    """

    class Catalogue(models.TextChoices):
        RESOURCE = "resource", _("政府数据资源目录")
        SHARING = "sharing", _("共享目录")
        OPEN = "open", _("开放目录")

    catalogue = models.CharField(_("目录"), max_length=8, choices=Catalogue)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("机关")
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("辖区")
    )
    authority = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="publication_decisions", verbose_name=_("作出决定的主管部门")
    )
    elements = models.JSONField(_("公布的要素"), default=list, blank=True)
    item_elements = models.JSONField(_("公布的信息项要素"), default=list, blank=True)
    includes_withheld = models.BooleanField(_("包括不予共享的条目"), default=False)
    document = models.CharField(_("文件名称、文号"), max_length=200)
    decided_on = models.DateField(_("决定日期"))
    grounds = models.TextField(_("公布的理由"), max_length=2000)
    status = models.CharField(_("状态"), max_length=8, choices=DecisionStatus, default=DecisionStatus.PROPOSED)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("提议人"))
    proposed_at = models.DateTimeField(_("提议时间"))
    review_opinion = models.TextField(_("保密审查意见"), blank=True, max_length=2000)
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("保密审查人")
    )
    reviewed_at = models.DateTimeField(_("保密审查时间"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("确认人")
    )
    confirmed_at = models.DateTimeField(_("公布时间"), null=True, blank=True)
    reasons = models.TextField(_("不予公布或者撤销的理由"), blank=True, max_length=2000)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("终止时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("目录公布决定")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agency=None, region__isnull=False) | Q(agency__isnull=False, region=None),
                name="catalog_published_of_agency_or_region",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("proposed_by")),
                name="catalog_publication_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="catalog_publication_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["in-force", "revoked"])
                | Q(reviewed_at__isnull=False, confirmed_at__isnull=False),
                name="catalog_published_after_review",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["rejected", "revoked"]) | ~Q(reasons=""),
                name="catalog_publication_ended_with_reasons",
            ),
            models.UniqueConstraint(
                fields=["catalogue", "agency"],
                condition=Q(status="in-force", agency__isnull=False),
                name="catalog_published_once_of_agency",
            ),
            models.UniqueConstraint(
                fields=["catalogue", "region"],
                condition=Q(status="in-force", region__isnull=False),
                name="catalog_published_once_of_region",
            ),
        ]
        indexes = [models.Index(fields=["status", "-confirmed_at"], name="catalog_publication_status")]

    def __str__(self) -> str:
        return self.title

    @property
    def whose(self) -> str:
        """The agency or the region whose catalogue it is."""
        return self.agency.name if self.agency is not None else str(self.region)

    @property
    def title(self) -> str:
        """``云岩区共享目录``."""
        return f"{self.whose}{self.get_catalogue_display()}"

    @property
    def number(self) -> str:
        """What it is called in lists: ``GB-00012``."""
        return f"GB-{self.pk:05}"

    @property
    def public_path(self) -> str:
        """Where the catalogue is while the decision is in force."""
        return f"/catalog/decided/{self.pk}/"

    def get_absolute_url(self) -> str:
        """Its page for the authority."""
        return f"/desk/catalog/decisions/{self.pk}/"
