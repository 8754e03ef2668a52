"""What oversight looks like over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from oversight.cases import article_of
from oversight.models import Escalation, Finding, RectificationOrder
from oversight.selectors import hands


class ClockSerializer(serializers.Serializer):
    """A clock as it stands today."""

    kind = serializers.CharField()
    state = serializers.CharField(help_text="on_time、near、late、stopped_on_time 或 stopped_late")
    days = serializers.IntegerField(help_text="剩余、逾期或者办结所用的天数")
    due_on = serializers.DateField()
    provisional = serializers.BooleanField()
    statutory = serializers.BooleanField()
    article = serializers.CharField()
    headline = serializers.CharField()


@extend_schema_serializer(component_name="OversightAction")
class ActionSerializer(serializers.Serializer):
    """An act that may be done now."""

    verb = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()
    article = serializers.CharField()


class OverdueSerializer(serializers.Serializer):
    """A case that ran out and is not dealt with (LateCase)."""

    escalation = serializers.IntegerField(source="escalation.pk")
    number = serializers.CharField(source="clock.number")
    title = serializers.CharField(source="clock.title")
    kind = serializers.CharField(source="clock.kind")
    owed_by = serializers.CharField(source="clock.owed_by.code")
    owed_by_name = serializers.CharField(source="clock.owed_by.name")
    hands = serializers.CharField()
    due_on = serializers.DateField(source="clock.due_on")
    days_late = serializers.IntegerField(source="days")
    provisional = serializers.BooleanField(source="clock.provisional")
    basis = serializers.CharField(source="clock.rule.basis")
    running = serializers.BooleanField(source="still_running")
    urged = serializers.IntegerField()


class _CaseSerializer(serializers.ModelSerializer):
    """``actions`` and ``clocks`` of a case; the view puts the acts into the context of a detail."""

    clocks = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    def get_clocks(self, obj: Any) -> list[dict[str, Any]]:
        clock = getattr(obj, "clock", None)
        return [ClockSerializer(face(clock, today())).data] if clock else []

    def get_actions(self, obj: Any) -> list[dict[str, Any]]:
        return list(ActionSerializer(self.context.get("actions", []), many=True).data)


class EscalationSerializer(_CaseSerializer):
    """An escalation."""

    number = serializers.CharField(source="clock.number")
    title = serializers.CharField(source="clock.title")
    owed_by = serializers.CharField(source="clock.owed_by.code")
    to_agency = serializers.CharField(source="to_agency.code")
    hands = serializers.SerializerMethodField()
    days_late = serializers.SerializerMethodField()

    class Meta:
        model = Escalation
        fields = [
            "id",
            "number",
            "title",
            "owed_by",
            "to_agency",
            "hands",
            "days_late",
            "basis",
            "status",
            "times",
            "opened_at",
            "conclusion",
            "clocks",
            "actions",
        ]

    def get_hands(self, obj: Escalation) -> str:
        return hands(obj.clock, today())

    def get_days_late(self, obj: Escalation) -> int:
        return obj.days_late(today())


class FindingSerializer(_CaseSerializer):
    """A finding."""

    number = serializers.CharField()
    title = serializers.CharField()
    agency = serializers.CharField(source="agency.code")
    article = serializers.SerializerMethodField()

    class Meta:
        model = Finding
        fields = [
            "id",
            "number",
            "title",
            "agency",
            "item",
            "article",
            "status",
            "drafted_at",
            "note",
            "decided_at",
            "clocks",
            "actions",
        ]

    def get_article(self, obj: Finding) -> str:
        return article_of(obj)


class OrderSerializer(_CaseSerializer):
    """An order to correct."""

    agency = serializers.CharField(source="agency.code")
    ordered_by_agency = serializers.CharField(source="ordered_by_agency.code")
    finding = serializers.IntegerField(source="finding_id")

    class Meta:
        model = RectificationOrder
        fields = [
            "number",
            "finding",
            "agency",
            "ordered_by_agency",
            "ordered_on",
            "due_on",
            "text",
            "circular",
            "status",
            "report",
            "reported_on",
            "answer",
            "clocks",
            "actions",
        ]

    def get_clocks(self, obj: RectificationOrder) -> list[dict[str, Any]]:
        return [ClockSerializer(face(clock, today())).data for clock in self.context.get("clocks", [])]


class UrgeSerializer(serializers.Serializer):
    """督办."""

    words = serializers.CharField(max_length=3000)


class ConcludeSerializer(serializers.Serializer):
    """记录处理结果."""

    conclusion = serializers.CharField(max_length=3000)


class ConfirmSerializer(serializers.Serializer):
    """认定."""

    note = serializers.CharField(max_length=3000, required=False, default="", allow_blank=True)


class ReasonsSerializer(serializers.Serializer):
    """不予认定、不认可、不提出处分建议: with reasons."""

    reasons = serializers.CharField(max_length=5000)


class OrderingSerializer(serializers.Serializer):
    """责令限期改正，通报批评."""

    due_on = serializers.DateField()
    text = serializers.CharField(max_length=5000)
    circular = serializers.CharField(max_length=5000)


class ReportSerializer(serializers.Serializer):
    """报告改正情况."""

    report = serializers.CharField(max_length=5000)


class AcceptSerializer(serializers.Serializer):
    """认可改正."""

    answer = serializers.CharField(max_length=3000, required=False, default="", allow_blank=True)


class RecommendSerializer(serializers.Serializer):
    """提出处分建议."""

    text = serializers.CharField(max_length=5000)
