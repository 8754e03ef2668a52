"""What reported doubts look like over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from requests_app.corrections.models import CorrectionReport, Mend, Target
from requests_app.services.corrections.reporting import LONGEST_MATTER, LONGEST_VALUE


class CorrectionRowSerializer(serializers.Serializer[Any]):
    """A row that is doubted."""

    key = serializers.CharField(max_length=LONGEST_VALUE, help_text="主键的值；没有主键的，行号")
    value = serializers.CharField(max_length=LONGEST_VALUE, required=False, default="", allow_blank=True)
    should_be = serializers.CharField(max_length=LONGEST_VALUE, required=False, default="", allow_blank=True)


class ReportCorrectionInput(serializers.Serializer[Any]):
    """反馈疑义。开放数据集任何人都可以反馈；目录条目由机关及其系统反馈."""

    dataset = serializers.SlugField(required=False, default="", allow_blank=True, help_text="开放数据集的标识")
    resource_code = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=40, help_text="目录条目的资源代码，与 dataset 二选一"
    )
    target = serializers.ChoiceField(choices=Target.choices)
    item = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=60, help_text="信息项的字段名"
    )
    rows = CorrectionRowSerializer(many=True, required=False, default=list)
    is_missing = serializers.BooleanField(
        required=False, default=False, help_text="rows 里的行应当有、但是现行数据里没有；不写的，没有的行不能反馈"
    )
    description = serializers.CharField(max_length=LONGEST_MATTER)
    name = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    mail = serializers.CharField(max_length=254, required=False, default="", allow_blank=True)
    phone = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)


class ReportedCorrectionSerializer(serializers.Serializer[Any]):
    """A report; the code is shown this once."""

    number = serializers.CharField()
    code = serializers.CharField(help_text="没有账号的，凭它查看答复；只显示这一次")
    due_on = serializers.DateField(help_text="服务目标，不是法定期限")
    url = serializers.CharField()


class PublicCorrectionSerializer(serializers.ModelSerializer[CorrectionReport]):
    """What everyone may know of a report."""

    item = serializers.CharField(source="item_name")
    mended_by_version = serializers.IntegerField(source="mended_by_version.number", default=None)

    class Meta:
        model = CorrectionReport
        fields = ["number", "target", "item", "status", "submitted_on", "answer", "answered_at", "mended_at"]
        fields += ["mended_by_version"]


class CorrectionSerializer(serializers.ModelSerializer[CorrectionReport]):
    """A report in a list."""

    resource_code = serializers.CharField(source="entry.resource_code")
    provider = serializers.CharField(source="provider.code")
    agency = serializers.CharField(source="agency.code", default="", help_text="反馈机关；社会公众反馈的为空")

    class Meta:
        model = CorrectionReport
        fields = ["number", "resource_code", "title", "provider", "agency", "target", "item_code", "status"]
        fields += ["submitted_on", "next_due_on"]


class CorrectionDetailSerializer(CorrectionSerializer):
    """One report; ``rows`` and ``description`` are empty for whoever only watches over it."""

    rows = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()
    mended_by_version = serializers.IntegerField(source="mended_by_version.number", default=None)
    mended_by_revision = serializers.IntegerField(source="mended_by_revision.number", default=None)

    class Meta(CorrectionSerializer.Meta):
        fields = [
            *CorrectionSerializer.Meta.fields,
            *("mend_by", "answer", "answered_at", "mended_at", "mended_by_version", "mended_by_revision"),
            *("rows", "description", "actions"),
        ]

    def get_rows(self, report: CorrectionReport) -> list[dict[str, str]]:
        return report.rows if self.context["reads"] else []

    def get_description(self, report: CorrectionReport) -> str:
        return report.matter if self.context["reads"] else ""

    def get_actions(self, report: CorrectionReport) -> list[str]:
        return [act.verb for act in self.context["acts"]]


class RightInput(serializers.Serializer[Any]):
    """确有错误."""

    answer = serializers.CharField(max_length=3000)
    mend_by = serializers.ChoiceField(choices=Mend.choices)


class NotRightInput(serializers.Serializer[Any]):
    """经校核无误."""

    answer = serializers.CharField(max_length=3000)


class MendInput(serializers.Serializer[Any]):
    """登记已更正：数据的版本号，或者目录的版本号."""

    data_version = serializers.IntegerField(required=False, allow_null=True, default=None)
    revision = serializers.IntegerField(required=False, allow_null=True, default=None)


class CorrectionStateSerializer(serializers.ModelSerializer[CorrectionReport]):
    """Where an act led."""

    class Meta:
        model = CorrectionReport
        fields = ["number", "status"]
