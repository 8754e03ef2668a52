"""What calendar, rules and what somebody entered look like over REST."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from guiyang_data.statute.counting import Day
from guiyang_data.statute.models import CalendarYear, PeriodRule
from guiyang_data.statute.reckoning import countable_kinds
from oversight.api.serializers import ActionSerializer
from oversight.models import CalendarProposal, Recount, RuleProposal
from oversight.services.rulebook.calendar import days_of
from oversight.services.rulebook.rules import LONGEST
from oversight.workflow import ProposalStatus

SHELL = "运维命令行"
LONGEST_TEXT = 100_000


def day_rows(days: Mapping[dt.date, Day]) -> list[dict[str, Any]]:
    """Days as rows of the three columns in which they may be entered too."""
    return [{"day": day, "working": one.working, "name": one.name} for day, one in sorted(days.items())]


class CalendarDaySerializer(serializers.Serializer[Any]):
    """A day that is not what its place in the week says, or that has a name."""

    day = serializers.DateField()
    working = serializers.BooleanField(help_text="true 上班，false 休息")
    name = serializers.CharField(allow_blank=True, help_text="节日名称，上班的为空")


class CalendarYearSerializer(serializers.ModelSerializer[CalendarYear]):
    """A year whose notice is loaded."""

    loaded_by = serializers.CharField(source="loaded_by.display_name", default=None, allow_null=True, read_only=True)

    class Meta:
        model = CalendarYear
        fields = ["year", "document_number", "issued_on", "loaded_by", "loaded_at"]


class CalendarYearDetailSerializer(serializers.Serializer[Any]):
    """One year as it is counted by."""

    year = serializers.IntegerField()
    official = serializers.BooleanField(help_text="已经按放假通知录入；false 时只有法定节日，到期日为暂定")
    document_number = serializers.CharField(allow_blank=True)
    issued_on = serializers.DateField(allow_null=True)
    days = CalendarDaySerializer(many=True)
    waiting = serializers.IntegerField(allow_null=True, help_text="等待核定的录入的编号；没有的为 null")


class RecountSerializer(serializers.ModelSerializer[Recount]):
    """How far the running clocks are counted again."""

    finished = serializers.SerializerMethodField()

    class Meta:
        model = Recount
        fields = ["not_before", "counted", "moved", "finished"]

    def get_finished(self, obj: Recount) -> bool:
        return obj.finished_at is not None


class _ProposalSerializer(serializers.ModelSerializer[Any]):
    """What somebody entered, and what became of it; the view puts the acts into the context of a detail."""

    status = serializers.ChoiceField(choices=ProposalStatus.choices)
    status_name = serializers.CharField(source="get_status_display")
    proposed_by = serializers.CharField(source="proposed_by.display_name", default=SHELL, help_text="录入人")
    decided_by = serializers.CharField(source="decided_by.display_name", default=None, allow_null=True)
    recount = RecountSerializer(default=None, allow_null=True)

    STANDING = ("status", "status_name", "proposed_by", "proposed_at", "decided_by", "decided_at", "reasons", "recount")


class CalendarProposalSerializer(_ProposalSerializer):
    """An entered arrangement."""

    class Meta:
        model = CalendarProposal
        fields = ["id", "year", "scope", "document_number", "issued_on", *_ProposalSerializer.STANDING]


class RuleProposalSerializer(_ProposalSerializer):
    """An entered version of a rule."""

    rule = serializers.CharField(source="kind", help_text="期限代码")
    label = serializers.CharField(source="get_kind_display")  # type: ignore[assignment]
    basis = serializers.CharField()

    class Meta:
        model = RuleProposal
        fields = [
            "id",
            "rule",
            "label",
            "unit",
            "length",
            "statutory",
            "basis",
            "in_force_from",
            "reaches_running",
            "transition",
            *_ProposalSerializer.STANDING,
        ]


class ChangedDaySerializer(serializers.Serializer[Any]):
    """A day that would be another kind of day."""

    day = serializers.DateField()
    before = serializers.CharField()
    after = serializers.CharField()


class MoveSerializer(serializers.Serializer[Any]):
    """A running clock that would move."""

    number = serializers.CharField(source="clock.number")
    title = serializers.CharField(source="clock.title")
    rule = serializers.CharField(source="clock.kind")
    owed_by = serializers.CharField(source="clock.owed_by.code")
    started_on = serializers.DateField(source="clock.started_on")
    due_on = serializers.DateField(source="clock.due_on", help_text="现在的到期日")
    provisional = serializers.BooleanField(source="clock.provisional")
    new_due_on = serializers.DateField(source="due.on", help_text="核定后的到期日")
    new_provisional = serializers.BooleanField(source="due.provisional")


class OutlookSerializer(serializers.Serializer[Any]):
    """What counting again would do."""

    touched = serializers.IntegerField(help_text="重新计算的在办期限")
    moved = serializers.IntegerField(help_text="其中到期日或者暂定状态有变化的")
    first = MoveSerializer(many=True, help_text="到期日最早的若干个")


class CalendarPreviewSerializer(serializers.Serializer[Any]):
    """What a notice would become, and what confirming it would change."""

    year = serializers.IntegerField()
    document_number = serializers.CharField()
    issued_on = serializers.DateField()
    days = CalendarDaySerializer(many=True)
    changes = ChangedDaySerializer(many=True)
    clocks = OutlookSerializer()


class RulePreviewSerializer(serializers.Serializer[Any]):
    """Which running clocks a version would reach."""

    clocks = OutlookSerializer()


class _Detail(serializers.Serializer[Any]):
    """What the view puts beside a proposal: what confirming would do while it waits, and the acts of the caller."""

    clocks = serializers.SerializerMethodField(help_text="核定后重新计算的期限；已经办结的为 null")
    actions = serializers.SerializerMethodField()

    @extend_schema_field(OutlookSerializer(allow_null=True))
    def get_clocks(self, obj: Any) -> dict[str, Any] | None:
        outlook = self.context.get("outlook")
        return dict(OutlookSerializer(outlook).data) if outlook else None

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, obj: Any) -> list[dict[str, Any]]:
        return list(ActionSerializer(self.context.get("actions", []), many=True).data)


class CalendarProposalDetailSerializer(_Detail, CalendarProposalSerializer):
    """An entered arrangement with its words, its days and what they change."""

    days = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField(help_text="与现在不同的日期；已经办结的为空")

    class Meta(CalendarProposalSerializer.Meta):
        fields = [*CalendarProposalSerializer.Meta.fields, "text", "days", "changes", "clocks", "actions"]

    @extend_schema_field(CalendarDaySerializer(many=True))
    def get_days(self, obj: CalendarProposal) -> list[dict[str, Any]]:
        return list(CalendarDaySerializer(day_rows(days_of(obj)), many=True).data)

    @extend_schema_field(ChangedDaySerializer(many=True))
    def get_changes(self, obj: CalendarProposal) -> list[dict[str, Any]]:
        return list(ChangedDaySerializer(self.context.get("changes", []), many=True).data)


class RuleProposalDetailSerializer(_Detail, RuleProposalSerializer):
    """An entered version of a rule with what it reaches."""

    class Meta(RuleProposalSerializer.Meta):
        fields = [*RuleProposalSerializer.Meta.fields, "clocks", "actions"]


class CalendarNoticeSerializer(serializers.Serializer[Any]):
    """录入放假安排: what stands beside the text goes before what the text says."""

    text = serializers.CharField(
        max_length=LONGEST_TEXT,
        trim_whitespace=False,
        help_text="通知全文，或者 CSV（day,working,name）、JSON 的原文；有误的，「fields」逐行写明第几行、怎样更正",
    )
    scope = serializers.ChoiceField(
        choices=CalendarProposal.Scope.choices,
        default=CalendarProposal.Scope.YEAR,
        help_text="year 全年安排，days 只调整个别日期",
    )
    year = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="原文没有写明年份的")
    document_number = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="原文没有写明文号的"
    )
    issued_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="原文没有写明印发日期的")


class RuleVersionSerializer(serializers.Serializer[Any]):
    """录入期限规则的新版本."""

    rule = serializers.ChoiceField(
        choices=[(kind.code, kind.label) for kind in countable_kinds()], source="kind", help_text="期限代码"
    )
    unit = serializers.ChoiceField(choices=PeriodRule.Units.choices, help_text="calendar 自然日，working 工作日")
    length = serializers.IntegerField(min_value=1, max_value=LONGEST)
    statutory = serializers.BooleanField(help_text="由法律、法规规定的才是；平台自己的服务目标不是")
    instrument = serializers.CharField(max_length=120, help_text="依据的法规，全称")
    article = serializers.CharField(max_length=60, help_text="条款，例如 第二十一条第一款")
    in_force_from = serializers.DateField(help_text="施行日")
    reaches_running = serializers.BooleanField(default=False, help_text="法律明文适用于已经起算的期限")
    transition = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, default="", help_text="衔接规定的条文；上一项为 true 时必填"
    )


class SendBackSerializer(serializers.Serializer[Any]):
    """退回."""

    reasons = serializers.CharField(max_length=3000)
