"""What notices look like over REST; the words are those of the pushes."""

from __future__ import annotations

from django.conf import settings
from rest_framework import serializers

from guiyang_data.notices.models import Delivery, Notice, Weight
from guiyang_data.notices.undelivered import LONGEST, masked_address

MOST_READ = 500
"""Notices that one call marks as read."""


class NoticeChoiceSerializer(serializers.Serializer):
    """What of one's notices a list has."""

    show = serializers.ChoiceField(
        choices=[("unread", "未读"), *Weight.choices],
        required=False,
        help_text="unread 未读，legal 必达，reminder 提醒；不写为全部",
    )
    since = serializers.DateTimeField(required=False, help_text="只要这一时刻（含）以后的")


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """One notice."""

    type = serializers.CharField(source="kind", help_text="类别")
    url = serializers.SerializerMethodField(help_text="可以打开的页面")

    class Meta:
        model = Notice
        fields = ["id", "type", "weight", "subject", "title", "body", "basis", "url", "created_at", "read_at"]

    def get_url(self, notice: Notice) -> str:
        """The page it leads to; empty where there is none."""
        return _url(notice.path)


class ReadSerializer(serializers.Serializer):
    """Which notices were read."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=MOST_READ, help_text="通知的编号"
    )


class ReadCountSerializer(serializers.Serializer):
    """How many were unread before, and how many still are."""

    read = serializers.IntegerField(help_text="这次标为已读的件数")
    unread = serializers.IntegerField(help_text="还没有读的件数")


class ToldSerializer(serializers.Serializer):
    """How its reader was told by other means."""

    words = serializers.CharField(max_length=LONGEST, help_text="何时、用什么方式告知的；不要写个人信息")


class UndeliveredSerializer(serializers.ModelSerializer[Delivery]):
    """A mail or text message that did not arrive. The address is shown by its ends."""

    subject = serializers.CharField(source="notice.subject")
    title = serializers.CharField(source="notice.title")
    weight = serializers.ChoiceField(source="notice.weight", choices=Weight.choices)
    agency = serializers.CharField(source="notice.agency.code", default="", help_text="发出机关")
    url = serializers.SerializerMethodField(help_text="办理这一事项的页面")
    address = serializers.SerializerMethodField(help_text="发往哪里，只显示首尾")
    reason_name = serializers.CharField(source="get_reason_display")
    error = serializers.CharField(source="last_error", help_text="对方的答复，不含地址")

    class Meta:
        model = Delivery
        fields = [
            "id",
            "subject",
            "title",
            "weight",
            "agency",
            "url",
            "channel",
            "address",
            "state",
            "reason",
            "reason_name",
            "error",
            "attempts",
            "failed_at",
            "told",
        ]

    def get_url(self, delivery: Delivery) -> str:
        """The page of those who handle the case; empty where there is none."""
        return _url(delivery.notice.desk_path)

    def get_address(self, delivery: Delivery) -> str:
        """By its ends only."""
        return masked_address(delivery)


def _url(path: str) -> str:
    return f"{settings.PUBLIC_ADDRESS}{path}" if path else ""
