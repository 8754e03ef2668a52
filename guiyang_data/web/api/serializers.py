"""What counting days looks like over REST."""

from __future__ import annotations

from rest_framework import serializers

from guiyang_data.notices.models import Push, Receiver
from guiyang_data.statute.models import PeriodRule


class StepSerializer(serializers.Serializer):
    """One step of a count."""

    text = serializers.CharField(help_text="做了什么")
    basis = serializers.CharField(allow_blank=True, help_text="依据")


class _RuleSerializer(serializers.Serializer):
    unit = serializers.ChoiceField(choices=PeriodRule.Units.choices, help_text="calendar 自然日，working 工作日")
    length = serializers.IntegerField(help_text="天数；0 表示以文书载明的日期为准")
    statutory = serializers.BooleanField(help_text="是法定期限，还是平台自定的服务目标")
    basis = serializers.CharField(help_text="法规与条款")
    in_force_from = serializers.DateField(help_text="规则施行日")
    in_force_to = serializers.DateField(allow_null=True, help_text="规则失效日；仍在施行的为 null")


class DueDaySerializer(_RuleSerializer):
    """A due day and how it came about."""

    rule = serializers.CharField(help_text="期限代码")
    label = serializers.CharField(help_text="期限名称")  # type: ignore[assignment]
    due_on = serializers.DateField(help_text="到期日，到这一天 24:00 为止")
    provisional = serializers.BooleanField(help_text="当年放假安排尚未公布，这一天为暂定")
    note = serializers.CharField(allow_blank=True)
    steps = StepSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        """``from`` is no Python name."""
        return {**super().get_fields(), "from": serializers.DateField(help_text="起算日，当日不计入")}


class PeriodRuleSerializer(_RuleSerializer):
    """A version of a rule."""

    rule = serializers.CharField(source="kind")
    label = serializers.CharField(source="get_kind_display")  # type: ignore[assignment]
    basis = serializers.CharField()


class NewWebhookSerializer(serializers.Serializer):
    """An address to be registered."""

    name = serializers.CharField(max_length=60, help_text="名称，自己看得懂即可")
    url = serializers.CharField(max_length=500, help_text="完整的接收地址")
    wants = serializers.ChoiceField(
        choices=Receiver.Wants.choices, default=Receiver.Wants.ALL, help_text="all 全部通知，legal 只要必达通知"
    )


class WebhookSerializer(serializers.ModelSerializer[Receiver]):
    """An address that notices are pushed to."""

    class Meta:
        model = Receiver
        fields = ["id", "name", "url", "wants", "state", "made_at"]


class WebhookSecretSerializer(WebhookSerializer):
    """The same with its secret, as it is handed over once."""

    secret = serializers.CharField(help_text="签名密钥，只出现这一次")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class PushSerializer(serializers.ModelSerializer[Push]):
    """One event for one address."""

    event = serializers.CharField(source="message_id", help_text="事件编号，即推送时的 webhook-id")
    type = serializers.CharField(source="kind")

    class Meta:
        model = Push
        fields = [
            "id",
            "event",
            "type",
            "title",
            "state",
            "attempts",
            "made_at",
            "next_attempt_at",
            "sent_at",
            "answer_status",
            "answer",
        ]
