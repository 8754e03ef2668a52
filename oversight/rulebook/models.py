"""Proposals to change what is counted by, and the recounting of running clocks that follows from them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.statute.law import Article, Instrument
from guiyang_data.statute.models import KIND_CHOICES, PeriodRule
from oversight.workflow import ProposalStatus


class Proposal(models.Model):
    """What one person proposed and a second decides. ``proposed_by`` None: entered at the installation's shell."""

    status = models.CharField(_("状态"), max_length=10, choices=ProposalStatus, default=ProposalStatus.PROPOSED)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("录入")
    )
    proposed_at = models.DateTimeField(_("录入时间"))
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核定")
    )
    decided_at = models.DateTimeField(_("核定时间"), null=True, blank=True)
    reasons = models.TextField(_("退回的理由"), blank=True, max_length=3000)

    class Meta:
        abstract = True


def second_person(name: str) -> models.CheckConstraint:
    """Nobody confirms what they proposed themselves."""
    another = Q(proposed_by=None) | ~Q(decided_by=F("proposed_by"))
    return models.CheckConstraint(
        condition=~Q(status=ProposalStatus.CONFIRMED.value) | (Q(decided_by__isnull=False) & another), name=name
    )


class CalendarProposal(Proposal):
    """A year's arrangement of holidays as it is to stand, from the State Council's notice or an emergency change."""

    class Scope(models.TextChoices):
        YEAR = "year", _("全年安排")
        DAYS = "days", _("调整个别日期")

    year = models.PositiveSmallIntegerField(_("年份"))
    scope = models.CharField(_("范围"), max_length=4, choices=Scope)
    document_number = models.CharField(_("文号"), max_length=60)
    issued_on = models.DateField(_("印发日期"))
    text = models.TextField(_("原文"), max_length=100_000)
    days = models.JSONField(_("日期"))
    """The whole year as it is to stand: ``[day, working, name]`` each."""
    base = models.CharField(_("所依据的安排"), max_length=64)
    """A digest of the year as it stood when this was proposed."""

    class Meta:
        verbose_name = verbose_name_plural = _("放假安排的录入")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(status=ProposalStatus.PROPOSED.value),
                name="oversight_one_open_calendar_a_year",
            ),
            second_person("oversight_a_second_person_confirms_a_calendar"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.document_number}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("oversight:calendar-proposal", args=[self.pk])

    @property
    def cause(self) -> str:
        """What a clock that is counted again says of it."""
        what = _("年放假安排") if self.scope == self.Scope.YEAR else _("年放假安排调整")
        return f"{self.year}{what}（{self.document_number}）"


class RuleProposal(Proposal):
    """A new version of the length of one kind of clock, with its basis and the day it is in force from."""

    kind = models.CharField(_("期限"), max_length=30, choices=KIND_CHOICES)
    unit = models.CharField(_("单位"), max_length=8, choices=PeriodRule.Units)
    length = models.PositiveSmallIntegerField(_("长度"))
    statutory = models.BooleanField(_("法定期限"))
    instrument = models.CharField(_("法规"), max_length=120)
    article = models.CharField(_("条款"), max_length=60)
    in_force_from = models.DateField(_("施行"))
    reaches_running = models.BooleanField(_("适用于已经起算的期限"), default=False)
    transition = models.TextField(_("衔接规定"), blank=True, max_length=2000)
    """The words by which the law reaches clocks that already run."""
    rule = models.OneToOneField(
        PeriodRule, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("规则")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("期限规则的录入")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(status=ProposalStatus.PROPOSED.value),
                name="oversight_one_open_rule_a_kind",
            ),
            second_person("oversight_a_second_person_confirms_a_rule"),
            models.CheckConstraint(condition=Q(length__gt=0), name="oversight_a_rule_has_a_length"),
            models.CheckConstraint(
                condition=Q(reaches_running=False) | ~Q(transition=""),
                name="oversight_running_clocks_only_by_the_words_of_the_law",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.length} {self.unit}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("oversight:rule-proposal", args=[self.pk])

    @property
    def basis(self) -> Article:
        """The article the new length rests on."""
        return Article(instrument=Instrument(name=self.instrument), number=self.article)

    @property
    def cause(self) -> str:
        """What a clock that is counted again says of it."""
        return f"{self.basis}" + (f"：{self.transition}" if self.transition else "")[:150]


class Recount(models.Model):
    """The recounting of running clocks that a confirmed proposal asks for, in the order of their ids, batch by batch.

    ``cursor``: up to this id it is done, but for ``left_over``, which the next run tries again.
    """

    calendar = models.OneToOneField(
        CalendarProposal, on_delete=models.PROTECT, null=True, blank=True, related_name="recount"
    )
    rule = models.OneToOneField(RuleProposal, on_delete=models.PROTECT, null=True, blank=True, related_name="recount")
    not_before = models.DateField()
    days = models.JSONField(default=list)
    """Days that are another kind of day than before, as ISO text."""
    waited = models.BooleanField(default=False)
    """Whether clocks waited for this year's notice."""
    last_clock = models.BigIntegerField(null=True)
    """Clocks after this one were counted by the changed calendar already; None: whatever runs on an older rule."""
    cursor = models.BigIntegerField(default=0)
    left_over = models.JSONField(default=list)
    counted = models.PositiveIntegerField(_("已重新计算"), default=0)
    moved = models.PositiveIntegerField(_("到期日有变化"), default=0)
    finished_at = models.DateTimeField(_("完成"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("期限的重新计算")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(calendar__isnull=False, rule=None) | Q(calendar=None, rule__isnull=False),
                name="oversight_a_recount_has_one_cause",
            )
        ]
        indexes = [models.Index(fields=["not_before"], condition=Q(finished_at=None), name="oversight_recount_waiting")]

    def __str__(self) -> str:
        return f"{self.pk} {self.counted}"

    @property
    def proposal(self) -> CalendarProposal | RuleProposal:
        """What asked for it."""
        proposal = self.calendar or self.rule
        if proposal is None:
            raise ValueError(f"recount {self.pk} has no cause")
        return proposal
