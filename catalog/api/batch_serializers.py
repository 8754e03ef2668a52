"""What the API takes and gives for rows that a system pushes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.models import Load


class BatchRowsSerializer(serializers.Serializer[Any]):
    """Rows, each a flat object whose names are items or their codes."""

    mode = serializers.ChoiceField(
        choices=Load.Mode.choices, help_text="append 追加，upsert 按主键更新，replace 整表替换"
    )
    complete = serializers.BooleanField(required=False, default=True, help_text="整表替换是否只有这一部分")
    rows = serializers.ListField(
        child=serializers.DictField(help_text="信息项名称或者字段名 → 文字、数字、真假或者空"),
        help_text="最多 10,000 行",
    )


class ReceiptSerializer(serializers.Serializer[Any]):
    """What was received, before it is checked."""

    id = serializers.IntegerField()
    url = serializers.CharField(help_text="在这里看结果")
    rows = serializers.IntegerField(help_text="收到的行数；分几部分报送的，是到现在为止的行数")
    sha256 = serializers.CharField(help_text="所收内容的 SHA-256；分几部分报送的，是第一部分的")
    state = serializers.ChoiceField(choices=Load.State.choices)
    received_at = serializers.DateTimeField()
    part = serializers.IntegerField(help_text="这是第几部分")
    parts_url = serializers.CharField(allow_blank=True, help_text="还在等其余各部分时：送到这里")
    close_url = serializers.CharField(allow_blank=True, help_text="还在等其余各部分时：送齐后调用")


class CloseBatchSerializer(serializers.Serializer[Any]):
    """How many rows there are in all, where the system wants that held against what came."""

    rows = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1)


class RefusedCellSerializer(serializers.Serializer[Any]):
    """What is wrong with one cell."""

    line = serializers.IntegerField()
    column = serializers.CharField()
    value = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()


class RefusedRowsSerializer(serializers.Serializer[Any]):
    """``problems`` by line; ``rows``: the same rows as they were sent, in the order of ``problems``."""

    total = serializers.IntegerField(help_text="一共退回几行")
    mode = serializers.ChoiceField(choices=Load.Mode.choices)
    problems = RefusedCellSerializer(many=True)
    rows = serializers.ListField(child=serializers.DictField())
