"""What complaints look like over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from guiyang_data.accounts.models import Agency
from oversight.api.serializers import ActionSerializer, ClockSerializer
from oversight.complaints.models import Complaint, ComplaintReceipt, Concern, Outcome
from oversight.complaints.selectors import agencies_to_complain_about
from requests_app.models import ApplicantKind

PARTY = ("kind", "name", "mail", "phone")


class FileComplaintInput(serializers.Serializer):
    """提出投诉举报."""

    agency = serializers.SlugRelatedField[Agency](
        slug_field="code", queryset=Agency.objects.none(), help_text="被投诉举报机关的统一社会信用代码"
    )
    concern = serializers.ChoiceField(choices=Concern.choices)
    matter = serializers.CharField(max_length=5000, help_text="事实和经过；加密保存，不公开")
    to = serializers.ListField(
        child=serializers.CharField(max_length=140),
        max_length=10,
        required=False,
        default=list,
        help_text="接收机关，取自 receivers 接口的 key",
    )
    other_receiver = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    official = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    case_number = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    service_matter = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="反映重复提交的：政务服务事项的 id，取自 materials/matters 接口",
    )
    materials = serializers.ListField(
        child=serializers.IntegerField(),
        max_length=200,
        required=False,
        default=list,
        help_text="被要求提交的材料的 id",
    )
    anonymous = serializers.BooleanField(required=False, default=False)
    kind = serializers.ChoiceField(choices=ApplicantKind.choices, required=False, default=ApplicantKind.NATURAL)
    name = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    mail = serializers.CharField(max_length=254, required=False, default="", allow_blank=True)
    phone = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["agency"].queryset = agencies_to_complain_about()  # type: ignore[attr-defined]
        return fields


class FiledComplaintSerializer(serializers.Serializer):
    """A filed complaint; the code is shown this once."""

    number = serializers.CharField()
    code = serializers.CharField()
    due_on = serializers.DateField(help_text="服务目标，不是法定期限")
    url = serializers.CharField()


class ComplaintReceiverSerializer(serializers.Serializer):
    """Who may receive a complaint about an agency."""

    key = serializers.CharField()
    name = serializers.CharField()
    capacity = serializers.CharField(help_text="superior、supervisory 或 authority")
    inside = serializers.SerializerMethodField(help_text="在平台上办理；否则由平台转送")

    def get_inside(self, obj: Any) -> bool:
        return obj.agency is not None


class ComplaintStatisticsSerializer(serializers.Serializer):
    """The complaints of a year: numbers alone."""

    year = serializers.IntegerField()
    filed = serializers.IntegerField()
    receivers = serializers.IntegerField()
    answered = serializers.IntegerField()
    on_time = serializers.IntegerField()
    on_time_percent = serializers.CharField(help_text="无办结的为空")
    founded = serializers.IntegerField()
    in_part = serializers.IntegerField()
    unfounded = serializers.IntegerField()
    declined = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    handed_off = serializers.IntegerField()
    running = serializers.IntegerField()
    overdue_now = serializers.IntegerField()


class ComplaintQuestionSerializer(serializers.Serializer):
    """A question to the complainant."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    answer = serializers.CharField()


class OwnReceiptSerializer(serializers.Serializer):
    """What one receiver does with one's own complaint."""

    receiver = serializers.CharField(source="receiver_name")
    capacity = serializers.CharField()
    status = serializers.CharField()
    outcome = serializers.CharField()
    result = serializers.CharField()
    decided_on = serializers.DateField()
    handed_off_on = serializers.DateField()
    questions = ComplaintQuestionSerializer(many=True, source="questions.all")


class OwnComplaintSerializer(serializers.Serializer):
    """One's own complaint."""

    number = serializers.CharField()
    agency = serializers.CharField(source="agency.code")
    concern = serializers.CharField()
    matter = serializers.CharField()
    submitted_on = serializers.DateField()
    receipts = OwnReceiptSerializer(many=True)


class ComplaintReceiptSerializer(serializers.ModelSerializer):
    """A complaint in a list: how it goes, not what it says."""

    number = serializers.CharField(source="complaint.number")
    agency = serializers.CharField(source="complaint.agency.code")
    concern = serializers.CharField(source="complaint.concern")
    receiver = serializers.CharField(source="receiver_name")
    submitted_on = serializers.DateField(source="complaint.submitted_on")

    class Meta:
        model = ComplaintReceipt
        fields = [
            "id",
            "number",
            "agency",
            "concern",
            "receiver",
            "capacity",
            "status",
            "outcome",
            "submitted_on",
            "decided_on",
            "due_on",
            "handed_off_on",
        ]


