"""What the list of agencies gives and takes over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from guiyang_data.accounts.models import Agency


class KeptAgencySerializer(serializers.ModelSerializer[Agency]):
    """An agency of the list."""

    region = serializers.CharField(source="region.name", help_text="行政区划")

    class Meta:
        model = Agency
        fields = ["code", "name", "short_name", "level", "kind", "region", "is_active"]


class StandsAgainstSerializer(serializers.Serializer[Any]):
    """What stands against ending it."""

    code = serializers.CharField(
        help_text="clocks 没有办结的事项，entries 现行条目，items 采集的信息项，grants 授权，matters 事项"
    )
    what = serializers.CharField()
    advice = serializers.CharField(help_text="先怎样处理")
    number = serializers.IntegerField()
    first = serializers.SerializerMethodField(help_text="前几项：名称和地址")

    def get_first(self, standing: Any) -> list[dict[str, str]]:
        """Some of it."""
        return [{"what": what, "url": url} for what, url in standing.first]


class KeptAgencyDetailSerializer(KeptAgencySerializer):
    """An agency with what stands against ending it, and what may be done."""

    stands_against = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(KeptAgencySerializer.Meta):
        fields = [*KeptAgencySerializer.Meta.fields, "stands_against", "actions"]

    def get_stands_against(self, agency: Agency) -> list[dict[str, Any]]:
        return [dict(StandsAgainstSerializer(one).data) for one in self.context.get("standing", ())]

    def get_actions(self, agency: Agency) -> list[str]:
        return [act.verb for act in self.context.get("acts", ())]


class EndAgencySerializer(serializers.Serializer[Any]):
    """停用."""

    ended_on = serializers.DateField(help_text="自哪一天起不再存续，不能晚于今天")
    reasons = serializers.CharField(max_length=2000, help_text="理由和依据的文件")
    successor = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Agency.objects.filter(is_active=True),
        required=False,
        allow_null=True,
        default=None,
        help_text="承接职责的机关的统一社会信用代码",
    )


class ReviveAgencySerializer(serializers.Serializer[Any]):
    """恢复使用."""

    reasons = serializers.CharField(max_length=2000, help_text="理由和依据的文件")
