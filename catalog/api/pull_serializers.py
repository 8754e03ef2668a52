"""What the API takes and gives for pulls."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.api.serializers import CatalogActionSerializer
from catalog.deadlines import PULL_INTERVALS
from catalog.models import Load, Pull, PullRun
from catalog.services import PullFacts

FACTS = (
    *("interface", "path", "query", "paging", "page_name", "size_name", "page_size", "first_page", "next_at"),
    *("rows_at", "mapping", "mode", "every", "at_time"),
)


class PullFactsSerializer(serializers.Serializer[Any]):
    """What is pulled, how its answer is read, and when."""

    interface = serializers.IntegerField(help_text="接口的编号")
    path = serializers.CharField(required=False, allow_blank=True, max_length=300, help_text="接在接口地址之后")
    query = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False, help_text="固定参数")
    rows_at = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="数据行的位置（JSON 指针），例如 /data/items"
    )
    mapping = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="字段（或者行内的 JSON 指针）→ 信息项；名称都相同的不填",
    )
    paging = serializers.ChoiceField(choices=Pull.Paging.choices, required=False)
    page_name = serializers.CharField(required=False, allow_blank=True, max_length=60)
    size_name = serializers.CharField(required=False, allow_blank=True, max_length=60)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=10_000)
    first_page = serializers.IntegerField(required=False, min_value=0, max_value=1)
    next_at = serializers.CharField(required=False, allow_blank=True, max_length=200)
    mode = serializers.ChoiceField(choices=Load.Mode.choices, required=False)
    every = serializers.ChoiceField(choices=PULL_INTERVALS, required=False, help_text="分钟；0 按目录的更新周期")
    at_time = serializers.TimeField(required=False, allow_null=True, help_text="间隔在一天以上的：每天几点")
    header_name = serializers.CharField(required=False, allow_blank=True, max_length=60)
    header_value = serializers.CharField(
        required=False, allow_blank=True, max_length=500, write_only=True, help_text="加密保存，不再给出"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"facts": PullFacts(**attrs)}


class PullReasonsSerializer(serializers.Serializer[Any]):
    """Why rows are pulled no more."""

    reasons = serializers.CharField(max_length=500)


class PullRowSerializer(serializers.ModelSerializer[Pull]):
    """A pull; its credentials are never given."""

    entry = serializers.CharField(source="entry.resource_code", read_only=True)

    class Meta:
        model = Pull
        fields = [*("id", "entry", "status", "status_reasons"), *FACTS, *("header_name", "failures", "next_run_at")]


class PullDetailSerializer(PullRowSerializer):
    """A pull with what the caller may do."""

    idle_because = serializers.CharField(read_only=True, help_text="为什么现在不拉取；照常拉取的为空")
    actions = serializers.SerializerMethodField()

    class Meta(PullRowSerializer.Meta):
        fields = [*PullRowSerializer.Meta.fields, "idle_because", "actions"]

    def get_actions(self, pull: Pull) -> CatalogActionSerializer(many=True):  # type: ignore[valid-type]
        """What the caller may do now."""
        return self.context.get("actions", [])


class PullRunSerializer(serializers.ModelSerializer[PullRun]):
    """One pull as it went; ``loads``: the batches it made."""

    class Meta:
        model = PullRun
        fields = ["id", "started_at", "ended_at", "state", "pages", "rows", "message", "loads"]


class TriedRowsSerializer(serializers.Serializer[Any]):
    """The first rows as they would be taken in; nothing is kept. ``problem``: why there are none."""

    problem = serializers.CharField(required=False)
    names = serializers.ListField(child=serializers.CharField(), required=False)
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()), required=False)
    found = serializers.IntegerField(required=False)
