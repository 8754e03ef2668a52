"""How changes of rows are shown over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from guiyang_data.tables.changes import DELETE, INSERT, UPDATE

KINDS = ((INSERT, "新增"), (UPDATE, "修改"), (DELETE, "删除"))


class SharingChangeSerializer(serializers.Serializer[Any]):
    """One changed row."""

    change = serializers.ChoiceField(choices=KINDS, help_text="insert 新增、update 修改、delete 删除")
    row = serializers.DictField(help_text="现在的值；删除的为删除前最后的值")
    before = serializers.DictField(
        required=False, allow_null=True, help_text="修改前的值；只在 before=true 时提供，新增和删除的为空"
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "第3版以来的变化",
            value={
                "since": 3,
                "version": 5,
                "count": 3,
                "inserted": 1,
                "updated": 1,
                "deleted": 1,
                "keyed": True,
                "page": 1,
                "page_size": 50,
                "reading": "0b2f6f6e-3c2a-4c55-9d5c-0f6b8c1c7d11",
                "fields": ["route", "name", "length"],
                "results": [
                    {"change": "insert", "row": {"route": "004", "name": "空港快线", "length": 31.2}},
                    {"change": "update", "row": {"route": "002", "name": "花果园专线", "length": 8.4}},
                    {"change": "delete", "row": {"route": "003", "name": "夜间1路", "length": 12}},
                ],
            },
            response_only=True,
            status_codes=["200"],
        )
    ]
)
class SharingChangesSerializer(serializers.Serializer[Any]):
    """One page of changes, with the counts of all."""

    since = serializers.IntegerField(help_text="从哪一版起")
    version = serializers.IntegerField(help_text="到哪一版为止；取完全部变化后，下一次从这一版起读取")
    count = serializers.IntegerField(help_text="变化的总行数")
    inserted = serializers.IntegerField(help_text="新增行数")
    updated = serializers.IntegerField(help_text="修改行数")
    deleted = serializers.IntegerField(help_text="删除行数")
    keyed = serializers.BooleanField(help_text="为假的，数据没有您可以读取的主键，修改一行表现为删除和新增各一行")
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    reading = serializers.UUIDField(help_text="读取编号，与读取记录对应")
    fields_ = serializers.ListField(child=serializers.CharField(), help_text="信息项字段名")
    results = SharingChangeSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields
