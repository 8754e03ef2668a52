"""Rules of counting as versioned data, the calendar of each year, and the clocks that run."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.statute.deadlines import KINDS, ClockKind
from guiyang_data.statute.law import Article, Instrument, Unit

KIND_CHOICES = [(kind.code, kind.label) for kind in KINDS.values()]


class PeriodRule(models.Model):
    """A version of the length of one kind of clock, with its basis and the days it is in force."""

    class Units(models.TextChoices):
        CALENDAR = Unit.CALENDAR.value, _("自然日")
        WORKING = Unit.WORKING.value, _("工作日")

    kind = models.CharField(_("期限"), max_length=30, choices=KIND_CHOICES)
    unit = models.CharField(_("单位"), max_length=8, choices=Units)
    length = models.PositiveSmallIntegerField(_("长度"), help_text=_("0 表示以文书载明的日期为准"))
    statutory = models.BooleanField(_("法定期限"))
    instrument = models.CharField(_("法规"), max_length=120)
    article = models.CharField(_("条款"), max_length=60)
    in_force_from = models.DateField(_("施行"))
    in_force_to = models.DateField(_("失效"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("期限规则")
        ordering = ["kind", "in_force_from"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "in_force_from"], name="statute_one_rule_a_day"),
            models.CheckConstraint(
                condition=Q(in_force_to=None) | Q(in_force_to__gt=F("in_force_from")), name="statute_rule_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.length} {self.unit}"

    @property
    def basis(self) -> Article:
        """The article the length rests on."""
        return Article(instrument=Instrument(name=self.instrument), number=self.article)


class CalendarYear(models.Model):
    """The State Council's arrangement of one year. A year without a row has no notice yet."""

    year = models.PositiveSmallIntegerField(_("年份"), primary_key=True)
    document_number = models.CharField(_("文号"), max_length=60)
    issued_on = models.DateField(_("印发"))
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("录入"))
    loaded_at = models.DateTimeField(_("录入时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("年度放假安排")
        ordering = ["year"]

    def __str__(self) -> str:
        return f"{self.year} {self.document_number}"


class CalendarDay(models.Model):
    """A day on which the year's arrangement differs from the plain week, or names a holiday."""

    day = models.DateField(_("日期"), primary_key=True)
    year = models.ForeignKey(CalendarYear, on_delete=models.CASCADE, related_name="days")
    working = models.BooleanField(_("上班"))
    name = models.CharField(_("节日"), max_length=30, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("放假安排日")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Clock(models.Model):
    """A period that runs for an agency on one case. Whether it is overdue is computed, never stored."""

    class Stop(models.TextChoices):
        DONE = "done", _("已办结")
        WITHDRAWN = "withdrawn", _("申请人撤回")
        SUPERSEDED = "superseded", _("已由其他事项接续")

    kind = models.CharField(_("期限"), max_length=30, choices=KIND_CHOICES)
    subject = models.CharField(_("事项"), max_length=120)
    number = models.CharField(_("编号"), max_length=60)
    title = models.CharField(_("标题"), max_length=300)
    path = models.CharField(_("页面"), max_length=300)
    owed_by = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="clocks", verbose_name=_("承办机关"))
    rule = models.ForeignKey(PeriodRule, on_delete=models.PROTECT, verbose_name=_("规则"))
    statutory = models.BooleanField(_("法定期限"))
    started_on = models.DateField(_("起算"))
    due_on = models.DateField(_("到期"))
    provisional = models.BooleanField(_("暂定"), default=False)
    generation = models.PositiveSmallIntegerField(_("代次"), default=1)
    next_rung_on = models.DateField(_("下一提示"), null=True)
    stopped_on = models.DateField(_("停止"), null=True, blank=True)
    stopped_by = models.CharField(_("停止缘由"), max_length=12, choices=Stop, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("期限")
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "owed_by"],
                condition=Q(stopped_on=None),
                name="statute_one_running_clock_of_a_kind",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("started_on")), name="statute_due_after_start"),
            models.CheckConstraint(
                condition=Q(stopped_on=None, stopped_by="") | (Q(stopped_on__isnull=False) & ~Q(stopped_by="")),
                name="statute_a_stop_has_its_cause",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_rung_on"], condition=Q(next_rung_on__isnull=False), name="statute_clock_next_rung"
            ),
            models.Index(fields=["owed_by", "stopped_on", "due_on"], name="statute_clock_owed"),
            models.Index(
                fields=["owed_by", "due_on", "id", "kind"], condition=Q(stopped_on=None), name="statute_clock_running"
            ),
            models.Index(fields=["subject"], name="statute_clock_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} {self.due_on}"

    @property
    def is_running(self) -> bool:
        """Whether nothing has stopped it yet."""
        return self.stopped_on is None

    @property
    def definition(self) -> ClockKind:
        """What this kind of clock is."""
        return KINDS[self.kind]


class ClockGeneration(models.Model):
    """One computation of a clock's due day, with the steps that led to it."""

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="generations")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    provisional = models.BooleanField()
    steps = models.JSONField()
    cause = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["clock", "number"]
        constraints = [models.UniqueConstraint(fields=["clock", "number"], name="statute_generation_counted_once")]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.number}"


class ClockHolding(models.Model):
    """Whose hands a case lay in while its clock ran."""

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="holdings")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    since_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["clock", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clock"], condition=Q(until_on=None), name="statute_a_case_in_one_pair_of_hands"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.agency_id} {self.since_on}"


class Rung(models.Model):
    """A rung of the ladder that has fired: once for each clock, generation and rung."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="rungs")
    generation = models.PositiveSmallIntegerField()
    rung = models.CharField(max_length=20)
    due_on = models.DateField()
    told = models.BooleanField(default=True)
    fired_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["clock", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clock", "generation", "rung"], name="statute_a_rung_fires_once"),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}.{self.generation} {self.rung}"

    @property
    def label(self) -> str:
        """What the rung is called: 提前 3 天提醒, 逾期, 逾期满 2 周."""
        name, _dash, number = self.rung.rpartition("-")
        if name == "reminder":
            return f"提前 {number} 天提醒"
        return f"逾期满 {number} 周" if name == "overdue-week" else "逾期"
