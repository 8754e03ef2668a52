"""What happened, append-only. Plain values only: no foreign key leads out of this room.

Personal data stays out of these rows; they name persons by key (``user:5``) and agencies by code.
"""

from __future__ import annotations

from django.db import models


class ChainHead(models.Model):
    """The last event of one subject. Locked by every append to that subject's chain, and by nothing else."""

    subject = models.CharField(max_length=120, primary_key=True)
    sequence = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, default="", blank=True)

    def __str__(self) -> str:
        return f"{self.subject} #{self.sequence}"


class Event(models.Model):
    """One act, or one refused attempt at an act, on one subject."""

    subject = models.CharField("对象", max_length=120)
    sequence = models.PositiveIntegerField("序号")
    verb = models.CharField("事项", max_length=60)
    refused = models.BooleanField("未获准", default=False)
    actor = models.CharField("办理人", max_length=60)
    agency = models.CharField("所在机关", max_length=18, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    payload = models.JSONField("内容", default=dict)
    at = models.DateTimeField("时间")
    previous_hash = models.CharField("前一条", max_length=64, blank=True)
    hash = models.CharField("校验值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "sequence"], name="ledger_event_one_row_a_place"),
        ]
        indexes = [models.Index(fields=["actor", "at"], name="ledger_event_actor")]

    def __str__(self) -> str:
        return f"{self.subject} #{self.sequence} {self.verb}"


class Access(models.Model):
    """A reading of rows: written before the first row leaves (``opened``), and again when it ends (``closed``)."""

    class Phase(models.TextChoices):
        OPENED = "opened", "开始"
        CLOSED = "closed", "结束"

    reading = models.UUIDField("读取编号")
    phase = models.CharField("阶段", max_length=6, choices=Phase)
    at = models.DateTimeField("时间")
    actor = models.CharField("读取人", max_length=60)
    agency = models.CharField("所在机关", max_length=18, blank=True)
    resource = models.CharField("对象", max_length=120)
    grant = models.CharField("授权", max_length=120, blank=True)
    purpose = models.CharField("用途", max_length=500, blank=True)
    case_number = models.CharField("办件编号", max_length=120, blank=True)
    items = models.JSONField("信息项", default=list)
    version = models.IntegerField("版本", null=True)
    query = models.JSONField("查询", default=dict)
    rows = models.BigIntegerField("行数", null=True)
    outcome = models.CharField("结果", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "读取记录"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["reading", "phase"], name="ledger_access_each_phase_once"),
        ]
        indexes = [
            models.Index(fields=["resource", "at"], name="ledger_access_resource"),
            models.Index(fields=["grant", "at"], name="ledger_access_grant"),
            models.Index(fields=["agency", "at"], name="ledger_access_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.reading} {self.phase}"


class Seal(models.Model):
    """One minute's rows under one Merkle root, chained to the seal before it and signed."""

    number = models.PositiveBigIntegerField("封存号", unique=True)
    root = models.CharField("根", max_length=64)
    count = models.PositiveIntegerField("条数")
    heads = models.JSONField("各链链首", default=dict)
    previous_hash = models.CharField("前一封存", max_length=64, blank=True)
    hash = models.CharField("校验值", max_length=64)
    algorithm = models.CharField("签名算法", max_length=20)
    signature = models.TextField("签名")
    sealed_at = models.DateTimeField("封存时间")

    class Meta:
        verbose_name = verbose_name_plural = "封存"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"seal {self.number}"


class SealMember(models.Model):
    """Which row lies under which seal, and at which leaf."""

    class Kind(models.TextChoices):
        EVENT = "event", "办理记录"
        ACCESS = "access", "读取记录"

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="members")
    kind = models.CharField(max_length=6, choices=Kind)
    row = models.BigIntegerField()
    leaf = models.PositiveIntegerField()
    hash = models.CharField(max_length=64, default="", blank=True)
    """The row's hash when it was sealed, so that a row changed since is named and not only its seal."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "row"], name="ledger_each_row_sealed_once"),
            models.UniqueConstraint(fields=["seal", "leaf"], name="ledger_each_leaf_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"


class LedgerCursor(models.Model):
    """How far a follower has read: the last seal whose events it has seen."""

    name = models.CharField(max_length=60, primary_key=True)
    seal = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.seal}"
