"""Subscriptions to changes over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from guiyang_data.notices.models import Sending
from sharing.models import ChangeEvent, ChangeSubscription


class SharingSubscriptionSerializer(serializers.ModelSerializer[ChangeSubscription]):
    """A subscription."""

    entry = serializers.CharField(source="entry.resource_code", help_text="资源代码")
    title = serializers.CharField(help_text="资源名称")
    agency = serializers.CharField(source="agency.code", help_text="订阅机关")
    grant = serializers.IntegerField(source="grant_id", allow_null=True, help_text="所依据的授权")
    taking = serializers.IntegerField(source="taking_id", allow_null=True, help_text="所依据的获取登记")

    class Meta:
        model = ChangeSubscription
        fields = [
            *("id", "entry", "title", "agency", "grant", "taking", "tells_people", "from_version"),
            *("status", "subscribed_at", "ended_at", "end_reasons"),
        ]


@extend_schema_serializer(
    examples=[
        OpenApiExample("经授权", value={"grant": 12}, request_only=True),
        OpenApiExample("依获取登记，只告知系统", value={"taking": 7, "tells_people": False}, request_only=True),
    ]
)
class SharingSubscribeSerializer(serializers.Serializer[Any]):
    """What is subscribed to: the entry of a grant or of a taking, one of the two."""

    grant = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="授权编号")
    taking = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="获取登记编号")
    tells_people = serializers.BooleanField(default=True, help_text="同时告知本机关的数据管理员和审批人")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["grant"] is None) == (attrs["taking"] is None):
            message = "授权编号（grant）和获取登记编号（taking）请写明其中一项。"
            raise serializers.ValidationError({"grant": [message]})
        return attrs


class SharingPushSerializer(serializers.Serializer[Any]):
    """One webhook of an event."""

    address = serializers.CharField(help_text="推送地址的名称")
    state = serializers.ChoiceField(choices=Sending.State.choices)
    attempts = serializers.IntegerField(help_text="尝试次数")
    answer = serializers.CharField(help_text="对方的答复")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "一次告知",
            value={
                "version": 5,
                "since": 4,
                "state": "told",
                "inserted": 2,
                "updated": 14,
                "deleted": 0,
                "reason": "",
                "made_at": "2026-11-05T09:30:00+08:00",
                "told_at": "2026-11-05T09:31:00+08:00",
                "readers": 3,
                "pushes": [{"address": "数据中台", "state": "sent", "attempts": 2, "answer": "HTTP 200"}],
            },
            response_only=True,
        )
    ]
)
class SharingChangeEventSerializer(serializers.Serializer[Any]):
    """One version that was told, and how it arrived."""

    version = serializers.IntegerField(source="event.version.number")
    since = serializers.IntegerField(source="event.since", help_text="上一次告知的版本；从这一版起读取变化")
    state = serializers.ChoiceField(source="event.state", choices=ChangeEvent.State.choices)
    inserted = serializers.IntegerField(
        source="event.inserted", allow_null=True, help_text="新增行数；空的为不能逐行说明，请重新取全表"
    )
    updated = serializers.IntegerField(source="event.updated", allow_null=True, help_text="修改行数")
    deleted = serializers.IntegerField(source="event.deleted", allow_null=True, help_text="删除行数")
    reason = serializers.CharField(source="event.reason", help_text="未告知的缘由")
    made_at = serializers.DateTimeField(source="event.made_at")
    told_at = serializers.DateTimeField(source="event.told_at", allow_null=True)
    readers = serializers.IntegerField(help_text="收到站内通知的人数")
    pushes = SharingPushSerializer(many=True)