class ComplaintReceiptDetailSerializer(ComplaintReceiptSerializer):
    """One complaint with one receiver; what it says only for those who handle it."""

    matter = serializers.SerializerMethodField(help_text="只提供给办理机关")
    official = serializers.SerializerMethodField(help_text="只提供给办理机关")
    result = serializers.SerializerMethodField(help_text="只提供给办理机关")
    clocks = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(ComplaintReceiptSerializer.Meta):
        fields = [*ComplaintReceiptSerializer.Meta.fields, "matter", "official", "result", "clocks", "actions"]

    def _within(self, text: str) -> str:
        return text if self.context.get("reads") else ""

    def get_matter(self, obj: ComplaintReceipt) -> str:
        return self._within(obj.complaint.matter)

    def get_official(self, obj: ComplaintReceipt) -> str:
        return self._within(obj.complaint.official)

    def get_result(self, obj: ComplaintReceipt) -> str:
        return self._within(obj.result)

    def get_clocks(self, obj: ComplaintReceipt) -> list[dict[str, Any]]:
        return list(ClockSerializer(self.context.get("faces", []), many=True).data)

    def get_actions(self, obj: ComplaintReceipt) -> list[dict[str, Any]]:
        return list(ActionSerializer(self.context.get("actions", []), many=True).data)


class ComplaintStatementSerializer(serializers.Serializer):
    """What one's agency is asked to explain. Nothing here says who complained."""

    id = serializers.IntegerField(source="pk")
    asked_by = serializers.CharField(source="receipt.keeper.code")
    asked_at = serializers.DateTimeField()
    matter = serializers.CharField()
    text = serializers.CharField()
    given_at = serializers.DateTimeField()


class ReceiptStateSerializer(serializers.Serializer):
    """Where it stands after an act."""

    id = serializers.IntegerField()
    status = serializers.CharField()


class ComplaintStateSerializer(serializers.Serializer):
    """Where one's own complaint stands after an act."""

    number = serializers.CharField()
    status = serializers.ListField(child=serializers.CharField(), help_text="每个接收机关的状态")


class ComplaintNothingInput(serializers.Serializer):
    """Nothing to fill in."""


class ComplaintWordsInput(serializers.Serializer):
    """A question, a note, a statement."""

    text = serializers.CharField(max_length=5000)


class ComplaintStatementRequestInput(serializers.Serializer):
    """要求有关机关说明."""

    matter = serializers.CharField(max_length=3000, help_text="办理机关自己的话；不要写出投诉举报人")


class ComplaintResultInput(serializers.Serializer):
    """反馈处理结果、登记对方的处理结果."""

    outcome = serializers.ChoiceField(choices=Outcome.choices)
    result = serializers.CharField(max_length=5000)


class ComplaintAnswerInput(ComplaintResultInput):
    """反馈处理结果; ``item``: the item of 第三十条 under which a finding is drafted."""

    item = serializers.IntegerField(min_value=1, max_value=9, required=False, default=None, allow_null=True)


class ComplaintItemInput(serializers.Serializer):
    """草拟违规情形认定."""

    item = serializers.IntegerField(min_value=1, max_value=9)


class ComplaintReasonsInput(serializers.Serializer):
    """不予受理."""

    reasons = serializers.CharField(max_length=5000)


class ComplaintWithdrawInput(serializers.Serializer):
    """撤回; reasons are welcome and not needed."""

    reasons = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class ComplaintTransferInput(serializers.Serializer):
    """移送."""

    to = serializers.CharField(max_length=140, required=False, default="", allow_blank=True)
    other_receiver = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    reasons = serializers.CharField(max_length=3000)


class ComplaintHandOffInput(serializers.Serializer):
    """登记转送."""

    handed_to = serializers.CharField(max_length=120)
    sent_on = serializers.DateField(required=False, default=None, allow_null=True)


class ComplaintAnswerQuestionInput(serializers.Serializer):
    """回答询问."""

    question = serializers.IntegerField(min_value=1)
    text = serializers.CharField(max_length=3000)


def own_detail(complaint: Complaint, receipts: list[ComplaintReceipt]) -> dict[str, Any]:
    """One's own complaint with its receivers."""
    names = ("number", "agency", "concern", "matter", "submitted_on")
    values = {name: getattr(complaint, name) for name in names}
    return dict(OwnComplaintSerializer(values | {"receipts": receipts}).data)
